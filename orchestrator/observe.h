/* observe.h: what the VNFM sees now, as parts of resources. Where it does not answer, the
 * parts are absent or "unknown": a state is observed, not remembered. */
#ifndef ORCHESTRATOR_OBSERVE_H
#define ORCHESTRATOR_OBSERVE_H

#include "orchestrator/orch.h"

/* {id: VNF object of the VNFM}; null when it does not answer. New reference. */
json_t *observe_vnfs(struct orch *orch);
/* The same without their configurations, which may have megabytes. */
json_t *observe_vnfs_brief(struct orch *orch);
/* The same of ports. */
json_t *observe_ports(struct orch *orch);
/* "ready", "starting", ...; "absent", or "unknown" when the VNFM does not answer. */
const char *observe_state(const json_t *observed, const char *vnf);
/* {vnfs: [...], ports: [...], links: [...]} of a service: name and state of each. New
 * reference. */
json_t *observe_service(struct orch *orch, const char *ns, const json_t *observed);
/* {vnfState, vnfcResourceInfo: [...]} for a VnfInstance; null if it is not there. New
 * reference. */
json_t *observe_vnf(const json_t *observed, const char *vnf);

#endif
