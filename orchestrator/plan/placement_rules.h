/* placement_rules.h: which VNFs may run on one core, by the rules that descriptors give
 * (affinity.h): judged when a plan is. seats.h keeps them. Pure.
 *
 * Objects are as target.h has them; those of VNFs carry what a rule says of them as their
 * tag. VNFs that share a process share a core by that, and are one here.
 */
#ifndef ORCHESTRATOR_PLAN_PLACEMENT_RULES_H
#define ORCHESTRATOR_PLAN_PLACEMENT_RULES_H

#include <stdbool.h>
#include <jansson.h>
#include "common/err.h"

/* The host's description without the cores that VNFs of other services than `ns` (null:
 * of any) have for themselves. New reference. */
json_t *placement_rules_open(const json_t *host, const json_t *objects, const char *ns);

/* Whether a core is on another NUMA node than the memory of services, which is that of
 * the core that does the port I/O: `nodes: [{node, cores}]` of the host, if it has
 * several. */
bool placement_rules_far(const json_t *host, int core);

/* Whether another replica of a VNF (an object) may run on a core beside all objects, and
 * beside its n replicas on `cores`. */
bool placement_rules_allow(
	const json_t *objects, const json_t *vnf, int core, const int *cores, unsigned n);

/* Adds a fault (ERR_NO_RESOURCE) for each VNF of service `ns` that would not be as rules
 * have it among objects: all that will be there. */
void placement_rules_judge(
	const json_t *host, const json_t *objects, const char *ns, struct faults *faults);

/* Of one VNF object: whether it has its core for itself; its core, or -1 of another kind;
 * whether it is of that service (null: of none). */
bool placement_rules_is_dedicated(const json_t *vnf);
int placement_rules_core(const json_t *object);
bool placement_rules_is_of(const json_t *object, const char *ns);
/* Its name inside the service: "fw" of "edge.fw" and of "edge.fw~1". Returns buf. */
const char *placement_rules_profile(const json_t *vnf, char *buf, size_t size);
/* Whether a core does the port I/O: no VNF has it for itself, unless it is the only one.
 */
bool placement_rules_serves_ports(const json_t *host, int core);

#endif
