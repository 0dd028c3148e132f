/* test_router.c: the router in the harness: the example, bad configurations, ECMP,
 * counters, hostile packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/dirs.h"
#include "tests/lib/harness.h"
#include "tests/lib/pkttext.h"
#include "tests/lib/random.h"

extern const struct vnf_type *const vnf_plugin_type;

static const char *const config =
	"interfaces:\n"
	"- {cp: p0, addresses: [203.0.113.1/24, '2001:db8:1::1/64']}\n"
	"- {cp: p1, addresses: [198.51.100.1/24, '2001:db8:2::1/64']}\n"
	"routes:\n"
	"- {prefix: 10.0.0.0/8, via: [198.51.100.2, 198.51.100.3]}\n";

static struct harness *
open_router(const char *text)
{
	struct harness *h = NULL;
	struct faults faults = {0};

	if (harness_open(&h, vnf_plugin_type, text, NULL, &faults) != 0)
		fail_msg("%s: %s", faults.list[0].path, faults.list[0].text);
	return h;
}

static void
send_text(struct harness *h, unsigned cp, const char *text)
{
	static struct pkttext pkt;
	struct err err;

	if (pkttext_parse(text, &pkt, &err) != 0)
		fail_msg("%s", err.text);
	harness_in(h, cp, pkt.data, pkt.len);
}

static void
test_router_example_loads(void **state)
{
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(
		dirs_read_file("vnfs/router/example.yaml", 65536, &text, &len, NULL), 0);
	assert_null(harness_close(open_router(text)));
	free(text);
}

static void
test_router_configuration_faults_have_their_paths(void **state)
{
	static const struct {
		const char *text, *path;
	} cases[] = {
		{"interfaces: []", "interfaces"},
		{"interfaces: [{cp: p0, addresses: 10.0.0.1/24}, {cp: p1, addresses: "
		 "10.0.0.2/8}]",
			"interfaces[1].addresses[0]"},
		{"interfaces: [{cp: p0, addresses: 10.0.0.1/24}, {cp: p0, addresses: "
		 "11.0.0.1/24}]",
			"interfaces[1]"},
		{"interfaces: [{cp: p0, addresses: 10.0.0.1/24, mtu: 20}]",
			"interfaces[0].mtu"},
		{"interfaces: [{cp: p0, addresses: 10.0.0.1/24}]\n"
		 "routes: [{prefix: 0.0.0.0/0, via: 192.0.2.1}]",
			"routes[0].via[0]"},
		{"interfaces: [{cp: p0, addresses: 10.0.0.1/24}]\n"
		 "routes: [{prefix: 0.0.0.0/0, via: 10.0.0.1}]",
			"routes[0].via[0]"},
		{"interfaces: [{cp: p0, addresses: 10.0.0.1/24}]\n"
		 "routes: [{prefix: '::/0', via: 'fe80::1'}]",
			"routes[0].via[0]"},
		{"interfaces: [{cp: p0, addresses: 10.0.0.1/24}]\n"
		 "routes: [{prefix: '::/0', via: 10.0.0.2}]",
			"routes[0].via[0]"},
		{"interfaces: [{cp: p0, addresses: 10.0.0.1/24}]\n"
		 "routes: [{prefix: 1.0.0.0/8}]",
			"routes[0].via"},
		{"interfaces: [{cp: p0, addresses: 10.0.0.1/24}]\n"
		 "routes: [{prefix: 1.0.0.0/8, via: [10.0.0.2, 10.0.0.3], weights: 2}]",
			"routes[0].weights"},
		{"interfaces: [{cp: p0, addresses: 10.0.0.1/24}]\n"
		 "routes: [{prefix: 1.0.0.0/8, via: 10.0.0.2, action: blackhole}]",
			"routes[0].via"},
		{"interfaces: [{cp: p0, addresses: 10.0.0.1/24}]\n"
		 "routes: [{prefix: 1.0.0.0/8, action: prohibit}, {prefix: 1.2.3.4/8, "
		 "via: 10.0.0.2}]",
			"routes[1].prefix"},
		{"interfaces: [{cp: p0, addresses: 10.0.0.1/24}]\n"
		 "routes: [{prefix: 'fd00::/8', via: 'fe80::1', cp: p3}]",
			"routes[0].cp"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct faults faults = {0};
		struct harness *h = NULL;

		assert_true(harness_open(&h, vnf_plugin_type, cases[i].text, NULL,
				    &faults) < 0);
		assert_int_equal(faults.n, 1);
		assert_string_equal(faults.list[0].path, cases[i].path);
		faults_clear(&faults);
	}
}

static void
learn(struct harness *h, unsigned cp, const char *ip, const char *own, unsigned n)
{
	char text[256];

	snprintf(text, sizeof(text),
		"eth 02:00:00:00:00:%02x > ff:ff:ff:ff:ff:ff arp who-has %s tell %s "
		"sender-mac 02:00:00:00:00:%02x",
		n, own, ip, n);
	send_text(h, cp, text);
}

static void
test_router_ecmp_keeps_a_flow_on_its_path_and_uses_all(void **state)
{
	struct harness *h = open_router(config);
	struct harness_frame frame;
	unsigned n[4] = {0};
	char text[256];

	(void)state;
	learn(h, 1, "198.51.100.2", "198.51.100.1", 2);
	learn(h, 1, "198.51.100.3", "198.51.100.1", 3);
	while (harness_out(h, 1, &frame))
		continue;
	for (unsigned i = 0; i < 200; i++) {
		uint8_t path = 0;

		snprintf(text, sizeof(text),
			"eth 02:00:00:00:00:01 > 02:00:00:00:ff:00 ip4 203.0.113.9 > "
			"10.1.2.3 "
			"udp %u > 53",
			1000 + i);
		for (unsigned k = 0; k < 2; k++) {
			send_text(h, 0, text);
			assert_true(harness_out(h, 1, &frame));
			assert_true(k == 0 || frame.data[5] == path);
			path = frame.data[5];
		}
		n[path]++;
	}
	assert_in_range(n[2], 70, 130);
	assert_int_equal(n[2] + n[3], 200);
	assert_null(harness_close(h));
}

/* The last byte of the MAC by which each of 1,000 flows leaves. */
static void
send_flows(struct harness *h, uint8_t *by)
{
	struct harness_frame frame;
	char text[256];

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text),
			"eth 02:00:00:00:00:01 > 02:00:00:00:ff:00 ip4 203.0.113.9 > "
			"10.1.2.3 udp %u > 53",
			1000 + i);
		send_text(h, 0, text);
		assert_true(harness_out(h, 1, &frame));
		by[i] = frame.data[5];
	}
}

static void
test_router_ecmp_by_weight_and_leaving(void **state)
{
	static const char *const format =
		"interfaces:\n"
		"- {cp: p0, addresses: 203.0.113.1/24}\n"
		"- {cp: p1, addresses: 198.51.100.1/24}\n"
		"routes:\n"
		"- {prefix: 10.0.0.0/8, via: [%s], weights: [%s]}\n";
	char text[512];
	uint8_t before[1000], after[1000];
	struct faults faults = {0};
	struct harness_frame frame;
	unsigned n[5] = {0};

	(void)state;
	snprintf(text, sizeof(text), format, "198.51.100.2, 198.51.100.3, 198.51.100.4",
		"1, 1, 2");
	struct harness *h = open_router(text);

	learn(h, 1, "198.51.100.2", "198.51.100.1", 2);
	learn(h, 1, "198.51.100.3", "198.51.100.1", 3);
	learn(h, 1, "198.51.100.4", "198.51.100.1", 4);
	while (harness_out(h, 1, &frame))
		continue;
	send_flows(h, before);
	snprintf(text, sizeof(text), format, "198.51.100.4, 198.51.100.2", "2, 1");
	assert_int_equal(harness_configure(h, text, &faults), 0);
	send_flows(h, after);
	for (unsigned i = 0; i < 1000; i++) {
		n[before[i]]++;
		assert_true(after[i] == before[i] || (before[i] == 3 && after[i] != 3));
	}
	assert_in_range(n[2], 200, 300);
	assert_in_range(n[3], 200, 300);
	assert_in_range(n[4], 440, 560);
	assert_null(harness_close(h));
}

static void
test_router_counts_packets_per_route_over_reconfigurations(void **state)
{
	struct harness *h = open_router(config);
	struct faults faults = {0};
	const json_t *route;
	json_t *stats;
	size_t i;
	bool found = false;

	(void)state;
	learn(h, 1, "198.51.100.2", "198.51.100.1", 2);
	send_text(h, 0,
		"eth 02:00:00:00:00:01 > 02:00:00:00:ff:00 ip4 203.0.113.9 > 10.1.2.3 "
		"udp 1 > 2");
	assert_int_equal(harness_configure(h, config, &faults), 0);
	stats = harness_stats(h);
	json_array_foreach (json_object_get(stats, "routes"), i, route) {
		if (strcmp(json_string_value(json_object_get(route, "prefix")),
			    "10.0.0.0/8") != 0)
			continue;
		found = true;
		assert_int_equal(
			json_integer_value(json_object_get(route, "packets")), 1);
		assert_int_equal(json_integer_value(json_object_get(route, "bytes")), 42);
	}
	assert_true(found);
	json_decref(stats);
	assert_null(harness_close(h));
}

static void
test_router_errors_are_rate_limited_per_destination(void **state)
{
	struct harness *h = open_router(config);
	struct harness_frame frame;
	unsigned n = 0;

	(void)state;
	learn(h, 0, "203.0.113.9", "203.0.113.1", 9);
	assert_true(harness_out(h, 0, &frame));
	for (unsigned i = 0; i < 100; i++)
		send_text(h, 0,
			"eth 02:00:00:00:00:09 > 02:00:00:00:ff:00 ip4 203.0.113.9 > "
			"10.1.2.3 "
			"ttl 1 udp 1 > 2");
	while (harness_out(h, 0, &frame))
		n++;
	assert_int_equal(n, 10);
	assert_null(harness_close(h));
}

static void
test_router_fragments_need_buffers_for_all_or_none_leaves(void **state)
{
	struct harness *h = open_router(config);
	struct harness_frame frame;

	(void)state;
	learn(h, 1, "198.51.100.2", "198.51.100.1", 2);
	learn(h, 1, "198.51.100.3", "198.51.100.1", 3);
	while (harness_out(h, 1, &frame))
		continue;
	harness_mtu(h, 1, 68);
	harness_stash(h, 5);
	send_text(h, 0,
		"eth 02:00:00:00:00:01 > 02:00:00:00:ff:00 ip4 203.0.113.9 > 10.1.2.3 "
		"no-df "
		"udp 1 > 2 zeros 1000");
	assert_false(harness_out(h, 1, &frame));
	assert_true(harness_drop_of(h, VNF_REASON_NO_BUFFER));
	assert_null(harness_close(h));
}

static void
test_router_survives_changed_bytes_and_accounts_for_every_buffer(void **state)
{
	static const char *const seeds[] = {
		"ip4 203.0.113.9 > 198.51.100.9 udp 1000 > 53 \"payload\"",
		"ip4 203.0.113.9 > 10.0.0.1 opts 8307040a00000101 tcp 1 > 2 flags S",
		"ip4 203.0.113.9 > 203.0.113.1 icmp echo id 7 seq 1 \"payload\"",
		"ip6 2001:db8:1::9 > 2001:db8:2::9 hopopts udp 1 > 2 \"payload\"",
		"ip6 2001:db8:1::9 > 2001:db8:1::1 icmp6 echo id 7 seq 1 \"payload\"",
		"ip6 2001:db8:1::9 > ff02::1:ff00:1 hlim 255 icmp6 ns target 2001:db8:1::1 slla 02:00:00:00:00:09",
		"ip6 2001:db8:1::9 > 2001:db8:1::1 hlim 255 icmp6 na target 2001:db8:1::9",
		"arp who-has 203.0.113.1 tell 203.0.113.9 sender-mac 02:00:00:00:00:09",
		"arp reply 203.0.113.9 is-at 02:00:00:00:00:09 to 203.0.113.1",
	};
	struct harness *h = open_router(config);
	static struct pkttext pkt;
	char text[512];

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		const unsigned cp = random32() % 2;

		snprintf(text, sizeof(text),
			"eth 02:00:00:00:00:0a > 02:00:00:00:ff:%02x %s", cp,
			seeds[i % (sizeof(seeds) / sizeof(seeds[0]))]);
		assert_int_equal(pkttext_parse(text, &pkt, NULL), 0);
		for (unsigned k = random32() % 4; k > 0; k--)
			pkt.data[12 + random32() % (pkt.len - 12)] = (uint8_t)random32();
		harness_in(
			h, cp, pkt.data, random32() % 8 ? pkt.len : random32() % pkt.len);
		if (i % 500 == 0)
			harness_clock(h, 1000000000ull);
	}
	assert_null(harness_fault(h));
	assert_null(harness_close(h));
}

/* Neighbours that learnt the MAC of a replica would send to it while the first one does
 * not know yet that it is one of several. */
static void
test_router_new_addresses_are_announced_by_the_first_replica_alone(void **state)
{
	static const char *const more =
		"interfaces:\n"
		"- {cp: p0, addresses: [203.0.113.1/24, 192.0.2.1/24]}\n"
		"- {cp: p1, addresses: [198.51.100.1/24]}\n";

	(void)state;
	for (unsigned replica = 0; replica < 2; replica++) {
		struct harness *h = open_router(config);
		struct harness_frame frame;
		struct faults faults = {0};

		harness_clock(h, 1000000000);
		while (harness_out(h, 0, &frame) || harness_out(h, 1, &frame)) {
		}
		harness_vnf(h)->replica = replica;
		assert_int_equal(harness_configure(h, more, &faults), 0);
		harness_clock(h, 1000000000);
		assert_int_equal(harness_out(h, 0, &frame), replica == 0);
		assert_null(harness_close(h));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_router_example_loads),
		cmocka_unit_test(test_router_configuration_faults_have_their_paths),
		{.name = "packets of a flow take one of two next hops, flows take both [RTR-7]",
			.test_func =
				test_router_ecmp_keeps_a_flow_on_its_path_and_uses_all},
		{.name = "next hops have shares by weights, and one that leaves moves its "
			 "own flows only [RTR-7]",
			.test_func = test_router_ecmp_by_weight_and_leaving},
		cmocka_unit_test(
			test_router_counts_packets_per_route_over_reconfigurations),
		cmocka_unit_test(test_router_errors_are_rate_limited_per_destination),
		cmocka_unit_test(
			test_router_fragments_need_buffers_for_all_or_none_leaves),
		cmocka_unit_test(
			test_router_survives_changed_bytes_and_accounts_for_every_buffer),
		cmocka_unit_test(
			test_router_new_addresses_are_announced_by_the_first_replica_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
