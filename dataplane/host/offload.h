/* offload.h: what the sender of a frame has left to the port by which it leaves
 * (buffer.h, BUFFER_LEFT_OVER): done by whoever can.
 *
 * A local kernel hands a port frames of up to 64 KiB and checksums that are still to be
 * computed (struct virtio_net_hdr says so). They pass the chain as they are: one linear
 * frame in one large buffer, the L4 checksum field without meaning. The port where they
 * leave gives them to a kernel that takes them so, or does here what is left to do.
 * Pure but for the frame and its header. I/O workers.
 */
#ifndef DATAPLANE_HOST_OFFLOAD_H
#define DATAPLANE_HOST_OFFLOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <rte_mbuf.h>
#include <linux/virtio_net.h>
#include "dataplane/pkt/segment.h"

/* Marks a received frame by what the kernel says of it. False: it has to be cut and we
 * know not how (a tunnel's, say). A checksum to be computed that is not the outermost
 * TCP's or UDP's is computed. */
bool offload_take(const struct virtio_net_hdr *said, struct rte_mbuf *buffer);
/* Makes one ready for offload_say(): the checksum field as the kernel wants it, l2_len,
 * l3_len and l4_len. What is not TCP or UDP has nothing left over. False: a segment would
 * be longer than frame_max. */
bool offload_ready(struct rte_mbuf *buffer, uint32_t frame_max);
/* What to tell the kernel of it. */
void offload_say(const struct rte_mbuf *buffer, struct virtio_net_hdr *say);
/* Writes the checksum; nothing is left over then. */
void offload_finish(struct rte_mbuf *buffer);
/* How to cut one into frames of at most frame_max bytes. False: it cannot be. */
bool offload_plan(
	const struct rte_mbuf *buffer, uint32_t frame_max, struct segment_plan *plan);

#endif
