/* Segments that are joined are those that cutting the whole gives back, byte for byte,
 * and what is not such a segment is not joined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/join.h"
#include "dataplane/pkt/segment.h"

#define SIZE	1000
#define N	5
#define PAYLOAD ((N - 1) * SIZE + 300)

static uint8_t whole[16384], joined[16384], segments[N][2048];
static uint32_t lens[N];
static struct segment_plan plan;

/* Of TCP with 12 bytes of options and one VLAN tag, cut into N. */
static void
make(uint8_t family)
{
	const unsigned l3 = PKT_ETH_LEN + 4;
	const unsigned l4 = l3 + (family == 4 ? PKT_IP4_LEN : PKT_IP6_LEN);
	const uint16_t headers = PKT_TCP_LEN + 12;
	const struct pkt_ip4 ip4 = {.ver_ihl = 0x45,
		.total_len = htons(PKT_IP4_LEN + headers + PAYLOAD),
		.id = htons(0xfffe),
		.ttl = 9,
		.proto = PKT_PROTO_TCP,
		.src = 0x0100000a,
		.dst = 0x0200000a};
	const struct pkt_ip6 ip6 = {.vtc_flow = htonl(6u << 28 | 77),
		.payload_len = htons(headers + PAYLOAD),
		.next = PKT_PROTO_TCP,
		.hop_limit = 9,
		.src = {0x20, 1},
		.dst = {0x20, 2}};
	const struct pkt_tcp tcp = {.sport = htons(1),
		.dport = htons(2),
		.seq = htonl(UINT32_MAX - 1500),
		.ack = htonl(5),
		.off = (PKT_TCP_LEN + 12) / 4 << 4,
		.window = htons(500),
		.flags = PKT_TCP_ACK | PKT_TCP_PSH};
	struct pkt_info info;

	memset(whole, 1, sizeof(whole));
	memcpy(whole + 12, (uint8_t[]){0x81, 0, 0, 7}, 4);
	*(uint16_t *)(whole + 16) = htons(family == 4 ? PKT_ETH_IPV4 : PKT_ETH_IPV6);
	if (family == 4)
		memcpy(whole + l3, &ip4, sizeof(ip4));
	else
		memcpy(whole + l3, &ip6, sizeof(ip6));
	if (family == 4)
		csum_ip4_set(whole + l3);
	memcpy(whole + l4, &tcp, sizeof(tcp));
	for (uint32_t i = 0; i < PAYLOAD; i++)
		whole[l4 + headers + i] = (uint8_t)(i * 7);
	assert_int_equal(pkt_parse(whole, l4 + headers + PAYLOAD, &info), PKT_OK);
	csum_l4_set(whole, &info);
	assert_true(segment_plan(whole, &info, SIZE, &plan));
	assert_int_equal(plan.n, N);
	for (unsigned i = 0; i < N; i++)
		lens[i] = segment_write(&plan, whole, i, segments[i]);
}

/* How many of the segments go together. */
static unsigned
join_all(struct join *join)
{
	uint32_t at;
	uint16_t payload;

	if (!join_begin(join, segments[0], lens[0]))
		return 0;
	memcpy(joined + join->headers, segments[0] + join->headers, join->payload);
	for (unsigned i = 1; i < N; i++) {
		at = join->headers + join->payload;
		if (!join_add(join, segments[i], lens[i], &payload))
			return i;
		memcpy(joined + at, segments[i] + join->headers, payload);
	}
	join_end(join);
	memcpy(joined, join->header, join->headers);
	return N;
}

static void
check_round_trip(uint8_t family)
{
	static uint8_t again[2048];
	struct pkt_info info;
	struct join join;

	make(family);
	assert_int_equal(join_all(&join), N);
	assert_int_equal(join.payload, PAYLOAD);
	assert_int_equal(join.size, SIZE);
	assert_int_equal(pkt_parse(joined, join.headers + join.payload, &info), PKT_OK);
	assert_true(segment_plan(joined, &info, join.size, &plan));
	assert_int_equal(plan.n, N);
	for (unsigned i = 0; i < N; i++) {
		assert_int_equal(segment_write(&plan, joined, i, again), lens[i]);
		assert_memory_equal(again, segments[i], lens[i]);
	}
}

static void
test_joined_segments_are_cut_again_byte_for_byte(void **state)
{
	(void)state;
	check_round_trip(4);
	check_round_trip(6);
}

static void
test_joined_checksum_is_that_of_the_pseudo_header(void **state)
{
	struct pkt_info info;
	struct join join;

	(void)state;
	make(4);
	assert_int_equal(join_all(&join), N);
	assert_int_equal(pkt_parse(joined, join.headers + join.payload, &info), PKT_OK);
	assert_true(csum_l4_complete(joined, &info));
	assert_memory_equal(joined, whole, join.headers + join.payload);
}

/* Writes a byte of segment `of`, and its checksums anew unless they are to be wrong. */
static unsigned
joined_with(uint8_t family, unsigned of, unsigned at, uint8_t value, bool right)
{
	struct pkt_info info;
	struct join join;

	make(family);
	segments[of][at] = value;
	if (right) {
		if (family == 4)
			csum_ip4_set(segments[of] + PKT_ETH_LEN + 4);
		if (pkt_parse(segments[of], lens[of], &info) == PKT_OK)
			csum_l4_set(segments[of], &info);
	}
	return join_all(&join);
}

static void
test_join_ends_where_a_segment_differs(void **state)
{
	const unsigned l3 = PKT_ETH_LEN + 4, l4 = l3 + PKT_IP4_LEN;
	const unsigned places[] = {0, 6, 15, l3 + 1, l3 + 5, l3 + 8, l3 + 12, l4, l4 + 5,
		l4 + 9, l4 + 15, l4 + 19, l4 + 20};

	(void)state;
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		assert_int_equal(joined_with(4, 2, places[i], 0x44, true), 2);
	assert_int_equal(joined_with(6, 2, l3 + 3, 0x44, true), 2);
	assert_int_equal(joined_with(6, 2, l3 + 7, 0x44, true), 2);
}

static void
test_join_takes_no_flags_but_ack_and_a_last_push(void **state)
{
	const unsigned flags = PKT_ETH_LEN + 4 + PKT_IP4_LEN + 13;
	const uint8_t odd[] = {0, PKT_TCP_SYN, PKT_TCP_RST, PKT_TCP_FIN | PKT_TCP_ACK,
		PKT_TCP_URG | PKT_TCP_ACK, PKT_TCP_CWR | PKT_TCP_ACK, 0x50};

	(void)state;
	for (unsigned i = 0; i < sizeof(odd); i++) {
		assert_int_equal(joined_with(4, 2, flags, odd[i], true), 2);
		assert_int_equal(joined_with(4, 0, flags, odd[i], true), 0);
	}
	assert_int_equal(joined_with(4, 2, flags, PKT_TCP_ACK | PKT_TCP_PSH, true), 3);
}

static void
test_join_leaves_wrong_checksums_alone(void **state)
{
	(void)state;
	assert_int_equal(joined_with(4, 0, 500, 0x44, false), 1);
	assert_int_equal(joined_with(4, 3, 500, 0x44, false), 3);
	assert_int_equal(joined_with(6, 1, 500, 0x44, false), 1);
}

static void
test_join_ends_with_a_shorter_segment(void **state)
{
	struct join join;
	uint16_t payload;

	(void)state;
	make(4);
	assert_true(join_begin(&join, segments[3], lens[3]));
	assert_true(join_add(&join, segments[4], lens[4], &payload));
	assert_int_equal(payload, PAYLOAD % SIZE);
	assert_false(join.open);
	assert_false(join_begin(&join, segments[4], lens[4] - 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joined_segments_are_cut_again_byte_for_byte),
		cmocka_unit_test(test_joined_checksum_is_that_of_the_pseudo_header),
		cmocka_unit_test(test_join_ends_where_a_segment_differs),
		cmocka_unit_test(test_join_takes_no_flags_but_ack_and_a_last_push),
		cmocka_unit_test(test_join_leaves_wrong_checksums_alone),
		cmocka_unit_test(test_join_ends_with_a_shorter_segment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
