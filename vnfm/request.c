/* request.c: see request.h. Every object carries its document as the tag, a VNF without
 * its configuration, which may have megabytes: that is in its file (start.h). */
#include <stdio.h>
#include "vnfm/request.h"

static const char *const nouns[OBJECT_KINDS] = {"pool", "port", "slot", "link"};

static json_t *tag_of(const struct object *object);
static json_t *request(const struct object *object, const char *verb);
static void add_slot(json_t *request, const struct object *object, const json_t *manifest,
	uint64_t state_size, int default_core);
static json_t *reason_names(const json_t *manifest);
static json_t *link_end(const json_t *end);
static void copy(json_t *to, const json_t *from, const char *member);

json_t *
request_put(const struct object *object, const json_t *manifest, uint64_t state_size,
	int default_core)
{
	json_t *put = request(object, "put");
	json_object_set_new(put, "tag", tag_of(object));
	if (object->kind == OBJECT_SERVICE) {
		copy(put, object->wanted, "buffers");
		copy(put, object->wanted, "limits");
		copy(put, object->wanted, "share");
		copy(put, object->wanted, "steer");
		return put;
	}
	copy(put, object->wanted, "ns");
	copy(put, object->wanted, "name");
	if (object->kind == OBJECT_PORT) {
		copy(put, object->wanted, "spec");
		if (object->placed)
			json_object_set_new(put, "late", json_true());
	} else if (object->kind == OBJECT_VNF) {
		add_slot(put, object, manifest, state_size, default_core);
	} else {
		copy(put, object->wanted, "size");
		copy(put, object->wanted, "paths");
		json_object_set_new(
			put, "a", link_end(json_object_get(object->wanted, "a")));
		json_object_set_new(
			put, "b", link_end(json_object_get(object->wanted, "b")));
	}
	return put;
}

static json_t *
tag_of(const struct object *object)
{
	if (object->kind != OBJECT_VNF || !json_object_get(object->wanted, "config"))
		return json_incref(object->wanted);
	json_t *tag = json_copy(object->wanted);
	json_object_set_new(tag, "config", json_true());
	return tag;
}

json_t *
request_del(const struct object *object)
{
	return request(object, "del");
}

json_t *
request_clear(const struct object *object)
{
	json_t *clear = request(object, "clear");
	json_object_set_new(clear, "turn", json_integer(object->vnf.turn));
	return clear;
}

static json_t *
request(const struct object *object, const char *verb)
{
	char op[32];
	snprintf(op, sizeof(op), "%s.%s", nouns[object->kind], verb);
	return json_pack("{s:s, s:s}", "op", op,
		object->kind == OBJECT_SERVICE ? "ns" : "id", object->id);
}

static void
add_slot(json_t *put, const struct object *object, const json_t *manifest,
	uint64_t state_size, int default_core)
{
	const json_t *own = json_object_get(object->wanted, "stateSize");
	const char *idle = wanted_text(object, "idle");
	copy(put, object->wanted, "type");
	copy(put, object->wanted, "share");
	copy(put, object->wanted, "replica");
	copy(put, object->wanted, "group");
	json_object_set(put, "cps", json_object_get(manifest, "connectionPoints"));
	json_object_set_new(put, "reasons", reason_names(manifest));
	copy(put, manifest, "spread");
	json_object_set_new(put, "stateSize",
		json_integer(
			own != NULL ? json_integer_value(own) : (json_int_t)state_size));
	json_object_set_new(put, "core", json_integer(wanted_core(object, default_core)));
	json_object_set_new(put, "idle", json_string(idle[0] != '\0' ? idle : "ladder"));
}

/* The place of a reason is its number. */
static json_t *
reason_names(const json_t *manifest)
{
	const json_t *reasons = json_object_get(manifest, "dropReasons");
	json_t *names = json_array();
	for (size_t i = 0; i < json_array_size(reasons); i++)
		json_array_append(
			names, json_object_get(json_array_get(reasons, i), "name"));
	return names;
}

/* The dataplane knows a VNF by its slot, which has its id. */
static json_t *
link_end(const json_t *end)
{
	json_t *port = json_object_get(end, "port");
	if (port != NULL)
		return json_pack("{s:O}", "port", port);
	return json_pack("{s:O, s:O}", "slot", json_object_get(end, "vnf"), "cp",
		json_object_get(end, "cp"));
}

static void
copy(json_t *to, const json_t *from, const char *member)
{
	json_t *value = json_object_get(from, member);
	if (value != NULL)
		json_object_set(to, member, value);
}
