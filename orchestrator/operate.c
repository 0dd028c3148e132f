/* operate.c: see operate.h. */
#include "orchestrator/operate.h"

#include <stdbool.h>
#include <string.h>
#include "orchestrator/replicas.h"
#include "orchestrator/target.h"

static bool goes(const json_t *object, const char *vnf);
static bool is_of(const char *id, const char *vnf);
static bool is_kind(const json_t *object, const char *kind);
static const json_t *end_of(const json_t *link, unsigned side);
static const char *text(const json_t *object, const char *member);

json_t *
operate_stop(const json_t *objects, const char *vnf, json_t **left)
{
	json_t *stay = json_array(), *object;
	size_t i;
	*left = json_array();
	json_array_foreach ((json_t *)objects, i, object)
		json_array_append(goes(object, vnf) ? *left : stay, object);
	return stay;
}

json_t *
operate_start(const json_t *objects, const json_t *left, json_t **apart)
{
	json_t *all = json_copy((json_t *)objects), *object;
	char missing[80];
	size_t i;
	*apart = json_array();
	json_array_foreach ((json_t *)left, i, object)
		if (!is_kind(object, "link"))
			json_array_append(all, object);
	json_array_foreach ((json_t *)left, i, object)
		if (is_kind(object, "link"))
			json_array_append(
				operate_missing(all, object, missing, sizeof(missing))
					? *apart
					: all,
				object);
	return all;
}

char *
operate_missing(const json_t *objects, const json_t *link, char *buf, size_t size)
{
	for (unsigned side = 0; side < 2; side++) {
		const char *vnf = text(end_of(link, side), "vnf");
		if (vnf && !target_find(objects, "vnf", vnf))
			return replicas_of(vnf, buf, size);
	}
	return NULL;
}

static bool
goes(const json_t *object, const char *vnf)
{
	if (is_kind(object, "vnf"))
		return is_of(text(object, "object"), vnf);
	return is_kind(object, "link") &&
	       (is_of(text(end_of(object, 0), "vnf"), vnf) ||
		       is_of(text(end_of(object, 1), "vnf"), vnf));
}

/* One of its replicas, or null. */
static bool
is_of(const char *id, const char *vnf)
{
	char of[80];
	return id && strcmp(replicas_of(id, of, sizeof(of)), vnf) == 0;
}

static bool
is_kind(const json_t *object, const char *kind)
{
	return strcmp(text(object, "kind"), kind) == 0;
}

static const json_t *
end_of(const json_t *link, unsigned side)
{
	return json_object_get(json_object_get(link, "doc"), side ? "b" : "a");
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
