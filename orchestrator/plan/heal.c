/* heal.c: see heal.h. */
#include "orchestrator/plan/heal.h"

#include <string.h>
#include "orchestrator/plan/plan.h"
#include "orchestrator/plan/replicas.h"

static void replace(json_t *steps, const json_t *object, bool lose);
static bool is_ready(const json_t *observed, const char *id);
static void put_again(json_t *steps, const json_t *object);
static bool is_kind(const json_t *object, const char *kind);
static const char *id_of(const json_t *object);

bool
heal_vnf(json_t *steps, const json_t *objects, const char *vnf, const char *only,
	bool lose)
{
	const unsigned n = replicas_count(objects, vnf);
	bool found = false;
	for (unsigned i = 0; i < n; i++) {
		const json_t *object = replicas_find(objects, vnf, i);
		if (only && strcmp(id_of(object), only) != 0)
			continue;
		replace(steps, object, lose);
		found = true;
	}
	return found;
}

void
heal_service(json_t *steps, const json_t *objects, const json_t *observed, bool all)
{
	static const char *const order[] = {"service", "port", "vnf", "link"};
	size_t i;
	json_t *object;
	for (unsigned k = 0; k < 4; k++)
		json_array_foreach ((json_t *)objects, i, object) {
			if (!is_kind(object, order[k]))
				continue;
			if (is_kind(object, "vnf") &&
				(all || (observed && !is_ready(observed, id_of(object)))))
				replace(steps, object, false);
			else
				put_again(steps, object);
		}
}

/* A revision that it has not had is what makes a successor. */
static void
replace(json_t *steps, const json_t *object, bool lose)
{
	json_t *doc = json_copy(json_object_get(object, "doc"));
	const json_int_t revision = json_integer_value(json_object_get(doc, "revision"));
	json_object_set_new(doc, "revision", json_integer(revision + 1));
	json_object_del(doc, "emptyState");
	if (lose)
		json_object_set_new(doc, "emptyState", json_true());
	plan_replace(steps, object, doc);
	json_decref(doc);
}

static bool
is_ready(const json_t *observed, const char *id)
{
	const char *state = json_string_value(
		json_object_get(json_object_get(observed, id), "state"));
	return state && strcmp(state, "ready") == 0;
}

static void
put_again(json_t *steps, const json_t *object)
{
	json_t *doc = json_object_get(object, "doc");
	json_array_append_new(steps,
		json_pack("{s:s, s:O, s:O, s:O, s:O*, s:O, s:O}", "action", "put", "kind",
			json_object_get(object, "kind"), "object",
			json_object_get(object, "object"), "ns",
			json_object_get(object, "ns"), "name",
			json_object_get(doc, "name"), "wanted", doc, "before", doc));
}

static bool
is_kind(const json_t *object, const char *kind)
{
	return strcmp(json_string_value(json_object_get(object, "kind")), kind) == 0;
}

static const char *
id_of(const json_t *object)
{
	return json_string_value(json_object_get(object, "object"));
}
