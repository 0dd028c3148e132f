/* test_l3_route.c: the routing table: what is ours wins, equal paths share, counters go
 * on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/sdk/l3_path.h"
#include "dataplane/sdk/l3_route.h"

static struct net_prefix
prefix(const char *text)
{
	struct net_prefix p;

	assert_int_equal(net_prefix_parse(text, &p), 0);
	return p;
}

static const struct l3_route *
find(const struct l3_routes *table, const char *ip)
{
	const struct net_prefix p = prefix(ip);

	return l3_route_find(table, p.addr.family, p.addr.bytes);
}

static void
draft(struct l3_route_drafts *drafts, const char *text, enum l3_route_kind kind,
	unsigned n_hops)
{
	const struct net_prefix p = prefix(text);
	struct l3_hop hops[16];

	for (unsigned i = 0; i < n_hops; i++)
		hops[i] = (struct l3_hop){
			.cp = (uint8_t)i, .family = 4, .addr = {192, 0, 2, (uint8_t)i}};
	l3_route_draft(drafts, &p, kind, hops, n_hops);
}

static struct l3_routes *
create(struct l3_route_drafts *drafts)
{
	struct l3_routes *table = NULL;

	assert_int_equal(l3_routes_create(&table, drafts, NULL), 0);
	return table;
}

static void
test_route_interfaces_make_local_broadcast_and_connected_routes(void **state)
{
	struct net_prefix addresses[] = {prefix("10.0.0.1/24"), prefix("2001:db8::1/64")};
	const struct iface_config iface = {.addresses = addresses, .n_addresses = 2};
	struct l3_route_drafts drafts = {0};

	(void)state;
	l3_route_draft_iface(&drafts, &iface, 5);
	draft(&drafts, "10.0.0.0/24", L3_ROUTE_BLACKHOLE, 0); /* ours wins */
	struct l3_routes *table = create(&drafts);

	assert_int_equal(find(table, "10.0.0.1")->kind, L3_ROUTE_LOCAL);
	assert_int_equal(find(table, "10.0.0.0")->kind, L3_ROUTE_BROADCAST);
	assert_int_equal(find(table, "10.0.0.255")->kind, L3_ROUTE_BROADCAST);
	assert_int_equal(find(table, "10.0.0.7")->kind, L3_ROUTE_CONNECTED);
	assert_int_equal(find(table, "10.0.0.7")->cp, 5);
	assert_int_equal(find(table, "2001:db8::1")->kind, L3_ROUTE_LOCAL);
	assert_int_equal(find(table, "2001:db8::")->kind, L3_ROUTE_CONNECTED);
	assert_null(find(table, "10.0.1.1"));
	l3_routes_destroy(table);
}

static void
test_route_flows_spread_evenly_over_equal_paths(void **state)
{
	struct l3_route_drafts drafts = {0};
	unsigned n[4] = {0};

	(void)state;
	draft(&drafts, "0.0.0.0/0", L3_ROUTE_VIA, 4);
	struct l3_routes *table = create(&drafts);
	const struct l3_route *route = find(table, "8.8.8.8");

	for (unsigned i = 0; i < 40000; i++) {
		const struct pkt_info flow = {.family = 4,
			.proto = 6,
			.sport = (uint16_t)(1024 + i / 4),
			.dport = 80,
			.src = {10, 0, 0, (uint8_t)(i % 4)},
			.dst = {8, 8, 8, 8}};
		struct l3_hop hop;

		hop = *l3_route_hop(table, route, &flow, &hop);
		n[hop.cp]++;
	}
	for (unsigned i = 0; i < 4; i++)
		assert_in_range(n[i], 9500, 10500);
	l3_routes_destroy(table);
}

static void
test_route_fragments_of_a_flow_take_one_path(void **state)
{
	struct pkt_info first = {.family = 4,
		.proto = 17,
		.fragment = true,
		.first = true,
		.sport = 5,
		.dport = 6,
		.src = {10},
		.dst = {11}};
	struct pkt_info later = first;

	(void)state;
	later.first = false;
	later.sport = later.dport = 0;
	assert_int_equal(l3_path_hash(&first), l3_path_hash(&later));
}

static struct l3_route_sums
sums(const struct l3_routes *table, const char *address)
{
	return l3_routes_sums(table, (uint32_t)(find(table, address) - table->routes));
}

static void
test_route_counters_go_on_in_the_next_table(void **state)
{
	struct l3_route_drafts drafts = {0};

	(void)state;
	draft(&drafts, "10.0.0.0/8", L3_ROUTE_BLACKHOLE, 0);
	draft(&drafts, "11.0.0.0/8", L3_ROUTE_BLACKHOLE, 0);
	struct l3_routes *old = create(&drafts);

	l3_route_count(l3_route_find(old, 4, (const uint8_t[16]){11, 1}), 60);
	draft(&drafts, "9.0.0.0/8", L3_ROUTE_BLACKHOLE, 0);
	draft(&drafts, "11.0.0.0/8", L3_ROUTE_PROHIBIT, 0);
	draft(&drafts, "11.0.0.0/16", L3_ROUTE_PROHIBIT, 0);
	struct l3_routes *table = create(&drafts);

	l3_routes_match(table, old);
	l3_routes_inherit(table, old);
	l3_route_count(l3_route_find(table, 4, (const uint8_t[16]){11, 200}), 100);
	assert_int_equal(sums(table, "11.200.0.1").packets, 2);
	assert_int_equal(sums(table, "11.200.0.1").bytes, 160);
	assert_int_equal(sums(table, "11.0.0.1").packets, 0);
	assert_int_equal(sums(table, "9.0.0.1").packets, 0);
	l3_routes_destroy(old);
	draft(&drafts, "11.0.0.0/8", L3_ROUTE_PROHIBIT, 0);
	struct l3_routes *third = create(&drafts);

	l3_routes_match(third, table);
	l3_routes_inherit(third, table);
	assert_int_equal(sums(third, "11.200.0.1").bytes, 160);
	l3_routes_destroy(third);
	l3_routes_destroy(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_route_interfaces_make_local_broadcast_and_connected_routes),
		cmocka_unit_test(test_route_flows_spread_evenly_over_equal_paths),
		cmocka_unit_test(test_route_fragments_of_a_flow_take_one_path),
		cmocka_unit_test(test_route_counters_go_on_in_the_next_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
