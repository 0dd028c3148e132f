/* driver_af_packet.c: a network interface by a packet socket with shared rings
 * (net_af_packet). Works with every interface; one copy each way. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/if_packet.h>
#include "common/log.h"
#include "dataplane/host/ethdev.h"
#include "dataplane/host/netdev.h"
#include "dataplane/host/port.h"

/* The ring's frames of 2,048 bytes hold 1,982 of a packet and the socket cuts the rest:
 * one so long may have been cut. */
#define FRAME_MAX_WHOLE 1981

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

static void hide_outgoing(const struct port *port);

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	const struct spec *spec = arg;
	const struct netdev_want want = {spec->common.promiscuous, true};
	char args[128];
	int rc;

	if (spec->common.queues != 1)
		return err_set(err, ERR_UNSUPPORTED, "queues", "one queue",
			"af_packet would put fragments together to spread them over "
			"queues");
	rc = netdev_open(spec->interface, &want, &port->netdev, err);
	if (rc < 0)
		return rc;
	snprintf(args, sizeof(args), "iface=%s,qpairs=1,framecnt=1024,qdisc_bypass=1",
		spec->interface);
	rc = ethdev_open_vdev(port, &spec->common, "net_af_packet", args, err);
	if (rc < 0) {
		netdev_close(port->netdev);
		return rc;
	}
	port->interface = strdup(spec->interface);
	port->mtu = spec->common.mtu != 0 ? spec->common.mtu : netdev_mtu(port->netdev);
	port->frame_limit = FRAME_MAX_WHOLE;
	hide_outgoing(port);
	return 0;
}

/* What this machine itself sends over the interface has not arrived by it. */
static void
hide_outgoing(const struct port *port)
{
	const int on = 1;

	for (unsigned i = 0; i < port->n_fds; i++)
		if (setsockopt(port->fds[i], SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
			    sizeof(on)) < 0)
			log_warn("port also sees what this machine sends",
				"port=%s error=\"%s\"", port->id, strerror(errno));
}

const struct driver driver_af_packet = {
	.name = "af_packet",
	.fields = fields,
	.spec_size = sizeof(struct spec),
	.kernel = true,
	.open = open_port,
	.close = ethdev_close,
	.rx = ethdev_rx,
	.tx = ethdev_tx,
	.missed = ethdev_missed,
};
