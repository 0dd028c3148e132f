/* merge.c: see merge.h. */
#include "orchestrator/plan/merge.h"

#include <stdbool.h>

static void merge_member(json_t *merged, const char *name, const json_t *before,
	const json_t *after, const json_t *now);
static bool same(const json_t *a, const json_t *b);

json_t *
merge_patch(const json_t *target, const json_t *patch)
{
	const char *name;
	json_t *value;
	if (!json_is_object(patch))
		return json_incref((json_t *)patch);
	json_t *merged =
		json_is_object(target) ? json_copy((json_t *)target) : json_object();
	json_object_foreach ((json_t *)patch, name, value) {
		if (json_is_null(value))
			json_object_del(merged, name);
		else
			json_object_set_new(merged, name,
				merge_patch(json_object_get(merged, name), value));
	}
	return merged;
}

json_t *
merge_three(const json_t *before, const json_t *after, const json_t *now)
{
	const char *name;
	json_t *value;
	if (same(before, after))
		return json_incref((json_t *)now);
	if (!json_is_object(after) || !json_is_object(now))
		return json_incref((json_t *)after);
	json_t *merged = json_object();
	json_object_foreach ((json_t *)now, name, value)
		merge_member(merged, name, before, after, now);
	json_object_foreach ((json_t *)after, name, value)
		if (!json_object_get(now, name))
			merge_member(merged, name, before, after, now);
	return merged;
}

static void
merge_member(json_t *merged, const char *name, const json_t *before, const json_t *after,
	const json_t *now)
{
	json_t *value = merge_three(json_object_get(before, name),
		json_object_get(after, name), json_object_get(now, name));
	if (value)
		json_object_set_new(merged, name, value);
}

static bool
same(const json_t *a, const json_t *b)
{
	return a == b || json_equal(a, b);
}
