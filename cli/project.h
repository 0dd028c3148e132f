/* project.h: quotas on the command line. */
#ifndef CLI_PROJECT_H
#define CLI_PROJECT_H

#include <jansson.h>
#include "common/err.h"

/* Puts one "vnfs=4" or "vnfs=none" into a quota. Pure. ERR_INVALID. */
int project_quota_set(json_t *quota, const char *assignment, struct err *err);

#endif
