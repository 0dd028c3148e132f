/* flow_cache_path.c: the paths that entries share; see flow_cache_parts.h. */
#include "dataplane/runtime/flow_cache_parts.h"

static uint16_t *head_of(struct flow_cache *cache, const struct path *path);
static uint16_t take_free(struct flow_cache *cache);

uint16_t
path_hold(struct flow_cache *cache, const struct path *path)
{
	uint16_t *head = head_of(cache, path), number;

	for (uint16_t at = *head; at != 0; at = cache->paths[at - 1].is.next)
		if (memcmp(&cache->paths[at - 1], path, PATH_KEY) == 0) {
			cache->paths[at - 1].is.entries++;
			return at - 1;
		}
	number = take_free(cache);
	if (number == NO_PATH)
		return NO_PATH;
	memcpy(&cache->paths[number], path, PATH_KEY);
	cache->paths[number].is = (struct path_is){.entries = 1, .next = *head};
	*head = number + 1;
	return number;
}

void
path_drop(struct flow_cache *cache, uint16_t number)
{
	struct path *path = &cache->paths[number];
	uint16_t *at = head_of(cache, path);

	if (--path->is.entries > 0)
		return;
	while (*at != number + 1)
		at = &cache->paths[*at - 1].is.next;
	*at = path->is.next;
	path->is.next = cache->free_path;
	cache->free_path = number;
}

static uint16_t *
head_of(struct flow_cache *cache, const struct path *path)
{
	const uint8_t *bytes = (const uint8_t *)path;
	uint64_t hash = 0, word;

	for (unsigned i = 0; i + sizeof(word) <= PATH_KEY; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 29;
	}
	return &cache->path_heads[hash % PATH_HEADS];
}

static uint16_t
take_free(struct flow_cache *cache)
{
	const uint16_t number = cache->free_path;

	if (number != NO_PATH) {
		cache->free_path = cache->paths[number].is.next;
		return number;
	}
	return cache->n_paths < ENTRY_PATHS ? (uint16_t)cache->n_paths++ : NO_PATH;
}

void
path_count(struct flow_cache *cache, const struct path *path)
{
	const uint64_t packets = path->is.packets, bytes = path->is.bytes,
		       padding = path->is.padding;

	for (unsigned i = 0; i < path->n; i++) {
		const struct path_hop *hop = &path->hops[i];
		struct shm_slot_counters *counters =
			&cache->members[hop->member].x->slot->counters;
		struct shm_cp_counters *cp = &counters->cps[hop->in];

		if (i > 0) {
			cp->rx_packets += packets;
			cp->rx_bytes += bytes + (i <= path->routed ? padding : 0);
			counters->bursts++;
		}
		cp = &counters->cps[hop->out];
		cp->tx_packets += packets;
		cp->tx_bytes += bytes + (i < path->routed ? padding : 0);
	}
}
