/* port_turn.c: see port_turn.h. */
#include "orchestrator/plan/port_turn.h"

#include <stdio.h>
#include <string.h>
#include "orchestrator/descriptor/port.h"

#define OTHER ".2"

static void turn(const json_t *actual, json_t *target, json_t *port);
static const json_t *find_named(const json_t *objects, const char *name);
static bool is_used(const json_t *objects, const json_t *doc);
static void other_id(const char *id, char *buf, size_t size);
static void rename_port(json_t *target, json_t *port, const char *id);
static bool is_kind(const json_t *object, const char *kind);
static const char *text(const json_t *object, const char *member);

void
port_turn(const json_t *actual, json_t *target)
{
	size_t i;
	json_t *object;
	json_array_foreach (target, i, object)
		if (is_kind(object, "port"))
			turn(actual, target, object);
}

bool
port_turn_stays(const json_t *before, const json_t *after)
{
	json_t *a = json_deep_copy(before), *b = json_deep_copy(after);
	json_object_del(json_object_get(a, "spec"), "limits");
	json_object_del(json_object_get(b, "spec"), "limits");
	const bool same = a && b && json_equal(a, b);
	json_decref(a);
	json_decref(b);
	return same;
}

static void
turn(const json_t *actual, json_t *target, json_t *port)
{
	const json_t *doc = json_object_get(port, "doc");
	const json_t *has = find_named(actual, text(doc, "name"));
	char id[80];
	if (!has)
		return;
	snprintf(id, sizeof(id), "%s", text(has, "object"));
	if (!port_turn_stays(json_object_get(has, "doc"), doc) && !is_used(actual, doc))
		other_id(text(has, "object"), id, sizeof(id));
	rename_port(target, port, id);
}

static const json_t *
find_named(const json_t *objects, const char *name)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object)
		if (is_kind(object, "port") &&
			strcmp(text(json_object_get(object, "doc"), "name"), name) == 0)
			return object;
	return NULL;
}

/* The device of a port, by one of these. */
static bool
is_used(const json_t *objects, const json_t *doc)
{
	char claim[256], other[256];
	size_t i;
	json_t *object;
	port_claim(json_object_get(doc, "spec"), claim, sizeof(claim));
	json_array_foreach ((json_t *)objects, i, object) {
		const json_t *its =
			json_object_get(json_object_get(object, "doc"), "spec");
		if (*claim && is_kind(object, "port") &&
			strcmp(port_claim(its, other, sizeof(other)), claim) == 0)
			return true;
	}
	return false;
}

static void
other_id(const char *id, char *buf, size_t size)
{
	const size_t len = strlen(id), tail = strlen(OTHER);
	if (len > tail && strcmp(id + len - tail, OTHER) == 0)
		snprintf(buf, size, "%.*s", (int)(len - tail), id);
	else
		snprintf(buf, size, "%s" OTHER, id);
}

/* Links name it by the id that it had, or by the first that it can have. */
static void
rename_port(json_t *target, json_t *port, const char *id)
{
	static const char *const sides[] = {"a", "b"};
	const json_t *doc = json_object_get(port, "doc");
	json_t *was = json_incref(json_object_get(port, "object")), *object;
	json_t *first = json_pack("s++", text(doc, "ns"), "/", text(doc, "name"));
	size_t i;
	json_object_set_new(port, "object", json_string(id));
	json_array_foreach (target, i, object)
		for (size_t e = 0; e < 2 && is_kind(object, "link"); e++) {
			json_t *end =
				json_object_get(json_object_get(object, "doc"), sides[e]);
			const json_t *at = json_object_get(end, "port");
			if (json_equal(at, was) || json_equal(at, first))
				json_object_set_new(end, "port", json_string(id));
		}
	json_decref(first);
	json_decref(was);
}

static bool
is_kind(const json_t *object, const char *kind)
{
	return strcmp(text(object, "kind"), kind) == 0;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
