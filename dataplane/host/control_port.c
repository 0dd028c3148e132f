/* control_port.c: port.put, port.del, port.reset. */
#include <string.h>
#include "common/log.h"
#include "dataplane/host/control.h"
#include "dataplane/host/ethdev.h"
#include "dataplane/host/port_lost.h"
#include "dataplane/host/port_queue.h"
#include "dataplane/host/request.h"
#include "dataplane/host/wiring.h"

#define RECOVER_MS   10000 /* that opening a port may take */
#define TRY_AGAIN_MS 500   /* and opening changes interfaces, which is told too */

struct want {
	const char *id, *ns, *name;
	json_t *spec;
	bool late;
};

static int read_want(const json_t *request, struct want *want, struct err *err);
static struct port *make(struct host *host, const struct want *want, struct err *err);
static int start(struct host *host, struct port *port, struct err *err);
static int change(
	struct host *host, struct port *port, const json_t *spec, struct err *err);
static void stop(struct host *host, struct port *port);
static bool has_buffers(const struct port *port);
static void reclaim(struct host *host, struct pool *pool);
static void lose(struct host *host, struct port *port);
static void recover(struct host *host, struct port *port);
static json_t *to_json(const struct port *port);

json_t *
control_port_put(struct host *host, const json_t *request, struct err *err)
{
	struct want want;
	struct port *port;

	if (read_want(request, &want, err) < 0)
		return NULL;
	port = host_port(host, want.id);
	if (port != NULL && !port_may_become(port, want.spec)) {
		err_set(err, ERR_STATE, "spec", "delete the port first",
			"port '%s' exists with another specification", want.name);
		return NULL;
	}
	if (port == NULL)
		port = make(host, &want, err);
	else if (change(host, port, want.spec, err) < 0)
		return NULL;
	if (port == NULL)
		return NULL;
	control_keep_tag(&port->tag, request);
	return to_json(port);
}

/* While the port goes on. */
static int
change(struct host *host, struct port *port, const json_t *spec, struct err *err)
{
	int rc;

	if (json_equal(port->spec, spec))
		return 0;
	host_park(host);
	rc = port_change(port, spec, err);
	if (rc < 0) {
		err_prefix(err, "spec");
		host_replan(host, NULL, NULL);
		return rc;
	}
	log_info("port changed", "port=%s", port->id);
	return host_replan(host, NULL, err);
}

json_t *
control_port_del(struct host *host, const json_t *request, struct err *err)
{
	struct link *link;
	struct port *port;
	const char *id;

	if (request_unpack(request, err, "{s:s}", "id", &id) < 0)
		return NULL;
	port = host_port(host, id);
	if (port == NULL)
		return json_object();
	while ((link = host_link_at(host, &(struct link_end){.port = port}, LINK_ANY)) !=
		NULL)
		if (control_link_remove(host, link, err) < 0)
			return NULL;
	if (host_replan(host, port, err) < 0)
		return NULL;
	log_info("port deleted", "port=%s", port->id);
	stop(host, port);
	return json_object();
}

json_t *
control_port_reset(struct host *host, const json_t *request, struct err *err)
{
	struct port *port;
	const char *id;

	if (request_unpack(request, err, "{s:s}", "id", &id) < 0)
		return NULL;
	port = host_port(host, id);
	if (port == NULL) {
		err_set(err, ERR_NOT_FOUND, "id", NULL, "there is no port '%s'", id);
		return NULL;
	}
	host_park(host);
	port_reset(port);
	return host_replan(host, NULL, err) < 0 ? NULL : json_object();
}

json_t *
control_port_list(const struct host *host)
{
	json_t *list = json_array();
	const struct port *port;

	LIST_FOREACH (port, &host->ports, entry)
		json_array_append_new(list, to_json(port));
	return list;
}

void
control_port_look(struct host *host)
{
	struct port *port;

	LIST_FOREACH (port, &host->ports, entry) {
		if (port_has_lost(port))
			lose(host, port);
		if (port_may_recover(port) &&
			loop_now_ms() - port->tried_ms >= TRY_AGAIN_MS)
			recover(host, port);
	}
}

static int
read_want(const json_t *request, struct want *want, struct err *err)
{
	int late = 0;
	int rc = request_unpack(request, err, "{s:s, s:s, s:s, s:o, s?b}", "id",
		&want->id, "ns", &want->ns, "name", &want->name, "spec", &want->spec,
		"late", &late);

	want->late = late != 0;
	if (rc == 0)
		rc = request_check_id(want->id, "id", 2 * REQUEST_ID_MAX + 1, err);
	if (rc == 0)
		rc = request_check_id(want->name, "name", REQUEST_ID_MAX, err);
	return rc;
}

static struct port *
make(struct host *host, const struct want *want, struct err *err)
{
	struct pool *pool = host_pool(host, want->ns);
	struct port *port;

	if (pool == NULL) {
		err_set(err, ERR_NOT_FOUND, "ns", NULL, "service '%s' has no pool",
			want->ns);
		return NULL;
	}
	if (port_open(want->id, want->ns, want->name, want->spec, pool, &host->ports,
		    host->n_workers, want->late, &port, err) < 0) {
		err_prefix(err, "spec");
		return NULL;
	}
	port->worker = host_least_busy(host);
	LIST_INSERT_HEAD(&host->ports, port, entry);
	if (start(host, port, err) < 0) {
		stop(host, port);
		return NULL;
	}
	log_info("port made", "port=%s driver=%s worker=%u queues=%u fds=%u", port->id,
		port->driver->name, port->worker, port->n_queues, port->n_fds);
	if (port->why.code != ERR_NONE)
		host->pulse->ports++;
	return port;
}

static int
start(struct host *host, struct port *port, struct err *err)
{
	struct port_queue *queue;
	int rc = 0;

	for (unsigned i = 0; i < port->n_queues; i++) {
		queue = &port->queues[i];
		queue->worker = (port->worker + i) % host->n_workers;
		queue->bell = &host->bells[queue->worker];
		for (unsigned k = 0; rc == 0 && k < queue->n_fds; k++)
			rc = watch_add(host->watch, queue->fds[k], queue->worker, err);
	}
	return rc == 0 ? host_replan(host, NULL, err) : rc;
}

/* It is in no plan any more. */
static void
stop(struct host *host, struct port *port)
{
	for (unsigned i = 0; i < port->n_fds; i++)
		watch_del(host->watch, port->fds[i]);
	const bool kept = has_buffers(port);
	struct pool *pool = port->pool;

	LIST_REMOVE(port, entry);
	port_close(port);
	if (kept)
		reclaim(host, pool);
}

static bool
has_buffers(const struct port *port)
{
	return port->driver->listens || port_queues_are_software(port);
}

/* Some of DPDK's drivers do not give back what they had for the kernel to fill. What is
 * ready in another open driver of the pool looks the same: then it is done when that is
 * closed. */
static void
reclaim(struct host *host, struct pool *pool)
{
	const struct port *other;
	struct err err = {0};
	uint32_t n;

	LIST_FOREACH (other, &host->ports, entry)
		if (other->pool == pool && has_buffers(other))
			return;
	host_park(host);
	n = pool_reclaim(pool);
	if (n > 0)
		log_info("buffers taken back from a closed driver", "ns=%s n=%u",
			pool->ns, n);
	if (host_replan(host, NULL, &err) < 0)
		log_error("no plan", "reason=\"%s\"", err.text);
}

static void
lose(struct host *host, struct port *port)
{
	struct err why, err = {0};
	bool kept;

	err_set(&why, ERR_NOT_FOUND, "interface",
		"the port takes it up by itself when it is there again",
		"its interface '%s' is gone", port->interface);
	if (host_replan(host, port, &err) < 0) {
		log_error("port cannot be closed", "port=%s reason=\"%s\"", port->id,
			err.text);
		return;
	}
	for (unsigned i = 0; i < port->n_fds; i++)
		watch_del(host->watch, port->fds[i]);
	kept = has_buffers(port);
	port_lose(port, &why);
	if (kept)
		reclaim(host, port->pool);
	log_error("port lost", "port=%s interface=%s next=\"wait for one of that name\"",
		port->id, port->interface);
	__atomic_fetch_add(&host->pulse->ports, 1, __ATOMIC_RELEASE);
	if (host_replan(host, NULL, &err) < 0)
		log_error("port is in no plan", "port=%s reason=\"%s\"", port->id,
			err.text);
}

/* What fails is tried again with the next look; a new reason is said once. */
static void
recover(struct host *host, struct port *port)
{
	const uint32_t mtu = port->mtu;
	struct err before = port->why, err = {0};
	int rc;

	host->pulse->patience_ms = RECOVER_MS;
	port->tried_ms = loop_now_ms();
	rc = host_replan(host, port, &err);
	if (rc == 0)
		rc = port_recover(port, &err);
	if (rc < 0 && strcmp(before.text, err.text) != 0)
		log_warn("port stays lost", "port=%s reason=\"%s\" hint=\"%s\"", port->id,
			err.text, err.hint);
	if (rc == 0)
		log_info("port found its interface", "port=%s interface=%s", port->id,
			port->interface);
	if (rc == 0 || strcmp(before.text, err.text) != 0)
		__atomic_fetch_add(&host->pulse->ports, 1, __ATOMIC_RELEASE);
	rc = rc == 0 ? start(host, port, &err) : host_replan(host, NULL, &err);
	if (rc == 0 && port->mtu != mtu)
		rc = wiring_apply(host, port->pool, NULL,
			&err); /* the VNF at the other end is told */
	if (rc < 0)
		log_error("port does not work", "port=%s reason=\"%s\"", port->id,
			err.text);
	host->pulse->control++;
	host->pulse->patience_ms = 0;
}

static json_t *
to_json(const struct port *port)
{
	char mac[NET_STRLEN];
	json_t *error = port->why.code != ERR_NONE ? err_to_json(&port->why) : NULL;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:O, s:O?, s:o*}", "id",
		port->id, "ns", port->ns, "name", port->name, "driver",
		json_string_value(json_object_get(port->spec, "driver")), "mac",
		net_mac_print(&port->mac, mac), "mtu", (json_int_t)port->mtu, "state",
		port_state(port), "spec", port->spec, "tag", port->tag, "error", error);
}
