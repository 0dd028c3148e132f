/* stats_sum.h: figures of a VNF of several processes, from those of each. Pure. */
#ifndef ORCHESTRATOR_PLAN_STATS_SUM_H
#define ORCHESTRATOR_PLAN_STATS_SUM_H

#include <jansson.h>

/* vnfs: [{id, name, ...figures}], replicas among them ("<id>~1"). Gives one entry per VNF
 * instance, in the order of their first: what counts something is the sum over its
 * replicas, what says something (type, core, pid) is of replica 0, and a VNF of several
 * has "replicas": [{vnfcId, ...the same}]. New reference. */
json_t *stats_sum(const json_t *vnfs);

#endif
