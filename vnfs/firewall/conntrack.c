/* conntrack.c: states and times of flows; see conntrack.h. Keys: conntrack_key.c. */
#include "vnfs/firewall/conntrack.h"

#include <rte_branch_prediction.h>
#include "dataplane/pkt/hdr.h"

#define EXPIRE_AT_ONCE 64

const struct session_spec conntrack_spec = {
	.record_size = sizeof(struct flow),
	.key_size = sizeof(struct session_key6),
	.n_keys = 1,
	.version = CONNTRACK_STATE_VERSION,
};

enum move {
	MOVE_INVALID, /* the packet cannot be */
	MOVE_NONE,    /* passes; says nothing of the flow */
	MOVE_ON,      /* is of the flow */
	MOVE_ANEW     /* the flow has ended and this begins another */
};

static enum conntrack_verdict see_unknown(
	const struct conntrack *ct, const struct packet *packet);
static enum move move(
	struct conntrack *ct, struct flow *flow, bool reply, const struct packet *packet);
static enum move move_tcp(const struct conntrack *ct, struct flow *flow, bool reply,
	const struct packet *packet);
static bool is_agreed(const struct flow *flow);
static uint64_t lifetime(const struct conntrack *ct, const struct flow *flow);
static enum source_verdict take_source(
	struct conntrack *ct, const struct packet *packet, uint64_t now_ns);
static session_ref new_record(struct conntrack *ct, uint64_t now_ns);
static void begin(struct flow *flow, const struct packet *packet);
static void cut(const struct conntrack *ct, session_ref ref);
static void note_end(const struct conntrack *ct, const struct flow *flow,
	enum journal_event event, uint64_t now_ns);
static bool make_room(struct conntrack *ct, uint64_t now_ns);

/* ---- packets ---- */

enum conntrack_verdict
conntrack_see(struct conntrack *ct, session_ref ref, const struct packet *packet,
	uint64_t now_ns)
{
	const struct track *track = packet->track;
	struct flow *flow;
	bool reply, at_home;
	enum move moved;

	if (ref == SESSION_NONE)
		return see_unknown(ct, packet);
	flow = session_record(ct->table, ref);
	reply = track->swapped != flow->swapped;
	at_home = (packet->cp == flow->cp) != reply; /* came in where its sender is */
	if (track->kind == TRACK_ERROR)
		return at_home ? CONNTRACK_UNTRACKED : CONNTRACK_RELATED;
	if (!at_home)
		return CONNTRACK_UNTRACKED;
	moved = move(ct, flow, reply, packet);
	if (moved == MOVE_INVALID)
		return CONNTRACK_INVALID;
	if (moved == MOVE_ANEW) {
		conntrack_close(ct, ref, JOURNAL_REPLACED, now_ns);
		return CONNTRACK_NEW;
	}
	flow_count(flow, reply, packet->bytes);
	if (moved == MOVE_ON) {
		if (!flow->assured && is_agreed(flow)) {
			flow->assured = 1;
			halfopen_del(ct->halfopen, ref);
		}
		conntrack_prolong(ct, ref, flow, now_ns + lifetime(ct, flow));
	}
	return reply ? CONNTRACK_REPLY : CONNTRACK_ORIGINAL;
}

/* Only what opens a flow makes a session; of TCP nothing else passes. */
static enum conntrack_verdict
see_unknown(const struct conntrack *ct, const struct packet *packet)
{
	enum tcp_event event;

	if (packet->track->kind != TRACK_FLOW || packet->track->answer)
		return CONNTRACK_UNTRACKED;
	if (packet->track->proto != PKT_PROTO_TCP)
		return CONNTRACK_NEW;
	event = tcp_event(packet->info->tcp_flags);
	if (event == TCP_SYN || (event == TCP_ACK && ct->mid_stream))
		return CONNTRACK_NEW;
	return CONNTRACK_INVALID;
}

static enum move
move(struct conntrack *ct, struct flow *flow, bool reply, const struct packet *packet)
{
	if (packet->info->proto == PKT_PROTO_TCP)
		return move_tcp(ct, flow, reply, packet);
	if (reply)
		flow->state = FLOW_REPLIED;
	return MOVE_ON;
}

static enum move
move_tcp(const struct conntrack *ct, struct flow *flow, bool reply,
	const struct packet *packet)
{
	const enum tcp_event event = tcp_event(packet->info->tcp_flags);
	enum window_verdict verdict;
	enum tcp_state next;
	struct segment segment;

	if (event == TCP_BAD)
		return MOVE_INVALID;
	next = tcp_next(flow->state, reply, event);
	if (next == TCP_INVALID)
		return MOVE_INVALID;
	if (next == TCP_ANEW)
		return MOVE_ANEW;
	segment_read(packet->frame, packet->info, &segment);
	verdict = window_see(&flow->traffic, reply, flow->state, &segment);
	if (verdict == WINDOW_OUT && (event == TCP_RST || !ct->loose))
		return MOVE_INVALID;
	if (verdict == WINDOW_PASS)
		return MOVE_NONE;
	flow->state = next;
	return MOVE_ON;
}

static bool
is_agreed(const struct flow *flow)
{
	if (flow->key.proto == PKT_PROTO_TCP)
		return flow->state == TCP_ESTABLISHED;
	return flow->state == FLOW_REPLIED;
}

static enum phase
phase_of(const struct flow *flow)
{
	const struct traffic *traffic = &flow->traffic;
	bool acked = true;

	if (flow->key.proto != PKT_PROTO_TCP)
		return phase_of_other(flow->key.proto, flow->state == FLOW_REPLIED);
	if (flow->state == TCP_FIN_ORIGINATOR || flow->state == TCP_CLOSED)
		acked = window_all_acked(traffic, 0);
	if (flow->state == TCP_FIN_RESPONDER || flow->state == TCP_CLOSED)
		acked = acked && window_all_acked(traffic, 1);
	return phase_of_tcp(flow->state, acked);
}

static uint64_t
lifetime(const struct conntrack *ct, const struct flow *flow)
{
	return ct->lifetimes->ns[phase_of(flow)];
}

void
conntrack_passed(struct conntrack *ct, session_ref ref, bool reply, uint32_t packets,
	uint64_t bytes, uint64_t now_ns)
{
	struct flow *flow = session_record(ct->table, ref);

	flow_add(flow, reply, packets, bytes);
	if (now_ns + lifetime(ct, flow) > flow->session.expires_ns)
		conntrack_prolong(ct, ref, flow, now_ns + lifetime(ct, flow));
}

/* ---- flows come and go ---- */

enum conntrack_opened
conntrack_open(struct conntrack *ct, const struct packet *packet, uint32_t account,
	uint32_t tag, uint64_t now_ns)
{
	const enum source_verdict source = take_source(ct, packet, now_ns);
	session_ref ref;
	struct flow *flow;

	if (source == SOURCE_TOO_MANY)
		return CONNTRACK_TOO_MANY;
	if (source == SOURCE_TOO_FAST)
		return CONNTRACK_TOO_FAST;
	ref = new_record(ct, now_ns);
	if (ref == SESSION_NONE) {
		if (source == SOURCE_COUNTED)
			source_give(ct->sources, packet->info->family, packet->info->src);
		return CONNTRACK_FULL;
	}
	flow = session_record(ct->table, ref);
	begin(flow, packet);
	flow->counted = source == SOURCE_COUNTED;
	flow->account = account;
	flow->tag = tag;
	flow->epoch = ct->epoch;
	flow->begun = flow_clock(now_ns);
	if (session_commit(ct->table, ref, now_ns + lifetime(ct, flow)) != 0)
		return CONNTRACK_OPENED; /* cannot be: it was looked up just now */
	account_hold(ct->accounts, account, 1);
	halfopen_add(ct->halfopen, ref);
	if (unlikely(ct->journal->opens))
		journal_note(ct->journal, JOURNAL_OPEN, flow,
			account_at(ct->accounts, account)->name, now_ns);
	return CONNTRACK_OPENED;
}

static enum source_verdict
take_source(struct conntrack *ct, const struct packet *packet, uint64_t now_ns)
{
	const struct pkt_info *info = packet->info;

	if (ct->sources == NULL)
		return SOURCE_NOT_COUNTED;
	return source_take(
		ct->sources, info->family, info->src, &ct->source_limits, now_ns);
}

static session_ref
new_record(struct conntrack *ct, uint64_t now_ns)
{
	session_ref ref;

	if (halfopen_count(ct->halfopen) >= ct->max_halfopen && !make_room(ct, now_ns))
		return SESSION_NONE;
	ref = session_new(ct->table);
	if (ref == SESSION_NONE && make_room(ct, now_ns))
		ref = session_new(ct->table);
	return ref;
}

static void
begin(struct flow *flow, const struct packet *packet)
{
	const struct pkt_info *info = packet->info;
	struct segment segment;

	flow->key = *packet->key;
	flow->swapped = packet->track->swapped;
	flow->cp = packet->cp;
	flow->state = FLOW_NEW;
	if (info->proto == PKT_PROTO_TCP) {
		flow->opening = info->tcp_flags;
		flow->state = tcp_event(info->tcp_flags) == TCP_SYN ? TCP_SYN_SENT
								    : TCP_MID_STREAM;
		segment_read(packet->frame, info, &segment);
		window_open(&flow->traffic, &segment);
	} else {
		flow->opening = info->icmp_type;
	}
	flow_count(flow, false, packet->bytes);
}

static bool
make_room(struct conntrack *ct, uint64_t now_ns)
{
	const session_ref oldest = halfopen_oldest(ct->halfopen);

	if (oldest == SESSION_NONE)
		return false;
	conntrack_close(ct, oldest, JOURNAL_EVICTED, now_ns);
	__atomic_store_n(&ct->evicted, ct->evicted + 1, __ATOMIC_RELAXED);
	return true;
}

static inline const uint8_t *
originator_of(const struct flow *flow)
{
	return flow->swapped ? flow->key.dst : flow->key.src;
}

void
conntrack_close(
	struct conntrack *ct, session_ref ref, enum journal_event event, uint64_t now_ns)
{
	const struct flow *flow = session_record(ct->table, ref);

	cut(ct, ref);
	if (unlikely(ct->journal->closes))
		note_end(ct, flow, event, now_ns);
	account_hold(ct->accounts, flow->account, -1);
	if (!flow->assured)
		halfopen_del(ct->halfopen, ref);
	if (flow->counted)
		source_give(ct->sources, flow->key.kind, originator_of(flow));
	session_delete(ct->table, ref);
}

/* Nothing of it passes unseen any more, and what has is counted. */
static void
cut(const struct conntrack *ct, session_ref ref)
{
	vnf_cut(ct->vnf, conntrack_token(ref, false));
	vnf_cut(ct->vnf, conntrack_token(ref, true));
}

static void
note_end(const struct conntrack *ct, const struct flow *flow, enum journal_event event,
	uint64_t now_ns)
{
	if (flow->key.proto == PKT_PROTO_TCP && flow->state == TCP_CLOSED)
		event = JOURNAL_CLOSED;
	else if (flow->key.proto == PKT_PROTO_TCP && flow->state == TCP_RESET)
		event = JOURNAL_RESET;
	journal_note(ct->journal, event, flow,
		account_at(ct->accounts, flow->account)->name, now_ns);
}

void
conntrack_adopt(struct conntrack *ct, session_ref ref, uint32_t account)
{
	struct flow *flow = session_record(ct->table, ref);

	flow->account = account;
	flow->epoch = 0;
	account_hold(ct->accounts, account, 1);
	if (!flow->assured)
		halfopen_add(ct->halfopen, ref);
	flow->counted = ct->sources != NULL &&
			source_take(ct->sources, flow->key.kind, originator_of(flow),
				NULL, 0) == SOURCE_COUNTED;
}

bool
conntrack_expire(struct conntrack *ct, uint64_t now_ns)
{
	session_ref due[EXPIRE_AT_ONCE];
	unsigned n = session_due(ct->table, now_ns, due, EXPIRE_AT_ONCE);

	for (unsigned i = 0; i < n; i++)
		conntrack_close(ct, due[i], JOURNAL_TIMEOUT, now_ns);
	return n == EXPIRE_AT_ONCE;
}
