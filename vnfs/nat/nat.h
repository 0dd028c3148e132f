/* nat.h: a NAT at work: what the files that decide about packets share (translate.h,
 * errors.h, fragments.h, made whole in nat.c), and why packets are dropped.
 */
#ifndef VNFS_NAT_NAT_H
#define VNFS_NAT_NAT_H

#include "dataplane/sdk/l3_out.h"
#include "dataplane/sdk/l3_route.h"
#include "dataplane/sdk/reasm.h"
#include "vnfs/nat/config.h"
#include "vnfs/nat/direct.h"
#include "vnfs/nat/ident.h"
#include "vnfs/nat/journal.h"
#include "vnfs/nat/strangers.h"
#include "vnfs/nat/table.h"

enum nat_reason {
	NAT_NO_MAPPING = L3_REASON_OWN,
	NAT_FILTERED,
	NAT_PROTOCOL,
	NAT_FULL,
	NAT_NO_PORT,
	NAT_QUOTA,
	NAT_HOST_PORTS,
	NAT_HOST_RATE,
	NAT_FRAGMENT,
	NAT_FRAGMENT_OVERLAP,
	NAT_FRAGMENT_TIMEOUT,
	NAT_FRAGMENT_LIMIT,
	NAT_FRAGMENT_REPEATED,
};

#define NAT_REASONS                                                                      \
	{"no-mapping", "from outside, to no mapping; or what cannot open one"},          \
		{"filtered",                                                             \
			"from outside, by a host that the mapping has not sent to"},     \
		{"protocol", "of a protocol that is not translated"},                    \
		{"sessions-full", "max-sessions are open"},                              \
		{"ports-exhausted", "no outside port is free"},                          \
		{"host-quota", "max-sessions-per-host are open"},                        \
		{"host-ports", "its host has all the outside ports that it may have"},   \
		{"host-rate", "its host opens sessions too fast"},                       \
		{"fragment", "its first fragment was dropped"},                          \
		{"fragment-overlap",                                                     \
			"fragments that overlap, and what belongs to them"},             \
		{"fragment-timeout", "its first fragment did not come"},                 \
		{"fragment-limit", "too many fragments wait for their first"},           \
	{                                                                                \
		"fragment-repeated", "a fragment that had been here"                     \
	}

#define NAT_NO_FATE UINT16_MAX
#define NAT_WAYS    1024

struct nat_way { /* the route of an address that was looked up lately */
	uint32_t ip;
	uint16_t epoch; /* of the routing table that it is of; 0: none */
	uint16_t route; /* its number there */
};

struct nat_fate { /* what the first fragment of a datagram became */
	uint32_t src, dst;
	uint16_t id;
	uint16_t next; /* free one */
};

struct nat {
	struct l3 l3;
	struct table table;
	struct journal journal;
	struct strangers strangers;
	struct ident ident;
	struct reasm *reasm;
	struct nat_fate fates[REASM_MAX_DATAGRAMS];
	uint16_t free_fate;
	const struct config *config; /* in use, like the next three */
	const struct l3_routes *routes;
	uint16_t epoch;		       /* of the routes; never 0 */
	struct nat_way ways[NAT_WAYS]; /* by hash of the address */
	const struct direct *direct;
	struct nat_built *built;
	uint32_t n_ended;	  /* of the table, when the burst was looked up */
	bool shares;		  /* it is one of several replicas, or may become it */
	struct nat_built *newest; /* built last [control thread] */
};

struct nat_hop {
	const struct l3_hop *hop;
	struct l3_hop link; /* room for one on the link */
};

struct translate_pkt { /* an IP packet of a burst */
	struct l3_pkt pkt;
	struct session_key4 key; /* if keyed */
	session_ref ref;	 /* what the bulk lookup found */
	bool keyed;
};

static inline uint64_t
nat_now(const struct nat *nat)
{
	return nat->l3.vnf->now_ns;
}

static inline uint32_t
nat_ip(const uint8_t addr[16])
{
	uint32_t ip;

	__builtin_memcpy(&ip, addr, 4);
	return ip;
}

/* Whether the address is of the pool. */
static inline bool
nat_in_pool(const struct nat *nat, const uint8_t addr[16])
{
	const struct pool *pool = nat->table.maps->pool;

	return pool_may_have(pool, nat_ip(addr)) && pool_find(pool, nat_ip(addr)) >= 0;
}

#endif
