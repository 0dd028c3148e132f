/* placement_rules.h: which VNFs may run on one core, by the rules that descriptors give
 * (affinity.h): kept when cores are chosen, and judged when a plan is. Pure.
 *
 * Objects are as target.h has them; those of VNFs carry what a rule says of them as their
 * tag. VNFs that share a process share a core by that, and are one here.
 */
#ifndef ORCHESTRATOR_PLACEMENT_RULES_H
#define ORCHESTRATOR_PLACEMENT_RULES_H

#include <stdbool.h>
#include <jansson.h>
#include "common/err.h"
#include "orchestrator/model.h"

/* The host's description without the cores that VNFs of other services than `ns` (null:
 * of any) have for themselves. New reference. */
json_t *placement_rules_open(const json_t *host, const json_t *objects, const char *ns);

/* Whether a core is on another NUMA node than the memory of services, which is that of
 * the core that does the port I/O: `nodes: [{node, cores}]` of the host, if it has
 * several. */
bool placement_rules_far(const json_t *host, int core);

/* Changes cores, one for each VNF of the model, so that its rules and those of other
 * services are kept; who can stay where he is stays. If there is no way, they are left.
 */
void placement_rules_keep(const struct model *model, const json_t *host,
	const json_t *objects, const char *ns, int *cores);

/* Whether another replica of a VNF (an object) may run on a core beside all objects, and
 * beside its n replicas on `cores`. */
bool placement_rules_allow(
	const json_t *objects, const json_t *vnf, int core, const int *cores, unsigned n);

/* Adds a fault (ERR_NO_RESOURCE) for each VNF of service `ns` that would not be as rules
 * have it among objects: all that will be there. */
void placement_rules_judge(
	const json_t *host, const json_t *objects, const char *ns, struct faults *faults);

#endif
