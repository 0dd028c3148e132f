/* json_text.h: JSON text read into trees (jansson) and written from them, for documents
 * of megabytes: what jansson does, several times as fast. A routing table goes through it
 * many times on its way to the VNF.
 *
 * What is usual is read here; what is not (escapes, characters beyond ASCII, reals) is
 * left to jansson value by value, and so are documents that are wrong, which makes the
 * messages jansson's. Any thread.
 */
#ifndef COMMON_JSON_TEXT_H
#define COMMON_JSON_TEXT_H

#include <stddef.h>
#include <jansson.h>

/* As json_loadb(): a new reference; null, and why in *where (null accepted).
 * flags: JSON_REJECT_DUPLICATES, JSON_DECODE_ANY. */
json_t *json_text_read(const char *text, size_t len, size_t flags, json_error_t *where);

/* As json_dumps() with JSON_COMPACT | JSON_ENCODE_ANY: malloc'd, ends in NUL, which *len
 * (null accepted) does not count. Null: out of memory, or json is. */
char *json_text_write(const json_t *json, size_t *len);
/* The same behind `head` bytes that are the caller's to fill. */
char *json_text_write_behind(size_t head, const json_t *json, size_t *len);
/* A scalar as json_dumps() with JSON_ENCODE_ANY, a real by the fewest digits (15 to 17)
 * that read back equal. malloc'd; null: out of memory. */
char *json_text_scalar(const json_t *scalar);

#endif
