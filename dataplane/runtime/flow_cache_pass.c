/* flow_cache_pass.c: packets pass by entries; see flow_cache.h. */
#include <rte_prefetch.h>
#include "dataplane/runtime/flow_cache_parts.h"
#include "dataplane/shm/hand.h"

#define EXITS_MAX 4

struct picked { /* the usual ones of a burst */
	unsigned n;
	uint8_t at[VNF_BURST];
	struct session_key4 keys[VNF_BURST];
	session_ref refs[VNF_BURST];
};

struct exit { /* an output by which packets of this burst leave */
	struct exchange *x;
	unsigned out, n;
	struct rte_mbuf *pkts[VNF_BURST];
};

struct way { /* what the last packet that passed went by, and those before it */
	unsigned number; /* of the path, or NO_WAY */
	const struct path *path;
	struct exit *exit; /* null: it depends on the packet, or there is no room */
	uint32_t packets;  /* not counted yet */
	uint64_t bytes, padding;
};

#define NO_WAY UINT32_MAX

struct pass {
	struct flow_cache *cache;
	struct exchange *x; /* where they came in */
	uint64_t now_ns;
	struct rte_mbuf *const *pkts;
	uint32_t left;		     /* that go the whole way, by their places */
	session_ref slow[VNF_BURST]; /* entries whose further packets do, too */
	unsigned n_slow;
	struct exit exits[EXITS_MAX];
	unsigned n_exits;
};

static bool is_ready(struct flow_cache *cache);
static bool is_in_vain(const struct flow_cache *cache);
static void note_hits(struct flow_cache *cache, unsigned n, unsigned hits);
static void pick(struct pass *p, unsigned n, uint16_t zone, struct picked *picked);
static void pass_all(struct pass *p, const struct picked *picked);
static void path_count(struct flow_cache *cache, const struct path *path,
	uint32_t packets, uint64_t bytes, uint64_t padding);
static void watch_left(struct pass *p, const struct picked *picked, bool worth);
static unsigned give_all(struct pass *p, unsigned n);

unsigned
flow_cache_pass(struct flow_cache *cache, struct exchange *x, unsigned cp, unsigned n)
{
	const struct shm_hand *hand = &x->slot->hand;
	struct pass p;
	struct picked picked;
	unsigned left;

	cache->n_watched = 0;
	cache->serial++;
	if (unlikely(!is_ready(cache)) || unlikely(is_in_vain(cache))) {
		for (unsigned i = 0; i < n; i++)
			hand->pkts[hand->first + i]->hash.fdir.lo = 0;
		count_one(&cache->counts.whole, n);
		return n;
	}
	p.cache = cache;
	p.x = x;
	p.now_ns = x->vnf->now_ns;
	p.pkts = &hand->pkts[hand->first];
	p.left = 0;
	p.n_slow = p.n_exits = 0;
	pick(&p, n, entry_zone(x, cp), &picked);
	if (picked.n > 0) {
		session_find_bulk(cache->table, picked.keys, picked.n, picked.refs);
		pass_all(&p, &picked);
	}
	left = (unsigned)__builtin_popcount(p.left);
	if (left > 0)
		watch_left(&p, &picked,
			cache->credit >= 0 || cache->serial % WATCH_SELDOM == 0);
	note_hits(cache, n, n - left);
	count_one(&cache->counts.whole, left);
	count_one(&cache->counts.passed, n - left);
	return left == n ? n : give_all(&p, n);
}

/* Whether all that came before has left, and what holds now. */
static bool
is_ready(struct flow_cache *cache)
{
	uint32_t epoch = 0;

	if (unlikely(cache->quiet > 0))
		return false;
	for (unsigned i = 0; i < cache->n_inner; i++)
		if (unlikely(ring_fill(cache->inner[i]) > 0))
			return false;
	for (unsigned i = 0; i < cache->n_words; i++)
		epoch += __atomic_load_n(cache->words[i], __ATOMIC_ACQUIRE);
	cache->epoch = epoch;
	return true;
}

/* Whether this burst is none of the few that are looked up. */
static bool
is_in_vain(const struct flow_cache *cache)
{
	return cache->credit < 0 && cache->hits_are_few &&
	       cache->serial % LOOK_SELDOM != 0;
}

static void
note_hits(struct flow_cache *cache, unsigned n, unsigned hits)
{
	cache->looked += n;
	cache->hit += hits;
	if (likely(cache->looked < HITS_OF))
		return;
	cache->hits_are_few = cache->hit * HITS_FEW < cache->looked;
	cache->looked = cache->hit = 0;
}

/* ---- which ------------------------------------------------------------------------- */

static inline bool
is_of_a_flow(const struct rte_mbuf *mbuf, const uint8_t *frame)
{
	return mbuf->data_len >= PKT_USUAL_L4 && pkt_be16(frame + 12) == PKT_ETH_IPV4 &&
	       (frame[PKT_USUAL_L3 + 9] == PKT_PROTO_TCP ||
		       frame[PKT_USUAL_L3 + 9] == PKT_PROTO_UDP);
}

/* Behind one whose flow is not known here all go the whole way: it may be theirs. */
static void
pick(struct pass *p, unsigned n, uint16_t zone, struct picked *picked)
{
	unsigned k = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct rte_mbuf *mbuf = p->pkts[i];
		const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);

		if (unlikely(!pkt_is_usual(frame, mbuf->data_len) ||
			     mbuf->data_len != mbuf->pkt_len)) {
			p->left |= is_of_a_flow(mbuf, frame) ? UINT32_MAX << i : 1u << i;
			if (is_of_a_flow(mbuf, frame))
				break;
			continue;
		}
		entry_key(frame, zone, &picked->keys[k]);
		picked->at[k++] = (uint8_t)i;
	}
	picked->n = k;
	p->left &= UINT32_MAX >> (VNF_BURST - n);
}

/* ---- whether ----------------------------------------------------------------------- */

static inline bool
is_steady_tcp(const uint8_t *frame)
{
	return (frame[PKT_USUAL_L4 + 13] & (PKT_TCP_SYN | PKT_TCP_FIN | PKT_TCP_RST |
						   PKT_TCP_ACK)) == PKT_TCP_ACK;
}

static bool
is_slow(const struct pass *p, session_ref ref)
{
	for (unsigned i = 0; i < p->n_slow; i++)
		if (p->slow[i] == ref)
			return true;
	return false;
}

/* An entry that does not hold any more ends, and so does one of a flow that stays too
 * rare; the packet may make the next one. */
static __rte_noinline bool
renew(struct pass *p, session_ref ref, uint64_t ticks)
{
	struct flow_cache *cache = p->cache;
	struct entry *e = entry_of(cache, ref);
	const bool old = cache->treatments[e->treatment].epoch != cache->epoch,
		   rare = e->packets < cache->worth;

	if (!old && e->packets < ENTRY_FEW && (e->flags & ENTRY_MAY_WAIT) &&
		e->flags / ENTRY_WAITED < ENTRY_WAITS) {
		const uint64_t due = e->due + (ENTRY_STEP_NS >> ENTRY_CLOCK_SHIFT);

		e->flags += ENTRY_WAITED;
		e->due = due > ticks ? (uint16_t)(due - ticks) : 0;
		e->last = 0; /* this one, whatever becomes of it */
		session_expire_at(cache->table, ref, p->now_ns + ENTRY_IDLE_NS);
		return true;
	}
	if (!old && !rare) {
		credit(cache, CREDIT_USED);
		e->last = (uint16_t)RTE_MIN(ticks, (uint64_t)UINT16_MAX);
		if (entry_tell(cache, ref, p->now_ns))
			return true;
	}
	count_one(old ? &cache->counts.changed : &cache->counts.aged, 1);
	entry_end(cache, ref, p->now_ns);
	return false;
}

static inline bool
holds(const struct treatment *how, const uint8_t *frame, uint32_t total, uint32_t padding)
{
	return entry_alike(frame) == how->alike && total <= how->max_total &&
	       frame[PKT_USUAL_L3 + 8] > how->ttl_less && padding <= PADDING_MAX &&
	       ((how->flags & TREATMENT_UDP) || is_steady_tcp(frame));
}

/* The output where the path ends, with room for what may come; null: there is none. */
static inline struct exit *
exit_of(struct pass *p, const struct path *path, unsigned out)
{
	struct exchange *x = p->cache->members[path->hops[path->n - 1].member].x;
	struct exit *exit;

	for (unsigned i = 0; i < p->n_exits; i++)
		if (p->exits[i].x == x && p->exits[i].out == out)
			return &p->exits[i];
	if (p->n_exits == EXITS_MAX || !exchange_has_room(x, out))
		return NULL;
	exit = &p->exits[p->n_exits++];
	exit->x = x;
	exit->out = out;
	exit->n = 0;
	return exit;
}

static inline bool
look(const struct pass *p, session_ref ref, const struct path *path, const uint8_t *frame,
	uint32_t len, uint32_t total)
{
	const struct path_hop *hop = &path->hops[path->look];
	struct vnf *vnf = p->cache->members[hop->member].x->vnf;

	return vnf->type->look(vnf, entry_tokens(p->cache, ref)[hop->token], frame,
		path->look <= path->routed ? len : total + PKT_ETH_LEN);
}

/* Where packets by that path go depends on what becomes of them: tried, and taken back.
 */
static __rte_noinline unsigned
chosen_out(const struct entry *e, const struct treatment *how, const struct fork *fork,
	struct rte_mbuf *mbuf)
{
	uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);
	const uint32_t len = RTE_MIN((uint32_t)mbuf->data_len, (uint32_t)ENTRY_HEADS);
	uint8_t head[ENTRY_HEADS];
	unsigned out;

	memcpy(head, frame, len);
	entry_rewrite(e, how, frame);
	if (!fork_is_one(fork))
		fork_steer(fork, &mbuf, 1);
	out = fork_choose(fork, mbuf);
	memcpy(frame, head, len);
	return out;
}

static inline void
tell(const struct pass *p, const struct way *way)
{
	if (way->packets > 0)
		path_count(p->cache, way->path, way->packets, way->bytes, way->padding);
}

static __rte_noinline void
change_way(struct pass *p, struct way *way, unsigned number)
{
	const struct path *path = &p->cache->paths[number];
	const struct path_hop *last = &path->hops[path->n - 1];

	tell(p, way);
	*way = (struct way){.number = number, .path = path};
	if ((p->cache->members[last->member].x->choosing >> last->out & 1) == 0)
		way->exit = exit_of(p, path, last->out);
}

/* Null: there is no room. */
static __rte_noinline struct exit *
way_out(struct pass *p, const struct way *way, const struct entry *e,
	const struct treatment *how, struct rte_mbuf *mbuf)
{
	const struct path_hop *last = &way->path->hops[way->path->n - 1];
	const struct exchange *x = p->cache->members[last->member].x;

	if ((x->choosing >> last->out & 1) == 0)
		return NULL;
	return exit_of(p, way->path, chosen_out(e, how, &x->forks[last->out], mbuf));
}

static inline void
note(struct entry *e, struct way *way, uint64_t ticks, uint32_t bytes, uint32_t padding)
{
	e->last = (uint16_t)ticks;
	e->packets++;
	e->bytes += bytes;
	e->padding += (uint16_t)padding;
	if (unlikely(e->bytes >= ENTRY_BYTES ||
		     (e->packets | e->padding) >= ENTRY_PACKETS))
		e->due = 0;
	way->packets++;
	way->bytes += bytes;
	way->padding += padding;
}

/* True: it passes. False: nothing was done to it. */
static inline bool
pass(struct pass *p, struct way *way, struct rte_mbuf *mbuf, session_ref ref)
{
	struct entry *e = entry_of(p->cache, ref);
	const struct treatment *how = &p->cache->treatments[e->treatment];
	uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);
	const uint32_t total = pkt_be16(frame + PKT_USUAL_L3 + 2), len = mbuf->data_len;
	const uint32_t bytes = PKT_ETH_LEN + total, padding = len - bytes;
	uint64_t ticks = entry_ticks(e, p->now_ns);
	struct exit *exit;

	if (unlikely(!holds(how, frame, total, padding)))
		return false;
	if (unlikely(ticks >= e->due || how->epoch != p->cache->epoch)) {
		if (!renew(p, ref, ticks))
			return false;
		ticks = entry_ticks(e, p->now_ns);
	}
	if (unlikely(how->path != way->number))
		change_way(p, way, how->path);
	exit = way->exit;
	if (unlikely(exit == NULL) && (exit = way_out(p, way, e, how, mbuf)) == NULL)
		return false;
	if (unlikely(way->path->look != NO_HOP) &&
		!look(p, ref, way->path, frame, len, total))
		return false;
	entry_rewrite(e, how, frame);
	if (unlikely(padding > 0) && way->path->routed != NO_HOP)
		mbuf->data_len = (uint16_t)(mbuf->pkt_len = bytes);
	note(e, way, ticks, bytes, padding);
	exit->pkts[exit->n++] = mbuf;
	return true;
}

static void
pass_all(struct pass *p, const struct picked *picked)
{
	struct way way = {.number = NO_WAY};

	for (unsigned k = 0, n = picked->n; k < n; k++) {
		const session_ref ref = picked->refs[k];
		const unsigned at = picked->at[k];

		if (likely(ref != SESSION_NONE && !is_slow(p, ref) &&
			    pass(p, &way, p->pkts[at], ref)))
			continue;
		p->left |= 1u << at;
		if (ref != SESSION_NONE)
			p->slow[p->n_slow++] = ref;
	}
	tell(p, &way);
}

/* Packets that went by a path, for all on it but what its entry took in. padding: bytes
 * that were cut off by the first that routes. */
static void
path_count(struct flow_cache *cache, const struct path *path, uint32_t packets,
	uint64_t bytes, uint64_t padding)
{
	for (unsigned i = 0; i < path->n; i++) {
		const struct path_hop *hop = &path->hops[i];
		struct shm_slot_counters *counters =
			&cache->members[hop->member].x->slot->counters;
		struct shm_cp_counters *cp = &counters->cps[hop->in];

		if (i > 0) {
			cp->rx_packets += packets;
			cp->rx_bytes += bytes + (i <= path->routed ? padding : 0);
			counters->bursts++;
		}
		cp = &counters->cps[hop->out];
		cp->tx_packets += packets;
		cp->tx_bytes += bytes + (i < path->routed ? padding : 0);
	}
}

/* ---- what is left ------------------------------------------------------------------ */

/* Nothing is known of the likes of these any more, or yet. */
static void
watch_left(struct pass *p, const struct picked *picked, bool worth)
{
	uint32_t others = p->left;

	for (unsigned k = 0; worth && k < picked->n; k++) {
		struct rte_mbuf *mbuf = p->pkts[picked->at[k]];
		const session_ref ref = picked->refs[k];
		const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);

		if ((p->left >> picked->at[k] & 1) == 0 ||
			(ref != SESSION_NONE && entry_is_live(p->cache, ref)) ||
			(picked->keys[k].proto == PKT_PROTO_TCP && !is_steady_tcp(frame)))
			continue;
		watch(p->cache, mbuf, &picked->keys[k]);
		others &= ~(1u << picked->at[k]);
	}
	for (; others != 0; others &= others - 1)
		p->pkts[__builtin_ctz(others)]->hash.fdir.lo = 0;
}

/* Puts the hand into the order of the exits, and what is left behind them. */
static unsigned
give_all(struct pass *p, unsigned n)
{
	struct shm_hand *hand = &p->x->slot->hand;
	const unsigned left = (unsigned)__builtin_popcount(p->left);

	if (left > 0 || p->n_exits > 1) {
		struct rte_mbuf **draft = hand_draft(hand);

		for (unsigned i = 0; i < p->n_exits; i++)
			for (unsigned k = 0; k < p->exits[i].n; k++)
				*draft++ = p->exits[i].pkts[k];
		for (uint32_t rest = p->left; rest != 0; rest &= rest - 1)
			*draft++ = p->pkts[__builtin_ctz(rest)];
		hand_adopt(hand, n);
	}
	for (unsigned i = 0; i < p->n_exits; i++)
		if (p->exits[i].n > 0)
			exchange_give_from(
				p->exits[i].x, hand, p->exits[i].out, p->exits[i].n);
	return left;
}
