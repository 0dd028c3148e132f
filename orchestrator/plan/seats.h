/* seats.h: cores for the VNFs of a service, so that rules (placement_rules.h) are kept.
 * Pure. */
#ifndef ORCHESTRATOR_PLAN_SEATS_H
#define ORCHESTRATOR_PLAN_SEATS_H

#include <jansson.h>
#include "orchestrator/descriptor/model.h"

/* Changes cores, one for each VNF of the model, so that its rules and those of other
 * services are kept; who can stay where he is stays. If there is no way, they are left.
 */
void seats_choose(const struct model *model, const json_t *host, const json_t *objects,
	const char *ns, int *cores);

#endif
