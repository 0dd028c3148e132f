/* test_parse.c: headers written byte by byte, and each way in which they can be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/parse.h"
#include "tests/lib/random.h"

struct frame {
	uint8_t bytes[512];
	uint32_t len;
};

static void
put(struct frame *f, const void *data, uint32_t len)
{
	memcpy(f->bytes + f->len, data, len);
	f->len += len;
}

#define PUT(f, ...)                                                                      \
	put(f, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void
put_eth(struct frame *f, uint16_t type)
{
	f->len = 0;
	PUT(f, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, (uint8_t)(type >> 8), (uint8_t)type);
}

/* An IPv4 header over payload bytes; frag is flags and offset in host order. */
static void
put_ip4(struct frame *f, uint8_t proto, uint16_t payload, uint16_t frag)
{
	const uint16_t total = PKT_IP4_LEN + payload;
	uint8_t *ip = f->bytes + f->len;

	PUT(f, 0x45, 0, (uint8_t)(total >> 8), (uint8_t)total, 0x12, 0x34,
		(uint8_t)(frag >> 8), (uint8_t)frag, 64, proto, 0, 0, 10, 0, 0, 1, 198,
		51, 100, 7);
	csum_ip4_set(ip);
}

static void
put_ip6(struct frame *f, uint8_t next, uint16_t payload)
{
	PUT(f, 0x60, 0, 0, 0, (uint8_t)(payload >> 8), (uint8_t)payload, next, 63);
	PUT(f, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
	PUT(f, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
}

static void
put_udp(struct frame *f, uint16_t len)
{
	PUT(f, 0x30, 0x39, 0, 53, (uint8_t)(len >> 8), (uint8_t)len, 0, 0);
}

static void
udp4(struct frame *f)
{
	put_eth(f, PKT_ETH_IPV4);
	put_ip4(f, PKT_PROTO_UDP, 12, 0);
	put_udp(f, 12);
	PUT(f, 1, 2, 3, 4);
}

static enum pkt_fault
parse(const struct frame *f, struct pkt_info *info)
{
	return pkt_parse(f->bytes, f->len, info);
}

static void
test_parse_udp4_gives_the_five_tuple_and_offsets(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	udp4(&f);
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_int_equal(i.family, 4);
	assert_int_equal(i.proto, PKT_PROTO_UDP);
	assert_int_equal(i.l3, 14);
	assert_int_equal(i.l4, 34);
	assert_int_equal(i.end, 46);
	assert_int_equal(i.sport, 12345);
	assert_int_equal(i.dport, 53);
	assert_int_equal(i.ttl, 64);
	assert_true(i.first && !i.fragment && !i.ip_options);
	assert_memory_equal(i.src, ((uint8_t[16]){10, 0, 0, 1}), 16);
	assert_memory_equal(i.dst, ((uint8_t[16]){198, 51, 100, 7}), 16);
}

static void
test_parse_ethernet_padding_is_not_payload(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	udp4(&f);
	memset(f.bytes + f.len, 0xee, 14);
	f.len += 14;
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_int_equal(i.end, 46);
}

static void
test_parse_walks_two_vlan_tags_and_not_three(void **state)
{
	static const uint8_t tag[] = {0x81, 0x00, 0, 5};
	struct frame f;
	struct pkt_info i;

	(void)state;
	for (unsigned n = 1; n <= 3; n++) {
		udp4(&f);
		for (unsigned k = 0; k < n; k++) {
			memmove(f.bytes + 16, f.bytes + 12, f.len - 12);
			memcpy(f.bytes + 12, tag, sizeof(tag));
			f.len += 4;
		}
		assert_int_equal(parse(&f, &i), PKT_OK);
		assert_int_equal(i.n_vlans, n < 3 ? n : 2);
		assert_int_equal(i.family, n < 3 ? 4 : 0);
		assert_int_equal(i.eth_type, n < 3 ? PKT_ETH_IPV4 : PKT_ETH_VLAN);
	}
}

static void
test_parse_any_truncation_is_a_fault(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	udp4(&f);
	for (uint32_t len = 0; len < f.len; len++)
		assert_int_not_equal(pkt_parse(f.bytes, len, &i), PKT_OK);
}

static void
test_parse_names_what_is_wrong_with_an_ip4_header(void **state)
{
	static const struct {
		unsigned at;
		uint8_t value;
		enum pkt_fault fault;
	} cases[] = {{14, 0x65, PKT_BAD_VERSION}, {14, 0x44, PKT_BAD_IHL},
		{14, 0x4f, PKT_SHORT_IP}, {17, 19, PKT_BAD_LENGTH},
		{17, 33, PKT_BAD_LENGTH}, {24, 1, PKT_BAD_IP_CSUM}};
	struct frame f;
	struct pkt_info i;

	(void)state;
	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		udp4(&f);
		f.bytes[cases[n].at] = cases[n].value;
		assert_int_equal(parse(&f, &i), cases[n].fault);
	}
}

static void
test_parse_udp_length_beyond_the_packet_is_a_fault(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	udp4(&f);
	f.bytes[39] = 13;
	assert_int_equal(parse(&f, &i), PKT_BAD_UDP_LENGTH);
	f.bytes[39] = 7;
	assert_int_equal(parse(&f, &i), PKT_BAD_UDP_LENGTH);
	f.bytes[39] = 8;
	assert_int_equal(parse(&f, &i), PKT_OK);
}

static void
test_parse_tcp_offset_beyond_the_packet_is_a_fault(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	put_eth(&f, PKT_ETH_IPV4);
	put_ip4(&f, PKT_PROTO_TCP, 20, 0);
	PUT(&f, 0, 80, 1, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x12, 0, 0, 0, 0, 0, 0);
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_int_equal(i.tcp_flags, PKT_TCP_SYN | PKT_TCP_ACK);
	f.bytes[46] = 0x60;
	assert_int_equal(parse(&f, &i), PKT_BAD_TCP_OFFSET);
	f.bytes[46] = 0x40;
	assert_int_equal(parse(&f, &i), PKT_BAD_TCP_OFFSET);
}

static void
test_parse_later_fragment_has_no_ports(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	put_eth(&f, PKT_ETH_IPV4);
	put_ip4(&f, PKT_PROTO_UDP, 8, 3);
	PUT(&f, 1, 2, 3, 4, 5, 6, 7, 8);
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_true(i.fragment && !i.first);
	assert_int_equal(i.frag_off, 24);
	assert_int_equal(i.frag_id, 0x1234);
	assert_int_equal(i.sport, 0);
}

static void
test_parse_first_fragment_may_announce_more_than_it_holds(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	put_eth(&f, PKT_ETH_IPV4);
	put_ip4(&f, PKT_PROTO_UDP, 8, PKT_IP4_MF);
	put_udp(&f, 2000);
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_true(i.fragment && i.first);
	assert_int_equal(i.dport, 53);
}

static void
test_parse_fragment_beyond_64k_is_a_fault(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	put_eth(&f, PKT_ETH_IPV4);
	put_ip4(&f, PKT_PROTO_UDP, 8, 0x1fff);
	PUT(&f, 1, 2, 3, 4, 5, 6, 7, 8);
	assert_int_equal(parse(&f, &i), PKT_BAD_LENGTH);
}

static void
test_parse_icmp_query_identifier_stands_for_both_ports(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	put_eth(&f, PKT_ETH_IPV4);
	put_ip4(&f, PKT_PROTO_ICMP, 8, 0);
	PUT(&f, 8, 0, 0, 0, 0xab, 0xcd, 0, 1);
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_int_equal(i.icmp_type, 8);
	assert_int_equal(i.sport, 0xabcd);
	assert_int_equal(i.dport, 0xabcd);
	f.bytes[34] = 3;
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_int_equal(i.sport, 0);
}

static void
test_parse_ip6_extension_headers_are_walked_to_l4(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	put_eth(&f, PKT_ETH_IPV6);
	put_ip6(&f, PKT_PROTO_HOPOPTS, 8 + 16 + 8 + 12 + 8);
	PUT(&f, PKT_PROTO_DSTOPTS, 0, 1, 4, 0, 0, 0, 0);
	PUT(&f, PKT_PROTO_ROUTING, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	PUT(&f, PKT_PROTO_AH, 0, 2, 0, 0, 0, 0, 0);
	PUT(&f, PKT_PROTO_UDP, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1);
	put_udp(&f, 8);
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_int_equal(i.proto, PKT_PROTO_UDP);
	assert_int_equal(i.l4, 14 + 40 + 44);
	assert_int_equal(i.dport, 53);
	assert_int_equal(i.ttl, 63);
	assert_false(i.routing0);
	f.bytes[14 + 40 + 8 + 2] = 0;
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_false(i.routing0); /* that is the destination options header */
	f.bytes[14 + 40 + 8 + 16 + 2] = 0;
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_true(i.routing0);
}

static void
test_parse_ip6_truncated_chain_is_a_fault(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	put_eth(&f, PKT_ETH_IPV6);
	put_ip6(&f, PKT_PROTO_DSTOPTS, 8);
	PUT(&f, PKT_PROTO_UDP, 1, 1, 4, 0, 0, 0, 0);
	assert_int_equal(parse(&f, &i), PKT_BAD_EXT);
}

static void
test_parse_ip6_payload_length(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	put_eth(&f, PKT_ETH_IPV6);
	put_ip6(&f, PKT_PROTO_UDP, 9); /* one byte more than there is */
	put_udp(&f, 8);
	assert_int_equal(parse(&f, &i), PKT_BAD_LENGTH);
	f.bytes[19] = 8;
	assert_int_equal(parse(&f, &i), PKT_OK);
	PUT(&f, 0, 0, 0, 0); /* padding */
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_int_equal(i.end, 14 + 40 + 8);
	f.bytes[19] = 7;
	assert_int_equal(parse(&f, &i), PKT_SHORT_L4);
}

static void
test_parse_ip6_no_next_header_and_fragment(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	put_eth(&f, PKT_ETH_IPV6);
	put_ip6(&f, PKT_PROTO_FRAG, 16);
	PUT(&f, 59, 0, 0, 1, 0, 0, 0, 7);
	PUT(&f, 1, 2, 3, 4, 5, 6, 7, 8); /* of no meaning */
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_int_equal(i.proto, 59);
	assert_int_equal(i.l4, 14 + 40 + 8);
	assert_int_equal(i.sport, 0);
	assert_true(i.fragment && i.first);
	assert_int_equal(i.frag_id, 7);
}

static void
test_parse_ip6_more_than_eight_headers_is_a_fault(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	for (unsigned n = 8; n <= 9; n++) {
		put_eth(&f, PKT_ETH_IPV6);
		put_ip6(&f, PKT_PROTO_DSTOPTS, (uint16_t)(n * 8));
		for (unsigned k = 0; k < n; k++)
			PUT(&f, k + 1 < n ? PKT_PROTO_DSTOPTS : PKT_PROTO_NONE, 0, 1, 4,
				0, 0, 0, 0);
		assert_int_equal(parse(&f, &i), n == 8 ? PKT_OK : PKT_BAD_EXT);
	}
}

static void
test_parse_ip6_more_than_256_bytes_of_headers_is_a_fault(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	for (uint16_t units = 32; units <= 33; units++) {
		put_eth(&f, PKT_ETH_IPV6);
		put_ip6(&f, PKT_PROTO_DSTOPTS, (uint16_t)(units * 8));
		memset(f.bytes + f.len, 0, units * 8u);
		f.bytes[f.len] = PKT_PROTO_NONE;
		f.bytes[f.len + 1] = (uint8_t)(units - 1);
		f.len += units * 8u;
		assert_int_equal(parse(&f, &i), units == 32 ? PKT_OK : PKT_BAD_EXT);
	}
}

static void
test_parse_ip6_atomic_fragment_is_none(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	put_eth(&f, PKT_ETH_IPV6);
	put_ip6(&f, PKT_PROTO_FRAG, 16);
	PUT(&f, PKT_PROTO_UDP, 0, 0, 0, 0, 0, 0, 9);
	put_udp(&f, 8);
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_false(i.fragment);
	assert_int_equal(i.dport, 53);
	f.bytes[14 + 40 + 3] = 1; /* more to come */
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_true(i.fragment && i.first);
	f.bytes[14 + 40 + 3] = 8; /* offset 8 */
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_true(i.fragment && !i.first);
	assert_int_equal(i.frag_off, 8);
	assert_int_equal(i.frag_id, 9);
}

static void
test_parse_arp_is_not_ip(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	put_eth(&f, PKT_ETH_ARP);
	assert_int_equal(parse(&f, &i), PKT_OK);
	assert_int_equal(i.family, 0);
	assert_int_equal(i.eth_type, PKT_ETH_ARP);
	assert_int_equal(i.l3, 14);
}

static void
test_parse_embedded_may_be_cut_after_eight_bytes_of_l4(void **state)
{
	struct frame f;
	struct pkt_info i;

	(void)state;
	put_eth(&f, PKT_ETH_IPV4);
	put_ip4(&f, PKT_PROTO_TCP, 1000, 0);
	PUT(&f, 0x30, 0x39, 0, 80, 0, 0, 0, 1);
	f.bytes[24] ^= 0xff; /* a wrong header checksum is for the caller to judge */
	assert_int_equal(pkt_parse_embedded(f.bytes + 14, 28, 4, &i), PKT_OK);
	assert_int_equal(i.sport, 12345);
	assert_int_equal(i.dport, 80);
	assert_int_equal(i.l3, 0);
	assert_int_equal(i.l4, 20);
	assert_int_equal(i.end, 28);
	assert_int_equal(i.tcp_flags, 0);
	assert_int_equal(pkt_parse_embedded(f.bytes + 14, 27, 4, &i), PKT_SHORT_L4);
	assert_int_equal(pkt_parse_embedded(f.bytes + 14, 28, 6, &i), PKT_SHORT_IP);
}

/* The usual packet is read by a way of its own: with a VLAN tag it is not usual. */
static void
test_parse_of_the_usual_packet_agrees_with_the_walk(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		struct frame f, tagged;
		struct pkt_info a = {0}, b = {0};

		put_eth(&f, PKT_ETH_IPV4);
		put_ip4(&f, round % 2 ? PKT_PROTO_TCP : PKT_PROTO_UDP, 30, 0);
		PUT(&f, 1, 2, 3, 4, 0, 20, 0, 0, 0, 0, 0, 0, 0x50, 0x12);
		f.len += 16;
		for (unsigned k = 0; k < round % 3; k++) {
			const uint32_t at = random_from(&random) % (f.len - 14);

			f.bytes[14 + at] = (uint8_t)random_from(&random);
		}
		if (round % 5 != 0)
			csum_ip4_set(f.bytes + 14);
		f.len -= round % 7 == 0 ? round % 40 : 0;
		memcpy(tagged.bytes, f.bytes, 12);
		memcpy(tagged.bytes + 12, (uint8_t[]){0x81, 0, 0, 7}, 4);
		memcpy(tagged.bytes + 16, f.bytes + 12, f.len - 12);
		tagged.len = f.len + 4;
		const enum pkt_fault fault = parse(&f, &a);

		assert_int_equal(fault, parse(&tagged, &b));
		if (fault != PKT_OK)
			continue;
		b.n_vlans = 0;
		b.l3 -= 4, b.l4 -= 4, b.end -= 4;
		b.frag_data -= b.frag_data > 0 ? 4 : 0;
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_udp4_gives_the_five_tuple_and_offsets),
		{.name = "Ethernet padding is not payload [COM-2]",
			.test_func = test_parse_ethernet_padding_is_not_payload},
		{.name = "802.1Q and QinQ tags are parsed [COM-3]",
			.test_func = test_parse_walks_two_vlan_tags_and_not_three},
		{.name = "a frame cut anywhere is a fault [COM-2]",
			.test_func = test_parse_any_truncation_is_a_fault},
		{.name = "version, header length, total length and checksum of IPv4, each its own fault [COM-2]",
			.test_func = test_parse_names_what_is_wrong_with_an_ip4_header},
		{.name = "a UDP length below 8 or beyond the packet is a fault [COM-2]",
			.test_func = test_parse_udp_length_beyond_the_packet_is_a_fault},
		{.name = "a TCP offset below 20 or beyond the packet is a fault [COM-2]",
			.test_func = test_parse_tcp_offset_beyond_the_packet_is_a_fault},
		cmocka_unit_test(test_parse_later_fragment_has_no_ports),
		cmocka_unit_test(
			test_parse_first_fragment_may_announce_more_than_it_holds),
		cmocka_unit_test(test_parse_fragment_beyond_64k_is_a_fault),
		cmocka_unit_test(test_parse_icmp_query_identifier_stands_for_both_ports),
		{.name = "IPv6 extension headers are walked to L4 [COM-4]",
			.test_func = test_parse_ip6_extension_headers_are_walked_to_l4},
		{.name = "an IPv6 payload length beyond the frame, or below the headers, is a "
			 "fault; padding is not payload [COM-2 COM-13]",
			.test_func = test_parse_ip6_payload_length},
		{.name = "fragment and no-next-header end the walk [COM-4]",
			.test_func = test_parse_ip6_no_next_header_and_fragment},
		{.name = "a truncated chain of extension headers is a fault [COM-4]",
			.test_func = test_parse_ip6_truncated_chain_is_a_fault},
		{.name = "eight extension headers are walked, more are a fault [COM-4]",
			.test_func = test_parse_ip6_more_than_eight_headers_is_a_fault},
		{.name = "256 bytes of extension headers are walked, more are a fault [COM-4]",
			.test_func =
				test_parse_ip6_more_than_256_bytes_of_headers_is_a_fault},
		cmocka_unit_test(test_parse_ip6_atomic_fragment_is_none),
		cmocka_unit_test(test_parse_arp_is_not_ip),
		cmocka_unit_test(test_parse_embedded_may_be_cut_after_eight_bytes_of_l4),
		cmocka_unit_test(test_parse_of_the_usual_packet_agrees_with_the_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
