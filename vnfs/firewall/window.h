/* window.h: which segments the two ends of a TCP connection may send now, seen from the
 * middle of the wire.
 *
 * Of each end is known how far it has sent, how far the other allows it to (what that has
 * acknowledged and the window on top), and its largest window. A segment is in window if
 * it does not begin beyond what is allowed, does not end before what the other can still
 * want, and acknowledges what the other has sent, and not long ago (G. van Rooij, "Real
 * Stateful TCP Packet Filtering in IP Filter", 2000). Windows are scaled if both SYNs
 * offer it (RFC 7323 2.2). A RST counts only if it stands exactly where its receiver
 * goes on; others in the window pass, for the receiver to challenge (RFC 5961 3.2, 4.2).
 * Of a connection whose opening was not seen the windows are taken to be scaled as far
 * as can be, and how far its ends are is learned until both have been heard.
 *
 * Pure. The counters stand here for the sake of the record's size.
 */
#ifndef VNFS_FIREWALL_WINDOW_H
#define VNFS_FIREWALL_WINDOW_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"
#include "vnfs/firewall/tcp.h"

struct flow_end {	       /* what one end of a flow has sent */
	uint64_t packets : 48, /* in all */
		window : 16;   /* the largest it offered, in units of its scale */
	uint64_t bytes : 56,   /* in all */
		scale : 4,     /* log2 of the unit */
		offered : 1,   /* its SYN offered to scale */
		scaled : 1,    /* and so did the other's: its scale is in force */
		limited : 1,   /* tcp_end.edge is known */
		heard : 1;     /* tcp_end.acked is known */
};

struct tcp_end {	/* sequence numbers of one end */
	uint32_t sent;	/* behind the highest that it sent */
	uint32_t edge;	/* the highest at which a segment of its may begin; while only
			   its SYN was seen, behind that */
	uint32_t acked; /* the highest that it acknowledged, or (not heard yet) what it
			   has to: the other's SYN */
};

struct traffic { /* of both ends, the originator's first */
	struct flow_end end[2];
	struct tcp_end tcp[2];
};

struct segment {
	uint32_t seq, end; /* end: behind its last number; SYN and FIN have one */
	uint32_t ack;
	uint16_t window; /* as on the wire */
	uint8_t flags;
	uint8_t scale; /* of a SYN; SEGMENT_NO_SCALE: does not offer one */
	bool cut;      /* a fragment: end is the farthest that can be */
};

#define SEGMENT_NO_SCALE 0xff

/* A TCP packet as a segment. The first fragment of one does not tell where it ends: it is
 * taken to be as long as can be. */
void segment_read(
	const uint8_t *frame, const struct pkt_info *packet, struct segment *segment);

/* The first segment of a connection: its opening SYN, or one from its middle. */
void window_open(struct traffic *traffic, const struct segment *segment);

enum window_verdict {
	WINDOW_IN,   /* believable: what it says counts */
	WINDOW_PASS, /* for its receiver to answer; changes nothing */
	WINDOW_OUT
};

/* A further segment, from the responder or the originator of a connection in that state.
 * WINDOW_IN: the windows are moved on. */
enum window_verdict window_see(struct traffic *traffic, bool responder,
	enum tcp_state state, const struct segment *segment);

/* Whether the other end has acknowledged all that this one (0: the originator) sent. */
bool window_all_acked(const struct traffic *traffic, unsigned end);

#endif
