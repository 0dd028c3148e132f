/* join.h: finds segments of a TCP flow that follow one another, so that a kernel can be
 * given them as one that it need not cut: the opposite of segment.h, with which it gives
 * back what was joined, byte for byte. Pure; any thread.
 *
 * The rules are those of the kernel's own GRO: right checksums, equal headers (addresses,
 * ports, options, acknowledgement, window), sequence numbers without a gap, equal
 * lengths but of the last, which may be shorter; no flags but ACK, and PSH on the last;
 * IPv4 identifications that count up, or that do not matter (DF, RFC 6864).
 */
#ifndef DATAPLANE_PKT_JOIN_H
#define DATAPLANE_PKT_JOIN_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"

#define JOIN_HEADERS_MAX 142   /* Ethernet, two tags, IPv4 without options or IPv6, TCP */
#define JOIN_CSUM_OFFSET 16    /* of the checksum in a TCP header */
#define JOIN_BYTES_MAX	 65000 /* of a whole frame: what an IP length can say */

struct join {
	struct pkt_info info; /* of the first */
	uint16_t headers;     /* bytes in front of the payload */
	uint16_t size;	      /* bytes of payload of each but the last */
	uint32_t payload;     /* bytes of all */
	uint32_t n;	      /* segments */
	uint32_t next_seq;
	uint16_t next_id;
	bool open;	      /* more may follow */
	const uint8_t *first; /* its checksum has not been looked at: null if it has */
	uint8_t header[JOIN_HEADERS_MAX];
};

/* Whether a frame may be the first of several; its payload is at frame + join->headers,
 * join->payload bytes long. It has to stay until the next is added: its checksum is
 * looked at only then. */
bool join_begin(struct join *join, const uint8_t *frame, uint32_t len);
/* Whether a frame is the next, and takes it; *payload: its bytes of payload, behind
 * join->headers. */
bool join_add(struct join *join, const uint8_t *frame, uint32_t len, uint16_t *payload);
/* Makes join->header that of all: lengths, IPv4 checksum, flags; the TCP checksum is the
 * sum of the pseudo header, to be completed by who cuts or receives it. n > 1. */
void join_end(struct join *join);

#endif
