/* test_csum.c: checksums against a plain reading of RFC 1071, and incremental against
 * full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "tests/lib/random.h"

#define ROUNDS 20000

static void
fill_random(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)random32();
}

/* RFC 1071 as it is written, in big-endian words. */
static uint16_t
oracle(const uint8_t *p, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void
test_csum_equals_rfc1071_for_any_length(void **state)
{
	uint8_t data[1600];

	(void)state;
	for (unsigned i = 0; i < ROUNDS / 10; i++) {
		const size_t len = random32() % sizeof(data);

		fill_random(data, len);
		assert_int_equal(csum_finish(csum_add(0, data, len)), oracle(data, len));
	}
}

static void
test_csum_of_all_ones_does_not_overflow(void **state)
{
	static uint8_t data[65535];

	(void)state;
	memset(data, 0xff, sizeof(data));
	assert_int_equal(
		csum_finish(csum_add(0, data, sizeof(data))), oracle(data, sizeof(data)));
	assert_int_equal(csum_finish(csum_add(0xffffffff, data, 4)), 0);
}

static void
test_csum_sums_of_even_pieces_join(void **state)
{
	uint8_t data[256];

	(void)state;
	for (unsigned i = 0; i < ROUNDS / 10; i++) {
		const size_t cut = random32() % 128 * 2;

		fill_random(data, sizeof(data));
		const uint32_t sum = csum_add(0, data, cut);
		assert_int_equal(
			csum_finish(csum_add(sum, data + cut, sizeof(data) - cut)),
			oracle(data, sizeof(data)));
	}
}

/* One's complement has two zeros; a checksum that verifies either way is right. */
static void
assert_verifies(const uint8_t *data, size_t len, uint16_t csum)
{
	assert_int_equal(csum_finish(csum_add(csum_add(0, data, len), &csum, 2)), 0);
}

static void
test_csum_incremental_equals_full_recompute(void **state)
{
	uint8_t data[64], after[32];

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		const size_t at = random32() % 16 * 2, len = random32() % 16 * 2;

		fill_random(data, sizeof(data));
		fill_random(after, sizeof(after));
		const uint16_t csum =
			csum_update(oracle(data, sizeof(data)), data + at, after, len);
		memcpy(data + at, after, len);
		assert_verifies(data, sizeof(data), csum);
	}
}

static void
test_csum_incremental16_and_32_equal_full_recompute(void **state)
{
	uint16_t words[20];

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		fill_random((uint8_t *)words, sizeof(words));
		uint16_t csum = oracle((uint8_t *)words, sizeof(words));
		const uint16_t new16 = (uint16_t)random32();
		const uint32_t new32 = random32();
		uint32_t old32;

		csum = csum_update16(csum, words[3], new16);
		words[3] = new16;
		memcpy(&old32, &words[8], 4);
		csum = csum_update32(csum, old32, new32);
		memcpy(&words[8], &new32, 4);
		assert_verifies((uint8_t *)words, sizeof(words), csum);
	}
}

static void
test_csum_incremental_keeps_rfc1624_corner_case(void **state)
{
	(void)state;
	/* RFC 1624 section 4: 0xdd2f with 0x5555 becoming 0x3285 is 0x0000, not 0xffff */
	assert_int_equal(csum_update16(0xdd2f, 0x5555, 0x3285), 0x0000);
}

static void
test_csum_ip4_header_sums_to_zero(void **state)
{
	uint8_t header[60];

	(void)state;
	for (unsigned words = 5; words <= 15; words++) {
		fill_random(header, sizeof(header));
		header[0] = (uint8_t)(0x40 | words);
		csum_ip4_set(header);
		assert_int_equal(oracle(header, words * 4), 0);
	}
}

/* An IPv4 or IPv6 frame of proto with len bytes of L4, all random. */
static uint32_t
make_frame(uint8_t *frame, uint8_t family, uint8_t proto, uint16_t len,
	struct pkt_info *info)
{
	const uint16_t l3_len = family == 4 ? PKT_IP4_LEN : PKT_IP6_LEN;
	const uint16_t l4 = PKT_ETH_LEN + l3_len;

	fill_random(frame, l4 + len);
	frame[12] = family == 4 ? 0x08 : 0x86;
	frame[13] = family == 4 ? 0x00 : 0xdd;
	uint8_t *ip = frame + PKT_ETH_LEN;

	if (family == 4) {
		const uint16_t total = htons((uint16_t)(l3_len + len));

		ip[0] = 0x45;
		memcpy(ip + 2, &total, 2);
		ip[6] = ip[7] = 0;
		ip[9] = proto;
		csum_ip4_set(ip);
	} else {
		ip[0] = 0x60;
		ip[4] = (uint8_t)(len >> 8);
		ip[5] = (uint8_t)len;
		ip[6] = proto;
	}
	if (proto == PKT_PROTO_UDP) {
		frame[l4 + 4] = (uint8_t)(len >> 8);
		frame[l4 + 5] = (uint8_t)len;
	}
	if (proto == PKT_PROTO_TCP)
		frame[l4 + 12] = 0x50;
	assert_int_equal(pkt_parse(frame, l4 + len, info), PKT_OK);
	return l4 + len;
}

static void
test_csum_l4_set_verifies_for_every_protocol(void **state)
{
	static const struct {
		uint8_t family, proto;
	} kinds[] = {{4, PKT_PROTO_TCP}, {4, PKT_PROTO_UDP}, {4, PKT_PROTO_ICMP},
		{6, PKT_PROTO_TCP}, {6, PKT_PROTO_UDP}, {6, PKT_PROTO_ICMPV6}};
	uint8_t frame[1600];
	struct pkt_info info;

	(void)state;
	for (unsigned i = 0; i < ROUNDS / 10; i++) {
		const uint8_t family = kinds[i % 6].family, proto = kinds[i % 6].proto;

		make_frame(
			frame, family, proto, (uint16_t)(20 + random32() % 1400), &info);
		csum_l4_set(frame, &info);
		assert_true(csum_l4_ok(frame, &info));
		frame[info.l4 + 1] ^= 0x10;
		assert_false(csum_l4_ok(frame, &info));
	}
}

static void
test_csum_udp_zero_is_none_in_ipv4_and_wrong_in_ipv6(void **state)
{
	uint8_t frame[128];
	struct pkt_info info;

	(void)state;
	make_frame(frame, 4, PKT_PROTO_UDP, 20, &info);
	frame[info.l4 + 6] = frame[info.l4 + 7] = 0;
	assert_true(csum_l4_ok(frame, &info));
	make_frame(frame, 6, PKT_PROTO_UDP, 20, &info);
	frame[info.l4 + 6] = frame[info.l4 + 7] = 0;
	assert_false(csum_l4_ok(frame, &info));
}

static void
test_csum_udp_computed_zero_is_sent_as_ffff(void **state)
{
	uint8_t frame[128];
	struct pkt_info info;
	uint16_t csum;

	(void)state;
	make_frame(frame, 4, PKT_PROTO_UDP, 10, &info);
	memset(frame + info.l4 + 8, 0, 2);
	csum_l4_set(frame, &info);
	memcpy(frame + info.l4 + 8, frame + info.l4 + 6, 2); /* now the sum is all ones */
	csum_l4_set(frame, &info);
	memcpy(&csum, frame + info.l4 + 6, 2);
	assert_int_equal(csum, 0xffff);
	assert_true(csum_l4_ok(frame, &info));
}

static void
test_csum_left_to_offload_is_completed_and_others_are_not(void **state)
{
	uint8_t frame[1600];
	struct pkt_info info;

	(void)state;
	for (unsigned i = 0; i < ROUNDS / 10; i++) {
		const uint8_t family = i % 2 ? 4 : 6;
		const uint8_t proto = i % 4 < 2 ? PKT_PROTO_TCP : PKT_PROTO_UDP;
		const uint16_t len = (uint16_t)(20 + random32() % 1400);

		make_frame(frame, family, proto, len, &info);
		const uint16_t partial = (uint16_t)~csum_finish(
			csum_pseudo(family, info.src, info.dst, proto, len));
		const size_t at = info.l4 + (proto == PKT_PROTO_TCP ? 16 : 6);

		memcpy(frame + at, &partial, 2);
		assert_true(csum_l4_complete(frame, &info));
		assert_true(csum_l4_ok(frame, &info));
		frame[at] ^= 0xff;
		assert_false(csum_l4_complete(frame, &info));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csum_equals_rfc1071_for_any_length),
		cmocka_unit_test(test_csum_of_all_ones_does_not_overflow),
		cmocka_unit_test(test_csum_sums_of_even_pieces_join),
		cmocka_unit_test(test_csum_incremental_equals_full_recompute),
		cmocka_unit_test(test_csum_incremental16_and_32_equal_full_recompute),
		cmocka_unit_test(test_csum_incremental_keeps_rfc1624_corner_case),
		cmocka_unit_test(test_csum_ip4_header_sums_to_zero),
		cmocka_unit_test(test_csum_l4_set_verifies_for_every_protocol),
		cmocka_unit_test(test_csum_udp_zero_is_none_in_ipv4_and_wrong_in_ipv6),
		cmocka_unit_test(test_csum_udp_computed_zero_is_sent_as_ffff),
		{.name = "a checksum left to offload is completed, others are not "
			 "[NAT-13]",
			.test_func =
				test_csum_left_to_offload_is_completed_and_others_are_not},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
