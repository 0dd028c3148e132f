/* shape.c: see shape.h. */
#include "orchestrator/shape.h"

#include <stdbool.h>
#include <stdio.h>

static const char *const names[] = {[SHAPE_TEXT] = "a text",
	[SHAPE_MAP] = "a map",
	[SHAPE_LIST] = "a list",
	[SHAPE_MAPS] = "a list of maps"};

static bool is_of(const json_t *value, enum shape shape);
static bool has_maps(const json_t *list);

void
shape_check(const json_t *object, const struct shape_member *members, const char *prefix,
	struct faults *faults)
{
	char path[192];
	if (object && !json_is_null(object) && !json_is_object(object))
		faults_add(faults, ERR_INVALID, prefix, NULL, "this is to be a map");
	for (const struct shape_member *member = members; member->name; member++) {
		const json_t *value = json_object_get(object, member->name);
		snprintf(path, sizeof(path), "%.100s%s%.80s", prefix, *prefix ? "." : "",
			member->name);
		if (value && !json_is_null(value) && !is_of(value, member->shape))
			faults_add(faults, ERR_INVALID, path, NULL, "this is to be %s",
				names[member->shape]);
		else if (json_array_size(value) > SHAPE_ITEMS)
			faults_add(faults, ERR_TOO_LARGE, path,
				"ask for some after others",
				"a list has %d items at most", SHAPE_ITEMS);
	}
}

int
shape_number(const json_t *value, int min, int max, int dflt, const char *path,
	struct faults *faults)
{
	const json_int_t n = json_integer_value(value);
	if (!value)
		return dflt;
	if (json_is_integer(value) && n >= min && n <= max)
		return (int)n;
	faults_add(faults, ERR_INVALID, path, NULL, "a number from %d to %d", min, max);
	return dflt;
}

static bool
is_of(const json_t *value, enum shape shape)
{
	if (shape == SHAPE_TEXT)
		return json_is_string(value);
	if (shape == SHAPE_MAP)
		return json_is_object(value);
	return json_is_array(value) && (shape == SHAPE_LIST || has_maps(value));
}

static bool
has_maps(const json_t *list)
{
	size_t i;
	json_t *item;
	json_array_foreach ((json_t *)list, i, item)
		if (!json_is_object(item))
			return false;
	return true;
}
