/* conntrack.h: which flow a packet belongs to, and what that says about it.
 *
 * A flow is one record of the session table, found by one key for both directions: the
 * end with the lower address and port stands first. TCP, UDP and SCTP flows are told by
 * their ports, ICMP queries by their identifier (which stands for the port of who asks),
 * other protocols by their addresses. Frames with different VLAN tags are different
 * flows. An ICMP error is looked up by the packet that it quotes. Pure but for the table;
 * time is an argument. Worker only.
 */
#ifndef VNFS_FIREWALL_CONNTRACK_H
#define VNFS_FIREWALL_CONNTRACK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <rte_common.h>
#include "dataplane/pkt/parse.h"
#include "dataplane/sdk/session.h"
#include "dataplane/sdk/vnf.h"
#include "vnfs/firewall/account.h"
#include "vnfs/firewall/config.h"
#include "vnfs/firewall/flow.h"
#include "vnfs/firewall/halfopen.h"
#include "vnfs/firewall/journal.h"
#include "vnfs/firewall/lifetime.h"
#include "vnfs/firewall/source.h"

#define CONNTRACK_STATE_VERSION FLOW_VERSION

extern const struct session_spec conntrack_spec;

enum track_kind {
	TRACK_NONE,  /* belongs to no flow: ICMP that is neither query nor error */
	TRACK_FLOW,  /* of the flow with that key */
	TRACK_ERROR, /* an ICMP error about a packet of the flow with that key */
};

struct track {	       /* one packet, before the lookup */
	uint8_t kind;  /* enum track_kind */
	uint8_t proto; /* of the flow */
	bool swapped;  /* the sender (for an error: of the quoted packet) is key.dst */
	bool answer;   /* the answer to an ICMP query */
};

/* The VLAN ids of a frame's tags in 16 bits (two tags are folded): flows of different
 * ones are different. */
uint16_t conntrack_zone(const uint8_t *frame, const struct pkt_info *packet);

/* Where in the table a packet (IP, not a later fragment) stands; key is written in any
 * case. */
void conntrack_key(const uint8_t *frame, const struct pkt_info *packet,
	struct track *track, struct session_key6 *key);

/* What no stack sends: from its own destination ("land"), or with TCP flags that
 * contradict each other. */
static inline bool
conntrack_is_impossible(const struct pkt_info *packet)
{
	uint64_t src[2], dst[2];

	memcpy(src, packet->src, sizeof(src));
	memcpy(dst, packet->dst, sizeof(dst));
	if (((src[0] ^ dst[0]) | (src[1] ^ dst[1])) == 0)
		return true;
	return packet->proto == PKT_PROTO_TCP && packet->first &&
	       tcp_event(packet->tcp_flags) == TCP_BAD;
}

struct conntrack {
	struct session_table *table;
	struct vnf *vnf; /* whose flows are cut when they end; null: nobody asks */
	const struct accounts *accounts;
	const struct lifetimes *lifetimes;
	struct halfopen *halfopen;
	struct sources *sources; /* null: there are no limits for each */
	struct source_limits source_limits;
	struct journal *journal;
	uint32_t max_halfopen; /* flows that are not assured, at most */
	bool mid_stream;       /* connections may be picked up without their opening */
	bool loose;	       /* segments out of their window pass, but for RSTs */
	uint16_t epoch;	       /* of the rules in use */
	uint64_t evicted;      /* flows that gave way to others */
};

struct packet { /* what conntrack needs of one */
	const struct track *track;
	const struct session_key6 *key;
	const struct pkt_info *info;
	const uint8_t *frame;
	uint32_t bytes;
	unsigned cp; /* it came in by */
};

enum conntrack_verdict {
	CONNTRACK_NEW,	     /* the rules decide; if they accept, conntrack_open() */
	CONNTRACK_UNTRACKED, /* the rules decide, and no session comes of it */
	CONNTRACK_ORIGINAL,  /* of a known flow, from its originator: flow->account */
	CONNTRACK_REPLY,     /* of a known flow, from its responder */
	CONNTRACK_RELATED,   /* an ICMP error about a known flow */
	CONNTRACK_INVALID,   /* contradicts the flow's state, or no stack would send it */
};

/* One packet with what the lookup found (or SESSION_NONE). Moves the flow's state and
 * gives it time. A closed flow's record may be another's at once: after a CONNTRACK_NEW,
 * refs looked up before are to be looked up again, and after conntrack_open(). */
enum conntrack_verdict conntrack_see(struct conntrack *ct, session_ref ref,
	const struct packet *packet, uint64_t now_ns);

struct usual_packet {		   /* what conntrack needs of what most packets are */
	const struct pkt_tcp *tcp; /* with ACK and neither SYN, FIN nor RST, not a
				      fragment; null: UDP */
	uint32_t len;		   /* of its data */
	uint32_t bytes;
	unsigned bits; /* FLOW_SWAPPED: as in struct track; FLOW_CP: that it came in by */
};

/* conntrack_see() of such a packet, of a known flow that both ends agreed to. What it
 * says is where it counts; false: nothing was done, and conntrack_see() is to look at it.
 * next: only if it is TCP and window_see_next(); what is not is to be seen again without.
 */
static __rte_always_inline bool conntrack_see_usual(struct conntrack *ct, session_ref ref,
	const struct usual_packet *packet, bool next, uint64_t now_ns, uint32_t *account);

enum conntrack_opened {
	CONNTRACK_OPENED,
	CONNTRACK_FULL,	    /* all flows are assured */
	CONNTRACK_TOO_MANY, /* its source has as many as it may */
	CONNTRACK_TOO_FAST, /* its source begins more than it may */
};

/* A session for the packet that was CONNTRACK_NEW and is accepted; if there is no room,
 * the oldest flow that is not assured gives way. */
enum conntrack_opened conntrack_open(struct conntrack *ct, const struct packet *packet,
	uint32_t account, uint32_t tag, uint64_t now_ns);

/* Names one direction of a flow in vnf_steady(). */
static inline uint32_t
conntrack_token(session_ref ref, bool reply)
{
	return (ref & ~1u) | reply;
}
static inline session_ref
conntrack_of_token(uint32_t token, bool *reply)
{
	*reply = token & 1;
	return token & ~1u;
}

/* What of a flow that is not TCP has passed meanwhile, the last at now_ns: counted, and
 * it lives on, if it would not live longer anyway. */
void conntrack_passed(struct conntrack *ct, session_ref ref, bool reply, uint32_t packets,
	uint64_t bytes, uint64_t now_ns);

/* Ends it; event: why, but TCP that has closed or was reset before says so. */
void conntrack_close(
	struct conntrack *ct, session_ref ref, enum journal_event event, uint64_t now_ns);

/* Before the worker runs: a session that was found in the region. */
void conntrack_adopt(struct conntrack *ct, session_ref ref, uint32_t account);

/* Ends flows whose time has come; bounded work. True: there may be more. */
bool conntrack_expire(struct conntrack *ct, uint64_t now_ns);

/* For conntrack.c and the usual way: no write to the record's first cache line for less
 * than a tick of the table's wheel. */
#define CONNTRACK_STEP_NS (1ull << SESSION_TICK_SHIFT)

static inline void
conntrack_prolong(const struct conntrack *ct, session_ref ref, const struct flow *flow,
	uint64_t expires_ns)
{
	if (expires_ns - flow->session.expires_ns >= CONNTRACK_STEP_NS)
		session_expire_at(ct->table, ref, expires_ns);
}

static __rte_always_inline bool
conntrack_see_usual(struct conntrack *ct, session_ref ref,
	const struct usual_packet *packet, bool next, uint64_t now_ns, uint32_t *account)
{
	struct flow *flow = session_record(ct->table, ref);
	const bool tcp = packet->tcp != NULL;
	const unsigned wanted =
		FLOW_ASSURED | (tcp ? (unsigned)TCP_ESTABLISHED : FLOW_REPLIED);
	/* its sender is the responder, and where the responder is: both or neither */
	const unsigned apart = flow->bits ^ packet->bits;
	const unsigned reply = (apart & FLOW_SWAPPED) / FLOW_SWAPPED;

	if ((((apart ^ apart >> 1) & FLOW_SWAPPED) |
		    ((apart ^ wanted) & (FLOW_ASSURED | FLOW_STATE))) != 0)
		return false;
	if (next) {
		if (!window_see_next(&flow->traffic, reply, packet->tcp, packet->len))
			return false;
	} else if (tcp &&
		   !window_see_usual(&flow->traffic, reply, packet->tcp, packet->len)) {
		return false;
	}
	flow_count(flow, reply, packet->bytes);
	conntrack_prolong(ct, ref, flow,
		now_ns + ct->lifetimes->ns[tcp ? PHASE_ESTABLISHED : PHASE_UDP]);
	*account = reply ? (uint32_t)ACCOUNT_REPLY : flow->account;
	return true;
}

#endif
