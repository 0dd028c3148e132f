/* answer.h: judging an answer. Pure. */
#ifndef API_CLIENT_ANSWER_H
#define API_CLIENT_ANSWER_H

#include "api/client/client.h"

/* Parses the body where it is JSON, and turns an answer that is not 2xx into an error:
 * its ProblemDetails, or else what its status says. */
int answer_judge(struct client_answer *answer, struct err *err);

#endif
