/* ns.h: network service instances: created, instantiated, terminated, deleted. */
#ifndef ORCHESTRATOR_NS_H
#define ORCHESTRATOR_NS_H

#include <stdbool.h>
#include "orchestrator/descriptor/model.h"
#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* NsInstance resources; the list as occurrence_list() has it, whole: with vnfInstance,
 * virtualLinkInfo and sapInfo. */
struct ns_page {
	bool whole;
	const json_t *equal;
	const char *after;
	size_t offset, n;
};
int ns_list(
	struct orch *orch, const struct ns_page *page, json_t **list, struct err *err);
int ns_get(struct orch *orch, const char *id, json_t **ns, struct err *err);

/* CreateNsRequest; *ns is the new resource. Faults or err say what is wrong. */
int ns_create(struct orch *orch, const json_t *request, json_t **ns,
	struct faults *faults, struct err *err);
/* The same, of that project (null: the default one). */
int ns_create_in(struct orch *orch, const char *project, const json_t *request,
	json_t **ns, struct faults *faults, struct err *err);
/* InstantiateNsRequest: ports in additionalParamsForNs.ports, configurations in
 * additionalParamsForVnf[].additionalParams.config on top of the descriptor's,
 * nsInstantiationLevelId (ns_levels.h); vnfInstanceData: VNFs that were made by
 * themselves (adopt.h). */
int ns_instantiate(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);
/* Its additionalParamsForNs.ports are given to the SAPs of the model. */
void ns_bind_ports(struct model *model, const json_t *request, struct faults *faults);
/* TerminateNsRequest: {terminateVnfData: [{vnfInstanceId, terminationType?,
 * gracefulTerminationTimeout?}]}; for all VNFs at once the request itself may have the
 * last two. GRACEFUL: sessions have that many seconds (60) to end by themselves before
 * everything ends; FORCEFUL, or nothing: it ends at once. */
int ns_terminate(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);
/* Removes an instance that is not instantiated. */
int ns_delete(struct orch *orch, const char *id, struct err *err);

/* The same with an intent (effect.h), and for a chain: its descriptor goes too. */
int ns_terminate_with(struct orch *orch, const char *id, const json_t *request,
	const json_t *intent, struct operation_answer *answer, struct err *err);
int ns_discard(struct orch *orch, const char *id, bool chain, struct err *err);

/* ERR_STATE if the instance belongs to a chain, which ends as a whole; what: "delete".
 * ERR_NOT_FOUND. */
int ns_check_no_chain(
	struct orch *orch, const char *id, const char *what, struct err *err);
/* Adds a fault at `path` if it cannot be the name of an instance. */
void ns_check_name(const char *name, const char *path, size_t max, struct faults *faults);
/* How an end is asked for: terminationType and gracefulTerminationTimeout, below
 * `prefix`; the seconds that sessions have then, 0: none. */
void ns_end_check(const json_t *request, const char *prefix, struct faults *faults);
int ns_end_seconds(const json_t *request);
/* ERR_EXISTS if an instance has that name. */
int ns_check_name_free(struct orch *orch, const char *name, struct err *err);

#endif
