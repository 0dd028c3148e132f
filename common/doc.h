/* doc.h: YAML and JSON documents read into the same tree (jansson), with line numbers.
 *
 * Limits: 64 levels deep, 1,000,000 nodes after aliases are expanded; a duplicate key is
 * an error. Plain YAML scalars follow YAML 1.2's core schema (true/false, null, integers,
 * floats; all else strings), so `on`, `yes` and 10.0.0.1/24 are strings. Paths are
 * written `path[1].config.rules[0].action`.
 */
#ifndef COMMON_DOC_H
#define COMMON_DOC_H

#include <stddef.h>
#include <jansson.h>
#include "common/err.h"

enum doc_format {
	DOC_AUTO,
	DOC_JSON,
	DOC_YAML
}; /* AUTO: JSON if it starts with { or [ */

struct doc; /* a tree and where its nodes stood */

/* Parses text (len bytes, need not end in NUL). name is a file name for messages, or
 * null. ERR_MALFORMED with "NAME:LINE:COLUMN: ..." in the text, ERR_TOO_LARGE beyond a
 * limit. */
int doc_parse(const char *text, size_t len, enum doc_format format, const char *name,
	struct doc **doc, struct err *err);
/* The same from a file, "-" is stdin; at most max bytes (0: 64 MiB). ERR_NOT_FOUND, ...
 */
int doc_read(const char *file, size_t max, struct doc **doc, struct err *err);
void doc_close(struct doc *doc);

/* Borrowed; lives as long as doc unless the caller takes a reference. */
json_t *doc_root(const struct doc *doc);
/* 1-based line of the node at path, or of its nearest known parent; 0 if unknown. */
unsigned doc_line(const struct doc *doc, const char *path);

/* The node at path below root (borrowed), or null. */
json_t *doc_at(json_t *root, const char *path);

/* A tree as block-style YAML text that doc_parse() reads back equal. malloc'd; caller
 * frees. */
char *doc_to_yaml(const json_t *root);

#endif
