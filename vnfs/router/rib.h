/* rib.h: the routes that a routing daemon has told of, and their way into the tables that
 * packets are looked up in: the one in use, and one that is being built beside it.
 *
 * Each route belongs to a session. When a session ends its routes stay; those that the
 * next one does not tell of again are swept when the hold time is over.
 *
 * Control thread, but for rib_attach(), which the thread that builds a configuration
 * calls: while it fills its table, changes are put off (-EAGAIN).
 */
#ifndef VNFS_ROUTER_RIB_H
#define VNFS_ROUTER_RIB_H

#include <jansson.h>
#include "dataplane/sdk/l3_live.h"
#include "vnfs/router/netlink.h"

struct rib;

enum rib_hop {	       /* what a next hop of the daemon is for us */
	RIB_HOP_NONE,  /* on no link of ours */
	RIB_HOP_VIA,   /* a neighbour */
	RIB_HOP_LINK,  /* destinations are neighbours on a link of ours */
	RIB_HOP_LOCAL, /* out of an interface that is only the daemon's */
};

/* Finds the link of a next hop; hop: cp, family and address. */
typedef enum rib_hop rib_resolver(
	void *arg, const struct netlink_hop *from, struct l3_hop *hop);

struct rib_counts {
	uint64_t updates; /* routes told of, changed, withdrawn */
	uint64_t refused; /* did not fit into the table, or into memory */
	uint64_t ignored; /* on no link of ours, or of another routing table */
	uint64_t malformed;
};

/* Room for max routes. 0, or ERR_NO_RESOURCE. */
int rib_open(struct rib **rib, uint32_t max, rib_resolver *resolve, void *arg,
	struct err *err);
void rib_close(struct rib *rib); /* null is fine */

/* The table gets all routes whose links are among cps (bits), and every change from here
 * on. Counters go on from `before`, if not null, when the worker takes it
 * (l3_routes_match()). */
void rib_attach(struct rib *rib, struct l3_routes *table, uint32_t cps,
	const struct l3_routes *before);
/* The same for a table without routes of daemons: l3_routes_match() alone. */
void rib_match(struct rib *rib, struct l3_routes *table, const struct l3_routes *before);
/* The table is about to be destroyed. */
void rib_detach(struct rib *rib, const struct l3_routes *table);

/* A session begins: next hop objects are forgotten, and all routes are the last one's. */
void rib_begin(struct rib *rib);
/* Takes over what a message says. 0 (whatever it was); -EAGAIN: the same message again, a
 * little later. */
int rib_take(struct rib *rib, const struct netlink_msg *msg);
/* Drops routes of former sessions: looks at some thousand. True: it has seen all. */
bool rib_sweep(struct rib *rib);
/* Drops all. As rib_sweep(). */
bool rib_clear(struct rib *rib);

uint32_t rib_count(const struct rib *rib);
/* Of them, those of former sessions. */
uint32_t rib_count_stale(const struct rib *rib);
const struct rib_counts *rib_counts(const struct rib *rib);
/* Adds to the JSON of a route what is known of it: {protocol, via: [...], stale: true}.
 */
void rib_describe(const struct rib *rib, const struct net_prefix *prefix,
	const char *const *cps, json_t *route);

#endif
