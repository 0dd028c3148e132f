/* versions.h: the api_versions resources (SOL013 section 9), as routes that the server
 * adds. */
#ifndef API_HTTP_VERSIONS_H
#define API_HTTP_VERSIONS_H

#include "api/http/http.h"
#include "api/http/url.h"

struct versions;

/* Routes for each API: /NAME/api_versions, /NAME/v1/api_versions and the spelling
 * api-versions. apis may be null. Null without memory. */
struct versions *versions_create(const struct http_api_version *apis);
void versions_destroy(struct versions *versions); /* null is fine */
/* The tables to serve, n_tables of them, without an end mark. */
const struct http_table *versions_tables(
	const struct versions *versions, unsigned *n_tables);

/* The API that a path belongs to: /NAME/..., or null. */
const struct http_api_version *versions_of(
	const struct http_api_version *apis, const struct url *url);

#endif
