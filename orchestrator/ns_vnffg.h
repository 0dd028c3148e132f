/* ns_vnffg.h: forwarding graphs of a running network service come, go and change, without
 * loss of what passes on other paths. */
#ifndef ORCHESTRATOR_NS_VNFFG_H
#define ORCHESTRATOR_NS_VNFFG_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* UpdateNsRequest of a type below; its data are lists:
 * - ADD_VNFFG, addVnffg [{vnffgdId, vnffgName?, description?}]: graphs that the
 *   descriptor has and the service has not.
 * - REMOVE_VNFFG, removeVnffgId [id of a VnffgInfo]: with all its paths. VNFs stay.
 * - UPDATE_VNFFG, updateVnffg [{vnffgInfoId, nfp?, nfpInfoId?}]: paths of a graph. Those
 *   in nfpInfoId go. Of nfp each is NfpData {nfpInfoId?, nfpName?, description?,
 *   nsCpHandle? [{nsSapInstanceId}, {vnfInstanceId, vnfExtCpInstanceId?}, ...], nfpRule?,
 *   nfpState? ENABLED or DISABLED}, and what the standard has no word for: `path`, the
 *   elements as in a chain, `match` (match.h), `weight`, `symmetric`. One without
 *   nfpInfoId is a new path.
 * A service keeps one path at least. ERR_STATE if a VNF of it is stopped. */
int ns_vnffg_add(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);
int ns_vnffg_remove(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);
int ns_vnffg_update(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

#endif
