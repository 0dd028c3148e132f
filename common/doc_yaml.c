/* doc_yaml.c: a YAML document built into a tree from libyaml's events: containers that
 * are not closed yet lie on a stack. Aliases are copied against a budget, so that a small
 * document cannot become a huge tree.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "common/doc_tree.h"

#define CORE_TAG "tag:yaml.org,2002:"

struct level { /* a container being filled */
	json_t *json;
	struct doc_node where;
	char *key;    /* of a mapping: its value comes next */
	char *anchor; /* name to give it when it is complete; null without */
};

struct builder {
	const char *name;
	struct err *err;
	struct level levels[DOC_MAX_DEPTH];
	unsigned depth, nodes;
	json_t *anchors; /* name: complete node */
	json_t *root;
	struct doc_node where;
};

static int build(struct builder *b, yaml_parser_t *parser);
static int on_event(struct builder *b, const yaml_event_t *event);
static int on_scalar(struct builder *b, const yaml_event_t *event);
static int scalar_value(struct builder *b, const yaml_event_t *event, json_t **value);
static int set_key(struct builder *b, const yaml_event_t *event);
static int on_alias(struct builder *b, const yaml_event_t *event);
static unsigned count_nodes(const json_t *json);
static int open_level(struct builder *b, const yaml_event_t *event, json_t *json,
	const yaml_char_t *anchor);
static int close_level(struct builder *b, const yaml_event_t *event);
static int add(struct builder *b, const yaml_event_t *event, json_t *json,
	struct doc_node where, const char *anchor);
static int append_child(struct doc_node *parent, struct doc_node child);
static int fail(struct builder *b, const yaml_event_t *event, enum err_code code,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void current_path(const struct builder *b, char *buf, size_t size);
static int fail_syntax(struct builder *b, const yaml_parser_t *parser);

int
doc_yaml_parse(const char *text, size_t len, const char *name, json_t **root,
	struct doc_node *where, struct err *err)
{
	struct builder *b = calloc(1, sizeof(*b));
	yaml_parser_t parser;
	if (!b || !yaml_parser_initialize(&parser)) {
		free(b);
		return err_sys(err, ENOMEM, "cannot read %s", name);
	}
	b->name = name;
	b->err = err;
	b->anchors = json_object();
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	const int rc = build(b, &parser);
	yaml_parser_delete(&parser);
	if (rc) {
		json_decref(b->root);
		doc_node_clear(&b->where);
	} else {
		*root = b->root ? b->root : json_null();
		*where = b->where;
	}
	while (b->depth) {
		struct level *level = &b->levels[--b->depth];
		json_decref(level->json);
		doc_node_clear(&level->where);
		free(level->key);
		free(level->anchor);
	}
	json_decref(b->anchors);
	free(b);
	return rc;
}

static int
build(struct builder *b, yaml_parser_t *parser)
{
	bool more = true;
	int rc = 0;
	while (more && !rc) {
		yaml_event_t event;
		if (!yaml_parser_parse(parser, &event))
			return fail_syntax(b, parser);
		rc = on_event(b, &event);
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	return rc;
}

static int
on_event(struct builder *b, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return b->root ? fail(b, event, ERR_MALFORMED,
					 "a second document begins, only one is expected")
			       : 0;
	case YAML_SCALAR_EVENT:
		return on_scalar(b, event);
	case YAML_ALIAS_EVENT:
		return on_alias(b, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_level(
			b, event, json_array(), event->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return open_level(
			b, event, json_object(), event->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_level(b, event);
	default:
		return 0;
	}
}

static bool
wants_key(const struct builder *b)
{
	const struct level *top = b->depth ? &b->levels[b->depth - 1] : NULL;
	return top && json_is_object(top->json) && !top->key;
}

static int
on_scalar(struct builder *b, const yaml_event_t *event)
{
	json_t *value;
	if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
		return fail(b, event, ERR_MALFORMED, "text with a NUL character");
	if (wants_key(b))
		return set_key(b, event);
	const int rc = scalar_value(b, event, &value);
	const struct doc_node where = {.line = event->start_mark.line + 1};
	return rc ? rc
		  : add(b, event, value, where, (const char *)event->data.scalar.anchor);
}

static int
scalar_value(struct builder *b, const yaml_event_t *event, json_t **value)
{
	static const char *const core[] = {"int", "float", "bool", "null"};
	const char *text = (const char *)event->data.scalar.value;
	const char *tag = (const char *)event->data.scalar.tag;
	bool plain = !tag && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (tag && strcmp(tag, "!") != 0 && strcmp(tag, CORE_TAG "str") != 0) {
		for (size_t i = 0; i < sizeof(core) / sizeof(core[0]); i++)
			if (strncmp(tag, CORE_TAG, strlen(CORE_TAG)) == 0 &&
				strcmp(tag + strlen(CORE_TAG), core[i]) == 0)
				plain = true;
		if (!plain)
			return fail(b, event, ERR_MALFORMED, "unknown tag %s", tag);
	}
	*value = plain ? doc_plain(text) : json_string(text);
	return *value ? 0
		      : fail(b, event, ERR_MALFORMED, "the number %s is out of range",
				text);
}

static int
set_key(struct builder *b, const yaml_event_t *event)
{
	struct level *top = &b->levels[b->depth - 1];
	const char *key = (const char *)event->data.scalar.value;
	if (strcmp(key, "<<") == 0 && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return fail(b, event, ERR_MALFORMED, "merge keys (<<) are not supported");
	if (json_object_get(top->json, key))
		return fail(b, event, ERR_MALFORMED, "duplicate key '%s'", key);
	top->key = strdup(key);
	return top->key ? 0 : err_sys(b->err, ENOMEM, "cannot read %s", b->name);
}

static int
on_alias(struct builder *b, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	const json_t *target = json_object_get(b->anchors, name);
	if (wants_key(b))
		return fail(b, event, ERR_MALFORMED, "a key must be text, not an alias");
	if (!target)
		return fail(b, event, ERR_MALFORMED, "unknown anchor '%s'", name);
	b->nodes += count_nodes(target);
	if (b->nodes > DOC_MAX_NODES)
		return fail(
			b, event, ERR_TOO_LARGE, "more than %d values", DOC_MAX_NODES);
	const struct doc_node where = {.line = event->start_mark.line + 1};
	return add(b, event, json_deep_copy(target), where, NULL);
}

static unsigned
count_nodes(const json_t *json)
{
	unsigned n = 1;
	const char *key;
	json_t *child;
	size_t i;
	json_array_foreach (json, i, child)
		n += count_nodes(child);
	json_object_foreach ((json_t *)json, key, child)
		n += count_nodes(child);
	return n;
}

/* Takes the reference of json. */
static int
open_level(struct builder *b, const yaml_event_t *event, json_t *json,
	const yaml_char_t *anchor)
{
	int rc = 0;
	if (wants_key(b))
		rc = fail(b, event, ERR_MALFORMED, "a key must be text");
	else if (b->depth == DOC_MAX_DEPTH)
		rc = fail(b, event, ERR_TOO_LARGE, "more than %d levels", DOC_MAX_DEPTH);
	if (rc) {
		json_decref(json);
		return rc;
	}
	b->levels[b->depth++] = (struct level){
		.json = json,
		.where.line = event->start_mark.line + 1,
		.anchor = anchor ? strdup((const char *)anchor) : NULL,
	};
	return 0;
}

static int
close_level(struct builder *b, const yaml_event_t *event)
{
	struct level level = b->levels[--b->depth];
	const int rc = add(b, event, level.json, level.where, level.anchor);
	free(level.anchor);
	return rc;
}

/* Puts a complete node where it belongs; takes the reference of json and the children of
 * where. */
static int
add(struct builder *b, const yaml_event_t *event, json_t *json, struct doc_node where,
	const char *anchor)
{
	struct level *top = b->depth ? &b->levels[b->depth - 1] : NULL;
	if (++b->nodes > DOC_MAX_NODES) {
		json_decref(json);
		doc_node_clear(&where);
		return fail(
			b, event, ERR_TOO_LARGE, "more than %d values", DOC_MAX_NODES);
	}
	if (anchor)
		json_object_set(b->anchors, anchor, json);
	if (!top) {
		b->root = json;
		b->where = where;
		return 0;
	}
	if (top->key)
		json_object_set_new(top->json, top->key, json);
	else
		json_array_append_new(top->json, json);
	free(top->key);
	top->key = NULL;
	return append_child(&top->where, where)
		       ? err_sys(b->err, ENOMEM, "cannot read %s", b->name)
		       : 0;
}

static int
append_child(struct doc_node *parent, struct doc_node child)
{
	if (parent->n == parent->size) {
		const unsigned size = parent->size ? 2 * parent->size : 4;
		struct doc_node *children =
			realloc(parent->children, size * sizeof(*children));
		if (!children) {
			doc_node_clear(&child);
			return -ENOMEM;
		}
		parent->children = children;
		parent->size = size;
	}
	parent->children[parent->n++] = child;
	return 0;
}

void
doc_node_clear(struct doc_node *node)
{
	for (unsigned i = 0; i < node->n; i++)
		doc_node_clear(&node->children[i]);
	free(node->children);
	*node = (struct doc_node){0};
}

static int
fail(struct builder *b, const yaml_event_t *event, enum err_code code, const char *fmt,
	...)
{
	char text[256], path[192];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	current_path(b, path, sizeof(path));
	return err_set(b->err, code, path, NULL, "%s:%zu:%zu: %s", b->name,
		event->start_mark.line + 1, event->start_mark.column + 1, text);
}

static void
current_path(const struct builder *b, char *buf, size_t size)
{
	size_t len = 0;
	*buf = '\0';
	for (unsigned i = 0; i < b->depth && len < size; i++) {
		const struct level *level = &b->levels[i];
		if (level->key)
			len += snprintf(buf + len, size - len, "%s%s", len ? "." : "",
				level->key);
		else if (json_is_array(level->json))
			len += snprintf(buf + len, size - len, "[%zu]",
				json_array_size(level->json));
	}
}

static int
fail_syntax(struct builder *b, const yaml_parser_t *parser)
{
	char path[192];
	const bool reader = parser->error == YAML_READER_ERROR;
	const char *problem = parser->problem ? parser->problem : "out of memory";
	current_path(b, path, sizeof(path));
	if (reader)
		return err_set(b->err, ERR_MALFORMED, path, NULL, "%s: %s at byte %zu",
			b->name, problem, parser->problem_offset);
	return err_set(b->err, ERR_MALFORMED, path, NULL, "%s:%zu:%zu: %s%s%s", b->name,
		parser->problem_mark.line + 1, parser->problem_mark.column + 1, problem,
		parser->context ? " " : "", parser->context ? parser->context : "");
}
