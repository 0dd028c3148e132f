/* host.h: the hosts that services run on, and their health. */
#ifndef ORCHESTRATOR_HOST_H
#define ORCHESTRATOR_HOST_H

#include "orchestrator/orch.h"

/* [{id, state: "connected" | "unreachable", ...what its VNFM tells}] */
int host_list(struct orch *orch, json_t **list, struct err *err);
/* The audit of the contract: {ok, findings, buffers, orphans}. A host that does not
 * answer is a finding, not an error. */
int host_doctor(struct orch *orch, json_t **audit, struct err *err);
/* Whether operations can be carried out: ERR_UNAVAILABLE with the reason. */
int host_ready(struct orch *orch, struct err *err);

#endif
