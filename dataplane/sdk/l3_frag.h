/* l3_frag.h: IPv4 fragmentation (RFC 791 2.3, 3.2; RFC 1812 4.2.2.7): a packet that is
 * larger than the MTU and may be cut. Pure; the buffers are the caller's.
 */
#ifndef DATAPLANE_SDK_L3_FRAG_H
#define DATAPLANE_SDK_L3_FRAG_H

#include <stdint.h>
#include "dataplane/pkt/parse.h"

#define L3_FRAG_MAX                                                                      \
	128 /* fragments of one packet; more than that (tiny MTUs) is refused */

struct l3_frag {
	uint16_t n;	/* fragments; 0: it cannot be done (MTU too small, or too many) */
	uint16_t first; /* payload bytes of the first */
	uint16_t step;	/* and of each later one but the last */
	uint16_t header;  /* IP header length of the first: the packet's own */
	uint16_t later;	  /* and of the others: only options with the copy bit */
	uint16_t l3, end; /* of the packet */
};

/* How a packet would be cut for mtu. */
struct l3_frag l3_frag_plan(
	const uint8_t *frame, const struct pkt_info *info, uint16_t mtu);
/* Writes fragment i (1 to n - 1) with the packet's Ethernet header. Before
 * l3_frag_trim(). Returns the frame length, at most l3 + mtu. */
uint32_t l3_frag_write(
	const struct l3_frag *plan, const uint8_t *frame, unsigned i, uint8_t *out);
/* Makes the packet its own first fragment. Returns its new frame length. */
uint32_t l3_frag_trim(const struct l3_frag *plan, uint8_t *frame);

#endif
