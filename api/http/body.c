/* body.c: see body.h. */
#include "api/http/body.h"
#include <string.h>
#include "api/http/match.h"

static bool is_json(const char *content_type);
static unsigned json_depth(const char *text, size_t len);
static const char *string_end(const char *at, const char *end);

bool
body_accepts(enum http_body kind, const char *content_type)
{
	static const char *const documents[] = {"application/yaml", "application/x-yaml",
		"text/yaml", "text/x-yaml", "text/plain", NULL};
	if (kind == HTTP_BODY_NONE || kind == HTTP_BODY_RAW || content_type[0] == '\0')
		return true;
	if (is_json(content_type))
		return true;
	if (kind == HTTP_BODY_DOC)
		for (const char *const *media = documents; *media != NULL; media++)
			if (match_media(content_type, *media))
				return true;
	return false;
}

int
body_parse(enum http_body kind, const char *content_type, const char *body, size_t len,
	unsigned max_depth, struct doc **doc, struct err *err)
{
	*doc = NULL;
	if (len == 0 || kind == HTTP_BODY_NONE || kind == HTTP_BODY_RAW)
		return 0;
	bool json = kind == HTTP_BODY_JSON || is_json(content_type);
	if (json && json_depth(body, len) > max_depth)
		return err_set(err, ERR_TOO_LARGE, NULL, NULL,
			"the body is nested deeper than %u levels", max_depth);
	return doc_parse(body, len, json ? DOC_JSON : DOC_AUTO, "body", doc, err);
}

static bool
is_json(const char *content_type)
{
	return match_media(content_type, "application/json") ||
	       match_media(content_type, "application/merge-patch+json");
}

/* Of brackets outside strings. */
static unsigned
json_depth(const char *text, size_t len)
{
	const char *const end = text + len;
	unsigned depth = 0, deepest = 0;
	for (const char *at = text; at < end; at++) {
		if (*at == '"')
			at = string_end(at, end);
		else if (*at == '{' || *at == '[')
			depth++;
		else if ((*at == '}' || *at == ']') && depth > 0)
			depth--;
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest;
}

/* The quote that closes the string whose first is at `at`; else end. */
static const char *
string_end(const char *at, const char *end)
{
	while (at < end && (at = memchr(at + 1, '"', (size_t)(end - at - 1))) != NULL) {
		const char *before = at;
		while (before[-1] == '\\')
			before--;
		if ((at - before) % 2 == 0)
			return at;
	}
	return end;
}
