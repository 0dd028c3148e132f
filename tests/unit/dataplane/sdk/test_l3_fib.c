/* test_l3_fib.c: longest prefix match against a linear search, in both forms of both
 * families. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include "dataplane/sdk/l3_fib.h"
#include "dataplane/sdk/l3_list.h"
#include "tests/lib/random.h"

#define LOOKUPS 4000

/* Crowded addresses, so that prefixes nest: few different bytes. */
static struct net_addr
random_addr(uint8_t family)
{
	struct net_addr addr = {.family = family};

	for (unsigned i = 0; i < (family == 4 ? 4 : 16); i++)
		addr.bytes[i] =
			random32() % 4 ? (uint8_t)(random32() % 3) : (uint8_t)random32();
	return addr;
}

static uint32_t
oracle(const struct l3_fib_route *routes, size_t n, const struct net_addr *addr)
{
	uint32_t value = L3_FIB_NONE;
	int best = -1;

	for (size_t i = 0; i < n; i++)
		if (net_prefix_contains(&routes[i].prefix, addr) &&
			(int)routes[i].prefix.len >= best) {
			best = routes[i].prefix.len;
			value = routes[i].value;
		}
	return value;
}

static int
compare(const void *a, const void *b)
{
	const struct l3_fib_route *x = a, *y = b;
	const int order = net_addr_cmp(&x->prefix.addr, &y->prefix.addr);

	return order != 0 ? order : (int)x->prefix.len - (int)y->prefix.len;
}

/* As l3_fib_create() wants them; how many are left of n. */
static size_t
put_in_order(struct l3_fib_route *routes, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		routes[i].prefix = net_prefix_network(&routes[i].prefix);
	qsort(routes, n, sizeof(*routes), compare);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || compare(&routes[kept - 1], &routes[i]) != 0)
			routes[kept++] = routes[i];
	return kept;
}

static void
check(size_t n, uint8_t family)
{
	struct l3_fib_route *routes = calloc(n, sizeof(*routes));
	struct l3_fib *fib = NULL;

	for (size_t i = 0; i < n; i++) {
		routes[i].prefix.addr = random_addr(family);
		routes[i].prefix.len =
			(uint8_t)(i == 0 ? 0 : random32() % (family == 4 ? 33 : 129));
		routes[i].value = random32() % 16 + 1;
	}
	n = put_in_order(routes, n);
	assert_int_equal(l3_fib_create(&fib, routes, n, NULL), 0);
	for (unsigned i = 0; i < LOOKUPS; i++) {
		const struct net_addr addr = random_addr(family);

		assert_int_equal(
			l3_fib_find(fib, family, addr.bytes), oracle(routes, n, &addr));
	}
	l3_fib_destroy(fib);
	free(routes);
}

static struct l3_fib *
random_fib(size_t n, uint8_t family)
{
	struct l3_fib_route *routes = calloc(n, sizeof(*routes));
	struct l3_fib *fib = NULL;

	for (size_t i = 0; i < n; i++)
		routes[i] = (struct l3_fib_route){
			{random_addr(family),
				(uint8_t)(random32() % (family == 4 ? 33 : 129))},
			(uint32_t)i + 1, (uint32_t)i * 7};
	assert_int_equal(l3_fib_create(&fib, routes, put_in_order(routes, n), NULL), 0);
	free(routes);
	return fib;
}

static void
bulk_equals_one_by_one(size_t n, uint8_t family)
{
	struct l3_fib *fib = random_fib(n, family);
	uint64_t values[L3_FIB_BULK];
	uint32_t ips[L3_FIB_BULK];
	uint8_t ips6[L3_FIB_BULK][16];
	struct net_addr addrs[L3_FIB_BULK];

	for (unsigned i = 0; i < L3_FIB_BULK; i++) {
		addrs[i] = random_addr(family);
		ips[i] = net_addr_v4(&addrs[i]);
		memcpy(ips6[i], addrs[i].bytes, 16);
	}
	if (family == 4)
		l3_fib_find4(fib, ips, values, L3_FIB_BULK);
	else
		l3_fib_find6(fib, ips6, values, L3_FIB_BULK);
	for (unsigned i = 0; i < L3_FIB_BULK; i++) {
		const uint32_t value = l3_fib_find(fib, family, addrs[i].bytes);
		const uint32_t hint = value == L3_FIB_NONE ? 0 : (value - 1) * 7;

		assert_int_equal((uint32_t)values[i], value);
		assert_int_equal(values[i] >> 32, hint);
	}
	l3_fib_destroy(fib);
}

static void
test_fib_small_tables_equal_a_linear_search(void **state)
{
	(void)state;
	for (size_t n = 1; n <= L3_LIST_MAX; n += 7) {
		check(n, 4);
		check(n, 6);
	}
}

static void
test_fib_large_tables_equal_a_linear_search(void **state)
{
	(void)state;
	check(L3_LIST_MAX + 1, 4);
	check(3000, 4);
	check(L3_LIST_MAX + 1, 6);
	check(1000, 6);
}

static void
test_fib_without_a_family_finds_none_of_it(void **state)
{
	const struct l3_fib_route route = {.prefix = {.addr = {.family = 4}}, .value = 9};
	const uint8_t ip[16] = {10};
	struct l3_fib *fib = NULL;

	(void)state;
	assert_int_equal(l3_fib_create(&fib, &route, 1, NULL), 0);
	assert_int_equal(l3_fib_find(fib, 4, ip), 9);
	assert_int_equal(l3_fib_find(fib, 6, ip), L3_FIB_NONE);
	l3_fib_destroy(fib);
	assert_int_equal(l3_fib_create(&fib, NULL, 0, NULL), 0);
	assert_int_equal(l3_fib_find(fib, 4, ip), L3_FIB_NONE);
	l3_fib_destroy(fib);
}

static void
test_fib_bulk_equals_one_by_one(void **state)
{
	(void)state;
	for (size_t n = 16; n <= 4096; n *= 4) {
		bulk_equals_one_by_one(n, 4);
		bulk_equals_one_by_one(n, 6);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fib_small_tables_equal_a_linear_search),
		cmocka_unit_test(test_fib_large_tables_equal_a_linear_search),
		cmocka_unit_test(test_fib_without_a_family_finds_none_of_it),
		cmocka_unit_test(test_fib_bulk_equals_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
