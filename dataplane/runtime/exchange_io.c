/* exchange_io.c: what a plug-in does with packets outside process(): behind
 * vnf_originate() and its like. */
#include "common/fault.h"
#include "dataplane/runtime/exchange_parts.h"
#include "dataplane/runtime/flow_cache.h"

static struct rte_mbuf *
io_originate(struct vnf *vnf)
{
	struct exchange *x = vnf->io_arg;
	struct shm_hand *hand = &x->slot->hand;
	struct rte_mbuf *pkt;

	x->dirty |= 1u << EXCHANGE_RETURNS; /* who looks after the return ring refills the
					       stash */
	if (x->n_made == EXCHANGE_MADE ||
		!has_room(&x->outs[EXCHANGE_RETURNS], x->n_burst + x->n_made + 1) ||
		hand_take(hand, x->slot->stash, 1) == 0)
		return NULL;
	pkt = hand->pkts[hand->n - 1];
	x->made[x->n_made] = pkt;
	x->groups[x->n_burst + x->n_made++] = EXCHANGE_RETURNS;
	x->slot->counters.originated++;
	return pkt;
}

static void
io_send(struct vnf *vnf, struct rte_mbuf *pkt, unsigned cp)
{
	struct exchange *x = vnf->io_arg;

	if (is_held(x, pkt)) {
		release(x, pkt->hash.fdir.hi, cp);
		return;
	}
	for (unsigned i = x->n_made; i-- > 0;)
		if (x->made[i] == pkt) {
			x->groups[x->n_burst + i] = (uint8_t)exchange_route(x, pkt, cp);
			return;
		}
}

static void
io_discard(struct vnf *vnf, struct rte_mbuf *pkt, unsigned reason)
{
	struct exchange *x = vnf->io_arg;

	if (reason != VNF_NOT_COUNTED)
		count_drop(x, reason);
	if (is_held(x, pkt)) /* an originated one goes back by itself */
		release(x, pkt->hash.fdir.hi, EXCHANGE_RETURNS);
}

/* While a packet is held, its mbuf says where. */
static bool
io_hold(struct vnf *vnf, struct rte_mbuf *pkt)
{
	struct exchange *x = vnf->io_arg;
	uint16_t place;

	if (x->n_free == 0)
		return false;
	place = x->free_places[--x->n_free];
	pkt->hash.fdir.hi = place;
	__atomic_store_n(&x->slot->held[place], pkt, __ATOMIC_RELEASE);
	FAULT_POINT("held-asked");
	x->slot->counters.held++;
	return true;
}

static void
io_count_drop(struct vnf *vnf, unsigned reason)
{
	count_drop(vnf->io_arg, reason);
}

static void
io_cut(struct vnf *vnf, uint32_t token)
{
	struct exchange *x = vnf->io_arg;

	if (x->cache != NULL)
		flow_cache_cut(x->cache, x, token);
}

static void
io_follow(struct vnf *vnf, struct rte_mbuf *made, const struct rte_mbuf *pkt)
{
	const struct exchange *x = vnf->io_arg;
	const int32_t at = x->forks[0].path_offset;

	if (at > 0)
		((uint8_t *)made)[at] = ((const uint8_t *)pkt)[at];
}

const struct vnf_io exchange_io = {
	.originate = io_originate,
	.send = io_send,
	.discard = io_discard,
	.hold = io_hold,
	.count_drop = io_count_drop,
	.cut = io_cut,
	.follow = io_follow,
};
