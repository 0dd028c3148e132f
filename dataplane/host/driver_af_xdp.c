/* driver_af_xdp.c: a network interface by AF_XDP sockets (net_af_xdp): faster than
 * af_packet, wants a recent kernel and a pool of more than 2,048 buffers for each queue's
 * fill ring. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/if_xdp.h>
#include "common/log.h"
#include "dataplane/host/ethdev.h"
#include "dataplane/host/netdev.h"
#include "dataplane/host/port.h"

#define FILL_RING 2048u /* buffers that the driver keeps in each queue */

struct spec {
	struct driver_common common;
	char *interface;
};

static const struct field fields[] = {
	DRIVER_COMMON_FIELDS,
	{.name = "interface",
		.type = FIELD_STRING,
		.offset = offsetof(struct spec, interface),
		.required = true,
		.help = "network interface that the port takes"},
	{0},
};

static void tell_mode(const char *interface, int fd);

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	const struct spec *spec = arg;
	const struct netdev_want want = {spec->common.promiscuous, false};
	char args[128];
	int rc;

	if (pool_free_count(port->pool) <
		spec->common.queues * FILL_RING + POOL_BUFFERS_MIN)
		return err_set(err, ERR_NO_RESOURCE, "driver",
			"give the service more buffers, or use af_packet",
			"af_xdp keeps %u buffers per queue, %u are free", FILL_RING,
			pool_free_count(port->pool));
	rc = netdev_open(spec->interface, &want, &port->netdev, err);
	if (rc < 0)
		return rc;
	netdev_drop_stale_xdp(port->netdev);
	snprintf(args, sizeof(args), "iface=%s,queue_count=%u", spec->interface,
		spec->common.queues);
	port->rx_descriptors = FILL_RING;
	rc = ethdev_open_vdev(port, &spec->common, "net_af_xdp", args, err);
	if (rc < 0) {
		netdev_close(port->netdev);
		return rc;
	}
	port->mtu = spec->common.mtu != 0 ? spec->common.mtu : netdev_mtu(port->netdev);
	for (unsigned i = 0; i < port->n_fds; i++)
		tell_mode(spec->interface, port->fds[i]);
	return 0;
}

/* How the kernel serves a socket: which it chooses itself, by what the interface's driver
 * can do. */
static void
tell_mode(const char *interface, int fd)
{
	struct xdp_options options = {0};
	socklen_t len = sizeof(options);
	int busy_poll = 0;
	socklen_t busy_len = sizeof(busy_poll);

	if (getsockopt(fd, SOL_XDP, XDP_OPTIONS, &options, &len) < 0)
		return; /* another descriptor of the driver's */
	if (getsockopt(fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, &busy_poll, &busy_len) < 0)
		busy_poll = 0;
	log_info("AF_XDP socket", "interface=%s mode=%s busy_poll=%s", interface,
		options.flags & XDP_OPTIONS_ZEROCOPY ? "zero-copy" : "copy",
		busy_poll ? "yes" : "no");
}

const struct driver driver_af_xdp = {
	.name = "af_xdp",
	.fields = fields,
	.spec_size = sizeof(struct spec),
	.listens = true,
	.raw = true,
	.open = open_port,
	.close = ethdev_close,
	.rx = ethdev_rx,
	.tx = ethdev_tx,
	.missed = ethdev_missed,
};
