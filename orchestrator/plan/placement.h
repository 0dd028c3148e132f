/* placement.h: which core each VNF runs on. Pure.
 *
 * Neighbours of a chain share a core, because a packet that changes cores costs a cache
 * miss at every hop; whole chains are spread over the cores by load (number of VNFs). The
 * core that does the port I/O is used only where there is no other.
 */
#ifndef ORCHESTRATOR_PLAN_PLACEMENT_H
#define ORCHESTRATOR_PLAN_PLACEMENT_H

#include <jansson.h>
#include "common/err.h"
#include "orchestrator/descriptor/model.h"

/* cores: one int per VNF of the model, filled in.
 * host: the VNFM's description ({cores, ioCore}); objects: all wanted objects ([{kind,
 * ns, doc}]), of which those of service `ns` (null: a new one) tell where the service
 * runs now: its VNFs stay, but for one that gets a core for itself, which goes to one
 * that nobody uses if there is one, and one that gives such a core up, which goes where
 * its service is, unless that is with the ports: then what is there goes to it. Rules of
 * affinity are kept if they can be, and cores that others have for themselves are left to
 * them (seats.h). On a host of several NUMA nodes that of the service's memory comes
 * first. Adds a fault for a core that was asked for and that the host has not. */
void placement_choose(const struct model *model, const json_t *host,
	const json_t *objects, const char *ns, int *cores, struct faults *faults);

/* Names the groups of VNFs that are free to be placed (model_is_free()): those in which
 * service `ns` has them, as the objects say; a new one joins the one before it. What is
 * new is one group, until something is measured (balance.h). */
void placement_group(struct model *model, const json_t *objects, const char *ns);

/* cores: of replicas 0 to MODEL_REPLICAS - 1 of the VNF `id`, filled in: where those are
 * that objects have, where others run (as `running` says) if no rule is against it, and
 * for further ones a core with the fewest of them, and then the fewest VNFs of all; the
 * core that does the port I/O before another gets a second one. */
void placement_spread(const json_t *host, const json_t *objects, const json_t *running,
	const char *id, int *cores);

#endif
