/* test_nat.c: the glue of the NAT in the harness: the example, bad configurations,
 * hostile packets, restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/dirs.h"
#include "tests/lib/harness_text.h"
#include "tests/lib/pkttext.h"

extern const struct vnf_type *const vnf_plugin_type;

#define INSIDE	0
#define OUTSIDE 1

static const char *const config =
	"inside: {addresses: [10.0.0.1/16]}\n"
	"outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}\n";

/* All that can be told to it, and little of everything. */
static const char *const narrow =
	"inside: {addresses: [10.0.0.1/16]}\n"
	"outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1, mtu: 300}\n"
	"pool: 203.0.113.2-203.0.113.3\n"
	"ports: 1024-1151\n"
	"port-blocks: {size: 64, max-per-host: 1}\n"
	"port-rest: {time: 1s, max: 5}\n"
	"port-parity: true\n"
	"port-overlapping: true\n"
	"filtering: endpoint-independent\n"
	"refresh: outbound\n"
	"tcp-mss: auto\n"
	"static:\n"
	"- {outside: 203.0.113.3, inside: 10.0.0.11}\n"
	"- {proto: udp, outside: \"203.0.113.2:80-90\", inside: \"10.0.0.12:80-90\"}\n"
	"no-nat: 192.0.2.0/24\n"
	"max-sessions: 40\n"
	"max-sessions-per-host: 30\n"
	"max-ports-per-host: 20\n"
	"max-new-sessions-per-host: 50\n"
	"timeouts: {udp: 3s, icmp: 1s, other: 2s, tcp-transitory: 2s}\n"
	"log: {mappings: true, sessions: true, rate: 1}\n";

static void
test_nat_example_loads(void **state)
{
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(
		dirs_read_file("vnfs/nat/example.yaml", 65536, &text, &len, NULL), 0);
	assert_null(harness_close(harness_text_open(vnf_plugin_type, text)));
	free(text);
}

static void
test_nat_more_sessions_than_the_region_holds_are_refused_at_run_time(void **state)
{
	char text[512];
	struct faults faults = {0};

	(void)state;
	snprintf(text, sizeof(text), "%smax-sessions: 100\n", config);
	struct harness *h = harness_text_open(vnf_plugin_type, text);

	snprintf(text, sizeof(text), "%smax-sessions: 1000\n", config);
	assert_true(harness_configure(h, text, &faults) < 0);
	assert_string_equal(faults.list[0].path, "max-sessions");
	faults_clear(&faults);
	snprintf(text, sizeof(text), "%smax-sessions: 50\n", config);
	assert_int_equal(harness_configure(h, text, &faults), 0);
	assert_null(harness_close(h));
}

static int
open_as_replica_2(struct vnf *vnf, const void *instance_config, struct err *err)
{
	vnf->scaled = true;
	vnf->replica = 2;
	return vnf_plugin_type->open(vnf, instance_config, err);
}

static void
test_nat_blocks_larger_than_a_replicas_share_of_ports_are_refused(void **state)
{
	static const struct {
		const char *more, *text;
	} cases[] = {
		{"port-blocks: {size: 9000}\n",
			"there is no block of 9000 ports from 16384 to 24575"},
		{"ports: 20000-50000\nport-blocks: {size: 8000}\n",
			"there is no block of 8000 ports from 20000 to 24575"},
		{"ports: 20000-50000\nport-blocks: {size: 4000}\n", NULL},
	};
	struct vnf_type replica = *vnf_plugin_type;

	(void)state;
	replica.open = open_as_replica_2;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct harness *h = NULL;
		struct faults faults = {0};
		char text[512];

		snprintf(text, sizeof(text), "%s%s", config, cases[i].more);
		const int rc = harness_open(&h, &replica, text, NULL, &faults);

		assert_int_equal(rc == 0, cases[i].text == NULL);
		if (rc != 0) {
			assert_string_equal(faults.list[0].path, "port-blocks.size");
			assert_string_equal(faults.list[0].text, cases[i].text);
		}
		faults_clear(&faults);
		assert_null(harness_close(h));
	}
}

static void
learn_neighbours(struct harness *h)
{
	harness_text_in(h, INSIDE,
		"eth 02:00:00:00:00:0a > ff:ff:ff:ff:ff:ff "
		"arp who-has 10.0.0.1 tell 10.0.0.10 sender-mac 02:00:00:00:00:0a");
	harness_text_in(h, OUTSIDE,
		"eth 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff "
		"arp who-has 203.0.113.2 tell 203.0.113.1 sender-mac 02:00:00:00:00:01");
}

static void
test_nat_many_sessions_of_a_burst_survive_a_crash(void **state)
{
	struct harness *h = harness_text_open(vnf_plugin_type, config);
	struct harness_state kept = {0};
	char text[256];

	(void)state;
	learn_neighbours(h);
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text),
			"eth 02:00:00:00:00:0a > 02:00:00:00:ff:00 ip4 10.0.%u.%u > "
			"198.51.100.%u udp %u > 53",
			i / 200, 2 + i % 200, 1 + i % 5, 1000 + i % 7);
		harness_text_in(h, INSIDE, text);
	}
	assert_int_equal(harness_text_stat(h, "sessions"), 5000);
	assert_null(harness_fault(h));
	harness_crash(h, &kept);
	h = harness_text_reopen(vnf_plugin_type, config, &kept);
	assert_int_equal(harness_text_stat(h, "sessions"), 5000);
	assert_int_equal(harness_text_stat(h, "mappings"), 5000);
	assert_null(harness_close(h));
}

static uint64_t rng = 0x1234567;

static uint32_t
random32(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 16);
}

/* Every kind of packet that the NAT tells apart, with bytes changed behind the MAC
 * addresses. */
static void
survive(const char *text_of_config)
{
	static const char *const seeds[] = {
		"ip4 10.0.0.10 > 198.51.100.1 udp 1000 > 53 \"payload\"",
		"ip4 10.0.0.10 > 198.51.100.1 tcp 1000 > 80 flags S \"payload\"",
		"ip4 10.0.0.10 > 198.51.100.1 icmp echo id 7 seq 1 \"payload\"",
		"ip4 198.51.100.1 > 203.0.113.2 udp 53 > 1024 \"payload\"",
		"ip4 198.51.100.1 > 203.0.113.2 icmp unreachable code 1 "
		"[ip4 203.0.113.2 > 198.51.100.1 udp 1024 > 53 \"payload\"]",
		"ip4 10.0.0.10 > 198.51.100.1 icmp time-exceeded code 0 "
		"[ip4 198.51.100.1 > 10.0.0.10 tcp 80 > 1000 flags S]",
		"ip4 10.0.0.10 > 203.0.113.2 mf off 0 udp 1000 > 80 \"payload\"",
		"ip4 10.0.0.10 > 203.0.113.2 id 7 off 1 proto 17 \"payload\"",
		"ip4 10.0.0.10 > 203.0.113.3 udp 1000 > 53 zeros 400",
		"ip4 10.0.0.11 > 198.51.100.1 tcp 1000 > 80 flags SA opts 020405b4",
		"ip4 10.0.0.11 > 203.0.113.2 icmp reply id 1024 seq 1 \"payload\"",
		"ip4 10.0.0.10 > 198.51.100.1 proto 47 hex 0000080000000000",
		"ip4 10.0.0.10 > 192.0.2.1 udp 1000 > 53 \"payload\"",
		"ip4 192.0.2.1 > 10.0.0.10 udp 53 > 1000 \"payload\"",
		"ip4 198.51.100.1 > 203.0.113.2 tcp 80 > 1030 flags S \"payload\"",
		"ip4 198.51.100.1 > 203.0.113.3 mf off 0 proto 136 hex 0000000000000000",
		"arp who-has 10.0.0.1 tell 10.0.0.10 sender-mac 02:00:00:00:00:0a",
		"ip6 2001:db8::1 > ff02::1:ff00:1 hlim 255 icmp6 ns target 2001:db8::1",
	};
	struct harness *h = harness_text_open(vnf_plugin_type, text_of_config);
	static struct pkttext pkt;
	char text[512];

	learn_neighbours(h);
	for (unsigned i = 0; i < 8000; i++) {
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

static void
test_nat_survives_changed_bytes_and_accounts_for_every_buffer(void **state)
{
	(void)state;
	survive(config);
}

static void
test_nat_with_all_options_survives_them_too(void **state)
{
	(void)state;
	survive(narrow);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nat_example_loads),
		cmocka_unit_test(
			test_nat_blocks_larger_than_a_replicas_share_of_ports_are_refused),
		cmocka_unit_test(
			test_nat_more_sessions_than_the_region_holds_are_refused_at_run_time),
		cmocka_unit_test(test_nat_many_sessions_of_a_burst_survive_a_crash),
		cmocka_unit_test(
			test_nat_survives_changed_bytes_and_accounts_for_every_buffer),
		cmocka_unit_test(test_nat_with_all_options_survives_them_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
