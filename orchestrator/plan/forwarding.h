/* forwarding.h: the forwarding paths of a service that runs, taken out of its objects
 * (target.h) as a model, and put back changed. Pure.
 */
#ifndef ORCHESTRATOR_PLAN_FORWARDING_H
#define ORCHESTRATOR_PLAN_FORWARDING_H

#include <jansson.h>
#include "common/err.h"
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/descriptor/model.h"

struct forwarding {
	const json_t *objects; /* borrowed */
	const char *ns;	       /* borrowed from them */
	struct model model;    /* ports and VNFs by name and type only, and the paths */
	const char **vnf_ids;  /* of the model's VNFs; borrowed from the objects */
	json_t *graphs;	       /* what is said of forwarding graphs: target_paths.h */
};

/* Reads the objects of a service. */
void forwarding_open(struct forwarding *forwarding, const json_t *objects);
void forwarding_clear(struct forwarding *forwarding);

/* Judges the paths as they are now; adds every fault. */
void forwarding_check(struct forwarding *forwarding, const struct catalog *catalog,
	struct faults *faults);

/* The objects of the service with the paths as they are now, judged and found good; new
 * reference. */
json_t *forwarding_target(struct forwarding *forwarding);

#endif
