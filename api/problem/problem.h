/* problem.h: errors as ProblemDetails (RFC 7807, SOL013), and the only map from an error
 * code to an HTTP status. Pure. */
#ifndef API_PROBLEM_PROBLEM_H
#define API_PROBLEM_PROBLEM_H

#include <jansson.h>
#include "common/err.h"

unsigned problem_status(enum err_code code);
/* "Not Found" */
const char *problem_title(unsigned status);
/* {type, title, status, detail, errorCode, path?, hint?}; new reference. */
json_t *problem_from_err(unsigned status, const struct err *err);
/* The first fault as the problem, and all in invalidParams: [{path, reason, hint?}]. */
json_t *problem_from_faults(unsigned status, const struct faults *faults);

/* The `error` of an operation occurrence, or of a notification about one, is told by the
 * orchestrator as common/err.h has it (orchestrator/step.h): makes a problem of it, in
 * place. Nothing where there is none. */
void problem_of_error(json_t *resource);

#endif
