/* rewire_paths.h: VNFs come into the forwarding paths of a model, or leave them; the part
 * of rewire.h for services with paths. Pure. */
#ifndef ORCHESTRATOR_PLAN_REWIRE_PATHS_H
#define ORCHESTRATOR_PLAN_REWIRE_PATHS_H

#include "common/err.h"
#include "orchestrator/descriptor/model.h"

/* Puts a VNF between two elements on each path on which they follow each other, in this
 * order or the other; ends of which no connection point is told are any. Adds a fault if
 * there is no such path. */
void rewire_paths_between(struct model *model, const char *vnf,
	const struct model_end ends[2], const char *place, struct faults *faults);

/* Takes a VNF out of all paths: what it was between follow each other. Adds a fault if
 * only ports would be left of one. */
void rewire_paths_remove(
	struct model *model, const char *vnf, const char *place, struct faults *faults);

#endif
