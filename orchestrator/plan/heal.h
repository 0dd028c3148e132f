/* heal.h: which VNFs of a service are to be replaced, and how, among the objects that a
 * host is wanted to hold (target.h). Pure.
 *
 * A VNF is healed by a successor of each of its processes: one that works hands its state
 * over without a gap, one that does not is ended, and the other begins with what state it
 * finds.
 */
#ifndef ORCHESTRATOR_PLAN_HEAL_H
#define ORCHESTRATOR_PLAN_HEAL_H

#include <stdbool.h>
#include <jansson.h>

/* Adds the steps for a VNF, one replica after the other; replica: the id of only one of
 * them, or null. lose: the successor may begin without the state, if it cannot read it.
 * False: there is no such VNF or replica. */
bool heal_vnf(json_t *steps, const json_t *objects, const char *vnf, const char *replica,
	bool lose);
/* Adds the steps for all objects of a service: each is put again as it is wanted; VNFs
 * that are not ready (observed: what observe_vnfs() saw, null: unknown), or with `all`
 * every one, are replaced. */
void heal_service(json_t *steps, const json_t *objects, const json_t *observed, bool all);

#endif
