/* segment.h: cutting a TCP or UDP packet that is longer than any link carries into those
 * that its sender left to others to make (TSO, UDP segmentation offload). Pure; any
 * thread.
 *
 * What the sender's kernel does, and RFC 9293 lets be done: each segment has the headers
 * of the whole, with its own lengths, checksums, sequence number and IPv4 identification;
 * FIN and PSH stay with the last, CWR with the first.
 */
#ifndef DATAPLANE_PKT_SEGMENT_H
#define DATAPLANE_PKT_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"

struct segment_plan {
	struct pkt_info info; /* of the whole */
	uint16_t headers;     /* bytes in front of the payload, Ethernet's included */
	uint16_t size;	      /* bytes of payload in each but the last */
	uint32_t n;	      /* segments, at least one */
};

/* Bytes in front of the payload of a TCP or UDP packet; 0 for any other, and a fragment.
 */
uint16_t segment_headers(const uint8_t *frame, const struct pkt_info *info);
/* False: it is no whole TCP or UDP packet, or size is 0. */
bool segment_plan(const uint8_t *frame, const struct pkt_info *info, uint16_t size,
	struct segment_plan *plan);
/* Writes segment i < n to out (headers + size bytes of room) and returns its length. */
uint32_t segment_write(
	const struct segment_plan *plan, const uint8_t *frame, uint32_t i, uint8_t *out);

#endif
