/* match.h: request headers against what the server has: ETag, Range, Accept, Version.
 * Pure. */
#ifndef API_HTTP_MATCH_H
#define API_HTTP_MATCH_H

#include <stdbool.h>
#include <stddef.h>

/* Does If-Match or If-None-Match name the tag (without quotes)? "*" names any. Weak tags
 * (W/"x") only count if weak is true (RFC 9110, 8.8.3.2). */
bool match_etag(const char *header, const char *tag, bool weak);

enum match_range { MATCH_RANGE_NONE, MATCH_RANGE_PART, MATCH_RANGE_BAD };

/* One byte range of a body of len bytes: first and last, inclusive. NONE: no range, or
 * several, or another unit: the whole body is the answer. BAD: not satisfiable. */
enum match_range match_range(const char *header, size_t len, size_t *first, size_t *last);

/* Does an Accept header (null: any) allow the media type "application/json"? */
bool match_accept(const char *header, const char *content_type);

/* Is the media type of a Content-Type header, without its parameters, this one? */
bool match_media(const char *header, const char *media);

/* Can "MAJOR.MINOR.PATCH[-impl...]" be served by ours: the same major, and no newer
 * minor. */
bool match_version(const char *wanted, const char *ours);

#endif
