/* exchange.c: see exchange.h. Buffers are judged where they lie in the hand; when a burst
 * goes to more than one place, the hand is first put into the order of the places
 * (hand_adopt()), stable within each.
 */
#include "dataplane/runtime/exchange_parts.h"
#include <string.h>
#include <rte_prefetch.h>
#include "common/fault.h"
#include "dataplane/runtime/flow_cache.h"
#include "dataplane/shm/doorbell.h"
#include "dataplane/shm/hand.h"

#define GROUP_HELD EXCHANGE_OUTS
#define N_GROUPS   (EXCHANGE_OUTS + 1)

/* Patience is spent in so many looks at least: time in which we did not run, and so
 * perhaps the consumer neither, counts for one look. */
#define PATIENCE_LOOKS 64

static struct rte_ring *input(struct exchange *x, unsigned in);
static uint32_t waiting(struct exchange *x, unsigned in, const struct rte_ring *ring);
static uint32_t allowance(struct exchange *x);
static bool give_up(struct exchange *x, unsigned index);
static void fetch(const struct exchange *x, const struct rte_ring *ring, uint32_t behind);
static void receive(struct exchange *x, unsigned cp, unsigned n);
static void judge(struct exchange *x, unsigned cp);
static void dispatch(struct exchange *x);
static bool is_of_one_mind(const struct exchange *x);
static bool is_uniform(const struct exchange *x);
static void sort_hand(struct exchange *x, uint32_t *counts);
static unsigned route(struct exchange *x, struct rte_mbuf *pkt, vnf_verdict verdict);
static unsigned choose_out(const struct exchange *x, struct rte_mbuf *pkt, unsigned cp);
static void steer(struct exchange *x);
static unsigned place(struct exchange *x, unsigned index);
static void give(struct exchange *x, unsigned group, uint32_t n);
static void give_ring(struct exchange *x, unsigned group, uint32_t n);
static unsigned flush_to(struct exchange *x, struct rte_mbuf *pkt, unsigned cp);
static uint64_t bytes_of(struct rte_mbuf *const *pkts, uint32_t n);

/* ---- the way of a burst ------------------------------------------------------------ */

unsigned
exchange_burst(struct exchange *x, unsigned in)
{
	const unsigned cp = x->in_cps[in];
	struct shm_hand *hand = &x->slot->hand;
	struct rte_ring *ring = input(x, in);
	uint32_t allowed, ready;

	if (ring == NULL || (ready = waiting(x, in, ring)) == 0)
		return 0;
	if (unlikely(ring_is_parked(ring)))
		ring_unpark(ring);
	allowed = allowance(x);
	if (allowed == 0) {
		x->blocked = true;
		return 0;
	}
	allowed = x->n_burst = RTE_MIN(allowed, ready);
	hand_take_known(hand, ring, x->n_burst);
	if (!(x->inside >> in & 1))
		fetch(x, ring, ready - x->n_burst);
	receive(x, cp, x->n_burst);
	if (x->cache != NULL && !(x->inside >> in & 1))
		x->n_burst = flow_cache_pass(x->cache, x, cp, x->n_burst);
	if (x->n_burst > 0)
		judge(x, cp);
	return allowed;
}

static void
judge(struct exchange *x, unsigned cp)
{
	struct shm_hand *hand = &x->slot->hand;

	if (x->cache != NULL)
		flow_cache_ask(x->cache, x, x->n_burst);
	x->vnf->type->process(x->vnf, &(struct vnf_burst){.cp = cp,
					      .n = x->n_burst,
					      .pkts = &hand->pkts[hand->first],
					      .verdicts = x->verdicts});
	FAULT_POINT("burst-judged");
	if (x->cache != NULL)
		flow_cache_hear(x->cache, x, cp);
	dispatch(x);
}

void
exchange_tick(struct exchange *x)
{
	x->vnf->type->tick(x->vnf);
	if (x->n_made > 0)
		dispatch(x);
}

/* Nobody writes to a former ring any more: once it is empty it is done with. */
static struct rte_ring *
input(struct exchange *x, unsigned in)
{
	if (likely(x->formers[in] == NULL))
		return x->ins[in];
	if (ring_fill(x->formers[in]) > 0)
		return x->formers[in];
	x->formers[in] = NULL;
	return x->ins[in];
}

/* How many packets wait there at least; 0: none. */
static uint32_t
waiting(struct exchange *x, unsigned in, const struct rte_ring *ring)
{
	if (unlikely(ring != x->ins[in]))
		return ring_fill(ring);
	return ring_known(ring, &x->seen[in], SHM_BURST);
}

/* How many packets every output that is not given up has room for; 0: wait. */
static uint32_t
allowance(struct exchange *x)
{
	uint32_t allowed = SHM_BURST;

	for (unsigned i = 0; i < x->n_wired_outs; i++) {
		struct exchange_out *out = &x->outs[x->wired_outs[i]];

		if (!has_room(out, out->margin + 1)) {
			if (!give_up(x, x->wired_outs[i]))
				return 0;
			continue;
		}
		if (!has_room(out, out->margin + SHM_BURST))
			allowed = RTE_MIN(allowed, out->room - out->margin);
		out->looked_ns = out->waited_ns = 0;
		out->given_up = false;
	}
	return allowed;
}

/* Of a full output: whether it has been so for too long. The return ring is never given
 * up: its buffers are not ours to lose.
 */
static bool
give_up(struct exchange *x, unsigned index)
{
	struct exchange_out *out = &x->outs[index];
	const uint64_t now_ns = x->vnf->now_ns, patience_ns = x->slot->patience_ns;

	if (out->looked_ns != 0)
		out->waited_ns +=
			RTE_MIN(now_ns - out->looked_ns, patience_ns / PATIENCE_LOOKS);
	out->looked_ns = now_ns;
	x->dirty |= 1u << index;
	if (index == EXCHANGE_RETURNS || out->waited_ns < patience_ns)
		return out->given_up;
	if (!ring_is_parked(out->ring)) { /* nobody has taken anything: more may wait */
		ring_park(out->ring);
		out->waited_ns = 0;
		return false;
	}
	out->given_up = true;
	return true;
}

/* What another CPU has written: the burst in hand, and the next one of those behind it in
 * the ring, whose frames are taken to begin where a port puts them. */
static void
fetch(const struct exchange *x, const struct rte_ring *ring, uint32_t behind)
{
	struct rte_mbuf *const *pkts = &x->slot->hand.pkts[x->slot->hand.first];
	const uint32_t next = RTE_MIN(behind, (uint32_t)SHM_BURST);

	for (unsigned i = 0; i < x->n_burst; i++)
		rte_prefetch0(pkts[i]);
	for (unsigned i = 0; i < x->n_burst; i++)
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], void *));
	if (unlikely(x->parting != 0))
		for (unsigned i = 0; i < x->n_burst; i++)
			rte_prefetch0((const char *)pkts[i] + RTE_CACHE_LINE_SIZE);
	for (uint32_t i = 0; i < next; i++) {
		const struct rte_mbuf *pkt = ring_peek(ring, i);

		rte_prefetch0(pkt);
		rte_prefetch0((const char *)(pkt + 1) + RTE_PKTMBUF_HEADROOM);
	}
}

static void
receive(struct exchange *x, unsigned cp, unsigned n)
{
	struct shm_cp_counters *counters = &x->slot->counters.cps[cp];
	struct rte_mbuf *const *pkts = &x->slot->hand.pkts[x->slot->hand.first];
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++)
		bytes += pkts[i]->pkt_len;
	counters->rx_packets += n;
	counters->rx_bytes += bytes;
	x->slot->counters.bursts++;
}

/* Sends all in hand where it is to go: n_burst packets by their verdicts, then those
 * originated meanwhile. */
static void
dispatch(struct exchange *x)
{
	struct shm_hand *hand = &x->slot->hand;
	uint32_t counts[N_GROUPS] = {0};

	if (likely(is_of_one_mind(x))) {
		const unsigned n = x->n_burst;

		x->n_burst = 0;
		give(x, x->verdicts[0], n);
		return;
	}
	if (unlikely(x->parting != 0))
		steer(x);
	for (unsigned i = 0; i < x->n_burst; i++)
		x->groups[i] =
			(uint8_t)route(x, hand->pkts[hand->first + i], x->verdicts[i]);
	if (is_uniform(x))
		counts[x->groups[0]] = hand_count(hand);
	else
		sort_hand(x, counts);
	x->n_burst = x->n_made = 0;
	for (unsigned i = 0; i < x->n_wired_outs; i++)
		if (counts[x->wired_outs[i]] > 0)
			give(x, x->wired_outs[i], counts[x->wired_outs[i]]);
}

/* All packets of the burst, and no others, leave by one output that takes them. */
static bool
is_of_one_mind(const struct exchange *x)
{
	const vnf_verdict first = x->verdicts[0];
	unsigned differing = 0;

	for (unsigned i = 1; i < x->n_burst; i++)
		differing |= x->verdicts[i] ^ first;
	return differing == 0 && x->n_burst > 0 && x->n_made == 0 && first < SHM_CPS &&
	       (x->choosing >> first & 1) == 0 && x->outs[first].ring != NULL &&
	       !x->outs[first].given_up;
}

/* All to one place, and away from the hand. */
static bool
is_uniform(const struct exchange *x)
{
	const unsigned n = x->n_burst + x->n_made;
	unsigned differing = x->groups[0] == GROUP_HELD ? 1 : 0;

	for (unsigned i = 1; i < n; i++)
		differing |= x->groups[i] ^ x->groups[0];
	return differing == 0;
}

/* Puts the hand into the order of its groups, without the held ones, and counts each
 * group. */
static void
sort_hand(struct exchange *x, uint32_t *counts)
{
	struct shm_hand *hand = &x->slot->hand;
	struct rte_mbuf **draft = hand_draft(hand);
	const unsigned n = x->n_burst + x->n_made;
	uint32_t at[N_GROUPS], total = 0;

	for (unsigned i = 0; i < n; i++)
		counts[x->groups[i]]++;
	counts[GROUP_HELD] = 0;
	for (unsigned i = 0; i < x->n_wired_outs; i++) {
		at[x->wired_outs[i]] = total;
		total += counts[x->wired_outs[i]];
	}
	for (unsigned i = 0; i < n; i++)
		if (x->groups[i] != GROUP_HELD)
			draft[at[x->groups[i]]++] = hand->pkts[hand->first + i];
	hand_adopt(hand, total);
}

/* Packets of the burst that leave where paths part, and are on none, get one. */
static void
steer(struct exchange *x)
{
	struct rte_mbuf *const *pkts = &x->slot->hand.pkts[x->slot->hand.first];
	struct rte_mbuf *parting[SHM_BURST];

	for (uint32_t left = x->parting; left != 0; left &= left - 1) {
		const unsigned cp = (unsigned)__builtin_ctz(left);
		unsigned n = 0;

		for (unsigned i = 0; i < x->n_burst; i++)
			if (x->verdicts[i] == cp)
				parting[n++] = pkts[i];
		if (n > 0)
			fork_steer(&x->forks[cp], parting, n);
	}
}

/* The place for a packet of the burst. Drops are counted here. */
static unsigned
route(struct exchange *x, struct rte_mbuf *pkt, vnf_verdict verdict)
{
	if (likely(verdict < SHM_CPS))
		return place(x, choose_out(x, pkt, verdict));
	if (verdict == VNF_HOLD && is_held(x, pkt))
		return GROUP_HELD;
	if ((verdict & VNF_DROP_BIT) ==
		0) /* held without asking, or no connection point */
		return count_drop(x, VNF_REASON_NO_LINK);
	return count_drop(x, verdict & (unsigned)~VNF_DROP_BIT);
}

unsigned
exchange_route(struct exchange *x, struct rte_mbuf *pkt, unsigned cp)
{
	if (unlikely(x->parting >> cp & 1))
		fork_steer(&x->forks[cp], &pkt, 1);
	return place(x, choose_out(x, pkt, cp));
}

static unsigned
place(struct exchange *x, unsigned index)
{
	if (unlikely(index == FORK_NO_PATH))
		return count_drop(x, VNF_REASON_NO_PATH);
	if (unlikely(index == FORK_NOWHERE || x->outs[index].ring == NULL))
		return count_drop(x, VNF_REASON_NO_LINK);
	if (unlikely(x->outs[index].given_up))
		return count_drop(x, VNF_REASON_PATIENCE);
	return index;
}

static unsigned
choose_out(const struct exchange *x, struct rte_mbuf *pkt, unsigned cp)
{
	return likely((x->choosing >> cp & 1) == 0) ? cp
						    : fork_choose(&x->forks[cp], pkt);
}

/* Gives the first n in hand to their group's ring. Originated packets may be more than it
 * has room for. */
static void
give(struct exchange *x, unsigned group, uint32_t n)
{
	struct exchange_out *out = &x->outs[group];

	if (likely(has_room(out, n))) {
		give_ring(x, group, n);
		return;
	}
	n -= out->room;
	if (out->room > 0)
		give_ring(x, group, out->room);
	x->slot->counters.drops[VNF_REASON_PATIENCE] += n;
	give_ring(x, EXCHANGE_RETURNS, n);
}

static void
give_ring(struct exchange *x, unsigned group, uint32_t n)
{
	struct exchange_out *out = &x->outs[group];
	struct shm_hand *hand = &x->slot->hand;

	if (group != EXCHANGE_RETURNS) {
		struct shm_cp_counters *counters =
			&x->slot->counters.cps[x->out_cps[group]];

		counters->tx_packets += n;
		counters->tx_bytes += bytes_of(&hand->pkts[hand->first], n);
	}
	hand_give(hand, out->ring, n);
	out->room -= n;
	x->dirty |= 1u << group & ~x->inner; /* nobody in our thread sleeps */
	x->handed |= 1u << group & x->inner;
}

bool
exchange_has_room(struct exchange *x, unsigned index)
{
	struct exchange_out *out;

	if (index >= EXCHANGE_OUTS)
		return false;
	out = &x->outs[index];
	return out->ring != NULL && !out->given_up &&
	       has_room(out, out->margin + SHM_BURST);
}

void
exchange_give_from(struct exchange *x, struct shm_hand *hand, unsigned index, uint32_t n)
{
	hand_give(hand, x->outs[index].ring, n);
	x->outs[index].room -= n;
	x->dirty |= 1u << index;
}

static uint64_t
bytes_of(struct rte_mbuf *const *pkts, uint32_t n)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < n; i++)
		bytes += pkts[i]->pkt_len;
	return bytes;
}

/* ---- between bursts ---------------------------------------------------------------- */

bool
exchange_pending(const struct exchange *x)
{
	if (x->released_head != x->released_tail)
		return true;
	for (unsigned in = 0; in < x->n_ins; in++)
		if (exchange_waits(x, in))
			return true;
	return false;
}

bool
exchange_waits(const struct exchange *x, unsigned in)
{
	return (x->ins[in] != NULL && (x->seen[in] != x->ins[in]->cons.tail ||
					      ring_fill(x->ins[in]) > 0)) ||
	       (x->formers[in] != NULL && ring_fill(x->formers[in]) > 0);
}

unsigned
exchange_flush(struct exchange *x)
{
	struct shm_slot *slot = x->slot;
	unsigned n = 0;

	for (; x->released_head != x->released_tail && n < SHM_BURST; n++) {
		const unsigned at = x->released_head % SHM_HELD;
		const unsigned place = x->released[at].place;
		unsigned group = x->released[at].group;

		if (group != EXCHANGE_RETURNS)
			group = flush_to(x, slot->held[place], group);
		if (group == GROUP_HELD || !has_room(&x->outs[EXCHANGE_RETURNS], 1)) {
			x->blocked = true;
			break;
		}
		hand_put(&slot->hand, slot->held[place]);
		FAULT_POINT("held-in-both");
		__atomic_store_n(&slot->held[place], NULL, __ATOMIC_RELEASE);
		x->free_places[x->n_free++] = (uint16_t)place;
		slot->counters.held--;
		x->released_head++;
		FAULT_POINT("held-in-hand");
		give(x, group, 1);
	}
	return n;
}

/* Only a full output that is not given up yet is waited for. */
static unsigned
flush_to(struct exchange *x, struct rte_mbuf *pkt, unsigned cp)
{
	unsigned index;

	if (unlikely(x->parting >> cp & 1))
		fork_steer(&x->forks[cp], &pkt, 1);
	index = choose_out(x, pkt, cp);
	if (index < EXCHANGE_OUTS && x->outs[index].ring != NULL &&
		!has_room(&x->outs[index], 1) && !give_up(x, index))
		return GROUP_HELD;
	return place(x, index);
}

void
exchange_ring(struct exchange *x)
{
	uint32_t dirty = x->dirty;

	for (; dirty != 0; dirty &= dirty - 1) {
		const struct exchange_out *out = &x->outs[__builtin_ctz(dirty)];

		if (out->bell != NULL)
			doorbell_ring(out->bell);
	}
	x->dirty = 0;
}

void
exchange_ring_early(const struct exchange *x)
{
	for (uint32_t dirty = x->dirty; dirty != 0; dirty &= dirty - 1) {
		const struct exchange_out *out = &x->outs[__builtin_ctz(dirty)];

		if (out->bell != NULL)
			doorbell_ring_early(out->bell);
	}
}

void
exchange_park(struct exchange *x)
{
	for (unsigned in = 0; in < x->n_ins; in++)
		if (x->ins[in] != NULL)
			ring_park(x->ins[in]);
}

bool
exchange_drain(struct exchange *x)
{
	x->released_head = x->released_tail = 0;
	for (unsigned place = 0; place < SHM_HELD; place++)
		if (x->slot->held[place] != NULL) {
			count_drop(x, VNF_REASON_PATIENCE);
			release(x, place, EXCHANGE_RETURNS);
		}
	while (exchange_flush(x) > 0)
		exchange_ring(x);
	return x->n_free == SHM_HELD;
}
