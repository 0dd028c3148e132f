/* ns_version.h: a running network service goes on by another version of its descriptor.
 */
#ifndef ORCHESTRATOR_NS_VERSION_H
#define ORCHESTRATOR_NS_VERSION_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* UpdateNsRequest of type ASSOC_NEW_NSD_VERSION: assocNewNsdVersionData {newNsdId, sync}:
 * a descriptor with the same invariant-id and the flavour that the service has. ERR_STATE
 * if it is disabled, or the service belongs to a chain.
 *
 * sync true: the service becomes what the descriptor says. Its VNFs and links are those
 * of the descriptor. Where the two versions say the same of a SAP's port, or of a VNF's
 * package, replicas, core or member of its configuration, that stays as it is wanted now,
 * whoever changed it since, and so do forwarding graphs; where they differ, the new one
 * holds. Ports of new SAPs are named in additionalParamsForNs.ports, as those that are to
 * change. With the version that it has already, all that the descriptor says holds. sync
 * false, or nothing: only its record changes. */
int ns_version_change(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

#endif
