/* l3_index.c: see l3_index.h. */
#include "dataplane/sdk/l3_index.h"
#include <errno.h>
#include <string.h>
#include <rte_malloc.h>

static uint32_t hash(const struct net_prefix *prefix);
static uint32_t *count(struct l3_index *index, const struct net_prefix *prefix);

int
l3_index_open(struct l3_index *index, uint32_t max)
{
	uint32_t size = 64;

	while (size < 2 * (uint64_t)max)
		size *= 2;
	*index = (struct l3_index){.mask = size - 1};
	index->slots = rte_zmalloc("l3-index", size * sizeof(*index->slots), 64);
	return index->slots != NULL ? 0 : -ENOMEM;
}

void
l3_index_close(struct l3_index *index)
{
	rte_free(index->slots);
	*index = (struct l3_index){0};
}

uint32_t
l3_index_find(const struct l3_index *index, const struct net_prefix *prefixes,
	const struct net_prefix *prefix)
{
	uint32_t i = hash(prefix) & index->mask;

	for (; index->slots[i] != 0; i = (i + 1) & index->mask)
		if (memcmp(&prefixes[index->slots[i] - 1], prefix, sizeof(*prefix)) == 0)
			return index->slots[i] - 1;
	return L3_INDEX_NONE;
}

uint32_t
l3_index_cover(const struct l3_index *index, const struct net_prefix *prefixes,
	const struct net_prefix *prefix)
{
	const uint32_t *of_len = index->of_len[prefix->addr.family == 6];

	for (unsigned len = prefix->len; len-- > 0;) {
		if (of_len[len] == 0)
			continue;
		const struct net_prefix shorter = net_prefix_network(
			&(struct net_prefix){prefix->addr, (uint8_t)len});
		const uint32_t number = l3_index_find(index, prefixes, &shorter);

		if (number != L3_INDEX_NONE)
			return number;
	}
	return L3_INDEX_NONE;
}

void
l3_index_add(struct l3_index *index, const struct net_prefix *prefixes, uint32_t number)
{
	uint32_t i = hash(&prefixes[number]) & index->mask;

	while (index->slots[i] != 0)
		i = (i + 1) & index->mask;
	index->slots[i] = number + 1;
	index->n++;
	++*count(index, &prefixes[number]);
}

/* Those behind it that would not be found any more move up. */
void
l3_index_del(struct l3_index *index, const struct net_prefix *prefixes, uint32_t number)
{
	uint32_t i = hash(&prefixes[number]) & index->mask;

	while (index->slots[i] != number + 1)
		i = (i + 1) & index->mask;
	for (uint32_t k = (i + 1) & index->mask; index->slots[k] != 0;
		k = (k + 1) & index->mask) {
		const uint32_t home = hash(&prefixes[index->slots[k] - 1]) & index->mask;

		if (((k - home) & index->mask) < ((k - i) & index->mask))
			continue;
		index->slots[i] = index->slots[k];
		i = k;
	}
	index->slots[i] = 0;
	index->n--;
	--*count(index, &prefixes[number]);
}

static uint32_t
hash(const struct net_prefix *prefix)
{
	uint64_t word[2], h = prefix->len;

	memcpy(word, prefix->addr.bytes, 16);
	h = (h ^ word[0]) * 0x9e3779b97f4a7c15ull;
	h = (h ^ h >> 29 ^ word[1]) * 0xbf58476d1ce4e5b9ull;
	return (uint32_t)(h >> 32);
}

static uint32_t *
count(struct l3_index *index, const struct net_prefix *prefix)
{
	return &index->of_len[prefix->addr.family == 6][prefix->len];
}
