/* options.h: the command line of renga-dataplane as a checked struct. Pure. */
#ifndef DATAPLANE_HOST_OPTIONS_H
#define DATAPLANE_HOST_OPTIONS_H

#include <stdbool.h>
#include "common/err.h"
#include "common/log.h"

#define OPTIONS_CPUS	   128 /* CPU numbers are below */
#define OPTIONS_IO_WORKERS 8

struct cpu_list { /* in the order given, each once */
	unsigned n;
	unsigned cpus[OPTIONS_CPUS];
};

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
	struct cpu_list cores;	  /* of the platform; empty: all that we may run on */
	struct cpu_list io_cores; /* one I/O worker each; empty: the first of cores */
};

/* Fills options from the command line. ERR_INVALID, with the option as the path. Strings
 * are kept by reference. */
int options_parse(int argc, char *const *argv, struct options *options, struct err *err);
/* What --help prints. */
const char *options_help(void);

/* "0", "0,2", "0-3,8": 0 or -EINVAL and *list untouched. */
int cpu_list_parse(const char *text, struct cpu_list *list);
bool cpu_list_has(const struct cpu_list *list, unsigned cpu);

#endif
