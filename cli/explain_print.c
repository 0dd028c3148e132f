/* explain_print.c: one member of a configuration, or the members of an object, as text.
 */
#include <stdlib.h>
#include <string.h>
#include "cli/explain.h"
#include "common/field.h"

#define NAMES_MAX 64

static int find_member(const json_t *members, const char *path, const char *type,
	const json_t **found, struct err *err);
static int not_found(
	const json_t *members, const char *type, const char *name, struct err *err);
static void print_type(FILE *file, const json_t *manifest);
static void print_member(
	FILE *file, const char *type, const char *path, const json_t *member);
static void print_limits(FILE *file, const json_t *member);
static void print_values(FILE *file, const json_t *values);
static void print_members(FILE *file, const json_t *members);
static void print_type_of(FILE *file, const json_t *member);
static const char *type_of(const json_t *member);
static const char *text_of(const json_t *json, const char *member);

int
explain_print(const struct output *out, const json_t *manifest, const char *path,
	struct err *err)
{
	const json_t *member = NULL;
	const char *type = text_of(manifest, "type");
	int rc = 0;
	if (*path)
		rc = find_member(
			json_object_get(manifest, "config"), path, type, &member, err);
	if (rc)
		return rc;
	if (output_tree(out, member ? member : manifest))
		return 0;
	if (member)
		print_member(out->file, type, path, member);
	else
		print_type(out->file, manifest);
	return 0;
}

static int
find_member(const json_t *members, const char *path, const char *type,
	const json_t **found, struct err *err)
{
	char name[64];
	*found = NULL;
	for (const char *at = path; *at;) {
		const size_t len = strcspn(at, ".[");
		size_t i;
		json_t *member;
		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		*found = NULL;
		json_array_foreach (members, i, member)
			if (strcmp(text_of(member, "name"), name) == 0)
				*found = member;
		if (!*found)
			return not_found(members, type, name, err);
		members = json_object_get(*found, "members");
		at += len;
		if (*at == '[')
			at += strcspn(at, ".");
		at += *at == '.';
	}
	return 0;
}

static int
not_found(const json_t *members, const char *type, const char *name, struct err *err)
{
	const char *names[NAMES_MAX + 1] = {0};
	char hint[128] = "";
	for (size_t i = 0; i < json_array_size(members) && i < NAMES_MAX; i++)
		names[i] = text_of(json_array_get(members, i), "name");
	const char *nearest = field_nearest(name, names);
	if (nearest)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest);
	else if (names[0])
		snprintf(hint, sizeof(hint), "see 'renga explain %s'", type);
	return err_set(err, ERR_NOT_FOUND, NULL, hint, "there is no member '%s'", name);
}

static void
print_type(FILE *file, const json_t *manifest)
{
	char *cps = output_cell(manifest, "connectionPoints");
	size_t i;
	json_t *reason;
	struct output_grid grid = {.n_columns = 2};
	fprintf(file, "%s: %s\n\nconnection points: %s\n", text_of(manifest, "type"),
		text_of(manifest, "summary"), cps ? cps : "");
	free(cps);
	print_members(file, json_object_get(manifest, "config"));
	json_array_foreach (json_object_get(manifest, "dropReasons"), i, reason) {
		output_grid_add(&grid, "%s", text_of(reason, "name"));
		output_grid_add(&grid, "%s", text_of(reason, "help"));
	}
	if (grid.n_cells)
		fputs("\ndrop reasons:\n", file);
	output_grid_print(&grid, file, 2, false);
}

static void
print_member(FILE *file, const char *type, const char *path, const json_t *member)
{
	fprintf(file, "%s.%s: ", type, path);
	print_type_of(file, member);
	fprintf(file, "\n");
	if (*text_of(member, "help"))
		fprintf(file, "\n  %s\n", text_of(member, "help"));
	print_limits(file, member);
	print_values(file, json_object_get(member, "values"));
	print_members(file, json_object_get(member, "members"));
}

static void
print_type_of(FILE *file, const json_t *member)
{
	fprintf(file, "%s%s%s",
		json_is_true(json_object_get(member, "list")) ? "list of " : "",
		type_of(member),
		json_is_true(json_object_get(member, "required")) ? ", required" : "");
}

/* What a type of its own looks like says more than its name. */
static const char *
type_of(const json_t *member)
{
	const char *syntax = text_of(member, "syntax");
	return *syntax ? syntax : text_of(member, "type");
}

static void
print_limits(FILE *file, const json_t *member)
{
	static const char *const names[] = {"default", "min", "max"};
	struct output_grid grid = {.n_columns = 2};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!json_object_get(member, names[i]))
			continue;
		char *text = output_cell(member, names[i]);
		output_grid_add(&grid, "%s:", names[i]);
		output_grid_add(&grid, "%s", text ? text : "");
		free(text);
	}
	if (grid.n_cells)
		fputc('\n', file);
	output_grid_print(&grid, file, 2, false);
}

static void
print_values(FILE *file, const json_t *values)
{
	struct output_grid grid = {.n_columns = 2};
	size_t i;
	json_t *value;
	json_array_foreach (values, i, value) {
		output_grid_add(&grid, "%s", text_of(value, "name"));
		output_grid_add(&grid, "%s", text_of(value, "help"));
	}
	if (grid.n_cells)
		fputs("\nvalues:\n", file);
	output_grid_print(&grid, file, 2, false);
}

static void
print_members(FILE *file, const json_t *members)
{
	struct output_grid grid = {.n_columns = 4};
	size_t i;
	json_t *member;
	json_array_foreach (members, i, member) {
		const bool required = json_is_true(json_object_get(member, "required"));
		const bool list = json_is_true(json_object_get(member, "list"));
		char *dflt = json_object_get(member, "default")
				     ? output_cell(member, "default")
				     : NULL;
		output_grid_add(&grid, "%s", text_of(member, "name"));
		output_grid_add(&grid, "%s%s", list ? "list of " : "", type_of(member));
		output_grid_add(&grid, "%s", required ? "required" : dflt ? dflt : "");
		output_grid_add(&grid, "%s", text_of(member, "help"));
		free(dflt);
	}
	if (grid.n_cells)
		fputs("\nmembers:\n", file);
	output_grid_print(&grid, file, 2, false);
}

static const char *
text_of(const json_t *json, const char *member)
{
	const char *text = json_string_value(json_object_get(json, member));
	return text ? text : "";
}
