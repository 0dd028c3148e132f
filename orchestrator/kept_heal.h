/* kept_heal.h: the heal policy of a VNF: seen, chosen, carried out, told. */
#ifndef ORCHESTRATOR_KEPT_HEAL_H
#define ORCHESTRATOR_KEPT_HEAL_H

#include "orchestrator/kept_look.h"

/* The policy with state, now, attemptsMade, last; new reference. */
json_t *kept_heal(const struct kept_look *look, struct kept_vnf *vnf);

/* A heal that a policy began and that failed is no user's to deal with: it is given up,
 * so that the service is free for the next one. False: the operation is another. */
bool kept_heal_give_up(
	struct orch *orch, const struct kept *kept, const struct db_occurrence *open);

#endif
