/* flow_cache_record.c: packets on the whole way are watched, and entries made of what was
 * seen; see flow_cache.h. */
#include "dataplane/runtime/flow_cache_parts.h"

static struct watched *watched_of(struct flow_cache *cache, const struct rte_mbuf *mbuf);
static void hear_one(
	struct flow_cache *cache, struct exchange *x, unsigned cp, unsigned i);
static bool add_hop(struct flow_cache *cache, const struct exchange *x, unsigned cp,
	unsigned out, const struct vnf_steady *said, struct watched *w);
static bool leaves(const struct exchange *x, unsigned out, bool *inside);
static void keep(struct flow_cache *cache, const struct exchange *x, struct watched *w,
	struct rte_mbuf *mbuf);
static bool is_understood(
	struct watched *w, const uint8_t *frame, uint32_t len, struct entry *draft);
static int find_path(struct flow_cache *cache, const struct path *path);
static void insert(struct flow_cache *cache, struct entry *draft, const struct watched *w,
	uint64_t now_ns);

/* ---- along the way ----------------------------------------------------------------- */

void
watch(struct flow_cache *cache, struct rte_mbuf *mbuf, const struct session_key4 *key)
{
	const unsigned i = cache->n_watched++;
	struct watched *w = &cache->watched[i];
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);

	w->lost = false;
	w->key = *key;
	w->len = mbuf->data_len;
	w->until_ns = UINT64_MAX;
	w->treatment = (struct treatment){.epoch = cache->epoch, .max_total = UINT16_MAX};
	w->path = (struct path){.routed = NO_HOP, .look = NO_HOP};
	memcpy(w->head, frame, w->len < ENTRY_HEADS ? w->len : ENTRY_HEADS);
	mbuf->hash.fdir.lo = cache->serial << MARK_BITS | i;
}

void
flow_cache_ask(struct flow_cache *cache, struct exchange *x, unsigned n)
{
	const struct shm_hand *hand = &x->slot->hand;
	uint32_t wanted = 0;

	if (cache->n_watched == 0)
		return;
	for (unsigned i = 0; i < n; i++)
		if (watched_of(cache, hand->pkts[hand->first + i]) != NULL)
			wanted |= 1u << i;
	if (wanted == 0)
		return;
	cache->trace.wanted = wanted;
	cache->trace.steady = 0;
	cache->traced = x;
	x->vnf->trace = &cache->trace;
}

static struct watched *
watched_of(struct flow_cache *cache, const struct rte_mbuf *mbuf)
{
	const uint32_t mark = mbuf->hash.fdir.lo;
	const unsigned i = mark & ((1u << MARK_BITS) - 1);

	if (mark >> MARK_BITS != (cache->serial & (UINT32_MAX >> MARK_BITS)) ||
		i >= cache->n_watched)
		return NULL;
	return &cache->watched[i];
}

void
flow_cache_hear(struct flow_cache *cache, struct exchange *x, unsigned cp)
{
	if (x->vnf->trace == NULL)
		return;
	x->vnf->trace = NULL;
	cache->traced = NULL;
	for (uint32_t left = cache->trace.wanted; left != 0; left &= left - 1)
		hear_one(cache, x, cp, (unsigned)__builtin_ctz(left));
}

static void
hear_one(struct flow_cache *cache, struct exchange *x, unsigned cp, unsigned i)
{
	struct rte_mbuf *mbuf = x->slot->hand.pkts[x->slot->hand.first + i];
	struct watched *w = watched_of(cache, mbuf);
	const unsigned out = x->verdicts[i];
	bool inside = false;

	if (w == NULL)
		return;
	if (w->lost || (cache->trace.steady >> i & 1) == 0 || out >= SHM_CPS ||
		!leaves(x, out, &inside) ||
		!add_hop(cache, x, cp, out, &cache->trace.said[i], w)) {
		w->lost = true;
		mbuf->hash.fdir.lo = 0;
		credit(cache, -1);
		return;
	}
	if (inside)
		return;
	mbuf->hash.fdir.lo = 0;
	keep(cache, x, w, mbuf);
	w->lost = true;
}

/* Whether that output leads somewhere, always the same way. */
static bool
leaves(const struct exchange *x, unsigned cp, bool *inside)
{
	if ((x->choosing >> cp & 1) == 0) {
		*inside = x->inner >> cp & 1;
		return x->outs[cp].ring != NULL;
	}
	for (uint32_t inner = x->inner; inner != 0; inner &= inner - 1)
		if (x->out_cps[__builtin_ctz(inner)] == cp)
			return false;
	return true;
}

static bool
add_hop(struct flow_cache *cache, const struct exchange *x, unsigned cp, unsigned out,
	const struct vnf_steady *said, struct watched *w)
{
	struct path *path = &w->path;
	struct path_hop *hop = &path->hops[path->n];
	struct treatment *how = &w->treatment;
	const bool cuts = said->token < cache->members[x->member].n_tokens;

	if (path->n == ENTRY_HOPS)
		return false;
	*hop = (struct path_hop){.member = x->member,
		.in = (uint8_t)cp,
		.out = (uint8_t)out,
		.token = NO_HOP,
		.counted = (said->flags & VNF_STEADY_COUNTED) != 0};
	if (hop->counted || cuts || (said->flags & VNF_STEADY_LOOK)) {
		if (path->n_tokens == ENTRY_TOKENS)
			return false;
		hop->token = path->n_tokens++;
		w->tokens[hop->token] = said->token;
	}
	if (said->flags & VNF_STEADY_LOOK) {
		if (path->look != NO_HOP) /* the first would have seen it */
			return false;
		path->look = path->n;
	}
	if (said->flags & VNF_STEADY_ROUTED) {
		if (path->routed == NO_HOP)
			path->routed = path->n;
		how->ttl_less++;
		how->flags |= TREATMENT_ROUTED;
	}
	if (said->max_total != 0 && said->max_total < how->max_total)
		how->max_total = (uint16_t)said->max_total;
	if (said->until_ns != 0 && said->until_ns < w->until_ns)
		w->until_ns = said->until_ns;
	path->n++;
	return true;
}

/* The VNF says that the flow which it gave that token is not what it was. */
void
watched_cut(struct flow_cache *cache, const struct exchange *x, uint32_t token)
{
	if (cache->traced == x)
		for (uint32_t left = cache->trace.steady; left != 0; left &= left - 1) {
			const unsigned i = (unsigned)__builtin_ctz(left);

			if (cache->trace.said[i].token == token)
				cache->trace.steady &= ~(1u << i);
		}
	for (unsigned i = 0; i < cache->n_watched; i++) {
		struct watched *w = &cache->watched[i];

		for (unsigned k = 0; k < w->path.n; k++) {
			const struct path_hop *hop = &w->path.hops[k];

			if (hop->member == x->member && hop->token != NO_HOP &&
				w->tokens[hop->token] == token)
				w->lost = true;
		}
	}
}

/* ---- where it leaves --------------------------------------------------------------- */

static void
keep(struct flow_cache *cache, const struct exchange *x, struct watched *w,
	struct rte_mbuf *mbuf)
{
	const uint64_t now_ns = x->vnf->now_ns;
	const int path = find_path(cache, &w->path);
	struct entry draft = {.key = w->key};

	if (path < 0 || w->until_ns <= now_ns || mbuf->data_len > w->len ||
		!is_understood(w, rte_pktmbuf_mtod(mbuf, const uint8_t *), mbuf->data_len,
			&draft))
		return;
	w->treatment.path = (uint16_t)path;
	entry_set_due(&draft, now_ns, w->until_ns);
	insert(cache, &draft, w, now_ns);
}

/* What a checksum grows by when n bytes change. */
static uint16_t
difference(const uint8_t *before, const uint8_t *after, unsigned from, unsigned n)
{
	uint32_t sum = 0;
	uint16_t a, b;

	for (unsigned i = from; i < from + n; i += 2) {
		memcpy(&a, before + i, 2);
		memcpy(&b, after + i, 2);
		sum += (uint16_t)~a + (uint32_t)b;
	}
	return fold(sum);
}

/* Makes the entry, and completes its treatment, that change the packet as it came to the
 * one that left. */
static bool
is_understood(struct watched *w, const uint8_t *frame, uint32_t len, struct entry *draft)
{
	const unsigned n = len < ENTRY_HEADS ? len : ENTRY_HEADS;
	const unsigned pairs = PKT_USUAL_L3 + 12;
	struct treatment *how = &w->treatment;
	uint8_t again[ENTRY_HEADS];

	how->alike = entry_alike(w->head);
	if (how->flags & TREATMENT_ROUTED)
		memcpy(how->macs, frame, sizeof(how->macs));
	if (w->key.proto == PKT_PROTO_UDP)
		how->flags |= TREATMENT_UDP;
	if (memcmp(w->head + pairs, frame + pairs, 12) != 0)
		how->flags |= TREATMENT_REWRITTEN;
	memcpy(draft->addrs, frame + pairs, sizeof(draft->addrs));
	memcpy(draft->ports, frame + PKT_USUAL_L4, sizeof(draft->ports));
	draft->ip_change = difference(w->head, frame, PKT_USUAL_L3 + 8, 2);
	draft->ip_change =
		fold(draft->ip_change + (uint32_t)difference(w->head, frame, pairs, 8));
	draft->l4_change = difference(w->head, frame, pairs, 12);
	memcpy(again, w->head, n);
	entry_rewrite(draft, how, again);
	return memcmp(again, frame, n) == 0;
}

static int
find_path(struct flow_cache *cache, const struct path *path)
{
	for (unsigned i = 0; i < cache->n_paths; i++)
		if (memcmp(&cache->paths[i], path, sizeof(*path)) == 0)
			return (int)i;
	if (cache->n_paths == ENTRY_PATHS)
		return -1;
	cache->paths[cache->n_paths] = *path;
	return (int)cache->n_paths++;
}

static void
insert(struct flow_cache *cache, struct entry *draft, const struct watched *w,
	uint64_t now_ns)
{
	const session_ref ref = session_new(cache->table);
	struct entry *e;

	draft->treatment =
		ref == SESSION_NONE ? NO_TREATMENT : treatment_hold(cache, &w->treatment);
	if (draft->treatment == NO_TREATMENT) {
		if (ref != SESSION_NONE)
			session_abandon(cache->table, ref);
		count_one(&cache->counts.full, 1);
		return;
	}
	e = entry_of(cache, ref);
	memcpy((uint8_t *)e + sizeof(e->session),
		(const uint8_t *)draft + sizeof(e->session),
		sizeof(*e) - sizeof(e->session));
	memcpy(cache->tokens[ref >> 1].of, w->tokens, sizeof(w->tokens));
	if (session_commit(cache->table, ref, now_ns + ENTRY_IDLE_NS) != 0) {
		treatment_drop(cache, draft->treatment);
		return; /* another packet of the burst was the first */
	}
	count_one(&cache->counts.recorded, 1);
	credit(cache, -1);
	for (unsigned i = 0; i < w->path.n; i++) {
		const struct path_hop *hop = &w->path.hops[i];
		struct member *member = &cache->members[hop->member];
		const uint64_t token =
			hop->token == NO_HOP ? UINT64_MAX : w->tokens[hop->token];

		if (token >= member->n_tokens)
			continue;
		if (member->entries[token] != 0 &&
			member->entries[token] != (ref >> 1) + 1) /* the newest stays */
			entry_end(cache, (session_ref)(member->entries[token] - 1) << 1,
				now_ns);
		member->entries[token] = (ref >> 1) + 1;
	}
}
