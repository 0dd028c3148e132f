/* body.h: the body of a request by its media type. Pure. */
#ifndef API_HTTP_BODY_H
#define API_HTTP_BODY_H

#include "api/http/http.h"
#include "common/doc.h"

/* Is the media type one that the route takes? An absent one ("") counts as the route's
 * first. */
bool body_accepts(enum http_body kind, const char *content_type);
/* Parses JSON or YAML. *doc stays null for a kind that is not parsed, and for an empty
 * body. ERR_MALFORMED with line and column, ERR_TOO_LARGE beyond max_depth. */
int body_parse(enum http_body kind, const char *content_type, const char *body,
	size_t len, unsigned max_depth, struct doc **doc, struct err *err);

#endif
