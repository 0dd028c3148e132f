/* offload.h: what the sender of a packet has left to the port by which it leaves, for
 * VNFs that look at a packet's length or copy it.
 *
 * A frame from a local kernel may be longer than any link carries, up to 64 KiB; it is
 * one linear frame as every other, and its headers say its own length. The port cuts it,
 * or gives it to a kernel that does (ol_flags RTE_MBUF_F_TX_TCP_SEG or _UDP_SEG,
 * tso_segsz bytes of payload in each segment). And its L4 checksum field may mean nothing
 * until the port writes it (RTE_MBUF_F_TX_L4_MASK). So
 *   - headers may be read and rewritten as ever; updating the checksum does no harm;
 *   - what counts against an MTU is offload_wire_len(), not the packet's length;
 *   - who copies a packet elsewhere, or cuts it, calls offload_finish() before;
 *   - who checks a TCP or UDP checksum asks offload_is_partial() first.
 * Worker.
 */
#ifndef DATAPLANE_SDK_OFFLOAD_H
#define DATAPLANE_SDK_OFFLOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <rte_mbuf.h>
#include "dataplane/pkt/parse.h"

/* Its L4 checksum is still to be written. */
static inline bool
offload_is_partial(const struct rte_mbuf *pkt)
{
	return (pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK) != 0;
}

/* It is still to be cut. */
static inline bool
offload_is_large(const struct rte_mbuf *pkt)
{
	return (pkt->ol_flags & (RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_UDP_SEG)) != 0;
}

/* Bytes of the longest IP packet that it will be on a link. */
uint32_t offload_wire_len(
	const struct rte_mbuf *pkt, const uint8_t *frame, const struct pkt_info *info);
/* Makes TCP segments small enough for an MTU, as any host on the way of a packet that may
 * be fragmented may. False: it is not TCP, or the MTU holds no payload. */
bool offload_shrink(struct rte_mbuf *pkt, const uint8_t *frame,
	const struct pkt_info *info, uint32_t mtu);
/* Writes the checksum, if it is still to be written. */
void offload_finish(struct rte_mbuf *pkt, uint8_t *frame, const struct pkt_info *info);

#endif
