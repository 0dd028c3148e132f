/* schedule.h: the time at which an operation is to begin, in a request. */
#ifndef ORCHESTRATOR_SCHEDULE_H
#define ORCHESTRATOR_SCHEDULE_H

#include <jansson.h>
#include "common/err.h"

/* Adds a fault if the member ("startTime") is no time of RFC 3339, or one that has not
 * come yet: an operation begins when it is asked for. */
void schedule_check(const json_t *request, const char *member, struct faults *faults);

#endif
