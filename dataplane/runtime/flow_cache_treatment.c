/* flow_cache_treatment.c: what entries have in common; see flow_cache_parts.h. */
#include "dataplane/runtime/flow_cache_parts.h"

static uint16_t *head_of(struct flow_cache *cache, const struct treatment *how);
static uint16_t take_free(struct flow_cache *cache);

uint16_t
treatment_hold(struct flow_cache *cache, const struct treatment *how)
{
	uint16_t *head = head_of(cache, how), number;

	for (uint16_t at = *head; at != 0; at = cache->treatments[at - 1].is.next)
		if (memcmp(&cache->treatments[at - 1], how, TREATMENT_KEY) == 0) {
			cache->treatments[at - 1].is.entries++;
			return at - 1;
		}
	number = take_free(cache);
	if (number == NO_TREATMENT)
		return NO_TREATMENT;
	memcpy(&cache->treatments[number], how, TREATMENT_KEY);
	cache->treatments[number].is = (struct treatment_is){.entries = 1, .next = *head};
	*head = number + 1;
	return number;
}

void
treatment_drop(struct flow_cache *cache, uint16_t number)
{
	struct treatment *how = &cache->treatments[number];
	uint16_t *at = head_of(cache, how);

	if (--how->is.entries > 0)
		return;
	while (*at != number + 1)
		at = &cache->treatments[*at - 1].is.next;
	*at = how->is.next;
	how->is.next = cache->free_treatment;
	cache->free_treatment = number;
}

static uint16_t *
head_of(struct flow_cache *cache, const struct treatment *how)
{
	const uint8_t *bytes = (const uint8_t *)how;
	uint64_t hash = 0, word;

	for (unsigned i = 0; i + sizeof(word) <= TREATMENT_KEY; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 29;
	}
	return &cache->heads[hash % TREATMENT_HEADS];
}

static uint16_t
take_free(struct flow_cache *cache)
{
	const uint16_t number = cache->free_treatment;

	if (number != NO_TREATMENT) {
		cache->free_treatment = cache->treatments[number].is.next;
		return number;
	}
	return cache->n_treatments < TREATMENTS ? (uint16_t)cache->n_treatments++
						: NO_TREATMENT;
}
