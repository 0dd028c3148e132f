/* driver_af_xdp.c: a network interface by AF_XDP sockets, one for each queue: frames come
 * without a system call, one copy each way, or none where the device writes to our memory
 * itself. Buffers of the service's pool are what the kernel fills.
 *
 * Where it copies, what segments of a TCP flow follow one another leave by a packet
 * socket beside, as one (packet_sender.h): an AF_XDP socket cannot say that, and costs
 * the kernel a packet for each. Both send at once, in the order in which they are asked.
 *
 * Not DPDK's net_af_xdp: that of 22.11 keeps sockets and buffers when it is closed,
 * leaves its XDP program to whoever comes after a crash, and knows combined channels
 * only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <rte_malloc.h>
#include "common/log.h"
#include "dataplane/host/buffer.h"
#include "dataplane/host/netdev.h"
#include "dataplane/host/packet_sender.h"
#include "dataplane/host/port.h"
#include "dataplane/host/xdp_program.h"
#include "dataplane/host/xdp_socket.h"
#include "dataplane/pkt/hdr.h"

#define FILL_BURST 64	/* buffers that are given at once */
#define JOIN_MIN   1000 /* bytes of a frame: smaller ones are not worth a socket's call */
#define PAGE	   4096u
#define BUSY_US	   20 /* that the kernel looks for frames when it is asked to */
#define BUDGET	   64

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

struct af_xdp {
	unsigned n; /* sockets */
	bool joins; /* the packet socket is open, and the kernel copies */
	char *base; /* of the packet memory that the kernel knows */
	const struct buffer_span *span;
	uint8_t *held; /* of each buffer of the span: whether the kernel has it */
	struct xdp_program program;
	struct packet_socket beside;
	struct xdp_socket sockets[];
};

static int open_all(struct port *port, const struct spec *spec, unsigned queues,
	struct af_xdp *own, struct err *err);
static unsigned count_queues(const struct port *port, const struct spec *spec);
static struct xdp_area area_of(const struct pool *pool);
static void close_all(struct af_xdp *own, const struct pool *pool);
static void take_back(struct af_xdp *own, const struct pool *pool);
static struct rte_mbuf *take(struct af_xdp *own, uint64_t frame);
static uint64_t give(struct af_xdp *own, const struct rte_mbuf *buffer);
static void prefer_busy_poll(const struct xdp_socket *socket);
static void tell_mode(const struct af_xdp *own, const char *interface, unsigned queue);
static void refill(
	const struct port *port, struct af_xdp *own, struct xdp_socket *socket);
static bool is_worth_joining(struct rte_mbuf **buffers, uint32_t n);
static uint32_t send_each(
	struct port *port, struct af_xdp *own, struct rte_mbuf **buffers, uint32_t n);
static void take_sent(const struct port *port, struct af_xdp *own);

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	const struct spec *spec = arg;
	const struct netdev_want want = {.promiscuous = spec->common.promiscuous};
	struct af_xdp *own = NULL;
	unsigned queues;
	int rc = netdev_open(spec->interface, &want, &port->netdev, err);

	if (rc < 0)
		return rc;
	queues = count_queues(port, spec);
	own = rte_zmalloc("af_xdp port", sizeof(*own) + queues * sizeof(own->sockets[0]),
		RTE_CACHE_LINE_SIZE);
	if (own == NULL)
		rc = err_sys(err, ENOMEM, "cannot make a port");
	else
		rc = open_all(port, spec, queues, own, err);
	if (rc < 0) {
		rte_free(own);
		netdev_close(port->netdev);
		return rc;
	}
	port->own = own;
	port->n_sources = (uint16_t)queues;
	port->n_fds = queues;
	port->mac = netdev_mac(port->netdev);
	port->mtu = spec->common.mtu != 0 ? spec->common.mtu : netdev_mtu(port->netdev);
	return 0;
}

static int
open_all(struct port *port, const struct spec *spec, unsigned queues, struct af_xdp *own,
	struct err *err)
{
	const struct xdp_area area = area_of(port->pool);
	int rc;

	if (pool_free_count(port->pool) < queues * XDP_SOCKET_RING + POOL_BUFFERS_MIN)
		return err_set(err, ERR_NO_RESOURCE, "driver",
			"give the service more buffers, or use af_packet",
			"af_xdp keeps %u buffers per queue, %u are free", XDP_SOCKET_RING,
			pool_free_count(port->pool));
	own->base = area.at;
	own->span = &port->pool->span;
	own->held = calloc(own->span->n, 1);
	if (own->held == NULL)
		return err_sys(err, ENOMEM, "cannot make a port");
	rc = xdp_program_open(&own->program, spec->interface, err);
	if (rc < 0) {
		free(own->held);
		return rc;
	}
	for (unsigned i = 0; rc == 0 && i < queues; i++) {
		rc = xdp_socket_open(&own->sockets[i], &area, spec->interface, i, err);
		own->n += rc == 0;
		if (rc == 0)
			rc = xdp_program_add(&own->program, i, own->sockets[i].fd, err);
	}
	if (rc < 0) {
		close_all(own, port->pool);
		return rc;
	}
	own->joins = !own->sockets[0].zero_copy &&
		     packet_socket_open(&own->beside, spec->interface, true, NULL) == 0;
	for (unsigned i = 0; i < queues; i++) {
		port->fds[i] = own->sockets[i].fd;
		refill(port, own, &own->sockets[i]);
		prefer_busy_poll(&own->sockets[i]);
		tell_mode(own, spec->interface, i);
	}
	return 0;
}

static void
close_port(struct port *port)
{
	struct af_xdp *own = port->own;

	if (own->joins)
		packet_socket_close(&own->beside);
	close_all(own, port->pool);
	rte_free(own);
	netdev_close(port->netdev);
}

static uint32_t
rx(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t max)
{
	const struct port *port = queue->port;
	struct af_xdp *own = port->own;
	struct xdp_socket *socket = &own->sockets[queue->index];
	struct xdp_desc frames[SHM_BURST];
	const uint32_t n =
		xdp_socket_receive(socket, frames, RTE_MIN(max, (uint32_t)SHM_BURST));

	for (uint32_t i = 0; i < n; i++) {
		buffers[i] = take(own, frames[i].addr);
		buffer_prefetch(buffers[i]);
	}
	for (uint32_t i = 0; i < n; i++)
		buffer_prepare(buffers[i], (uint16_t)frames[i].len);
	refill(port, own, socket);
	if (n == 0 && queue->index == 0)
		take_sent(port, own);
	return n;
}

static uint32_t
tx(struct port *port, struct rte_mbuf **buffers, uint32_t n)
{
	struct af_xdp *own = port->own;

	take_sent(port, own);
	if (own->joins && is_worth_joining(buffers, n))
		return packet_sender_send(&own->beside, port, buffers, n, true);
	return send_each(port, own, buffers, n);
}

static uint64_t
missed(struct port *port)
{
	const struct af_xdp *own = port->own;
	uint64_t sum = 0;

	for (unsigned i = 0; i < own->n; i++)
		sum += xdp_socket_missed(&own->sockets[i]);
	return sum;
}

/* A socket for each channel of the interface, as many as are wanted; one is spread by
 * software. */
static unsigned
count_queues(const struct port *port, const struct spec *spec)
{
	const unsigned channels = netdev_channels(port->netdev);
	const unsigned queues = RTE_MIN(spec->common.queues, channels);

	if (queues < channels)
		log_warn("what comes by other channels of the interface stays with the "
			 "kernel",
			"interface=%s channels=%u queues=%u next=\"ethtool -L, or more "
			"queues\"",
			spec->interface, channels, queues);
	return queues;
}

/* A chunk begins where the buffer's header does: a frame then lies behind the usual
 * headroom. */
static struct xdp_area
area_of(const struct pool *pool)
{
	const struct buffer_span *span = &pool->span;
	const uintptr_t from = span->first & ~(uintptr_t)(PAGE - 1);
	const uintptr_t to = span->first + (uintptr_t)(span->n - 1) * span->stride +
			     sizeof(struct rte_mbuf) + BUFFER_DATA_ROOM;

	_Static_assert(sizeof(struct rte_mbuf) + BUFFER_HEADROOM == XDP_SOCKET_HEADROOM,
		"a frame lies behind the headroom");
	return (struct xdp_area){(void *)from, to - from,
		(uint32_t)sizeof(struct rte_mbuf) + BUFFER_DATA_ROOM};
}

static void
close_all(struct af_xdp *own, const struct pool *pool)
{
	xdp_program_close(&own->program);
	while (own->n > 0)
		xdp_socket_close(&own->sockets[--own->n]);
	take_back(own, pool);
	free(own->held);
}

/* What it had for the kernel, whichever ring it was in. */
static void
take_back(struct af_xdp *own, const struct pool *pool)
{
	for (uint32_t i = 0; i < own->span->n; i++)
		if (own->held[i])
			rte_mempool_put(pool->mempool,
				(void *)(own->span->first +
					 (uintptr_t)i * own->span->stride));
}

/* From the kernel, and to it: as a frame at the beginning of the chunk. */
static struct rte_mbuf *
take(struct af_xdp *own, uint64_t frame)
{
	struct rte_mbuf *buffer =
		(struct rte_mbuf *)(own->base + (frame & XDP_SOCKET_CHUNK));

	own->held[buffer_span_index(own->span, buffer)] = 0;
	return buffer;
}

static uint64_t
give(struct af_xdp *own, const struct rte_mbuf *buffer)
{
	own->held[buffer_span_index(own->span, buffer)] = 1;
	return (uint64_t)((const char *)buffer - own->base);
}

/* Of a device that writes to our memory: we then look for frames in its place. */
static void
prefer_busy_poll(const struct xdp_socket *socket)
{
	const int on = 1, us = BUSY_US, budget = BUDGET;

	if (!socket->zero_copy)
		return;
	setsockopt(socket->fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, &on, sizeof(on));
	setsockopt(socket->fd, SOL_SOCKET, SO_BUSY_POLL, &us, sizeof(us));
	setsockopt(socket->fd, SOL_SOCKET, SO_BUSY_POLL_BUDGET, &budget, sizeof(budget));
}

static void
tell_mode(const struct af_xdp *own, const char *interface, unsigned queue)
{
	const struct xdp_socket *socket = &own->sockets[queue];
	const char *why = socket->zero_copy ? "the interface's driver can"
			  : own->program.native
				  ? "the interface's driver cannot do without"
				  : "the interface's driver knows no XDP";

	log_info("AF_XDP socket", "interface=%s queue=%u mode=%s why=\"%s\" busy_poll=%s",
		interface, queue, socket->zero_copy ? "zero-copy" : "copy", why,
		socket->zero_copy ? "yes" : "no");
}

/* In bulk, when there is room for a burst; without buffers, the kernel has those that it
 * has. */
static void
refill(const struct port *port, struct af_xdp *own, struct xdp_socket *socket)
{
	struct rte_mbuf *buffers[FILL_BURST];
	uint64_t chunks[FILL_BURST];

	while (xdp_socket_fill_room(socket) >= FILL_BURST) {
		if (rte_mempool_get_bulk(
			    port->pool->mempool, (void **)buffers, FILL_BURST) < 0)
			break;
		for (unsigned i = 0; i < FILL_BURST; i++)
			chunks[i] = give(own, buffers[i]);
		xdp_socket_fill(socket, chunks, FILL_BURST);
	}
	xdp_socket_wake_fill(socket);
}

/* Two full segments of TCP, one behind the other. */
static bool
is_worth_joining(struct rte_mbuf **buffers, uint32_t n)
{
	const uint8_t *frame;

	for (uint32_t i = 1; i < n; i++) {
		if (buffers[i - 1]->data_len < JOIN_MIN)
			continue;
		frame = rte_pktmbuf_mtod(buffers[i - 1], const uint8_t *);
		if ((frame[12] == 0x08 && frame[23] == PKT_PROTO_TCP) ||
			(frame[12] == 0x86 && frame[20] == PKT_PROTO_TCP))
			return true;
	}
	return false;
}

/* A frame in a buffer that the kernel does not know, a large one, is copied. */
static uint32_t
send_each(struct port *port, struct af_xdp *own, struct rte_mbuf **buffers, uint32_t n)
{
	struct xdp_desc frames[SHM_BURST];
	const uint32_t room = xdp_socket_send_room(&own->sockets[0]);
	struct rte_mbuf *buffer, *copy;
	uint32_t i;

	n = RTE_MIN(RTE_MIN(n, room), (uint32_t)SHM_BURST);
	for (i = 0; i < n; i++) {
		buffer = buffers[i];
		if (unlikely(pool_is_large(port->pool, buffer))) {
			if (rte_mempool_get(port->pool->mempool, (void **)&copy) < 0)
				break;
			buffer_prepare(copy, buffer->data_len);
			memcpy(rte_pktmbuf_mtod(copy, void *),
				rte_pktmbuf_mtod(buffer, void *), buffer->data_len);
			pool_put(port->pool, &buffer, 1);
			buffer = copy;
		}
		frames[i].addr =
			give(own, buffer) | (sizeof(*buffer) + buffer->data_off)
						    << XSK_UNALIGNED_BUF_OFFSET_SHIFT;
		frames[i].len = buffer->data_len;
		frames[i].options = 0;
	}
	xdp_socket_send(&own->sockets[0], frames, i);
	return i;
}

static void
take_sent(const struct port *port, struct af_xdp *own)
{
	uint64_t frames[FILL_BURST];
	struct rte_mbuf *buffers[FILL_BURST];
	uint32_t n;

	do {
		n = xdp_socket_done(&own->sockets[0], frames, FILL_BURST);
		for (uint32_t i = 0; i < n; i++)
			buffers[i] = take(own, frames[i]);
		rte_mempool_put_bulk(port->pool->mempool, (void **)buffers, n);
	} while (n == FILL_BURST);
	if (own->sockets[0].zero_copy || xdp_socket_sends(&own->sockets[0]))
		xdp_socket_send(&own->sockets[0], NULL, 0);
}

const struct driver driver_af_xdp = {
	.name = "af_xdp",
	.fields = fields,
	.spec_size = sizeof(struct spec),
	.listens = true,
	.raw = true,
	.open = open_port,
	.close = close_port,
	.rx = rx,
	.tx = tx,
	.missed = missed,
};
