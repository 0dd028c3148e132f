/* control_link.c: link.put and link.del. */
#include <string.h>
#include "common/log.h"
#include "dataplane/host/control.h"
#include "dataplane/host/request.h"

struct want {
	const char *id, *ns, *name;
	json_t *a, *b;
	uint32_t size;
	struct link_end ends[2];
};

static int read_want(const struct host *host, const json_t *request, struct want *want,
	struct err *err);
static int read_end(const struct host *host, const json_t *json, const char *path,
	struct link_end *end, struct err *err);
static int read_cp(
	const struct slot *slot, const char *cp, struct link_end *end, struct err *err);
static struct link *make(struct host *host, const struct want *want, struct err *err);
static int check_ends(const struct host *host, const struct want *want,
	const struct pool *pool, struct err *err);
static bool same(const struct link *link, const struct want *want);
static int wire(struct host *host, struct link *link, struct err *err);
static json_t *to_json(const struct link *link);
static json_t *end_to_json(const struct link_end *end);

json_t *
control_link_put(struct host *host, const json_t *request, struct err *err)
{
	struct want want;
	struct link *link;

	if (read_want(host, request, &want, err) < 0)
		return NULL;
	link = host_link(host, want.id);
	if (link != NULL && !same(link, &want)) {
		err_set(err, ERR_STATE, "id", "delete the link first",
			"link '%s' exists with other ends or another size", want.name);
		return NULL;
	}
	if (link == NULL)
		link = make(host, &want, err);
	if (link == NULL)
		return NULL;
	control_keep_tag(&link->tag, request);
	return wire(host, link, err) < 0 ? NULL : to_json(link);
}

json_t *
control_link_del(struct host *host, const json_t *request, struct err *err)
{
	struct link *link;
	const char *id;

	if (request_unpack(request, err, "{s:s}", "id", &id) < 0)
		return NULL;
	link = host_link(host, id);
	if (link != NULL && control_link_remove(host, link, err) < 0)
		return NULL;
	return json_object();
}

json_t *
control_link_list(const struct host *host)
{
	json_t *list = json_array();
	const struct link *link;

	LIST_FOREACH (link, &host->links, entry)
		json_array_append_new(list, to_json(link));
	return list;
}

/* The slots first, so that nothing new comes in; when both ends have let go, what is left
 * in the rings goes home. */
int
control_link_remove(struct host *host, struct link *link, struct err *err)
{
	int rc = link_unwire(link, err);

	if (rc == 0)
		rc = host_replan(host, &(struct host_except){.link = link}, err);
	if (rc < 0)
		return rc;
	log_info("link deleted", "link=%s", link->id);
	host_park(host);
	LIST_REMOVE(link, entry);
	link_destroy(link);
	return host_replan(host, NULL, err);
}

static int
read_want(const struct host *host, const json_t *request, struct want *want,
	struct err *err)
{
	json_int_t size = 0;
	int rc = request_unpack(request, err, "{s:s, s:s, s:s, s:o, s:o, s?I}", "id",
		&want->id, "ns", &want->ns, "name", &want->name, "a", &want->a, "b",
		&want->b, "size", &size);

	if (rc == 0)
		rc = request_check_id(want->id, "id", 2 * REQUEST_ID_MAX + 1, err);
	if (rc == 0)
		rc = request_check_id(want->name, "name", REQUEST_ID_MAX, err);
	if (rc == 0)
		rc = read_end(host, want->a, "a", &want->ends[0], err);
	if (rc == 0)
		rc = read_end(host, want->b, "b", &want->ends[1], err);
	if (rc == 0 && (size < 0 || size > LINK_SIZE_MAX))
		return err_set(err, ERR_INVALID, "size", NULL,
			"a link has at most %u places", LINK_SIZE_MAX);
	want->size = size == 0 ? LINK_SIZE : (uint32_t)size;
	return rc;
}

static int
read_end(const struct host *host, const json_t *json, const char *path,
	struct link_end *end, struct err *err)
{
	const char *port = NULL, *slot = NULL, *cp = NULL;
	int rc = request_unpack(
		json, err, "{s?s, s?s, s?s}", "port", &port, "slot", &slot, "cp", &cp);

	*end = (struct link_end){0};
	if (rc == 0 && port != NULL) {
		end->port = host_port(host, port);
		if (end->port == NULL)
			rc = err_set(err, ERR_NOT_FOUND, "port", NULL,
				"there is no port '%s'", port);
	} else if (rc == 0 && slot != NULL && cp != NULL) {
		end->slot = host_slot(host, slot);
		rc = end->slot != NULL ? read_cp(end->slot, cp, end, err)
				       : err_set(err, ERR_NOT_FOUND, "slot", NULL,
						 "there is no VNF '%s'", slot);
	} else if (rc == 0) {
		rc = err_set(err, ERR_INVALID, NULL, NULL,
			"an end of a link is {port} or {slot, cp}");
	}
	if (rc < 0)
		err_prefix(err, path);
	return rc;
}

static int
read_cp(const struct slot *slot, const char *cp, struct link_end *end, struct err *err)
{
	const int index = slot_cp(slot, cp);

	if (index < 0)
		return err_set(err, ERR_NOT_FOUND, "cp", NULL,
			"VNF '%s' (%s) has no connection point '%s'", slot->shm->name,
			slot->shm->type, cp);
	end->cp = (unsigned)index;
	return 0;
}

static struct link *
make(struct host *host, const struct want *want, struct err *err)
{
	struct pool *pool = host_pool(host, want->ns);
	struct link *link;

	if (pool == NULL) {
		err_set(err, ERR_NOT_FOUND, "ns", NULL, "service '%s' has no pool",
			want->ns);
		return NULL;
	}
	if (check_ends(host, want, pool, err) < 0 ||
		link_create(want->id, want->ns, want->name, want->size, want->ends, pool,
			&link, err) < 0)
		return NULL;
	LIST_INSERT_HEAD(&host->links, link, entry);
	log_info("link made", "link=%s size=%u", link->id, link->size);
	return link;
}

/* Both ends are free and of this service. */
static int
check_ends(const struct host *host, const struct want *want, const struct pool *pool,
	struct err *err)
{
	const struct link_end *end;
	const struct link *other;

	if (link_end_equal(&want->ends[0], &want->ends[1]))
		return err_set(
			err, ERR_INVALID, "b", NULL, "a link has two different ends");
	for (unsigned i = 0; i < 2; i++) {
		end = &want->ends[i];
		if ((end->port != NULL ? end->port->pool : end->slot->pool) != pool)
			return err_set(err, ERR_INVALID, i == 0 ? "a" : "b", NULL,
				"the link's end belongs to another service");
		other = host_link_at(host, end->port, end->slot, (int)end->cp);
		if (other != NULL)
			return err_set(err, ERR_EXISTS, i == 0 ? "a" : "b",
				"a connection point has one link",
				"the end is already joined by link '%s'", other->name);
	}
	return 0;
}

static bool
same(const struct link *link, const struct want *want)
{
	return link_end_equal(&link->ends[0], &want->ends[0]) &&
	       link_end_equal(&link->ends[1], &want->ends[1]) && link->size == want->size;
}

static int
wire(struct host *host, struct link *link, struct err *err)
{
	struct shm_doorbell *const bells[2] = {
		host_bell(host, &link->ends[0]), host_bell(host, &link->ends[1])};
	int rc = link_wire(link, bells, err);

	return rc == 0 ? host_replan(host, NULL, err) : rc;
}

static json_t *
to_json(const struct link *link)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:O?}", "id", link->id,
		"ns", link->ns, "name", link->name, "rings", 2, "size", (int)link->size,
		"a", end_to_json(&link->ends[0]), "b", end_to_json(&link->ends[1]), "tag",
		link->tag);
}

static json_t *
end_to_json(const struct link_end *end)
{
	if (end->port != NULL)
		return json_pack("{s:s}", "port", end->port->id);
	return json_pack(
		"{s:s, s:s}", "slot", end->slot->id, "cp", end->slot->cps[end->cp]);
}
