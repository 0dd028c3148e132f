/* output.c: trees as JSON or YAML, and lists as tables of columns. */
#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "common/doc.h"

static char *cell_at(const json_t *row, const char *path);
static char *join_each(const json_t *list, const char *path);
static char *join(char *text, const char *more);
static char *value_text(const json_t *value);

int
output_format_parse(const char *name, enum output_format *format)
{
	static const char *const names[] = {"table", "wide", "json", "yaml", "name"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			*format = i;
			return 0;
		}
	}
	return -EINVAL;
}

bool
output_tree(const struct output *out, const json_t *json)
{
	char *text;
	if (out->format == OUTPUT_JSON)
		text = json_dumps(
			json, JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	else if (out->format == OUTPUT_YAML)
		text = doc_to_yaml(json);
	else
		return false;
	fprintf(out->file, out->format == OUTPUT_JSON ? "%s\n" : "%s", text ? text : "");
	free(text);
	return true;
}

void
output_table(
	const struct output *out, const struct output_column *columns, const json_t *rows)
{
	struct output_grid grid = {0};
	const struct output_column *column;
	size_t i;
	json_t *row;
	for (column = columns; column->title; column++) {
		if (column->wide && out->format != OUTPUT_WIDE)
			continue;
		grid.right[grid.n_columns++] = column->right;
		if (out->headers)
			output_grid_add(&grid, "%s", column->title);
	}
	json_array_foreach (rows, i, row) {
		for (column = columns; column->title; column++) {
			if (column->wide && out->format != OUTPUT_WIDE)
				continue;
			char *cell = output_cell(row, column->path);
			output_grid_add(&grid, "%s", cell ? cell : "");
			free(cell);
		}
	}
	output_grid_print(&grid, out->file, 0, out->headers && out->terminal);
}

char *
output_cell(const json_t *row, const char *path)
{
	char one[128];
	for (;;) {
		const size_t len = strcspn(path, "|");
		snprintf(one, sizeof(one), "%.*s", (int)len, path);
		char *text = cell_at(row, one);
		if (text || !path[len])
			return text ? text : strdup("-");
		path += len + 1;
	}
}

/* Null: there is no such value. */
static char *
cell_at(const json_t *row, const char *path)
{
	char list[128];
	const char *each = strstr(path, "[].");
	if (!each)
		return value_text(doc_at((json_t *)row, path));
	snprintf(list, sizeof(list), "%.*s", (int)(each - path), path);
	return join_each(doc_at((json_t *)row, list), each + strlen("[]."));
}

static char *
join_each(const json_t *list, const char *path)
{
	char *text = NULL;
	size_t i;
	json_t *item;
	json_array_foreach (list, i, item) {
		char *part = *path ? cell_at(item, path) : value_text(item);
		if (part)
			text = join(text, part);
		free(part);
	}
	return text;
}

static char *
join(char *text, const char *more)
{
	char *joined = NULL;
	if (asprintf(&joined, "%s%s%s", text ? text : "", text ? "," : "", more) < 0)
		joined = NULL;
	free(text);
	return joined;
}

static char *
value_text(const json_t *value)
{
	char text[64];
	if (json_is_string(value))
		return *json_string_value(value) ? strdup(json_string_value(value))
						 : NULL;
	if (json_is_real(value)) {
		snprintf(text, sizeof(text), "%.2f", json_real_value(value));
		return strdup(text);
	}
	if (json_is_array(value)) {
		char *joined = join_each(value, "");
		return joined;
	}
	return value && !json_is_null(value)
		       ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT)
		       : NULL;
}
