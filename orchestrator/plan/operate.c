/* operate.c: see operate.h. */
#include "orchestrator/plan/operate.h"

#include <stdbool.h>
#include <string.h>
#include "orchestrator/plan/replicas.h"
#include "orchestrator/plan/target.h"

static void regroup(json_t *objects);
static unsigned count_group(const json_t *objects, const json_t *like, int *core);
static bool goes(const json_t *object, const char *vnf);
static bool is_of(const char *id, const char *vnf);
static bool is_same(const json_t *a, const json_t *b, const char *member);
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
	regroup(stay);
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
	regroup(all);
	return all;
}

/* Groups are of as many VNFs as are there, on the core of the first of them. */
static void
regroup(json_t *objects)
{
	json_t *object;
	size_t i;
	json_array_foreach (objects, i, object) {
		int core;
		const unsigned n = count_group(objects, object, &core);
		if (!n)
			continue;
		json_t *copy = json_deep_copy(object),
		       *doc = json_object_get(copy, "doc");
		json_object_set_new(json_object_get(doc, "group"), "n", json_integer(n));
		json_object_set_new(doc, "core", json_integer(core));
		json_array_set_new(objects, i, copy);
	}
}

/* VNFs in the group of one, itself included; 0: it is in none. *core: of the first. */
static unsigned
count_group(const json_t *objects, const json_t *like, int *core)
{
	json_t *object;
	size_t i;
	const json_t *group = json_object_get(json_object_get(like, "doc"), "group");
	unsigned n = 0;
	json_array_foreach ((json_t *)objects, i, object) {
		const json_t *doc = json_object_get(object, "doc");
		const json_t *its = json_object_get(doc, "group");
		if (!group || !its || !is_same(object, like, "ns") ||
			!is_same(its, group, "name"))
			continue;
		if (n++ == 0)
			*core = (int)json_integer_value(json_object_get(doc, "core"));
	}
	return n;
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
is_same(const json_t *a, const json_t *b, const char *member)
{
	return json_equal(json_object_get(a, member), json_object_get(b, member));
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
