/* need.c: see need.h. */
#include "orchestrator/plan/need.h"

#include <string.h>
#include "orchestrator/plan/replicas.h"

#define RING_PARKING 4 /* places in a link's ring for each that it lets be used */

static uint64_t state_of(const char *id, const json_t *doc, const json_t *sizes);
static void add_links(struct need *need, const json_t *step, const json_t *sizes);
static const char *text(const json_t *object, const char *member);

void
need_add(struct need *need, const char *kind, const char *id, const json_t *doc,
	const json_t *sizes)
{
	if (strcmp(kind, "service") == 0)
		need->bytes +=
			(uint64_t)json_integer_value(json_object_get(doc, "buffers")) *
			NEED_BUFFER;
	else if (strcmp(kind, "port") == 0)
		need->bytes += NEED_PORT;
	else if (strcmp(kind, "link") == 0)
		need->bytes += NEED_LINK + 2 * sizeof(void *) * RING_PARKING *
						   (uint64_t)json_integer_value(
							   json_object_get(doc, "size"));
	if (strcmp(kind, "vnf") != 0)
		return;
	need->slots++;
	need->bytes += NEED_VNF + state_of(id, doc, sizes);
}

void
need_add_all(struct need *need, const json_t *objects, const json_t *sizes)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object)
		need_add(need, text(object, "kind"), text(object, "object"),
			json_object_get(object, "doc"), sizes);
}

void
need_add_steps(struct need *need, const json_t *steps, const json_t *sizes)
{
	size_t i;
	json_t *step;
	json_array_foreach ((json_t *)steps, i, step) {
		const char *action = text(step, "action");
		if (strcmp(action, "relink") == 0)
			add_links(need, step, sizes);
		else if (strcmp(action, "put") == 0 &&
			 !json_is_object(json_object_get(step, "before")))
			need_add(need, text(step, "kind"), text(step, "object"),
				json_object_get(step, "wanted"), sizes);
	}
}

int64_t
need_mib(const struct need *need)
{
	return (int64_t)((need->bytes + NEED_MIB - 1) / NEED_MIB);
}

static uint64_t
state_of(const char *id, const json_t *doc, const json_t *sizes)
{
	const json_t *told = json_object_get(doc, "stateSize");
	char of[80];
	return (uint64_t)json_integer_value(
		told ? told : json_object_get(sizes, replicas_of(id, of, sizeof(of))));
}

/* What a relink replaces stays until it is read empty. */
static void
add_links(struct need *need, const json_t *step, const json_t *sizes)
{
	const char *id;
	json_t *doc;
	json_object_foreach (
		json_object_get(json_object_get(step, "wanted"), "links"), id, doc)
		if (json_is_object(doc))
			need_add(need, "link", id, doc, sizes);
}

static const char *
text(const json_t *object, const char *member)
{
	const char *value = json_string_value(json_object_get(object, member));
	return value ? value : "";
}
