/* chain_paths.h: the forwarding paths of the chain form of a descriptor (`paths`). */
#ifndef ORCHESTRATOR_DESCRIPTOR_CHAIN_PATHS_H
#define ORCHESTRATOR_DESCRIPTOR_CHAIN_PATHS_H

#include <jansson.h>
#include "common/err.h"
#include "orchestrator/descriptor/model.h"

#define CHAIN_GRAPH "paths" /* the forwarding graph that they make */

/* Appends each of a list of {name, match?, weight?, symmetric?, path: [lan, fw, wan]} to
 * the model, names unresolved. place: of the list in its document. Adds every fault.
 * Pure.
 */
void chain_paths_parse(const json_t *paths, const char *place, struct model *model,
	struct faults *faults);

/* Reads a list of elements into the hops of a path: "lan", "fw", or "fw.left" and
 * "fw.right" one after the other. */
void chain_hops_parse(const json_t *elements, const char *place, struct model_path *path,
	struct faults *faults);
/* One of them; after the last one, what is left open is a fault. */
void chain_hops_add(struct model_path *path, const char *element, const char *place);
void chain_hops_end(const struct model_path *path, struct faults *faults);

/* The same list of a checked path, with all connection points; new reference. */
json_t *chain_hops_print(const struct model_path *path);

#endif
