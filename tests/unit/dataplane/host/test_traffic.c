/* Generated frames are right, and what became of them is measured right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/host/measure.h"
#include "dataplane/host/traffic.h"
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

static struct traffic traffic;
static struct measure measure;
static struct err err;
static uint8_t frame[TRAFFIC_FRAME_MAX];

static struct traffic_spec
spec_of(const char *src, const char *dst, uint8_t proto, uint16_t size, uint32_t flows)
{
	struct traffic_spec spec = {.size = size, .flows = flows, .proto = proto};

	assert_int_equal(net_addr_parse(src, &spec.src), 0);
	assert_int_equal(net_addr_parse(dst, &spec.dst), 0);
	return spec;
}

static uint16_t
write_one(uint64_t sequence, uint64_t tsc)
{
	struct traffic_cursor cursor;

	traffic_seek(&traffic, sequence, &cursor);
	return traffic_write(&traffic, &cursor, tsc, frame);
}

static struct pkt_info
write_and_parse(uint64_t sequence)
{
	const uint16_t len = write_one(sequence, sequence * 977);
	struct pkt_info info;

	assert_int_equal(pkt_parse(frame, len, &info), PKT_OK);
	assert_true(csum_l4_ok(frame, &info));
	return info;
}

static void
test_traffic_frames_parse_and_have_right_checksums(void **state)
{
	static const struct {
		const char *src, *dst;
	} pairs[] = {
		{"10.0.0.1", "192.0.2.255"}, {"2001:db8::ffff:ffff", "2001:db8:1::1"}};
	static const uint16_t sizes[] = {84, 85, 128, 1513, 1514, 0};
	static const uint8_t protos[] = {PKT_PROTO_UDP, PKT_PROTO_TCP};
	struct traffic_spec spec;

	(void)state;
	for (unsigned pair = 0; pair < 2; pair++)
		for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			for (unsigned p = 0; p < 2; p++) {
				spec = spec_of(pairs[pair].src, pairs[pair].dst,
					protos[p], sizes[i], 150001);
				spec.dst_nets = i % 2 ? 100000 : 1;
				assert_int_equal(
					traffic_init(&traffic, &spec, 1, &err), 0);
				for (uint64_t n = 0; n < 150001; n += 7777)
					write_and_parse(n);
			}
}

static void
test_traffic_flows_take_turns_over_ports_then_addresses(void **state)
{
	const struct traffic_spec spec =
		spec_of("10.0.0.255", "192.0.2.1", PKT_PROTO_UDP, 64, 50001);
	struct pkt_info first, last, again;

	(void)state;
	assert_int_equal(traffic_init(&traffic, &spec, 1, &err), 0);
	first = write_and_parse(0);
	last = write_and_parse(50000);
	again = write_and_parse(50001);
	assert_int_equal(first.sport, last.sport);
	assert_int_equal(last.src[2], 1); /* 10.0.1.0 */
	assert_int_equal(last.src[3], 0);
	assert_memory_equal(first.src, again.src, 16);
}

static void
test_traffic_an_address_has_the_flows_told(void **state)
{
	struct traffic_spec spec =
		spec_of("10.0.0.1", "192.0.2.1", PKT_PROTO_UDP, 64, 25);

	(void)state;
	spec.src_flows = 10;
	assert_int_equal(traffic_init(&traffic, &spec, 1, &err), 0);
	assert_int_equal(write_and_parse(9).src[3], 1);
	assert_int_equal(write_and_parse(10).src[3], 2);
	assert_int_equal(write_and_parse(10).sport, write_and_parse(0).sport);
	assert_int_equal(write_and_parse(24).src[3], 3);
	assert_int_equal(write_and_parse(25).src[3], 1);
}

static void
test_traffic_flows_are_spread_over_networks(void **state)
{
	struct traffic_spec spec =
		spec_of("10.0.0.1", "20.255.0.9", PKT_PROTO_UDP, 64, 4096);
	bool seen[1024] = {false};
	unsigned n = 0, net;
	struct pkt_info info;

	(void)state;
	spec.dst_nets = 1024;
	assert_int_equal(traffic_init(&traffic, &spec, 1, &err), 0);
	for (uint64_t i = 0; i < 8192; i++) {
		info = write_and_parse(i);
		net = ((info.dst[0] - 20u) << 16 | info.dst[1] << 8 | info.dst[2]) -
		      0xff00u;
		assert_true(net < 1024);
		assert_int_equal(info.dst[3], 9);
		n += i < 4096 && !seen[net];
		assert_true(i < 4096 || seen[net]); /* each flow where it was */
		seen[net] = true;
	}
	assert_true(n > 1000);
}

static void
test_traffic_goes_on_as_if_each_packet_were_sought(void **state)
{
	static uint8_t sought[TRAFFIC_FRAME_MAX];
	struct traffic_spec spec =
		spec_of("10.0.0.255", "192.0.2.1", PKT_PROTO_UDP, 0, 100007);
	struct traffic_cursor cursor;
	uint16_t len;

	(void)state;
	assert_int_equal(traffic_init(&traffic, &spec, 1, &err), 0);
	traffic_seek(&traffic, 0, &cursor);
	for (uint64_t i = 0; i < 250000; i++) {
		len = traffic_write(&traffic, &cursor, 77, sought);
		if (i % 97 > 0 && i % 50000 > 2 && i % 100007 > 2)
			continue;
		assert_int_equal(len, write_one(i, 77));
		assert_memory_equal(frame, sought, len);
	}
}

static void
test_traffic_imix_is_7_to_4_to_1(void **state)
{
	const struct traffic_spec spec =
		spec_of("10.0.0.1", "192.0.2.1", PKT_PROTO_UDP, 0, 1);
	unsigned n[3] = {0};
	uint16_t len;

	(void)state;
	assert_int_equal(traffic_init(&traffic, &spec, 1, &err), 0);
	for (uint64_t i = 0; i < 1200; i++) {
		len = write_one(i, 0);
		n[len == 64 ? 0 : len == 590 ? 1 : 2]++;
	}
	assert_int_equal(n[0], 700);
	assert_int_equal(n[1], 400);
	assert_int_equal(n[2], 100);
}

static void
test_traffic_imix_can_be_measured_whatever_the_headers(void **state)
{
	const struct traffic_spec spec =
		spec_of("2001:db8::1", "2001:db8::2", PKT_PROTO_TCP, 0, 1);

	(void)state;
	measure = (struct measure){0};
	assert_int_equal(traffic_init(&traffic, &spec, 1, &err), 0);
	for (uint64_t n = 0; n < 24; n++) {
		const uint16_t len = write_one(n, n + 1);

		measure_take(&measure, frame, len, n + 2);
	}
	assert_int_equal(measure.received, 24);
	assert_int_equal(measure_lost(&measure), 0);
	assert_int_equal(measure.latency.n, 24);
}

static void
test_traffic_refuses_addresses_of_two_families(void **state)
{
	const struct traffic_spec spec =
		spec_of("10.0.0.1", "2001:db8::1", PKT_PROTO_UDP, 128, 1);

	(void)state;
	assert_true(traffic_init(&traffic, &spec, 1, &err) < 0);
	assert_string_equal(err.path, "dst");
}

static void
take(uint64_t sequence, uint64_t tsc)
{
	const uint16_t len = write_one(sequence, 1000);

	measure_take(&measure, frame, len, tsc);
}

static int
fresh(void **state)
{
	const struct traffic_spec spec =
		spec_of("10.0.0.1", "192.0.2.1", PKT_PROTO_UDP, 64, 1);

	(void)state;
	measure = (struct measure){0};
	return traffic_init(&traffic, &spec, 3, &err);
}

static void
test_measure_counts_gaps_as_lost(void **state)
{
	(void)state;
	take(10, 2000);
	take(11, 2000);
	take(14, 3000);
	assert_int_equal(measure.received, 3);
	assert_int_equal(measure_lost(&measure), 2);
	assert_int_equal(measure.reordered, 0);
}

static void
test_measure_counts_a_late_packet_as_reordered_not_lost(void **state)
{
	(void)state;
	take(0, 2000);
	take(2, 2000);
	take(1, 2000);
	assert_int_equal(measure_lost(&measure), 0);
	assert_int_equal(measure.reordered, 1);
}

static void
test_measure_latency_is_from_making_to_coming_out(void **state)
{
	(void)state;
	take(0, 1600);
	assert_int_equal(measure.latency.n, 1);
	assert_int_equal(measure.latency.max, 600);
}

static void
test_measure_survives_rewritten_headers(void **state)
{
	(void)state;
	write_one(5, 1000);
	memset(frame, 0, 42);
	measure_take(&measure, frame, 64, 2000);
	assert_int_equal(measure.latency.n, 1);
}

static void
test_measure_counts_foreign_frames_as_received_only(void **state)
{
	(void)state;
	memset(frame, 0, sizeof(frame));
	measure_take(&measure, frame, 60, 2000);
	measure_take(&measure, frame, 14, 2000);
	assert_int_equal(measure.received, 2);
	assert_int_equal(measure.latency.n, 0);
	assert_int_equal(measure_lost(&measure), 0);
}

static void
test_measure_rate_is_over_the_time_of_the_packets(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		take(i, 1000 + i * 1000);
	assert_float_equal(measure_mpps(&measure, 1000000000), 1.0, 0.01);
}

/* Two streams mixed, with gaps, late ones, and several that were made at once. */
static void
test_measure_of_a_burst_is_that_of_its_packets(void **state)
{
	static struct measure whole;
	struct traffic other = traffic;
	struct measure_run run;
	uint16_t len;

	fresh(state);
	other = traffic;
	for (unsigned i = 0; i < sizeof(other.shapes[0].frame); i++)
		if (i == other.shapes[0].signature_at + 4u)
			other.shapes[0].frame[i]++;
	memset(&whole, 0, sizeof(whole));
	for (uint64_t burst = 0; burst < 50; burst++) {
		memset(&run, 0, sizeof(run));
		for (uint64_t i = 0; i < 32; i++) {
			const uint64_t n = burst * 40 + i;
			struct traffic_cursor cursor;

			traffic_seek(i % 5 == 0 ? &other : &traffic, n ^ (n % 7 == 0),
				&cursor);
			len = traffic_write(i % 5 == 0 ? &other : &traffic, &cursor,
				1000 + n / 3, frame);
			measure_take(&measure, frame, len, 1100 + burst * 20);
			measure_run_take(&whole, &run, frame, len, 1100 + burst * 20);
		}
		measure_end(&whole, &run, 32, 1100 + burst * 20);
	}
	assert_memory_equal(&measure, &whole, sizeof(measure));
	assert_true(measure.reordered > 0 && measure_lost(&measure) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_traffic_frames_parse_and_have_right_checksums),
		cmocka_unit_test(test_traffic_flows_take_turns_over_ports_then_addresses),
		cmocka_unit_test(test_traffic_an_address_has_the_flows_told),
		cmocka_unit_test(test_traffic_flows_are_spread_over_networks),
		cmocka_unit_test(test_traffic_goes_on_as_if_each_packet_were_sought),
		cmocka_unit_test(test_traffic_imix_is_7_to_4_to_1),
		cmocka_unit_test(test_traffic_imix_can_be_measured_whatever_the_headers),
		cmocka_unit_test(test_traffic_refuses_addresses_of_two_families),
		cmocka_unit_test_setup(test_measure_counts_gaps_as_lost, fresh),
		cmocka_unit_test_setup(
			test_measure_counts_a_late_packet_as_reordered_not_lost, fresh),
		cmocka_unit_test_setup(
			test_measure_latency_is_from_making_to_coming_out, fresh),
		cmocka_unit_test_setup(test_measure_survives_rewritten_headers, fresh),
		cmocka_unit_test_setup(
			test_measure_counts_foreign_frames_as_received_only, fresh),
		cmocka_unit_test(test_measure_of_a_burst_is_that_of_its_packets),
		cmocka_unit_test_setup(
			test_measure_rate_is_over_the_time_of_the_packets, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
