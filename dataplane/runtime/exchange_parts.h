/* exchange_parts.h: what the parts of the exchange share: room, drops, held packets. For
 * exchange*.c. */
#ifndef DATAPLANE_RUNTIME_EXCHANGE_PARTS_H
#define DATAPLANE_RUNTIME_EXCHANGE_PARTS_H

#include "dataplane/runtime/exchange.h"
#include "dataplane/shm/hand.h"

/* Looks at the ring itself only where what is known of it is not enough. */
static inline bool
has_room(struct exchange_out *out, uint32_t need)
{
	if (unlikely(out->room < need))
		out->room = ring_room(out->ring);
	return out->room >= need;
}

static inline unsigned
count_drop(struct exchange *x, unsigned reason)
{
	x->slot->counters.drops[reason < SHM_REASONS ? reason : VNF_REASON_NO_LINK]++;
	return EXCHANGE_RETURNS;
}

static inline bool
is_held(const struct exchange *x, const struct rte_mbuf *pkt)
{
	const uint32_t place = pkt->hash.fdir.hi;

	return place < SHM_HELD && x->slot->held[place] == pkt;
}

/* A held packet goes there once the burst is through. */
static inline void
release(struct exchange *x, unsigned place, unsigned group)
{
	const unsigned at = x->released_tail++ % SHM_HELD;

	x->released[at].place = (uint16_t)place;
	x->released[at].group = (uint8_t)group;
}

/* The output for a packet that leaves by a connection point. */
unsigned exchange_route(struct exchange *x, struct rte_mbuf *pkt, unsigned cp);

#endif
