/* quota.h: what the services of a project have, and how much they may have at most. Pure.
 */
#ifndef ORCHESTRATOR_PLAN_QUOTA_H
#define ORCHESTRATOR_PLAN_QUOTA_H

#include <stdint.h>
#include <jansson.h>
#include "common/err.h"

#define QUOTA_NONE (-1)

/* One number for each thing that there is a quota of: in a quota QUOTA_NONE is no limit.
 */
enum quota_of {
	QUOTA_SERVICES,
	QUOTA_VNFS,   /* processes: each replica counts */
	QUOTA_MEMORY, /* of huge pages, MiB */
	QUOTA_CORES,  /* that VNFs run on, each once */
	QUOTAS
};

struct quota {
	int64_t n[QUOTAS];
};

/* {services, vnfs, memoryMiB, cores}, each a number of 0 and more, null or absent: no
 * limit. A fault for each member that is not. */
void quota_from_json(const json_t *json, struct quota *quota, struct faults *faults);
/* Without what has no limit; new reference. */
json_t *quota_to_json(const struct quota *quota);

/* What those of the objects (target.h) have that are of services in members, {ns: true}.
 * sizes: as need.h has them. */
struct quota quota_used(
	const json_t *objects, const json_t *members, const json_t *sizes);

/* Adds a fault (ERR_NO_RESOURCE) for each thing of which more is wanted than is used now,
 * and more than the quota of that project allows. */
void quota_judge(const struct quota *quota, const struct quota *used,
	const struct quota *wanted, const char *project, struct faults *faults);

#endif
