/* stats_paths.h: figures of the forwarding paths of a service. Pure. */
#ifndef ORCHESTRATOR_PLAN_STATS_PATHS_H
#define ORCHESTRATOR_PLAN_STATS_PATHS_H

#include <jansson.h>

/* [{name, number, weight, state, packets, bytes, through: [elements]}] of each path that
 * the document of a service names (target_paths.h), with what the VNFM told of it; null:
 * it has none. New reference. */
json_t *stats_paths(const json_t *service, const json_t *told);

#endif
