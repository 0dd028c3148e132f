/* capacity.h: what a host has, what services have taken of it, and what is free:
 * NfviCapacityInfo resources (SOL005 10.5.2.3). */
#ifndef ORCHESTRATOR_CAPACITY_H
#define ORCHESTRATOR_CAPACITY_H

#include "orchestrator/orch.h"

/* [{vimId, capacityMeasurements, capacityInfoPerZone}]; new reference. ERR_UNAVAILABLE if
 * the VNFM does not answer. */
int capacity_list(struct orch *orch, json_t **list, struct err *err);
/* The one of a VIM; ERR_NOT_FOUND. */
int capacity_get(struct orch *orch, const char *vim, json_t **info, struct err *err);

/* Of a host as the VNFM describes it and all wanted objects (target.h). Measurements are
 * cores (taken: those that a VNF runs on, which others may share), huge-page memory in
 * MiB, slots (one for each VNF process), and interfaces; a zone is a core, with the VNFs
 * on it. New reference. Pure. */
json_t *capacity_of(const json_t *host, const json_t *objects);

#endif
