/* exit.h: what the status of a command means; the only map from an error to it. */
#ifndef CLI_EXIT_H
#define CLI_EXIT_H

#include "common/err.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_OTHER = 1, /* other failure */
	EXIT_USAGE = 2, /* the command line is wrong */
	EXIT_NOT_FOUND = 3,
	EXIT_CONFLICT = 4, /* taken, or in the wrong state */
	EXIT_NOT_ALLOWED = 5,
	EXIT_BAD_INPUT = 6,
	EXIT_OPERATION = 7,   /* the operation ended FAILED, FAILED_TEMP or ROLLED_BACK */
	EXIT_TIMEOUT = 8,     /* it did not end while we waited */
	EXIT_UNREACHABLE = 9, /* the server does not answer */
};

enum exit_code exit_of(enum err_code code);

#endif
