/* ns_scale.h: a running network service is scaled, or some of its VNFs. */
#ifndef ORCHESTRATOR_NS_SCALE_H
#define ORCHESTRATOR_NS_SCALE_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* ScaleNsRequest (SOL005 6.5.2.14), one plan for all of it:
 * - scaleType SCALE_NS, scaleNsData: {scaleNsByStepsData: {scalingDirection, aspectId,
 *   numberOfSteps?}} or {scaleNsToLevelData: {nsInstantiationLevel | nsScaleInfo:
 *   [{nsScalingAspectId, nsScaleLevelId}]}}: by the aspects and levels of ns_levels.h;
 * - scaleType SCALE_VNF, scaleVnfData: [{vnfInstanceId, scaleVnfType: SCALE_OUT |
 *   SCALE_IN, scaleByStepData: {numberOfSteps?}} or {scaleVnfType:
 *   SCALE_TO_SCALE_LEVEL(S), scaleToLevelData: {vnfScaleInfo: [{scaleLevel}]}}].
 * additionalParams.drainTimeout as when a VNF is scaled (vnf_scale.h). */
int ns_scale(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

/* {profile: n}: replicas of each VNF of the service, as the objects say. New reference.
 */
json_t *ns_scale_numbers(
	struct orch *orch, const char *ns, const json_t *objects, struct err *err);

#endif
