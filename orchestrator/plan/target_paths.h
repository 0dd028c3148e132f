/* target_paths.h: forwarding paths among the objects of a service (target.h). Pure.
 *
 * The document of a service with paths has `steer`, by which the host chooses the path of
 * a packet, and keeps in its tag what was asked for: {"graphs": {ID: {"vnffgdId"?,
 * "vnffgName"?, "description"?}}, "paths": [{"name", "number", "graph", "match",
 * "weight", "symmetric", "off"?, "description"?, "path": ["lan", "fw.left", "fw.right",
 * "wan"]}]}. Each of its links has `paths`, the numbers of those that take it.
 */
#ifndef ORCHESTRATOR_PLAN_TARGET_PATHS_H
#define ORCHESTRATOR_PLAN_TARGET_PATHS_H

#include <jansson.h>
#include "orchestrator/descriptor/model.h"

/* Numbers the paths of a checked model: one that the service has already (objects: what
 * it runs with now, or null) keeps its number by its name, others get free ones. */
void target_number_paths(struct model *model, const json_t *objects);

/* Adds `steer` and the tag to the document of the service. A model without paths adds
 * nothing. */
void target_add_paths(const struct model *model, json_t *service);

/* Appends the paths that a service has, names unresolved, to a model. */
void target_read_paths(const json_t *objects, struct model *model);

/* Has the document of a service say of its graphs what is said in `graphs`. */
void target_keep_graphs(json_t *service, const json_t *graphs);

/* The numbers of the paths that take a link, in their order; null: the model has no
 * paths. New reference. */
json_t *target_link_paths(const struct model *model, const struct model_link *link);

/* The tag's list of paths of a service among objects, and its graphs; null: it has none.
 * Borrowed. */
json_t *target_paths(const json_t *objects);
json_t *target_graphs(const json_t *objects);

#endif
