/* vnf_scale.h: a running VNF gets more replicas, or fewer, without losing a packet or a
 * session (docs/faults.md, "Changes without loss"). */
#ifndef ORCHESTRATOR_VNF_SCALE_H
#define ORCHESTRATOR_VNF_SCALE_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* ScaleVnfRequest (SOL003 5.5.2.5): {type: SCALE_OUT|SCALE_IN, aspectId?: "replicas",
 * numberOfSteps?, additionalParams?: {drainTimeout? s}}. ERR_INVALID for what cannot be,
 * ERR_STATE while another operation is unfinished or the VNF is not instantiated. */
int vnf_scale(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);
/* ScaleVnfToLevelRequest: {scaleInfo: [{aspectId: "replicas", scaleLevel}]}, the number
 * of replicas beside the first, or {instantiationLevelId: "default"}: none. Nothing to do
 * is an operation without steps. */
int vnf_scale_to_level(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

#endif
