/* field.c: a configuration struct filled from JSON by the table of its fields, and freed
 * by it. */
#include "common/field_type.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX  1000000
#define PATH_SIZE sizeof(((struct err *)0)->path)
#define NAMES_MAX 64

/* What a whole parse shares: where faults go, and the first one's errno. */
struct parse {
	struct faults *faults;
	int rc;
};

static void parse_table(struct parse *parse, const struct field *table,
	const json_t *json, const char *path, void *obj);
static void parse_field(struct parse *parse, const struct field *field,
	const json_t *json, const char *path, void *obj);
static void parse_absent(struct parse *parse, const struct field *field, const char *path,
	void *obj, bool owner_given);
static void parse_list(struct parse *parse, const struct field *field, const json_t *json,
	const char *path, void *obj);
static void parse_one(struct parse *parse, const struct field *field, const json_t *json,
	const char *path, void *out);
static void refuse_unknown(struct parse *parse, const struct field *table,
	const json_t *json, const char *path);
static void fault(struct parse *parse, int rc);
static size_t append(char out[PATH_SIZE], size_t at, const char *text, size_t len);
static size_t start(char out[PATH_SIZE], const char *path);
static void number(char out[PATH_SIZE], size_t at, size_t i);
static bool find_members(
	const struct field *table, const json_t *json, const json_t *members[NAMES_MAX]);
static void clear_list(const struct field *field, void *obj);
static void clear_one(const struct field *field, void *value);

int
field_parse(const struct field *table, const json_t *json, const char *path, void *obj,
	size_t obj_size, struct faults *faults)
{
	const int rc = field_read(table, json, path, obj, obj_size, faults);

	if (rc)
		field_clear(table, obj);
	return rc;
}

int
field_read(const struct field *table, const json_t *json, const char *path, void *obj,
	size_t obj_size, struct faults *faults)
{
	struct parse parse = {.faults = faults};
	json_t *empty = json_object();
	memset(obj, 0, obj_size);
	parse_table(&parse, table, json && !json_is_null(json) ? json : empty, path, obj);
	json_decref(empty);
	return parse.rc;
}

/* json null: an object that was left out; so are its members, and none of them is missed.
 */
static void
parse_table(struct parse *parse, const struct field *table, const json_t *json,
	const char *path, void *obj)
{
	const json_t *members[NAMES_MAX];
	char inner[PATH_SIZE];
	if (json && !json_is_object(json)) {
		fault(parse,
			faults_add(parse->faults, ERR_INVALID, path, NULL,
				"must be an object with members like '%s'", table->name));
		return;
	}
	const bool known = find_members(table, json, members);
	const size_t at = start(inner, path);
	for (size_t i = 0; table[i].name; i++) {
		append(inner, at, table[i].name, strlen(table[i].name));
		if (members[i] && !json_is_null(members[i]))
			parse_field(parse, &table[i], members[i], inner, obj);
		else
			parse_absent(parse, &table[i], inner, obj, json != NULL);
	}
	if (!known)
		refuse_unknown(parse, table, json, path);
}

/* The member for each field, null where there is none. False: there are others, too. */
static bool
find_members(
	const struct field *table, const json_t *json, const json_t *members[NAMES_MAX])
{
	const char *name;
	json_t *value;
	bool known = true;
	for (size_t i = 0; table[i].name; i++) {
		assert(i < NAMES_MAX);
		members[i] = NULL;
	}
	json_object_foreach ((json_t *)json, name, value) {
		size_t i = 0;
		while (table[i].name && strcmp(table[i].name, name) != 0)
			i++;
		if (table[i].name)
			members[i] = value;
		else
			known = false;
	}
	return known;
}

static void
parse_field(struct parse *parse, const struct field *field, const json_t *json,
	const char *path, void *obj)
{
	if (field->present)
		*(bool *)((char *)obj + field->present_offset) = true;
	if (field->list)
		parse_list(parse, field, json, path, obj);
	else
		parse_one(parse, field, json, path, (char *)obj + field->offset);
}

static void
parse_absent(struct parse *parse, const struct field *field, const char *path, void *obj,
	bool owner_given)
{
	if (field->type == FIELD_ENUM && field->dflt && !field->list) {
		*(int *)((char *)obj + field->offset) = field_enum_default(field);
		return;
	}
	json_t *dflt = field_default(field);
	if (dflt && field->list)
		parse_list(parse, field, dflt, path, obj);
	else if (dflt ||
		 (field->type == FIELD_STRUCT && !field->list && !field->required))
		parse_one(parse, field, dflt, path, (char *)obj + field->offset);
	else if (field->required && owner_given)
		fault(parse, faults_add(parse->faults, ERR_INVALID, path, field->help,
				     "'%s' is required", field->name));
	json_decref(dflt);
}

static void
parse_list(struct parse *parse, const struct field *field, const json_t *json,
	const char *path, void *obj)
{
	const bool many = json_is_array(json);
	const size_t n = many ? json_array_size(json) : 1;
	const size_t most = field->max_len ? field->max_len : LIST_MAX;
	const size_t size = field_size(field);
	char item[PATH_SIZE];
	const size_t at = append(item, 0, path, strlen(path));
	if (n > most) {
		fault(parse,
			faults_add(parse->faults, ERR_TOO_LARGE, path, NULL,
				"has %zu entries, at most %zu are allowed", n, most));
		return;
	}
	char *elements = n ? calloc(n, size) : NULL;
	if (n && !elements) {
		fault(parse, faults_add(parse->faults, ERR_INTERNAL, path, NULL,
				     "out of memory"));
		return;
	}
	*(void **)((char *)obj + field->offset) = elements;
	*(unsigned *)((char *)obj + field->count) = n;
	for (size_t i = 0; i < n; i++) {
		if (many)
			number(item, at, i);
		parse_one(parse, field, many ? json_array_get(json, i) : json,
			many ? item : path, elements + i * size);
	}
}

static void
parse_one(struct parse *parse, const struct field *field, const json_t *json,
	const char *path, void *out)
{
	if (field->type == FIELD_STRUCT)
		parse_table(parse, field->sub, json, path, out);
	else
		fault(parse, field_types[field->type].parse(
				     field, json, path, out, parse->faults));
}

static void
refuse_unknown(struct parse *parse, const struct field *table, const json_t *json,
	const char *path)
{
	const char *names[NAMES_MAX + 1] = {0}, *name;
	char inner[PATH_SIZE], hint[sizeof(((struct err *)0)->hint)];
	size_t n = 0;
	json_t *value;
	for (; table[n].name; n++) {
		assert(n < NAMES_MAX);
		names[n] = table[n].name;
	}
	json_object_foreach ((json_t *)json, name, value) {
		size_t i = 0;
		while (names[i] && strcmp(names[i], name) != 0)
			i++;
		if (names[i])
			continue;
		const char *nearest = field_nearest(name, names);
		size_t len = snprintf(hint, sizeof(hint),
			nearest ? "did you mean '%s'?" : "known: %s",
			nearest ? nearest : names[0]);
		for (i = 1; !nearest && names[i] && len < sizeof(hint); i++)
			len += snprintf(hint + len, sizeof(hint) - len, ", %s", names[i]);
		append(inner, start(inner, path), name, strlen(name));
		fault(parse, faults_add(parse->faults, ERR_INVALID, inner, hint,
				     "unknown member '%s'", name));
	}
}

static void
fault(struct parse *parse, int rc)
{
	if (!parse->rc)
		parse->rc = rc;
}

/* Paths are made for every value, before it is known whether one is told. Appends as much
 * as there is room for; returns the new end. */
static size_t
append(char out[PATH_SIZE], size_t at, const char *text, size_t len)
{
	if (len > PATH_SIZE - 1 - at)
		len = PATH_SIZE - 1 - at;
	memcpy(out + at, text, len);
	out[at + len] = '\0';
	return at + len;
}

/* "path.", or nothing: what comes before a name. */
static size_t
start(char out[PATH_SIZE], const char *path)
{
	const size_t at = append(out, 0, path, strlen(path));
	return *path ? append(out, at, ".", 1) : at;
}

/* path[i], behind the path */
static void
number(char out[PATH_SIZE], size_t at, size_t i)
{
	char digits[24], *first = digits + sizeof(digits);
	*--first = ']';
	do
		*--first = (char)('0' + i % 10);
	while ((i /= 10) > 0);
	*--first = '[';
	append(out, at, first, (size_t)(digits + sizeof(digits) - first));
}

void
field_clear(const struct field *table, void *obj)
{
	for (const struct field *field = table; obj && field->name; field++) {
		if (field->list)
			clear_list(field, obj);
		else
			clear_one(field, (char *)obj + field->offset);
	}
}

static void
clear_list(const struct field *field, void *obj)
{
	void **elements = (void **)((char *)obj + field->offset);
	unsigned *n = (unsigned *)((char *)obj + field->count);
	for (unsigned i = 0; i < *n; i++)
		clear_one(field, (char *)*elements + i * field_size(field));
	free(*elements);
	*elements = NULL;
	*n = 0;
}

static void
clear_one(const struct field *field, void *value)
{
	if (field->type == FIELD_STRUCT) {
		field_clear(field->sub, value);
	} else if (field->type == FIELD_STRING) {
		free(*(char **)value);
		*(char **)value = NULL;
	} else if (field->type == FIELD_CUSTOM) {
		if (field->clear)
			field->clear(field, value);
		memset(value, 0, field->size);
	}
}
