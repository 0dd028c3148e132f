/* source.c: see source.h. */
#include "vnfs/firewall/source.h"

#include <stdlib.h>
#include <string.h>
#include <rte_malloc.h>

#define SECOND_NS 1000000000ull
#define WAYS	  8 /* places where a source may stand: two cache lines */

struct place {
	uint32_t tag;	  /* upper half of the hash */
	uint32_t flows;	  /* now */
	uint64_t full_ns; /* when its bucket is full again */
};

struct sources {
	struct place *places;
	uint32_t mask; /* groups of WAYS - 1 */
	uint64_t secret[2];
};

struct where {
	struct place *group;
	uint32_t tag;
};

static struct where where_of(
	const struct sources *sources, uint8_t family, const uint8_t addr[16]);
static struct place *find(const struct where *where);
static struct place *find_room(const struct where *where, uint64_t now_ns);

struct sources *
sources_create(uint32_t max_flows, uint64_t seed)
{
	struct sources *sources = calloc(1, sizeof(*sources));
	uint32_t groups = 1;

	while ((uint64_t)groups * WAYS < 2ull * max_flows)
		groups *= 2;
	if (sources == NULL)
		return NULL;
	sources->mask = groups - 1;
	sources->secret[0] = seed * 0x9e3779b97f4a7c15ull | 1;
	sources->secret[1] = (seed ^ seed >> 31) * 0xbf58476d1ce4e5b9ull | 1;
	sources->places = rte_zmalloc(
		"firewall-sources", (size_t)groups * WAYS * sizeof(*sources->places), 64);
	if (sources->places == NULL) {
		free(sources);
		return NULL;
	}
	return sources;
}

void
sources_destroy(struct sources *sources)
{
	if (sources == NULL)
		return;
	rte_free(sources->places);
	free(sources);
}

void
source_limits_of(struct source_limits *limits, uint32_t max_flows, uint64_t rate)
{
	limits->max_flows = max_flows;
	limits->interval_ns = rate > 0 ? SECOND_NS / rate : 0;
}

enum source_verdict
source_take(struct sources *sources, uint8_t family, const uint8_t addr[16],
	const struct source_limits *limits, uint64_t now_ns)
{
	const struct where where = where_of(sources, family, addr);
	struct place *place = find(&where);

	if (place == NULL) {
		place = find_room(&where, now_ns);
		if (place == NULL)
			return SOURCE_NOT_COUNTED;
		*place = (struct place){.tag = where.tag};
	}
	if (limits != NULL && limits->max_flows > 0 && place->flows >= limits->max_flows)
		return SOURCE_TOO_MANY;
	if (limits != NULL && limits->interval_ns > 0) {
		const uint64_t full_ns =
			place->full_ns > now_ns ? place->full_ns : now_ns;

		if (full_ns + limits->interval_ns > now_ns + SECOND_NS)
			return SOURCE_TOO_FAST;
		place->full_ns = full_ns + limits->interval_ns;
	}
	place->flows++;
	return SOURCE_COUNTED;
}

void
source_give(struct sources *sources, uint8_t family, const uint8_t addr[16])
{
	const struct where where = where_of(sources, family, addr);
	struct place *place = find(&where);

	if (place != NULL && place->flows > 0)
		place->flows--;
}

/* ---- places ---- */

static inline uint64_t
mix(uint64_t a, uint64_t b)
{
	const unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static struct where
where_of(const struct sources *sources, uint8_t family, const uint8_t addr[16])
{
	uint64_t word, hash;

	memcpy(&word, addr, sizeof(word));
	hash = mix(word ^ sources->secret[0], sources->secret[1] ^ family);
	hash = mix(hash ^ sources->secret[1], sources->secret[0]);
	return (struct where){
		.group = &sources->places[((uint32_t)hash & sources->mask) * WAYS],
		.tag = (uint32_t)(hash >> 32)};
}

static inline bool
is_free(const struct place *place, uint64_t now_ns)
{
	return place->flows == 0 && place->full_ns <= now_ns;
}

/* A tag without flows and with a full bucket is as good as none. */
static struct place *
find(const struct where *where)
{
	for (unsigned i = 0; i < WAYS; i++) {
		struct place *place = &where->group[i];

		if (place->tag == where->tag && !is_free(place, 0))
			return place;
	}
	return NULL;
}

/* A free one; else that of the source without flows whose bucket is nearest to full. */
static struct place *
find_room(const struct where *where, uint64_t now_ns)
{
	struct place *best = NULL;

	for (unsigned i = 0; i < WAYS; i++) {
		struct place *place = &where->group[i];

		if (is_free(place, now_ns))
			return place;
		if (place->flows == 0 && (best == NULL || place->full_ns < best->full_ns))
			best = place;
	}
	return best;
}
