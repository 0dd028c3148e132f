/* claim.h: devices that services have: none gets what another one uses. */
#ifndef ORCHESTRATOR_CLAIM_H
#define ORCHESTRATOR_CLAIM_H

#include "orchestrator/descriptor/model.h"
#include "orchestrator/orch.h"

/* Adds a fault (ERR_EXISTS) for each port of the model whose device another service than
 * `ns` uses, or is about to. To be called in the transaction that accepts the operation.
 */
int claim_check(struct orch *orch, const char *ns, const struct model *model,
	struct faults *faults, struct err *err);

#endif
