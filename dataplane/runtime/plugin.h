/* plugin.h: finding and loading VNF types (TYPE.so) at run time. */
#ifndef DATAPLANE_RUNTIME_PLUGIN_H
#define DATAPLANE_RUNTIME_PLUGIN_H

#include <stddef.h>
#include <jansson.h>
#include "common/err.h"
#include "dataplane/sdk/vnf.h"

/* Where the plug-ins are: `given` if not null, else RENGA_PLUGINS, else ../vnfs beside
 * the executable (a build tree), else
 * ../lib/renga/vnfs (installed). Into buf. 0 or -ENAMETOOLONG. */
int plugin_dir(const char *given, char *buf, size_t size);

/* Loads DIR/TYPE.so; *type stays valid for the life of the process. ERR_NOT_FOUND (with
 * the known types as hint), ERR_UNSUPPORTED for a file that is no plug-in, or one for
 * another VNF_API_VERSION. */
int plugin_load(
	const char *dir, const char *name, const struct vnf_type **type, struct err *err);

/* Names of the types in dir, sorted: a new array of strings (empty if there is no such
 * directory). */
json_t *plugin_list(const char *dir);

#endif
