/* match.c: see match.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "api/http/match.h"

static bool range_numbers(const char *spec, size_t len, size_t *first, size_t *last);
static bool range_number(const char **text, size_t *number);
static bool accept_item(const char *item, size_t len, const char *content_type);
static bool quality_is_zero(const char *params, size_t len);

bool
match_etag(const char *header, const char *tag, bool weak)
{
	size_t tag_len = strlen(tag);
	for (const char *at = header; *at != '\0';) {
		at += strspn(at, ", \t");
		if (*at == '*')
			return true;
		bool is_weak = strncmp(at, "W/", 2) == 0;
		at += is_weak ? 2 : 0;
		bool quoted = *at == '"';
		at += quoted ? 1 : 0;
		size_t len = strcspn(at, quoted ? "\"" : ", \t");
		if (len == tag_len && strncmp(at, tag, len) == 0 && (weak || !is_weak))
			return true;
		at += len + (quoted && at[len] == '"' ? 1 : 0);
	}
	return false;
}

enum match_range
match_range(const char *header, size_t len, size_t *first, size_t *last)
{
	if (header == NULL || strncasecmp(header, "bytes=", 6) != 0 ||
		strchr(header, ',') != NULL)
		return MATCH_RANGE_NONE;
	if (!range_numbers(header + 6, len, first, last))
		return MATCH_RANGE_BAD;
	return MATCH_RANGE_PART;
}

bool
match_accept(const char *header, const char *content_type)
{
	if (header == NULL || header[0] == '\0')
		return true;
	for (const char *at = header; *at != '\0';) {
		at += strspn(at, ", \t");
		size_t len = strcspn(at, ",");
		if (len > 0 && accept_item(at, len, content_type))
			return true;
		at += len;
	}
	return false;
}

bool
match_media(const char *header, const char *media)
{
	size_t len = strcspn(header, "; \t");
	return len == strlen(media) && strncasecmp(header, media, len) == 0;
}

bool
match_version(const char *wanted, const char *ours)
{
	unsigned major, minor, patch, our_major, our_minor, our_patch;
	int end = 0;
	if (sscanf(wanted, "%3u.%3u.%3u%n", &major, &minor, &patch, &end) != 3 ||
		(wanted[end] != '\0' && wanted[end] != '-'))
		return false;
	if (sscanf(ours, "%3u.%3u.%3u", &our_major, &our_minor, &our_patch) != 3)
		return false;
	return major == our_major && minor <= our_minor;
}

/* "0-99", "100-", "-50". */
static bool
range_numbers(const char *spec, size_t len, size_t *first, size_t *last)
{
	size_t suffix;
	if (*spec == '-') {
		spec++;
		if (!range_number(&spec, &suffix) || *spec != '\0' || suffix == 0 ||
			len == 0)
			return false;
		*first = suffix < len ? len - suffix : 0;
		*last = len - 1;
		return true;
	}
	if (!range_number(&spec, first) || *spec++ != '-' || *first >= len)
		return false;
	*last = len - 1;
	if (*spec == '\0')
		return true;
	if (!range_number(&spec, last) || *spec != '\0' || *last < *first)
		return false;
	*last = *last < len ? *last : len - 1;
	return true;
}

static bool
range_number(const char **text, size_t *number)
{
	if (!isdigit((unsigned char)**text))
		return false;
	char *end;
	*number = strtoull(*text, &end, 10);
	*text = end;
	return true;
}

static bool
accept_item(const char *item, size_t len, const char *content_type)
{
	size_t media = strcspn(item, ";, \t");
	media = media < len ? media : len;
	if (quality_is_zero(item + media, len - media))
		return false;
	if (media == 3 && strncmp(item, "*/*", 3) == 0)
		return true;
	size_t type = strcspn(content_type, ";");
	if (media > 2 && strncmp(item + media - 2, "/*", 2) == 0)
		return strncasecmp(item, content_type, media - 1) == 0;
	return media == type && strncasecmp(item, content_type, media) == 0;
}

static bool
quality_is_zero(const char *params, size_t len)
{
	const char *q = memmem(params, len, "q=0", 3);
	if (q == NULL)
		return false;
	const char *rest = q + 3;
	rest += strspn(rest, ".0");
	return rest >= params + len || !isdigit((unsigned char)*rest);
}
