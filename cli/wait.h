/* wait.h: waiting for an operation occurrence to end. */
#ifndef CLI_WAIT_H
#define CLI_WAIT_H

#include "cli/session.h"

#define WAIT_DEFAULT_S 120

/* What an answer of 202 is followed by: waits as --wait says (or by_default, if it was
 * not given), and reports. `what` is for the progress line and the reports: "edge".
 * Clears the answer. Returns the exit status. */
int wait_answer(struct session *session, struct client_answer *answer, const char *what,
	bool by_default);

/* Waits at most `seconds` for the occurrence at path. Returns the exit status. */
int wait_occurrence(
	struct session *session, const char *path, const char *what, unsigned seconds);

/* Has it ended, and how? EXIT_DONE, EXIT_OPERATION, or -1 if it goes on. Pure. */
int wait_judge(const char *operation_state);

#endif
