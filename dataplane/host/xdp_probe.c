/* xdp_probe.c: binds an AF_XDP socket with the least that can be bound, and closes it. */
#include "dataplane/host/xdp_probe.h"
#include <errno.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_xdp.h>

#define CHUNK 4096
#define AREA  (4 * CHUNK)
#define RING  4

static int try_bind(int fd, void *area, const char *interface, unsigned queue);
static int explain(int error, const char *interface, unsigned queue, struct err *err);

int
xdp_probe_queue(const char *interface, unsigned queue, struct err *err)
{
	const int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	void *area;
	int error;

	if (fd < 0)
		return err_set(err, ERR_UNSUPPORTED, "driver", "use af_packet",
			"this kernel has no AF_XDP sockets (%s)", strerror(errno));
	area = mmap(
		NULL, AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	error = area == MAP_FAILED ? ENOMEM : try_bind(fd, area, interface, queue);
	close(fd);
	if (area != MAP_FAILED)
		munmap(area, AREA);
	return error == 0 ? 0 : explain(error, interface, queue, err);
}

/* 0 or errno. */
static int
try_bind(int fd, void *area, const char *interface, unsigned queue)
{
	const struct xdp_umem_reg reg = {
		.addr = (uintptr_t)area, .len = AREA, .chunk_size = CHUNK};
	const struct sockaddr_xdp address = {.sxdp_family = AF_XDP,
		.sxdp_flags = XDP_COPY,
		.sxdp_ifindex = if_nametoindex(interface),
		.sxdp_queue_id = queue};
	const int n = RING;

	if (setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)) < 0 ||
		setsockopt(fd, SOL_XDP, XDP_UMEM_FILL_RING, &n, sizeof(n)) < 0 ||
		setsockopt(fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, &n, sizeof(n)) < 0 ||
		setsockopt(fd, SOL_XDP, XDP_TX_RING, &n, sizeof(n)) < 0 ||
		bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return errno;
	return 0;
}

static int
explain(int error, const char *interface, unsigned queue, struct err *err)
{
	if (error == EBUSY)
		return err_set(err, ERR_STATE, "interface",
			"end the other program, use another interface, or af_packet, "
			"which shares one",
			"queue %u of interface '%s' is taken by another AF_XDP socket",
			queue, interface);
	return err_set(err, ERR_UNSUPPORTED, "interface", "use af_packet",
		"no AF_XDP socket can be bound to queue %u of interface '%s' (%s)", queue,
		interface, strerror(error));
}
