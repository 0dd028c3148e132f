/* peers.c: the table of pairs of a mapping and an outside host; see peers.h. */
#include "vnfs/nat/peers.h"
#include <stdlib.h>
#include "vnfs/nat/lazy.h"

struct peer {
	uint32_t mapping, ip;
	uint32_t n; /* 0: empty */
};

struct peers {
	uint64_t secret;
	uint32_t size; /* entries */
	struct peer *list;
};

struct peers *
peers_create(uint32_t n, uint64_t seed)
{
	struct peers *peers = calloc(1, sizeof(*peers));

	if (peers == NULL)
		return NULL;
	peers->secret = (seed ^ 0x9e3779b97f4a7c15ull) * 0xbf58476d1ce4e5b9ull | 1;
	peers->size = n + n / 3 + 2;
	peers->list = lazy_alloc_now(peers->size * sizeof(*peers->list));
	if (peers->list != NULL)
		return peers;
	free(peers);
	return NULL;
}

void
peers_destroy(struct peers *peers)
{
	if (peers == NULL)
		return;
	lazy_free(peers->list, peers->size * sizeof(*peers->list));
	free(peers);
}

static uint32_t
home_of(const struct peers *peers, uint32_t mapping, uint32_t ip)
{
	const uint64_t key = ((uint64_t)mapping << 32 | ip) ^ peers->secret;
	const unsigned __int128 product =
		(unsigned __int128)key * (peers->secret + 0x94d049bb133111ebull);
	const uint64_t hash = (uint64_t)product ^ (uint64_t)(product >> 64);

	return (uint32_t)((uint64_t)(uint32_t)(hash ^ hash >> 32) * peers->size >> 32);
}

static inline uint32_t
behind(const struct peers *peers, uint32_t at)
{
	return at + 1 == peers->size ? 0 : at + 1;
}

/* Where the pair stands, or the empty entry where it belongs. */
static uint32_t
find(const struct peers *peers, uint32_t mapping, uint32_t ip)
{
	uint32_t at = home_of(peers, mapping, ip);

	while (peers->list[at].n != 0 &&
		(peers->list[at].mapping != mapping || peers->list[at].ip != ip))
		at = behind(peers, at);
	return at;
}

void
peers_expect(const struct peers *peers, uint32_t mapping, uint32_t ip)
{
	__builtin_prefetch(&peers->list[home_of(peers, mapping, ip)], 1);
}

bool
peers_has(const struct peers *peers, uint32_t mapping, uint32_t ip)
{
	return peers->list[find(peers, mapping, ip)].n != 0;
}

void
peers_add(struct peers *peers, uint32_t mapping, uint32_t ip)
{
	struct peer *peer = &peers->list[find(peers, mapping, ip)];

	peer->mapping = mapping;
	peer->ip = ip;
	peer->n++;
}

/* How far an entry stands from another, going round. */
static inline uint32_t
distance(const struct peers *peers, uint32_t from, uint32_t to)
{
	return to >= from ? to - from : to + peers->size - from;
}

/* Closes the gap: what stands behind it and may be nearer to its home moves there. */
static void
close_gap(struct peers *peers, uint32_t gap)
{
	uint32_t at = behind(peers, gap);

	for (; peers->list[at].n != 0; at = behind(peers, at)) {
		const struct peer *peer = &peers->list[at];
		const uint32_t home = home_of(peers, peer->mapping, peer->ip);

		if (distance(peers, home, at) < distance(peers, gap, at))
			continue;
		peers->list[gap] = *peer;
		gap = at;
	}
	peers->list[gap].n = 0;
}

void
peers_del(struct peers *peers, uint32_t mapping, uint32_t ip)
{
	const uint32_t at = find(peers, mapping, ip);

	if (peers->list[at].n == 0 || --peers->list[at].n > 0)
		return;
	close_gap(peers, at);
}
