/* packet_sender.h: what a port sends by a packet socket: each buffer a message, but
 * segments of a TCP flow that follow one another in a burst are one (join.h), which the
 * kernel takes whole and cuts only where it has to: what its own GRO would do with them
 * at the other end, before they cost it anything.
 */
#ifndef DATAPLANE_HOST_PACKET_SENDER_H
#define DATAPLANE_HOST_PACKET_SENDER_H

#include "dataplane/host/packet_socket.h"
#include "dataplane/host/port.h"

/* The tx() of a driver (driver.h), and counts large frames. join: segments may be joined.
 */
uint32_t packet_sender_send(struct packet_socket *socket, struct port *port,
	struct rte_mbuf **buffers, uint32_t n, bool join);

#endif
