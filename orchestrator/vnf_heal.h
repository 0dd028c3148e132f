/* vnf_heal.h: what does not work as it should is replaced: a VNF, or a service. */
#ifndef ORCHESTRATOR_VNF_HEAL_H
#define ORCHESTRATOR_VNF_HEAL_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* HealVnfRequest (SOL003 5.5.2.9): {cause?, vnfcInstanceId?, additionalParams?:
 * {allowStateLoss?}}: each of its processes gets a successor, or only the one named. It
 * is not rolled back: what failed can be tried again. ERR_STATE if it is stopped. */
int vnf_heal(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

/* HealNsRequest (SOL005 6.5.2.13): {healVnfData: [{vnfInstanceId, cause?}]} heals those
 * VNFs; {healNsData: {degreeHealing: HEAL_RESTORE | HEAL_RESET}} puts all objects of the
 * service again and replaces the VNFs that are not ready, or all. */
int ns_heal(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

#endif
