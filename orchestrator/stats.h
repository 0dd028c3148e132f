/* stats.h: figures of services and VNFs, current when read (contract: Statistics). */
#ifndef ORCHESTRATOR_STATS_H
#define ORCHESTRATOR_STATS_H

#include "orchestrator/orch.h"

/* {nsInstanceId, name, latencyUs, buffers: {pool, free, inFlight}, drops, ports, vnfs,
 * links}, and of a service with forwarding paths `paths` (stats_paths.h) */
int stats_ns(struct orch *orch, const char *id, json_t **stats, struct err *err);
/* {vnfInstanceId, vnfInstanceName, type, cps, drops, busy, ring, ...} */
int stats_vnf(struct orch *orch, const char *id, json_t **stats, struct err *err);
/* The NS form of every instantiated service; those that cannot be read are left out. */
int stats_all(struct orch *orch, json_t **list, struct err *err);

/* From what the VNFM tells of a service to the form above. Pure; new reference. */
json_t *stats_shape_ns(const char *id, const char *name, const json_t *told);
json_t *stats_shape_vnf(const json_t *told);

#endif
