/* Segments of a packet that its sender left uncut are those that it would have sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/segment.h"

#define SIZE	1448
#define PAYLOAD (44 * SIZE + 100)

static uint8_t whole[66000], out[2048];

/* A packet with 12 bytes of TCP options, or of UDP; its payload counts up. */
static struct pkt_info
make(uint8_t family, uint8_t proto, uint32_t payload)
{
	const uint16_t l4 = PKT_ETH_LEN + (family == 4 ? PKT_IP4_LEN : PKT_IP6_LEN);
	const uint16_t headers = proto == PKT_PROTO_TCP ? PKT_TCP_LEN + 12 : PKT_UDP_LEN;
	struct pkt_eth *eth = (struct pkt_eth *)whole;
	struct pkt_ip4 ip4 = {.ver_ihl = 0x45,
		.total_len = htons((uint16_t)(PKT_IP4_LEN + headers + payload)),
		.id = htons(0xfffe),
		.ttl = 9,
		.proto = proto,
		.src = 0x0100000a,
		.dst = 0x0200000a};
	struct pkt_ip6 ip6 = {.vtc_flow = htonl(6u << 28),
		.payload_len = htons((uint16_t)(headers + payload)),
		.next = proto,
		.hop_limit = 9,
		.src = {0x20, 1},
		.dst = {0x20, 2}};
	const struct pkt_tcp tcp = {.sport = htons(1),
		.dport = htons(2),
		.seq = htonl(UINT32_MAX - 1000),
		.off = (PKT_TCP_LEN + 12) / 4 << 4,
		.flags = PKT_TCP_ACK | PKT_TCP_PSH | PKT_TCP_FIN | PKT_TCP_CWR};
	const struct pkt_udp udp = {.sport = htons(1),
		.dport = htons(2),
		.len = htons((uint16_t)(PKT_UDP_LEN + payload))};
	struct pkt_info info;

	memset(whole, 1, l4 + headers); /* options: no-operation */
	eth->type = htons(family == 4 ? PKT_ETH_IPV4 : PKT_ETH_IPV6);
	if (family == 4)
		memcpy(whole + PKT_ETH_LEN, &ip4, sizeof(ip4));
	else
		memcpy(whole + PKT_ETH_LEN, &ip6, sizeof(ip6));
	if (family == 4)
		csum_ip4_set(whole + PKT_ETH_LEN);
	if (proto == PKT_PROTO_TCP)
		memcpy(whole + l4, &tcp, sizeof(tcp));
	else
		memcpy(whole + l4, &udp, sizeof(udp));
	for (uint32_t i = 0; i < payload; i++)
		whole[l4 + headers + i] = (uint8_t)(i * 7 + i / 256);
	assert_int_equal(pkt_parse(whole, l4 + headers + payload, &info), PKT_OK);
	return info;
}

/* Each is a right packet; together they are the payload. */
static void
cut_and_check(uint8_t family, uint8_t proto)
{
	const struct pkt_info info = make(family, proto, PAYLOAD);
	struct segment_plan plan;
	struct pkt_info one;
	uint32_t done = 0, len;

	assert_true(segment_plan(whole, &info, SIZE, &plan));
	assert_int_equal(plan.n, 45);
	for (uint32_t i = 0; i < plan.n; i++, done += len - plan.headers) {
		len = segment_write(&plan, whole, i, out);
		assert_int_equal(pkt_parse(out, len, &one), PKT_OK);
		assert_int_equal(one.end, len);
		assert_true(csum_l4_ok(out, &one));
		assert_int_equal(len - plan.headers, i < 44 ? SIZE : 100);
		assert_memory_equal(out + plan.headers, whole + plan.headers + done,
			len - plan.headers);
		if (family == 4)
			assert_int_equal(one.frag_id, (0xfffe + i) & 0xffff);
	}
	assert_int_equal(done, PAYLOAD);
}

static void
test_segments_are_right_packets_and_together_the_whole(void **state)
{
	(void)state;
	cut_and_check(4, PKT_PROTO_TCP);
	cut_and_check(6, PKT_PROTO_TCP);
	cut_and_check(4, PKT_PROTO_UDP);
	cut_and_check(6, PKT_PROTO_UDP);
}

static void
test_segment_sequence_numbers_go_on_and_flags_stay_where_they_belong(void **state)
{
	const struct pkt_info info = make(4, PKT_PROTO_TCP, 3 * SIZE);
	const struct pkt_tcp *tcp = (const struct pkt_tcp *)(out + info.l4);
	struct segment_plan plan;

	(void)state;
	assert_true(segment_plan(whole, &info, SIZE, &plan));
	segment_write(&plan, whole, 0, out);
	assert_int_equal(ntohl(tcp->seq), UINT32_MAX - 1000);
	assert_int_equal(tcp->flags, PKT_TCP_ACK | PKT_TCP_CWR);
	segment_write(&plan, whole, 1, out);
	assert_int_equal(ntohl(tcp->seq), SIZE - 1001);
	assert_int_equal(tcp->flags, PKT_TCP_ACK);
	segment_write(&plan, whole, 2, out);
	assert_int_equal(tcp->flags, PKT_TCP_ACK | PKT_TCP_PSH | PKT_TCP_FIN);
}

static void
test_segment_of_what_fits_is_the_packet(void **state)
{
	const struct pkt_info info = make(6, PKT_PROTO_TCP, 100);
	struct segment_plan plan;

	(void)state;
	csum_l4_set(whole, &info);
	assert_true(segment_plan(whole, &info, SIZE, &plan));
	assert_int_equal(plan.n, 1);
	assert_int_equal(segment_write(&plan, whole, 0, out), info.end);
	assert_memory_equal(whole, out, info.end);
}

static void
test_segment_refuses_what_is_no_whole_tcp_or_udp_packet(void **state)
{
	struct pkt_info info = make(4, PKT_PROTO_TCP, 3 * SIZE);
	struct segment_plan plan;

	(void)state;
	assert_false(segment_plan(whole, &info, 0, &plan));
	info.fragment = true;
	assert_false(segment_plan(whole, &info, SIZE, &plan));
	info.fragment = false;
	info.proto = PKT_PROTO_ICMP;
	assert_false(segment_plan(whole, &info, SIZE, &plan));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segments_are_right_packets_and_together_the_whole),
		cmocka_unit_test(
			test_segment_sequence_numbers_go_on_and_flags_stay_where_they_belong),
		cmocka_unit_test(test_segment_of_what_fits_is_the_packet),
		cmocka_unit_test(test_segment_refuses_what_is_no_whole_tcp_or_udp_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
