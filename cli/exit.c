/* exit.c: from the code of an error to the status of a command. */
#include "cli/exit.h"

enum exit_code
exit_of(enum err_code code)
{
	static const enum exit_code map[ERR_CODES] = {
		[ERR_NONE] = EXIT_DONE,
		[ERR_MALFORMED] = EXIT_BAD_INPUT,
		[ERR_INVALID] = EXIT_BAD_INPUT,
		[ERR_NOT_FOUND] = EXIT_NOT_FOUND,
		[ERR_EXISTS] = EXIT_CONFLICT,
		[ERR_STATE] = EXIT_CONFLICT,
		[ERR_PRECONDITION] = EXIT_CONFLICT,
		[ERR_UNAUTHENTICATED] = EXIT_NOT_ALLOWED,
		[ERR_FORBIDDEN] = EXIT_NOT_ALLOWED,
		[ERR_NO_RESOURCE] = EXIT_OTHER,
		[ERR_NO_SPACE] = EXIT_OTHER,
		[ERR_TOO_LARGE] = EXIT_BAD_INPUT,
		[ERR_UNSUPPORTED] = EXIT_OTHER,
		[ERR_UNAVAILABLE] = EXIT_UNREACHABLE,
		[ERR_TIMEOUT] = EXIT_TIMEOUT,
		[ERR_INTERNAL] = EXIT_OTHER,
	};
	return map[code];
}
