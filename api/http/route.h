/* route.h: which route a method and a path name. Pure. */
#ifndef API_HTTP_ROUTE_H
#define API_HTTP_ROUTE_H

#include "api/http/http.h"
#include "api/http/url.h"

struct route_match {
	const struct http_route *route;	     /* null: see path_known */
	void *arg;			     /* of its table */
	const char *params[HTTP_MAX_PARAMS]; /* into the url */
	bool path_known;		     /* a route of another method has this path */
	bool path_public; /* all routes of this path do without a credential */
	char allow[128];  /* "GET, HEAD, OPTIONS": methods of the path */
};

/* Of several routes that match, the one with the earlier literal segment wins. HEAD finds
 * GET. */
void route_find(const struct http_table *tables, const char *method,
	const struct url *url, struct route_match *match);

#endif
