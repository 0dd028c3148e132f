/* relink.c: see relink.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/log.h"
#include "vnfm/relink.h"
#include "vnfm/request.h"

#define ASK_MS 10000 /* for an answer of the dataplane */
/* While the outcome is uncertain. The dataplane was busy with a VNF that does not answer:
 * time enough to see that its heart stands still, too. */
#define RETRY_MS 2000

static bool is_as_wanted(const struct object *link, const json_t *doc);
static bool end_is_there(const struct wanted *wanted, const json_t *end);
static void want(struct relink *relink, const char *id, const json_t *doc);
static void ask(void *arg);
static json_t *make_request(const struct relink *relink);
static void on_answer(json_t *reply, const struct err *err, void *arg);
static void settle(struct relink *relink, enum relink_state state);
static void settle_one(
	struct relink *relink, const char *id, const json_t *doc, const json_t *actual);
static void take_back(struct manager *manager, struct object *link, const json_t *was);
static const json_t *find(const json_t *list, const char *id);
static void destroy(struct relink *relink);

bool
relink_is_done(const struct wanted *wanted, const json_t *links)
{
	const char *id;
	json_t *doc;
	json_object_foreach ((json_t *)links, id, doc)
		if (!is_as_wanted(wanted_find(wanted, OBJECT_LINK, id), doc))
			return false;
	return true;
}

bool
relink_may_begin(const struct wanted *wanted, const json_t *links)
{
	const char *id;
	json_t *doc;
	json_object_foreach ((json_t *)links, id, doc) {
		const struct object *link = wanted_find(wanted, OBJECT_LINK, id);
		if (link != NULL && link->busy)
			return false;
		if (!json_is_null(doc) &&
			(!end_is_there(wanted, json_object_get(doc, "a")) ||
				!end_is_there(wanted, json_object_get(doc, "b"))))
			return false;
	}
	return true;
}

struct relink *
relink_begin(struct manager *manager, const char *ns, const json_t *links)
{
	const char *id;
	json_t *doc;
	struct relink *relink = calloc(1, sizeof(*relink));
	if (relink == NULL)
		return NULL;
	relink->manager = manager;
	snprintf(relink->ns, sizeof(relink->ns), "%s", ns);
	relink->links = json_deep_copy(links);
	relink->undo = json_object();
	relink->generation = manager->dataplane.generation;
	json_object_foreach (relink->links, id, doc)
		want(relink, id, doc);
	ask(relink);
	return relink;
}

void
relink_release(struct relink *relink)
{
	if (relink == NULL)
		return;
	relink->abandoned = true;
	if (relink->state != RELINK_ASKED)
		destroy(relink);
}

static bool
is_as_wanted(const struct object *link, const json_t *doc)
{
	if (json_is_null(doc))
		return link == NULL;
	return link != NULL && !link->unwanted && !link->busy && link->applied != NULL &&
	       json_equal(link->applied, doc) && json_equal(link->wanted, doc);
}

static bool
end_is_there(const struct wanted *wanted, const json_t *end)
{
	const char *port = json_string_value(json_object_get(end, "port"));
	const char *vnf = json_string_value(json_object_get(end, "vnf"));
	const struct object *object = port != NULL
					      ? wanted_find(wanted, OBJECT_PORT, port)
					      : wanted_find(wanted, OBJECT_VNF, vnf);
	return object != NULL && object->applied != NULL;
}

static void
want(struct relink *relink, const char *id, const json_t *doc)
{
	struct wanted *wanted = &relink->manager->wanted;
	struct object *link = wanted_find(wanted, OBJECT_LINK, id);
	if (link != NULL)
		json_object_set(relink->undo, id, link->wanted);
	else
		json_object_set_new(relink->undo, id, json_null());
	if (link == NULL && !json_is_null(doc))
		link = wanted_add(wanted, OBJECT_LINK, id, doc);
	else if (link != NULL && json_is_null(doc))
		link->unwanted = true;
	else if (link != NULL)
		wanted_change(link, doc);
	if (link != NULL)
		link->busy = true;
}

/* Of a dataplane that died meanwhile nothing is left to be asked. */
static void
ask(void *arg)
{
	struct relink *relink = arg;
	struct dataplane *dataplane = &relink->manager->dataplane;
	if (dataplane->generation != relink->generation ||
		dataplane->state != DATAPLANE_READY)
		settle(relink, RELINK_LOST);
	else
		dataplane_ask(dataplane, make_request(relink), ASK_MS, on_answer, relink);
}

static json_t *
make_request(const struct relink *relink)
{
	json_t *put = json_array(), *del = json_array(), *doc;
	const char *id;
	json_object_foreach (relink->links, id, doc) {
		const struct object *link =
			wanted_find(&relink->manager->wanted, OBJECT_LINK, id);
		if (json_is_null(doc))
			json_array_append_new(del, json_string(id));
		else if (link != NULL)
			json_array_append_new(put, request_put(link, NULL, 0, 0));
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "op", "links.put", "ns", relink->ns,
		"put", put, "del", del);
}

static void
on_answer(json_t *reply, const struct err *err, void *arg)
{
	struct relink *relink = arg;
	struct manager *manager = relink->manager;
	if (err->code == ERR_TIMEOUT || err->code == ERR_UNAVAILABLE) {
		log_warn("links not replaced yet", "ns=%s reason=\"%s\" next=again",
			relink->ns, err->text);
		if (loop_add_timer(manager->loop, RETRY_MS, 0, ask, relink) != NULL)
			return;
	}
	if (manager->dataplane.generation != relink->generation ||
		manager->dataplane.state != DATAPLANE_READY) {
		settle(relink, RELINK_LOST);
		return;
	}
	relink->err = *err;
	relink->reply = json_incref(reply);
	settle(relink, err->code == ERR_NONE ? RELINK_DONE : RELINK_REFUSED);
}

static void
settle(struct relink *relink, enum relink_state state)
{
	struct manager *manager = relink->manager;
	const json_t *list = json_object_get(relink->reply, "links");
	const char *id;
	json_t *doc;
	relink->state = state;
	json_object_foreach (relink->links, id, doc)
		settle_one(relink, id, doc, find(list, id));
	if (state == RELINK_DONE)
		log_info("links replaced", "ns=%s links=%zu", relink->ns,
			json_object_size(relink->links));
	else
		log_warn("links not replaced", "ns=%s reason=\"%s\"", relink->ns,
			state == RELINK_LOST ? "the dataplane died" : relink->err.text);
	if (relink->abandoned)
		destroy(relink);
	manager_converge(manager);
}

static void
settle_one(struct relink *relink, const char *id, const json_t *doc, const json_t *actual)
{
	struct manager *manager = relink->manager;
	struct object *link = wanted_find(&manager->wanted, OBJECT_LINK, id);
	if (link == NULL)
		return;
	link->busy = false;
	link->retry_ms = 0;
	link->error = (struct err){0};
	if (relink->state == RELINK_REFUSED)
		take_back(manager, link, json_object_get(relink->undo, id));
	if (relink->state != RELINK_DONE)
		return;
	json_decref(link->applied);
	json_decref(link->previous);
	json_decref(link->actual);
	link->previous = NULL;
	link->applied = json_is_null(doc) ? NULL : json_incref((json_t *)doc);
	link->actual = json_is_null(doc) ? NULL : json_deep_copy(actual);
	json_object_del(link->actual, "tag");
}

static void
take_back(struct manager *manager, struct object *link, const json_t *was)
{
	if (json_is_null(was)) {
		wanted_del(&manager->wanted, link);
		return;
	}
	link->unwanted = false;
	json_decref(link->wanted);
	json_decref(link->previous);
	link->wanted = json_incref((json_t *)was);
	link->previous = NULL;
}

static const json_t *
find(const json_t *list, const char *id)
{
	size_t i;
	json_t *item;
	json_array_foreach ((json_t *)list, i, item) {
		const char *its = json_string_value(json_object_get(item, "id"));
		if (its != NULL && strcmp(its, id) == 0)
			return item;
	}
	return NULL;
}

static void
destroy(struct relink *relink)
{
	json_decref(relink->links);
	json_decref(relink->undo);
	json_decref(relink->reply);
	free(relink);
}
