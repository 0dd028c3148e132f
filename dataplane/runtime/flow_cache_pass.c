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

struct way {		 /* of the last packet that passed, and those before it */
	unsigned number; /* of its path, or NO_WAY */
	struct path *path;
	struct exit *exit; /* null: it depends on the packet, or there is no room */
	uint32_t packets;  /* not noted yet */
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
	struct path *paths[VNF_BURST]; /* by which packets of this burst went */
	unsigned n_paths;
};

static bool is_ready(struct flow_cache *cache);
static bool is_in_vain(const struct flow_cache *cache);
static void note_hits(struct flow_cache *cache, unsigned n, unsigned hits);
static void pick(struct pass *p, unsigned n, uint16_t zone, struct picked *picked);
static void pass_all(struct pass *p, const struct picked *picked);
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
	p.n_slow = p.n_exits = p.n_paths = 0;
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
	const bool old = cache->paths[e->path].epoch != cache->epoch,
		   rare = e->packets < cache->worth;

	if (!old && e->packets < ENTRY_FEW && (e->flags & ENTRY_MAY_WAIT) &&
		e->flags / ENTRY_WAITED < ENTRY_WAITS) {
		const uint64_t due = e->due + (ENTRY_STEP_NS >> ENTRY_CLOCK_SHIFT);

		e->flags += ENTRY_WAITED;
		e->due = due > ticks ? (uint16_t)(due - ticks) : 0;
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
holds(const struct path *path, const uint8_t *frame, uint32_t total, uint32_t padding)
{
	return entry_alike(frame) == path->alike && total <= path->max_total &&
	       frame[PKT_USUAL_L3 + 8] > path->ttl_less && padding <= PADDING_MAX &&
	       ((path->flags & PATH_UDP) || is_steady_tcp(frame));
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
chosen_out(const struct entry *e, const struct path *path, const struct fork *fork,
	struct rte_mbuf *mbuf)
{
	uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);
	const uint32_t len = RTE_MIN((uint32_t)mbuf->data_len, (uint32_t)ENTRY_HEADS);
	uint8_t head[ENTRY_HEADS];
	unsigned out;

	memcpy(head, frame, len);
	entry_rewrite(e, path, frame);
	if (!fork_is_one(fork))
		fork_steer(fork, &mbuf, 1);
	out = fork_choose(fork, mbuf);
	memcpy(frame, head, len);
	return out;
}

/* The first packet of the burst that goes by it. */
static void
begin_path(struct pass *p, struct path *path)
{
	const struct path_hop *last = &path->hops[path->n - 1];

	p->paths[p->n_paths++] = path;
	path->is.burst = p->cache->serial;
	path->is.packets = 0;
	path->is.bytes = path->is.padding = 0;
	path->is.choosing = p->cache->members[last->member].x->choosing >> last->out & 1;
	path->is.exit = path->is.choosing ? NULL : exit_of(p, path, last->out);
}

static inline void
leave_way(const struct way *way)
{
	struct path *path = way->path;

	if (way->number == NO_WAY)
		return;
	path->is.packets += way->packets;
	path->is.bytes += way->bytes;
	path->is.padding += way->padding;
}

static __rte_noinline void
change_way(struct pass *p, struct way *way, unsigned number)
{
	struct path *path = &p->cache->paths[number];

	leave_way(way);
	if (path->is.burst != p->cache->serial)
		begin_path(p, path);
	*way = (struct way){.number = number, .path = path, .exit = path->is.exit};
}

/* Null: there is no room. */
static __rte_noinline struct exit *
way_out(struct pass *p, const struct path *path, const struct entry *e,
	struct rte_mbuf *mbuf)
{
	const struct path_hop *last = &path->hops[path->n - 1];
	const struct exchange *x = p->cache->members[last->member].x;

	if (!path->is.choosing)
		return NULL;
	return exit_of(p, path, chosen_out(e, path, &x->forks[last->out], mbuf));
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
	uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);
	const uint32_t total = pkt_be16(frame + PKT_USUAL_L3 + 2), len = mbuf->data_len;
	const uint32_t bytes = PKT_ETH_LEN + total, padding = len - bytes;
	uint64_t ticks = entry_ticks(e, p->now_ns);
	const struct path *path;
	struct exit *exit;

	if (unlikely(e->path != way->number))
		change_way(p, way, e->path);
	path = way->path;
	if (unlikely(!holds(path, frame, total, padding)))
		return false;
	if (unlikely(ticks >= e->due || path->epoch != p->cache->epoch)) {
		if (!renew(p, ref, ticks))
			return false;
		ticks = entry_ticks(e, p->now_ns);
	}
	exit = way->exit;
	if (unlikely(exit == NULL) && (exit = way_out(p, path, e, mbuf)) == NULL)
		return false;
	if (unlikely(path->look != NO_HOP) && !look(p, ref, path, frame, len, total))
		return false;
	entry_rewrite(e, path, frame);
	if (unlikely(padding > 0) && path->routed != NO_HOP)
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
	leave_way(&way);
	for (unsigned i = 0; i < p->n_paths; i++)
		path_count(p->cache, p->paths[i]);
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
