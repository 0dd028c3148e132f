/* test_l3_path.c: flows over several next hops: even, by weight, and steady when next
 * hops come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/sdk/l3_path.h"

#define FLOWS	 10000
#define MAX_HOPS 8

static void
make_hops(struct l3_hop *hops, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		hops[i] = (struct l3_hop){
			.cp = 1, .family = 4, .addr = {198, 51, 100, (uint8_t)(2 + i)}};
}

/* TCP between 100 clients and one server, their ports counted up. */
static struct pkt_info
flow4(unsigned i)
{
	return (struct pkt_info){.family = 4,
		.proto = 6,
		.first = true,
		.sport = (uint16_t)(32768 + i / 100),
		.dport = 443,
		.src = {10, 0, 0, (uint8_t)(i % 100)},
		.dst = {192, 0, 2, 1}};
}

/* The same pair of hosts and ports, told apart by the flow label alone. */
static struct pkt_info
flow6(unsigned i)
{
	return (struct pkt_info){.family = 6,
		.proto = 6,
		.first = true,
		.flow_label = 1 + i,
		.sport = 1,
		.dport = 443,
		.src = {0x20, 1, 0xd, 0xb8},
		.dst = {0x20, 1, 0xd, 0xb8, 1}};
}

static void
count(const struct l3_hop *hops, unsigned n_hops, struct pkt_info (*flow)(unsigned i),
	unsigned n[MAX_HOPS])
{
	memset(n, 0, MAX_HOPS * sizeof(*n));
	for (unsigned i = 0; i < FLOWS; i++) {
		const struct pkt_info info = flow(i);

		n[l3_path_choose(hops, n_hops, l3_path_hash(&info))]++;
	}
}

static void
is_within_5_percent(unsigned n, double wanted)
{
	if (n < wanted * 0.95 || n > wanted * 1.05)
		fail_msg("%u of %d flows, %.0f expected", n, FLOWS, wanted);
}

static void
test_path_spread(void **state)
{
	struct l3_hop hops[MAX_HOPS];
	unsigned n[MAX_HOPS];

	(void)state;
	make_hops(hops, MAX_HOPS);
	for (unsigned n_hops = 1; n_hops <= 4; n_hops++) {
		count(hops, n_hops, flow4, n);
		for (unsigned i = 0; i < n_hops; i++)
			is_within_5_percent(n[i], (double)FLOWS / n_hops);
		count(hops, n_hops, flow6, n);
		for (unsigned i = 0; i < n_hops; i++)
			is_within_5_percent(n[i], (double)FLOWS / n_hops);
	}
}

static void
test_path_weights(void **state)
{
	struct l3_hop hops[MAX_HOPS];
	unsigned n[MAX_HOPS];

	(void)state;
	make_hops(hops, 3);
	hops[0].weight = 1;
	hops[1].weight = 2;
	hops[2].weight = 5;
	count(hops, 3, flow4, n);
	is_within_5_percent(n[0], FLOWS / 8.0);
	is_within_5_percent(n[1], FLOWS / 4.0);
	is_within_5_percent(n[2], FLOWS * 5 / 8.0);
}

static void
test_path_leaving_moves_only_its_flows(void **state)
{
	struct l3_hop hops[MAX_HOPS], fewer[MAX_HOPS];
	unsigned moved[MAX_HOPS] = {0}, of_leaver = 0;

	(void)state;
	make_hops(hops, 4);
	make_hops(fewer, 4);
	fewer[1] = fewer[3]; /* the second leaves, and the order changes */
	for (unsigned i = 0; i < FLOWS; i++) {
		const struct pkt_info info = flow4(i);
		const uint32_t hash = l3_path_hash(&info);
		const struct l3_hop *before = &hops[l3_path_choose(hops, 4, hash)];
		const struct l3_hop *after = &fewer[l3_path_choose(fewer, 3, hash)];

		if (before == &hops[1]) {
			of_leaver++;
			moved[after->addr[3] - 2]++;
		} else {
			assert_memory_equal(before->addr, after->addr, 16);
		}
	}
	for (unsigned i = 0; i < 4; i++) /* and they are shared by those that stay */
		if (i != 1)
			assert_in_range(moved[i], of_leaver / 4, of_leaver * 5 / 12);
}

static void
test_path_coming_takes_only_its_share(void **state)
{
	struct l3_hop hops[MAX_HOPS];
	unsigned moved = 0;

	(void)state;
	make_hops(hops, 5);
	for (unsigned i = 0; i < FLOWS; i++) {
		const struct pkt_info info = flow4(i);
		const uint32_t hash = l3_path_hash(&info);
		const unsigned before = l3_path_choose(hops, 4, hash);
		const unsigned after = l3_path_choose(hops, 5, hash);

		assert_true(after == before || after == 4);
		moved += after == 4;
	}
	is_within_5_percent(moved, FLOWS / 5.0);
}

static void
test_path_weight_change_moves_flows_one_way(void **state)
{
	struct l3_hop hops[MAX_HOPS];

	(void)state;
	make_hops(hops, 3);
	for (unsigned i = 0; i < FLOWS; i++) {
		const struct pkt_info info = flow4(i);
		const uint32_t hash = l3_path_hash(&info);

		hops[2].weight = 1;
		const unsigned before = l3_path_choose(hops, 3, hash);

		hops[2].weight = 3;
		const unsigned after = l3_path_choose(hops, 3, hash);

		assert_true(after == before || after == 2);
	}
}

static void
test_path_hash_parts(void **state)
{
	struct pkt_info a = flow6(7), b = flow6(7), c = flow4(1), d = flow4(1);

	(void)state;
	b.fragment = true; /* the label stands for the ports: fragments keep the way */
	b.first = false;
	b.sport = b.dport = 0;
	assert_int_equal(l3_path_hash(&a), l3_path_hash(&b));
	b = a;
	b.flow_label++;
	assert_int_not_equal(l3_path_hash(&a), l3_path_hash(&b));
	a.flow_label = b.flow_label = 0;
	assert_int_equal(l3_path_hash(&a), l3_path_hash(&b));
	b.sport++;
	assert_int_not_equal(l3_path_hash(&a), l3_path_hash(&b));
	d.sport++;
	assert_int_not_equal(l3_path_hash(&c), l3_path_hash(&d));
	d = c;
	d.proto = 17;
	assert_int_not_equal(l3_path_hash(&c), l3_path_hash(&d));
	d = c;
	d.dst[3]++;
	assert_int_not_equal(l3_path_hash(&c), l3_path_hash(&d));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "10,000 flows spread within 5 % over 1 to 4 next hops, IPv4 by "
			 "5-tuple, IPv6 by flow label [RTR-7 COM-13]",
			.test_func = test_path_spread},
		{.name = "flows spread by weight [RTR-7]",
			.test_func = test_path_weights},
		{.name = "when a next hop leaves only its flows move, to all others "
			 "[RTR-7]",
			.test_func = test_path_leaving_moves_only_its_flows},
		{.name = "when a next hop comes only its share moves, to it [RTR-7]",
			.test_func = test_path_coming_takes_only_its_share},
		{.name = "a larger weight draws flows and moves no other [RTR-7]",
			.test_func = test_path_weight_change_moves_flows_one_way},
		{.name = "a flow's hash is of its 5-tuple, or of addresses and flow label "
			 "[RTR-7]",
			.test_func = test_path_hash_parts},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
