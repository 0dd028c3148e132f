/* field_print.c: a configuration struct printed by the table of its fields, and the table
 * described. */
#include "common/field_type.h"

#include <assert.h>
#include <string.h>

static json_t *print_field(const struct field *field, const void *obj);
static json_t *print_one(const struct field *field, const void *in);
static json_t *describe(const struct field *field);
static json_t *describe_values(const struct field_value *values);
static void put(json_t *object, const char *name, json_t *value);

json_t *
field_print(const struct field *table, const void *obj)
{
	json_t *object = json_object();
	for (const struct field *field = table; field->name; field++)
		put(object, field->name, print_field(field, obj));
	return object;
}

/* Null: the member was not given and has no value to show. */
static json_t *
print_field(const struct field *field, const void *obj)
{
	const char *at = (const char *)obj + field->offset;
	if (field->present && !*(const bool *)((const char *)obj + field->present_offset))
		return NULL;
	if (!field->list)
		return print_one(field, at);
	const unsigned n = *(const unsigned *)((const char *)obj + field->count);
	const char *elements = *(void *const *)at;
	json_t *list = json_array();
	for (unsigned i = 0; i < n; i++)
		json_array_append_new(
			list, print_one(field, elements + i * field_size(field)));
	return list;
}

static json_t *
print_one(const struct field *field, const void *in)
{
	if (field->type == FIELD_STRUCT)
		return field_print(field->sub, in);
	return field_types[field->type].print(field, in);
}

json_t *
field_describe(const struct field *table)
{
	json_t *list = json_array();
	for (const struct field *field = table; field->name; field++)
		json_array_append_new(list, describe(field));
	return list;
}

static json_t *
describe(const struct field *field)
{
	json_t *object = json_pack(
		"{s:s, s:s}", "name", field->name, "type", field_types[field->type].name);
	put(object, "help", json_string(field->help));
	put(object, "default", field_default(field));
	put(object, "required", field->required ? json_true() : NULL);
	put(object, "min", field->min ? field_number(field->type, field->min) : NULL);
	put(object, "max", field->max ? field_number(field->type, field->max) : NULL);
	put(object, "values", field->values ? describe_values(field->values) : NULL);
	put(object, "list", field->list ? json_true() : NULL);
	put(object, "syntax", json_string(field->syntax));
	put(object, "members", field->sub ? field_describe(field->sub) : NULL);
	return object;
}

static json_t *
describe_values(const struct field_value *values)
{
	json_t *list = json_array();
	for (; values->name; values++) {
		json_t *value = json_pack("{s:s}", "name", values->name);
		put(value, "help", json_string(values->help));
		json_array_append_new(list, value);
	}
	return list;
}

static void
put(json_t *object, const char *name, json_t *value)
{
	if (value)
		json_object_set_new(object, name, value);
}

size_t
field_size(const struct field *field)
{
	const size_t size = field->size ? field->size : field_types[field->type].size;
	assert(size); /* UINT, CUSTOM and lists of STRUCT must say it */
	return size;
}

json_t *
field_default(const struct field *field)
{
	const char *text = field->dflt;
	json_t *json = NULL;
	if (!text)
		return NULL;
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		json = json_boolean(*text == 't');
	else if (strchr("[{\"", *text) || field->type == FIELD_CUSTOM)
		json = json_loads(text, JSON_DECODE_ANY, NULL);
	return json ? json : json_string(text);
}
