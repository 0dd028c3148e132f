/* packet_socket.h: an AF_PACKET socket on an interface: received frames come by a ring
 * that is mapped from the kernel (TPACKET_V2), sent ones go by sendmmsg(2), a burst per
 * system call.
 *
 * DPDK's own af_packet driver is not used: in 22.11 it joins a fanout group that puts IP
 * fragments together, sees what this machine itself sends, cuts long frames silently, and
 * does not tell which checksums are still to be computed.
 */
#ifndef DATAPLANE_HOST_PACKET_SOCKET_H
#define DATAPLANE_HOST_PACKET_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <rte_mbuf.h>
#include "common/err.h"

struct packet_socket {
	int fd;
	uint8_t *ring;	 /* of received frames */
	uint32_t next;	 /* frame to look at */
	uint64_t missed; /* frames for which the ring had no room */
};

struct packet_frame { /* a received one; valid until packet_socket_release() */
	const uint8_t *data;
	uint32_t len;	    /* bytes there */
	uint32_t len_was;   /* bytes it had: more if it was cut */
	bool partial_csum;  /* its L4 checksum is to be completed */
	bool tagged;	    /* its outer VLAN tag stands beside it: */
	uint16_t tpid, tci; /* host order */
};

/* Starts receiving. On failure nothing is left. */
int packet_socket_open(
	struct packet_socket *socket, const char *interface, struct err *err);
void packet_socket_close(struct packet_socket *socket);

/* How many frames wait, at most max. */
uint32_t packet_socket_waiting(const struct packet_socket *socket, uint32_t max);
/* The first that waits. */
void packet_socket_peek(const struct packet_socket *socket, struct packet_frame *frame);
/* Gives its place back to the kernel; the next becomes the first. */
void packet_socket_release(struct packet_socket *socket);
/* Sends the first k of n frames: k, 0 if there is no room now or the interface is down,
 * or -EMSGSIZE: the first is too long. */
int packet_socket_send(
	struct packet_socket *socket, struct rte_mbuf *const *buffers, uint32_t n);
/* Adds what the kernel has counted since; control thread. */
uint64_t packet_socket_missed(struct packet_socket *socket);

#endif
