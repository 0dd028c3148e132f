/* check_ends.h: ends of links and paths, judged and resolved; a part of check.h. Pure. */
#ifndef ORCHESTRATOR_DESCRIPTOR_CHECK_ENDS_H
#define ORCHESTRATOR_DESCRIPTOR_CHECK_ENDS_H

#include <stdbool.h>
#include "common/err.h"
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/descriptor/model.h"

/* Finds the element of an end, and its connection point where only its position is told;
 * adds a fault if there is none. An unknown type of a VNF is no fault of the end. */
void check_end(const struct model *model, const struct catalog *catalog,
	struct model_end *end, struct faults *faults);

/* Whether two resolved ends are one. */
bool check_same_end(const struct model_end *a, const struct model_end *b);

#endif
