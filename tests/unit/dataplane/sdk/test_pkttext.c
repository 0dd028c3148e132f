/* Tests of packet text (tests/lib/pkttext.h), which scenarios rely on: bytes, comparison,
 * printing, soundness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/parse.h"
#include "tests/lib/pkttext.h"

#define ETH "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 "

static struct pkttext
packet(const char *text)
{
	struct pkttext pkt;
	struct err err = {0};

	if (pkttext_parse(text, &pkt, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	return pkt;
}

static const char *const sound[] = {
	ETH "ip4 10.0.0.1 > 198.51.100.10 ttl 64 udp 1000 > 53 \"payload\"",
	ETH "ip4 10.0.0.1 > 198.51.100.10 ttl 64 tos 16 id 7 df tcp 1 > 2 flags SA seq 1 "
	    "ack 2",
	ETH "ip4 10.0.0.1 > 198.51.100.10 ttl 1 icmp echo id 7 seq 1 hex 00ff",
	ETH "ip4 10.0.0.1 > 10.0.0.2 ttl 64 icmp unreachable code 4 mtu 1400 "
	    "[ip4 10.0.0.2 > 10.0.0.1 ttl 3 udp 53 > 1000]",
	ETH
	"vlan 100 prio 3 ip6 2001:db8::1 > 2001:db8::2 hlim 64 tcp 1 > 2 flags S seq 9",
	ETH "ip6 2001:db8::1 > 2001:db8::2 hlim 255 icmp6 ns target fe80::1 slla "
	    "02:00:00:00:00:01",
	ETH "ip6 2001:db8::1 > 2001:db8::2 hlim 255 icmp6 na solicited override target "
	    "fe80::1 "
	    "tlla 02:00:00:00:00:01",
	ETH "ip6 2001:db8::1 > 2001:db8::2 hlim 64 icmp6 too-big mtu 1280 "
	    "[ip6 2001:db8::2 > 2001:db8::1 hlim 64 udp 1 > 2]",
	ETH "ip6 2001:db8::1 > 2001:db8::2 hlim 64 frag off 0 mf id 5 udp 1 > 2 "
	    "\"x\"",
	ETH "arp who-has 10.0.0.1 tell 10.0.0.2 sender-mac 02:00:00:00:00:01 target-mac "
	    "00:00:00:00:00:00",
	ETH "arp reply 10.0.0.1 is-at 02:00:00:00:00:02 to 10.0.0.2 target-mac "
	    "02:00:00:00:00:01",
	ETH "ip4 10.0.0.1 > 10.0.0.2 ttl 64 opts 94040000 udp 1 > 2 \"x\"",
	ETH "ip4 10.0.0.1 > 10.0.0.2 ttl 64 off 185 proto 17 \"a later fragment\"",
};

static void
test_pkttext_prints_what_it_reads(void **state)
{
	char text[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(sound) / sizeof(sound[0]); i++) {
		const struct pkttext pkt = packet(sound[i]);
		struct pkttext again;

		pkttext_print(pkt.data, pkt.len, text, sizeof(text));
		again = packet(text);
		if (pkt.len != again.len || memcmp(pkt.data, again.data, pkt.len) != 0)
			fail_msg("%s\nis printed as\n%s", sound[i], text);
	}
}

/* The code under test elsewhere agrees with the text's own checksums. */
static void
test_pkttext_computes_lengths_and_checksums(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sound) / sizeof(sound[0]); i++) {
		const struct pkttext pkt = packet(sound[i]);
		struct pkt_info info;
		const bool fragment = strstr(sound[i], " off ") != NULL;

		if (!fragment && pkttext_fault(pkt.data, pkt.len) != NULL)
			fail_msg("%s: %s", sound[i], pkttext_fault(pkt.data, pkt.len));
		assert_int_equal(pkt_parse(pkt.data, (uint32_t)pkt.len, &info), PKT_OK);
		assert_true(csum_l4_ok(pkt.data, &info));
	}
}

static bool
matches(const char *expected, const char *text)
{
	const struct pkttext want = packet(expected), pkt = packet(text);

	return pkttext_match(&want, pkt.data, pkt.len);
}

static void
test_pkttext_compares_only_what_is_written(void **state)
{
	const char *const pkt =
		ETH "ip4 10.0.0.1 > 10.0.0.2 ttl 63 id 9 udp 1 > 2 \"abc\"";

	(void)state;
	assert_true(matches(ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1 > 2", pkt));
	assert_true(matches(ETH "ip4 10.0.0.1 > 10.0.0.2 ttl 63 udp 1 > 2 \"abc\"", pkt));
	assert_true(matches(ETH "ip4 10.0.0.1 > 10.0.0.2", pkt));
	assert_true(matches(ETH "ip4 10.0.0.1 > 10.0.0.2 no-df udp 1 > 2", pkt));
	assert_false(matches(ETH "ip4 10.0.0.1 > 10.0.0.2 df udp 1 > 2", pkt));
	assert_false(matches(ETH "ip4 10.0.0.1 > 10.0.0.2 ttl 64 udp 1 > 2", pkt));
	assert_false(matches(ETH "ip4 10.0.0.1 > 10.0.0.2 tcp 1 > 2", pkt));
	assert_false(matches(ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1 > 2 \"abcd\"", pkt));
	assert_false(matches(ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1 > 2 end", pkt));
	assert_false(matches(ETH "ip6 2001:db8::1 > 2001:db8::2", pkt));
}

static void
test_pkttext_finds_wrong_lengths_and_checksums(void **state)
{
	static const char *const unsound[] = {
		ETH "ip4 10.0.0.1 > 10.0.0.2 csum 1 udp 1 > 2 \"abc\"",
		ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1 > 2 csum 1 \"abc\"",
		ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1 > 2 len 9 \"abc\"",
		ETH "ip4 10.0.0.1 > 10.0.0.2 len 400 udp 1 > 2 \"abc\"",
		ETH "ip4 10.0.0.1 > 10.0.0.2 tcp 1 > 2 csum 1",
		ETH "ip4 10.0.0.1 > 10.0.0.2 icmp unreachable [ip4 1.1.1.1 > 2.2.2.2 "
		    "csum 1 udp 1 > 2]",
		ETH "ip6 2001:db8::1 > 2001:db8::2 udp 1 > 2 csum 0 \"abc\"",
		ETH "ip6 2001:db8::1 > 2001:db8::2 len 500 udp 1 > 2",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(unsound) / sizeof(unsound[0]); i++) {
		const struct pkttext pkt = packet(unsound[i]);

		if (pkttext_fault(pkt.data, pkt.len) == NULL)
			fail_msg("no fault in: %s", unsound[i]);
	}
}

static void
test_pkttext_refuses_what_it_does_not_know(void **state)
{
	static const char *const bad[] = {"", "ethernet", ETH "ip4 10.0.0.1 10.0.0.2",
		ETH "ip4 10.0.0.1 > 300.0.0.2", ETH "ip4 10.0.0.1 > 10.0.0.2 ttl 256",
		ETH "ip4 10.0.0.1 > 10.0.0.2 tcp 1 > 2 flags XY", ETH "hex 0",
		ETH "ip4 10.0.0.1 > 10.0.0.2 icmp unreachable [ip4 1.1.1.1 > 2.2.2.2",
		ETH "\"open", ETH "zeros 5000", ETH "udp 1 > 70000"};
	struct pkttext pkt;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (pkttext_parse(bad[i], &pkt, &err) == 0)
			fail_msg("accepted: %s", bad[i]);
}

static void
test_pkttext_prints_any_bytes_without_harm(void **state)
{
	uint8_t data[300];
	char text[4096];
	uint32_t random = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		const struct pkttext base =
			packet(sound[round % (sizeof(sound) / sizeof(sound[0]))]);
		const size_t len = base.len < sizeof(data) ? base.len : sizeof(data);

		memcpy(data, base.data, len);
		for (unsigned i = 0; i < 4; i++) {
			random = random * 1664525 + 1013904223;
			data[(random >> 8) % len] = (uint8_t)(random >> 24);
		}
		random = random * 1664525 + 1013904223;
		(void)pkttext_fault(data, (random >> 8) % (len + 1));
		pkttext_print(data, (random >> 8) % (len + 1), text, sizeof(text));
		pkttext_print(data, len, text, 40);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pkttext_prints_what_it_reads),
		cmocka_unit_test(test_pkttext_computes_lengths_and_checksums),
		cmocka_unit_test(test_pkttext_compares_only_what_is_written),
		cmocka_unit_test(test_pkttext_finds_wrong_lengths_and_checksums),
		cmocka_unit_test(test_pkttext_refuses_what_it_does_not_know),
		cmocka_unit_test(test_pkttext_prints_any_bytes_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
