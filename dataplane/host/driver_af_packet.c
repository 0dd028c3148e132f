/* driver_af_packet.c: a network interface by a packet socket. Works with every interface;
 * one copy each way. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include "dataplane/host/buffer.h"
#include "dataplane/host/netdev.h"
#include "dataplane/host/packet_socket.h"
#include "dataplane/host/port.h"
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

#define MACS_LEN 12 /* of an Ethernet header: a VLAN tag stands behind them */

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

static bool receive_frame(
	struct port *port, const struct packet_frame *frame, struct rte_mbuf *buffer);
static void complete_csum(struct rte_mbuf *buffer);

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	const struct spec *spec = arg;
	const struct netdev_want want = {spec->common.promiscuous, true};
	struct packet_socket *socket;
	int rc;

	if (spec->common.queues != 1)
		return err_set(
			err, ERR_UNSUPPORTED, "queues", NULL, "af_packet has one queue");
	rc = netdev_open(spec->interface, &want, &port->netdev, err);
	if (rc < 0)
		return rc;
	socket = calloc(1, sizeof(*socket));
	rc = socket == NULL ? err_sys(err, ENOMEM, "cannot make a port")
			    : packet_socket_open(socket, spec->interface, err);
	if (rc < 0) {
		netdev_close(port->netdev);
		free(socket);
		return rc;
	}
	port->own = socket;
	port->fds[0] = socket->fd;
	port->n_fds = 1;
	port->mac = netdev_mac(port->netdev);
	if (spec->common.mtu == 0)
		port->mtu = netdev_mtu(port->netdev);
	return 0;
}

static void
close_port(struct port *port)
{
	packet_socket_close(port->own);
	free(port->own);
	netdev_close(port->netdev);
}

/* Without buffers, the frames wait where they are. */
static uint32_t
rx(struct port *port, struct rte_mbuf **buffers, uint32_t max)
{
	struct packet_socket *socket = port->own;
	const uint32_t n = packet_socket_waiting(socket, max);
	struct packet_frame frame;
	uint32_t kept = 0;

	if (n == 0)
		return 0;
	if (rte_pktmbuf_alloc_bulk(port->pool->mempool, buffers, n) < 0) {
		port->rx_blocked = true;
		return 0;
	}
	for (uint32_t i = 0; i < n; i++) {
		packet_socket_peek(socket, &frame);
		if (receive_frame(port, &frame, buffers[kept]))
			kept++;
		packet_socket_release(socket);
	}
	rte_pktmbuf_free_bulk(buffers + kept, n - kept);
	return kept;
}

/* One that is longer than a frame of the interface may be, alone in front, would stop all
 * others. */
static uint32_t
tx(struct port *port, struct rte_mbuf **buffers, uint32_t n)
{
	const int sent = packet_socket_send(port->own, buffers, n);
	const uint32_t taken = sent == -EMSGSIZE ? 1 : (uint32_t)sent;

	if (sent == -EMSGSIZE)
		port->counters.drops[PORT_OVERSIZE]++;
	rte_mempool_put_bulk(port->pool->mempool, (void **)buffers, taken);
	return taken;
}

static uint64_t
missed(struct port *port)
{
	return packet_socket_missed(port->own);
}

/* False if it was not whole, or does not fit a buffer. */
static bool
receive_frame(
	struct port *port, const struct packet_frame *frame, struct rte_mbuf *buffer)
{
	uint8_t *data = rte_pktmbuf_mtod(buffer, uint8_t *);
	const struct {
		uint16_t tpid, tci;
	} tag = {htons(frame->tpid), htons(frame->tci)};

	if (frame->len < MACS_LEN || frame->len_was > frame->len ||
		frame->len + sizeof(tag) > BUFFER_FRAME_MAX) {
		port->counters
			.drops[frame->len < MACS_LEN ? PORT_MALFORMED : PORT_OVERSIZE]++;
		return false;
	}
	if (frame->tagged) {
		memcpy(data, frame->data, MACS_LEN);
		memcpy(data + MACS_LEN, &tag, sizeof(tag));
		memcpy(data + MACS_LEN + sizeof(tag), frame->data + MACS_LEN,
			frame->len - MACS_LEN);
	} else {
		memcpy(data, frame->data, frame->len);
	}
	buffer->data_len = (uint16_t)(frame->len + (frame->tagged ? sizeof(tag) : 0));
	buffer->pkt_len = buffer->data_len;
	if (frame->partial_csum)
		complete_csum(buffer);
	return true;
}

/* A local sender left the checksum to hardware that is not there. */
static void
complete_csum(struct rte_mbuf *buffer)
{
	uint8_t *frame = rte_pktmbuf_mtod(buffer, uint8_t *);
	struct pkt_info info;

	if (pkt_parse(frame, buffer->data_len, &info) == PKT_OK && info.family != 0 &&
		!info.fragment &&
		(info.proto == PKT_PROTO_TCP || info.proto == PKT_PROTO_UDP))
		csum_l4_complete(frame, &info);
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
