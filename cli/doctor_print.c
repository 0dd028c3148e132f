/* doctor_print.c: findings, the count of buffers, and orphans. */
#include "cli/doctor_print.h"

#include <string.h>

static void print_findings(const struct output *out, const json_t *findings);
static const char *text_of(const json_t *json, const char *member);

void
doctor_print(const struct output *out, const json_t *audit)
{
	static const struct output_column buffers[] = {
		{.title = "BUFFERS OF", .path = "ns"},
		{.title = "SIZE", .path = "size", .right = true},
		{.title = "FREE", .path = "free", .right = true},
		{.title = "IN RINGS", .path = "inRings", .right = true},
		{.title = "IN HAND", .path = "inHand", .right = true},
		{.title = "IN PORTS", .path = "inPorts", .right = true},
		{.title = "MISSING", .path = "missing", .right = true},
		{.title = NULL},
	};
	static const struct output_column orphans[] = {
		{.title = "ORPHAN", .path = "kind"}, {.title = "NAME", .path = "name"},
		{.title = NULL}};
	print_findings(out, json_object_get(audit, "findings"));
	if (json_array_size(json_object_get(audit, "buffers"))) {
		fputc('\n', out->file);
		output_table(out, buffers, json_object_get(audit, "buffers"));
	}
	if (json_array_size(json_object_get(audit, "orphans"))) {
		fputc('\n', out->file);
		output_table(out, orphans, json_object_get(audit, "orphans"));
	}
	fprintf(out->file, "\n%s\n",
		doctor_ok(audit) ? "all is well" : "something is wrong");
}

static void
print_findings(const struct output *out, const json_t *findings)
{
	struct output_grid grid = {.n_columns = 3};
	size_t i;
	json_t *finding;
	json_array_foreach (findings, i, finding) {
		const char *hint = text_of(finding, "hint");
		output_grid_add(&grid, "%s", text_of(finding, "level"));
		output_grid_add(&grid, "%s", text_of(finding, "check"));
		output_grid_add(&grid, "%s%s%s%s", text_of(finding, "detail"),
			*hint ? " (" : "", hint, *hint ? ")" : "");
	}
	output_grid_print(&grid, out->file, 0, false);
}

bool
doctor_ok(const json_t *audit)
{
	size_t i;
	json_t *item;
	bool ok = !json_is_false(json_object_get(audit, "ok"));
	json_array_foreach (json_object_get(audit, "findings"), i, item)
		ok = ok && strcmp(text_of(item, "level"), "error") != 0;
	json_array_foreach (json_object_get(audit, "buffers"), i, item)
		ok = ok && json_integer_value(json_object_get(item, "missing")) == 0;
	return ok && json_array_size(json_object_get(audit, "orphans")) == 0;
}

static const char *
text_of(const json_t *json, const char *member)
{
	const char *text = json_string_value(json_object_get(json, member));
	return text ? text : "";
}
