/* builder.h: a configuration is built beside the running one, in a thread of its own.
 *
 * A build may take seconds, and the packet worker must not feel it. So it runs in short
 * slices, where the control thread may run, and that goes on answering (background.h).
 *
 * One build at a time. Control thread only.
 */
#ifndef DATAPLANE_RUNTIME_BUILDER_H
#define DATAPLANE_RUNTIME_BUILDER_H

#include <stdint.h>
#include <jansson.h>
#include "common/err.h"
#include "common/loop.h"
#include "dataplane/runtime/instance.h"

struct builder;

/* In the control thread's loop, when the build has ended. The builder is gone afterwards.
 * rc 0: prepared is the callee's. Else it is empty, and faults say why. */
typedef void builder_done(
	int rc, struct instance_config *prepared, const struct faults *faults, void *arg);

/* Starts to build the configuration (borrowed). ERR_INTERNAL if there is no thread. */
int builder_start(struct builder **builder, struct loop *loop, struct instance *instance,
	json_t *json, builder_done *done, void *arg, struct err *err);

#endif
