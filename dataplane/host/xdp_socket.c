/* xdp_socket.c: see xdp_socket.h. */
#include "dataplane/host/xdp_socket.h"
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define MASK	    (XDP_SOCKET_RING - 1)
#define KICKS	    8	 /* of a copying kernel, which sends 32 frames at each */
#define FORGET_MS   1000 /* until the kernel has forgotten a former socket */
#define FORGET_STEP 10

static int set_up(struct xdp_socket *xdp, const struct xdp_area *area, struct err *err);
static int map_rings(struct xdp_socket *xdp, struct err *err);
static int map_ring(int fd, uint64_t at, const struct xdp_ring_offset *offsets,
	size_t place, struct xdp_ring *ring);
static void unmap_ring(struct xdp_ring *ring);
static int bind_to(
	struct xdp_socket *xdp, const char *interface, unsigned queue, struct err *err);
static uint32_t filled(const struct xdp_ring *ring);
static uint32_t room(const struct xdp_ring *ring);
static void release(uint32_t *end, struct xdp_ring *ring, uint32_t n);

int
xdp_socket_open(struct xdp_socket *out, const struct xdp_area *area,
	const char *interface, unsigned queue, struct err *err)
{
	struct xdp_socket xdp = {.fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0)};
	int rc;

	if (xdp.fd < 0)
		return err_set(err, ERR_UNSUPPORTED, "driver", "use af_packet",
			"this kernel has no AF_XDP sockets (%s)", strerror(errno));
	rc = set_up(&xdp, area, err);
	if (rc == 0)
		rc = map_rings(&xdp, err);
	if (rc == 0)
		rc = bind_to(&xdp, interface, queue, err);
	if (rc < 0) {
		xdp_socket_close(&xdp);
		return rc;
	}
	*out = xdp;
	return 0;
}

void
xdp_socket_close(struct xdp_socket *socket)
{
	close(socket->fd);
	unmap_ring(&socket->fill);
	unmap_ring(&socket->rx);
	unmap_ring(&socket->send);
	unmap_ring(&socket->done);
}

uint32_t
xdp_socket_receive(struct xdp_socket *socket, struct xdp_desc *frames, uint32_t n)
{
	struct xdp_ring *ring = &socket->rx;
	const struct xdp_desc *places = ring->places;
	const uint32_t there = filled(ring);

	n = n < there ? n : there;
	for (uint32_t i = 0; i < n; i++)
		frames[i] = places[(ring->ours + i) & MASK];
	release(ring->consumer, ring, n);
	return n;
}

uint32_t
xdp_socket_fill_room(struct xdp_socket *socket)
{
	return room(&socket->fill);
}

void
xdp_socket_fill(struct xdp_socket *socket, const uint64_t *chunks, uint32_t n)
{
	uint64_t *places = socket->fill.places;

	for (uint32_t i = 0; i < n; i++)
		places[(socket->fill.ours + i) & MASK] = chunks[i];
	release(socket->fill.producer, &socket->fill, n);
}

void
xdp_socket_wake_fill(struct xdp_socket *socket)
{
	const uint32_t flags = __atomic_load_n(socket->fill.flags, __ATOMIC_RELAXED);

	if ((flags & XDP_RING_NEED_WAKEUP) != 0)
		recvfrom(socket->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

uint32_t
xdp_socket_send_room(struct xdp_socket *socket)
{
	return room(&socket->send);
}

void
xdp_socket_send(struct xdp_socket *socket, const struct xdp_desc *frames, uint32_t n)
{
	struct xdp_desc *places = socket->send.places;

	for (uint32_t i = 0; i < n; i++)
		places[(socket->send.ours + i) & MASK] = frames[i];
	release(socket->send.producer, &socket->send, n);
	for (unsigned i = 0; i < KICKS && xdp_socket_sends(socket); i++) {
		if ((__atomic_load_n(socket->send.flags, __ATOMIC_RELAXED) &
			    XDP_RING_NEED_WAKEUP) == 0)
			return;
		if (sendto(socket->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 &&
			errno != EAGAIN)
			return;
		if (socket->zero_copy)
			return;
	}
}

bool
xdp_socket_sends(const struct xdp_socket *socket)
{
	return __atomic_load_n(socket->send.consumer, __ATOMIC_ACQUIRE) !=
	       socket->send.ours;
}

uint32_t
xdp_socket_done(struct xdp_socket *socket, uint64_t *frames, uint32_t n)
{
	struct xdp_ring *ring = &socket->done;
	const uint64_t *places = ring->places;
	const uint32_t there = filled(ring);

	n = n < there ? n : there;
	for (uint32_t i = 0; i < n; i++)
		frames[i] = places[(ring->ours + i) & MASK];
	release(ring->consumer, ring, n);
	return n;
}

uint64_t
xdp_socket_missed(const struct xdp_socket *socket)
{
	struct xdp_statistics stats;
	socklen_t len = sizeof(stats);

	if (getsockopt(socket->fd, SOL_XDP, XDP_STATISTICS, &stats, &len) < 0)
		return 0;
	return stats.rx_dropped + stats.rx_ring_full;
}

static int
set_up(struct xdp_socket *xdp, const struct xdp_area *area, struct err *err)
{
	static const int rings[] = {
		XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING, XDP_TX_RING};
	const struct xdp_umem_reg reg = {.addr = (uintptr_t)area->at,
		.len = area->size,
		.chunk_size = area->chunk,
		.flags = XDP_UMEM_UNALIGNED_CHUNK_FLAG};
	const int size = XDP_SOCKET_RING;

	if (setsockopt(xdp->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)) < 0)
		return err_sys(
			err, errno, "an AF_XDP socket does not take packet memory");
	for (unsigned i = 0; i < sizeof(rings) / sizeof(rings[0]); i++)
		if (setsockopt(xdp->fd, SOL_XDP, rings[i], &size, sizeof(size)) < 0)
			return err_sys(err, errno, "an AF_XDP socket has no rings");
	return 0;
}

static int
map_rings(struct xdp_socket *xdp, struct err *err)
{
	struct xdp_mmap_offsets offsets;
	socklen_t len = sizeof(offsets);

	if (getsockopt(xdp->fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &len) < 0 ||
		map_ring(xdp->fd, XDP_UMEM_PGOFF_FILL_RING, &offsets.fr, sizeof(uint64_t),
			&xdp->fill) < 0 ||
		map_ring(xdp->fd, XDP_UMEM_PGOFF_COMPLETION_RING, &offsets.cr,
			sizeof(uint64_t), &xdp->done) < 0 ||
		map_ring(xdp->fd, XDP_PGOFF_RX_RING, &offsets.rx, sizeof(struct xdp_desc),
			&xdp->rx) < 0 ||
		map_ring(xdp->fd, XDP_PGOFF_TX_RING, &offsets.tx, sizeof(struct xdp_desc),
			&xdp->send) < 0)
		return err_sys(err, errno, "cannot map the rings of an AF_XDP socket");
	return 0;
}

static int
map_ring(int fd, uint64_t at, const struct xdp_ring_offset *offsets, size_t place,
	struct xdp_ring *ring)
{
	const size_t size = offsets->desc + XDP_SOCKET_RING * place;
	char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		fd, (off_t)at);

	if (map == MAP_FAILED)
		return -errno;
	*ring = (struct xdp_ring){.producer = (uint32_t *)(map + offsets->producer),
		.consumer = (uint32_t *)(map + offsets->consumer),
		.flags = (uint32_t *)(map + offsets->flags),
		.places = map + offsets->desc,
		.map = map,
		.map_size = size};
	return 0;
}

static void
unmap_ring(struct xdp_ring *ring)
{
	if (ring->map != NULL)
		munmap(ring->map, ring->map_size);
}

/* The kernel takes a moment to forget a socket that had the queue and was closed. It
 * finds out by itself whether the device can do without copies. */
static int
bind_to(struct xdp_socket *xdp, const char *interface, unsigned queue, struct err *err)
{
	const struct sockaddr_xdp address = {.sxdp_family = AF_XDP,
		.sxdp_flags = XDP_USE_NEED_WAKEUP,
		.sxdp_ifindex = if_nametoindex(interface),
		.sxdp_queue_id = queue};
	struct xdp_options options = {0};
	socklen_t len = sizeof(options);
	int rc = -1;

	for (unsigned ms = 0; rc < 0 && ms < FORGET_MS; ms += FORGET_STEP) {
		if (ms > 0)
			usleep(FORGET_STEP * 1000);
		rc = bind(xdp->fd, (const struct sockaddr *)&address, sizeof(address));
		if (rc < 0 && errno != EBUSY)
			break;
	}
	if (rc < 0 && errno == EBUSY)
		return err_set(err, ERR_STATE, "interface",
			"end the other program, use another interface, or af_packet, "
			"which shares one",
			"queue %u of interface '%s' is taken by another AF_XDP socket",
			queue, interface);
	if (rc < 0)
		return err_set(err, ERR_UNSUPPORTED, "interface", "use af_packet",
			"no AF_XDP socket can be bound to queue %u of interface '%s' (%s)",
			queue, interface, strerror(errno));
	if (getsockopt(xdp->fd, SOL_XDP, XDP_OPTIONS, &options, &len) == 0)
		xdp->zero_copy = (options.flags & XDP_OPTIONS_ZEROCOPY) != 0;
	return 0;
}

/* Of a ring that the kernel fills. */
static uint32_t
filled(const struct xdp_ring *ring)
{
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) - ring->ours;
}

/* Of a ring that we fill. */
static uint32_t
room(const struct xdp_ring *ring)
{
	return XDP_SOCKET_RING -
	       (ring->ours - __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE));
}

static void
release(uint32_t *end, struct xdp_ring *ring, uint32_t n)
{
	ring->ours += n;
	__atomic_store_n(end, ring->ours, __ATOMIC_RELEASE);
}
