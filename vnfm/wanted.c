/* wanted.c: the set. Checking of documents is in wanted_check.c. */
#include <stdlib.h>
#include <string.h>
#include "vnfm/wanted.h"

static void free_object(struct object *object);
static bool end_is(const json_t *end, const struct object *object);
static const char *state_name(const struct object *object);
static void add_vnf(json_t *json, const struct object *object);

void
wanted_init(struct wanted *wanted)
{
	for (unsigned k = 0; k < OBJECT_KINDS; k++)
		TAILQ_INIT(&wanted->lists[k]);
}

void
wanted_clear(struct wanted *wanted)
{
	for (unsigned k = 0; k < OBJECT_KINDS; k++)
		while (!TAILQ_EMPTY(&wanted->lists[k]))
			wanted_del(wanted, TAILQ_FIRST(&wanted->lists[k]));
}

struct object *
wanted_find(const struct wanted *wanted, enum object_kind kind, const char *id)
{
	struct object *object;
	TAILQ_FOREACH (object, &wanted->lists[kind], entry)
		if (strcmp(object->id, id) == 0)
			return object;
	return NULL;
}

struct object *
wanted_add(
	struct wanted *wanted, enum object_kind kind, const char *id, const json_t *doc)
{
	struct object *object = calloc(1, sizeof(*object));
	if (object == NULL)
		return NULL;
	object->kind = kind;
	object->wanted = json_incref((json_t *)doc);
	object->vnf.slot = -1;
	object->vnf.start = object->vnf.next =
		(struct vnf_start){.leash = -1, .child.ready_fd = -1};
	const char *ns = kind == OBJECT_SERVICE ? id : wanted_text(object, "ns");
	strncpy(object->id, id, WANTED_ID_MAX);
	strncpy(object->ns, ns, WANTED_ID_MAX);
	strncpy(object->name, wanted_text(object, "name"), WANTED_ID_MAX);
	TAILQ_INSERT_TAIL(&wanted->lists[kind], object, entry);
	return object;
}

void
wanted_change(struct object *object, const json_t *doc)
{
	json_t *copy = json_incref((json_t *)doc);
	if (object->previous == NULL && object->applied != NULL)
		object->previous = json_incref(object->applied);
	json_decref(object->wanted);
	object->wanted = copy;
	object->error = (struct err){0};
	object->retry_ms = 0;
}

void
wanted_del(struct wanted *wanted, struct object *object)
{
	TAILQ_REMOVE(&wanted->lists[object->kind], object, entry);
	free_object(object);
}

bool
wanted_link_touches(const struct object *link, const struct object *end)
{
	return end_is(json_object_get(link->wanted, "a"), end) ||
	       end_is(json_object_get(link->wanted, "b"), end);
}

bool
wanted_is_needed(const struct wanted *wanted, const struct object *object)
{
	const struct object *other;
	if (object->kind == OBJECT_LINK)
		return false;
	if (object->kind != OBJECT_SERVICE) {
		TAILQ_FOREACH (other, &wanted->lists[OBJECT_LINK], entry)
			if (wanted_link_touches(other, object))
				return true;
		return false;
	}
	for (unsigned k = OBJECT_PORT; k < OBJECT_KINDS; k++)
		TAILQ_FOREACH (other, &wanted->lists[k], entry)
			if (strcmp(other->ns, object->id) == 0)
				return true;
	return false;
}

json_t *
wanted_to_json(const struct object *object)
{
	json_t *json = json_copy(object->wanted);
	if (object->actual != NULL)
		json_object_update_missing(json, object->actual);
	json_object_del(json, "turn");
	json_object_set_new(json, "id", json_string(object->id));
	json_object_set_new(json, "state", json_string(state_name(object)));
	if (object->kind == OBJECT_VNF)
		add_vnf(json, object);
	if (object->error.code != ERR_NONE)
		json_object_set_new(json,
			object->kind == OBJECT_VNF ? "lastError" : "error",
			err_to_json(&object->error));
	return json;
}

const char *
wanted_kind_name(enum object_kind kind)
{
	static const char *const names[OBJECT_KINDS] = {"service", "port", "vnf", "link"};
	return names[kind];
}

const char *
wanted_text(const struct object *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object->wanted, member));
	return text != NULL ? text : "";
}

int
wanted_core(const struct object *vnf, int fallback)
{
	const json_t *core = json_object_get(vnf->wanted, "core");
	return core != NULL ? (int)json_integer_value(core) : fallback;
}

static void
free_object(struct object *object)
{
	json_decref(object->wanted);
	json_decref(object->previous);
	json_decref(object->applied);
	json_decref(object->asked);
	json_decref(object->actual);
	json_decref(object->vnf.former);
	free(object);
}

static bool
end_is(const json_t *end, const struct object *object)
{
	const char *member = object->kind == OBJECT_PORT ? "port" : "vnf";
	const char *id = json_string_value(json_object_get(end, member));
	return id != NULL && strcmp(id, object->id) == 0;
}

static const char *
state_name(const struct object *object)
{
	if (object->kind == OBJECT_VNF)
		return lifecycle_state_name(object->vnf.state);
	if (object->unwanted)
		return "stopping";
	if (object->error.code != ERR_NONE)
		return "failed";
	if (object->applied == NULL)
		return "starting";
	return object->told_lost ? "lost" : "up";
}

static void
add_vnf(json_t *json, const struct object *object)
{
	const struct vnf_process *vnf = &object->vnf;
	json_object_del(json, "lcore");
	json_object_set_new(json, "pid", json_integer(vnf->pid));
	json_object_set_new(json, "restarts", json_integer(vnf->restarts));
	json_object_set_new(
		json, "slot", vnf->slot >= 0 ? json_integer(vnf->slot) : json_null());
}
