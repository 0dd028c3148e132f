/* test_rewrite.c: after any rewrite every checksum is what a full recompute gives. */
#include <setjmp.h>
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rewrite_keeps_all_checksums_right),
		cmocka_unit_test(test_rewrite_udp_without_checksum_stays_without),
		cmocka_unit_test(test_rewrite_udp_checksum_of_zero_is_sent_as_ffff),
		cmocka_unit_test(test_rewrite_a_wrong_checksum_stays_wrong),
		cmocka_unit_test(test_rewrite_later_fragment_changes_only_the_address),
		cmocka_unit_test(test_rewrite_quoted_mends_inner_and_outer_checksums),
		cmocka_unit_test(
			test_rewrite_quoted_refuses_wrong_checksums_and_short_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
