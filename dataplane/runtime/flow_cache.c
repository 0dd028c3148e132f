/* flow_cache.c: entries come and go; see flow_cache.h. Packets: flow_cache_pass.c and
 * flow_cache_record.c. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "dataplane/runtime/flow_cache_parts.h"

#define QUIET_ROUNDS  2
#define TICK_ENTRIES  64
#define SETTLE_ROUND  64
#define TICK_ROUNDS   8 /* what is due and left is told a millisecond later */
#define LARGE_PAGE    (2ull << 20)
#define ENTRY_VERSION 2

static const struct session_spec spec = {
	.record_size = sizeof(struct entry),
	.key_size = sizeof(struct session_key4),
	.n_keys = 1,
	.version = ENTRY_VERSION,
};

static int map_memory(struct flow_cache *cache, uint32_t entries, struct err *err);
static void collect_rings(struct flow_cache *cache);
static void collect_words(struct flow_cache *cache);
static void expect_hop(struct flow_cache *cache, session_ref ref, unsigned hop);
static uint64_t tell_hop(struct flow_cache *cache, session_ref ref, unsigned hop);
static void forget_tokens(struct flow_cache *cache, session_ref ref);

/* ---- life -------------------------------------------------------------------------- */

int
flow_cache_create(
	struct flow_cache **out, uint32_t entries, uint32_t worth, struct err *err)
{
	struct flow_cache *cache = calloc(1, sizeof(*cache));
	int rc;

	if (cache == NULL)
		return err_set(
			err, ERR_NO_RESOURCE, NULL, NULL, "no memory for a flow cache");
	cache->credit = CREDIT_BEGIN;
	cache->worth = worth;
	cache->free_treatment = NO_TREATMENT;
	rc = map_memory(cache, entries, err);
	if (rc == 0)
		rc = session_open(&cache->table, &spec, cache->memory,
			session_region_size(&spec, entries), (uintptr_t)cache, 0, err);
	if (rc != 0) {
		flow_cache_destroy(cache);
		return rc;
	}
	*out = cache;
	return 0;
}

/* For the table, and the tokens behind it. Pages are there only once they are used. */
static int
map_memory(struct flow_cache *cache, uint32_t entries, struct err *err)
{
	const size_t table = session_region_size(&spec, entries);
	const size_t size =
		(table + (size_t)entries * sizeof(*cache->tokens) + LARGE_PAGE - 1) &
		~(LARGE_PAGE - 1);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return err_sys(
			err, errno, "no memory for a flow cache of %zu bytes", size);
	madvise(memory, size, MADV_HUGEPAGE);
	cache->memory = memory;
	cache->memory_size = size;
	cache->tokens = (void *)((uint8_t *)memory + table);
	return 0;
}

void
flow_cache_destroy(struct flow_cache *cache)
{
	if (cache == NULL)
		return;
	for (unsigned i = 0; i < cache->n; i++) {
		cache->members[i].x->cache = NULL;
		free(cache->members[i].entries);
	}
	session_close(cache->table);
	if (cache->memory != NULL)
		munmap(cache->memory, cache->memory_size);
	free(cache);
}

int
flow_cache_join(struct flow_cache *cache, struct exchange *x, struct err *err)
{
	struct member *member = &cache->members[cache->n];

	if (cache->n == FLOW_CACHE_MEMBERS)
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL,
			"a flow cache is for %u VNFs at most", FLOW_CACHE_MEMBERS);
	member->n_tokens = x->vnf->n_tokens;
	member->entries = calloc(member->n_tokens + 1, sizeof(*member->entries));
	if (member->entries == NULL)
		return err_set(
			err, ERR_NO_RESOURCE, NULL, NULL, "no memory for a flow cache");
	member->x = x;
	x->cache = cache;
	x->member = cache->n++;
	flow_cache_rewire(cache);
	return 0;
}

static inline uint64_t
read_count(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

struct flow_cache_counts
flow_cache_read(const struct flow_cache *cache)
{
	const struct flow_cache_counts *counts = &cache->counts;

	return (struct flow_cache_counts){
		.passed = read_count(&counts->passed),
		.whole = read_count(&counts->whole),
		.recorded = read_count(&counts->recorded),
		.cut = read_count(&counts->cut),
		.aged = read_count(&counts->aged),
		.changed = read_count(&counts->changed),
		.full = read_count(&counts->full),
		.entries = session_count(cache->table),
	};
}

/* ---- what makes entries old -------------------------------------------------------- */

/* Paths are of the wiring. */
void
flow_cache_rewire(struct flow_cache *cache)
{
	cache->rewired = true;
	cache->quiet = QUIET_ROUNDS;
	cache->scan = 0;
}

static void
collect_rings(struct flow_cache *cache)
{
	cache->n_inner = 0;
	for (unsigned i = 0; i < cache->n; i++) {
		const struct exchange *x = cache->members[i].x;

		for (uint32_t inner = x->inner; inner != 0; inner &= inner - 1)
			cache->inner[cache->n_inner++] =
				x->outs[__builtin_ctz(inner)].ring;
	}
}

static void
collect_words(struct flow_cache *cache)
{
	cache->n_words = 0;
	for (unsigned i = 0; i < cache->n; i++)
		for (unsigned k = 0; k < VNF_EPOCHS; k++) {
			const uint32_t *word = cache->members[i].x->vnf->epochs[k];

			if (word != NULL)
				cache->words[cache->n_words++] = word;
		}
}

bool
flow_cache_settle(struct flow_cache *cache, unsigned max)
{
	session_ref refs[TICK_ENTRIES];

	if (cache->quiet == 0)
		cache->scan = 0;
	cache->quiet = QUIET_ROUNDS;
	while (cache->scan < cache->table->used && max >= TICK_ENTRIES) {
		const unsigned n =
			session_scan(cache->table, &cache->scan, TICK_ENTRIES, refs);

		for (unsigned i = 0; i < n; i++)
			entry_end(cache, refs[i], cache->now_ns);
		count_one(&cache->counts.changed, n);
		max -= TICK_ENTRIES;
	}
	return session_count(cache->table) == 0;
}

void
flow_cache_round(struct flow_cache *cache, uint64_t now_ns)
{
	cache->now_ns = now_ns;
	if (likely(cache->quiet == 0))
		return;
	if (cache->rewired)
		cache->rewired = !flow_cache_settle(cache, SETTLE_ROUND);
	else if (--cache->quiet == 0) { /* and no entry is left */
		cache->n_paths = 0;
		collect_words(cache);
		collect_rings(cache);
	}
}

void
flow_cache_tick(struct flow_cache *cache)
{
	session_ref due[TICK_ENTRIES];
	unsigned n = TICK_ENTRIES;

	for (unsigned rounds = 0; rounds < TICK_ROUNDS && n == TICK_ENTRIES; rounds++) {
		n = session_due(cache->table, cache->now_ns, due, TICK_ENTRIES);
		for (unsigned i = 0; i < n; i++)
			entry_end(cache, due[i], cache->now_ns);
		count_one(&cache->counts.aged, n);
	}
}

void
flow_cache_cut(struct flow_cache *cache, struct exchange *x, uint32_t token)
{
	const struct member *member = &cache->members[x->member];
	const unsigned at = token < member->n_tokens ? member->entries[token] : 0;

	if (at != 0) {
		entry_end(cache, (session_ref)(at - 1) << 1, x->vnf->now_ns);
		count_one(&cache->counts.cut, 1);
	}
	if (cache->n_watched > 0)
		watched_cut(cache, x, token);
}

/* ---- entries ----------------------------------------------------------------------- */

bool
entry_tell(struct flow_cache *cache, session_ref ref, uint64_t now_ns)
{
	struct entry *e = entry_of(cache, ref);
	const unsigned n = entry_path(cache, e)->n;
	uint64_t until = UINT64_MAX;

	for (unsigned i = 0; i < n; i++)
		expect_hop(cache, ref, i);
	for (unsigned i = 0; i < n; i++) {
		const uint64_t holds = tell_hop(cache, ref, i);

		if (holds != 0 && holds < until)
			until = holds;
	}
	entry_set_due(e, now_ns, until);
	e->packets = e->padding = 0;
	e->bytes = 0;
	session_expire_at(cache->table, ref, now_ns + ENTRY_IDLE_NS);
	return until > now_ns;
}

/* What it is told of is fetched while the others are told. */
static inline void
expect_hop(struct flow_cache *cache, session_ref ref, unsigned i)
{
	const struct path *path = entry_path(cache, entry_of(cache, ref));
	const struct path_hop *hop = &path->hops[i];
	struct vnf *vnf = cache->members[hop->member].x->vnf;

	if (hop->counted && vnf->type->expect != NULL)
		vnf->type->expect(vnf, entry_tokens(cache, ref)[hop->token]);
}

static uint64_t
tell_hop(struct flow_cache *cache, session_ref ref, unsigned i)
{
	const struct entry *e = entry_of(cache, ref);
	const struct path *path = entry_path(cache, e);
	const struct path_hop *hop = &path->hops[i];
	struct vnf *vnf = cache->members[hop->member].x->vnf;

	if (!hop->counted)
		return 0;
	return vnf->type->passed(vnf,
		&(struct vnf_passed){.token = entry_tokens(cache, ref)[hop->token],
			.packets = e->packets,
			.bytes = (uint64_t)e->bytes + (i < path->routed ? e->padding : 0),
			.now_ns = e->session.expires_ns - ENTRY_IDLE_NS +
				  ((uint64_t)e->last << ENTRY_CLOCK_SHIFT)});
}

void
entry_end(struct flow_cache *cache, session_ref ref, uint64_t now_ns)
{
	if (entry_of(cache, ref)->packets > 0)
		entry_tell(cache, ref, now_ns);
	forget_tokens(cache, ref);
	treatment_drop(cache, entry_of(cache, ref)->treatment);
	session_delete(cache->table, ref);
}

static void
forget_tokens(struct flow_cache *cache, session_ref ref)
{
	const struct path *path = entry_path(cache, entry_of(cache, ref));
	const uint64_t *tokens = entry_tokens(cache, ref);
	const uint32_t at = (ref >> 1) + 1;

	for (unsigned i = 0; i < path->n; i++) {
		const struct path_hop *hop = &path->hops[i];
		const struct member *member = &cache->members[hop->member];
		const uint64_t token =
			hop->token == NO_HOP ? UINT64_MAX : tokens[hop->token];

		if (token < member->n_tokens && member->entries[token] == at)
			member->entries[token] = 0;
	}
}
