/* traffic.h: the frames of a generator: templates made once from its specification,
 * stamped per packet. Pure.
 *
 * Flows differ in source port and, beyond 50,000, in source address; they may be spread
 * over many destination networks. Checksums are right: the sums of the templates are
 * known, and what varies is added.
 */
#ifndef DATAPLANE_HOST_TRAFFIC_H
#define DATAPLANE_HOST_TRAFFIC_H

#include <stdint.h>
#include "common/err.h"
#include "common/net.h"

#define TRAFFIC_FRAME_MAX 1514
#define TRAFFIC_SHAPES	  12 /* frame sizes that take turns */

struct traffic_spec {
	uint16_t size;	   /* bytes of the frame without FCS; 0: imix */
	uint32_t flows;	   /* 1 and more */
	uint32_t dst_nets; /* networks (/24, IPv6 /64) from that of dst on, each flow to
			      one of them; 0, 1: dst alone */
	uint8_t proto;	   /* PKT_PROTO_UDP or _TCP */
	struct net_addr src, dst;
	struct net_mac src_mac, dst_mac;
};

struct traffic_shape {
	uint16_t len;
	uint8_t frame[TRAFFIC_FRAME_MAX];
	uint32_t l4_sum; /* of pseudo-header and L4, flow and times left zero */
	uint32_t ip_sum; /* of the IPv4 header likewise */
};

struct traffic {
	struct traffic_spec spec;
	uint16_t stream;
	uint16_t l3, l4;	 /* offsets */
	uint16_t sport, l4_csum; /* offsets of the fields */
	uint16_t src_low;	 /* offset of the last 32 bits of the source address */
	uint32_t src_base;	 /* their value, host order */
	uint16_t dst_net;   /* offset of the 32 bits that end in the network's last */
	uint32_t dst_base;  /* their value, host order */
	unsigned dst_shift; /* of the network's number in them */
	unsigned n_shapes;
	struct traffic_shape shapes[TRAFFIC_SHAPES];
};

/* ERR_INVALID (paths "size", "src") for what cannot be a frame. */
int traffic_init(struct traffic *traffic, const struct traffic_spec *spec,
	uint16_t stream, struct err *err);
/* Writes packet number `sequence` to frame (TRAFFIC_FRAME_MAX bytes of room) and returns
 * its length. */
uint16_t traffic_write(
	const struct traffic *traffic, uint64_t sequence, uint64_t tsc, uint8_t *frame);

#endif
