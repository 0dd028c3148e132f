/* nexthops.c: see nexthops.h. */
#include "vnfs/router/nexthops.h"
#include <errno.h>
#include <stdlib.h>

struct nexthop {
	uint32_t id;
	bool blackhole, used;
	struct netlink_hop hop;
	unsigned n_members;
	struct netlink_member members[];
};

static uint32_t slot_of(const struct nexthops *table, uint32_t id);
static int grow(struct nexthops *table);

static bool has(const struct nexthop *object, uint32_t member);
static bool is_used(const struct nexthops *table, uint32_t id);

static struct nexthop *
find(const struct nexthops *table, uint32_t id)
{
	return table->size > 0 ? table->slots[slot_of(table, id)] : NULL;
}

int
nexthops_put(struct nexthops *table, const struct netlink_nexthop *nexthop, bool *used)
{
	const size_t members = nexthop->n_members * sizeof(nexthop->members[0]);
	struct nexthop *object = malloc(sizeof(*object) + members);

	if (object == NULL || grow(table) < 0) {
		free(object);
		return -ENOMEM;
	}
	*object = (struct nexthop){.id = nexthop->id,
		.blackhole = nexthop->blackhole,
		.hop = nexthop->hop,
		.n_members = nexthop->n_members};
	for (unsigned i = 0; i < nexthop->n_members; i++)
		object->members[i] = nexthop->members[i];
	struct nexthop **slot = &table->slots[slot_of(table, nexthop->id)];

	*used = is_used(table, nexthop->id);
	object->used = *slot != NULL && (*slot)->used;
	table->n += *slot == NULL;
	free(*slot);
	*slot = object;
	return 0;
}

void
nexthops_del(struct nexthops *table, uint32_t id)
{
	const uint32_t mask = table->size - 1;

	if (find(table, id) == NULL)
		return;
	uint32_t i = slot_of(table, id);

	free(table->slots[i]);
	table->slots[i] = NULL;
	table->n--;
	/* those behind it are put where they are found */
	for (i = (i + 1) & mask; table->slots[i] != NULL; i = (i + 1) & mask) {
		struct nexthop *object = table->slots[i];

		table->slots[i] = NULL;
		table->slots[slot_of(table, object->id)] = object;
	}
}

bool
nexthops_resolve(struct nexthops *table, uint32_t id, struct netlink_hop *hops,
	unsigned *n, bool *blackhole)
{
	struct nexthop *object = find(table, id);

	*n = 0;
	*blackhole = object != NULL && object->blackhole;
	if (object == NULL)
		return false;
	object->used = true;
	if (object->n_members == 0) {
		hops[(*n)++] = object->hop;
		return true;
	}
	for (unsigned i = 0; i < object->n_members; i++) {
		const struct nexthop *member = find(table, object->members[i].id);

		if (member == NULL || member->n_members > 0 || member->blackhole)
			continue;
		hops[*n] = member->hop;
		hops[(*n)++].weight = object->members[i].weight;
	}
	return true;
}

bool
nexthops_has(const struct nexthops *table, uint32_t id, uint32_t member)
{
	const struct nexthop *object = find(table, id);

	return id == member || (object != NULL && has(object, member));
}

static bool
has(const struct nexthop *object, uint32_t member)
{
	for (unsigned i = 0; i < object->n_members; i++)
		if (object->members[i].id == member)
			return true;
	return false;
}

static bool
is_used(const struct nexthops *table, uint32_t id)
{
	for (uint32_t i = 0; i < table->size; i++) {
		const struct nexthop *object = table->slots[i];

		if (object != NULL && object->used &&
			(object->id == id || has(object, id)))
			return true;
	}
	return false;
}

void
nexthops_clear(struct nexthops *table)
{
	for (uint32_t i = 0; i < table->size; i++)
		free(table->slots[i]);
	free(table->slots);
	*table = (struct nexthops){0};
}

/* Where it is, or would be. There is always a free slot. */
static uint32_t
slot_of(const struct nexthops *table, uint32_t id)
{
	const uint32_t mask = table->size - 1;
	uint32_t i = id * 0x9e3779b1u >> 7 & mask;

	while (table->slots[i] != NULL && table->slots[i]->id != id)
		i = (i + 1) & mask;
	return i;
}

static int
grow(struct nexthops *table)
{
	if (table->n < table->size / 2)
		return 0;
	struct nexthops bigger = {
		.size = table->size == 0 ? 64 : table->size * 2, .n = table->n};

	bigger.slots = calloc(bigger.size, sizeof(struct nexthop *));
	if (bigger.slots == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < table->size; i++)
		if (table->slots[i] != NULL)
			bigger.slots[slot_of(&bigger, table->slots[i]->id)] =
				table->slots[i];
	free(table->slots);
	*table = bigger;
	return 0;
}
