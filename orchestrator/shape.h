/* shape.h: what the members of a request have to be before anything is made of them.
 * Pure. */
#ifndef ORCHESTRATOR_SHAPE_H
#define ORCHESTRATOR_SHAPE_H

#include <jansson.h>
#include "common/err.h"

enum shape { SHAPE_TEXT, SHAPE_MAP, SHAPE_LIST, SHAPE_MAPS /* a list of maps */ };

struct shape_member {
	const char *name;
	enum shape shape;
};

#define SHAPE_ITEMS 512 /* of a list */

/* Adds a fault for each of these members that is there and something else, for lists of
 * more than SHAPE_ITEMS, or if the object is no map. What is null, or in no list of
 * members, is fine. prefix: of their places, "scaleVnfData[0]"; "": the request itself.
 * members ends with {0}. */
void shape_check(const json_t *object, const struct shape_member *members,
	const char *prefix, struct faults *faults);

/* A whole number, or dflt if it is absent. Adds a fault at path for what is none, or none
 * of these, and returns dflt then too. */
int shape_number(const json_t *value, int min, int max, int dflt, const char *path,
	struct faults *faults);

#endif
