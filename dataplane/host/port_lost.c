/* port_lost.c: a port whose network interface is gone. */
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include "dataplane/host/netdev.h"
#include "dataplane/host/port_lost.h"
#include "dataplane/host/port_queue.h"

static bool is_detached(int tap);
static uint32_t receive_nothing(
	struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n);
static uint64_t rest_for_ever(struct port *port, uint64_t tsc);
static void close_nothing(struct port *port);

/* No tx: io.c drops what is to be sent. */
const struct driver driver_lost = {
	.name = "lost",
	.rx = receive_nothing,
	.rest_ns = rest_for_ever,
	.close = close_nothing,
};

bool
port_has_lost(const struct port *port)
{
	if (port->interface == NULL || port->driver == &driver_lost)
		return false;
	if (port->driver == &driver_tap)
		return port->n_fds > 0 && is_detached(port->fds[0]);
	return if_nametoindex(port->interface) != port->ifindex;
}

/* A TAP may be moved to another namespace and works from there: its name says nothing. */
static bool
is_detached(int tap)
{
	struct pollfd pollfd = {.fd = tap};

	return poll(&pollfd, 1, 0) == 1 && (pollfd.revents & POLLERR);
}

/* A TAP is made by its port. */
bool
port_may_recover(const struct port *port)
{
	const char *driver = json_string_value(json_object_get(port->spec, "driver"));

	return port->driver == &driver_lost &&
	       netdev_exists(port->interface) != (strcmp(driver, "tap") == 0);
}

void
port_lose(struct port *port, const struct err *why)
{
	if (port->driver->missed != NULL)
		port->counters.drops[PORT_OVERFLOW] += port->driver->missed(port);
	port_queues_close(port);
	port->driver->close(port);
	port->driver = &driver_lost;
	port->own = NULL;
	port->netdev = NULL;
	port->vdev[0] = '\0';
	port->n_fds = 0;
	port->stuck_since = 0;
	port->why = *why;
}

int
port_recover(struct port *port, struct err *err)
{
	int rc = port_start(port, err);

	if (rc < 0) {
		port->driver = &driver_lost;
		port->netdev = NULL;
		port->n_fds = 0;
		port->why = *err;
		return rc;
	}
	port->why = (struct err){0};
	return 0;
}

static uint32_t
receive_nothing(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n)
{
	(void)queue;
	(void)buffers;
	(void)n;
	return 0;
}

static uint64_t
rest_for_ever(struct port *port, uint64_t tsc)
{
	(void)port;
	(void)tsc;
	return DRIVER_NEVER;
}

static void
close_nothing(struct port *port)
{
	(void)port;
}
