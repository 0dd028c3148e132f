/* test_l3_live.c: a routing table that changes: equal to a naive one after each change,
 * covering routes come back, counters go on, and a reader beside the writer never sees
 * anything but the old or the new. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <unistd.h>
#include "dataplane/sdk/l3_live.h"
#include "tests/lib/random.h"

#define NAIVE 512

struct naive { /* routes by list; hop address byte 15 / 3 is the value */
	struct net_prefix prefixes[NAIVE];
	uint8_t values[NAIVE];
	unsigned n;
};

static uint64_t turns;

static struct net_prefix
prefix(const char *text)
{
	struct net_prefix p;

	assert_int_equal(net_prefix_parse(text, &p), 0);
	return p;
}

static struct l3_routes *
create(uint32_t max)
{
	struct l3_route_drafts drafts = {0};
	struct l3_routes *table = NULL;

	assert_int_equal(l3_routes_create_live(&table, &drafts, max, &turns, NULL), 0);
	return table;
}

static int
put(struct l3_routes *table, const struct net_prefix *p, uint8_t value)
{
	const struct l3_hop hop = {.family = p->addr.family, .addr = {10, 0, 0, value}};
	const struct l3_change change = {.kind = L3_ROUTE_VIA, .n_hops = 1, .hops = &hop};

	turns++;
	return l3_live_put(table, p, &change, NULL);
}

static int
put_text(struct l3_routes *table, const char *text, uint8_t value)
{
	const struct net_prefix p = prefix(text);

	return put(table, &p, value);
}

static int
del_text(struct l3_routes *table, const char *text)
{
	const struct net_prefix p = prefix(text);

	turns++;
	return l3_live_del(table, &p);
}

/* The value of the route that an address takes; 0: none. */
static uint8_t
value_of(const struct l3_routes *table, uint8_t family, const uint8_t ip[16])
{
	struct l3_hop hop;

	return l3_route_to(table, family, ip, &hop) ? hop.addr[3] : 0;
}

static uint8_t
value_of_text(const struct l3_routes *table, const char *text)
{
	const struct net_prefix p = prefix(text);

	return value_of(table, p.addr.family, p.addr.bytes);
}

static uint8_t
naive_value(const struct naive *naive, const struct net_addr *addr)
{
	int best = -1;
	uint8_t value = 0;

	for (unsigned i = 0; i < naive->n; i++)
		if (net_prefix_contains(&naive->prefixes[i], addr) &&
			naive->prefixes[i].len > best) {
			best = naive->prefixes[i].len;
			value = naive->values[i];
		}
	return value;
}

/* Few distinct bits, so that prefixes nest. */
static struct net_addr
random_addr(uint8_t family)
{
	static const uint8_t bytes[] = {0, 1, 0x80, 0xc0, 0xff};
	struct net_addr addr = {.family = family};

	for (unsigned i = 0; i < (family == 4 ? 4 : 16); i++)
		addr.bytes[i] =
			i < 2 || i == 7 ? bytes[random32() % 2] : bytes[random32() % 5];
	return addr;
}

static struct net_prefix
random_prefix(uint8_t family)
{
	/* long ones, short ones, and few very short ones, which write much */
	const unsigned max = family == 4 ? 32 : 128;
	const unsigned len =
		random32() % 50 == 0 ? random32() % 12 : 12 + random32() % (max - 11);
	const struct net_prefix p = {random_addr(family), (uint8_t)len};

	return net_prefix_network(&p);
}

static void
change_both(struct l3_routes *table, struct naive *naive, uint8_t family)
{
	const uint8_t value = (uint8_t)(1 + random32() % 200);
	const struct net_prefix p = random_prefix(family);
	unsigned i = 0;

	while (i < naive->n && memcmp(&naive->prefixes[i], &p, sizeof(p)) != 0)
		i++;
	if (naive->n == NAIVE || (naive->n > 0 && random32() % 2 == 0)) {
		i = random32() % naive->n;
		const struct net_prefix gone = naive->prefixes[i];

		turns++;
		assert_int_equal(l3_live_del(table, &gone), 0);
		naive->n--;
		naive->prefixes[i] = naive->prefixes[naive->n];
		naive->values[i] = naive->values[naive->n];
		return;
	}
	assert_int_equal(put(table, &p, value), 0);
	naive->prefixes[i] = p;
	naive->values[i] = value;
	naive->n += i == naive->n;
}

static void
compare_at(const struct l3_routes *table, const struct naive *naive, struct net_addr addr)
{
	assert_int_equal(
		value_of(table, addr.family, addr.bytes), naive_value(naive, &addr));
}

static void
churn(uint8_t family, unsigned rounds)
{
	struct l3_routes *table = create(NAIVE);
	struct naive *naive = calloc(1, sizeof(*naive));

	assert_non_null(naive);
	for (unsigned round = 0; round < rounds; round++) {
		change_both(table, naive, family);
		assert_int_equal(l3_live_count(table), naive->n);
		for (unsigned k = 0; k < 8; k++)
			compare_at(table, naive, random_addr(family));
		if (naive->n == 0)
			continue;
		const struct net_prefix *p = &naive->prefixes[random32() % naive->n];
		compare_at(table, naive, p->addr); /* and the last of the prefix */
		struct net_addr last = p->addr;

		for (unsigned bit = p->len; bit < (family == 4 ? 32u : 128u); bit++)
			last.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		compare_at(table, naive, last);
	}
	free(naive);
	l3_routes_destroy(table);
}

static void
test_equal_to_a_naive_table(void **state)
{
	(void)state;
	churn(4, 6000);
	churn(6, 6000);
}

static void
test_covering_route_comes_back(void **state)
{
	struct l3_routes *table = create(16);

	(void)state;
	assert_int_equal(put_text(table, "0.0.0.0/0", 1), 0);
	assert_int_equal(put_text(table, "10.0.0.0/8", 2), 0);
	assert_int_equal(put_text(table, "10.1.1.128/25", 3), 0);
	assert_int_equal(put_text(table, "10.1.1.129/32", 4), 0);
	assert_int_equal(value_of_text(table, "10.1.1.129"), 4);
	assert_int_equal(del_text(table, "10.1.1.129/32"), 0);
	assert_int_equal(value_of_text(table, "10.1.1.129"), 3);
	assert_int_equal(del_text(table, "10.1.1.128/25"), 0);
	assert_int_equal(value_of_text(table, "10.1.1.129"), 2);
	assert_int_equal(del_text(table, "10.0.0.0/8"), 0);
	assert_int_equal(value_of_text(table, "10.1.1.129"), 1);
	assert_int_equal(del_text(table, "0.0.0.0/0"), 0);
	assert_int_equal(value_of_text(table, "10.1.1.129"), 0);
	assert_int_equal(del_text(table, "0.0.0.0/0"), -ENOENT);
	l3_routes_destroy(table);
}

static void
test_replaced_route_keeps_its_counters_and_number(void **state)
{
	struct l3_routes *table = create(16);
	const struct net_prefix p = prefix("10.0.0.0/8");

	(void)state;
	assert_int_equal(put(table, &p, 1), 0);
	const uint32_t number = l3_live_number(table, &p);

	l3_route_count(&table->routes[number], 100);
	assert_int_equal(put(table, &p, 2), 0);
	const struct l3_change drop = {.kind = L3_ROUTE_BLACKHOLE};

	assert_int_equal(l3_live_put(table, &p, &drop, NULL), 0);
	assert_int_equal(l3_live_number(table, &p), number);
	assert_int_equal(table->routes[number].packets, 1);
	assert_int_equal(table->routes[number].bytes, 100);
	assert_int_equal(table->routes[number].kind, L3_ROUTE_BLACKHOLE);
	assert_int_equal(l3_live_del(table, &p), 0);
	turns += 3;
	assert_int_equal(put(table, &p, 1), 0); /* a new one counts from 0 */
	assert_int_equal(table->routes[l3_live_number(table, &p)].packets, 0);
	l3_routes_destroy(table);
}

static void
test_configured_routes_win(void **state)
{
	struct l3_route_drafts drafts = {0};
	const struct net_prefix p = prefix("10.0.0.0/8");
	struct l3_routes *table;

	(void)state;
	l3_route_draft(&drafts, &p, L3_ROUTE_BLACKHOLE, NULL, 0);
	assert_int_equal(l3_routes_create_live(&table, &drafts, 4, &turns, NULL), 0);
	assert_int_equal(put(table, &p, 1), -EEXIST);
	assert_int_equal(l3_live_del(table, &p), -ENOENT);
	assert_int_equal(put_text(table, "10.1.0.0/16", 1), 0);
	assert_int_equal(l3_route_find(table, 4, p.addr.bytes)->kind, L3_ROUTE_BLACKHOLE);
	assert_int_equal(value_of_text(table, "10.1.0.1"), 1);
	l3_routes_destroy(table);
}

static void
test_nothing_is_used_again_before_three_turns(void **state)
{
	struct l3_routes *table = create(1);
	const struct net_prefix p = prefix("10.0.0.1/32"), q = prefix("10.0.0.2/32");
	const struct l3_change drop = {.kind = L3_ROUTE_BLACKHOLE};

	(void)state;
	assert_int_equal(l3_live_put(table, &p, &drop, NULL), 0);
	assert_int_equal(l3_live_put(table, &q, &drop, NULL), -ENOSPC);
	assert_int_equal(l3_live_del(table, &p), 0);
	assert_int_equal(l3_live_put(table, &q, &drop, NULL), -EAGAIN);
	turns += 2;
	assert_int_equal(l3_live_put(table, &q, &drop, NULL), -EAGAIN);
	turns++;
	assert_int_equal(l3_live_put(table, &q, &drop, NULL), 0);
	l3_routes_destroy(table);
}

static void
test_sets_of_next_hops_are_shared_and_used_again(void **state)
{
	struct l3_routes *table = create(1000);
	struct l3_hop hops[3] = {
		{.cp = 1, .family = 4}, {.cp = 2, .family = 4}, {.cp = 3, .family = 4}};
	const struct l3_change change = {.kind = L3_ROUTE_VIA, .n_hops = 3, .hops = hops};

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		const struct net_prefix p = {net_addr_from_v4((round % 50) << 8), 24};

		memcpy(hops[0].addr, &round, sizeof(round)); /* never seen before */
		turns++;
		assert_int_equal(l3_live_put(table, &p, &change, NULL), 0);
	}
	l3_routes_destroy(table);
}

/* A reader beside the writer: 10.0.0.0/8 is always there, longer ones come and go and
 * change between two pairs of next hops. */

struct beside {
	struct l3_routes *table;
	bool stop;
	uint64_t looks, wrong;
};

static void *
look(void *arg)
{
	struct beside *b = arg;
	uint32_t ips[32];
	uint64_t values[32], state = 1;

	while (!__atomic_load_n(&b->stop, __ATOMIC_RELAXED)) {
		__atomic_store_n(&turns, turns + 1, __ATOMIC_RELAXED);
		for (unsigned i = 0; i < 32; i++)
			ips[i] = 0x0a010100u | (random_from(&state) & 0x3ff);
		l3_fib_find4(b->table->fib, ips, values, 32);
		for (unsigned i = 0; i < 32; i++) {
			struct l3_route *route = l3_route_of(b->table, values[i]);

			if (route == NULL) {
				b->wrong++;
				continue;
			}
			const struct l3_route now = l3_route_now(route);
			const struct l3_hop *hop = &b->table->hops[now.hops];
			/* the hop of a longer prefix carries that prefix's third
			 * byte */
			const uint8_t third = (uint8_t)(ips[i] >> 8);

			b->wrong += now.kind != L3_ROUTE_VIA ||
				    (hop->addr[3] != 1 && hop->addr[2] != third);
		}
		b->looks += 32;
	}
	return NULL;
}

static void
test_a_reader_beside_the_writer_sees_old_or_new(void **state)
{
	struct beside b = {.table = create(4096)};
	const struct net_prefix all = prefix("10.0.0.0/8");
	pthread_t thread;

	(void)state;
	assert_int_equal(put(b.table, &all, 1), 0);
	assert_int_equal(pthread_create(&thread, NULL, look, &b), 0);
	for (unsigned round = 0; round < 300000; round++) {
		const uint32_t ip = 0x0a010100u | (random32() & 0x3ff);
		const unsigned len = 24 + random32() % 9;
		const struct net_prefix host = {net_addr_from_v4(ip), (uint8_t)len};
		const struct net_prefix p = net_prefix_network(&host);
		struct l3_hop hops[2] = {
			{.family = 4, .addr = {10, 0, (uint8_t)(ip >> 8), 2}},
			{.family = 4,
				.addr = {10, 0, (uint8_t)(ip >> 8),
					(uint8_t)(2 + random32() % 9)}}};
		const struct l3_change change = {
			.kind = L3_ROUTE_VIA, .n_hops = 2, .hops = hops};

		if (random32() % 2 == 0)
			l3_live_put(b.table, &p, &change, NULL);
		else
			l3_live_del(b.table, &p);
	}
	__atomic_store_n(&b.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_true(b.looks > 0);
	assert_int_equal(b.wrong, 0);
	l3_routes_destroy(b.table);
}

/* The value that leads to its route. */
static uint64_t
lookup(const struct l3_routes *table, const char *text)
{
	const struct net_prefix p = prefix(text);
	const uint32_t ip = (uint32_t)p.addr.bytes[0] << 24 | p.addr.bytes[1] << 16 |
			    p.addr.bytes[2] << 8 | p.addr.bytes[3];
	uint64_t value;

	l3_fib_find4(table->fib, &ip, &value, 1);
	return value;
}

static void
test_token_of_a_route_that_went_names_none_of_its_successors(void **state)
{
	struct l3_routes *table = create(4);
	uint64_t old, new;

	(void)state;
	assert_int_equal(put_text(table, "10.1.0.0/16", 1), 0);
	old = l3_route_token(table, lookup(table, "10.1.0.0/16"));
	assert_int_equal(put_text(table, "10.1.0.0/16", 2), 0); /* replaced: the same */
	assert_ptr_equal(l3_route_of_token(table, old),
		l3_route_of(table, lookup(table, "10.1.0.0/16")));
	assert_int_equal(del_text(table, "10.1.0.0/16"), 0);
	turns += 3;
	assert_int_equal(put_text(table, "10.2.0.0/16", 3), 0);
	new = l3_route_token(table, lookup(table, "10.2.0.0/16"));
	assert_int_equal((uint32_t) new, (uint32_t)old); /* by its number */
	assert_null(l3_route_of_token(table, old));
	assert_ptr_equal(l3_route_of_token(table, new),
		l3_route_of(table, lookup(table, "10.2.0.0/16")));
	l3_routes_destroy(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "a table that changes is equal to a naive one after each change",
			.test_func = test_equal_to_a_naive_table},
		{.name = "the covering route comes back when one is deleted [RTR-11]",
			.test_func = test_covering_route_comes_back},
		{.name = "a replaced route keeps its counters; a new one has none [RTR-11]",
			.test_func = test_replaced_route_keeps_its_counters_and_number},
		{.name = "the token of a route that went names none of its successors",
			.test_func =
				test_token_of_a_route_that_went_names_none_of_its_successors},
		{.name = "configured routes win over those of a protocol",
			.test_func = test_configured_routes_win},
		{.name = "nothing is used again before three turns of the worker [RTR-11]",
			.test_func = test_nothing_is_used_again_before_three_turns},
		{.name = "sets of next hops are used again",
			.test_func = test_sets_of_next_hops_are_shared_and_used_again},
		{.name = "a reader beside the writer sees the old route or the new one "
			 "[RTR-11]",
			.test_func = test_a_reader_beside_the_writer_sees_old_or_new},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
