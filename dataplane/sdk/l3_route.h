/* l3_route.h: the routing table of a routed VNF: prefixes, what becomes of their packets,
 * next hops, counters.
 *
 * Drafted and built whole by the control thread, then never changed, unless it is a live
 * one (l3_live.h); looked up by the worker, which also counts. Own addresses, broadcast
 * addresses and the interfaces' subnets are routes like any other, so one lookup decides
 * everything.
 */
#ifndef DATAPLANE_SDK_L3_ROUTE_H
#define DATAPLANE_SDK_L3_ROUTE_H

#include <stdint.h>
#include <string.h>
#include <jansson.h>
#include <rte_branch_prediction.h>
#include "common/err.h"
#include "dataplane/sdk/l3_fib.h"
#include "dataplane/sdk/l3_stack.h"

enum l3_route_kind { /* of two routes of one prefix the lower kind wins: what is ours */
	L3_ROUTE_LOCAL,	    /* one of our addresses */
	L3_ROUTE_BROADCAST, /* of one of our subnets */
	L3_ROUTE_CONNECTED, /* on the link of connection point `cp` */
	L3_ROUTE_VIA,	    /* by one of n hops */
	L3_ROUTE_BLACKHOLE,
	L3_ROUTE_UNREACHABLE,
	L3_ROUTE_PROHIBIT,
	L3_ROUTE_NOTHING, /* none of these */
};

struct l3_route {		 /* half a cache line */
	uint64_t packets, bytes; /* that took it; worker writes, anyone reads */
	union {			 /* what becomes of them, replaced as one word */
		struct {
			uint32_t hops; /* the first of its hops */
			uint16_t n_hops;
			uint8_t kind;
			uint8_t cp;
		};
		uint64_t action;
	};
	uint32_t born; /* how many had this number before it */
	uint32_t reserved;
};

_Static_assert(sizeof(struct l3_route) == 32, "a route is in one cache line");

struct l3_live;

struct l3_route_sums {
	uint64_t packets, bytes;
};

struct l3_routes {
	struct l3_fib *fib; /* values: route number + 1; hints: of VIA with one hop that
				hop's number + 1, else 0 */
	struct l3_route *routes;
	struct net_prefix *prefixes; /* of the routes, by number: sorted; of family 0
					where a live table has none */
	uint32_t n;
	struct l3_hop *hops;
	uint32_t n_hops;
	uint32_t *before; /* number in the table before this one, or L3_ROUTE_NEW */
	struct l3_route_sums *past; /* what the routes counted in the tables before this
				       one; null: nothing [control thread] */
	uint32_t max;		    /* routes that there is room for */
	struct l3_live *live;	    /* null: it never changes. Else l3_live.h */
};
#define L3_ROUTE_NEW UINT32_MAX

/* ---- building; control thread ---- */

struct l3_route_draft {
	struct net_prefix prefix;
	struct l3_route route;
};

struct l3_route_drafts { /* zero-initialise */
	struct l3_route_draft *list;
	size_t n, room;
	struct l3_hop *hops;
	size_t n_hops, room_hops;
	bool no_memory; /* told by l3_routes_create() */
};

/* The subnets and addresses of an interface. */
void l3_route_draft_iface(
	struct l3_route_drafts *drafts, const struct iface_config *iface, unsigned cp);
/* A route; n_hops next hops for L3_ROUTE_VIA, else none. */
void l3_route_draft(struct l3_route_drafts *drafts, const struct net_prefix *prefix,
	enum l3_route_kind kind, const struct l3_hop *hops, unsigned n_hops);
/* Makes the table; the drafts are freed in any case. 0, or ERR_NO_RESOURCE. */
int l3_routes_create(
	struct l3_routes **table, struct l3_route_drafts *drafts, struct err *err);
void l3_routes_destroy(struct l3_routes *table); /* null is fine */
/* The routes of the drafts, without a way to look them up yet, and with room for more
 * routes and hops; the drafts are freed. Null: out of memory. */
struct l3_routes *l3_routes_collect(
	struct l3_route_drafts *drafts, uint32_t room, uint32_t room_hops);

/* Control thread: finds for each route the one of the same prefix in `old`. */
void l3_routes_match(struct l3_routes *table, const struct l3_routes *old);
/* Control thread, when the worker has the new table and before the old one is destroyed:
 * the counters go on. Without memory they begin anew. */
void l3_routes_inherit(struct l3_routes *table, const struct l3_routes *old);
/* What the route of a number has counted so far, in this table and those before. Control
 * thread. */
struct l3_route_sums l3_routes_sums(const struct l3_routes *table, uint32_t number);

/* ---- packets ---- */

/* Whether packets of a route of kind CONNECTED or VIA may leave by connection point cp.
 */
bool l3_route_leads_by(
	const struct l3_routes *table, const struct l3_route *route, unsigned cp);
/* The route of one address, or null. */
struct l3_route *l3_route_find(
	const struct l3_routes *table, uint8_t family, const uint8_t ip[16]);
/* For l3_ops.route: the hop to dst, the first of several. False: not by CONNECTED or VIA.
 */
bool l3_route_to(const struct l3_routes *table, uint8_t family, const uint8_t dst[16],
	struct l3_hop *hop);

static inline struct l3_route *
l3_route_of(const struct l3_routes *table, uint64_t value)
{
	const uint32_t number = (uint32_t)value;

	return number == L3_FIB_NONE ? NULL : &table->routes[number - 1];
}

/* Of a route with only one hop that hop's number + 1, known without a look at the route;
 * else 0. */
static inline uint32_t
l3_route_hop_number(uint64_t value)
{
	return (uint32_t)(value >> 32);
}

/* Names a route, below 2^63, for as long as it is there: whatever has its number later
 * has another token. value: that leads to a route. */
static inline uint64_t
l3_route_token(const struct l3_routes *table, uint64_t value)
{
	const uint32_t number = (uint32_t)value;

	return (uint64_t)(table->routes[number - 1].born & (UINT32_MAX >> 1)) << 32 |
	       number;
}

/* The route, or null: it has gone. */
static inline struct l3_route *
l3_route_of_token(const struct l3_routes *table, uint64_t token)
{
	return l3_route_token(table, token) == token ? &table->routes[(uint32_t)token - 1]
						     : NULL;
}

/* What the route does, read at one instant: for all that is then done with a packet. */
static inline struct l3_route
l3_route_now(const struct l3_route *route)
{
	return (struct l3_route){
		.action = __atomic_load_n(&route->action, __ATOMIC_ACQUIRE)};
}

const struct l3_hop *l3_route_choose(const struct l3_routes *table,
	const struct l3_route *route, const struct pkt_info *info);

/* The hop that a packet of this flow takes to its destination: routes of kind CONNECTED
 * and VIA. route: as l3_route_now() has it. room: for one that has to be made. */
static inline const struct l3_hop *
l3_route_hop(const struct l3_routes *table, const struct l3_route *route,
	const struct pkt_info *info, struct l3_hop *room)
{
	if (route->kind == L3_ROUTE_CONNECTED) {
		*room = (struct l3_hop){.cp = route->cp, .family = info->family};
		memcpy(room->addr, info->dst, 16);
		return room;
	}
	if (likely(route->n_hops == 1))
		return &table->hops[route->hops];
	return l3_route_choose(table, route, info);
}

static inline void
l3_route_add(struct l3_route *route, uint32_t packets, uint64_t bytes)
{
	__atomic_store_n(&route->packets, route->packets + packets, __ATOMIC_RELAXED);
	__atomic_store_n(&route->bytes, route->bytes + bytes, __ATOMIC_RELAXED);
}

static inline void
l3_route_count(struct l3_route *route, uint32_t bytes)
{
	l3_route_add(route, 1, bytes);
}

/* Any thread. [{prefix, packets, bytes}] of at most `max` configured and connected
 * routes. */
json_t *l3_routes_to_json(const struct l3_routes *table, uint32_t max);
/* The same, to each of which `add` adds what it knows of it. Control thread. */
typedef void l3_route_more(void *arg, const struct net_prefix *prefix, json_t *route);
json_t *l3_routes_describe(
	const struct l3_routes *table, uint32_t max, l3_route_more *add, void *arg);
/* How many routes it has, the router's own addresses included. Control thread. */
uint32_t l3_routes_count(const struct l3_routes *table);

#endif
