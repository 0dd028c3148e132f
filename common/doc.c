/* doc.c: YAML and JSON documents read into the same tree, and places in it. */
#include "common/doc.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/dirs.h"
#include "common/doc_tree.h"
#include "common/json_text.h"

#define DEFAULT_MAX (64u << 20)
#define KEY_SIZE    256

struct doc {
	json_t *root;
	struct doc_node where;
	char *unplaced; /* JSON text whose lines nobody has asked for yet */
	size_t unplaced_len;
};

static enum doc_format guess(const char *text, size_t len);
static int parse_json(
	const char *text, size_t len, const char *name, struct doc *doc, struct err *err);
static int check_limits(const json_t *json, unsigned depth, unsigned *nodes);
static void place_json(struct doc *doc);
static bool next_step(const char **path, char key[KEY_SIZE], size_t *index);
static json_t *step(json_t *node, const char *key, size_t *index);

int
doc_parse(const char *text, size_t len, enum doc_format format, const char *name,
	struct doc **out, struct err *err)
{
	struct doc *doc = calloc(1, sizeof(*doc));
	if (!doc)
		return err_sys(err, ENOMEM, "cannot read the document");
	if (!name)
		name = "document";
	if (format == DOC_AUTO)
		format = guess(text, len);
	const int rc = format == DOC_JSON ? parse_json(text, len, name, doc, err)
					  : doc_yaml_parse(text, len, name, &doc->root,
						    &doc->where, err);
	if (rc)
		doc_close(doc);
	else
		*out = doc;
	return rc;
}

static enum doc_format
guess(const char *text, size_t len)
{
	while (len && isspace((unsigned char)*text))
		text++, len--;
	return len && (*text == '{' || *text == '[') ? DOC_JSON : DOC_YAML;
}

static int
parse_json(
	const char *text, size_t len, const char *name, struct doc *doc, struct err *err)
{
	json_error_t where;
	unsigned nodes = 0;
	doc->root = json_text_read(text, len, JSON_REJECT_DUPLICATES, &where);
	if (!doc->root)
		return err_set(err, ERR_MALFORMED, NULL, NULL, "%s:%d:%d: %s", name,
			where.line, where.column, where.text);
	if (check_limits(doc->root, 1, &nodes))
		return err_set(err, ERR_TOO_LARGE, NULL, NULL,
			"%s: more than %d levels or %d values", name, DOC_MAX_DEPTH,
			DOC_MAX_NODES);
	doc->unplaced = malloc(len);
	if (!doc->unplaced)
		return err_sys(err, ENOMEM, "cannot read %s", name);
	memcpy(doc->unplaced, text, len);
	doc->unplaced_len = len;
	return 0;
}

static int
check_limits(const json_t *json, unsigned depth, unsigned *nodes)
{
	const char *key;
	json_t *child;
	size_t i;
	if (depth > DOC_MAX_DEPTH || ++*nodes > DOC_MAX_NODES)
		return -EMSGSIZE;
	json_array_foreach (json, i, child)
		if (check_limits(child, depth + 1, nodes))
			return -EMSGSIZE;
	json_object_foreach ((json_t *)json, key, child)
		if (check_limits(child, depth + 1, nodes))
			return -EMSGSIZE;
	return 0;
}

int
doc_read(const char *file, size_t max, struct doc **doc, struct err *err)
{
	const bool is_stdin = strcmp(file, "-") == 0;
	char *text;
	size_t len;
	if (!max)
		max = DEFAULT_MAX;
	int rc = is_stdin ? dirs_read_fd(STDIN_FILENO, "stdin", max, &text, &len, err)
			  : dirs_read_file(file, max, &text, &len, err);
	if (rc)
		return rc;
	rc = doc_parse(text, len, DOC_AUTO, is_stdin ? "stdin" : file, doc, err);
	free(text);
	return rc;
}

void
doc_close(struct doc *doc)
{
	if (!doc)
		return;
	json_decref(doc->root);
	doc_node_clear(&doc->where);
	free(doc->unplaced);
	free(doc);
}

json_t *
doc_root(const struct doc *doc)
{
	return doc->root;
}

unsigned
doc_line(const struct doc *doc, const char *path)
{
	char key[KEY_SIZE];
	size_t index;
	if (doc->unplaced)
		place_json((struct doc *)doc);
	const struct doc_node *node = &doc->where;
	json_t *json = doc->root;
	while (next_step(&path, key, &index)) {
		json = step(json, key, &index);
		if (!json || index >= node->n)
			break;
		node = &node->children[index];
	}
	return node->line;
}

/* JSON is YAML but for rare escapes; where it is not, the lines stay unknown. */
static void
place_json(struct doc *doc)
{
	json_t *same;
	if (doc_yaml_parse(
		    doc->unplaced, doc->unplaced_len, "", &same, &doc->where, NULL) == 0)
		json_decref(same);
	free(doc->unplaced);
	doc->unplaced = NULL;
}

json_t *
doc_at(json_t *root, const char *path)
{
	char key[KEY_SIZE];
	size_t index;
	while (root && next_step(&path, key, &index))
		root = step(root, key, &index);
	return root;
}

/* Takes the next "name", ".name" or "[3]" off the path; for an index the key is empty. */
static bool
next_step(const char **path, char key[KEY_SIZE], size_t *index)
{
	const char *at = *path;
	if (*at == '[') {
		*key = '\0';
		*index = strtoul(at + 1, NULL, 10);
		at += strcspn(at, "]");
		*path = *at ? at + 1 : at;
		return true;
	}
	at += *at == '.';
	const size_t len = strcspn(at, ".[");
	if (len == 0 || len >= KEY_SIZE)
		return false;
	memcpy(key, at, len);
	key[len] = '\0';
	*path = at + len;
	return true;
}

/* The child, null if there is none; *index becomes its number among its siblings. */
static json_t *
step(json_t *node, const char *key, size_t *index)
{
	const char *name;
	json_t *child;
	if (!*key)
		return json_array_get(node, *index);
	*index = 0;
	json_object_foreach (node, name, child) {
		if (strcmp(name, key) == 0)
			return child;
		++*index;
	}
	return NULL;
}
