/* problem.h: errors as ProblemDetails (RFC 7807, SOL013), and the only map from an error
 * code to an HTTP status. Pure. */
#ifndef API_HTTP_PROBLEM_H
#define API_HTTP_PROBLEM_H

#include <jansson.h>
#include "common/err.h"

unsigned problem_status(enum err_code code);
/* "Not Found" */
const char *problem_title(unsigned status);
/* {type, title, status, detail, errorCode, path?, hint?}; new reference. */
json_t *problem_from_err(unsigned status, const struct err *err);
/* The first fault as the problem, and all in invalidParams: [{path, reason, hint?}]. */
json_t *problem_from_faults(unsigned status, const struct faults *faults);

#endif
