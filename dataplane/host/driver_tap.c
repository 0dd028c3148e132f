/* driver_tap.c: a TAP interface that the port makes (net_tap), and that goes away with
 * it. */
#include <stdio.h>
#include <string.h>
#include "dataplane/host/ethdev.h"
#include "dataplane/host/netdev.h"
#include "dataplane/host/port.h"

#define RX_DESCRIPTORS 64 /* buffers that the driver strings together for one frame */

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
		.help = "name of the interface to make"},
	{0},
};

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	const struct spec *spec = arg;
	char args[128];

	if (netdev_exists(spec->interface))
		return err_set(err, ERR_EXISTS, "interface",
			"af_packet takes an interface that exists",
			"there is an interface '%s' already", spec->interface);
	snprintf(args, sizeof(args), "iface=%s", spec->interface);
	port->rx_descriptors = RX_DESCRIPTORS;
	return ethdev_open_vdev(port, &spec->common, "net_tap", args, err);
}

const struct driver driver_tap = {
	.name = "tap",
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
