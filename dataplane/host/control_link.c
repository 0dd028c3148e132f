/* control_link.c: link.put, link.del, links.put. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "common/log.h"
#include "common/steer_rule.h"
#include "dataplane/host/control.h"
#include "dataplane/host/link_want.h"
#include "dataplane/host/relink.h"
#include "dataplane/host/request.h"
#include "dataplane/host/wiring.h"

struct change { /* what links.put asks for */
	const char *ns;
	json_t *del; /* ids */
	size_t n;
	struct link_want *wants;
	struct link **made; /* per want; null: it is there already */
};

static int read_change(const struct host *host, const json_t *request,
	struct change *change, struct err *err);
static int check_change(
	const struct host *host, const struct change *change, struct err *err);
static int check_distinct(const struct change *change, size_t at, struct err *err);
static bool goes(const struct link *link, const void *arg);
static bool is_concerned(const struct link *link, const void *arg);
static int make_all(struct host *host, struct change *change, struct err *err);
static int enter_all(struct host *host, const struct change *change,
	const struct pool *pool, struct err *err);
static void take_back(struct host *host, const struct change *change);
static bool turn_over(struct host *host, const struct change *change);
static json_t *change_to_json(const struct host *host, const struct change *change,
	const struct relink_outcome *outcome);
static json_t *to_json(const struct link *link);
static json_t *paths_to_json(const uint32_t paths[8]);
static json_t *end_to_json(const struct link_end *end);

json_t *
control_link_put(struct host *host, const json_t *request, struct err *err)
{
	struct link_want want;
	struct link *link;

	if (link_want_read(host, request, &want, err) < 0)
		return NULL;
	link = host_link(host, want.id, LINK_UP);
	if (link != NULL && !link_want_is(&want, link)) {
		err_set(err, ERR_STATE, "id", "delete the link first, or use links.put",
			"link '%s' exists with other ends or another size", want.name);
		return NULL;
	}
	if ((link == NULL || !link_want_has_paths(&want, link)) &&
		link_want_check(host, &want, NULL, NULL, err) < 0)
		return NULL;
	if (link == NULL) {
		if (link_want_make(host, &want, &link, err) < 0)
			return NULL;
		LIST_INSERT_HEAD(&host->links, link, entry);
		if (wiring_check_room(host, link->pool, err) < 0) {
			LIST_REMOVE(link, entry);
			link_destroy(link);
			return NULL;
		}
	}
	memcpy(link->paths, want.paths, sizeof(link->paths));
	control_keep_tag(&link->tag, request);
	return wiring_apply(host, link->pool, NULL, err) < 0 ? NULL : to_json(link);
}

json_t *
control_link_del(struct host *host, const json_t *request, struct err *err)
{
	struct link *link;
	const char *id;

	if (request_unpack(request, err, "{s:s}", "id", &id) < 0)
		return NULL;
	while ((link = host_link(host, id, LINK_ANY)) != NULL)
		if (control_link_remove(host, link, err) < 0)
			return NULL;
	return json_object();
}

/* What an earlier request has left half done comes first. */
json_t *
control_links_put(struct host *host, const json_t *request, struct err *err)
{
	struct relink_outcome outcome = {0};
	struct change change = {0};
	struct pool *pool;
	json_t *reply = NULL;
	int rc = read_change(host, request, &change, err);

	pool = rc == 0 ? host_pool(host, change.ns) : NULL;
	if (pool != NULL && relink_is_due(host, pool))
		rc = relink_run(host, pool, &outcome, err);
	if (rc == 0)
		rc = check_change(host, &change, err);
	if (rc == 0)
		rc = make_all(host, &change, err);
	if (rc == 0)
		rc = enter_all(host, &change, pool, err);
	if (rc == 0 && turn_over(host, &change) && pool != NULL)
		rc = relink_run(host, pool, &outcome, err);
	if (rc == 0)
		reply = change_to_json(host, &change, &outcome);
	free(change.wants);
	free(change.made);
	return reply;
}

json_t *
control_link_list(const struct host *host)
{
	json_t *list = json_array();
	const struct link *link;

	LIST_FOREACH (link, &host->links, entry)
		if (link->state == LINK_UP)
			json_array_append_new(list, to_json(link));
	return list;
}

/* When both ends have let go, what is left in the rings goes home. */
int
control_link_remove(struct host *host, struct link *link, struct err *err)
{
	link->state = LINK_CUT;
	return wiring_apply(host, link->pool, NULL, err);
}

static int
read_change(const struct host *host, const json_t *request, struct change *change,
	struct err *err)
{
	json_t *put, *item;
	size_t i;
	int rc = request_unpack(request, err, "{s:s, s:o, s:o}", "ns", &change->ns, "put",
		&put, "del", &change->del);

	if (rc == 0 && (!json_is_array(put) || !json_is_array(change->del)))
		rc = err_set(err, ERR_INVALID, json_is_array(put) ? "del" : "put", NULL,
			"is a list");
	if (rc < 0)
		return rc;
	change->n = json_array_size(put);
	change->wants = calloc(change->n + 1, sizeof(*change->wants));
	change->made = calloc(change->n + 1, sizeof(*change->made));
	if (change->wants == NULL || change->made == NULL)
		return err_sys(err, ENOMEM, "cannot change links");
	json_array_foreach (put, i, item) {
		rc = link_want_read(host, item, &change->wants[i], err);
		if (rc == 0 && strcmp(change->wants[i].ns, change->ns) != 0)
			rc = err_set(err, ERR_INVALID, "ns", NULL,
				"one request changes one service");
		if (rc < 0)
			break;
	}
	return rc;
}

static int
check_change(const struct host *host, const struct change *change, struct err *err)
{
	const struct link *link;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < change->n; i++) {
		link = host_link(host, change->wants[i].id, LINK_UP);
		rc = check_distinct(change, i, err);
		if (rc == 0 && (link == NULL || !link_want_is(&change->wants[i], link) ||
				       !link_want_has_paths(&change->wants[i], link)))
			rc = link_want_check(
				host, &change->wants[i], is_concerned, change, err);
	}
	return rc;
}

/* No two of the wanted links meet. */
static int
check_distinct(const struct change *change, size_t at, struct err *err)
{
	const struct link_want *want = &change->wants[at], *other;

	for (size_t i = 0; i < at; i++) {
		other = &change->wants[i];
		if (strcmp(other->id, want->id) == 0)
			return err_set(err, ERR_INVALID, "put", NULL,
				"link '%s' is wanted twice", want->id);
		for (unsigned k = 0; k < 4; k++)
			if (link_end_equal(&other->ends[k / 2], &want->ends[k % 2]) &&
				!wiring_may_meet(&other->ends[!(k / 2)], other->paths,
					&want->ends[!(k % 2)], want->paths))
				return err_set(err, ERR_INVALID, "put",
					"an end has one link, unless each names its own `paths`",
					"links '%s' and '%s' meet", other->name,
					want->name);
	}
	return 0;
}

/* It is to be deleted, or another is wanted under its name. */
static bool
goes(const struct link *link, const void *arg)
{
	const struct change *change = arg;
	const json_t *id;
	size_t i;

	for (i = 0; i < change->n; i++)
		if (strcmp(change->wants[i].id, link->id) == 0)
			return !link_want_is(&change->wants[i], link);
	json_array_foreach (change->del, i, id)
		if (json_is_string(id) && strcmp(json_string_value(id), link->id) == 0)
			return strcmp(link->ns, change->ns) == 0;
	return false;
}

/* The request says what becomes of it; those that it wants are held against each other.
 */
static bool
is_concerned(const struct link *link, const void *arg)
{
	const struct change *change = arg;

	for (size_t i = 0; i < change->n; i++)
		if (strcmp(change->wants[i].id, link->id) == 0)
			return true;
	return goes(link, arg);
}

/* All or none. */
static int
make_all(struct host *host, struct change *change, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < change->n; i++) {
		const struct link_want *want = &change->wants[i];
		struct link *link = host_link(host, want->id, LINK_UP);

		if (link == NULL || !link_want_is(want, link))
			rc = link_want_make(host, want, &change->made[i], err);
	}
	for (size_t i = 0; rc < 0 && i < change->n; i++)
		link_destroy(change->made[i]);
	return rc;
}

/* The new ones beside those that go, if there are places for all: nothing is left of them
 * else. */
static int
enter_all(struct host *host, const struct change *change, const struct pool *pool,
	struct err *err)
{
	struct link *link;
	int rc;

	LIST_FOREACH (link, &host->links, entry)
		if (link->state == LINK_UP) {
			link->stays = true;
			link->state = goes(link, change) ? LINK_LEAVING : LINK_UP;
		}
	for (size_t i = 0; i < change->n; i++)
		if (change->made[i] != NULL)
			LIST_INSERT_HEAD(&host->links, change->made[i], entry);
	rc = wiring_check_room(host, pool, err);
	if (rc < 0)
		take_back(host, change);
	return rc;
}

/* None was leaving before. */
static void
take_back(struct host *host, const struct change *change)
{
	struct link *link;

	for (size_t i = 0; i < change->n; i++)
		if (change->made[i] != NULL) {
			LIST_REMOVE(change->made[i], entry);
			link_destroy(change->made[i]);
		}
	LIST_FOREACH (link, &host->links, entry)
		if (link->state == LINK_LEAVING && goes(link, change))
			link->state = LINK_UP;
}

/* From here on they count. False: nothing differs. */
static bool
turn_over(struct host *host, const struct change *change)
{
	struct link *link;
	bool differs = false;

	LIST_FOREACH (link, &host->links, entry)
		differs = differs || (link->state == LINK_LEAVING && goes(link, change));
	for (size_t i = 0; i < change->n; i++) {
		if (change->made[i] != NULL) {
			differs = true;
			continue;
		}
		link = host_link(host, change->wants[i].id, LINK_UP);
		json_decref(link->tag);
		link->tag = json_incref(change->wants[i].tag);
		differs = differs || !link_want_has_paths(&change->wants[i], link);
		memcpy(link->paths, change->wants[i].paths, sizeof(link->paths));
	}
	return differs;
}

static json_t *
change_to_json(const struct host *host, const struct change *change,
	const struct relink_outcome *outcome)
{
	json_t *links = json_array();

	for (size_t i = 0; i < change->n; i++)
		json_array_append_new(
			links, to_json(host_link(host, change->wants[i].id, LINK_UP)));
	log_info("links replaced",
		"ns=%s put=%zu del=%zu freed=%u dropped=%lu shed=%lu turn_us=%lu drain_us=%lu cut_us=%lu "
		"arrive_us=%lu",
		change->ns, change->n, json_array_size(change->del), outcome->freed,
		outcome->dropped, outcome->shed, outcome->turn_us, outcome->drain_us,
		outcome->cut_us, outcome->arrive_us);
	return json_pack("{s:o, s:I, s:I, s:I, s:{s:I, s:I, s:I, s:I}}", "links", links,
		"freed", (json_int_t)outcome->freed, "dropped",
		(json_int_t)outcome->dropped, "shed", (json_int_t)outcome->shed, "us",
		"turn", (json_int_t)outcome->turn_us, "drain",
		(json_int_t)outcome->drain_us, "cut", (json_int_t)outcome->cut_us,
		"arrive", (json_int_t)outcome->arrive_us);
}

static json_t *
to_json(const struct link *link)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:o*, s:O?}", "id",
		link->id, "ns", link->ns, "name", link->name, "rings", 2, "size",
		(int)link->size, "a", end_to_json(&link->ends[0]), "b",
		end_to_json(&link->ends[1]), "paths", paths_to_json(link->paths), "tag",
		link->tag);
}

/* Null: none. */
static json_t *
paths_to_json(const uint32_t paths[8])
{
	json_t *list = NULL;

	for (unsigned path = 1; path <= STEER_PATH_MAX; path++) {
		if (!steer_paths_have(paths, path))
			continue;
		if (list == NULL)
			list = json_array();
		json_array_append_new(list, json_integer(path));
	}
	return list;
}

static json_t *
end_to_json(const struct link_end *end)
{
	if (end->port != NULL)
		return json_pack("{s:s}", "port", end->port->id);
	return json_pack(
		"{s:s, s:s}", "slot", end->slot->id, "cp", end->slot->cps[end->cp]);
}
