/* packet_sender.c: see packet_sender.h. */
#include "dataplane/host/packet_sender.h"
#include <errno.h>
#include "dataplane/host/buffer.h"
#include "dataplane/host/offload.h"
#include "dataplane/pkt/join.h"

#define BURST PACKET_SOCKET_BURST

struct burst {
	uint32_t n;		 /* messages */
	uint32_t n_pieces;	 /* that are taken */
	uint32_t buffers[BURST]; /* of each message */
	struct packet_message messages[BURST];
	struct iovec pieces[3 * BURST]; /* what is left, a header, and each buffer */
	uint8_t headers[BURST][JOIN_HEADERS_MAX];
};

static uint32_t add_message(struct burst *burst, struct rte_mbuf **buffers, uint32_t n);
static uint32_t add_joined(struct burst *burst, struct rte_mbuf **buffers, uint32_t n);
static void add_piece(struct packet_message *message, const void *at, size_t len);
static void say(const struct join *join, struct virtio_net_hdr *left);
static uint32_t send_burst(struct packet_socket *socket, struct port *port,
	struct burst *burst, struct rte_mbuf **buffers);
static void count(struct port *port, const struct burst *burst, uint32_t message,
	const struct rte_mbuf *first);

/* One that the kernel refuses, alone in front, would stop all others. */
uint32_t
packet_sender_send(struct packet_socket *socket, struct port *port,
	struct rte_mbuf **buffers, uint32_t n, bool join)
{
	struct burst burst;
	uint32_t taken;

	burst.n = burst.n_pieces = 0;
	n = RTE_MIN(n, (uint32_t)BURST);
	for (uint32_t i = 0; i < n;) {
		taken = join ? add_joined(&burst, buffers + i, n - i) : 0;
		i += taken > 0 ? taken : add_message(&burst, buffers + i, n - i);
	}
	return send_burst(socket, port, &burst, buffers);
}

static uint32_t
add_message(struct burst *burst, struct rte_mbuf **buffers, uint32_t n)
{
	struct packet_message *message = &burst->messages[burst->n];

	(void)n;
	message->pieces = &burst->pieces[burst->n_pieces];
	message->n_pieces = 1;
	offload_say(buffers[0], &message->left);
	add_piece(message, rte_pktmbuf_mtod(buffers[0], void *), buffers[0]->data_len);
	burst->n_pieces += message->n_pieces;
	burst->buffers[burst->n++] = 1;
	return 1;
}

/* How many buffers it took: none, or two and more. */
static uint32_t
add_joined(struct burst *burst, struct rte_mbuf **buffers, uint32_t n)
{
	struct packet_message *message = &burst->messages[burst->n];
	const uint8_t *frame = rte_pktmbuf_mtod(buffers[0], const uint8_t *);
	struct join join;
	uint16_t payload;
	uint32_t i;

	if (n < 2 || (buffers[0]->ol_flags & BUFFER_LEFT_OVER) != 0 ||
		!join_begin(&join, frame, buffers[0]->data_len))
		return 0;
	message->pieces = &burst->pieces[burst->n_pieces];
	message->n_pieces = 1;
	add_piece(message, burst->headers[burst->n], join.headers);
	add_piece(message, frame + join.headers, join.payload);
	for (i = 1; i < n && (buffers[i]->ol_flags & BUFFER_LEFT_OVER) == 0; i++) {
		frame = rte_pktmbuf_mtod(buffers[i], const uint8_t *);
		if (!join_add(&join, frame, buffers[i]->data_len, &payload))
			break;
		add_piece(message, frame + join.headers, payload);
	}
	if (join.n == 1)
		return 0;
	join_end(&join);
	memcpy(burst->headers[burst->n], join.header, join.headers);
	say(&join, &message->left);
	burst->n_pieces += message->n_pieces;
	burst->buffers[burst->n++] = join.n;
	return join.n;
}

static void
add_piece(struct packet_message *message, const void *at, size_t len)
{
	message->pieces[message->n_pieces++] = (struct iovec){(void *)(uintptr_t)at, len};
}

static void
say(const struct join *join, struct virtio_net_hdr *left)
{
	*left = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = join->info.family == 4 ? VIRTIO_NET_HDR_GSO_TCPV4
						   : VIRTIO_NET_HDR_GSO_TCPV6,
		.hdr_len = join->headers,
		.gso_size = join->size,
		.csum_start = join->info.l4,
		.csum_offset = JOIN_CSUM_OFFSET};
}

static uint32_t
send_burst(struct packet_socket *socket, struct port *port, struct burst *burst,
	struct rte_mbuf **buffers)
{
	const int sent = packet_socket_send(socket, burst->messages, burst->n);
	uint32_t taken = 0;

	if (sent == -EMSGSIZE && burst->buffers[0] > 1)
		return packet_sender_send(
			socket, port, buffers, burst->buffers[0], false);
	for (int i = 0; i < sent; i++) {
		count(port, burst, (uint32_t)i, buffers[taken]);
		taken += burst->buffers[i];
	}
	if (sent == -EMSGSIZE) {
		port->counters.drops[PORT_OVERSIZE]++;
		taken = 1;
	}
	pool_put(port->pool, buffers, taken);
	return taken;
}

static void
count(struct port *port, const struct burst *burst, uint32_t message,
	const struct rte_mbuf *first)
{
	port->counters.large_joined += burst->buffers[message] > 1;
	port->counters.large_tx +=
		burst->buffers[message] == 1 && first->data_len > port->frame_max;
}
