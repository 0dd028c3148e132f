/* packet_socket.h: an AF_PACKET socket on an interface: a burst of frames by a system
 * call, each way, copied once between the kernel's buffer and ours.
 *
 * Each frame comes and goes with what its sender has left to be done (struct
 * virtio_net_hdr, PACKET_VNET_HDR): so a frame of 64 KiB that the other end of a veth has
 * sent is received, and sent, whole. recvmmsg(2), not a ring that is mapped from the
 * kernel: a ring has places of one size, and a second copy.
 *
 * DPDK's own af_packet driver is not used: in 22.11 it joins a fanout group that puts IP
 * fragments together, sees what this machine itself sends, cuts long frames silently, and
 * does not tell which checksums are still to be computed.
 */
#ifndef DATAPLANE_HOST_PACKET_SOCKET_H
#define DATAPLANE_HOST_PACKET_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>
#include <linux/virtio_net.h>
#include "common/err.h"

#define PACKET_SOCKET_BURST 32

struct packet_socket {
	int fd;
	uint64_t missed; /* frames for which there was no room */
};

struct packet_frame {		    /* a received one */
	struct iovec pieces[2];	    /* where it goes; the second may be empty */
	struct virtio_net_hdr left; /* what is left to be done with it */
	uint32_t len;	    /* that it had: more than the pieces hold if it was cut */
	bool tagged;	    /* its outer VLAN tag stands beside it: */
	uint16_t tpid, tci; /* host order */
};

struct packet_message {		    /* one to be sent */
	struct virtio_net_hdr left; /* what is left to be done with it */
	struct iovec *pieces; /* where it lies; the first is kept free for what is left */
	uint32_t n_pieces;
};

/* Starts receiving, unless it is only to send. On failure nothing is left. */
int packet_socket_open(struct packet_socket *socket, const char *interface,
	bool sends_only, struct err *err);
/* Shares what comes with the other members of a group, by the kernel's hash of a frame's
 * flow, the same for both directions; the fragments of an address pair go to one member.
 * *group is -1 for the first, who makes it; the others join. */
int packet_socket_join(struct packet_socket *socket, int *group, struct err *err);
void packet_socket_close(struct packet_socket *socket);

/* Receives at most n <= PACKET_SOCKET_BURST frames that wait, into the pieces. */
uint32_t packet_socket_receive(
	struct packet_socket *socket, struct packet_frame *frames, uint32_t n);
/* Sends the first k of n <= PACKET_SOCKET_BURST messages: k, 0 if there is no room now or
 * the interface is down, or -EMSGSIZE: the first cannot be sent. */
int packet_socket_send(
	struct packet_socket *socket, struct packet_message *messages, uint32_t n);
/* Adds what the kernel has counted since; control thread. */
uint64_t packet_socket_missed(struct packet_socket *socket);

#endif
