/* driver_pci.c: a NIC that is bound to a user-space driver. EAL takes all of them at
 * start (--pci): taking one later would ask every secondary. */
#include <errno.h>
#include "dataplane/host/ethdev.h"
#include "dataplane/host/port.h"

struct spec {
	struct driver_common common;
	char *address;
};

static const struct field fields[] = {
	DRIVER_COMMON_FIELDS,
	{.name = "address",
		.type = FIELD_STRING,
		.offset = offsetof(struct spec, address),
		.required = true,
		.help = "PCI address: 0000:03:00.0"},
	{0},
};

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	const struct spec *spec = arg;
	const int rc = ethdev_open(port, &spec->common, spec->address, err);

	if (rc != -ENOENT)
		return rc;
	return err_set(err, ERR_NOT_FOUND, "address",
		"bind it (dpdk-devbind.py -b vfio-pci), then start the dataplane with "
		"--pci",
		"there is no NIC '%s' with a user-space driver", spec->address);
}

/* The device stays probed, so that a later port may take it again: it is stopped only. */
const struct driver driver_pci = {
	.name = "pci",
	.fields = fields,
	.spec_size = sizeof(struct spec),
	.listens = true,
	.open = open_port,
	.close = ethdev_stop,
	.rx = ethdev_rx,
	.tx = ethdev_tx,
	.missed = ethdev_missed,
};
