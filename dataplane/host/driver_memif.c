/* driver_memif.c: shared-memory packets with a process that is not of the platform
 * (net_memif), VPP among them. */
#include <stdio.h>
#include <string.h>
#include "dataplane/host/ethdev.h"
#include "dataplane/host/port.h"

struct spec {
	struct driver_common common;
	char *socket;
	int role;
	uint32_t id;
};

enum role { ROLE_CLIENT, ROLE_SERVER };

static const struct field_value roles[] = {
	{"client", ROLE_CLIENT, "connects to the socket"},
	{"server", ROLE_SERVER, "makes the socket"},
	{0},
};

static const struct field fields[] = {
	DRIVER_COMMON_FIELDS,
	{.name = "socket",
		.type = FIELD_STRING,
		.offset = offsetof(struct spec, socket),
		.required = true,
		.help = "path of the control socket"},
	{.name = "role",
		.type = FIELD_ENUM,
		.offset = offsetof(struct spec, role),
		.values = roles,
		.dflt = "server",
		.help = "which side makes the socket"},
	{.name = "id",
		.type = FIELD_UINT,
		.offset = offsetof(struct spec, id),
		.size = sizeof(uint32_t),
		.help = "number of the interface on the socket"},
	{0},
};

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	const struct spec *spec = arg;
	char args[256];

	if (spec->socket[0] != '/' || strlen(spec->socket) > 100 ||
		strchr(spec->socket, ',') != NULL)
		return err_set(err, ERR_INVALID, "socket", NULL,
			"a socket is an absolute path of at most 100 characters without "
			"a comma");
	snprintf(args, sizeof(args), "role=%s,id=%u,socket=%s,socket-abstract=no",
		roles[spec->role].name, spec->id, spec->socket);
	return ethdev_open_vdev(port, &spec->common, "net_memif", args, err);
}

const struct driver driver_memif = {
	.name = "memif",
	.fields = fields,
	.spec_size = sizeof(struct spec),
	.listens = true,
	.open = open_port,
	.close = ethdev_close,
	.rx = ethdev_rx,
	.tx = ethdev_tx,
};
