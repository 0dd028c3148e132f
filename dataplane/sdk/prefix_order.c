/* prefix_order.c: see prefix_order.h. IPv4 prefixes are sorted by the digits of a number
 * that stands for them (least significant first), the others by comparison. */
#include "dataplane/sdk/prefix_order.h"
#include <stdlib.h>
#include <string.h>

#define DIGIT_BITS 13
#define DIGITS	   3 /* of an address and its length: 32 and 6 bits */
#define RANGE	   (1u << DIGIT_BITS)

struct key {
	uint64_t value;
	uint32_t i;
};

struct item {
	struct net_prefix prefix;
	uint32_t i;
};

struct list {
	const char *first;
	size_t stride;
	uint32_t n, n_v4;
};

static int order_v4(const struct list *list, uint32_t *order);
static void fill_keys(const struct list *list, struct key *keys);
static void sort_by_digit(
	const struct key *from, struct key *to, uint32_t n, unsigned digit);
static int order_others(const struct list *list, uint32_t *order);
static int compare(const void *a, const void *b);

static const struct net_prefix *
prefix_at(const struct list *list, uint32_t i)
{
	return (const struct net_prefix *)(list->first + i * list->stride);
}

uint32_t *
prefix_order(const struct net_prefix *first, size_t stride, uint32_t n)
{
	struct list list = {.first = (const char *)first, .stride = stride, .n = n};
	uint32_t *order = malloc((n + 1ul) * sizeof(*order));

	for (uint32_t i = 0; i < n; i++)
		list.n_v4 += prefix_at(&list, i)->addr.family == 4;
	if (order != NULL && order_v4(&list, order) == 0 &&
		order_others(&list, order + list.n_v4) == 0)
		return order;
	free(order);
	return NULL;
}

static int
order_v4(const struct list *list, uint32_t *order)
{
	const uint32_t n = list->n_v4;
	struct key *keys = malloc((n + 1ul) * sizeof(*keys));
	struct key *other = malloc((n + 1ul) * sizeof(*other));
	const int rc = keys == NULL || other == NULL ? -1 : 0;

	if (rc == 0)
		fill_keys(list, keys);
	for (unsigned digit = 0; digit < DIGITS && rc == 0; digit++) {
		struct key *const sorted = other;

		sort_by_digit(keys, sorted, n, digit);
		other = keys;
		keys = sorted;
	}
	for (uint32_t i = 0; i < n && rc == 0; i++)
		order[i] = keys[i].i;
	free(keys);
	free(other);
	return rc;
}

static void
fill_keys(const struct list *list, struct key *keys)
{
	for (uint32_t i = 0, k = 0; i < list->n; i++) {
		const struct net_prefix *prefix = prefix_at(list, i);

		if (prefix->addr.family == 4)
			keys[k++] = (struct key){
				(uint64_t)net_addr_v4(&prefix->addr) << 6 | prefix->len,
				i};
	}
}

/* Keeps the order of those that have the same digit. */
static void
sort_by_digit(const struct key *from, struct key *to, uint32_t n, unsigned digit)
{
	const unsigned shift = digit * DIGIT_BITS;
	uint32_t at[RANGE + 1] = {0};

	for (uint32_t i = 0; i < n; i++)
		at[(from[i].value >> shift & (RANGE - 1)) + 1]++;
	for (uint32_t d = 1; d < RANGE; d++)
		at[d] += at[d - 1];
	for (uint32_t i = 0; i < n; i++)
		to[at[from[i].value >> shift & (RANGE - 1)]++] = from[i];
}

static int
order_others(const struct list *list, uint32_t *order)
{
	const uint32_t n = list->n - list->n_v4;
	struct item *items = malloc((n + 1ul) * sizeof(*items));

	if (items == NULL)
		return -1;
	for (uint32_t i = 0, k = 0; i < list->n; i++)
		if (prefix_at(list, i)->addr.family != 4)
			items[k++] = (struct item){*prefix_at(list, i), i};
	qsort(items, n, sizeof(*items), compare);
	for (uint32_t i = 0; i < n; i++)
		order[i] = items[i].i;
	free(items);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	const int order = net_addr_cmp(&x->prefix.addr, &y->prefix.addr);

	if (order != 0)
		return order;
	if (x->prefix.len != y->prefix.len)
		return x->prefix.len < y->prefix.len ? -1 : 1;
	return x->i < y->i ? -1 : 1;
}
