/* filter.h: attribute filters of collections (SOL013 section 5.2), in both dialects.
 *Pure.
 *
 *	filter=(eq,nsState,INSTANTIATED);(in,name/first,'a,b',c)
 *	nsState=INSTANTIATED&name.first.in=a,c            the older one, one argument per
 *term
 *
 * All terms must hold. A missing attribute meets no term. Through an array a term holds
 *if it does for one element. Values are compared as the attribute's type: number,
 *boolean, RFC 3339 time, string. "@key" as the last name stands for the names of a map's
 *members.
 */
#ifndef API_HTTP_FILTER_H
#define API_HTTP_FILTER_H

#include <stdbool.h>
#include <jansson.h>
#include "common/err.h"

#define FILTER_TERMS  16
#define FILTER_NAMES  8 /* of a path */
#define FILTER_VALUES 32

enum filter_op {
	FILTER_EQ,
	FILTER_NEQ,
	FILTER_GT,
	FILTER_GTE,
	FILTER_LT,
	FILTER_LTE,
	FILTER_IN,
	FILTER_NIN,
	FILTER_CONT,
	FILTER_NCONT,
};

struct filter_term {
	enum filter_op op;
	unsigned n_names, n_values;
	char *names[FILTER_NAMES];
	char *values[FILTER_VALUES];
};

struct filter { /* zero-initialise; filter_clear() frees */
	struct filter_term terms[FILTER_TERMS];
	unsigned n;
};

/* Adds the terms of a `filter` argument. ERR_MALFORMED. */
int filter_add(struct filter *filter, const char *expression, struct err *err);
/* Adds the term of one argument of the older dialect: "a.b.op" = "value,value".
 * ERR_MALFORMED. */
int filter_add_argument(
	struct filter *filter, const char *name, const char *value, struct err *err);
bool filter_matches(const struct filter *filter, const json_t *item);
void filter_clear(struct filter *filter);

#endif
