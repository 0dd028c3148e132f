/* l3_hopset.c: see l3_hopset.h. */
#include "dataplane/sdk/l3_hopset.h"
#include <errno.h>
#include <string.h>
#include <rte_malloc.h>

static uint32_t hash(const struct l3_hop *hops, unsigned n);
static bool equal(const struct l3_hop *a, const struct l3_hop *b, unsigned n);
static uint32_t find(const struct l3_hopset *sets, uint32_t chain,
	const struct l3_hop *hops, unsigned n);
static int make(
	struct l3_hopset *sets, const struct l3_hop *hops, unsigned n, uint32_t *number);

int
l3_hopset_open(struct l3_hopset *sets, struct l3_hop *hops, uint32_t first, uint32_t max)
{
	uint32_t size = 64;

	while (size < max)
		size *= 2;
	*sets = (struct l3_hopset){
		.hops = hops, .first = first, .n = first, .max = max, .mask = size - 1};
	sets->refs = rte_zmalloc("l3-hopset", (max + 1) * sizeof(uint32_t), 64);
	sets->next = rte_zmalloc("l3-hopset", (max + 1) * sizeof(uint32_t), 64);
	sets->chains = rte_zmalloc("l3-hopset", size * sizeof(uint32_t), 64);
	if (sets->refs != NULL && sets->next != NULL && sets->chains != NULL)
		return 0;
	l3_hopset_close(sets);
	return -ENOMEM;
}

void
l3_hopset_close(struct l3_hopset *sets)
{
	rte_free(sets->refs);
	rte_free(sets->next);
	rte_free(sets->chains);
	*sets = (struct l3_hopset){0};
}

/* The sizes of sets in one chain may differ: a set's is that of the hops up to its end,
 * which `next` of its last hop does not say, so it is kept in refs' upper half. */
#define REFS_SIZE_SHIFT 25
#define REFS_MASK	((1u << REFS_SIZE_SHIFT) - 1)

int
l3_hopset_get(
	struct l3_hopset *sets, const struct l3_hop *hops, unsigned n, uint32_t *number)
{
	const uint32_t chain = hash(hops, n) & sets->mask;
	uint32_t found = find(sets, chain, hops, n);

	if (found == UINT32_MAX) {
		const int rc = make(sets, hops, n, &found);

		if (rc < 0)
			return rc;
		sets->refs[found] = (uint32_t)n << REFS_SIZE_SHIFT;
		sets->next[found] = sets->chains[chain];
		sets->chains[chain] = found + 1;
	}
	sets->refs[found]++;
	*number = found;
	return 0;
}

bool
l3_hopset_put(struct l3_hopset *sets, uint32_t number, unsigned n)
{
	uint32_t *link = &sets->chains[hash(&sets->hops[number], n) & sets->mask];

	if ((--sets->refs[number] & REFS_MASK) > 0)
		return false;
	while (*link != number + 1)
		link = &sets->next[*link - 1];
	*link = sets->next[number];
	return true;
}

void
l3_hopset_release(struct l3_hopset *sets, uint32_t number, unsigned n)
{
	sets->next[number] = sets->free[n];
	sets->free[n] = number + 1;
}

static uint32_t
find(const struct l3_hopset *sets, uint32_t chain, const struct l3_hop *hops, unsigned n)
{
	for (uint32_t i = sets->chains[chain]; i != 0; i = sets->next[i - 1])
		if (sets->refs[i - 1] >> REFS_SIZE_SHIFT == n &&
			equal(&sets->hops[i - 1], hops, n))
			return i - 1;
	return UINT32_MAX;
}

static int
make(struct l3_hopset *sets, const struct l3_hop *hops, unsigned n, uint32_t *number)
{
	if (sets->free[n] != 0) {
		*number = sets->free[n] - 1;
		sets->free[n] = sets->next[*number];
	} else {
		if (n > sets->max - sets->n)
			return -ENOSPC;
		*number = sets->n;
		sets->n += n;
	}
	memcpy(&sets->hops[*number], hops, n * sizeof(*hops));
	return 0;
}

static bool
equal(const struct l3_hop *a, const struct l3_hop *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (a[i].cp != b[i].cp || a[i].family != b[i].family ||
			a[i].weight != b[i].weight ||
			memcmp(a[i].addr, b[i].addr, sizeof(a->addr)) != 0)
			return false;
	return true;
}

static uint32_t
hash(const struct l3_hop *hops, unsigned n)
{
	uint64_t h = n, word[2];

	for (unsigned i = 0; i < n; i++) {
		memcpy(word, hops[i].addr, 16);
		h = (h ^ word[0] ^ hops[i].cp ^ (uint64_t)hops[i].weight << 40) *
		    0x9e3779b97f4a7c15ull;
		h = (h ^ h >> 29 ^ word[1]) * 0xbf58476d1ce4e5b9ull;
	}
	return (uint32_t)(h >> 32);
}
