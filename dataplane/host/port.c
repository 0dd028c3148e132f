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
};

static int check_interface(
	const json_t *spec, const struct port_list *others, struct err *err);

int
port_open(const char *id, const char *ns, const char *name, json_t *spec,
	struct pool *pool, const struct port_list *others, bool late, struct port **out,
	struct err *err)
{
	struct err why = {0};
	struct port *port;
	int rc;

	if (driver_find(spec, err) == NULL)
		return -EINVAL;
	port = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*port));
	if (port == NULL)
		return err_sys(err, ENOMEM, "cannot make a port");
	*port = (struct port){.pool = pool,
		.mtu = PORT_MTU,
		.queues = 1,
		.sample_in = PORT_SAMPLE_EVERY};
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
	struct faults faults = {0};
	struct driver_common *parsed;
	int rc;

	if (driver == NULL)
		return -EINVAL;
	parsed = calloc(1, driver->spec_size);
	if (parsed == NULL)
		return err_sys(err, ENOMEM, "cannot make a port");
	rc = field_parse(
		driver->fields, port->spec, "", parsed, driver->spec_size, &faults);
	if (rc < 0)
		rc = faults_first(&faults, err);
	else {
		port->mtu = parsed->mtu != 0 ? parsed->mtu : PORT_MTU;
		rc = driver->open(port, parsed, err);
		field_clear(driver->fields, parsed);
	}
	port->driver = rc == 0 ? driver : NULL; /* it has left nothing to close */
	port->frame_max = RTE_MIN(port->mtu + PORT_FRAME_OVER, BUFFER_FRAME_MAX);
	port->ifindex = port->interface != NULL ? if_nametoindex(port->interface) : 0;
	faults_clear(&faults);
	free(parsed);
	return rc;
}

void
port_close(struct port *port)
{
	if (port == NULL)
		return;
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

const char *
port_state(const struct port *port)
{
	if (port->driver == &driver_lost)
		return "lost";
	return port->netdev == NULL || netdev_is_running(port->netdev) ? "up" : "down";
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
