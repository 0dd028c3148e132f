/* run.h: running a program to its end and taking what it prints. Any thread. */
#ifndef VNFM_RUN_H
#define VNFM_RUN_H

#include "common/err.h"

#define RUN_OUTPUT_MAX (8u << 20) /* bytes */

/* argv ends with null; argv[0] is a path. Waits at most timeout_ms, then kills it. 0 with
 * *output (malloc'd, NUL-ended: its stdout) and *status (exit code), whatever that is;
 * ERR_UNAVAILABLE if a signal ended it, ERR_TIMEOUT. Its stderr is ours. */
int run_program(const char *const *argv, int timeout_ms, char **output, int *status,
	struct err *err);

#endif
