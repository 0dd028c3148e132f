/* query.h: reading a collection as SOL013 says: filter, attribute selectors, paging.
 *Pure, but for the last.
 *
 * A handler builds the whole list and hands it over with the rules of its resource:
 *
 *	static const char *const excluded[] = {"instantiatedVnfInfo", "metadata", NULL};
 *	static const struct query_rules rules = {.mandatory = ..., .excluded = excluded};
 *	...
 *	query_reply(request, reply, &rules, list);
 */
#ifndef API_HTTP_QUERY_H
#define API_HTTP_QUERY_H

#include <jansson.h>
#include "api/http/http.h"
#include "api/http/url.h"

struct query_rules {		      /* each list ends with null; a null list is empty */
	const char *const *mandatory; /* attributes that are never dropped */
	const char *const *excluded;  /* dropped unless asked for */
	const char *const *optional;  /* all others. An attribute that is in none of the
				       * three  lists and in no item is unknown: 400 */
	const char *const *own;	      /* arguments that the handler reads itself */
	size_t page;		      /* items on a page; 0: 100 */
};

struct query_page {
	json_t *items; /* new reference */
	char *next;    /* target of the next page, malloc'd; null on the last */
};

/* path: of the collection, for the next page's target. items: borrowed, an array of
 * objects. ERR_MALFORMED for a filter, a selector or a marker that cannot be. */
int query_run(const struct query_rules *rules, const char *path,
	const struct url_arg *args, unsigned n_args, const json_t *items,
	struct query_page *page, struct err *err);

/* Runs the request's query over items (takes the reference) and answers 200 with a Link,
 * or 400. */
void query_reply(const struct http_request *request, struct http_reply *reply,
	const struct query_rules *rules, json_t *items);

/* A collection that is too large to be built whole: it is read in parts, in its order. */
struct query_source {
	/* At most n items behind the one with the id `after` (null: from the first; if
	 * that is gone, `offset` of those are left out), of those whose attributes are as
	 * `equal` says, {attribute: text}. It may ignore any of `equal`, and gives new
	 * references. */
	int (*read)(void *arg, const json_t *equal, const char *after, size_t offset,
		size_t n, json_t **items, struct err *err);
	void *arg;
};

/* As query_run() over all that the source has. Attributes have to stand in the rules. */
int query_run_source(const struct query_rules *rules, const char *path,
	const struct url_arg *args, unsigned n_args, const struct query_source *source,
	struct query_page *page, struct err *err);
void query_reply_source(const struct http_request *request, struct http_reply *reply,
	const struct query_rules *rules, const struct query_source *source);

#endif
