/* Tests of receive side scaling by software: even, the same for both directions, and what
 * belongs together stays together. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/parse.h"
#include "dataplane/pkt/rss.h"
#include "tests/lib/random.h"

#define SEED  0x0123456789abcdefull
#define FLOWS 20000

struct end {
	uint8_t addr[16];
	uint16_t port;
};

struct kind {
	bool six;
	unsigned tags;
	uint8_t proto;
};

static const struct kind kinds[] = {
	{false, 0, PKT_PROTO_UDP},
	{false, 2, PKT_PROTO_TCP},
	{true, 0, PKT_PROTO_TCP},
	{true, 1, PKT_PROTO_UDP},
};

static void
put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* An Ethernet header and its tags: its length. */
static uint32_t
write_link(uint8_t *frame, unsigned tags, unsigned type)
{
	uint32_t len = 12;

	for (unsigned i = 0; i < tags; i++, len += 4) {
		put16(frame + len, i + 1 < tags ? PKT_ETH_QINQ : PKT_ETH_VLAN);
		put16(frame + len + 2, 7 + i);
	}
	put16(frame + len, type);
	return len + 2;
}

static uint32_t
write_frame(uint8_t frame[128], struct kind kind, const struct end *from,
	const struct end *to, unsigned frag_off)
{
	const unsigned l4 = kind.proto == PKT_PROTO_TCP ? PKT_TCP_LEN : PKT_UDP_LEN;
	uint16_t sum;
	uint8_t *ip;

	memset(frame, 0, 128);
	ip = frame + write_link(frame, kind.tags, kind.six ? PKT_ETH_IPV6 : PKT_ETH_IPV4);
	if (kind.six) {
		ip[0] = 0x60;
		put16(ip + 4, l4);
		ip[6] = kind.proto;
		memcpy(ip + 8, from->addr, 16);
		memcpy(ip + 24, to->addr, 16);
		ip += PKT_IP6_LEN;
	} else {
		ip[0] = 0x45;
		put16(ip + 2, PKT_IP4_LEN + l4);
		put16(ip + 6, frag_off);
		ip[8] = 64;
		ip[9] = kind.proto;
		memcpy(ip + 12, from->addr, 4);
		memcpy(ip + 16, to->addr, 4);
		sum = csum_finish(csum_add(0, ip, PKT_IP4_LEN));
		memcpy(ip + 10, &sum, sizeof(sum));
		ip += PKT_IP4_LEN;
	}
	put16(ip, from->port);
	put16(ip + 2, to->port);
	if (kind.proto == PKT_PROTO_TCP)
		ip[12] = 0x50;
	else
		put16(ip + 4, l4);
	return (uint32_t)(ip + l4 - frame);
}

static unsigned
queue_of(struct kind kind, const struct end *from, const struct end *to,
	unsigned frag_off, unsigned n)
{
	uint8_t frame[128];
	const uint32_t len = write_frame(frame, kind, from, to, frag_off);
	struct pkt_info info;

	assert_int_equal(pkt_parse(frame, len, &info), PKT_OK);
	assert_int_equal(info.family, kind.six ? 6 : 4);
	return rss_queue(frame, len, SEED, n);
}

static struct end
random_end(void)
{
	struct end end = {.port = (uint16_t)(1 + random_below(65535))};

	for (unsigned i = 0; i < sizeof(end.addr); i++)
		end.addr[i] = (uint8_t)random32();
	return end;
}

static void
check_even(const unsigned *counts, unsigned n)
{
	const unsigned fair = FLOWS / n;

	for (unsigned i = 0; i < n; i++)
		assert_in_range(counts[i], fair - fair / 10, fair + fair / 10);
}

static void
test_rss_spreads_random_flows_evenly(void **state)
{
	(void)state;
	for (unsigned n = 2; n <= 8; n++)
		for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			unsigned counts[8] = {0};

			for (unsigned i = 0; i < FLOWS; i++) {
				const struct end a = random_end(), b = random_end();

				counts[queue_of(kinds[k], &a, &b, 0, n)]++;
			}
			check_even(counts, n);
		}
}

static void
test_rss_spreads_ports_of_two_hosts_evenly(void **state)
{
	struct end a = random_end(), b = random_end();
	unsigned counts[4] = {0};

	(void)state;
	b.port = 443;
	for (unsigned i = 0; i < FLOWS; i++) {
		a.port = (uint16_t)(1024 + i);
		counts[queue_of(kinds[1], &a, &b, 0, 4)]++;
	}
	check_even(counts, 4);
}

static void
test_rss_both_directions_meet(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		const struct kind kind = kinds[i % 4];
		const struct end a = random_end(), b = random_end();

		assert_int_equal(
			queue_of(kind, &a, &b, 0, 7), queue_of(kind, &b, &a, 0, 7));
	}
}

static void
test_rss_tags_do_not_matter(void **state)
{
	const struct kind plain = {false, 0, PKT_PROTO_UDP},
			  tagged = {false, 2, plain.proto};

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		const struct end a = random_end(), b = random_end();

		assert_int_equal(
			queue_of(plain, &a, &b, 0, 7), queue_of(tagged, &a, &b, 0, 7));
	}
}

/* What stands where ports would is data in a later fragment. */
static void
test_rss_fragments_stay_together(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		const struct end a = random_end(), b = random_end();
		struct end data = a;
		unsigned first = queue_of(kinds[0], &a, &b, PKT_IP4_MF, 7);

		data.port = (uint16_t)random32();
		assert_int_equal(first, queue_of(kinds[0], &data, &b, PKT_IP4_MF | 4, 7));
		assert_int_equal(first, queue_of(kinds[0], &data, &b, 8, 7));
	}
}

static void
test_rss_frames_of_no_flow_go_to_the_first_queue(void **state)
{
	const struct end a = random_end(), b = random_end();
	uint8_t frame[128];
	const uint32_t len = write_frame(frame, kinds[0], &a, &b, 0);

	(void)state;
	for (uint32_t cut = 0; cut < PKT_ETH_LEN + PKT_IP4_LEN; cut++)
		assert_int_equal(rss_queue(frame, cut, SEED, 7), 0);
	for (unsigned type = 0; type < 65536; type += 257) {
		put16(frame + 12, type == PKT_ETH_IPV4 ? PKT_ETH_ARP : type);
		assert_int_equal(rss_queue(frame, len, SEED, 7), 0);
	}
}

static void
test_rss_takes_any_bytes(void **state)
{
	uint8_t frame[128];

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		for (unsigned k = 0; k < sizeof(frame); k++)
			frame[k] = (uint8_t)random32();
		if (i % 2)
			put16(frame + 12, i % 4 == 1 ? PKT_ETH_IPV4 : PKT_ETH_IPV6);
		assert_in_range(rss_queue(frame, random_below(129), SEED, 5), 0, 4);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rss_spreads_random_flows_evenly),
		cmocka_unit_test(test_rss_spreads_ports_of_two_hosts_evenly),
		cmocka_unit_test(test_rss_both_directions_meet),
		cmocka_unit_test(test_rss_tags_do_not_matter),
		cmocka_unit_test(test_rss_fragments_stay_together),
		cmocka_unit_test(test_rss_frames_of_no_flow_go_to_the_first_queue),
		cmocka_unit_test(test_rss_takes_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
