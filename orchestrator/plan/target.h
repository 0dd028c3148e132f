/* target.h: the objects that a host must hold for a service to run. Pure.
 *
 * Sets of objects are JSON: [{"kind": "service|port|vnf|link", "object": ID, "ns": NS,
 * "doc": {...}}], doc being what docs/southbound.md lets be put.
 */
#ifndef ORCHESTRATOR_PLAN_TARGET_H
#define ORCHESTRATOR_PLAN_TARGET_H

#include <jansson.h>
#include "orchestrator/descriptor/model.h"

struct target_service {
	const char *ns;		    /* NS instance id */
	const char *name;	    /* of the NS instance */
	const char *const *vnf_ids; /* one VNF instance id per VNF of the model */
	const int *cores;
};

/* All objects of a checked model, every SAP bound to a port; new reference. */
json_t *target_make(const struct model *model, const struct target_service *service);

/* Adds the links of a checked model to a set; of the service only ns and vnf_ids count.
 */
void target_add_links(
	const struct model *model, const struct target_service *service, json_t *objects);

/* The object of that kind and id in a set, or null; borrowed. */
json_t *target_find(const json_t *objects, const char *kind, const char *object);
/* Takes those of a service out. */
void target_forget(json_t *objects, const char *ns);

#endif
