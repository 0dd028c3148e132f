/* Tests of the numbers of a flow: the same for both directions, for its ICMP errors, and
 * for the pair of its fragments; and well spread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/pkt/flow.h"
#include "dataplane/pkt/hdr.h"

#define SEED 0x0123456789abcdefull

static struct pkt_flow
flow4(uint32_t from, uint16_t sport, uint32_t to, uint16_t dport, uint8_t proto)
{
	struct pkt_flow flow = {.proto = proto, .ports = {sport, dport}};

	memcpy(flow.addrs[0], &from, sizeof(from));
	memcpy(flow.addrs[1], &to, sizeof(to));
	return flow;
}

static struct pkt_flow_key
key_of(struct pkt_flow flow)
{
	return pkt_flow_key(&flow, SEED);
}

static struct pkt_flow
reverse(struct pkt_flow flow)
{
	struct pkt_flow back = flow;

	memcpy(back.addrs[0], flow.addrs[1], 16);
	memcpy(back.addrs[1], flow.addrs[0], 16);
	back.ports[0] = flow.ports[1];
	back.ports[1] = flow.ports[0];
	return back;
}

static void
test_flow_has_one_key_in_both_directions(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct pkt_flow flow = flow4(0x0a000001 + i * 77, (uint16_t)(i * 31),
			0xc0a80001 + i * 1001, (uint16_t)(i * 17 + 5),
			i % 2 ? PKT_PROTO_TCP : PKT_PROTO_ICMP);
		struct pkt_flow_key there = key_of(flow), back = key_of(reverse(flow));

		assert_int_equal(there.pair, back.pair);
		assert_int_equal(there.flow, back.flow);
	}
}

static void
test_flow_pair_does_not_depend_on_ports(void **state)
{
	(void)state;
	struct pkt_flow_key one = key_of(flow4(1, 1000, 2, 80, PKT_PROTO_TCP));
	struct pkt_flow_key other = key_of(flow4(1, 1001, 2, 443, PKT_PROTO_UDP));

	assert_int_equal(one.pair, other.pair);
	assert_int_not_equal(one.flow, other.flow);
}

static void
test_flow_ports_belong_to_their_addresses(void **state)
{
	(void)state;
	assert_int_not_equal(key_of(flow4(1, 1000, 2, 80, PKT_PROTO_TCP)).flow,
		key_of(flow4(1, 80, 2, 1000, PKT_PROTO_TCP)).flow);
}

static void
test_flow_of_a_query_is_known_by_its_identifier_alone(void **state)
{
	(void)state;
	const struct pkt_flow_key packet = key_of(flow4(1, 7, 2, 7, PKT_PROTO_ICMP));

	assert_int_equal(packet.flow, key_of(flow4(1, 7, 2, 0, PKT_PROTO_ICMP)).flow);
	assert_int_not_equal(packet.flow, key_of(flow4(1, 8, 2, 8, PKT_PROTO_ICMP)).flow);
}

static void
test_flow_fragments_of_a_pair_have_a_key_of_their_own(void **state)
{
	(void)state;
	struct pkt_flow first = flow4(1, 1000, 2, 80, PKT_PROTO_UDP), later = first;
	const struct pkt_flow_key whole = key_of(first);

	first.fragment = later.fragment = true;
	later.ports[0] = later.ports[1] = 0;
	assert_int_equal(key_of(first).flow, key_of(later).flow);
	assert_int_equal(key_of(first).pair, whole.pair);
	assert_int_not_equal(key_of(first).flow, whole.flow);
}

/* 4,096 neighbouring addresses with one server: no part of the buckets is preferred. */
static void
test_flow_neighbouring_addresses_are_spread_evenly(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 50; seed++) {
		unsigned counts[8] = {0};

		for (uint32_t i = 0; i < 4096; i++) {
			struct pkt_flow flow = flow4(__builtin_bswap32(0x0a000000 + i), 1,
				__builtin_bswap32(0x0a000002), 2, PKT_PROTO_UDP);

			counts[pkt_flow_key(&flow, seed * 0x9e3779b97f4a7c15ull).pair %
				256 / 32]++;
		}
		for (unsigned i = 0; i < 8; i++) {
			assert_true(counts[i] > 512 - 150);
			assert_true(counts[i] < 512 + 150);
		}
	}
}

/* Whatever its peer is; and an error that answers to it is of the same end. */
static void
test_flow_source_key_is_of_the_sending_end_alone(void **state)
{
	struct pkt_flow one = flow4(1, 1000, 2, 80, PKT_PROTO_UDP);
	struct pkt_flow other = flow4(1, 1000, 3, 443, PKT_PROTO_UDP);
	struct pkt_flow error = flow4(2, 80, 1, 1000, PKT_PROTO_UDP);
	const struct pkt_flow_key key = pkt_flow_source_key(&one, SEED);

	(void)state;
	error.quoted = true; /* of what was sent to it */
	assert_int_equal(key.flow, pkt_flow_source_key(&other, SEED).flow);
	assert_int_equal(key.flow, pkt_flow_source_key(&error, SEED).flow);
	assert_int_equal(key.pair, pkt_flow_source_key(&error, SEED).pair);
	other.ports[0] = 1001;
	assert_int_equal(key.pair, pkt_flow_source_key(&other, SEED).pair);
	assert_int_not_equal(key.flow, pkt_flow_source_key(&other, SEED).flow);
}

static void
test_flow_target_port_is_that_of_the_receiver(void **state)
{
	struct pkt_flow flow = flow4(1, 1000, 2, 80, PKT_PROTO_UDP);

	(void)state;
	assert_int_equal(pkt_flow_target_port(&flow), 80);
	flow.quoted = true; /* the receiver of the error sent it */
	assert_int_equal(pkt_flow_target_port(&flow), 1000);
	flow.fragment = true;
	assert_int_equal(pkt_flow_target_port(&flow), 0);
}

static const uint8_t arp[60] = {
	[0] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, [12] = 0x08, 0x06};

static void
test_flow_arp_is_of_none(void **state)
{
	struct pkt_flow flow;

	(void)state;
	assert_false(pkt_flow_of(arp, sizeof(arp), &flow));
}

/* UDP 10.0.0.1:1000 -> 10.0.0.2:53, and a port unreachable about it from 10.0.0.2. */
static const uint8_t udp[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00, 0x45, 0, 0,
	28, 0, 1, 0, 0, 64, 17, 0x66, 0xce, 10, 0, 0, 1, 10, 0, 0, 2, 0x03, 0xe8, 0, 53,
	0, 8, 0, 0};

static void
test_flow_of_an_icmp_error_is_that_of_the_packet_it_quotes(void **state)
{
	uint8_t error[14 + 20 + 8 + 28] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00,
		0x45, 0, 0, 56, 0, 2, 0, 0, 64, 1, 0x66, 0xc1, 10, 0, 0, 2, 10, 0, 0, 1,
		3, 3, 0, 0, 0, 0, 0, 0};
	struct pkt_flow packet, about;

	(void)state;
	memcpy(error + 14 + 20 + 8, udp + 14, 28);
	assert_true(pkt_flow_of(udp, sizeof(udp), &packet));
	assert_true(pkt_flow_of(error, sizeof(error), &about));
	assert_int_equal(packet.ports[0], 1000);
	assert_int_equal(key_of(packet).flow, key_of(about).flow);
	assert_int_equal(key_of(packet).pair, key_of(about).pair);
}

static void
test_flow_back_is_what_the_other_end_sends(void **state)
{
	struct pkt_flow flow = {.proto = 17, .ports = {1000, 53}}, back;

	(void)state;
	flow.addrs[0][0] = 10;
	flow.addrs[1][0] = 192;
	back = pkt_flow_back(&flow);
	assert_int_equal(pkt_flow_key(&back, 7).flow, pkt_flow_key(&flow, 7).flow);
	assert_int_equal(pkt_flow_target_port(&back), 1000);
	assert_int_not_equal(
		pkt_flow_source_key(&back, 7).pair, pkt_flow_source_key(&flow, 7).pair);
	back = pkt_flow_back(&back);
	assert_memory_equal(&back, &flow, sizeof(flow));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flow_back_is_what_the_other_end_sends),
		cmocka_unit_test(test_flow_has_one_key_in_both_directions),
		cmocka_unit_test(test_flow_pair_does_not_depend_on_ports),
		cmocka_unit_test(test_flow_ports_belong_to_their_addresses),
		cmocka_unit_test(test_flow_of_a_query_is_known_by_its_identifier_alone),
		cmocka_unit_test(test_flow_fragments_of_a_pair_have_a_key_of_their_own),
		cmocka_unit_test(test_flow_neighbouring_addresses_are_spread_evenly),
		cmocka_unit_test(test_flow_source_key_is_of_the_sending_end_alone),
		cmocka_unit_test(test_flow_target_port_is_that_of_the_receiver),
		cmocka_unit_test(test_flow_arp_is_of_none),
		cmocka_unit_test(
			test_flow_of_an_icmp_error_is_that_of_the_packet_it_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
