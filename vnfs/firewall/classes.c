/* classes.c: see classes.h. */
#include <stdbool.h>
#include <stddef.h>
#include "vnfs/firewall/classes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int grow(struct classes *c);

void
classes_init(struct classes *c, unsigned words)
{
	*c = (struct classes){.words = words};
}

void
classes_clear(struct classes *c)
{
	free(c->sets);
	free(c->slots);
	*c = (struct classes){0};
}

static unsigned
hash(const struct classes *c, const uint64_t *set)
{
	uint64_t h = 0;

	for (unsigned i = 0; i < c->words; i++) {
		h = (h ^ set[i]) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 32;
	}
	return (unsigned)h;
}

static inline bool
is_same(const struct classes *c, unsigned number, const uint64_t *set)
{
	return memcmp(classes_set(c, number), set, c->words * sizeof(*set)) == 0;
}

/* Where it is, or where it would be. */
static uint32_t *
slot_of(const struct classes *c, const uint64_t *set)
{
	unsigned at = hash(c, set) & c->mask;

	while (c->slots[at] != 0 && !is_same(c, c->slots[at] - 1, set))
		at = (at + 1) & c->mask;
	return &c->slots[at];
}

int
classes_number(struct classes *c, const uint64_t *set)
{
	uint32_t *slot;

	if (c->n == c->room) {
		int rc = grow(c);

		if (rc < 0)
			return rc;
	}
	slot = slot_of(c, set);
	if (*slot == 0) {
		memcpy(c->sets + (size_t)c->n * c->words, set, c->words * sizeof(*set));
		*slot = ++c->n;
	}
	return (int)*slot - 1;
}

/* To twice the room, at most half of the slots in use. */
static int
grow(struct classes *c)
{
	const unsigned room = c->room == 0 ? 64 : 2 * c->room;
	uint64_t *sets;
	uint32_t *slots;

	if (c->room > CLASSES_MAX)
		return -E2BIG;
	sets = realloc(c->sets, (size_t)room * c->words * sizeof(*sets));
	if (sets == NULL)
		return -ENOMEM;
	c->sets = sets;
	slots = calloc(2 * (size_t)room, sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	free(c->slots);
	c->slots = slots;
	c->mask = 2 * room - 1;
	c->room = room;
	for (unsigned i = 0; i < c->n; i++)
		*slot_of(c, classes_set(c, i)) = i + 1;
	return 0;
}
