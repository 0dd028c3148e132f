/* relink.c: see relink.h. */
#include "orchestrator/plan/relink.h"

#include <stdbool.h>
#include <string.h>
#include "orchestrator/plan/target.h"

static const json_t *find_service(const json_t *objects);
static json_t *difference(const json_t *objects, const json_t *from);
static bool is_link(const json_t *object);
static const char *id_of(const json_t *object);
static json_t *doc_of(const json_t *object);

json_t *
relink_step(const json_t *present, const json_t *target)
{
	const json_t *service = find_service(target);
	json_t *name = json_object_get(doc_of(service), "name");
	json_t *wanted = difference(target, present);
	json_t *before = difference(present, target);
	json_t *step = NULL;
	if (json_object_size(wanted))
		step = json_pack(
			"{s:s, s:s, s:O, s:O, s:O*, s:{s:O*, s:O}, s:{s:O*, s:O}}",
			"action", "relink", "kind", "service", "object",
			json_object_get(service, "object"), "ns",
			json_object_get(service, "ns"), "name", name, "wanted", "name",
			name, "links", wanted, "before", "name", name, "links", before);
	json_decref(wanted);
	json_decref(before);
	return step;
}

static const json_t *
find_service(const json_t *objects)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object)
		if (strcmp(json_string_value(json_object_get(object, "kind")),
			    "service") == 0)
			return object;
	return NULL;
}

/* {ID: document or null} that makes of the links of `from` those of objects. */
static json_t *
difference(const json_t *objects, const json_t *from)
{
	json_t *links = json_object(), *link;
	size_t i;
	json_array_foreach ((json_t *)objects, i, link) {
		const json_t *was = target_find(from, "link", id_of(link));
		if (is_link(link) && (!was || !json_equal(doc_of(was), doc_of(link))))
			json_object_set(links, id_of(link), doc_of(link));
	}
	json_array_foreach ((json_t *)from, i, link)
		if (is_link(link) && !target_find(objects, "link", id_of(link)))
			json_object_set_new(links, id_of(link), json_null());
	return links;
}

static bool
is_link(const json_t *object)
{
	return strcmp(json_string_value(json_object_get(object, "kind")), "link") == 0;
}

static const char *
id_of(const json_t *object)
{
	return json_string_value(json_object_get(object, "object"));
}

static json_t *
doc_of(const json_t *object)
{
	return json_object_get(object, "doc");
}
