/* test_quick.c: two ways through the router, held against one another: with a look at the
 * path back to every source, which a default route always grants, all packets go the long
 * way; without, the usual ones the quick one. What comes out must be the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/pkt/csum.h"
#include "tests/lib/harness.h"
#include "tests/lib/pkttext.h"
#include "tests/lib/random.h"

extern const struct vnf_type *const vnf_plugin_type;

#define ROUNDS 20000

static struct harness *
open_router(const char *reverse_path)
{
	struct harness *h = NULL;
	struct faults faults = {0};
	char text[1024];

	snprintf(text, sizeof(text),
		"interfaces:\n"
		"- {cp: p0, addresses: [203.0.113.1/24], reverse-path: %s}\n"
		"- {cp: p1, addresses: [198.51.100.1/24], mtu: 1000}\n"
		"redirects: true\n"
		"icmp-rate: {per-destination: 100000, total: 1000000}\n"
		"routes:\n"
		"- {prefix: 0.0.0.0/0, via: 203.0.113.2}\n"
		"- {prefix: 10.0.0.0/8, via: [198.51.100.2, 198.51.100.3]}\n"
		"- {prefix: 10.9.0.0/16, via: 198.51.100.4}\n"
		"- {prefix: 10.8.0.0/16, action: blackhole}\n"
		"- {prefix: 10.7.0.0/16, action: prohibit}\n",
		reverse_path);
	if (harness_open(&h, vnf_plugin_type, text, NULL, &faults) != 0)
		fail_msg("%s: %s", faults.list[0].path, faults.list[0].text);
	return h;
}

#define NEIGHBOURS 5

/* Neighbour i asks for the router's address, from a MAC that ends so; the router answers.
 */
static void
meet(struct harness *h, unsigned i, unsigned mac)
{
	static const char *const addresses[NEIGHBOURS] = {"203.0.113.2", "198.51.100.2",
		"198.51.100.3", "198.51.100.4", "198.51.100.77"};
	static struct pkttext pkt;
	struct harness_frame frame;
	struct err err;
	char text[256];

	snprintf(text, sizeof(text),
		"eth 02:00:00:00:00:%02x > ff:ff:ff:ff:ff:ff arp who-has %s tell %s "
		"sender-mac 02:00:00:00:00:%02x",
		mac, i == 0 ? "203.0.113.1" : "198.51.100.1", addresses[i], mac);
	assert_int_equal(pkttext_parse(text, &pkt, &err), 0);
	harness_in(h, i > 0, pkt.data, pkt.len);
	assert_true(harness_out(h, i > 0, &frame));
}

/* Mostly usual, to one of several destinations, with something odd about it now and then.
 */
static void
make(struct harness_frame *frame)
{
	static const char *const dsts[] = {"10.1.2.3", "10.9.1.1", "10.8.1.1", "10.7.1.1",
		"8.8.8.8", "198.51.100.77", "198.51.100.1", "203.0.113.255", "127.0.0.1",
		"224.0.0.5", "198.51.100.88"};
	static const char *const srcs[] = {"192.0.2.7", "203.0.113.9", "203.0.113.1",
		"10.9.3.4", "127.0.0.1", "0.0.0.0", "203.0.113.0"};
	static struct pkttext pkt;
	char text[512];
	struct err err;

	snprintf(text, sizeof(text),
		"eth 02:00:00:00:00:01 > 02:00:00:00:ff:00 ip4 %s > %s ttl %u %s %u > %u "
		"\"%s\"",
		srcs[random_below(10) < 7 ? 0 : random_below(7)], dsts[random_below(11)],
		random_below(5) == 0 ? random_below(3) : 64,
		random_below(2) ? "udp" : "tcp", 1 + random_below(60000),
		1 + random_below(60000),
		random_below(2) ? "x" : "a longer payload, so that nothing is padded");
	assert_int_equal(pkttext_parse(text, &pkt, &err), 0);
	frame->len = (uint32_t)pkt.len;
	memcpy(frame->data, pkt.data, pkt.len);
	for (unsigned n = random_below(4) == 0 ? 1 + random_below(3) : 0; n > 0; n--)
		frame->data[random_below(frame->len)] = (uint8_t)random_below(256);
	if (frame->len >= 34 && random_below(4) != 0 && frame->data[14] == 0x45)
		csum_ip4_set(frame->data + 14);
	if (random_below(8) == 0)
		frame->len -= random_below(frame->len);
	else if (random_below(3) == 0)
		frame->len += random_below(20);
}

static void
compare(struct harness *quick, struct harness *slow)
{
	for (;;) {
		struct harness_frame a, b;
		unsigned reason_a = 0, reason_b = 0;
		int cp_a = 0, cp_b = 0;
		const bool more = harness_any(quick, &cp_a, &reason_a, &a);

		assert_int_equal(more, harness_any(slow, &cp_b, &reason_b, &b));
		if (!more)
			return;
		assert_int_equal(cp_a, cp_b);
		if (cp_a < 0) {
			assert_int_equal(reason_a, reason_b);
			continue;
		}
		assert_int_equal(a.len, b.len);
		assert_memory_equal(a.data, b.data, a.len);
	}
}

static void
test_router_forwards_the_same_by_the_quick_way_and_the_long_one(void **state)
{
	struct harness *quick = open_router("off"), *slow = open_router("loose");

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		static struct harness_frame frames[VNF_BURST];
		const unsigned n = 1 + random_below(4);

		if (round < NEIGHBOURS ||
			random_below(16) == 0) { /* known, or another MAC */
			const unsigned i =
				round < NEIGHBOURS ? round : random_below(NEIGHBOURS);
			const unsigned mac = random_below(200);

			meet(quick, i, mac);
			meet(slow, i, mac);
		}
		for (unsigned i = 0; i < n; i++)
			make(&frames[i]);
		harness_burst(quick, 0, frames, n);
		harness_burst(slow, 0, frames, n);
		compare(quick, slow);
	}
	json_t *a = harness_stats(quick), *b = harness_stats(slow);

	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
	assert_null(harness_close(quick));
	assert_null(harness_close(slow));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_router_forwards_the_same_by_the_quick_way_and_the_long_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
