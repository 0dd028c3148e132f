/* translate.h: what becomes of a packet in a NAT: the decisions between the tables
 * (table.h, frag.h) and the L3 stack. Worker only.
 */
#ifndef VNFS_NAT_TRANSLATE_H
#define VNFS_NAT_TRANSLATE_H

#include "dataplane/sdk/l3_out.h"
#include "dataplane/sdk/l3_route.h"
#include "vnfs/nat/config.h"
#include "vnfs/nat/frag.h"
#include "vnfs/nat/table.h"

enum translate_reason {
	TRANSLATE_NO_MAPPING = L3_REASON_OWN,
	TRANSLATE_FILTERED,
	TRANSLATE_PROTOCOL,
	TRANSLATE_FULL,
	TRANSLATE_NO_PORT,
	TRANSLATE_QUOTA,
	TRANSLATE_FRAGMENT,
};

#define TRANSLATE_REASONS                                                                \
	{"no-mapping", "from outside, to no mapping; or what cannot open one"},          \
		{"filtered",                                                             \
			"from outside, by a host that the mapping has not sent to"},     \
		{"protocol", "of a protocol that is not translated"},                    \
		{"sessions-full", "max-sessions are open"},                              \
		{"ports-exhausted", "no outside port is free"},                          \
		{"host-quota", "max-sessions-per-host are open"},                        \
	{                                                                                \
		"fragment", "its first fragment has not been seen"                       \
	}

struct nat {
	struct l3 l3;
	struct table table;
	struct frags *frags;
	const struct config *config; /* in use, like the next two */
	const struct l3_routes *routes;
	struct nat_built *built;
	bool shares;		  /* it is one of several replicas, or may become it */
	struct nat_built *newest; /* built last [control thread] */
};

struct translate_pkt { /* an IP packet of a burst */
	struct l3_pkt pkt;
	struct session_key4 key; /* if keyed */
	session_ref ref;	 /* what the bulk lookup found */
	bool keyed;
};

/* The verdict on a packet that came in by the inside, or the outside. */
vnf_verdict translate_out(struct nat *nat, struct translate_pkt *work);
vnf_verdict translate_in(struct nat *nat, struct translate_pkt *work);
/* For l3_ops.restore: gives a packet that waited in vain at pkt->cp back what it came
 * with. */
bool translate_restore(struct nat *nat, struct l3_pkt *pkt);

#endif
