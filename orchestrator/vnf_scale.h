/* vnf_scale.h: a running VNF gets more replicas, or fewer, without losing a packet or a
 * session (docs/faults.md, "Changes without loss"). */
#ifndef ORCHESTRATOR_VNF_SCALE_H
#define ORCHESTRATOR_VNF_SCALE_H

#include "orchestrator/orch.h"
#include "orchestrator/stamp.h"

/* ScaleVnfRequest (SOL003 5.5.2.5): {type: SCALE_OUT|SCALE_IN, aspectId?: "replicas",
 * numberOfSteps?, additionalParams?: {drainTimeout? s}}. ERR_INVALID for what cannot be,
 * ERR_STATE while another operation is unfinished or the VNF is not instantiated. */
int vnf_scale(struct orch *orch, const char *id, const json_t *request,
	char occurrence[STAMP_ID], struct faults *faults, struct err *err);

#endif
