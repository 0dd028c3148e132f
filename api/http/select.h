/* select.h: attribute selectors of collections (SOL013 section 5.3). Pure. */
#ifndef API_HTTP_SELECT_H
#define API_HTTP_SELECT_H

#include <jansson.h>
#include "common/err.h"

struct select { /* the arguments as given; null: absent */
	const char *fields, *exclude_fields;
	bool all_fields, exclude_default;
};

/* ERR_MALFORMED for a combination that is not allowed. */
int select_check(const struct select *select, struct err *err);
/* A copy of the item with what was selected; new reference. mandatory and excluded are
 * null-ended lists of names, excluded those that are left out unless asked for; either
 * may be null. */
json_t *select_apply(const struct select *select, const char *const *mandatory,
	const char *const *excluded, const json_t *item);

#endif
