/* ns_levels.c: see ns_levels.h. */
#include "orchestrator/descriptor/ns_levels.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAPPING "vnf-to-level-mapping"

static const json_t *find(const json_t *list, const char *id);
static const json_t *levels_of(
	const json_t *nsd, const char *flavour, const char *aspect);
static bool has(const json_t *level, const json_t *numbers);

const json_t *
ns_levels_of_aspect(const json_t *nsd, const char *flavour, const char *aspect, int level)
{
	const json_t *levels = levels_of(nsd, flavour, aspect);
	return level < 0
		       ? NULL
		       : json_object_get(json_array_get(levels, (size_t)level), MAPPING);
}

const json_t *
ns_levels_instantiation(const json_t *nsd, const char *flavour, const char *level)
{
	const json_t *df = find(json_object_get(nsd, "df"), flavour);
	const json_t *levels = json_object_get(df, "ns-instantiation-level");
	return level ? json_object_get(find(levels, level), MAPPING) : NULL;
}

int
ns_levels_count(const json_t *nsd, const char *flavour, const char *aspect)
{
	return (int)json_array_size(levels_of(nsd, flavour, aspect));
}

int
ns_levels_now(
	const json_t *nsd, const char *flavour, const char *aspect, const json_t *numbers)
{
	const json_t *levels = levels_of(nsd, flavour, aspect);
	for (size_t i = json_array_size(levels); i-- > 0;)
		if (has(json_array_get(levels, i), numbers))
			return (int)i;
	return -1;
}

json_t *
ns_levels_status(const json_t *nsd, const char *flavour, const json_t *numbers)
{
	const json_t *df = find(json_object_get(nsd, "df"), flavour);
	json_t *status = json_array(), *aspect;
	size_t i;
	json_array_foreach (json_object_get(df, "scaling-aspect"), i, aspect) {
		const char *id = json_string_value(json_object_get(aspect, "id"));
		const int level = id ? ns_levels_now(nsd, flavour, id, numbers) : -1;
		char text[16];
		snprintf(text, sizeof(text), "%d", level);
		if (level >= 0)
			json_array_append_new(
				status, json_pack("{s:s, s:s}", "nsScalingAspectId", id,
						"nsScaleLevelId", text));
	}
	return status;
}

/* Of a list with ids; id null: the first. */
static const json_t *
find(const json_t *list, const char *id)
{
	size_t i;
	json_t *item;
	json_array_foreach ((json_t *)list, i, item) {
		const char *its = json_string_value(json_object_get(item, "id"));
		if (!id || (its && strcmp(its, id) == 0))
			return item;
	}
	return NULL;
}

static const json_t *
levels_of(const json_t *nsd, const char *flavour, const char *aspect)
{
	const json_t *df = find(json_object_get(nsd, "df"), flavour);
	const json_t *aspects = json_object_get(df, "scaling-aspect");
	return json_object_get(aspect ? find(aspects, aspect) : NULL, "ns-scale-level");
}

static bool
has(const json_t *level, const json_t *numbers)
{
	size_t i;
	json_t *item;
	json_array_foreach (json_object_get(level, MAPPING), i, item) {
		const char *profile =
			json_string_value(json_object_get(item, "vnf-profile-id"));
		if (!profile || !json_equal(json_object_get(item, "number-of-instances"),
					json_object_get(numbers, profile)))
			return false;
	}
	return json_array_size(json_object_get(level, MAPPING)) > 0;
}
