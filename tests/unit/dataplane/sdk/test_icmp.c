/* test_icmp.c: when an ICMP error may be sent, what it holds, how many there may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/sdk/icmp.h"
#include "tests/lib/pkttext.h"

#define SECOND 1000000000ull

static struct pkttext pkt;

static struct pkt_info
parsed(const char *text)
{
	struct pkt_info info;
	struct err err;

	if (pkttext_parse(text, &pkt, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(pkt_parse(pkt.data, (uint32_t)pkt.len, &info), PKT_OK);
	return info;
}

static bool
allowed(const char *text, enum icmp_error kind)
{
	const struct pkt_info info = parsed(text);

	return icmp_error_allowed(pkt.data, &info, kind);
}

#define ETH "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 "

static void
test_icmp_error_is_never_about_these(void **state)
{
	static const char *const never[] = {
		ETH "ip4 10.0.0.1 > 10.0.0.2 icmp unreachable code 1 [ip4 10.0.0.2 > "
		    "10.0.0.1 udp 1 > 2]",
		ETH "ip4 10.0.0.1 > 10.0.0.2 icmp time-exceeded code 0 [ip4 10.0.0.2 > "
		    "10.0.0.1 udp 1 > 2]",
		ETH "ip4 10.0.0.1 > 10.0.0.2 icmp type 5 code 0",
		ETH "ip4 10.0.0.1 > 224.0.0.5 udp 1 > 2",
		ETH "ip4 10.0.0.1 > 255.255.255.255 udp 1 > 2",
		ETH "ip4 10.0.0.1 > 10.0.0.2 off 100 proto 17 \"12345678\"",
		ETH "ip4 0.0.0.0 > 10.0.0.2 udp 1 > 2",
		ETH "ip4 127.0.0.1 > 10.0.0.2 udp 1 > 2",
		ETH "ip4 224.0.0.1 > 10.0.0.2 udp 1 > 2",
		"eth 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff ip4 10.0.0.1 > 10.0.0.2 udp 1 "
		"> 2",
		ETH "ip6 2001:db8::1 > 2001:db8::2 icmp6 unreachable code 0 [ip6 :: > "
		    "::1 udp 1 > 2]",
		ETH "ip6 2001:db8::1 > ff02::1 udp 1 > 2",
		ETH "ip6 :: > 2001:db8::2 udp 1 > 2",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (allowed(never[i], ICMP_TTL))
			fail_msg("an error about: %s", never[i]);
}

static void
test_icmp_error_may_be_about_these(void **state)
{
	(void)state;
	assert_true(allowed(ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1 > 2", ICMP_TTL));
	assert_true(
		allowed(ETH "ip4 10.0.0.1 > 10.0.0.2 icmp echo id 1 seq 1", ICMP_TTL));
	assert_true(allowed(ETH "ip4 10.0.0.1 > 10.0.0.2 mf off 0 udp 1 > 2", ICMP_TTL));
	assert_true(allowed(
		ETH "ip6 2001:db8::1 > 2001:db8::2 icmp6 echo id 1 seq 1", ICMP_TTL));
	assert_true(allowed(ETH "ip6 2001:db8::1 > ff02::1 udp 1 > 2", ICMP_TOO_BIG));
}

static void
check_build(
	const char *text, enum icmp_error kind, uint8_t type, uint8_t code, uint32_t most)
{
	static const uint8_t src[16] = {192, 0, 2, 1};
	const struct pkt_info info = parsed(text);
	struct pkt_info error;
	uint8_t out[2048];
	const uint32_t len = icmp_error_build(out, sizeof(out), pkt.data, &info, kind,
		kind == ICMP_TOO_BIG ? 1234 : 0, src);

	assert_true(len <= most + PKT_ETH_LEN);
	assert_int_equal(pkt_parse(out, len, &error), PKT_OK);
	assert_int_equal(error.end, len);
	assert_true(csum_l4_ok(out, &error));
	assert_int_equal(error.icmp_type, type);
	assert_int_equal(error.icmp_code, code);
	assert_memory_equal(error.src, src, 16);
	assert_memory_equal(error.dst, info.src, 16);
	assert_memory_equal(out + error.l4 + 8, pkt.data + 14, len - error.l4 - 8);
}

static void
test_icmp_error_quotes_as_much_as_the_rfcs_let_it(void **state)
{
	(void)state;
	check_build(
		ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1 > 2 zeros 1400", ICMP_TTL, 11, 0, 576);
	check_build(ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1 > 2", ICMP_PROHIBITED, 3, 13, 56);
	check_build(ETH "ip6 2001:db8::1 > 2001:db8::2 udp 1 > 2 zeros 1400", ICMP_HOST,
		1, 3, 1280);
	check_build(ETH "ip6 2001:db8::1 > 2001:db8::2 udp 1 > 2 zeros 1400",
		ICMP_TOO_BIG, 2, 0, 1280);
}

static void
test_icmp_too_big_tells_the_mtu(void **state)
{
	static const uint8_t src[16] = {192, 0, 2, 1};
	const struct pkt_info four = parsed(ETH "ip4 10.0.0.1 > 10.0.0.2 df udp 1 > 2");
	uint8_t out[2048];

	(void)state;
	icmp_error_build(out, sizeof(out), pkt.data, &four, ICMP_TOO_BIG, 1400, src);
	assert_memory_equal(out + 14 + 20 + 4, "\x00\x00\x05\x78", 4);
	const struct pkt_info six = parsed(ETH "ip6 2001:db8::1 > 2001:db8::2 udp 1 > 2");

	icmp_error_build(out, sizeof(out), pkt.data, &six, ICMP_TOO_BIG, 1400, src);
	assert_memory_equal(out + 14 + 40 + 4, "\x00\x00\x05\x78", 4);
}

static void
test_icmp_echo_becomes_its_reply_with_right_checksums(void **state)
{
	static const char *const pings[] = {
		ETH "ip4 10.0.0.1 > 10.0.0.2 ttl 3 icmp echo id 7 seq 9 \"hello\"",
		ETH
		"ip6 2001:db8::1 > 2001:db8::2 hlim 3 icmp6 echo id 7 seq 9 \"hello\"",
	};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct pkt_info info = parsed(pings[i]), after;

		assert_true(icmp_is_echo_request(&info));
		const struct pkt_info before = info;

		icmp_echo_reply(pkt.data, &info);
		assert_int_equal(pkt_parse(pkt.data, (uint32_t)pkt.len, &after), PKT_OK);
		assert_true(csum_l4_ok(pkt.data, &after));
		assert_memory_equal(after.src, before.dst, 16);
		assert_memory_equal(after.dst, before.src, 16);
		assert_int_equal(after.ttl, 64);
		assert_false(icmp_is_echo_request(&after));
		assert_int_equal(info.icmp_type, after.icmp_type);
	}
}

static unsigned
take(struct icmp_limit *limit, uint8_t last, unsigned n, uint64_t now)
{
	const uint8_t dst[16] = {10, 0, 0, last};
	unsigned taken = 0;

	for (unsigned i = 0; i < n; i++)
		taken += icmp_limit_take(limit, dst, now);
	return taken;
}

static void
test_icmp_limit_is_per_destination_and_refills_with_time(void **state)
{
	static struct icmp_limit limit;
	const struct icmp_rate rate = {.per_destination = 10, .total = 1000};

	(void)state;
	icmp_limit_init(&limit, &rate, 1);
	assert_int_equal(take(&limit, 1, 50, SECOND), 10);
	assert_int_equal(take(&limit, 2, 50, SECOND), 10);
	assert_int_equal(take(&limit, 1, 50, SECOND + SECOND / 2), 5);
	assert_int_equal(take(&limit, 1, 50, 100 * SECOND), 10);
}

static void
test_icmp_limit_in_total_holds_over_destinations(void **state)
{
	static struct icmp_limit limit;
	const struct icmp_rate rate = {.per_destination = 10, .total = 100};
	unsigned taken = 0;

	(void)state;
	icmp_limit_init(&limit, &rate, 1);
	for (unsigned i = 0; i < 250; i++)
		taken += take(&limit, (uint8_t)i, 10, SECOND);
	assert_int_equal(taken, 100);
}

static void
test_icmp_limit_of_zero_sends_none(void **state)
{
	static struct icmp_limit limit;
	const struct icmp_rate rate = {0};

	(void)state;
	icmp_limit_init(&limit, &rate, 1);
	assert_int_equal(take(&limit, 1, 5, 10 * SECOND), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "no error is about ICMP errors, what went to many, later fragments, or a source that is not one host [RTR-4]",
			.test_func = test_icmp_error_is_never_about_these},
		{.name = "errors may be about queries and first fragments, and in IPv6 too big about multicast [RTR-4]",
			.test_func = test_icmp_error_may_be_about_these},
		{.name = "an error has at most 576 bytes, in IPv6 1280 [RTR-3]",
			.test_func = test_icmp_error_quotes_as_much_as_the_rfcs_let_it},
		cmocka_unit_test(test_icmp_too_big_tells_the_mtu),
		cmocka_unit_test(test_icmp_echo_becomes_its_reply_with_right_checksums),
		{.name = "errors are limited per destination, and the bucket refills [RTR-5]",
			.test_func =
				test_icmp_limit_is_per_destination_and_refills_with_time},
		{.name = "errors are limited in total [RTR-5]",
			.test_func = test_icmp_limit_in_total_holds_over_destinations},
		cmocka_unit_test(test_icmp_limit_of_zero_sends_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
