/* params.h: additionalParams of a request, of which the members are ours. Pure. */
#ifndef ORCHESTRATOR_PARAMS_H
#define ORCHESTRATOR_PARAMS_H

#include <jansson.h>
#include "common/err.h"

/* Adds a fault for each member of an object (null is fine) that is not among the known
 * ones, which end with null. */
void params_check(const json_t *params, const char *const *known, const char *path,
	struct faults *faults);

#endif
