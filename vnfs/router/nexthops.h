/* nexthops.h: the next hop objects that a session has told of, by number: one next hop,
 * or a group of others. Control thread. */
#ifndef VNFS_ROUTER_NEXTHOPS_H
#define VNFS_ROUTER_NEXTHOPS_H

#include "vnfs/router/netlink.h"

struct nexthops {		/* zero-initialise */
	struct nexthop **slots; /* by number, open addressing */
	uint32_t size, n;
};

/* Adds it, or replaces the one of its number. *used: it was resolved before, or a group
 * that has it was. 0 or -ENOMEM. */
int nexthops_put(
	struct nexthops *table, const struct netlink_nexthop *nexthop, bool *used);
void nexthops_del(struct nexthops *table, uint32_t id);
/* What object id means: its next hops (at most NETLINK_HOPS; members of a group with
 * their weights), or that packets are dropped. False: it is not known. */
bool nexthops_resolve(struct nexthops *table, uint32_t id, struct netlink_hop *hops,
	unsigned *n, bool *blackhole);
/* Whether object id is of, or has a member of, that number. */
bool nexthops_has(const struct nexthops *table, uint32_t id, uint32_t member);
void nexthops_clear(struct nexthops *table);

#endif
