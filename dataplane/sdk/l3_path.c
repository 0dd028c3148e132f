/* l3_path.c: the choice among next hops; see l3_path.h. */
#include "dataplane/sdk/l3_path.h"
#include <string.h>

#define MULTIPLIER 0x9e3779b97f4a7c15ull

static uint64_t
mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * MULTIPLIER;
	return hash ^ hash >> 29;
}

uint32_t
l3_path_hash(const struct pkt_info *info)
{
	uint64_t word[4], hash = (uint64_t)info->proto << 32;

	if (info->flow_label != 0)
		hash |= info->flow_label;
	else if (!info->fragment)
		hash |= (uint32_t)info->sport << 16 | info->dport;
	memcpy(word, info->src, 16);
	memcpy(word + 2, info->dst, 16);
	for (unsigned i = 0; i < 4; i++)
		hash = mix(hash, word[i]);
	return (uint32_t)(hash * 0xbf58476d1ce4e5b9ull >> 32);
}

/* What a hop draws for a flow: evenly distributed, not 0. */
static uint32_t
draw(const struct l3_hop *hop, uint32_t flow)
{
	uint64_t word[2];

	memcpy(word, hop->addr, 16);
	const uint64_t key =
		mix(mix((uint64_t)hop->cp << 32 | flow, word[0]), word[1]) * MULTIPLIER;

	return (uint32_t)(key >> 32) | 1;
}

/* -log2 of u / 2^32. The polynomial is within 0.0002 of log2(1 + x), and meets it at 0
 * and 1. */
static float
cost(uint32_t u)
{
	const int exponent = 31 - __builtin_clz(u);
	const float x = (float)((u << (31 - exponent)) & INT32_MAX) * 0x1p-31f;
	const float log =
		x * (1.4378278f + x * (-0.6711268f + x * (0.3089469f - x * 0.0756479f)));

	return (float)(32 - exponent) - log;
}

static float
weight(const struct l3_hop *hop)
{
	return hop->weight > 1 ? (float)hop->weight : 1.0f;
}

unsigned
l3_path_choose(const struct l3_hop *hops, unsigned n, uint32_t hash)
{
	float least = cost(draw(&hops[0], hash)), least_weight = weight(&hops[0]);
	unsigned best = 0;

	for (unsigned i = 1; i < n; i++) {
		const float c = cost(draw(&hops[i], hash)), w = weight(&hops[i]);

		if (c * least_weight >= least * w)
			continue;
		least = c;
		least_weight = w;
		best = i;
	}
	return best;
}
