/* flow.h: what is kept of a flow: a record of the session table.
 */
#ifndef VNFS_FIREWALL_FLOW_H
#define VNFS_FIREWALL_FLOW_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/sdk/base.h"
#include "dataplane/sdk/session.h"
#include "vnfs/firewall/tcp.h"
#include "vnfs/firewall/window.h"

#define FLOW_VERSION 2 /* of the record */

/* A record in the instance state region: what the lookup needs in the first cache line.
 */
struct flow {
	struct session session;
	struct session_key6 key; /* kind: the family */
	union {
		struct {
			uint8_t state : 4,   /* enum tcp_state, or enum flow_state */
				swapped : 1, /* the originator is key.dst */
				cp : 1,	     /* where the originator is */
				assured : 1, /* both ends agreed to it: never gives way to
						another */
				counted : 1; /* for its source (source.h) */
		};
		uint8_t bits; /* all of these */
	};
	uint8_t opening;  /* ICMP type, or TCP flags, of the packet that began it; 0:
			     unknown */
	uint16_t epoch;	  /* of the rules that let it pass (recheck.h) */
	uint32_t account; /* that its first direction counts for */
	struct traffic traffic;
	uint32_t tag;	/* account_tag() of that rule */
	uint32_t begun; /* flow_clock() */
};

enum flow_bits {
	FLOW_STATE = 0x0f,
	FLOW_SWAPPED = 0x10,
	FLOW_CP = 0x20,
	FLOW_ASSURED = 0x40
};

_Static_assert(sizeof(struct flow) == 128, "a flow is two cache lines");
_Static_assert(TCP_STATES <= 16, "a state has four bits");

enum flow_state { FLOW_NEW, FLOW_REPLIED }; /* of what is not TCP */

/* The clock by which flow.begun is told: ticks of 17 ms, over and over in 2 years. */
#define FLOW_CLOCK_SHIFT 24
static inline uint32_t
flow_clock(uint64_t now_ns)
{
	return (uint32_t)(now_ns >> FLOW_CLOCK_SHIFT);
}

/* How long the flow has been there, in ns. */
static inline uint64_t
flow_age(const struct flow *flow, uint64_t now_ns)
{
	return (uint64_t)(flow_clock(now_ns) - flow->begun) << FLOW_CLOCK_SHIFT;
}

/* Some packets more, of the originator or the responder; and one. */
static inline void
flow_add(struct flow *flow, bool reply, uint32_t packets, uint64_t bytes)
{
	struct flow_end *end = &flow->traffic.end[reply];

	end->word = (end->word & ~FLOW_END_PACKETS) |
		    ((end->word + packets) & FLOW_END_PACKETS);
	end->word2 =
		(end->word2 & ~FLOW_END_BYTES) | ((end->word2 + bytes) & FLOW_END_BYTES);
}

static inline void
flow_count(struct flow *flow, bool reply, uint32_t bytes)
{
	flow_add(flow, reply, 1, bytes);
}

struct flow_addresses { /* as its originator began it */
	struct net_addr src, dst;
	uint16_t sport, dport;
};

struct flow_addresses flow_addresses(const struct flow *flow);
/* "established", "new", "replied", ... */
const char *flow_state_name(const struct flow *flow);

#endif
