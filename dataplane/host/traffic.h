/* traffic.h: the frames of a generator: templates made once from its specification,
 * stamped per packet. Pure.
 *
 * Flows differ in source port and, beyond those of one address, in source address; they
 * may be spread over many destination networks. Checksums are right: the sums of the
 * templates are known, and what varies is added.
 */
#ifndef DATAPLANE_HOST_TRAFFIC_H
#define DATAPLANE_HOST_TRAFFIC_H

#include <stdint.h>
#include <string.h>
#include "common/err.h"
#include "common/net.h"
#include "dataplane/host/signature.h"
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

#define TRAFFIC_FRAME_MAX 1514
#define TRAFFIC_SHAPES	  12 /* frame sizes that take turns */

struct traffic_spec {
	uint16_t size;	    /* bytes of the frame without FCS; 0: imix */
	uint32_t flows;	    /* 1 and more */
	uint32_t src_flows; /* of them, those of one source address: 1 to
			       TRAFFIC_PORTS; 0: as many */
	uint32_t dst_nets;  /* networks (/24, IPv6 /64) from that of dst on, each flow to
			       one of them; 0, 1: dst alone */
	uint8_t proto;	    /* PKT_PROTO_UDP or _TCP */
	struct net_addr src, dst;
	struct net_mac src_mac, dst_mac;
};

#define TRAFFIC_HEAD                                                                     \
	64 /* bytes of a frame that are written at once, whatever its length */

struct traffic_shape {
	uint16_t len;
	uint16_t signature_at; /* offset; 0: it has none */
	uint32_t l4_sum;       /* of pseudo-header and L4, flow and times left zero */
	uint32_t ip_sum;       /* of the IPv4 header likewise */
	uint8_t frame[TRAFFIC_FRAME_MAX] __attribute__((aligned(64)));
};

struct traffic {
	struct traffic_spec spec;
	uint16_t stream;
	uint16_t l3, l4;	 /* offsets */
	uint16_t sport, l4_csum; /* offsets of the fields */
	uint16_t ip_csum;	 /* IPv4 */
	uint16_t src_low;	 /* offset of the last 32 bits of the source address */
	uint32_t src_base;	 /* their value, host order */
	uint16_t dst_net;   /* offset of the 32 bits that end in the network's last */
	uint32_t dst_base;  /* their value, host order */
	unsigned dst_shift; /* of the network's number in them */
	unsigned n_shapes;
	struct traffic_shape shapes[TRAFFIC_SHAPES];
};

struct traffic_cursor { /* the next packet */
	uint64_t sequence;
	unsigned shape;
	uint32_t flow;
	uint32_t port;	  /* of its address, from 0 */
	uint32_t address; /* how many behind the first */
};

/* ERR_INVALID (paths "size", "src") for what cannot be a frame. */
int traffic_init(struct traffic *traffic, const struct traffic_spec *spec,
	uint16_t stream, struct err *err);
/* Sets the cursor to packet number `sequence`. */
void traffic_seek(
	const struct traffic *traffic, uint64_t sequence, struct traffic_cursor *cursor);
/* Goes on to the flow behind the last one of an address. */
void traffic_turn(const struct traffic *traffic, struct traffic_cursor *cursor);
/* Writes the addresses that are not the template's; returns what they add to sums. */
uint32_t traffic_write_addresses(const struct traffic *traffic,
	const struct traffic_shape *shape, const struct traffic_cursor *cursor,
	uint8_t *frame);

#define TRAFFIC_PORTS	   50000 /* source ports of one address */
#define TRAFFIC_FIRST_PORT 1024

/* Writes the packet at the cursor to frame (TRAFFIC_FRAME_MAX bytes of room) and returns
 * its length; the cursor goes on. */
static inline uint16_t
traffic_write(const struct traffic *traffic, struct traffic_cursor *cursor, uint64_t tsc,
	uint8_t *frame)
{
	const struct traffic_shape *shape = &traffic->shapes[cursor->shape];
	const uint16_t sport =
		__builtin_bswap16((uint16_t)(TRAFFIC_FIRST_PORT + cursor->port));
	uint64_t sum = (uint64_t)shape->l4_sum + sport;
	uint16_t csum;

	memcpy(frame, shape->frame, TRAFFIC_HEAD);
	if (shape->len > TRAFFIC_HEAD)
		memcpy(frame + TRAFFIC_HEAD, shape->frame + TRAFFIC_HEAD,
			shape->len - TRAFFIC_HEAD);
	if (__builtin_expect(cursor->address > 0 || traffic->spec.dst_nets > 1, 0))
		sum += traffic_write_addresses(traffic, shape, cursor, frame);
	memcpy(frame + traffic->sport, &sport, sizeof(sport));
	if (__builtin_expect(shape->signature_at != 0, 1)) {
		signature_stamp(frame + shape->signature_at, cursor->sequence, tsc);
		sum += (uint32_t)cursor->sequence + (cursor->sequence >> 32) +
		       (uint32_t)tsc + (tsc >> 32);
	}
	csum = csum_finish_wide(sum);
	if (__builtin_expect(csum == 0, 0) && traffic->spec.proto == PKT_PROTO_UDP)
		csum = 0xffff;
	memcpy(frame + traffic->l4_csum, &csum, sizeof(csum));
	cursor->sequence++;
	if (traffic->n_shapes > 1 && ++cursor->shape == traffic->n_shapes)
		cursor->shape = 0;
	cursor->port++;
	if (__builtin_expect(++cursor->flow == traffic->spec.flows ||
				     cursor->port == traffic->spec.src_flows,
		    0))
		traffic_turn(traffic, cursor);
	return shape->len;
}

#endif
