/* vnf.h: VNF instances: read with what is observed of them, and given another
 * configuration. */
#ifndef ORCHESTRATOR_VNF_H
#define ORCHESTRATOR_VNF_H

#include "orchestrator/operation.h"
#include "orchestrator/orch.h"

/* VnfInstance resources of all services. config: with vnfConfigurableProperties, which
 * may have megabytes. */
int vnf_list(struct orch *orch, bool config, json_t **list, struct err *err);
/* Those of one, with what observe_vnfs() saw. */
int vnf_list_of_ns(struct orch *orch, const char *ns, const json_t *observed,
	json_t **list, struct err *err);
int vnf_get(struct orch *orch, const char *id, json_t **vnf, struct err *err);

/* VnfInfoModificationRequest: vnfConfigurableProperties.config is a merge patch of the
 * running configuration, taken whole or not at all, null is that of the type; so are
 * vnfInstanceDescription, metadata and extensions one. */
int vnf_modify(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

/* The last lines of its log: malloc'd text. ERR_NOT_FOUND. */
int vnf_log(
	struct orch *orch, const char *id, unsigned lines, char **text, struct err *err);

#endif
