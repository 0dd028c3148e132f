/* route.c: patterns are compared segment by segment; a literal weighs more than a {name},
 * the earlier the more, and {rest*} the least. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "api/http/route.h"

struct candidate {
	uint32_t weight;
	bool found;
};

static void consider(const struct http_table *table, const struct http_route *route,
	const char *method, const struct url *url, struct route_match *match,
	struct candidate *best);
static bool method_fits(const char *wanted, const char *offered);
static void note_path(const struct http_route *route, struct route_match *match);
static bool pattern_fits(const char *pattern, const struct url *url, uint32_t *weight);
static void take_params(
	const char *pattern, const struct url *url, struct route_match *match);
static const char *path_from(const struct url *url, unsigned segment);
static void allow_add(char *allow, size_t size, const char *method);

void
route_find(const struct http_table *tables, const char *method, const struct url *url,
	struct route_match *match)
{
	struct candidate best = {0};
	*match = (struct route_match){.path_public = true};
	for (const struct http_table *t = tables; t->routes != NULL; t++)
		for (const struct http_route *r = t->routes; r->method != NULL; r++)
			consider(t, r, method, url, match, &best);
	match->path_public = match->path_public && match->path_known;
	if (match->route != NULL)
		take_params(match->route->pattern, url, match);
	if (match->path_known)
		allow_add(match->allow, sizeof(match->allow), "OPTIONS");
}

static void
consider(const struct http_table *table, const struct http_route *route,
	const char *method, const struct url *url, struct route_match *match,
	struct candidate *best)
{
	uint32_t weight;
	if (!pattern_fits(route->pattern, url, &weight))
		return;
	note_path(route, match);
	if (!method_fits(method, route->method) ||
		(best->found && weight <= best->weight))
		return;
	*best = (struct candidate){.weight = weight, .found = true};
	match->route = route;
	match->arg = table->arg;
}

static bool
method_fits(const char *wanted, const char *offered)
{
	if (strcmp(wanted, "HEAD") == 0)
		wanted = "GET";
	return strcmp(wanted, offered) == 0;
}

static void
note_path(const struct http_route *route, struct route_match *match)
{
	match->path_known = true;
	if (route->auth != HTTP_AUTH_NONE)
		match->path_public = false;
	allow_add(match->allow, sizeof(match->allow), route->method);
	if (strcmp(route->method, "GET") == 0)
		allow_add(match->allow, sizeof(match->allow), "HEAD");
}

static bool
pattern_fits(const char *pattern, const struct url *url, uint32_t *weight)
{
	*weight = 0;
	for (unsigned i = 0;; i++) {
		pattern += strspn(pattern, "/");
		size_t len = strcspn(pattern, "/");
		if (len > 2 && pattern[0] == '{' && pattern[len - 2] == '*')
			return true;
		*weight += 1; /* longer than what a {rest*} has matched */
		if (len == 0 || i == url->n_segments)
			return len == 0 && i == url->n_segments;
		if (pattern[0] != '{') {
			if (strlen(url->segments[i]) != len ||
				strncmp(url->segments[i], pattern, len) != 0)
				return false;
			*weight += 1u << (31 - i);
		}
		pattern += len;
	}
}

static void
take_params(const char *pattern, const struct url *url, struct route_match *match)
{
	unsigned n = 0;
	for (unsigned i = 0; n < HTTP_MAX_PARAMS; i++) {
		pattern += strspn(pattern, "/");
		size_t len = strcspn(pattern, "/");
		if (len == 0)
			return;
		if (len > 2 && pattern[0] == '{' && pattern[len - 2] == '*') {
			match->params[n] = path_from(url, i);
			return;
		}
		if (pattern[0] == '{')
			match->params[n++] = url->segments[i];
		pattern += len;
	}
}

/* The path from a segment on, "" behind the last. */
static const char *
path_from(const struct url *url, unsigned segment)
{
	const char *rest = url->path;
	for (unsigned i = 0; i < segment; i++)
		rest += 1 + strlen(url->segments[i]);
	return *rest == '/' ? rest + 1 : rest;
}

static void
allow_add(char *allow, size_t size, const char *method)
{
	size_t used = strlen(allow), len = strlen(method);
	for (const char *at = allow; (at = strstr(at, method)) != NULL; at += len)
		if ((at == allow || at[-1] == ' ') && (at[len] == ',' || at[len] == '\0'))
			return;
	snprintf(allow + used, size - used, "%s%s", used > 0 ? ", " : "", method);
}
