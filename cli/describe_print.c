/* describe_print.c: one resource for people; the third part of output.h. */
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>
#include "common/doc.h"

static void describe_plain(const struct output *out, const json_t *json);
static bool is_table(const json_t *value);
static bool is_plain(const json_t *value);
static void describe_list(const struct output *out, const json_t *list);
static void describe_tree(const struct output *out, const json_t *value);

void
output_describe(const struct output *out, const json_t *json)
{
	const char *name;
	json_t *value;
	if (!json_is_object(json)) {
		describe_tree(out, json);
		return;
	}
	describe_plain(out, json);
	json_object_foreach ((json_t *)json, name, value) {
		if (*name == '_' || is_plain(value))
			continue;
		fprintf(out->file, "%s:\n", name);
		if (is_table(value))
			describe_list(out, value);
		else
			describe_tree(out, value);
	}
}

static void
describe_plain(const struct output *out, const json_t *json)
{
	struct output_grid grid = {.n_columns = 2};
	const char *name;
	json_t *value;
	json_object_foreach ((json_t *)json, name, value) {
		if (*name == '_' || !is_plain(value))
			continue;
		char *text = output_cell(json, name);
		output_grid_add(&grid, "%s:", name);
		output_grid_add(&grid, "%s", text ? text : "");
		free(text);
	}
	output_grid_print(&grid, out->file, 0, false);
}

/* A value that fits behind its name: a scalar, or a list of scalars. */
static bool
is_plain(const json_t *value)
{
	size_t i;
	json_t *item;
	json_array_foreach (value, i, item)
		if (json_is_object(item) || json_is_array(item))
			return false;
	return !json_is_object(value) || json_object_size(value) == 0;
}

/* A list of objects whose members are all plain, few enough for columns. */
static bool
is_table(const json_t *value)
{
	size_t i;
	json_t *item, *member;
	const char *name;
	json_array_foreach (value, i, item) {
		if (!json_is_object(item) || json_object_size(item) > 8)
			return false;
		json_object_foreach (item, name, member)
			if (!is_plain(member))
				return false;
	}
	return json_is_array(value);
}

/* Columns are the members of all objects, in the order in which they first appear. */
static void
describe_list(const struct output *out, const json_t *list)
{
	struct output_grid grid = {0};
	json_t *columns = json_object(), *item, *member;
	const char *name;
	size_t i;
	json_array_foreach (list, i, item)
		json_object_foreach (item, name, member)
			if (*name != '_' && json_object_size(columns) < 16)
				json_object_set(columns, name, json_null());
	grid.n_columns = json_object_size(columns);
	json_object_foreach (columns, name, member)
		output_grid_add(&grid, "%s", name);
	json_array_foreach (list, i, item) {
		json_object_foreach (columns, name, member) {
			char *text = output_cell(item, name);
			output_grid_add(&grid, "%s", text ? text : "");
			free(text);
		}
	}
	output_grid_print(&grid, out->file, 2, false);
	json_decref(columns);
}

static void
describe_tree(const struct output *out, const json_t *value)
{
	char *text = doc_to_yaml(value);
	for (char *line = text, *end; line && *line; line = end) {
		end = line + strcspn(line, "\n");
		fprintf(out->file, "  %.*s\n", (int)(end - line), line);
		end += *end == '\n';
	}
	free(text);
}
