/* driver_eal.c: any other virtual device that DPDK has, by its devargs: "net_ring0",
 * "net_vhost0,iface=/tmp/s". */
#include <stdio.h>
#include <string.h>
#include "dataplane/host/ethdev.h"
#include "dataplane/host/port.h"

struct spec {
	struct driver_common common;
	char *devargs;
};

static const struct field fields[] = {
	DRIVER_COMMON_FIELDS,
	{.name = "devargs",
		.type = FIELD_STRING,
		.offset = offsetof(struct spec, devargs),
		.required = true,
		.help = "device name and arguments, as for DPDK's --vdev"},
	{0},
};

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	const struct spec *spec = arg;
	const size_t len = strcspn(spec->devargs, ",");
	char name[sizeof(port->vdev)];
	int rc;

	if (len == 0 || len >= sizeof(name) || strncmp(spec->devargs, "net_", 4) != 0)
		return err_set(err, ERR_INVALID, "devargs", "example: net_ring0",
			"devargs start with the name of a network device, "
			"net_<driver><number>, "
			"of at most %zu characters",
			sizeof(name) - 1);
	memcpy(name, spec->devargs, len);
	name[len] = '\0';
	rc = ethdev_open_named_vdev(port, &spec->common, name,
		spec->devargs[len] == ',' ? spec->devargs + len + 1 : "", err);
	if (rc < 0)
		err_prefix(err, "devargs");
	return rc;
}

const struct driver driver_eal = {
	.name = "eal",
	.fields = fields,
	.spec_size = sizeof(struct spec),
	.listens = true,
	.open = open_port,
	.close = ethdev_close,
	.rx = ethdev_rx,
	.tx = ethdev_tx,
	.missed = ethdev_missed,
};
