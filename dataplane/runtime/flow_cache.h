/* flow_cache.h: what all VNFs of a group did to a packet, done again to the next ones of
 * its flow in one look-up.
 *
 * A packet that comes into the group, and whose like is not known, goes the whole way and
 * is watched: each VNF says whether it would treat its like the same (vnf_steady()), and
 * where it leaves, what became of it is compared with what it was. If no more differs
 * than MACs, TTL, addresses, ports and checksums, and doing so anew to the packet as it
 * came gives, byte for byte, the packet as it left, the difference is kept: an *entry*,
 * by the flow and by where it came in. Alike packets then pass by it: they are checked
 * as every VNF would, rewritten, counted for all of the VNFs on the path, and given to
 * the last one's output, in their order.
 *
 * An entry ends when a VNF cuts one of its tokens, when one of them tells of a change
 * (vnf->epochs: all entries made before it), when it is older than said, and after a
 * second without packets. What passed is told to the VNFs every 0.54 s while packets
 * come, at least every 2.1 s if they are few, and before it ends: so sessions live as
 * long, and counters are as exact, as without it, and at most so much later.
 *
 * Order. A packet of a flow does not pass by an entry while an earlier one may still be
 * on the whole way: bursts go depth first (crew.h), and nothing passes while something
 * waits between the VNFs; within a burst, all behind one that has to go the whole way
 * do.
 *
 * Worker thread only. Time is the vnf's clock.
 */
#ifndef DATAPLANE_RUNTIME_FLOW_CACHE_H
#define DATAPLANE_RUNTIME_FLOW_CACHE_H

#include <stdbool.h>
#include <stdint.h>
#include "common/err.h"
#include "dataplane/runtime/exchange.h"

#define FLOW_CACHE_MEMBERS 16

struct flow_cache;

struct flow_cache_counts { /* read by any thread */
	uint64_t passed;   /* packets, by an entry */
	uint64_t whole;	   /* packets that went the whole way */
	uint64_t recorded; /* entries made so far */
	uint64_t cut; /* of them, ended by a VNF; by age, or a change; those that were
			 asked for when there was no place */
	uint64_t aged, changed, full;
	uint32_t entries; /* now */
};

/* With room for so many entries; memory is used as they come. worth: a flow of which
 * fewer packets pass in 2.1 s loses by its entry, and while most do, few are made. 0, or
 * ERR_NO_RESOURCE. */
#define FLOW_CACHE_WORTH 4
int flow_cache_create(
	struct flow_cache **cache, uint32_t entries, uint32_t worth, struct err *err);
/* Null is fine. */
void flow_cache_destroy(struct flow_cache *cache);
/* One of the group's, before it works. 0, or ERR_NO_RESOURCE. */
int flow_cache_join(struct flow_cache *cache, struct exchange *x, struct err *err);

/* The joints between the exchanges, or who is there, have changed. */
void flow_cache_rewire(struct flow_cache *cache);
/* Ends up to `max` entries, after telling what passed; until the next two rounds none is
 * used or made. True: there are none. Before swap(), and before a VNF leaves. */
bool flow_cache_settle(struct flow_cache *cache, unsigned max);
/* Once per round, and once per millisecond; bounded work. */
void flow_cache_round(struct flow_cache *cache, uint64_t now_ns);
void flow_cache_tick(struct flow_cache *cache);

/* For exchange.c. Of a burst of n packets that has come into the group and is in hand:
 * gives those that an entry is known for to where they go; how many are left, which are
 * then the hand. */
unsigned flow_cache_pass(
	struct flow_cache *cache, struct exchange *x, unsigned cp, unsigned n);
/* Asks about a burst in hand before process(), and hears the answers after it, before
 * packets are given away. */
void flow_cache_ask(struct flow_cache *cache, struct exchange *x, unsigned n);
void flow_cache_hear(struct flow_cache *cache, struct exchange *x, unsigned cp);
void flow_cache_cut(struct flow_cache *cache, struct exchange *x, uint32_t token);

struct flow_cache_counts flow_cache_read(const struct flow_cache *cache);

#endif
