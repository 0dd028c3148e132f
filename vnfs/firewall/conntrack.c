/* conntrack.c: keys, states and times of flows; see conntrack.h. */
#include "vnfs/firewall/conntrack.h"

#include <endian.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"

#define EXPIRE_AT_ONCE 64

const struct session_spec conntrack_spec = {
	.record_size = sizeof(struct flow),
	.key_size = sizeof(struct session_key6),
	.n_keys = 1,
	.version = CONNTRACK_STATE_VERSION,
};

/* ---- keys ---- */

static bool flow_key(const struct pkt_info *packet, uint16_t zone, struct track *track,
	struct session_key6 *key);
static bool error_key(const uint8_t *frame, const struct pkt_info *packet, uint16_t zone,
	struct track *track, struct session_key6 *key);
static bool query_ports(const struct pkt_info *packet, struct track *track,
	uint16_t *sport, uint16_t *dport);
static bool is_error(const struct pkt_info *packet);
static bool is_after(
	const uint8_t *a, uint16_t a_port, const uint8_t *b, uint16_t b_port);

static inline bool
is_icmp(const struct pkt_info *packet)
{
	return packet->proto == (packet->family == 4 ? PKT_PROTO_ICMP : PKT_PROTO_ICMPV6);
}

uint16_t
conntrack_zone(const uint8_t *frame, const struct pkt_info *packet)
{
	uint16_t zone = 0;

	for (unsigned i = 0; i < packet->n_vlans; i++) {
		const uint8_t *tag = frame + PKT_ETH_LEN + 4 * i;

		zone = (uint16_t)(zone << 4 | zone >> 12) ^
		       (uint16_t)((tag[0] & 0x0f) << 8 | tag[1]);
	}
	return zone;
}

void
conntrack_key(const uint8_t *frame, const struct pkt_info *packet, struct track *track,
	struct session_key6 *key)
{
	uint16_t zone = conntrack_zone(frame, packet);

	*track = (struct track){.kind = TRACK_FLOW};
	if (is_icmp(packet) && is_error(packet)) {
		track->kind = TRACK_ERROR;
		if (error_key(frame, packet, zone, track, key))
			return;
	} else if (flow_key(packet, zone, track, key)) {
		return;
	}
	track->kind = TRACK_NONE;
	memset(key, 0, sizeof(*key));
}

/* False if it is of no flow. */
static bool
flow_key(const struct pkt_info *packet, uint16_t zone, struct track *track,
	struct session_key6 *key)
{
	uint16_t sport = packet->sport, dport = packet->dport;

	if (is_icmp(packet) && !query_ports(packet, track, &sport, &dport))
		return false;
	track->proto = packet->proto;
	track->swapped = is_after(packet->src, sport, packet->dst, dport);
	memcpy(key->src, track->swapped ? packet->dst : packet->src, sizeof(key->src));
	memcpy(key->dst, track->swapped ? packet->src : packet->dst, sizeof(key->dst));
	key->sport = track->swapped ? dport : sport;
	key->dport = track->swapped ? sport : dport;
	key->zone = zone;
	key->proto = packet->proto;
	key->kind = packet->family;
	return true;
}

/* The quoted packet must be one that the receiver of the error sent. */
static bool
error_key(const uint8_t *frame, const struct pkt_info *packet, uint16_t zone,
	struct track *track, struct session_key6 *key)
{
	uint32_t at = packet->l4 + PKT_ICMP_LEN;
	struct pkt_info quoted;

	if (packet->fragment || at > packet->end ||
		pkt_parse_embedded(
			frame + at, packet->end - at, packet->family, &quoted) != PKT_OK)
		return false;
	if (!quoted.first || memcmp(quoted.src, packet->dst, sizeof(quoted.src)) != 0)
		return false;
	return flow_key(&quoted, zone, track, key);
}

/* The identifier is the port of who asks, so that a query and its answer have one key,
 * and queries in both directions have two. */
static bool
query_ports(const struct pkt_info *packet, struct track *track, uint16_t *sport,
	uint16_t *dport)
{
	static const uint8_t queries4[] = {8, 13, 15, 17}, answers4[] = {0, 14, 16, 18};
	static const uint8_t queries6[] = {128}, answers6[] = {129};
	bool v4 = packet->family == 4;

	if (memchr(v4 ? queries4 : queries6, packet->icmp_type, v4 ? 4 : 1) != NULL) {
		*dport = 0;
		return true;
	}
	if (memchr(v4 ? answers4 : answers6, packet->icmp_type, v4 ? 4 : 1) == NULL)
		return false;
	track->answer = true;
	*sport = 0;
	return true;
}

/* Unreachable, time exceeded, parameter problem (RFC 792), packet too big (RFC 4443).
 * Redirects are not among them: nothing about a flow makes one believable. */
static bool
is_error(const struct pkt_info *packet)
{
	if (packet->family == 6)
		return packet->icmp_type >= 1 && packet->icmp_type <= 4;
	return packet->icmp_type == 3 || packet->icmp_type == 11 ||
	       packet->icmp_type == 12;
}

static bool
is_after(const uint8_t *a, uint16_t a_port, const uint8_t *b, uint16_t b_port)
{
	uint64_t x[2], y[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	if (x[0] != y[0])
		return be64toh(x[0]) > be64toh(y[0]);
	if (x[1] != y[1])
		return be64toh(x[1]) > be64toh(y[1]);
	return a_port > b_port;
}

/* ---- states ---- */

static enum conntrack_verdict see_unknown(const struct conntrack *ct,
	const struct track *track, const struct pkt_info *packet);
static bool move(struct conntrack *ct, session_ref ref, struct flow *flow, bool reply,
	const struct pkt_info *packet, bool *anew);
static uint64_t timeout(const struct conntrack *ct, const struct flow *flow);

static inline void
count(struct flow *flow, bool reply, uint32_t bytes)
{
	flow->packets[reply]++;
	flow->bytes[reply] += bytes;
}

enum conntrack_verdict
conntrack_see(struct conntrack *ct, session_ref ref, const struct track *track,
	const struct pkt_info *packet, unsigned cp, uint32_t bytes, uint64_t now_ns)
{
	struct flow *flow;
	bool reply, at_home, anew = false;

	if (ref == SESSION_NONE)
		return see_unknown(ct, track, packet);
	flow = session_record(ct->table, ref);
	reply = track->swapped != flow->swapped;
	at_home = (cp == flow->cp) != reply; /* came in where its sender is */
	if (track->kind == TRACK_ERROR)
		return at_home ? CONNTRACK_UNTRACKED : CONNTRACK_RELATED;
	if (!at_home)
		return CONNTRACK_UNTRACKED;
	if (!move(ct, ref, flow, reply, packet, &anew))
		return CONNTRACK_INVALID;
	if (anew)
		return CONNTRACK_NEW;
	count(flow, reply, bytes);
	session_expire_at(ct->table, ref, now_ns + timeout(ct, flow));
	return reply ? CONNTRACK_REPLY : CONNTRACK_ORIGINAL;
}

/* Only what opens a flow makes a session. */
static enum conntrack_verdict
see_unknown(const struct conntrack *ct, const struct track *track,
	const struct pkt_info *packet)
{
	enum tcp_event event;

	if (track->kind != TRACK_FLOW || track->answer)
		return CONNTRACK_UNTRACKED;
	if (track->proto != PKT_PROTO_TCP)
		return CONNTRACK_NEW;
	event = tcp_event(packet->tcp_flags);
	if (event == TCP_SYN)
		return CONNTRACK_NEW;
	if (event == TCP_BAD || !ct->mid_stream)
		return CONNTRACK_INVALID;
	return event == TCP_ACK ? CONNTRACK_NEW : CONNTRACK_UNTRACKED;
}

/* False if the packet cannot be; *anew if the flow has ended and this begins another. */
static bool
move(struct conntrack *ct, session_ref ref, struct flow *flow, bool reply,
	const struct pkt_info *packet, bool *anew)
{
	enum tcp_event event;
	enum tcp_state state;

	if (packet->proto != PKT_PROTO_TCP) {
		if (reply)
			flow->state = FLOW_REPLIED;
		return true;
	}
	event = tcp_event(packet->tcp_flags);
	state = event == TCP_BAD ? TCP_INVALID : tcp_next(flow->state, reply, event);
	if (state == TCP_INVALID)
		return false;
	*anew = state == TCP_ANEW;
	if (*anew)
		conntrack_close(ct, ref);
	else
		flow->state = state;
	return true;
}

static uint64_t
timeout(const struct conntrack *ct, const struct flow *flow)
{
	switch (flow->key.proto) {
	case PKT_PROTO_TCP:
		return flow->state == TCP_ESTABLISHED ? ct->timeouts->tcp_established
						      : ct->timeouts->tcp_transitory;
	case PKT_PROTO_UDP:
		return ct->timeouts->udp;
	case PKT_PROTO_ICMP:
	case PKT_PROTO_ICMPV6:
		return ct->timeouts->icmp;
	default:
		return ct->timeouts->other;
	}
}

bool
conntrack_open(struct conntrack *ct, const struct track *track,
	const struct session_key6 *key, const struct pkt_info *packet, unsigned cp,
	uint32_t bytes, uint32_t account, uint32_t tag, uint64_t now_ns)
{
	session_ref ref = session_new(ct->table);
	struct flow *flow;

	if (ref == SESSION_NONE)
		return false;
	flow = session_record(ct->table, ref);
	flow->key = *key;
	flow->swapped = track->swapped;
	flow->cp = cp;
	flow->account = account;
	flow->tag = tag;
	flow->epoch = ct->epoch;
	flow->begun_ns = now_ns;
	flow->state = FLOW_NEW;
	flow->opening = is_icmp(packet) ? packet->icmp_type : packet->tcp_flags;
	if (track->proto == PKT_PROTO_TCP)
		flow->state = tcp_event(packet->tcp_flags) == TCP_SYN ? TCP_SYN_SENT
								      : TCP_MID_STREAM;
	count(flow, false, bytes);
	if (session_commit(ct->table, ref, now_ns + timeout(ct, flow)) == 0)
		account_hold(ct->accounts, account, 1);
	return true;
}

void
conntrack_close(struct conntrack *ct, session_ref ref)
{
	const struct flow *flow = session_record(ct->table, ref);

	account_hold(ct->accounts, flow->account, -1);
	session_delete(ct->table, ref);
}

bool
conntrack_expire(struct conntrack *ct, uint64_t now_ns)
{
	session_ref due[EXPIRE_AT_ONCE];
	unsigned n = session_due(ct->table, now_ns, due, EXPIRE_AT_ONCE);

	for (unsigned i = 0; i < n; i++)
		conntrack_close(ct, due[i]);
	return n == EXPIRE_AT_ONCE;
}

const char *
conntrack_state_name(const struct flow *flow)
{
	if (flow->key.proto == PKT_PROTO_TCP)
		return tcp_state_name(flow->state);
	return flow->state == FLOW_REPLIED ? "replied" : "new";
}
