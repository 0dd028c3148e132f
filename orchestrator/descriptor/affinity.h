/* affinity.h: which VNFs of a service are to be together, and which apart. Pure.
 *
 * A rule of a model is {"anti": bool, "scope": "core" | "NFVI_NODE" | ..., "vnfs": [names
 * inside the service], "path": where it was read}. Its scope is a core of a host, or, as
 * ETSI has it, a host (NFVI_NODE) and what is larger, of which there is one of each:
 * affinity is then met, and anti-affinity cannot be.
 *
 * What of it a host has to know goes with each VNF, as the `tag` of its document
 * (docs/southbound.md): {"dedicated": true, "apart": [names], "with": [names]}, so that
 * whoever places other VNFs later can keep to it. Null: nothing.
 */
#ifndef ORCHESTRATOR_DESCRIPTOR_AFFINITY_H
#define ORCHESTRATOR_DESCRIPTOR_AFFINITY_H

#include <stdbool.h>
#include "common/err.h"
#include "orchestrator/descriptor/model.h"

#define AFFINITY_CORE "core"

/* Adds a rule; takes the reference to vnfs. */
void affinity_add(struct model *model, bool anti, const char *scope, json_t *vnfs,
	const char *path);

/* Rules that came with a request stand in no descriptor: they are kept with the service
 * (the document of a service object), as "affinity" of its tag, and added again to what
 * it is changed to, for those VNFs that are still there. */
void affinity_ask(struct model *model, size_t rule); /* it is such a one */
json_t *affinity_asked(const struct model *model);   /* new reference, or null: none */
void affinity_keep(json_t *service, const json_t *asked); /* null: nothing */
const json_t *affinity_kept(const json_t *service);	  /* borrowed, or null */
void affinity_restore(struct model *model, const json_t *asked);

/* Adds a fault for a rule that cannot be: it names what is not there, contradicts another
 * one or a group; or has VNFs apart in a scope of which there is one (ERR_NO_RESOURCE).
 */
void affinity_check(const struct model *model, struct faults *faults);

/* Whether two VNFs of a model (by index) have to share a core, or must not. */
bool affinity_together(const struct model *model, size_t a, size_t b);
bool affinity_apart(const struct model *model, size_t a, size_t b);
/* Whether a rule about cores, or `core: dedicated`, says where a VNF may be. */
bool affinity_rules(const struct model *model, size_t vnf);

/* Whether a list of names has this one. */
bool affinity_holds(const json_t *names, const char *name);

/* The tag of a VNF; new reference, or null. */
json_t *affinity_tag(const struct model *model, size_t vnf);

#endif
