/* driver_af_packet.c: a network interface by a packet socket. Works with every interface;
 * one copy each way.
 *
 * It carries what the kernel leaves to hardware (offload.h): frames of up to 64 KiB
 * whole, checksums still to be computed. Such a frame is received into two pieces, a
 * usual buffer and the rest of a large one; the beginning is then copied over. So a large
 * buffer is held ready for each frame of a burst, and used by those that need it.
 */
#include <errno.h>
#include <string.h>
#include <arpa/inet.h>
#include <rte_cycles.h>
#include <rte_malloc.h>
#include "common/log.h"
#include "dataplane/host/buffer.h"
#include "dataplane/host/netdev.h"
#include "dataplane/host/offload.h"
#include "dataplane/host/packet_sender.h"
#include "dataplane/host/packet_socket.h"
#include "dataplane/host/port.h"
#include "dataplane/pkt/hdr.h"

#define MACS_LEN 12   /* of an Ethernet header: a VLAN tag stands behind them */
#define LOOK_NS	 2000 /* until a socket that had nothing is looked at again */

struct spec {
	struct driver_common common;
	char *interface;
	bool offloads;
};

static const struct field fields[] = {
	DRIVER_COMMON_FIELDS,
	{.name = "interface",
		.type = FIELD_STRING,
		.offset = offsetof(struct spec, interface),
		.required = true,
		.help = "network interface that the port takes"},
	{.name = "offloads",
		.type = FIELD_BOOL,
		.offset = offsetof(struct spec, offloads),
		.dflt = "true",
		.help = "frames that the kernel has not cut yet, and checksums that it "
			"has not computed yet, pass as they are"},
	{0},
};

struct ready { /* buffers for the next frames; they count as the driver's */
	uint32_t n;
	struct rte_mbuf *buffers[PACKET_SOCKET_BURST];
};

struct socket_queue {
	struct packet_socket socket;
	struct ready usual, large;
	uint64_t look_tsc; /* no sooner than then */
} __rte_cache_aligned;

struct af_packet {
	unsigned n;
	uint64_t pause_tsc;	      /* LOOK_NS */
	struct socket_queue queues[]; /* the first also sends */
};

static int open_sockets(struct port *port, const struct spec *spec, struct err *err);
static int open_all(
	struct af_packet *own, const char *interface, unsigned n, struct err *err);
static void close_all(struct af_packet *own);
static bool can_carry(struct port *port, const struct spec *spec);
static bool make_ready(struct ready *ready, struct rte_mempool *mempool, uint32_t n);
static bool make_large_ready(const struct pool *pool, struct ready *ready, uint32_t n);
static void give_back(struct ready *ready, struct rte_mempool *mempool);
static void place(const struct port *port, const struct socket_queue *own,
	struct packet_frame *frames, uint32_t n);
static uint32_t receive(struct port_queue *queue, struct socket_queue *own,
	struct packet_frame *frames, uint32_t n, struct rte_mbuf **buffers);
static bool accept_frame(
	struct port_queue *queue, struct packet_frame *frame, struct rte_mbuf *buffer);
static void insert_tag(struct rte_mbuf *buffer, struct packet_frame *frame);
static void close_gaps(struct ready *ready, uint32_t n);

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	const struct spec *spec = arg;
	struct netdev_want want = {.promiscuous = spec->common.promiscuous};
	int rc;

	port->carries = can_carry(port, spec);
	want.whole_frames = !port->carries;
	want.long_frames = port->carries;
	rc = netdev_open(spec->interface, &want, &port->netdev, err);
	if (rc < 0)
		return rc;
	rc = open_sockets(port, spec, err);
	if (rc < 0) {
		netdev_close(port->netdev);
		return rc;
	}
	port->mac = netdev_mac(port->netdev);
	if (spec->common.mtu == 0)
		port->mtu = netdev_mtu(port->netdev);
	return 0;
}

static int
open_sockets(struct port *port, const struct spec *spec, struct err *err)
{
	const unsigned n = spec->common.queues;
	struct af_packet *own = rte_zmalloc("af_packet port",
		sizeof(*own) + n * sizeof(own->queues[0]), RTE_CACHE_LINE_SIZE);
	int rc = own == NULL ? err_sys(err, ENOMEM, "cannot make a port")
			     : open_all(own, spec->interface, n, err);

	if (rc < 0) {
		rte_free(own);
		return rc;
	}
	own->pause_tsc = rte_get_tsc_hz() / (1000000000 / LOOK_NS);
	if (port->carries)
		pool_share_large(port->pool, (int)n);
	port->own = own;
	port->n_sources = (uint16_t)n;
	for (unsigned i = 0; i < n; i++)
		port->fds[i] = own->queues[i].socket.fd;
	port->n_fds = n;
	return 0;
}

static int
open_all(struct af_packet *own, const char *interface, unsigned n, struct err *err)
{
	int rc = 0, group = -1;

	while (rc == 0 && own->n < n) {
		rc = packet_socket_open(
			&own->queues[own->n].socket, interface, false, err);
		own->n += rc == 0;
		if (rc == 0 && n > 1)
			rc = packet_socket_join(
				&own->queues[own->n - 1].socket, &group, err);
	}
	if (rc < 0)
		close_all(own);
	return rc;
}

static void
close_all(struct af_packet *own)
{
	while (own->n > 0)
		packet_socket_close(&own->queues[--own->n].socket);
}

static void
close_port(struct port *port)
{
	struct af_packet *own = port->own;

	for (unsigned i = 0; i < own->n; i++) {
		give_back(&own->queues[i].usual, port->pool->mempool);
		give_back(&own->queues[i].large, port->pool->large.mempool);
	}
	if (port->carries)
		pool_share_large(port->pool, -(int)own->n);
	close_all(own);
	rte_free(own);
	netdev_close(port->netdev);
}

/* Without buffers, the frames wait where they are. */
static uint32_t
rx(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t max)
{
	const struct port *port = queue->port;
	const struct af_packet *all = port->own;
	struct socket_queue *own = &((struct af_packet *)port->own)->queues[queue->index];
	struct packet_frame frames[PACKET_SOCKET_BURST];
	const uint64_t now = rte_rdtsc();
	uint32_t n = RTE_MIN(max, (uint32_t)PACKET_SOCKET_BURST), received;

	if (now < own->look_tsc)
		return 0;
	if (!make_ready(&own->usual, port->pool->mempool, n) ||
		(port->carries && !make_large_ready(port->pool, &own->large, n))) {
		queue->rx_blocked = true;
		return 0;
	}
	n = RTE_MIN(n, own->usual.n);
	if (port->carries)
		n = RTE_MIN(n, own->large.n);
	place(port, own, frames, n);
	received = packet_socket_receive(&own->socket, frames, n);
	if (received == 0) {
		own->look_tsc = now + all->pause_tsc;
		return 0;
	}
	return receive(queue, own, frames, received, buffers);
}

static uint32_t
tx(struct port *port, struct rte_mbuf **buffers, uint32_t n)
{
	struct af_packet *own = port->own;

	return packet_sender_send(
		&own->queues[0].socket, port, buffers, n, port->carries);
}

static uint64_t
missed(struct port *port)
{
	struct af_packet *own = port->own;

	uint64_t sum = 0;

	for (unsigned i = 0; i < own->n; i++)
		sum += packet_socket_missed(&own->queues[i].socket);
	return sum;
}

/* What cannot be had is said and lived with: the kernel then cuts, and we compute. */
static bool
can_carry(struct port *port, const struct spec *spec)
{
	struct err why;

	if (!spec->offloads)
		return false;
	if (pool_add_large(port->pool, &why) == 0)
		return true;
	log_warn("offloads are switched off", "interface=%s why=\"%s\"", spec->interface,
		why.text);
	return false;
}

/* As many as n, or as there are; false if there are none. */
static bool
make_ready(struct ready *ready, struct rte_mempool *mempool, uint32_t n)
{
	if (ready->n < n &&
		rte_mempool_get_bulk(
			mempool, (void **)&ready->buffers[ready->n], n - ready->n) == 0)
		ready->n = n;
	while (ready->n < n &&
		rte_mempool_get(mempool, (void **)&ready->buffers[ready->n]) == 0)
		ready->n++;
	return ready->n > 0;
}

/* What is more than the share, since there are more queues, goes home. */
static bool
make_large_ready(const struct pool *pool, struct ready *ready, uint32_t n)
{
	const uint32_t share = __atomic_load_n(&pool->large_share, __ATOMIC_RELAXED);

	while (unlikely(ready->n > share))
		rte_mempool_put(pool->large.mempool, ready->buffers[--ready->n]);
	return make_ready(ready, pool->large.mempool, RTE_MIN(n, share));
}

static void
give_back(struct ready *ready, struct rte_mempool *mempool)
{
	if (ready->n > 0)
		rte_mempool_put_bulk(mempool, (void **)ready->buffers, ready->n);
}

static void
place(const struct port *port, const struct socket_queue *own,
	struct packet_frame *frames, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct iovec *pieces = frames[i].pieces;

		pieces[0].iov_base =
			(char *)(own->usual.buffers[i] + 1) + BUFFER_HEADROOM;
		pieces[0].iov_len = BUFFER_FRAME_MAX;
		pieces[1].iov_len = 0;
		if (!port->carries)
			continue;
		pieces[1].iov_base =
			(char *)(own->large.buffers[i] + 1) + BUFFER_DATA_ROOM;
		pieces[1].iov_len = BUFFER_LARGE_ROOM - BUFFER_DATA_ROOM;
	}
}

static uint32_t
receive(struct port_queue *queue, struct socket_queue *own, struct packet_frame *frames,
	uint32_t n, struct rte_mbuf **buffers)
{
	const struct port *port = queue->port;
	struct rte_mbuf **from, *buffer;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		from = &own->usual.buffers[i];
		if (port->carries && frames[i].len > BUFFER_FRAME_MAX) {
			from = &own->large.buffers[i];
			memcpy((char *)(*from + 1) + BUFFER_HEADROOM,
				frames[i].pieces[0].iov_base, BUFFER_FRAME_MAX);
		}
		buffer = *from;
		if (!accept_frame(queue, &frames[i], buffer))
			continue;
		buffers[kept++] = buffer;
		*from = NULL;
	}
	close_gaps(&own->usual, n);
	close_gaps(&own->large, n);
	return kept;
}

/* False if it was not whole, or does not fit a buffer. */
static bool
accept_frame(
	struct port_queue *queue, struct packet_frame *frame, struct rte_mbuf *buffer)
{
	const struct port *port = queue->port;
	const uint32_t room = port->carries ? BUFFER_LARGE_FRAME_MAX : BUFFER_FRAME_MAX;

	if (frame->len < MACS_LEN || frame->len > room) {
		queue->counters
			.drops[frame->len < MACS_LEN ? PORT_MALFORMED : PORT_OVERSIZE]++;
		return false;
	}
	buffer->data_off = BUFFER_HEADROOM;
	buffer->data_len = (uint16_t)frame->len;
	if (frame->tagged)
		insert_tag(buffer, frame);
	buffer->pkt_len = buffer->data_len;
	if (!offload_take(&frame->left, buffer)) {
		queue->counters.drops[PORT_OVERSIZE]++;
		return false;
	}
	if (!port->carries && buffer->ol_flags != 0)
		offload_finish(buffer);
	return true;
}

/* In front of what is there. */
static void
insert_tag(struct rte_mbuf *buffer, struct packet_frame *frame)
{
	const struct {
		uint16_t tpid, tci;
	} tag = {htons(frame->tpid), htons(frame->tci)};
	uint8_t *data;

	buffer->data_off -= sizeof(tag);
	buffer->data_len += sizeof(tag);
	data = rte_pktmbuf_mtod(buffer, uint8_t *);
	memmove(data, data + sizeof(tag), MACS_LEN);
	memcpy(data + MACS_LEN, &tag, sizeof(tag));
	frame->left.csum_start += (uint16_t)sizeof(tag);
}

/* Of the first n some are gone. */
static void
close_gaps(struct ready *ready, uint32_t n)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < ready->n; i++)
		if (i >= n || ready->buffers[i] != NULL)
			ready->buffers[left++] = ready->buffers[i];
	ready->n = left;
}

const struct driver driver_af_packet = {
	.name = "af_packet",
	.fields = fields,
	.spec_size = sizeof(struct spec),
	.listens = true,
	.open = open_port,
	.close = close_port,
	.rx = rx,
	.tx = tx,
	.missed = missed,
};
