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
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/parse.h"
#include "vnfs/firewall/tcp.h"

struct flow_end { /* what one end of a flow has sent; by members, or in two words */
	union {
		struct {
			uint64_t packets : 48, /* in all */
				window : 16;   /* the largest it offered, in units of its
						  scale */
		};
		uint64_t word;
	};
	union {
		struct {
			uint64_t bytes : 56,   /* in all */
				scale : 4,     /* log2 of the unit */
				offered : 1,   /* its SYN offered to scale */
				picked_up : 1, /* its SYN was not seen */
				limited : 1,   /* tcp_end.edge is known */
				heard : 1;     /* tcp_end.acked is known */
		};
		uint64_t word2;
	};
};

#define FLOW_END_PACKETS (UINT64_MAX >> 16) /* of word */
#define FLOW_END_BYTES	 (UINT64_MAX >> 8)  /* of word2, as the next */
#define FLOW_END_SETTLED (3ull << 62)	    /* limited and heard */

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

/* window_see() of the usual segment: from an end (0: the originator) of an established
 * connection, at tcp, with len bytes of data, an ACK and neither SYN, FIN nor RST. False:
 * nothing was done, and window_see() is to look at it. */
static inline bool window_see_usual(
	struct traffic *traffic, unsigned from, const struct pkt_tcp *tcp, uint32_t len);

/* The same, of these the commonest alone: the segment goes on where the last one ended
 * and acknowledges no less (V. Jacobson, "4BSD Header Prediction", 1990), so windows that
 * look back need not be known. */
static inline bool window_see_next(
	struct traffic *traffic, unsigned from, const struct pkt_tcp *tcp, uint32_t len);

/* Whether the other end has acknowledged all that this one (0: the originator) sent. */
bool window_all_acked(const struct traffic *traffic, unsigned end);

/* So much older than the newest may an ACK be, or a window (RFC 5961 5.2, van Rooij). */
#define WINDOW_OLD_ACK 66000

/* Numbers of the sequence space are compared by their distance, which is less than half
 * of it. */
static inline bool
seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline uint32_t
seq_max(uint32_t a, uint32_t b)
{
	return seq_before(a, b) ? b : a;
}

static inline uint32_t
window_size(const struct flow_end *end)
{
	const uint32_t size = (uint32_t)(end->word >> 48) << (end->word2 >> 56 & 15);

	return size > 0 ? size : 1;
}

static inline bool
window_see_usual(
	struct traffic *t, unsigned from, const struct pkt_tcp *tcp, uint32_t len)
{
	struct flow_end *end = &t->end[from];
	const struct flow_end *other = &t->end[!from];
	struct tcp_end *ours = &t->tcp[from], *theirs = &t->tcp[!from];
	const uint32_t seq = __builtin_bswap32(tcp->seq),
		       ack = __builtin_bswap32(tcp->ack);
	const uint32_t units = __builtin_bswap16(tcp->window);
	const uint32_t size = window_size(end), offers = units << (end->word2 >> 56 & 15);
	const uint32_t back = size > WINDOW_OLD_ACK ? size : WINDOW_OLD_ACK;
	const uint32_t allowed =
		seq_before(ours->edge, ours->sent) ? ours->edge : ours->sent;
	const uint32_t beyond = ours->edge - seq,
		       stale = seq + len - (allowed - window_size(other)),
		       old_ack = ack - (ours->acked - back),
		       early_ack = theirs->sent - ack; /* wrong if negative */

	if ((end->word2 & other->word2 & FLOW_END_SETTLED) != FLOW_END_SETTLED ||
		(int32_t)(beyond | stale | old_ack | early_ack) < 0)
		return false;
	if (units > end->word >> 48)
		end->window = units;
	ours->sent = seq_max(ours->sent, seq + len);
	ours->acked = seq_max(ours->acked, ack);
	theirs->edge = seq_max(theirs->edge, ack + (offers > 0 ? offers : 1));
	return true;
}

static inline bool
window_see_next(struct traffic *t, unsigned from, const struct pkt_tcp *tcp, uint32_t len)
{
	struct flow_end *end = &t->end[from];
	struct tcp_end *ours = &t->tcp[from], *theirs = &t->tcp[!from];
	const uint32_t seq = __builtin_bswap32(tcp->seq),
		       ack = __builtin_bswap32(tcp->ack);
	const uint32_t units = __builtin_bswap16(tcp->window);
	const uint32_t offers = units << (end->word2 >> 56 & 15);
	const uint64_t settled = t->end[0].word2 & t->end[1].word2;

	if (seq != ours->sent || (settled & FLOW_END_SETTLED) != FLOW_END_SETTLED ||
		(int32_t)((ours->edge - seq) | (ack - ours->acked) |
			  (theirs->sent - ack)) < 0)
		return false;
	if (units > end->word >> 48)
		end->window = units;
	ours->sent = seq + len;
	ours->acked = ack;
	theirs->edge = seq_max(theirs->edge, ack + (offers > 0 ? offers : 1));
	return true;
}

#endif
