/* ns_vnf.h: a running network service gets further VNFs, or loses some, without a gap. */
#ifndef ORCHESTRATOR_NS_VNF_H
#define ORCHESTRATOR_NS_VNF_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* UpdateNsRequests of three types. ERR_STATE if a VNF of the service is stopped, or the
 * service belongs to a chain.
 *
 * INSTANTIATE_VNF, instantiateVnfData [{vnfdId, vnfFlavourId?, vnfProfileId?,
 * additionalParams}]: vnfProfileId is its name in the service, by default that of its
 * type. additionalParams {config?, core?} as in a descriptor, and where it comes:
 * - between: ["fw", "rt.p0"]: into the link of those two, which its first connection
 *   point meets and its second. A connection point is named where several links join
 *   them.
 * - links: [["fw.right", "ids.in"], ["ids.out", "rt.p0"]]: these links; one that is at
 *   such an end already goes, and both of its ends have to be in new ones. */
int ns_vnf_instantiate(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

/* ADD_VNF, addVnfInstance [{vnfInstanceId, vnfProfileId, additionalParams}]: the same
 * with a VNF that was made by itself and is not instantiated (adopt.h). */
int ns_vnf_add(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

/* REMOVE_VNF, removeVnfInstanceId [id]: what the VNF was between is joined; that needs
 * two links, or none. terminateVnfData [{vnfInstanceId, terminationType,
 * gracefulTerminationTimeout?}] gives sessions time to end, as ns_terminate() does. */
int ns_vnf_remove(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

#endif
