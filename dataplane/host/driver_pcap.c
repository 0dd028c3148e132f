/* driver_pcap.c: packets out of a capture file, and into one (net_pcap). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "dataplane/host/ethdev.h"
#include "dataplane/host/port.h"

struct spec {
	struct driver_common common;
	char *rx, *tx;
};

static const struct field fields[] = {
	DRIVER_COMMON_FIELDS,
	{.name = "rx",
		.type = FIELD_STRING,
		.offset = offsetof(struct spec, rx),
		.help = "file of the packets that come in, once"},
	{.name = "tx",
		.type = FIELD_STRING,
		.offset = offsetof(struct spec, tx),
		.help = "file for the packets that go out"},
	{0},
};

static int check_files(const struct spec *spec, struct err *err);
static int check_name(const char *path, const char *file, struct err *err);

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	const struct spec *spec = arg;
	char args[1024];
	int rc = check_files(spec, err);

	if (rc < 0)
		return rc;
	snprintf(args, sizeof(args), "%s%s%s%s%s", spec->rx != NULL ? "rx_pcap=" : "",
		spec->rx != NULL ? spec->rx : "",
		spec->rx != NULL && spec->tx != NULL ? "," : "",
		spec->tx != NULL ? "tx_pcap=" : "", spec->tx != NULL ? spec->tx : "");
	return ethdev_open_vdev(port, &spec->common, "net_pcap", args, err);
}

static int
check_files(const struct spec *spec, struct err *err)
{
	int rc = 0;

	if (spec->rx == NULL && spec->tx == NULL)
		return err_set(
			err, ERR_INVALID, "rx", NULL, "a pcap port needs rx or tx");
	if (spec->rx != NULL)
		rc = check_name("rx", spec->rx, err);
	if (rc == 0 && spec->tx != NULL)
		rc = check_name("tx", spec->tx, err);
	if (rc == 0 && spec->rx != NULL && access(spec->rx, R_OK) < 0)
		return err_set(err, ERR_NOT_FOUND, "rx", NULL, "cannot read '%s': %s",
			spec->rx, strerror(errno));
	return rc;
}

/* Driver arguments are separated by commas and cannot be quoted. */
static int
check_name(const char *path, const char *file, struct err *err)
{
	if (file[0] == '/' && strlen(file) < 400 && strchr(file, ',') == NULL)
		return 0;
	return err_set(err, ERR_INVALID, path, NULL,
		"a capture file is an absolute path of less than 400 characters without "
		"a comma");
}

const struct driver driver_pcap = {
	.name = "pcap",
	.fields = fields,
	.spec_size = sizeof(struct spec),
	.open = open_port,
	.close = ethdev_close,
	.rx = ethdev_rx,
	.tx = ethdev_tx,
};
