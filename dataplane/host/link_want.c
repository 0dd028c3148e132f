/* link_want.c: see link_want.h. */
#include "dataplane/host/link_want.h"
#include <string.h>
#include "common/log.h"
#include "common/steer_rule.h"
#include "dataplane/host/request.h"
#include "dataplane/host/wiring.h"

static int read_end(const struct host *host, const json_t *json, const char *path,
	struct link_end *end, struct err *err);
static int read_cp(
	const struct slot *slot, const char *cp, struct link_end *end, struct err *err);
static const struct link *find_rival(const struct host *host,
	const struct link_want *want, unsigned at,
	bool (*but)(const struct link *link, const void *arg), const void *arg);
static int read_paths(const json_t *json, struct link_want *want, struct err *err);
static struct pool *find_pool(
	const struct host *host, const struct link_want *want, struct err *err);

int
link_want_read(const struct host *host, const json_t *request, struct link_want *want,
	struct err *err)
{
	json_t *a, *b;
	json_int_t size = 0;
	int rc = request_unpack(request, err, "{s:s, s:s, s:s, s:o, s:o, s?I}", "id",
		&want->id, "ns", &want->ns, "name", &want->name, "a", &a, "b", &b, "size",
		&size);

	if (rc == 0)
		rc = request_check_id(want->id, "id", 2 * REQUEST_ID_MAX + 1, err);
	if (rc == 0)
		rc = request_check_id(want->name, "name", REQUEST_ID_MAX, err);
	if (rc == 0)
		rc = read_end(host, a, "a", &want->ends[0], err);
	if (rc == 0)
		rc = read_end(host, b, "b", &want->ends[1], err);
	if (rc == 0 && (size < 0 || size > LINK_SIZE_MAX))
		return err_set(err, ERR_INVALID, "size", NULL,
			"a link has at most %u places", LINK_SIZE_MAX);
	want->size = size == 0 ? LINK_SIZE : (uint32_t)size;
	want->tag = json_object_get(request, "tag");
	return rc < 0 ? rc : read_paths(json_object_get(request, "paths"), want, err);
}

static int
read_paths(const json_t *json, struct link_want *want, struct err *err)
{
	struct faults faults = {0};
	int rc = steer_paths_parse(json, "paths", want->paths, &faults);

	if (rc < 0)
		rc = faults_first(&faults, err);
	faults_clear(&faults);
	return rc;
}

bool
link_want_is(const struct link_want *want, const struct link *link)
{
	return link_end_equal(&link->ends[0], &want->ends[0]) &&
	       link_end_equal(&link->ends[1], &want->ends[1]) && link->size == want->size;
}

bool
link_want_has_paths(const struct link_want *want, const struct link *link)
{
	return memcmp(want->paths, link->paths, sizeof(want->paths)) == 0;
}

int
link_want_check(const struct host *host, const struct link_want *want,
	bool (*but)(const struct link *link, const void *arg), const void *arg,
	struct err *err)
{
	const struct pool *pool = find_pool(host, want, err);
	const struct link_end *end;
	const struct link *other;

	if (pool == NULL)
		return err_errno(ERR_NOT_FOUND);
	if (link_end_equal(&want->ends[0], &want->ends[1]))
		return err_set(
			err, ERR_INVALID, "b", NULL, "a link has two different ends");
	for (unsigned i = 0; i < 2; i++) {
		end = &want->ends[i];
		if ((end->port != NULL ? end->port->pool : end->slot->pool) != pool)
			return err_set(err, ERR_INVALID, i == 0 ? "a" : "b", NULL,
				"the link's end belongs to another service");
		other = find_rival(host, want, i, but, arg);
		if (other != NULL)
			return err_set(err, ERR_EXISTS, i == 0 ? "a" : "b",
				"an end has one link, unless each names its own `paths`",
				"the end is already joined by link '%s'", other->name);
	}
	return 0;
}

/* A link that is up, stays, has that end, and may not. */
static const struct link *
find_rival(const struct host *host, const struct link_want *want, unsigned at,
	bool (*but)(const struct link *link, const void *arg), const void *arg)
{
	const struct link *link;
	int its;

	LIST_FOREACH (link, &host->links, entry) {
		its = link_end_at(link, &want->ends[at]);
		if (link->state == LINK_UP && its >= 0 &&
			strcmp(link->id, want->id) != 0 &&
			(but == NULL || !but(link, arg)) &&
			!wiring_may_meet(&link->ends[!its], link->paths, &want->ends[!at],
				want->paths))
			return link;
	}
	return NULL;
}

int
link_want_make(struct host *host, const struct link_want *want, struct link **link,
	struct err *err)
{
	struct pool *pool = find_pool(host, want, err);
	int rc;

	if (pool == NULL)
		return err_errno(ERR_NOT_FOUND);
	rc = link_create(
		want->id, want->ns, want->name, want->size, want->ends, pool, link, err);
	if (rc == 0) {
		(*link)->tag = json_incref(want->tag);
		memcpy((*link)->paths, want->paths, sizeof(want->paths));
		log_info("link made", "link=%s size=%u", (*link)->id, (*link)->size);
	}
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

static struct pool *
find_pool(const struct host *host, const struct link_want *want, struct err *err)
{
	struct pool *pool = host_pool(host, want->ns);

	if (pool == NULL)
		err_set(err, ERR_NOT_FOUND, "ns", NULL, "service '%s' has no pool",
			want->ns);
	return pool;
}
