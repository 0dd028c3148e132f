/* session.c: the region's records, the private index over them, and the timer wheel. */
#include "dataplane/sdk/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <rte_malloc.h>

#define MAGIC	    0x53455353494f4e31ull /* "SESSION1" */
#define HEADER_SIZE 64
#define NIL	    UINT32_MAX
#define WHEEL_SLOTS 4096u /* 9 minutes */
#define BULK	    64

struct header {		/* first in the region */
	uint64_t magic; /* written last */
	uint32_t version, record_size, key_size, n_keys;
	uint32_t capacity;
};

struct session_entry { /* of the index */
	uint32_t hash;
	uint32_t ref_1; /* session_ref + 1; 0: empty */
};

struct session_link {
	uint32_t next, prev; /* NIL ends; a free record uses next alone */
};

static int check_spec(
	const struct session_spec *spec, uint32_t capacity, struct err *err);
static int make_private(struct session_table *t, struct err *err);
static void adopt_header(
	struct session_table *t, const struct session_spec *spec, struct header *header);
static void adopt_records(struct session_table *t);
static void make_secret(struct session_table *t, uint64_t seed);
static int index_add_keys(struct session_table *t, uint32_t i);
static void index_del_keys(struct session_table *t, uint32_t i);
static void wheel_link(struct session_table *t, uint32_t i, uint64_t due);
static void wheel_unlink(struct session_table *t, uint32_t i);
static void free_push(struct session_table *t, uint32_t i);

static inline struct session *
record_at(const struct session_table *t, uint32_t i)
{
	return session_record(t, i << 1);
}

static inline const uint8_t *
key_at(const struct session_table *t, session_ref ref)
{
	return (const uint8_t *)session_record(t, ref) + sizeof(struct session) +
	       session_side(ref) * t->key_size;
}

size_t
session_region_size(const struct session_spec *spec, uint32_t capacity)
{
	size_t size = HEADER_SIZE + (size_t)capacity * spec->record_size;

	return (size + 63) & ~(size_t)63;
}

int
session_open(struct session_table **table, const struct session_spec *spec, void *mem,
	size_t size, uint64_t seed, uint64_t now_ns, struct err *err)
{
	size_t room = size > HEADER_SIZE ? (size - HEADER_SIZE) / spec->record_size : 0;
	uint32_t capacity = room < SESSION_MAX_RECORDS ? room : SESSION_MAX_RECORDS;
	struct session_table *t;
	int rc = check_spec(spec, capacity, err);

	if (rc < 0)
		return rc;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL,
			"no memory for a session table");
	t->records = (uint8_t *)mem + HEADER_SIZE;
	t->record_size = spec->record_size;
	t->key_size = spec->key_size;
	t->n_keys = spec->n_keys;
	t->capacity = t->limit = capacity;
	t->tick = now_ns >> SESSION_TICK_SHIFT;
	make_secret(t, seed);
	rc = make_private(t, err);
	if (rc < 0) {
		session_close(t);
		return rc;
	}
	adopt_header(t, spec, mem);
	adopt_records(t);
	*table = t;
	return 0;
}

static int
check_spec(const struct session_spec *spec, uint32_t capacity, struct err *err)
{
	uint32_t keys = spec->key_size * spec->n_keys;

	if ((spec->key_size != 16 && spec->key_size != 40) || spec->n_keys < 1 ||
		spec->n_keys > 2 || spec->record_size % 8 != 0 ||
		spec->record_size < sizeof(struct session) + keys)
		return err_set(err, ERR_INVALID, NULL, NULL,
			"a session record of %u bytes cannot hold %u keys of %u bytes",
			spec->record_size, spec->n_keys, spec->key_size);
	if (capacity == 0)
		return err_set(err, ERR_INVALID, "state-size",
			"give the instance more state",
			"the state region has no room for a session");
	return 0;
}

static int
make_private(struct session_table *t, struct err *err)
{
	uint64_t entries = 8;

	while (entries < 2ull * t->capacity * t->n_keys)
		entries *= 2;
	t->mask = entries - 1;
	t->index = rte_zmalloc("session-index", entries * sizeof(*t->index), 64);
	t->links =
		rte_zmalloc("session-links", (size_t)t->capacity * sizeof(*t->links), 64);
	t->slots = rte_zmalloc("session-wheel", WHEEL_SLOTS * sizeof(*t->slots), 64);
	if (t->index == NULL || t->links == NULL || t->slots == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL, "make max-sessions smaller",
			"no memory for an index of %u sessions", t->capacity);
	memset(t->slots, 0xff, WHEEL_SLOTS * sizeof(*t->slots));
	return 0;
}

/* Records of another layout, or that no header vouches for, are cleared before the new
 * header is written; so are those that the table grew by. */
static void
adopt_header(
	struct session_table *t, const struct session_spec *spec, struct header *header)
{
	bool known = header->magic == MAGIC && header->version == spec->version &&
		     header->record_size == spec->record_size &&
		     header->key_size == spec->key_size && header->n_keys == spec->n_keys;
	uint32_t first_new = known ? header->capacity : 0;

	if (!known)
		__atomic_store_n(&header->magic, 0, __ATOMIC_RELEASE);
	for (uint32_t i = first_new; i < t->capacity; i++) {
		if (record_at(t, i)->generation != 0)
			record_at(t, i)->generation = 0;
	}
	header->version = spec->version;
	header->record_size = spec->record_size;
	header->key_size = spec->key_size;
	header->n_keys = spec->n_keys;
	__atomic_store_n(&header->capacity, t->capacity, __ATOMIC_RELEASE);
	__atomic_store_n(&header->magic, MAGIC, __ATOMIC_RELEASE);
}

/* From the last to the first, so that the free records of low numbers are used first. */
static void
adopt_records(struct session_table *t)
{
	t->free = NIL;
	for (uint32_t i = t->capacity; i-- > 0;) {
		struct session *session = record_at(t, i);

		if ((session->generation & 1) != 0 && index_add_keys(t, i) < 0)
			session->generation++;
		if ((session->generation & 1) == 0) {
			free_push(t, i);
			continue;
		}
		wheel_link(t, i, (session->expires_ns >> SESSION_TICK_SHIFT) + 1);
		t->count++;
	}
}

void
session_close(struct session_table *t)
{
	if (t == NULL)
		return;
	rte_free(t->index);
	rte_free(t->links);
	rte_free(t->slots);
	free(t);
}

void
session_set_limit(struct session_table *t, uint32_t limit)
{
	t->limit = limit < t->capacity ? limit : t->capacity;
}

/* ---- hash ---- */

/* The five secret words from one seed (splitmix64). */
static void
make_secret(struct session_table *t, uint64_t seed)
{
	for (unsigned i = 0; i < 5; i++) {
		uint64_t x = seed += 0x9e3779b97f4a7c15ull;

		x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
		x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
		t->secret[i] = x ^ (x >> 31);
	}
}

static inline uint64_t
mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline __attribute__((always_inline)) uint32_t
hash_words(const struct session_table *t, const void *key, unsigned words)
{
	uint64_t w[5], h;

	memcpy(w, key, words * 8);
	h = mix(w[0] ^ t->secret[0], w[1] ^ t->secret[1]);
	if (words == 5)
		h ^= mix(w[2] ^ t->secret[2], w[3] ^ t->secret[3]) ^ w[4];
	h = mix(h ^ t->secret[4], 0x9e3779b97f4a7c15ull);
	return (uint32_t)h;
}

static inline __attribute__((always_inline)) bool
same_words(const void *a, const void *b, unsigned words)
{
	uint64_t x[5], y[5], differ = 0;

	memcpy(x, a, words * 8);
	memcpy(y, b, words * 8);
	for (unsigned i = 0; i < words; i++)
		differ |= x[i] ^ y[i];
	return differ == 0;
}

/* ---- lookup ---- */

static inline __attribute__((always_inline)) session_ref
find(const struct session_table *t, const void *key, uint32_t hash, unsigned words)
{
	for (uint32_t at = hash & t->mask; t->index[at].ref_1 != 0;
		at = (at + 1) & t->mask) {
		session_ref ref = t->index[at].ref_1 - 1;

		if (t->index[at].hash == hash && same_words(key, key_at(t, ref), words))
			return ref;
	}
	return SESSION_NONE;
}

/* The first entry with that hash, not yet compared. */
static inline session_ref
candidate(const struct session_table *t, uint32_t hash)
{
	uint32_t at = hash & t->mask;

	while (t->index[at].ref_1 != 0 && t->index[at].hash != hash)
		at = (at + 1) & t->mask;
	return t->index[at].ref_1 - 1;
}

/* Three passes, so that the cache misses of all keys overlap: index lines, record lines,
 * comparison. */
static inline __attribute__((always_inline)) void
find_bulk(const struct session_table *t, const uint8_t *keys, unsigned n,
	session_ref *refs, unsigned words)
{
	uint32_t hash[BULK];

	for (unsigned i = 0; i < n; i++) {
		hash[i] = hash_words(t, keys + i * words * 8, words);
		__builtin_prefetch(&t->index[hash[i] & t->mask]);
	}
	for (unsigned i = 0; i < n; i++) {
		refs[i] = candidate(t, hash[i]);
		if (refs[i] != SESSION_NONE)
			__builtin_prefetch(session_record(t, refs[i]));
	}
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *key = keys + i * words * 8;

		if (refs[i] != SESSION_NONE &&
			!same_words(key, key_at(t, refs[i]), words))
			refs[i] = find(t, key, hash[i], words);
	}
}

void
session_find_bulk(
	const struct session_table *t, const void *keys, unsigned n, session_ref *refs)
{
	if (t->key_size == 16)
		find_bulk(t, keys, n, refs, 2);
	else
		find_bulk(t, keys, n, refs, 5);
}

static uint32_t
hash_key(const struct session_table *t, const void *key)
{
	return t->key_size == 16 ? hash_words(t, key, 2) : hash_words(t, key, 5);
}

session_ref
session_find(const struct session_table *t, const void *key)
{
	uint32_t hash = hash_key(t, key);

	return t->key_size == 16 ? find(t, key, hash, 2) : find(t, key, hash, 5);
}

/* ---- making and ending ---- */

session_ref
session_new(struct session_table *t)
{
	uint32_t i = t->free;
	struct session *session;

	if (i == NIL || t->count >= t->limit)
		return SESSION_NONE;
	t->free = t->links[i].next;
	session = record_at(t, i);
	memset(session + 1, 0, t->record_size - sizeof(*session));
	return i << 1;
}

int
session_commit(struct session_table *t, session_ref ref, uint64_t expires_ns)
{
	uint32_t i = ref >> 1;
	struct session *session = record_at(t, i);

	if (index_add_keys(t, i) < 0) {
		free_push(t, i);
		return -EEXIST;
	}
	session->expires_ns = expires_ns;
	wheel_link(t, i, (expires_ns >> SESSION_TICK_SHIFT) + 1);
	__atomic_store_n(&t->count, t->count + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&session->generation, session->generation + 1, __ATOMIC_RELEASE);
	return 0;
}

void
session_abandon(struct session_table *t, session_ref ref)
{
	free_push(t, ref >> 1);
}

void
session_delete(struct session_table *t, session_ref ref)
{
	uint32_t i = ref >> 1;
	struct session *session = record_at(t, i);

	__atomic_store_n(&session->generation, session->generation + 1, __ATOMIC_SEQ_CST);
	index_del_keys(t, i);
	wheel_unlink(t, i);
	free_push(t, i);
	__atomic_store_n(&t->count, t->count - 1, __ATOMIC_RELAXED);
}

static void
free_push(struct session_table *t, uint32_t i)
{
	t->links[i].next = t->free;
	t->free = i;
}

/* ---- index ---- */

static int index_add(struct session_table *t, session_ref ref);
static void index_del(struct session_table *t, session_ref ref);

/* All keys of a record or none. */
static int
index_add_keys(struct session_table *t, uint32_t i)
{
	if (index_add(t, i << 1) < 0)
		return -EEXIST;
	if (t->n_keys == 2 && index_add(t, i << 1 | 1) < 0) {
		index_del(t, i << 1);
		return -EEXIST;
	}
	return 0;
}

static void
index_del_keys(struct session_table *t, uint32_t i)
{
	for (uint32_t side = 0; side < t->n_keys; side++)
		index_del(t, i << 1 | side);
}

static int
index_add(struct session_table *t, session_ref ref)
{
	const uint8_t *key = key_at(t, ref);
	uint32_t hash = hash_key(t, key), at = hash & t->mask;

	while (t->index[at].ref_1 != 0) {
		if (t->index[at].hash == hash &&
			memcmp(key, key_at(t, t->index[at].ref_1 - 1), t->key_size) == 0)
			return -EEXIST;
		at = (at + 1) & t->mask;
	}
	t->index[at] = (struct session_entry){.hash = hash, .ref_1 = ref + 1};
	return 0;
}

/* Closes the gap: each entry of the run behind that may move nearer to its home does. */
static void
index_del(struct session_table *t, session_ref ref)
{
	uint32_t gap = hash_key(t, key_at(t, ref)) & t->mask;

	while (t->index[gap].ref_1 != ref + 1)
		gap = (gap + 1) & t->mask;
	for (uint32_t at = (gap + 1) & t->mask; t->index[at].ref_1 != 0;
		at = (at + 1) & t->mask) {
		uint32_t from_home = (at - t->index[at].hash) & t->mask;

		if (from_home < ((at - gap) & t->mask))
			continue;
		t->index[gap] = t->index[at];
		gap = at;
	}
	t->index[gap] = (struct session_entry){0};
}

/* ---- the wheel ---- */

unsigned
session_due(struct session_table *t, uint64_t now_ns, session_ref *refs, unsigned max)
{
	uint32_t now = now_ns >> SESSION_TICK_SHIFT;
	unsigned n = 0, looks = 4 * max;

	if ((int32_t)(now - t->tick) >
		(int32_t)WHEEL_SLOTS - 2) /* once around is enough */
		t->tick = now - (WHEEL_SLOTS - 2);
	while ((int32_t)(now - t->tick) >= 0 && n < max && looks > 0) {
		uint32_t i = t->slots[t->tick % WHEEL_SLOTS];

		if (i == NIL) {
			if (t->tick == now)
				break;
			t->tick++;
			continue;
		}
		looks--;
		wheel_unlink(t, i);
		if (record_at(t, i)->expires_ns <= now_ns) {
			refs[n++] = i << 1;
			wheel_link(t, i, (uint64_t)now + 1);
		} else {
			wheel_link(t, i,
				(record_at(t, i)->expires_ns >> SESSION_TICK_SHIFT) + 1);
		}
	}
	return n;
}

void
session_rearm(struct session_table *t, uint32_t i)
{
	wheel_unlink(t, i);
	wheel_link(t, i, (record_at(t, i)->expires_ns >> SESSION_TICK_SHIFT) + 1);
}

/* Into the slot of that tick, or the nearest that the wheel has: behind the hand, before
 * the hand again. */
static void
wheel_link(struct session_table *t, uint32_t i, uint64_t due)
{
	uint64_t first = (uint64_t)t->tick + 1,
		 last = (uint64_t)t->tick + WHEEL_SLOTS - 1;
	uint32_t tick = due < first ? first : due > last ? last : due;
	uint32_t *head = &t->slots[tick % WHEEL_SLOTS];

	record_at(t, i)->due = tick;
	t->links[i] = (struct session_link){.next = *head, .prev = NIL};
	if (*head != NIL)
		t->links[*head].prev = i;
	*head = i;
}

static void
wheel_unlink(struct session_table *t, uint32_t i)
{
	struct session_link link = t->links[i];

	if (link.prev != NIL)
		t->links[link.prev].next = link.next;
	else
		t->slots[record_at(t, i)->due % WHEEL_SLOTS] = link.next;
	if (link.next != NIL)
		t->links[link.next].prev = link.prev;
}

/* ---- looking at it ---- */

session_ref
session_next(const struct session_table *t, session_ref ref)
{
	for (uint32_t i = ref == SESSION_NONE ? 0 : (ref >> 1) + 1; i < t->capacity;
		i++) {
		if ((record_at(t, i)->generation & 1) != 0)
			return i << 1;
	}
	return SESSION_NONE;
}

bool
session_read(const struct session_table *t, uint32_t i, void *copy)
{
	const struct session *session = record_at(t, i);
	const uint64_t *from = (const uint64_t *)session;
	uint64_t *to = copy;
	uint32_t generation = __atomic_load_n(&session->generation, __ATOMIC_ACQUIRE);

	if ((generation & 1) == 0)
		return false;
	for (uint32_t word = 0; word < t->record_size / 8; word++)
		to[word] = __atomic_load_n(&from[word], __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&session->generation, __ATOMIC_RELAXED) == generation;
}

uint32_t
session_count(const struct session_table *t)
{
	return __atomic_load_n(&t->count, __ATOMIC_RELAXED);
}
