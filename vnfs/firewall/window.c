/* window.c: see window.h. */
#include "vnfs/firewall/window.h"

#include <arpa/inet.h>
#include "dataplane/pkt/hdr.h"

#define MAX_SCALE    14	   /* RFC 7323 2.3 */
#define LONGEST	     65535 /* bytes of a segment */
#define OPTION_END   0
#define OPTION_NOP   1
#define OPTION_SCALE 3

static uint8_t offered_scale(const uint8_t *options, uint32_t len);

static inline bool
is_within(uint32_t first, uint32_t x, uint32_t last)
{
	return !seq_before(x, first) && !seq_before(last, x);
}

/* ---- reading ---- */

void
segment_read(const uint8_t *frame, const struct pkt_info *packet, struct segment *segment)
{
	const struct pkt_tcp *tcp = (const struct pkt_tcp *)(frame + packet->l4);
	const uint32_t header = (uint32_t)(tcp->off >> 4) * 4;
	const uint8_t flags = tcp->flags;
	uint32_t len = packet->end - packet->l4 - header;

	if (packet->fragment)
		len = LONGEST;
	*segment = (struct segment){.seq = ntohl(tcp->seq),
		.ack = ntohl(tcp->ack),
		.window = ntohs(tcp->window),
		.flags = flags,
		.scale = SEGMENT_NO_SCALE,
		.cut = packet->fragment};
	segment->end = segment->seq + len + ((flags & PKT_TCP_SYN) != 0) +
		       ((flags & PKT_TCP_FIN) != 0);
	if ((flags & PKT_TCP_SYN) != 0 && !packet->fragment)
		segment->scale =
			offered_scale((const uint8_t *)(tcp + 1), header - PKT_TCP_LEN);
}

static uint8_t
offered_scale(const uint8_t *options, uint32_t len)
{
	uint32_t at = 0;

	while (at < len && options[at] != OPTION_END) {
		if (options[at] == OPTION_NOP) {
			at++;
			continue;
		}
		if (at + 1 >= len || options[at + 1] < 2 || at + options[at + 1] > len)
			break;
		if (options[at] == OPTION_SCALE && options[at + 1] == 3)
			return options[at + 2] < MAX_SCALE ? options[at + 2] : MAX_SCALE;
		at += options[at + 1];
	}
	return SEGMENT_NO_SCALE;
}

/* ---- windows ---- */

static void begin_by_syn(struct traffic *t, unsigned from, const struct segment *segment);
static void begin_mid_stream(struct traffic *t, const struct segment *segment);
static enum window_verdict see_syn(struct traffic *t, unsigned from, enum tcp_state state,
	const struct segment *segment);
static enum window_verdict see_answer(struct traffic *t, const struct segment *segment);
static enum window_verdict see_reset(const struct traffic *t, unsigned from,
	enum tcp_state state, const struct segment *segment);
static bool fits(const struct traffic *t, unsigned from, const struct segment *segment);
static void learn(struct traffic *t, unsigned from, const struct segment *segment);

void
window_open(struct traffic *traffic, const struct segment *segment)
{
	if ((segment->flags & PKT_TCP_SYN) != 0)
		begin_by_syn(traffic, 0, segment);
	else
		begin_mid_stream(traffic, segment);
}

enum window_verdict
window_see(struct traffic *t, bool responder, enum tcp_state state,
	const struct segment *segment)
{
	const unsigned from = responder;

	if ((segment->flags & PKT_TCP_RST) != 0)
		return see_reset(t, from, state, segment);
	if ((segment->flags & (PKT_TCP_SYN | PKT_TCP_ACK)) == PKT_TCP_SYN)
		return see_syn(t, from, state, segment);
	if (state == TCP_SYN_SENT)
		return see_answer(t, segment);
	if (!fits(t, from, segment))
		return WINDOW_OUT;
	learn(t, from, segment);
	return WINDOW_IN;
}

bool
window_all_acked(const struct traffic *t, unsigned end)
{
	return t->end[!end].heard && t->tcp[!end].acked == t->tcp[end].sent;
}

/* ---- how it begins ---- */

static void
begin_by_syn(struct traffic *t, unsigned from, const struct segment *segment)
{
	struct flow_end *end = &t->end[from];

	end->window = segment->window;
	end->offered = segment->scale != SEGMENT_NO_SCALE;
	end->scale = end->offered ? segment->scale : 0;
	end->picked_up = end->limited = end->heard = 0;
	t->tcp[from] = (struct tcp_end){.sent = segment->end, .edge = segment->seq + 1};
}

/* The responder has sent at least what was acknowledged. */
static void
begin_mid_stream(struct traffic *t, const struct segment *segment)
{
	for (unsigned i = 0; i < 2; i++) {
		t->end[i].scale = MAX_SCALE;
		t->end[i].picked_up = 1;
	}
	t->tcp[0].sent = segment->end;
	t->tcp[1].sent = segment->ack;
	learn(t, 0, segment);
}

/* Windows that were noted as they stood in SYNs get the unit that was agreed on. */
static void
agree_on_scale(struct traffic *t)
{
	const bool both = t->end[0].offered && t->end[1].offered;

	for (unsigned i = 0; i < 2; i++) {
		struct flow_end *end = &t->end[i];

		if (!both)
			end->scale = 0;
		end->window = (end->window + (1u << end->scale) - 1) >> end->scale;
	}
}

/* One that opens may be sent again, with another number too. One to an open connection
 * is answered by a challenge, whatever its number (RFC 5961 4.2). */
static enum window_verdict
see_syn(struct traffic *t, unsigned from, enum tcp_state state,
	const struct segment *segment)
{
	if (state != TCP_SYN_SENT)
		return WINDOW_PASS;
	begin_by_syn(t, from, segment);
	if (from == 1) {
		t->tcp[0].acked = segment->seq + 1;
		t->tcp[1].acked = t->tcp[0].edge;
		agree_on_scale(t);
	}
	return WINDOW_IN;
}

/* What the responder says to a SYN: SYN and ACK of just this SYN, or the ACK of a
 * connection that it believes open, which the originator will reset where that says. */
static enum window_verdict
see_answer(struct traffic *t, const struct segment *segment)
{
	if ((segment->flags & PKT_TCP_SYN) == 0) {
		t->tcp[1].acked = segment->ack;
		t->end[1].heard = 1;
		return WINDOW_PASS;
	}
	if (!is_within(t->tcp[0].edge, segment->ack, t->tcp[0].sent))
		return WINDOW_OUT;
	begin_by_syn(t, 1, segment);
	t->tcp[1].edge = segment->seq + 1 + t->end[0].window;
	t->end[1].limited = 1;
	t->tcp[0].acked = segment->seq + 1;
	agree_on_scale(t);
	learn(t, 1, segment);
	return WINDOW_IN;
}

/* ---- how it goes on ---- */

/* Picked up, and the responder was not heard yet: how far both are is not known. */
static inline bool
is_learning(const struct traffic *t)
{
	return t->end[0].picked_up && !t->end[1].heard;
}

/* The first to acknowledge a SYN does it exactly: that it knows its number is what says
 * that it has seen it. */
static bool
fits(const struct traffic *t, unsigned from, const struct segment *segment)
{
	const struct flow_end *end = &t->end[from], *other = &t->end[!from];
	const struct tcp_end *ours = &t->tcp[from], *theirs = &t->tcp[!from];
	const uint32_t size = window_size(end),
		       back = size > WINDOW_OLD_ACK ? size : WINDOW_OLD_ACK;
	const bool beyond = end->limited && seq_before(ours->edge, ours->sent);
	const uint32_t allowed = beyond ? ours->edge : ours->sent;

	if (end->limited && seq_before(ours->edge, segment->seq))
		return false;
	if (other->window > 0 && seq_before(segment->end, allowed - window_size(other)))
		return false;
	if (is_learning(t))
		return true;
	return is_within(
		ours->acked - (end->heard ? back : 0), segment->ack, theirs->sent);
}

static void
learn(struct traffic *t, unsigned from, const struct segment *segment)
{
	struct flow_end *end = &t->end[from], *other = &t->end[!from];
	struct tcp_end *ours = &t->tcp[from], *theirs = &t->tcp[!from];
	const bool syn = (segment->flags & PKT_TCP_SYN) != 0;
	const uint32_t size = (uint32_t)segment->window << (syn ? 0 : end->scale);
	const uint32_t edge = segment->ack + (size > 0 ? size : 1); /* 1: to probe */
	const uint32_t units = (size + (1u << end->scale) - 1) >> end->scale;

	if (units > end->window)
		end->window = units;
	if (seq_before(ours->sent, segment->end))
		ours->sent = segment->end;
	if (segment->cut && end->limited && seq_before(ours->edge, ours->sent))
		ours->sent = ours->edge;
	if (!end->heard || seq_before(ours->acked, segment->ack))
		ours->acked = segment->ack;
	end->heard = 1;
	if (!other->limited || seq_before(theirs->edge, edge))
		theirs->edge = edge;
	other->limited = 1;
	if (seq_before(theirs->sent, segment->ack)) /* of one picked up */
		theirs->sent = segment->ack;
}

/* ---- how it ends at once ---- */

static enum window_verdict
see_reset(const struct traffic *t, unsigned from, enum tcp_state state,
	const struct segment *segment)
{
	const struct tcp_end *ours = &t->tcp[from], *theirs = &t->tcp[!from];
	const bool heard = t->end[!from].heard;
	const uint32_t low = heard ? theirs->acked : ours->sent;
	const uint32_t high = t->end[from].limited ? ours->edge : ours->sent;

	if (state == TCP_SYN_SENT && from == 1) /* refused: RFC 9293 3.10.7.3 */
		return (segment->flags & PKT_TCP_ACK) != 0 &&
				       is_within(theirs->edge, segment->ack, theirs->sent)
			       ? WINDOW_IN
			       : WINDOW_OUT;
	if (segment->seq == ours->sent || (heard && segment->seq == theirs->acked))
		return WINDOW_IN;
	if (state == TCP_SYN_SENT || !is_within(low, segment->seq, high))
		return WINDOW_OUT;
	return WINDOW_PASS;
}
