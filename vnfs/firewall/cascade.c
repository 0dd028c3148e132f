/* cascade.c: the tables of a cascade, looked up; see cascade.h. How they come about:
 * cascade_make.c. */
#include "vnfs/firewall/cascade_parts.h"

#include <string.h>
#include <rte_malloc.h>

void
cascade_destroy(struct cascade *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; i < c->n_chunks; i++)
		rte_free(c->chunks[i].table);
	for (unsigned i = 0; i < c->n_steps; i++)
		rte_free(c->steps[i].table);
	rte_free(c);
}

/* Chunk by chunk and step by step for the whole burst, so that loads overlap. */

static inline void
find_byte(const struct cascade_chunk *chunk, const uint8_t *key, unsigned n, uint16_t *to)
{
	const uint16_t *table = chunk->table;

	key += chunk->offset;
#pragma GCC unroll 4
	for (unsigned i = 0; i < n; i++, key += sizeof(struct match_key))
		to[i] = table[*key];
}

static inline void
find_word(const struct cascade_chunk *chunk, const uint8_t *key, unsigned n, uint16_t *to)
{
	const uint16_t *table = chunk->table;

	key += chunk->offset;
#pragma GCC unroll 4
	for (unsigned i = 0; i < n; i++, key += sizeof(struct match_key)) {
		uint16_t word;

		memcpy(&word, key, sizeof(word));
		to[i] = table[__builtin_bswap16(word)];
	}
}

static inline void
take_step(const struct cascade_step *step, const uint16_t *a, const uint16_t *b,
	unsigned n, uint16_t *to)
{
	const uint16_t *table = step->table;
	const uint32_t columns = step->columns;

#pragma GCC unroll 4
	for (unsigned i = 0; i < n; i++)
		to[i] = table[a[i] * columns + b[i]];
}

void
cascade_find(const struct cascade *c, const struct match_key *keys, unsigned n,
	uint32_t *results)
{
	uint16_t classes[CASCADE_NODES][CASCADE_BURST];
	const unsigned last = c->n_chunks + c->n_steps - 1;

	for (unsigned i = 0; i < c->n_chunks; i++) {
		if (c->chunks[i].wide)
			find_word(&c->chunks[i], (const uint8_t *)keys, n, classes[i]);
		else
			find_byte(&c->chunks[i], (const uint8_t *)keys, n, classes[i]);
	}
	for (unsigned i = 0; i < c->n_steps; i++)
		take_step(&c->steps[i], classes[c->steps[i].a], classes[c->steps[i].b], n,
			classes[c->n_chunks + i]);
	for (unsigned i = 0; i < n; i++)
		results[i] = classes[last][i];
}
