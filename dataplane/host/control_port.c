/* control_port.c: port.put, port.del, port.reset. */
#include <string.h>
#include "common/log.h"
#include "dataplane/host/control.h"
#include "dataplane/host/request.h"

struct want {
	const char *id, *ns, *name;
	json_t *spec;
};

static int read_want(const json_t *request, struct want *want, struct err *err);
static struct port *make(struct host *host, const struct want *want, struct err *err);
static int start(struct host *host, struct port *port, struct err *err);
static bool same_but_limits(const json_t *a, const json_t *b);
static int change_limits(
	struct host *host, struct port *port, json_t *limits, struct err *err);
static void stop(struct host *host, struct port *port);
static json_t *to_json(const struct port *port);

json_t *
control_port_put(struct host *host, const json_t *request, struct err *err)
{
	struct want want;
	struct port *port;

	if (read_want(request, &want, err) < 0)
		return NULL;
	port = host_port(host, want.id);
	if (port != NULL && !same_but_limits(port->spec, want.spec)) {
		err_set(err, ERR_STATE, "spec", "delete the port first",
			"port '%s' exists with another specification", want.name);
		return NULL;
	}
	if (port == NULL)
		port = make(host, &want, err);
	else if (change_limits(host, port, json_object_get(want.spec, "limits"), err) < 0)
		return NULL;
	if (port == NULL)
		return NULL;
	control_keep_tag(&port->tag, request);
	return to_json(port);
}

static bool
same_but_limits(const json_t *a, const json_t *b)
{
	json_t *x = json_copy((json_t *)(uintptr_t)a);
	json_t *y = json_copy((json_t *)(uintptr_t)b);
	bool same;

	json_object_del(x, "limits");
	json_object_del(y, "limits");
	same = json_equal(x, y);
	json_decref(x);
	json_decref(y);
	return same;
}

/* While the port goes on. */
static int
change_limits(struct host *host, struct port *port, json_t *limits, struct err *err)
{
	const json_t *had = json_object_get(port->spec, "limits");
	int rc;

	if (limits == had || json_equal(had, limits))
		return 0;
	host_park(host);
	rc = port_set_limits(port, limits, err);
	if (rc < 0) {
		err_prefix(err, "spec");
		host_replan(host, NULL, NULL);
		return rc;
	}
	log_info("port has other limits", "port=%s", port->id);
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

static int
read_want(const json_t *request, struct want *want, struct err *err)
{
	int rc = request_unpack(request, err, "{s:s, s:s, s:s, s:o}", "id", &want->id,
		"ns", &want->ns, "name", &want->name, "spec", &want->spec);

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
		    &port, err) < 0) {
		err_prefix(err, "spec");
		return NULL;
	}
	port->worker = host_least_busy(host);
	LIST_INSERT_HEAD(&host->ports, port, entry);
	if (start(host, port, err) < 0) {
		stop(host, port);
		return NULL;
	}
	log_info("port made", "port=%s driver=%s worker=%u fds=%u", port->id,
		port->driver->name, port->worker, port->n_fds);
	return port;
}

static int
start(struct host *host, struct port *port, struct err *err)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < port->n_fds; i++)
		rc = watch_add(host->watch, port->fds[i], port->worker, err);
	return rc == 0 ? host_replan(host, NULL, err) : rc;
}

/* It is in no plan any more. */
static void
stop(struct host *host, struct port *port)
{
	for (unsigned i = 0; i < port->n_fds; i++)
		watch_del(host->watch, port->fds[i]);
	LIST_REMOVE(port, entry);
	port_close(port);
}

static json_t *
to_json(const struct port *port)
{
	char mac[NET_STRLEN];

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:O, s:O?}", "id", port->id,
		"ns", port->ns, "name", port->name, "driver", port->driver->name, "mac",
		net_mac_print(&port->mac, mac), "mtu", (json_int_t)port->mtu, "state",
		port_state(port), "spec", port->spec, "tag", port->tag);
}
