/* test_fragments.c: a datagram of 45 fragments in any order, and more of them than the
 * firewall may hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/doc.h"
#include "tests/lib/harness_text.h"
#include "vnfs/firewall/firewall.h"

extern const struct vnf_type *const vnf_plugin_type;

#define ETH    "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 "
#define N      45 /* of 1,456 bytes: just below 64 KiB */
#define PIECE  1456
#define SECOND 1000000000ull
#define ROUNDS 200

static const char config[] = "rules: [{name: dns, action: accept, from: left, "
			     "proto: udp, dport: 53}]";

struct datagram {
	struct harness_frame pieces[N];
};

static void
make_datagram(struct datagram *d, bool v6, unsigned id, unsigned dport)
{
	char text[256];

	for (unsigned i = 0; i < N; i++) {
		const char *more = i < N - 1 ? "mf" : "no-mf";
		char udp[64];

		if (i == 0)
			snprintf(udp, sizeof(udp), "udp 1000 > %u len %u zeros %u", dport,
				N * PIECE, PIECE - 8);
		else
			snprintf(udp, sizeof(udp), "pattern %u", PIECE);
		if (v6)
			snprintf(text, sizeof(text),
				ETH
				"ip6 2001:db8::1 > 2001:db8::2 frag %sid %u off %u %s %s",
				i == 0 ? "" : "next 17 ", id, i * PIECE / 8, more, udp);
		else
			snprintf(text, sizeof(text),
				ETH "ip4 10.0.0.1 > 10.0.0.2 id %u off %u %s %s %s", id,
				i * PIECE / 8, more, i == 0 ? "" : "proto 17", udp);
		harness_text_frame(&d->pieces[i], text);
	}
}

static void
shuffle(unsigned order[N])
{
	for (unsigned i = 0; i < N; i++)
		order[i] = i;
	for (unsigned i = N - 1; i > 0; i--) {
		const unsigned k = (unsigned)random() % (i + 1), kept = order[i];

		order[i] = order[k];
		order[k] = kept;
	}
}

/* Whether each of them comes out once, as it went in. */
static void
assert_all_out(struct harness *h, const struct datagram *d)
{
	struct harness_frame out;
	bool seen[N] = {false};

	for (unsigned n = 0; n < N; n++) {
		unsigned i = 0;

		assert_true(harness_out(h, FW_RIGHT, &out));
		while (i < N &&
			(seen[i] || out.len != d->pieces[i].len ||
				memcmp(out.data, d->pieces[i].data, out.len) != 0))
			i++;
		assert_true(i < N);
		seen[i] = true;
	}
	assert_false(harness_out(h, FW_RIGHT, &out));
	assert_int_equal(harness_drop(h), -1);
	assert_int_equal(harness_held(h), 0);
}

static void
play_in_any_order(bool v6)
{
	struct datagram *d = malloc(sizeof(*d));
	struct harness *h = harness_text_open(vnf_plugin_type, config);
	json_t *stats;

	srandom(11);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned order[N];

		make_datagram(d, v6, round, 53);
		shuffle(order);
		for (unsigned i = 0; i < N; i++)
			harness_in(h, FW_LEFT, d->pieces[order[i]].data,
				d->pieces[order[i]].len);
		assert_all_out(h, d);
	}
	stats = harness_stats(h);
	assert_int_equal(
		json_integer_value(doc_at(stats, "rules[0].packets")), ROUNDS * N);
	json_decref(stats);
	assert_null(harness_close(h));
	free(d);
}

static void
test_fragments_pass_in_any_order(void **state)
{
	(void)state;
	play_in_any_order(false);
	play_in_any_order(true);
}

static void
test_fragments_of_a_refused_packet_are_dropped_in_any_order(void **state)
{
	struct datagram *d = malloc(sizeof(*d));
	struct harness *h = harness_text_open(vnf_plugin_type, config);

	(void)state;
	srandom(12);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct harness_frame out;
		unsigned order[N], dropped = 0;

		make_datagram(d, round % 2 == 1, round, 54);
		shuffle(order);
		for (unsigned i = 0; i < N; i++)
			harness_in(h, FW_LEFT, d->pieces[order[i]].data,
				d->pieces[order[i]].len);
		while (harness_drop(h) >= 0)
			dropped++;
		assert_int_equal(dropped, N);
		assert_false(harness_out(h, FW_RIGHT, &out));
		assert_int_equal(harness_held(h), 0);
	}
	assert_null(harness_close(h));
	free(d);
}

/* Fragments without their first, of more datagrams than are remembered. */
static void
test_fragments_that_wait_are_bounded_for_each_source_and_in_all(void **state)
{
	struct harness *h = harness_text_open(vnf_plugin_type, config);
	struct harness_frame frame;
	char text[160];
	unsigned sent = 0;

	(void)state;
	for (unsigned source = 0; source < 20; source++) {
		for (unsigned id = 0; id < 300; id++) {
			snprintf(text, sizeof(text),
				ETH "ip4 10.0.%u.1 > 10.0.0.2 id %u off 2 mf proto 17 "
				    "zeros 8",
				source, id);
			harness_text_frame(&frame, text);
			harness_in(h, FW_LEFT, frame.data, frame.len);
			sent++;
		}
		if (source == 0)
			assert_int_equal(harness_held(h), REASM_MAX_HELD_SOURCE);
	}
	assert_int_equal(harness_held(h), REASM_MAX_HELD);
	assert_int_equal(harness_drops(h, FW_FRAGMENT_LIMIT), sent - REASM_MAX_HELD);
	while (harness_drop(h) >= 0)
		;
	harness_clock(h, 31 * SECOND);
	assert_int_equal(harness_held(h), 0);
	assert_int_equal(harness_drops(h, FW_FRAGMENT_TIMEOUT), REASM_MAX_HELD);
	while (harness_drop(h) >= 0)
		;
	assert_null(harness_close(h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "45 fragments pass in any order, over IPv4 and IPv6 [FW-11 COM-13]",
			.test_func = test_fragments_pass_in_any_order},
		{.name = "45 fragments of a refused packet are dropped in any order [FW-11]",
			.test_func =
				test_fragments_of_a_refused_packet_are_dropped_in_any_order},
		{.name = "fragments that wait are bounded for each source and in all [FW-11]",
			.test_func =
				test_fragments_that_wait_are_bounded_for_each_source_and_in_all},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
