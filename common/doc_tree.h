/* doc_tree.h: what the parts of doc share. Internal to doc*.c. */
#ifndef COMMON_DOC_TREE_H
#define COMMON_DOC_TREE_H

#include <stdbool.h>
#include "common/doc.h"

#define DOC_MAX_DEPTH 64
#define DOC_MAX_NODES 8000000

/* Where a node of the tree stood; children in the order of the JSON node's. */
struct doc_node {
	unsigned line;
	unsigned n, size;
	struct doc_node *children;
};

/* Reads YAML. On success *root is a new reference and *where is filled. */
int doc_yaml_parse(const char *text, size_t len, const char *name, json_t **root,
	struct doc_node *where, struct err *err);
void doc_node_clear(struct doc_node *node);

/* A plain scalar by the core schema of YAML 1.2: new reference, a string if it is nothing
 * else; null if it is a number that does not fit. */
json_t *doc_plain(const char *text);
/* Must this string be quoted, lest it be read as something else? */
bool doc_needs_quotes(const char *text);

#endif
