/* openapi.c: the API description, made from the route tables. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "api/http/http.h"

static void add_route(json_t *paths, const struct http_route *route);
static json_t *operation(const struct http_route *route);
static json_t *parameters(const char *pattern);
static json_t *request_body(enum http_body kind);
static char *without_stars(const char *pattern);

json_t *
http_openapi(const struct http_config *config, const char *title)
{
	json_t *paths = json_object();
	for (const struct http_table *t = config->tables; t->routes != NULL; t++)
		for (const struct http_route *r = t->routes; r->method != NULL; r++)
			add_route(paths, r);
	return json_pack("{s:s, s:{s:s, s:s}, s:o, s:{s:{s:{s:s, s:s}, s:{s:s, s:s}}}}",
		"openapi", "3.0.3", "info", "title", title, "version", RENGA_VERSION,
		"paths", paths, "components", "securitySchemes", "bearer", "type", "http",
		"scheme", "bearer", "basic", "type", "http", "scheme", "basic");
}

static void
add_route(json_t *paths, const struct http_route *route)
{
	char *pattern = without_stars(route->pattern);
	char method[16] = "";
	for (size_t i = 0; i < sizeof(method) - 1 && route->method[i] != '\0'; i++)
		method[i] = (char)tolower((unsigned char)route->method[i]);
	json_t *path = json_object_get(paths, pattern);
	if (path == NULL) {
		path = json_object();
		json_object_set_new(paths, pattern, path);
	}
	json_object_set_new(path, method, operation(route));
	free(pattern);
}

static json_t *
operation(const struct http_route *route)
{
	static const char *const roles[] = {"viewer", "operator", "admin"};
	json_t *op = json_pack("{s:s, s:o, s:{s:{s:s}, s:{s:s}}}", "summary",
		route->summary != NULL ? route->summary : "", "parameters",
		parameters(route->pattern), "responses", "2XX", "description", "done",
		"default", "description", "ProblemDetails");
	json_t *body = request_body(route->body);
	if (body != NULL)
		json_object_set_new(op, "requestBody", body);
	json_t *security = json_array();
	if (route->auth != HTTP_AUTH_NONE) {
		json_array_append_new(security, json_pack("{s:[]}", "bearer"));
		json_array_append_new(security, json_pack("{s:[]}", "basic"));
		json_object_set_new(op, "x-renga-role", json_string(roles[route->role]));
	}
	json_object_set_new(op, "security", security);
	return op;
}

static json_t *
parameters(const char *pattern)
{
	json_t *list = json_array();
	for (const char *at = pattern; (at = strchr(at, '{')) != NULL;) {
		size_t len = strcspn(++at, "*}");
		json_array_append_new(list,
			json_pack("{s:s%, s:s, s:b, s:{s:s}}", "name", at, len, "in",
				"path", "required", 1, "schema", "type", "string"));
	}
	return list;
}

static json_t *
request_body(enum http_body kind)
{
	static const char *const media[] = {[HTTP_BODY_JSON] = "application/json",
		[HTTP_BODY_DOC] = "application/yaml",
		[HTTP_BODY_RAW] = "application/octet-stream"};
	if (kind == HTTP_BODY_NONE)
		return NULL;
	json_t *content = json_pack("{s:{}}", media[kind]);
	if (kind == HTTP_BODY_DOC)
		json_object_set_new(content, "application/json", json_object());
	return json_pack("{s:o}", "content", content);
}

static char *
without_stars(const char *pattern)
{
	char *copy = strdup(pattern), *out = copy;
	for (const char *in = pattern; *in != '\0'; in++)
		if (*in != '*')
			*out++ = *in;
	*out = '\0';
	return copy;
}
