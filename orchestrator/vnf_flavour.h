/* vnf_flavour.h: a running VNF gets a core for itself, or shares one again: its
 * deployment flavour (descriptor/flavour.h) changes. */
#ifndef ORCHESTRATOR_VNF_FLAVOUR_H
#define ORCHESTRATOR_VNF_FLAVOUR_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* ChangeVnfFlavourRequest (SOL003 5.5.2.7) {newFlavourId, instantiationLevelId?}: the VNF
 * goes on on a core of its own, or where its service is, without a gap; if there is no
 * such core, others of its service make room. Level "default" is one replica; without it
 * there are as many as now. Who shares its process goes along.
 * A fault for a flavour that the package has not, which names those that there are, and
 * for what is asked for besides (ERR_UNSUPPORTED); ERR_STATE if it has that flavour
 * already, or a VNF of its service is stopped; ERR_NO_RESOURCE if no core is free. */
int vnf_flavour_change(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

#endif
