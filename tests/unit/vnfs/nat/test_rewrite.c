/* test_rewrite.c: after any rewrite every checksum is what a full recompute gives. */
#include <setjmp.h>
#include <stdio.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "tests/lib/pkttext.h"
#include "vnfs/nat/mss.h"
#include "vnfs/nat/rewrite.h"

#define ROUNDS 5000
#define ETH    "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 "

static struct pkttext pkt;
static struct pkt_info info;

static void
read_text(const char *text)
{
	struct err err;

	if (pkttext_parse(text, &pkt, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(pkt_parse(pkt.data, (uint32_t)pkt.len, &info), PKT_OK);
}

static void
assert_right(void)
{
	struct pkt_info after;
	const char *fault = pkttext_fault(pkt.data, pkt.len);

	assert_int_equal(pkt_parse(pkt.data, (uint32_t)pkt.len, &after), PKT_OK);
	assert_true(csum_l4_ok(pkt.data, &after));
	assert_memory_equal(&after, &info, sizeof(info));
	if (fault != NULL)
		fail_msg("%s", fault);
}

static void
test_rewrite_keeps_all_checksums_right(void **state)
{
	static const char *const packets[] = {
		ETH "ip4 10.0.0.1 > 10.0.0.2 tcp 1000 > 80 flags S \"payload\"",
		ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1000 > 53 \"payloads\"",
		ETH "ip4 10.0.0.1 > 10.0.0.2 icmp echo id 7 seq 1 \"payload\"",
		ETH "ip4 10.0.0.1 > 10.0.0.2 opts 01010101 udp 1000 > 53 \"x\"",
	};

	(void)state;
	srandom(1);
	for (unsigned i = 0; i < ROUNDS; i++) {
		const uint32_t ip = (uint32_t)random();
		const uint16_t port = (uint16_t)random();
		const enum rewrite_side side = i % 2 ? REWRITE_SRC : REWRITE_DST;

		if (i < 4 || i % 7 == 0)
			read_text(packets[i % 4]);
		rewrite(pkt.data, &info, side, ip, port);
		assert_memory_equal(side == REWRITE_SRC ? info.src : info.dst, &ip, 4);
		assert_int_equal(side == REWRITE_SRC ? info.sport : info.dport, port);
		assert_right();
	}
}

static void
test_rewrite_udp_without_checksum_stays_without(void **state)
{
	(void)state;
	read_text(ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1000 > 53 csum 0 \"x\"");
	rewrite(pkt.data, &info, REWRITE_SRC, 0x01020304, 5);
	assert_memory_equal(pkt.data + info.l4 + 6, "\0\0", 2);
}

static void
test_rewrite_udp_checksum_of_zero_is_sent_as_ffff(void **state)
{
	(void)state;
	read_text(ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1000 > 53 \"xx\"");
	for (unsigned port = 0; port < 65536; port++) {
		uint16_t csum;

		rewrite(pkt.data, &info, REWRITE_SRC, 0x01020304, (uint16_t)port);
		memcpy(&csum, pkt.data + info.l4 + 6, 2);
		assert_int_not_equal(csum, 0);
		assert_true(csum_l4_ok(pkt.data, &info));
	}
}

static void
test_rewrite_a_wrong_checksum_stays_wrong(void **state)
{
	(void)state;
	read_text(ETH "ip4 10.0.0.1 > 10.0.0.2 tcp 1000 > 80 \"payload\"");
	pkt.data[info.l4 + 20] ^= 1;
	rewrite(pkt.data, &info, REWRITE_DST, 0x01020304, 5);
	assert_false(csum_l4_ok(pkt.data, &info));
}

static void
test_rewrite_later_fragment_changes_only_the_address(void **state)
{
	uint8_t payload[8];

	(void)state;
	read_text(ETH "ip4 10.0.0.1 > 10.0.0.2 off 3 proto 17 \"12345678\"");
	memcpy(payload, pkt.data + info.l4, 8);
	rewrite(pkt.data, &info, REWRITE_SRC, 0x01020304, 5);
	assert_memory_equal(pkt.data + info.l4, payload, 8);
	info.sport = 0; /* a fragment has none */
	assert_right();
}

static void
test_rewrite_quoted_mends_inner_and_outer_checksums(void **state)
{
	static const char *const errors[] = {
		ETH "ip4 192.0.2.1 > 10.0.0.2 icmp unreachable code 1 "
		    "[ip4 10.0.0.2 > 198.51.100.1 udp 1000 > 53 \"payload\"]",
		ETH "ip4 192.0.2.1 > 10.0.0.2 icmp time-exceeded code 0 "
		    "[ip4 10.0.0.2 > 198.51.100.1 tcp 1000 > 80 flags S]",
		ETH "ip4 192.0.2.1 > 10.0.0.2 icmp unreachable code 3 "
		    "[ip4 10.0.0.2 > 198.51.100.1 icmp echo id 4 seq 5 \"payload\"]",
	};
	const uint32_t ip = htonl(0x0a090807);

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct pkt_info quoted, after;

		read_text(errors[i]);
		assert_true(rewrite_quoted_parse(pkt.data, &info, &quoted));
		rewrite_quoted(pkt.data, &info, &quoted, REWRITE_SRC, ip, 777);
		assert_null(pkttext_fault(pkt.data, pkt.len));
		assert_true(rewrite_quoted_parse(pkt.data, &info, &after));
		assert_memory_equal(after.src, &ip, 4);
		assert_memory_equal(info.dst, &ip, 4);
		assert_int_equal(after.sport, 777);
		/* the quoted transport checksum is right too, as a whole packet is quoted
		 */
		memmove(pkt.data + 14, pkt.data + info.l4 + 8, pkt.len - info.l4 - 8);
		assert_int_equal(pkt_parse(pkt.data,
					 (uint32_t)pkt.len - (info.l4 + 8u - 14u), &info),
			PKT_OK);
		assert_true(csum_l4_ok(pkt.data, &info));
	}
}

static void
test_rewrite_quoted_refuses_wrong_checksums_and_short_quotes(void **state)
{
	const char *text = ETH "ip4 192.0.2.1 > 10.0.0.2 icmp unreachable code 1 "
			       "[ip4 10.0.0.2 > 198.51.100.1 udp 1000 > 53]";
	struct pkt_info quoted;

	(void)state;
	read_text(text);
	pkt.data[info.l4 + 8 + 12] ^= 1; /* outer sum wrong */
	assert_false(rewrite_quoted_parse(pkt.data, &info, &quoted));
	csum_l4_set(pkt.data, &info); /* outer right, inner header's wrong */
	assert_false(rewrite_quoted_parse(pkt.data, &info, &quoted));
	read_text(text);
	info.end = (uint16_t)(info.end - 1);
	csum_l4_set(pkt.data, &info);
	assert_false(rewrite_quoted_parse(pkt.data, &info, &quoted));
}

static void
test_rewrite_takes_the_place_of_a_full_recompute(void **state)
{
	/* equation 3 against the sum over all of the packet, at the edges of the sums */
	static const uint16_t edges[] = {0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff};

	(void)state;
	read_text(ETH "ip4 10.0.0.1 > 10.0.0.2 udp 1000 > 53 \"xx\"");
	for (unsigned i = 0; i < 6 * 6 * 6 * 6; i++) {
		const uint32_t ip = (uint32_t)edges[i % 6] << 16 | edges[i / 6 % 6];

		rewrite(pkt.data, &info, i / 216 % 2 ? REWRITE_SRC : REWRITE_DST, ip,
			edges[i / 36 % 6]);
		uint16_t csum;

		memcpy(&csum, pkt.data + info.l4 + 6, 2);

		csum_l4_set(pkt.data, &info);
		assert_memory_equal(pkt.data + info.l4 + 6, &csum, 2);
		assert_true(csum_finish(csum_add(0, pkt.data + info.l3, 20)) == 0);
	}
}

static void
test_rewrite_quoted_does_not_look_at_the_inner_l4_checksum(void **state)
{
	struct pkt_info quoted;

	(void)state;
	read_text(ETH "ip4 192.0.2.1 > 10.0.0.2 icmp unreachable code 1 "
		      "[ip4 10.0.0.2 > 198.51.100.1 udp 1000 > 53 csum 4660 \"x\"]");
	assert_true(rewrite_quoted_parse(pkt.data, &info, &quoted));
	rewrite_quoted(pkt.data, &info, &quoted, REWRITE_SRC, htonl(0x0a090807), 7);
	assert_true(csum_l4_ok(pkt.data, &info));
}

static void
test_rewrite_quoted_mends_a_fragmented_error_too(void **state)
{
	struct pkt_info quoted;
	uint16_t csum;

	(void)state;
	read_text(ETH "ip4 192.0.2.1 > 10.0.0.2 icmp unreachable code 1 "
		      "[ip4 10.0.0.2 > 198.51.100.1 udp 1000 > 53 \"payload\"]");
	info.fragment = true; /* the rest of what the checksum covers is elsewhere */
	assert_true(rewrite_quoted_parse(pkt.data, &info, &quoted));
	rewrite_quoted(pkt.data, &info, &quoted, REWRITE_SRC, htonl(0x0a090807), 7);
	memcpy(&csum, pkt.data + info.l4 + 2, 2);
	info.fragment = false;
	assert_true(csum_l4_ok(pkt.data, &info));
}

static unsigned
mss_of(unsigned nops)
{
	const uint8_t *at = pkt.data + info.l4 + 20 + nops + 2;

	return at[0] << 8 | at[1];
}

static void
test_mss_is_lowered_at_any_place_and_never_raised(void **state)
{
	static const char *const options[] = {
		"020405b4", "01020405b4010000", "0101020405b40000"};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char text[256];

		snprintf(text, sizeof(text),
			ETH "ip4 10.0.0.1 > 10.0.0.2 tcp 1 > 2 "
			    "flags S opts %s \"odd\"",
			options[i]);
		read_text(text);
		mss_clamp(pkt.data, &info, 1500);
		assert_int_equal(mss_of(i), 1460);
		mss_clamp(pkt.data, &info, 1360);
		assert_int_equal(mss_of(i), 1360);
		assert_right();
	}
}

#define RULE(text, function)                                                             \
	{                                                                                \
		.name = (text), .test_func = (function)                                  \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE("checksums stay right whatever is rewritten [NAT-13]",
			test_rewrite_keeps_all_checksums_right),
		RULE("they are what a full recompute gives [NAT-13]",
			test_rewrite_takes_the_place_of_a_full_recompute),
		RULE("UDP without a checksum stays without [NAT-13]",
			test_rewrite_udp_without_checksum_stays_without),
		RULE("a UDP checksum of zero is sent as ffff [NAT-13]",
			test_rewrite_udp_checksum_of_zero_is_sent_as_ffff),
		RULE("a wrong checksum stays wrong",
			test_rewrite_a_wrong_checksum_stays_wrong),
		RULE("of a later fragment only the address changes [NAT-14]",
			test_rewrite_later_fragment_changes_only_the_address),
		RULE("ICMP errors: inner and outer checksums are mended [NAT-11]",
			test_rewrite_quoted_mends_inner_and_outer_checksums),
		RULE("ICMP errors: of a fragmented one too [NAT-11]",
			test_rewrite_quoted_mends_a_fragmented_error_too),
		RULE("ICMP errors: the inner L4 checksum is not verified [NAT-11]",
			test_rewrite_quoted_does_not_look_at_the_inner_l4_checksum),
		RULE("ICMP errors: wrong checksums and short quotes are refused [NAT-11]",
			test_rewrite_quoted_refuses_wrong_checksums_and_short_quotes),
		RULE("a TCP segment size is lowered at any place, never raised [NAT-15]",
			test_mss_is_lowered_at_any_place_and_never_raised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
