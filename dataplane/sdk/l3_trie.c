/* l3_trie.c: see l3_trie.h. Lengths stand beside the entries, for the writer alone: a
 * prefix writes its answer where a shorter one's was, and takes back what has its length.
 */
#include "dataplane/sdk/l3_trie.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <rte_malloc.h>

#define ROOT_SIZE  (1u << L3_TRIE_ROOT_BITS)
#define GROUP_SIZE 256u

struct l3_trie_group {
	uint32_t n;    /* prefixes that end in it or below */
	uint32_t base; /* what the entry that leads to it would hold without it */
};

struct way { /* to the table in which a prefix ends */
	uint32_t
		*entries[L3_TRIE_LEVELS + 1]; /* that lead on, one of each table before */
	uint32_t groups[L3_TRIE_LEVELS];
	unsigned n;	 /* groups */
	uint32_t *first; /* the first of its own entries there */
	uint8_t *first_len;
	uint32_t n_entries;
};

static void *make(size_t n, size_t size);
static unsigned missing(const struct l3_trie *trie, const uint8_t *ip, unsigned len);
static void walk(struct l3_trie *trie, const uint8_t *ip, unsigned len, bool grow,
	struct way *way);
static uint32_t take_group(struct l3_trie *trie, uint32_t base, uint8_t base_len);
static void write_range(struct l3_trie *trie, uint32_t *entry, uint8_t *lens, uint32_t n,
	unsigned len, uint32_t value);
static void restore_range(struct l3_trie *trie, uint32_t *entry, uint8_t *lens,
	uint32_t n, unsigned len, uint32_t value, unsigned value_len);

static inline uint32_t
load(const uint32_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

static inline void
store(uint32_t *entry, uint32_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

static inline uint32_t *
group_entries(const struct l3_trie *trie, uint32_t group)
{
	return &trie->groups[(size_t)group * GROUP_SIZE];
}

static inline uint8_t *
group_lens(const struct l3_trie *trie, uint32_t group)
{
	return &trie->group_lens[(size_t)group * GROUP_SIZE];
}

/* ---- life ---- */

int
l3_trie_create(struct l3_trie **out, uint32_t max_groups, struct err *err)
{
	struct l3_trie *trie = calloc(1, sizeof(*trie));

	if (trie == NULL)
		goto fail;
	trie->max = max_groups;
	trie->root = make(ROOT_SIZE, sizeof(*trie->root));
	trie->root_lens = make(ROOT_SIZE, sizeof(*trie->root_lens));
	trie->groups = make(max_groups, GROUP_SIZE * sizeof(*trie->groups));
	trie->group_lens = make(max_groups, GROUP_SIZE * sizeof(*trie->group_lens));
	trie->meta = make(max_groups, sizeof(*trie->meta));
	trie->spare = make(max_groups, sizeof(*trie->spare));
	if (trie->root == NULL || trie->root_lens == NULL || trie->groups == NULL ||
		trie->group_lens == NULL || trie->meta == NULL || trie->spare == NULL)
		goto fail;
	*out = trie;
	return 0;
fail:
	l3_trie_destroy(trie);
	return err_set(err, ERR_NO_RESOURCE, NULL, NULL,
		"no memory for a routing table of %u groups", max_groups);
}

void
l3_trie_destroy(struct l3_trie *trie)
{
	if (trie == NULL)
		return;
	rte_free(trie->root);
	rte_free(trie->root_lens);
	rte_free(trie->groups);
	rte_free(trie->group_lens);
	rte_free(trie->meta);
	rte_free(trie->spare);
	free(trie);
}

static void *
make(size_t n, size_t size)
{
	return rte_zmalloc("l3-trie", (n + 1) * size, 64);
}

/* ---- changes ---- */

int
l3_trie_add(struct l3_trie *trie, const uint8_t *ip, unsigned len, uint32_t value)
{
	struct way way;

	if (missing(trie, ip, len) > trie->n_spare + trie->max - trie->n_used)
		return -ENOSPC;
	walk(trie, ip, len, true, &way);
	for (unsigned i = 0; i < way.n; i++)
		trie->meta[way.groups[i]].n++;
	write_range(trie, way.first, way.first_len, way.n_entries, len, value);
	return 0;
}

void
l3_trie_del(struct l3_trie *trie, const uint8_t *ip, unsigned len, uint32_t cover,
	unsigned cover_len, struct l3_trie_freed *freed)
{
	struct way way;

	freed->n = 0;
	walk(trie, ip, len, false, &way);
	restore_range(
		trie, way.first, way.first_len, way.n_entries, len, cover, cover_len);
	while (way.n-- > 0) {
		struct l3_trie_group *group = &trie->meta[way.groups[way.n]];

		if (--group->n > 0)
			continue;
		store(way.entries[way.n], group->base);
		freed->groups[freed->n++] = way.groups[way.n];
	}
}

void
l3_trie_release(struct l3_trie *trie, uint32_t group)
{
	trie->spare[trie->n_spare++] = group;
}

/* How many groups the way of a prefix lacks. */
static unsigned
missing(const struct l3_trie *trie, const uint8_t *ip, unsigned len)
{
	uint32_t entry = trie->root[(uint32_t)ip[0] << 16 | ip[1] << 8 | ip[2]];

	for (unsigned bits = L3_TRIE_ROOT_BITS; bits < len; bits += 8) {
		if (!(entry & L3_TRIE_GROUP))
			return (len - bits + 7) / 8;
		entry = group_entries(trie, entry & ~L3_TRIE_GROUP)[ip[bits / 8]];
	}
	return 0;
}

/* Follows a prefix to its own entries; makes the groups on its way if told to grow, else
 * they are there. */
static void
walk(struct l3_trie *trie, const uint8_t *ip, unsigned len, bool grow, struct way *way)
{
	uint32_t index = (uint32_t)ip[0] << 16 | ip[1] << 8 | ip[2];
	unsigned bits = L3_TRIE_ROOT_BITS;

	way->n = 0;
	way->first = &trie->root[index];
	way->first_len = &trie->root_lens[index];
	for (; bits < len; bits += 8) {
		uint32_t entry = *way->first;

		if (grow && !(entry & L3_TRIE_GROUP)) {
			entry = L3_TRIE_GROUP | take_group(trie, entry, *way->first_len);
			store(way->first, entry);
		}
		const uint32_t group = entry & ~L3_TRIE_GROUP;

		way->entries[way->n] = way->first;
		way->groups[way->n++] = group;
		way->first = group_entries(trie, group) + ip[bits / 8];
		way->first_len = group_lens(trie, group) + ip[bits / 8];
	}
	way->n_entries = 1u << (bits - len);
}

/* A group in which every address has the answer that it had before. */
static uint32_t
take_group(struct l3_trie *trie, uint32_t base, uint8_t base_len)
{
	const uint32_t group =
		trie->n_spare > 0 ? trie->spare[--trie->n_spare] : trie->n_used++;
	uint32_t *entries = group_entries(trie, group);

	trie->meta[group] = (struct l3_trie_group){.base = base};
	for (unsigned i = 0; i < GROUP_SIZE; i++)
		entries[i] = base;
	memset(group_lens(trie, group), base_len, GROUP_SIZE);
	return group;
}

/* Longer prefixes keep what is theirs. */
static void
write_range(struct l3_trie *trie, uint32_t *entry, uint8_t *lens, uint32_t n,
	unsigned len, uint32_t value)
{
	for (uint32_t i = 0; i < n; i++) {
		if (lens[i] > len)
			continue;
		lens[i] = (uint8_t)len;
		if (!(entry[i] & L3_TRIE_GROUP)) {
			store(&entry[i], value);
			continue;
		}
		const uint32_t group = entry[i] & ~L3_TRIE_GROUP;

		trie->meta[group].base = value;
		write_range(trie, group_entries(trie, group), group_lens(trie, group),
			GROUP_SIZE, len, value);
	}
}

/* What has the length of the prefix is the prefix's own: it is the only one of that
 * length here. */
static void
restore_range(struct l3_trie *trie, uint32_t *entry, uint8_t *lens, uint32_t n,
	unsigned len, uint32_t value, unsigned value_len)
{
	for (uint32_t i = 0; i < n; i++) {
		if (lens[i] != len)
			continue;
		lens[i] = (uint8_t)value_len;
		if (!(entry[i] & L3_TRIE_GROUP)) {
			store(&entry[i], value);
			continue;
		}
		const uint32_t group = entry[i] & ~L3_TRIE_GROUP;

		trie->meta[group].base = value;
		restore_range(trie, group_entries(trie, group), group_lens(trie, group),
			GROUP_SIZE, len, value, value_len);
	}
}

/* ---- look-ups ---- */

void
l3_trie_find4(
	const struct l3_trie *trie, const uint32_t *ips, uint64_t *values, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		values[i] = load(&trie->root[ips[i] >> 8]);
	for (unsigned i = 0; i < n; i++)
		if (values[i] & L3_TRIE_GROUP)
			values[i] = load(group_entries(trie,
						 (uint32_t)values[i] & ~L3_TRIE_GROUP) +
					 (ips[i] & 0xff));
}

void
l3_trie_find6(
	const struct l3_trie *trie, uint8_t (*ips)[16], uint64_t *values, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		values[i] = load(&trie->root[(uint32_t)ips[i][0] << 16 | ips[i][1] << 8 |
					     ips[i][2]]);
	for (unsigned i = 0; i < n; i++) {
		uint32_t entry = (uint32_t)values[i];

		for (unsigned byte = 3; entry & L3_TRIE_GROUP; byte++)
			entry = load(group_entries(trie, entry & ~L3_TRIE_GROUP) +
				     ips[i][byte]);
		values[i] = entry;
	}
}
