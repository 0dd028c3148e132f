/* rewire.h: VNFs come into a model, or leave it, with their links. Pure. */
#ifndef ORCHESTRATOR_PLAN_REWIRE_H
#define ORCHESTRATOR_PLAN_REWIRE_H

#include <jansson.h>
#include "common/err.h"
#include "orchestrator/descriptor/model.h"

/* Puts the VNF of that name, which is in the model and has no links yet, into the link of
 * two elements: ["fw", "rt.p0"]. Adds a fault if not exactly one link is meant. */
void rewire_between(struct model *model, const char *vnf, const json_t *between,
	const char *path, struct faults *faults);
/* Adds links [["fw.right", "ids.in"], ...]: one that is at such an end already goes. Adds
 * a fault for each end of one that goes and that is in no new one. */
void rewire_links(struct model *model, const json_t *links, const char *path,
	struct faults *faults);
/* Takes a VNF out; the ends of its two links are joined. Adds a fault if it has one or
 * more than two, which names them, or if ports or a VNF alone would be joined.
 *
 * In a model with forwarding paths it is these that all of this changes: rewire_paths.h.
 */
void rewire_remove(
	struct model *model, const char *vnf, const char *path, struct faults *faults);

#endif
