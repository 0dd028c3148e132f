/* merge.c: JSON merge patch (RFC 7396). */
#include "orchestrator/merge.h"

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
