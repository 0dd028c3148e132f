/* figures.h: what a service costs, from two looks at the statistics of a host: what
 * balance.h goes by. Pure.
 *
 * A look is {NS: what the VNFM tells of that service} (docs/southbound.md, section 4).
 */
#ifndef ORCHESTRATOR_PLAN_FIGURES_H
#define ORCHESTRATOR_PLAN_FIGURES_H

#include <jansson.h>
#include "orchestrator/plan/balance.h"

#define FIGURES_RATE_MIN 1000 /* packets a second, of one VNF: less tells nothing */

struct figures {
	struct balance_figures balance;
	const json_t *objects[BALANCE_VNFS]; /* of its VNFs, in order; borrowed */
};

/* objects: what is wanted of the service (target.h); profiles: names of its VNFs in
 * order, of which those in a group that placement chose are to be placed. after may be
 * equal to before, or either null: nothing was measured. False: it has no VNF to place.
 * Names are borrowed from profiles. */
bool figures_make(const char *ns, const json_t *objects, const json_t *profiles,
	const json_t *host, const json_t *before, const json_t *after, double seconds,
	struct figures *figures);

/* [{vnf, packetsPerSecond, cyclesPerPacket, percent}]; new reference. */
json_t *figures_vnfs_json(const struct figures *figures);
/* [{core, percent}]: how busy each is, as things are; new reference. */
json_t *figures_cores_json(const struct figures *figures);
/* [{name, core, vnfs}]: groups as they are chosen; new reference. */
json_t *figures_groups_json(const struct figures *figures, const struct balance *balance);

#endif
