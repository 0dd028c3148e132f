/* session_index.c: the open-addressing index of the session table, and its keyed hash. */
#include "dataplane/sdk/session_parts.h"

#include <errno.h>
#include <immintrin.h>
#include <string.h>

#define BULK	   64
#define CACHE_LINE 64

/* The secret words by splitmix64. */
void
session_index_seed(struct session_table *t, uint64_t seed)
{
	for (unsigned i = 0; i < 6; i++) {
		uint64_t x = seed += 0x9e3779b97f4a7c15ull;

		x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
		x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
		t->secret[i] = (x ^ (x >> 31)) | 1; /* none may be zero */
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
	h = mix(h ^ t->secret[4], t->secret[5]);
	return (uint32_t)h;
}

static inline bool
same_32_bytes(const void *a, const void *b)
{
	const __m256i differ =
		_mm256_xor_si256(_mm256_loadu_si256(a), _mm256_loadu_si256(b));

	return _mm256_testz_si256(differ, differ);
}

static inline __attribute__((always_inline)) bool
same_words(const void *a, const void *b, unsigned words)
{
	uint64_t x, y;

	if (words == 5 && !same_32_bytes(a, b))
		return false;
	for (unsigned i = words == 5 ? 4 : 0; i < words; i++) {
		memcpy(&x, (const uint8_t *)a + i * 8, 8);
		memcpy(&y, (const uint8_t *)b + i * 8, 8);
		if (x != y)
			return false;
	}
	return true;
}

/* ---- lookup ---- */

static inline __attribute__((always_inline)) session_ref
find(const struct session_table *t, const void *key, uint32_t hash, unsigned words)
{
	for (uint32_t at = hash & t->mask; t->index[at].ref_1 != 0;
		at = (at + 1) & t->mask) {
		session_ref ref = t->index[at].ref_1 - 1;

		if (t->index[at].hash == hash &&
			same_words(key, session_key_at(t, ref), words))
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
 * comparison. By a copy of the table: what is written to refs cannot change that. */
static inline __attribute__((always_inline)) void
find_bulk(const struct session_table *table, const uint8_t *keys, unsigned n,
	session_ref *refs, unsigned words)
{
	const struct session_table copy = *table, *const t = &copy;
	uint32_t hash[BULK];

	for (unsigned i = 0; i < n; i++) {
		hash[i] = hash_words(t, keys + i * words * 8, words);
		__builtin_prefetch(&t->index[hash[i] & t->mask]);
	}
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *record;

		refs[i] = candidate(t, hash[i]);
		if (refs[i] == SESSION_NONE)
			continue;
		record = session_record(t, refs[i]);
		__builtin_prefetch(record);
		if (t->record_size > CACHE_LINE)
			__builtin_prefetch(record + CACHE_LINE);
	}
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *key = keys + i * words * 8;

		if (refs[i] != SESSION_NONE &&
			!same_words(key, session_key_at(t, refs[i]), words))
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

void
session_expect(const struct session_table *t, const void *key)
{
	__builtin_prefetch(&t->index[hash_key(t, key) & t->mask], 1);
}

/* ---- keys come and go ---- */

static int add_key(struct session_table *t, session_ref ref);
static void del_key(struct session_table *t, session_ref ref);

int
session_index_add(struct session_table *t, uint32_t i)
{
	if (add_key(t, i << 1) < 0)
		return -EEXIST;
	if (t->n_keys == 2 && add_key(t, i << 1 | 1) < 0) {
		del_key(t, i << 1);
		return -EEXIST;
	}
	return 0;
}

void
session_index_del(struct session_table *t, uint32_t i)
{
	for (uint32_t side = 0; side < t->n_keys; side++)
		del_key(t, i << 1 | side);
}

void
session_index_prefetch(const struct session_table *t, uint32_t i)
{
	for (uint32_t side = 0; side < t->n_keys; side++)
		__builtin_prefetch(
			&t->index[hash_key(t, session_key_at(t, i << 1 | side)) &
				  t->mask],
			1);
}

static int
add_key(struct session_table *t, session_ref ref)
{
	const uint8_t *key = session_key_at(t, ref);
	uint32_t hash = hash_key(t, key), at = hash & t->mask;

	while (t->index[at].ref_1 != 0) {
		if (t->index[at].hash == hash &&
			memcmp(key, session_key_at(t, t->index[at].ref_1 - 1),
				t->key_size) == 0)
			return -EEXIST;
		at = (at + 1) & t->mask;
	}
	t->index[at] = (struct session_entry){.hash = hash, .ref_1 = ref + 1};
	return 0;
}

/* Closes the gap: each entry of the run behind that may move nearer to its home does. */
static void
del_key(struct session_table *t, session_ref ref)
{
	uint32_t gap = hash_key(t, session_key_at(t, ref)) & t->mask;

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
