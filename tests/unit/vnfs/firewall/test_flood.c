/* test_flood.c: SYNs of a million sources, while connections that are open go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/doc.h"
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "tests/lib/harness_text.h"
#include "vnfs/firewall/firewall.h"

extern const struct vnf_type *const vnf_plugin_type;

#define ETH	  "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 "
#define SYNS	  1000000u
#define FLOWS	  64u
#define HALF_OPEN 20000u
#define MS	  1000000ull

static void
assert_passes(struct harness *h, unsigned cp, const char *text)
{
	static struct harness_frame frame;

	harness_text_frame(&frame, text);
	harness_in(h, cp, frame.data, frame.len);
	assert_true(harness_out(h, cp ^ 1, &frame));
}

static void
open_connection(struct harness *h, unsigned port)
{
	char text[160];

	snprintf(text, sizeof(text),
		ETH "ip4 192.0.2.1 > 198.51.100.1 tcp %u > 80 flags S seq 1", port);
	assert_passes(h, FW_LEFT, text);
	snprintf(text, sizeof(text),
		ETH "ip4 198.51.100.1 > 192.0.2.1 tcp 80 > %u flags SA seq 1 ack 2",
		port);
	assert_passes(h, FW_RIGHT, text);
	snprintf(text, sizeof(text),
		ETH "ip4 192.0.2.1 > 198.51.100.1 tcp %u > 80 flags A seq 2 ack 2", port);
	assert_passes(h, FW_LEFT, text);
}

/* Another source, and its sums. */
static void
set_source(struct harness_frame *frame, uint32_t source)
{
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(frame->data + PKT_ETH_LEN);
	struct pkt_tcp *tcp = (struct pkt_tcp *)(ip + 1);

	ip->csum = csum_update32(ip->csum, ip->src, source);
	tcp->csum = csum_update32(tcp->csum, ip->src, source);
	ip->src = source;
}

/* Bursts of 31 SYNs of new sources and one packet of an open connection. Returns how many
 * of the latter came through. */
static uint64_t
flood(struct harness *h, uint64_t *sent)
{
	static struct harness_frame burst[VNF_BURST], open[FLOWS], out;
	uint64_t passed = 0;
	unsigned syns = 0;

	for (unsigned i = 0; i < FLOWS; i++) {
		char text[160];

		snprintf(text, sizeof(text),
			ETH
			"ip4 192.0.2.1 > 198.51.100.1 tcp %u > 80 flags PA seq 2 ack 2 "
			"\"goodput\"",
			1000 + i);
		harness_text_frame(&open[i], text);
	}
	for (unsigned i = 0; i < VNF_BURST; i++)
		harness_text_frame(&burst[i],
			ETH "ip4 10.0.0.1 > 198.51.100.1 tcp 1 > 80 flags S seq 1");
	*sent = 0;
	while (syns < SYNS) {
		unsigned n = 0;

		for (; n < VNF_BURST - 1 && syns < SYNS; n++) {
			uint32_t source =
				0x0b000000u + syns++ * 2654435761u % 0x70000000u;

			set_source(&burst[n], __builtin_bswap32(source));
		}
		burst[n++] = open[(*sent)++ % FLOWS];
		harness_burst(h, FW_LEFT, burst, n);
		harness_text_frame(&burst[n - 1],
			ETH "ip4 10.0.0.1 > 198.51.100.1 tcp 1 > 80 flags S seq 1");
		while (harness_out(h, FW_RIGHT, &out))
			passed += out.len == open[0].len;
		if (*sent % 1000 == 0)
			harness_clock(h, MS);
	}
	return passed;
}

static json_int_t
stat_of(json_t *stats, const char *path)
{
	return json_integer_value(doc_at(stats, path));
}

static void
test_flood_leaves_open_connections_alone(void **state)
{
	struct harness *h = harness_text_open(vnf_plugin_type,
		"max-sessions: 30000\nmax-half-open: 20000\n"
		"rules: [{name: web, action: accept, from: left}]");
	uint64_t sent, passed;
	json_t *stats;

	(void)state;
	for (unsigned i = 0; i < FLOWS; i++)
		open_connection(h, 1000 + i);
	passed = flood(h, &sent);
	assert_int_equal(passed, sent); /* 100 % of the goodput */
	stats = harness_stats(h);
	assert_int_equal(stat_of(stats, "halfOpen"), HALF_OPEN);
	assert_int_equal(stat_of(stats, "sessions"), HALF_OPEN + FLOWS);
	assert_int_equal(stat_of(stats, "evicted"), SYNS - HALF_OPEN);
	assert_int_equal(stat_of(stats, "rules[0].packets"), SYNS + sent + 2 * FLOWS);
	json_decref(stats);
	assert_int_equal(harness_drop(h), -1);
	assert_null(harness_close(h));
}

/* Without a bound of its own the table fills; what was open stays. */
static void
test_flood_fills_the_table_and_still_leaves_open_connections_alone(void **state)
{
	struct harness *h = harness_text_open(vnf_plugin_type,
		"max-sessions: 30000\nnew-session-rate: 5\n"
		"rules: [{name: web, action: accept, from: left}]");
	uint64_t sent, passed;
	json_t *stats;

	(void)state;
	for (unsigned i = 0; i < FLOWS; i++) {
		open_connection(h, 1000 + i);
		harness_clock(h, 200 * MS);
	}
	passed = flood(h, &sent);
	assert_int_equal(passed, sent);
	stats = harness_stats(h);
	assert_int_equal(stat_of(stats, "sessions"), 30000);
	assert_int_equal(stat_of(stats, "halfOpen"), 30000 - FLOWS);
	assert_int_equal(stat_of(stats, "evicted"), SYNS - (30000 - FLOWS));
	json_decref(stats);
	assert_null(harness_close(h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "a million SYNs leave open connections alone, half-open ones are "
			 "bounded, counters exact [FW-10]",
			.test_func = test_flood_leaves_open_connections_alone},
		{.name = "a million sources fill the table and no more [FW-9 FW-10]",
			.test_func =
				test_flood_fills_the_table_and_still_leaves_open_connections_alone},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
