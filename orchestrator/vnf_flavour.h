/* vnf_flavour.h: deployment flavours of VNFs: a built-in package has one. */
#ifndef ORCHESTRATOR_VNF_FLAVOUR_H
#define ORCHESTRATOR_VNF_FLAVOUR_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

#define VNF_FLAVOUR "default"

/* Adds a fault unless the member of a request names a flavour that there is. */
void vnf_flavour_check(const json_t *request, const char *member, struct faults *faults);

/* ChangeVnfFlavourRequest {newFlavourId}: another one than the VNF has is a fault that
 * names those that there are; ERR_STATE for the one that it has. */
int vnf_flavour_change(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

#endif
