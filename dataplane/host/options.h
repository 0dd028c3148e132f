/* options.h: the command line of renga-dataplane as a checked struct. Pure. */
#ifndef DATAPLANE_HOST_OPTIONS_H
#define DATAPLANE_HOST_OPTIONS_H

#include <stdbool.h>
#include "common/cores.h"
#include "common/err.h"
#include "common/log.h"

#define OPTIONS_IO_WORKERS 8

enum options_what {
	OPTIONS_RUN,
	OPTIONS_CHECK,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_ASK
};

struct options {
	enum options_what what;
	const char *socket; /* null: dataplane.sock of the run-time directory */
	const char *ask;    /* OPTIONS_ASK: the request */
	unsigned memory_mib;
	bool pci; /* take the NICs that are bound to a user-space driver */
	enum log_level log_level;
	struct cores cores;    /* of the platform; empty: all that we may run on */
	struct cores io_cores; /* one I/O worker each; empty: the first of cores */
};

/* Fills options from the command line. ERR_INVALID, with the option as the path. Strings
 * are kept by reference. */
int options_parse(int argc, char *const *argv, struct options *options, struct err *err);
/* What --help prints. */
const char *options_help(void);

#endif
