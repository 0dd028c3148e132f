/* l3_packed.c: see l3_packed.h. */
#include "dataplane/sdk/l3_packed.h"
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <rte_branch_prediction.h>
#include <rte_malloc.h>
#include <rte_prefetch.h>
#include "dataplane/sdk/l3_fib.h"

#define ROOT_BITS 16
#define ROOT_SIZE (1u << ROOT_BITS)
#define NODE_BITS 8
#define NODE_SIZE (1u << NODE_BITS)
#define NODE	  (1ull << 63)	    /* in an entry: the rest is a node's number */
#define HUGE	  ((size_t)2 << 20) /* from half of it on worth a huge page of its own */

struct node {		    /* a cache line */
	uint64_t starts[4]; /* bit b: at byte b a run begins */
	uint32_t first[4];  /* entry before the first run that begins in a word */
	uint32_t reserved[4];
};

_Static_assert(sizeof(struct node) == 64, "a node is a cache line");

struct l3_packed { /* one block */
	const struct node *nodes;
	const uint64_t *entries;
	/* A node's number with ROOT_NODE, or the place of an entry with the answer. */
	uint32_t root[ROOT_SIZE] __attribute__((aligned(64)));
};
#define ROOT_NODE 0x80000000u

/* ---- building ---- */

struct draft {
	const struct l3_fib_route *routes;
	uint64_t *root;
	struct node *nodes;
	uint64_t *entries;
	size_t n_nodes, room_nodes, n_entries, room_entries;
	bool no_memory;
};

struct part { /* of the routes, those of one entry that are longer than its bits */
	uint32_t from, to;
};

static void draft_table(struct draft *draft, struct part part, unsigned depth,
	unsigned bits, uint64_t inherited, uint64_t *entries);
static uint64_t draft_node(
	struct draft *draft, struct part part, unsigned depth, uint64_t inherited);
static bool make_room(struct draft *draft, size_t nodes, size_t entries);
static struct l3_packed *pack(struct draft *draft);

int
l3_packed_create(struct l3_packed **out, const struct l3_fib_route *routes, size_t n)
{
	struct draft draft = {
		.routes = routes, .root = malloc(ROOT_SIZE * sizeof(*draft.root))};

	*out = NULL;
	if (draft.root != NULL) {
		draft_table(&draft, (struct part){0, (uint32_t)n}, 0, ROOT_BITS,
			L3_FIB_NONE, draft.root);
		if (make_room(&draft, 0, ROOT_SIZE))
			*out = pack(&draft);
	}
	free(draft.root);
	free(draft.nodes);
	free(draft.entries);
	return *out != NULL ? 0 : -ENOMEM;
}

void
l3_packed_destroy(struct l3_packed *packed)
{
	rte_free(packed);
}

/* The `bits` bits of an address behind the first `depth`; both are whole bytes. */
static uint32_t
index_of(const struct l3_fib_route *route, unsigned depth, unsigned bits)
{
	const uint8_t *byte = &route->prefix.addr.bytes[depth / 8];

	return bits == ROOT_BITS ? (uint32_t)byte[0] << 8 | byte[1] : byte[0];
}

/* Writes the entries that `bits` bits behind the first `depth` choose among. A prefix
 * comes behind those that cover it, so it writes over what they wrote, and where longer
 * ones lead to a node nothing is written afterwards. */
static void
draft_table(struct draft *draft, struct part part, unsigned depth, unsigned bits,
	uint64_t inherited, uint64_t *entries)
{
	for (uint32_t i = 0; i < 1u << bits; i++)
		entries[i] = inherited;
	while (part.from < part.to) {
		const struct l3_fib_route *route = &draft->routes[part.from];
		const uint32_t at = index_of(route, depth, bits);
		const uint64_t answer = (uint64_t)route->hint << 32 | route->value;
		struct part longer = {part.from, part.from + 1};

		if (route->prefix.len <= depth + bits) {
			for (uint32_t i = 0; i < 1u << (depth + bits - route->prefix.len);
				i++)
				entries[at + i] = answer;
			part.from++;
			continue;
		}
		while (longer.to < part.to &&
			index_of(&draft->routes[longer.to], depth, bits) == at)
			longer.to++;
		entries[at] = draft_node(draft, longer, depth + bits, entries[at]);
		part.from = longer.to;
	}
}

/* Room for n more elements behind those of a growing array; null when there is no memory.
 */
static void *
grow(void *list, size_t n_used, size_t n, size_t *room, size_t size)
{
	const size_t more = 2 * (n_used + n) + 1024;

	if (n_used + n <= *room)
		return list;
	void *bigger = reallocarray(list, more, size);

	if (bigger != NULL)
		*room = more;
	return bigger;
}

/* For so many more. False: there was no memory, now or before. */
static bool
make_room(struct draft *draft, size_t nodes, size_t entries)
{
	void *list = grow(draft->nodes, draft->n_nodes, nodes, &draft->room_nodes,
		sizeof(*draft->nodes));

	if (list != NULL)
		draft->nodes = list;
	else
		draft->no_memory = nodes > 0;
	list = grow(draft->entries, draft->n_entries, entries, &draft->room_entries,
		sizeof(*draft->entries));
	if (list != NULL)
		draft->entries = list;
	else
		draft->no_memory = true;
	return !draft->no_memory;
}

/* A node of these entries, as the entry that leads to it. */
static uint64_t
add_node(struct draft *draft, const uint64_t *entries)
{
	struct node node = {0};

	if (!make_room(draft, 1, NODE_SIZE))
		return L3_FIB_NONE;
	for (unsigned i = 0; i < NODE_SIZE; i++) {
		if (i % 64 == 0)
			node.first[i / 64] = (uint32_t)draft->n_entries - 1;
		if (i > 0 && entries[i] == entries[i - 1])
			continue;
		node.starts[i / 64] |= 1ull << i % 64;
		draft->entries[draft->n_entries++] = entries[i];
	}
	draft->nodes[draft->n_nodes] = node;
	return NODE | draft->n_nodes++;
}

static uint64_t
draft_node(struct draft *draft, struct part part, unsigned depth, uint64_t inherited)
{
	uint64_t entries[NODE_SIZE];

	draft_table(draft, part, depth, NODE_BITS, inherited, entries);
	return add_node(draft, entries);
}

/* The root's answers go to the other entries, equal neighbours once. */
static void
pack_root(struct draft *draft, uint32_t *root)
{
	for (uint32_t i = 0; i < ROOT_SIZE; i++) {
		const uint64_t entry = draft->root[i];

		if (entry & NODE)
			root[i] = ROOT_NODE | (uint32_t)entry;
		else if (i > 0 && entry == draft->root[i - 1])
			root[i] = root[i - 1];
		else {
			root[i] = (uint32_t)draft->n_entries;
			draft->entries[draft->n_entries++] = entry;
		}
	}
}

static struct l3_packed *
pack(struct draft *draft)
{
	const size_t nodes = draft->n_nodes * sizeof(*draft->nodes),
		     entries = (draft->n_entries + ROOT_SIZE) * sizeof(*draft->entries);
	size_t size = sizeof(struct l3_packed) + nodes + entries;

	if (size > HUGE / 2 && size < HUGE)
		size = HUGE;
	struct l3_packed *packed = rte_malloc("l3-packed", size, 64);

	if (packed == NULL)
		return NULL;
	uint8_t *at = (uint8_t *)(packed + 1);

	packed->nodes = (const struct node *)at;
	packed->entries = (const uint64_t *)(at + nodes);
	pack_root(draft, packed->root);
	if (nodes > 0)
		memcpy(at, draft->nodes, nodes);
	memcpy(at + nodes, draft->entries, draft->n_entries * sizeof(*draft->entries));
	return packed;
}

/* ---- look-ups ---- */

static inline void
prefetch_node(const struct l3_packed *packed, uint64_t entry)
{
	if (entry & NODE)
		rte_prefetch0(&packed->nodes[entry & ~NODE]);
}

/* Where the entry of a byte is: the run that it is in began at it or before. */
static inline uint32_t
entry_of(const struct l3_packed *packed, uint32_t number, uint8_t byte)
{
	const struct node *node = &packed->nodes[number];
	const uint64_t begun = node->starts[byte / 64] << (63 - byte % 64);

	return node->first[byte / 64] + (uint32_t)__builtin_popcountll(begun);
}

/* The first two bytes of an address decide on at: a place among the entries, and its
 * cache line is on its way, or a node. */
static inline void
prefetch_root(const struct l3_packed *packed, uint32_t at)
{
	if (at & ROOT_NODE)
		rte_prefetch0(&packed->nodes[at & ~ROOT_NODE]);
	else
		rte_prefetch0(&packed->entries[at]);
}

void
l3_packed_find4(
	const struct l3_packed *packed, const uint32_t *ips, uint64_t *values, unsigned n)
{
	uint32_t at[L3_PACKED_BULK];

	assert(n <= L3_PACKED_BULK);
	for (unsigned i = 0; i < n; i++) {
		at[i] = packed->root[ips[i] >> 16];
		prefetch_root(packed, at[i]);
	}
	for (unsigned i = 0; i < n; i++)
		if (at[i] & ROOT_NODE) {
			at[i] = entry_of(
				packed, at[i] & ~ROOT_NODE, (uint8_t)(ips[i] >> 8));
			rte_prefetch0(&packed->entries[at[i]]);
		}
	for (unsigned i = 0; i < n; i++) {
		const uint64_t entry = packed->entries[at[i]];

		values[i] = unlikely(entry & NODE)
				    ? packed->entries[entry_of(
					      packed, (uint32_t)entry, (uint8_t)ips[i])]
				    : entry;
	}
}

/* One byte further for those of the n addresses that are not answered; how many they are
 * then. */
static unsigned
step6(const struct l3_packed *packed, uint8_t (*ips)[16], unsigned byte, uint64_t *values,
	uint8_t *open, unsigned n)
{
	uint32_t at[L3_PACKED_BULK];
	unsigned left = 0;

	for (unsigned i = 0; i < n; i++) {
		at[i] = entry_of(packed, (uint32_t)values[open[i]], ips[open[i]][byte]);
		rte_prefetch0(&packed->entries[at[i]]);
	}
	for (unsigned i = 0; i < n; i++) {
		const uint64_t entry = packed->entries[at[i]];

		values[open[i]] = entry;
		prefetch_node(packed, entry);
		if (entry & NODE)
			open[left++] = open[i];
	}
	return left;
}

void
l3_packed_find6(
	const struct l3_packed *packed, uint8_t (*ips)[16], uint64_t *values, unsigned n)
{
	uint32_t at[L3_PACKED_BULK];
	uint8_t open[L3_PACKED_BULK];
	unsigned left = 0;

	assert(n <= L3_PACKED_BULK);
	for (unsigned i = 0; i < n; i++) {
		at[i] = packed->root[(uint32_t)ips[i][0] << 8 | ips[i][1]];
		prefetch_root(packed, at[i]);
	}
	for (unsigned i = 0; i < n; i++)
		if (at[i] & ROOT_NODE) {
			values[i] = NODE | (at[i] & ~ROOT_NODE);
			open[left++] = (uint8_t)i;
		} else {
			values[i] = packed->entries[at[i]];
		}
	for (unsigned byte = ROOT_BITS / 8; left > 0; byte++)
		left = step6(packed, ips, byte, values, open, left);
}
