/* test_prefix_order.c: large lists of prefixes in their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/sdk/prefix_order.h"

#define N 5000

struct entry {
	struct net_prefix prefix;
	unsigned other;
};

static int
cmp(const struct net_prefix *a, const struct net_prefix *b)
{
	const int order = net_addr_cmp(&a->addr, &b->addr);

	return order != 0 ? order : (int)a->len - (int)b->len;
}

/* Few values for each part, so that many share some, or all of them. */
static struct net_prefix
random_prefix(unsigned share_v6)
{
	struct net_prefix prefix = {{.family = 4}, (uint8_t)(rand() % 33)};
	const bool v6 = (unsigned)rand() % 100 < share_v6;
	const unsigned size = v6 ? 16 : 4;

	if (v6)
		prefix = (struct net_prefix){{.family = 6}, (uint8_t)(rand() % 129)};
	for (unsigned i = 0; i < size; i++)
		prefix.addr.bytes[i] = rand() % 3 == 0 ? (uint8_t)(rand() % 256) : 255;
	return net_prefix_network(&prefix);
}

static void
check_order(unsigned share_v6, uint32_t n)
{
	static struct entry list[N];
	static bool seen[N];
	uint32_t *order;

	memset(seen, 0, sizeof(seen));
	for (uint32_t i = 0; i < n; i++)
		list[i].prefix = random_prefix(share_v6);
	order = prefix_order(&list[0].prefix, sizeof(list[0]), n);
	assert_non_null(order);
	for (uint32_t i = 0; i < n; i++) {
		assert_true(order[i] < n && !seen[order[i]]);
		seen[order[i]] = true;
		if (i == 0)
			continue;
		const int last = cmp(&list[order[i - 1]].prefix, &list[order[i]].prefix);

		assert_true(last < 0 || (last == 0 && order[i - 1] < order[i]));
	}
	free(order);
}

static void
test_prefix_order_is_by_address_length_and_number(void **state)
{
	(void)state;
	srand(4);
	for (unsigned share_v6 = 0; share_v6 <= 100; share_v6 += 50)
		for (int round = 0; round < 5; round++)
			check_order(share_v6, N);
}

static void
test_prefix_order_of_few_or_none(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 4; n++)
		check_order(50, n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefix_order_is_by_address_length_and_number),
		cmocka_unit_test(test_prefix_order_of_few_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
