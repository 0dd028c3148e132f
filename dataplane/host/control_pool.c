/* control_pool.c: pool.put and pool.del. */
#include <string.h>
#include "common/log.h"
#include "dataplane/host/control.h"
#include "dataplane/host/request.h"
#include "dataplane/host/steering.h"

static int make(struct host *host, const char *ns, uint32_t buffers, struct err *err);
static void change_limits(struct host *host, struct pool *pool,
	const struct limits *limits, const struct limiter *limiter);
static void end(struct pool *pool);
static bool in_use(const struct host *host, const struct pool *pool);
static json_t *to_json(const struct pool *pool);

json_t *
control_pool_put(struct host *host, const json_t *request, struct err *err)
{
	struct pool *pool;
	json_int_t buffers, share = SLOT_SHARE;
	struct limits limits;
	struct limiter limiter;
	json_t *wanted = NULL;
	const char *ns;
	bool is_new;

	if (request_unpack(request, err, "{s:s, s:I, s?o, s?I}", "ns", &ns, "buffers",
		    &buffers, "limits", &wanted, "share", &share) < 0 ||
		request_check_id(ns, "ns", REQUEST_ID_MAX, err) < 0 ||
		limiter_read(&limiter, &limits, wanted, err) < 0)
		return NULL;
	if (buffers < POOL_BUFFERS_MIN || buffers > POOL_BUFFERS_MAX) {
		err_set(err, ERR_INVALID, "buffers", NULL,
			"a pool has from %u to %u buffers", POOL_BUFFERS_MIN,
			POOL_BUFFERS_MAX);
		return NULL;
	}
	if (share < 1 || share > SLOT_SHARE_MAX) {
		err_set(err, ERR_INVALID, "share", NULL,
			"a share is a weight from 1 to %u", SLOT_SHARE_MAX);
		return NULL;
	}
	pool = host_pool(host, ns);
	is_new = pool == NULL;
	if (is_new && make(host, ns, (uint32_t)buffers, err) < 0)
		return NULL;
	pool = host_pool(host, ns);
	if (pool->size != buffers) {
		err_set(err, ERR_STATE, "buffers", "terminate the service to change it",
			"the service's pool has %u buffers", pool->size);
		return NULL;
	}
	if (steering_change(host, pool, json_object_get(request, "steer"), err) < 0) {
		if (is_new)
			end(pool);
		return NULL;
	}
	pool->share = (unsigned)share;
	change_limits(host, pool, &limits, &limiter);
	if (host_replan(host, NULL, err) < 0)
		return NULL;
	control_keep_tag(&pool->tag, request);
	return to_json(pool);
}

/* A meter that stays as it is keeps its bucket. The workers are parked until the next
 * plan. */
static void
change_limits(struct host *host, struct pool *pool, const struct limits *limits,
	const struct limiter *limiter)
{
	if (memcmp(limits, &pool->limits, sizeof(*limits)) == 0)
		return;
	host_park(host);
	pool->limits = *limits;
	pool->limiter = *limiter;
	log_info("service has other limits", "ns=%s", pool->ns);
}

json_t *
control_pool_del(struct host *host, const json_t *request, struct err *err)
{
	struct pool *pool;
	const char *ns;

	if (request_unpack(request, err, "{s:s}", "ns", &ns) < 0)
		return NULL;
	pool = host_pool(host, ns);
	if (pool == NULL)
		return json_object();
	if (in_use(host, pool)) {
		err_set(err, ERR_STATE, "ns", "delete those first",
			"the service still has links, VNFs or ports");
		return NULL;
	}
	if (pool_free_count(pool) != pool->size)
		log_error("pool ends with buffers missing", "ns=%s size=%u free=%u", ns,
			pool->size, pool_free_count(pool));
	end(pool);
	log_info("pool deleted", "ns=%s", ns);
	return json_object();
}

json_t *
control_pool_list(const struct host *host)
{
	json_t *list = json_array();
	const struct pool *pool;

	LIST_FOREACH (pool, &host->pools, entry)
		json_array_append_new(list, to_json(pool));
	return list;
}

static int
make(struct host *host, const char *ns, uint32_t buffers, struct err *err)
{
	struct pool *pool;
	int rc = pool_create(ns, buffers, &pool, err);

	if (rc < 0)
		return rc;
	LIST_INSERT_HEAD(&host->pools, pool, entry);
	log_info("pool made", "ns=%s buffers=%u", ns, buffers);
	return 0;
}

static void
end(struct pool *pool)
{
	LIST_REMOVE(pool, entry);
	steering_clear(&pool->steering);
	pool_destroy(pool);
}

static bool
in_use(const struct host *host, const struct pool *pool)
{
	const struct port *port;
	const struct slot *slot;

	LIST_FOREACH (port, &host->ports, entry)
		if (port->pool == pool)
			return true;
	LIST_FOREACH (slot, &host->slots, entry)
		if (slot->pool == pool)
			return true;
	return false;
}

static json_t *
to_json(const struct pool *pool)
{
	return json_pack("{s:s, s:I, s:I, s:O?}", "ns", pool->ns, "size",
		(json_int_t)pool->size, "free", (json_int_t)pool_free_count(pool), "tag",
		pool->tag);
}
