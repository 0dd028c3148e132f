/* l3_live.h: routes added, replaced and deleted in a table that packets are looked up in.
 *
 * Such a table is made with room (l3_routes_create_live()). Its configured routes stay as
 * they are; these functions change the others, each change at one instant:
 *   - replaced: one word of the route, so packets take the old hops or the new ones, and
 *     the counters go on;
 *   - added: the route is complete before the first address leads to it;
 *   - deleted: its addresses lead to the covering route before it goes.
 * What a packet may still hold (a route, its hops, a group of the trie) is used again
 * only when the worker has begun three turns since: what it looked up, it looked up
 * within one.
 *
 * Control thread, one at a time.
 */
#ifndef DATAPLANE_SDK_L3_LIVE_H
#define DATAPLANE_SDK_L3_LIVE_H

#include "dataplane/sdk/l3_route.h"

struct l3_change {
	uint8_t kind;	 /* VIA, CONNECTED, LOCAL, BLACKHOLE, UNREACHABLE, PROHIBIT */
	uint8_t cp;	 /* of CONNECTED */
	uint16_t n_hops; /* of VIA: 1 to L3_HOPSET_MAX */
	const struct l3_hop *hops;
};

/* Makes a table of the drafts with room for max further routes. turns: counted up by the
 * worker at the start of each burst and tick. The drafts are freed in any case. 0, or
 * ERR_NO_RESOURCE. */
int l3_routes_create_live(struct l3_routes **table, struct l3_route_drafts *drafts,
	uint32_t max, const uint64_t *turns, struct err *err);
/* From l3_routes_destroy(). Null is fine. */
void l3_live_close(struct l3_live *live);

/* Adds the route of a prefix, or replaces it. *number: its number in the table, if not
 * null. 0; -EEXIST: a configured route has that prefix, and stays; -ENOSPC: no room;
 * -EAGAIN: no room before the worker has begun another turn. */
int l3_live_put(struct l3_routes *table, const struct net_prefix *prefix,
	const struct l3_change *change, uint32_t *number);
/* Deletes it. 0; -ENOENT: there is none, but perhaps a configured one; -EAGAIN. */
int l3_live_del(struct l3_routes *table, const struct net_prefix *prefix);
/* A word that grows with each change, for the worker; null: there are none. */
const uint32_t *l3_live_changes(const struct l3_routes *table);
/* The number of the route of exactly that prefix, or L3_ROUTE_NEW. */
uint32_t l3_live_number(const struct l3_routes *table, const struct net_prefix *prefix);
/* How many routes it has beside the configured ones. */
uint32_t l3_live_count(const struct l3_routes *table);
/* How many in all. */
uint32_t l3_live_total(const struct l3_routes *table);

#endif
