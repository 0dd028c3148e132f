/* versions.c: see versions.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/http/versions.h"

#define SPELLINGS 4

static const char *const spellings[SPELLINGS] = {
	"/api_versions", "/v1/api_versions", "/api-versions", "/v1/api-versions"};

struct versions {
	unsigned n;
	struct http_table *tables;
	struct http_route *routes; /* SPELLINGS and an end for each table */
};

static bool fill_table(
	struct versions *versions, unsigned i, const struct http_api_version *api);
static void get_versions(const struct http_request *request, struct http_reply *reply);

struct versions *
versions_create(const struct http_api_version *apis)
{
	struct versions *versions = calloc(1, sizeof(*versions));
	if (versions == NULL)
		return NULL;
	while (apis != NULL && apis[versions->n].name != NULL)
		versions->n++;
	versions->tables = calloc(versions->n + 1, sizeof(*versions->tables));
	versions->routes = calloc(
		(size_t)(versions->n + 1) * (SPELLINGS + 1), sizeof(*versions->routes));
	bool made = versions->tables != NULL && versions->routes != NULL;
	for (unsigned i = 0; made && i < versions->n; i++)
		made = fill_table(versions, i, &apis[i]);
	if (made)
		return versions;
	versions_destroy(versions);
	return NULL;
}

void
versions_destroy(struct versions *versions)
{
	if (versions == NULL)
		return;
	for (unsigned i = 0;
		versions->routes != NULL && i < versions->n * (SPELLINGS + 1); i++)
		free((char *)versions->routes[i].pattern);
	free(versions->routes);
	free(versions->tables);
	free(versions);
}

const struct http_table *
versions_tables(const struct versions *versions, unsigned *n_tables)
{
	*n_tables = versions->n;
	return versions->tables;
}

const struct http_api_version *
versions_of(const struct http_api_version *apis, const struct url *url)
{
	if (url->n_segments == 0)
		return NULL;
	for (const struct http_api_version *a = apis; a != NULL && a->name != NULL; a++)
		if (strcmp(a->name, url->segments[0]) == 0)
			return a;
	return NULL;
}

static bool
fill_table(struct versions *versions, unsigned i, const struct http_api_version *api)
{
	struct http_route *routes = &versions->routes[i * (SPELLINGS + 1)];
	for (unsigned k = 0; k < SPELLINGS; k++) {
		char pattern[128];
		snprintf(pattern, sizeof(pattern), "/%s%s", api->name, spellings[k]);
		routes[k] = (struct http_route){.method = "GET",
			.pattern = strdup(pattern),
			.handler = get_versions,
			.auth = HTTP_AUTH_NONE,
			.summary = "versions of this API"};
		if (routes[k].pattern == NULL)
			return false;
	}
	versions->tables[i] = (struct http_table){.routes = routes, .arg = (void *)api};
	return true;
}

static void
get_versions(const struct http_request *request, struct http_reply *reply)
{
	const struct http_api_version *api = request->arg;
	const char *host = http_header(request, "Host");
	char prefix[256];
	snprintf(prefix, sizeof(prefix), "%s%s/%s/v1/", host != NULL ? "http://" : "",
		host != NULL ? host : "", api->name);
	http_reply_json(reply, 200,
		json_pack("{s:s, s:[{s:s, s:b}]}", "uriPrefix", prefix, "apiVersions",
			"version", api->version, "isDeprecated", 0));
}
