/* settings.h: options of renga-orchestrator: command line over configuration file over
 * defaults. */
#ifndef ORCHESTRATOR_SETTINGS_H
#define ORCHESTRATOR_SETTINGS_H

#include "common/err.h"
#include "common/log.h"

struct settings { /* malloc'd strings */
	char *listen, *db, *tls_cert, *tls_key, *vnfm;
	enum log_level log_level;
};

enum settings_wish {
	SETTINGS_RUN,
	SETTINGS_CHECK, /* -n */
	SETTINGS_HELP,	/* printed */
	SETTINGS_VERSION,
	SETTINGS_WRONG, /* err says why; nothing to clear */
};

/* Reads argv and the file that -c names (else, if it exists, the usual one): a map whose
 * member `orchestrator` has the long options' names. */
enum settings_wish settings_read(
	int argc, char **argv, struct settings *settings, struct err *err);
void settings_clear(struct settings *settings);

#endif
