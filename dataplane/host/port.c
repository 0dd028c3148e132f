/* port.c: opening and closing ports. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <rte_malloc.h>
#include "dataplane/host/netdev.h"
#include "dataplane/host/port.h"
#include "dataplane/host/port_lost.h"
#include "dataplane/host/port_queue.h"

static const char *const reason_names[PORT_REASONS] = {
	[PORT_OVERFLOW] = "overflow",
	[PORT_PATIENCE] = "patience",
	[PORT_MALFORMED] = "malformed",
	[PORT_OVERSIZE] = "oversize",
	[PORT_GARBAGE] = "garbage",
	[PORT_NO_BUFFER] = "no-buffer",
	[PORT_NO_LINK] = "no-link",
	[PORT_RATE_LIMITED] = "rate-limited",
	[PORT_NO_INTERFACE] = "no-interface",
	[PORT_NO_PATH] = "no-path",
};

static int parse(const struct driver *driver, const json_t *spec,
	struct driver_common **parsed, struct err *err);
static int change_driver(struct port *port, const json_t *spec, struct err *err);
static bool is_same(const json_t *a, const json_t *b);
static void forget_changes(const struct driver *driver, json_t *spec);
static int check_interface(
	const json_t *spec, const struct port_list *others, struct err *err);

int
port_open(const char *id, const char *ns, const char *name, json_t *spec,
	struct pool *pool, const struct port_list *others, unsigned workers, bool late,
	struct port **out, struct err *err)
{
	struct err why = {0};
	struct port *port;
	int rc;

	if (driver_find(spec, err) == NULL)
		return -EINVAL;
	port = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*port));
	if (port == NULL)
		return err_sys(err, ENOMEM, "cannot make a port");
	*port = (struct port){
		.pool = pool, .mtu = PORT_MTU, .workers = workers, .n_sources = 1};
	snprintf(port->id, sizeof(port->id), "%s", id);
	snprintf(port->ns, sizeof(port->ns), "%s", ns);
	snprintf(port->name, sizeof(port->name), "%s", name);
	port->spec = json_deep_copy(spec); /* its limits may change */
	port->interface = json_string_value(json_object_get(port->spec, "interface"));
	rc = port_set_limits(port, json_object_get(spec, "limits"), &why);
	if (rc == 0)
		rc = check_interface(spec, others, &why);
	if (rc == 0)
		rc = port_start(port, &why);
	if (rc < 0 && late && why.code == ERR_NOT_FOUND &&
		strcmp(why.path, "interface") == 0) {
		port->driver = &driver_lost;
		port->why = why;
		port_queues_open(port, 1, 1, NULL);
	} else if (rc < 0) {
		if (err != NULL)
			*err = why;
		port_close(port);
		return rc;
	}
	*out = port;
	return 0;
}

int
port_start(struct port *port, struct err *err)
{
	const struct driver *driver = driver_find(port->spec, err);
	struct driver_common *parsed = NULL;
	int rc;

	if (driver == NULL)
		return -EINVAL;
	rc = parse(driver, port->spec, &parsed, err);
	if (rc == 0) {
		port->mtu = parsed->mtu != 0 ? parsed->mtu : PORT_MTU;
		port->carries = false;
		port->n_sources = 1;
		rc = driver->open(port, parsed, err);
		field_clear(driver->fields, parsed);
	}
	if (rc == 0) {
		rc = port_queues_open(port, parsed->queues, port->workers, err);
		if (rc < 0)
			driver->close(port);
	}
	port->driver = rc == 0 ? driver : NULL; /* it has left nothing to close */
	port->frame_max = RTE_MIN(port->mtu + PORT_FRAME_OVER,
		port->carries ? BUFFER_LARGE_FRAME_MAX : BUFFER_FRAME_MAX);
	port->ifindex = port->interface != NULL ? if_nametoindex(port->interface) : 0;
	free(parsed);
	return rc;
}

/* The caller clears what was parsed by the driver's fields, and frees it. */
static int
parse(const struct driver *driver, const json_t *spec, struct driver_common **parsed,
	struct err *err)
{
	struct faults faults = {0};
	int rc;

	*parsed = calloc(1, driver->spec_size);
	if (*parsed == NULL)
		return err_sys(err, ENOMEM, "cannot read a port");
	rc = field_parse(driver->fields, spec, "", *parsed, driver->spec_size, &faults);
	if (rc < 0) {
		rc = faults_first(&faults, err);
		free(*parsed);
		*parsed = NULL;
	}
	faults_clear(&faults);
	return rc;
}

void
port_close(struct port *port)
{
	if (port == NULL)
		return;
	port_queues_close(port);
	if (port->driver != NULL)
		port->driver->close(port);
	json_decref(port->spec);
	json_decref(port->tag);
	free(port);
}

int
port_set_limits(struct port *port, json_t *json, struct err *err)
{
	struct limits limits;
	int rc = limiter_read(&port->limiter, &limits, json, err);

	if (rc < 0)
		return rc;
	if (json != NULL)
		json_object_set(port->spec, "limits", json);
	else
		json_object_del(port->spec, "limits");
	return 0;
}

bool
port_may_become(const struct port *port, const json_t *spec)
{
	json_t *is = json_copy(port->spec);
	json_t *wanted = json_copy((json_t *)(uintptr_t)spec);
	bool same;

	forget_changes(port->driver, is);
	forget_changes(port->driver, wanted);
	same = json_equal(is, wanted);
	json_decref(is);
	json_decref(wanted);
	return same;
}

int
port_change(struct port *port, const json_t *spec, struct err *err)
{
	json_t *limits = json_object_get(spec, "limits");
	int rc = change_driver(port, spec, err);

	if (rc == 0 && !is_same(json_object_get(port->spec, "limits"), limits))
		rc = port_set_limits(port, limits, err);
	return rc;
}

const char *
port_state(const struct port *port)
{
	if (port->driver == &driver_lost)
		return "lost";
	return port->netdev == NULL || netdev_is_running(port->netdev) ? "up" : "down";
}

void
port_count(const struct port *port, struct port_counters *sum)
{
	*sum = (struct port_counters){0};
	port_counters_add(sum, &port->counters);
	for (unsigned i = 0; i < port->n_queues; i++)
		port_counters_add(sum, &port->queues[i].counters);
}

void
port_counters_add(struct port_counters *sum, const struct port_counters *counters)
{
	const uint64_t *from = (const uint64_t *)counters;
	uint64_t *to = (uint64_t *)sum;

	for (unsigned i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		to[i] += __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

const char *
port_reason_name(enum port_reason reason)
{
	return reason_names[reason];
}

void
port_reset(struct port *port)
{
	histogram_clear(&port->latency);
	if (port->driver->reset != NULL)
		port->driver->reset(port);
}

/* What the driver says may change; all of the spec is judged before. */
static int
change_driver(struct port *port, const json_t *spec, struct err *err)
{
	const struct driver *driver = port->driver;
	struct driver_common *parsed;
	bool same = true;

	for (const char *const *name = driver->changes; name && *name != NULL; name++)
		same &= is_same(
			json_object_get(port->spec, *name), json_object_get(spec, *name));
	if (same)
		return 0;
	if (parse(driver, spec, &parsed, err) < 0)
		return -EINVAL;
	driver->change(port, parsed);
	field_clear(driver->fields, parsed);
	free(parsed);
	for (const char *const *name = driver->changes; *name != NULL; name++)
		if (json_object_get(spec, *name) != NULL)
			json_object_set(port->spec, *name, json_object_get(spec, *name));
		else
			json_object_del(port->spec, *name);
	return 0;
}

static bool
is_same(const json_t *a, const json_t *b)
{
	return a == b || json_equal(a, b);
}

static void
forget_changes(const struct driver *driver, json_t *spec)
{
	json_object_del(spec, "limits");
	for (const char *const *name = driver->changes; name && *name != NULL; name++)
		json_object_del(spec, *name);
}

/* Two ports that read one interface would each get every packet. */
static int
check_interface(const json_t *spec, const struct port_list *others, struct err *err)
{
	const char *interface = json_string_value(json_object_get(spec, "interface"));
	const struct port *other;

	if (interface == NULL)
		return 0;
	LIST_FOREACH (other, others, entry)
		if (other->interface != NULL && strcmp(other->interface, interface) == 0)
			return err_set(err, ERR_EXISTS, "interface",
				"use another interface, or delete the other port first",
				"interface '%s' is already used by port '%s' of service "
				"%s",
				interface, other->name, other->ns);
	return 0;
}
