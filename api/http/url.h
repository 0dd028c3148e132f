/* url.h: the target of a request, taken apart: decoded path segments and query arguments.
 * Pure. */
#ifndef API_HTTP_URL_H
#define API_HTTP_URL_H

#include "common/err.h"

#define URL_MAX_LEN	 8192
#define URL_MAX_SEGMENTS 16
#define URL_MAX_ARGS	 64

struct url_arg {
	const char *name;
	const char *value; /* "" if there was none */
};

struct url {
	char *path; /* "/a/b/c": decoded, doubled and trailing slashes folded */
	char *text; /* what segments and arguments point into */
	const char *segments[URL_MAX_SEGMENTS];
	unsigned n_segments;
	struct url_arg args[URL_MAX_ARGS];
	unsigned n_args;
};

/* Parses "/a//b%2Fc?x=1&y": segments "a", "b/c"; arguments x "1", y "". ERR_MALFORMED for
 * what is not such a target, a bad escape or a NUL in it. On failure url holds nothing.
 */
int url_parse(const char *target, struct url *url, struct err *err);
/* The value of the first argument of that name, or null. */
const char *url_arg(const struct url *url, const char *name);
/* Frees; a zeroed url is fine. */
void url_clear(struct url *url);

/* text with all but unreserved characters percent-encoded; malloc'd. */
char *url_encode(const char *text);

#endif
