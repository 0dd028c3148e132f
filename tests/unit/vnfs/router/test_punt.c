/* test_punt.c: what is handed to the routing daemons, by which class, how much of it, and
 * the ring that it goes through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>
#include "tests/lib/harness.h"
#include "tests/lib/pkttext.h"
#include "vnfs/router/punt.h"

static enum punt_class
class_of(const char *src, const char *dst, const char *l4)
{
	static struct pkttext pkt;
	struct pkt_info info;
	struct err err;
	char text[160];

	snprintf(text, sizeof(text),
		"eth 02:00:00:00:00:01 > 02:00:00:00:00:02 ip4 %s > %s %s", src, dst, l4);
	if (pkttext_parse(text, &pkt, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(pkt_parse(pkt.data, pkt.len, &info), PKT_OK);
	return punt_class_of(pkt.data, &info);
}

static enum punt_class
class_of_info(const struct pkt_info *info)
{
	static const uint8_t frame[64];

	return punt_class_of(frame, info);
}

static void
test_routing_protocols_have_their_class(void **state)
{
	struct pkt_info info = {.eth_type = 0x0800, .family = 4, .proto = 89};

	(void)state;
	memcpy(info.dst, (uint8_t[]){224, 0, 0, 5}, 4);
	assert_int_equal(class_of_info(&info), PUNT_ROUTING);
	memcpy(info.dst, (uint8_t[]){10, 0, 0, 1}, 4);
	assert_int_equal(class_of_info(&info), PUNT_ROUTING);
	info.proto = 112; /* VRRP, to a group that leaves the link */
	memcpy(info.dst, (uint8_t[]){239, 1, 1, 1}, 4);
	assert_int_equal(class_of_info(&info), PUNT_NOT);
	assert_int_equal(
		class_of("10.0.0.2", "10.0.0.1", "tcp 40000 > 179"), PUNT_ROUTING);
	assert_int_equal(
		class_of("10.0.0.2", "10.0.0.1", "tcp 179 > 40000"), PUNT_ROUTING);
	assert_int_equal(
		class_of("10.0.0.2", "10.0.0.1", "udp 3784 > 3784"), PUNT_ROUTING);
	assert_int_equal(class_of("10.0.0.2", "10.0.0.1", "tcp 40000 > 22"), PUNT_OTHER);
	assert_int_equal(
		class_of("10.0.0.2", "224.0.0.251", "udp 5353 > 5353"), PUNT_NOT);
}

static void
test_the_ring_keeps_order_around_its_end(void **state)
{
	struct frames ring;
	uint8_t frame[1500];
	uint32_t put = 0, taken = 0;

	(void)state;
	assert_int_equal(frames_open(&ring, 8192), 0);
	while (taken < 100000) {
		const uint32_t len = 4 + put * 7919 % 1400;
		unsigned cp;
		uint32_t got;

		memcpy(frame, &put, 4);
		memset(frame + 4, (uint8_t)put, len - 4);
		if (frames_put(&ring, put % 16, frame, len)) {
			put++;
			continue;
		}
		const uint8_t *at = frames_peek(&ring, &cp, &got);

		assert_non_null(at);
		assert_memory_equal(at, &taken, 4);
		assert_int_equal(got, 4 + taken * 7919 % 1400);
		assert_int_equal(at[got - 1], got > 4 ? (uint8_t)taken : at[got - 1]);
		assert_int_equal(cp, taken % 16);
		frames_pop(&ring);
		taken++;
	}
	assert_false(frames_put(&ring, 0, frame, 0));
	frames_close(&ring);
}

static void *
take_all(void *arg)
{
	struct frames *ring = arg;
	uintptr_t wrong = 0;

	for (uint32_t n = 0; n < 200000;) {
		unsigned cp;
		uint32_t len, number;
		const uint8_t *at = frames_peek(ring, &cp, &len);

		if (at == NULL)
			continue;
		memcpy(&number, at, 4);
		wrong += number != n || len != 4 + n % 90;
		frames_pop(ring);
		n++;
	}
	return (void *)wrong;
}

static void
test_the_ring_between_two_threads(void **state)
{
	struct frames ring;
	uint8_t frame[128] = {0};
	pthread_t thread;
	void *wrong;

	(void)state;
	assert_int_equal(frames_open(&ring, 65536), 0);
	assert_int_equal(pthread_create(&thread, NULL, take_all, &ring), 0);
	for (uint32_t n = 0; n < 200000;) {
		memcpy(frame, &n, 4);
		n += frames_put(&ring, 0, frame, 4 + n % 90);
	}
	pthread_join(thread, &wrong);
	assert_null(wrong);
	frames_close(&ring);
}

static void
test_a_flood_does_not_starve_routing_protocols(void **state)
{
	static uint8_t frame[64];
	struct rte_mbuf *mbuf = harness_mbuf(frame, sizeof(frame));
	const struct l3_pkt pkt = {.mbuf = mbuf, .frame = frame};
	uint64_t now_ns = 1000000000ull, others = 0, routing = 0;
	struct punt punt = {0};
	unsigned cp;
	uint32_t len;

	(void)state;
	assert_int_equal(punt_open(&punt), 0);
	assert_false(punt_has(&punt, 3));
	punt_set(&punt, 1u << 3, 1000);
	assert_true(punt_has(&punt, 3));
	for (unsigned ms = 0; ms < 10000; ms++, now_ns += 1000000) {
		for (unsigned i = 0; i < 50; i++)
			others += punt_offer(&punt, &pkt, PUNT_OTHER, now_ns);
		if (ms % 10 == 0)
			routing += punt_offer(&punt, &pkt, PUNT_ROUTING, now_ns);
		while (frames_peek(&punt.to_kernel, &cp, &len) != NULL)
			frames_pop(&punt.to_kernel);
	}
	assert_in_range(others, 9990, 10110); /* 1,000 a second, and a burst of 100 */
	assert_int_equal(routing, 1000);
	assert_int_equal(punt.punted, others + routing);
	assert_int_equal(punt.limited, 500000 - others);
	punt_close(&punt);
	free(mbuf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "routing protocols are told from other packets [RTR-13]",
			.test_func = test_routing_protocols_have_their_class},
		{.name = "the ring keeps order around its end",
			.test_func = test_the_ring_keeps_order_around_its_end},
		{.name = "the ring between two threads",
			.test_func = test_the_ring_between_two_threads},
		{.name = "a policer: a flood does not starve routing protocols [RTR-10]",
			.test_func = test_a_flood_does_not_starve_routing_protocols},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
