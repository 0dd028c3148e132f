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
#include "dataplane/host/xdp_probe.h"

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

static int open_device(
	struct port *port, const struct spec *spec, unsigned queues, struct err *err);
static unsigned count_queues(const struct port *port, const struct spec *spec);
static void tell_mode(const char *interface, int fd);

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	const struct spec *spec = arg;
	const struct netdev_want want = {spec->common.promiscuous, false};
	unsigned queues;
	int rc;

	rc = netdev_open(spec->interface, &want, &port->netdev, err);
	if (rc < 0)
		return rc;
	queues = count_queues(port, spec);
	if (pool_free_count(port->pool) < queues * FILL_RING + POOL_BUFFERS_MIN)
		rc = err_set(err, ERR_NO_RESOURCE, "driver",
			"give the service more buffers, or use af_packet",
			"af_xdp keeps %u buffers per queue, %u are free", FILL_RING,
			pool_free_count(port->pool));
	if (rc == 0)
		rc = open_device(port, spec, queues, err);
	if (rc < 0) {
		netdev_close(port->netdev);
		return rc;
	}
	port->mtu = spec->common.mtu != 0 ? spec->common.mtu : netdev_mtu(port->netdev);
	for (unsigned i = 0; i < port->n_fds; i++)
		tell_mode(spec->interface, port->fds[i]);
	return 0;
}

static int
open_device(struct port *port, const struct spec *spec, unsigned queues, struct err *err)
{
	struct driver_common common = spec->common;
	char args[128];
	int rc;

	netdev_drop_stale_xdp(port->netdev);
	snprintf(args, sizeof(args), "iface=%s,queue_count=%u", spec->interface, queues);
	common.queues = (uint16_t)queues;
	port->rx_descriptors = FILL_RING;
	rc = ethdev_open_vdev(port, &common, "net_af_xdp", args, err);
	for (unsigned i = 0; i < queues && rc < 0; i++)
		if (xdp_probe_queue(spec->interface, i, err) < 0)
			break;
	return rc;
}

/* One socket for each channel of the interface, as many as are wanted; one is spread by
 * software. */
static unsigned
count_queues(const struct port *port, const struct spec *spec)
{
	unsigned combined;
	const unsigned channels = netdev_channels(port->netdev, &combined);
	const unsigned queues = RTE_MIN(spec->common.queues, combined);

	if (queues < channels)
		log_warn("what comes by other channels of the interface stays with the "
			 "kernel",
			"interface=%s channels=%u queues=%u next=\"ethtool -L, or more "
			"queues\"",
			spec->interface, channels, queues);
	return queues;
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
