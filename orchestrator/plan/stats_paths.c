/* stats_paths.c: see stats_paths.h. */
#include "orchestrator/plan/stats_paths.h"

static const json_t *find(const json_t *told, json_int_t number);
static json_int_t count(const json_t *figures, const char *name);

json_t *
stats_paths(const json_t *service, const json_t *told)
{
	const json_t *paths = json_object_get(json_object_get(service, "tag"), "paths");
	json_t *list = paths ? json_array() : NULL, *path;
	size_t i;
	json_array_foreach ((json_t *)paths, i, path) {
		const json_t *number = json_object_get(path, "number");
		const json_t *figures = find(told, json_integer_value(number));
		json_array_append_new(list,
			json_pack("{s:O, s:O, s:O, s:s, s:I, s:I, s:O}", "name",
				json_object_get(path, "name"), "number", number, "weight",
				json_object_get(path, "weight"), "state",
				json_object_get(path, "off") ? "DISABLED" : "ENABLED",
				"packets", count(figures, "packets"), "bytes",
				count(figures, "bytes"), "through",
				json_object_get(path, "path")));
	}
	return list;
}

static const json_t *
find(const json_t *told, json_int_t number)
{
	size_t i;
	json_t *figures;
	json_array_foreach (json_object_get(told, "paths"), i, figures)
		if (count(figures, "path") == number)
			return figures;
	return NULL;
}

static json_int_t
count(const json_t *figures, const char *name)
{
	return json_integer_value(json_object_get(figures, name));
}
