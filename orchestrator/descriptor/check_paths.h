/* check_paths.h: the forwarding paths of a model, judged and made links; a part of
 * check.h. Pure.
 *
 * Elements that follow each other on a path are joined by a link, which all paths share
 * that have the two at the same connection points. Where an end has several links the
 * paths part: a fork.
 */
#ifndef ORCHESTRATOR_DESCRIPTOR_CHECK_PATHS_H
#define ORCHESTRATOR_DESCRIPTOR_CHECK_PATHS_H

#include <stdbool.h>
#include "common/err.h"
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/descriptor/model.h"

/* Resolves the ends of all paths and makes the model's links; adds every fault. */
void check_paths(
	struct model *model, const struct catalog *catalog, struct faults *faults);

/* Moves paths that take everything behind the others, for a document in which the order
 * says nothing. */
void check_rest_last(struct model *model);

#endif
