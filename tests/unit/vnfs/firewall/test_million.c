/* test_million.c: a million sessions behind ten thousand rules: what one takes, how fast
 * they begin, and when they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/doc.h"
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "tests/lib/harness.h"
#include "tests/lib/pkttext.h"
#include "vnfs/firewall/firewall.h"

extern const struct vnf_type *const vnf_plugin_type;

#define ETH	 "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 "
#define MILLION	 1000000u
#define CAPACITY (1u << 20)
#define RULES	 10000u
#define SECOND	 1000000000ull
#define SPREAD_S 10u /* in which they begin */
#define UDP_S	 60u /* of life without a packet */

/* ---- the core: memory and speed ---- */

static uint64_t
resident(void)
{
	unsigned long long size, pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%llu %llu", &size, &pages), 2);
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
test_million_sessions_take_192_bytes_each_at_most(void **state)
{
	const size_t size = session_region_size(&conntrack_spec, CAPACITY);
	const uint64_t before = resident();
	static const struct fw_timeouts timeouts = {
		.tcp_transitory = 240 * SECOND, .udp = UDP_S * SECOND};
	struct accounts *accounts = accounts_create();
	struct journal journal = {0};
	struct lifetimes lifetimes;
	struct conntrack ct = {.lifetimes = &lifetimes,
		.max_halfopen = UINT32_MAX,
		.journal = &journal,
		.accounts = accounts,
		.halfopen = halfopen_create(CAPACITY)};
	struct pkttext text;
	struct pkt_info info;
	struct track track;
	struct session_key6 key;
	void *region = aligned_alloc(64, size);
	double begun, took;

	(void)state;
	memset(region, 0, size);
	lifetimes_of(&timeouts, &lifetimes);
	assert_int_equal(
		session_open(&ct.table, &conntrack_spec, region, size, 1, 0, NULL), 0);
	assert_int_equal(
		pkttext_parse(ETH "ip4 10.0.0.1 > 198.51.100.1 tcp 1 > 80 flags S", &text,
			NULL),
		0);
	assert_int_equal(pkt_parse(text.data, text.len, &info), PKT_OK);
	begun = cpu_seconds();
	for (uint32_t i = 0; i < MILLION; i++) {
		const struct packet packet = {
			&track, &key, &info, text.data, (uint32_t)text.len, FW_LEFT};

		info.sport = (uint16_t)i;
		memcpy(info.src, (uint8_t[]){10, 0, (uint8_t)(i >> 16), 1}, 4);
		conntrack_key(text.data, &info, &track, &key);
		assert_int_equal(
			conntrack_see(&ct, session_find(ct.table, &key), &packet, SECOND),
			CONNTRACK_NEW);
		assert_int_equal(conntrack_open(&ct, &packet, ACCOUNT_GONE, 0, SECOND),
			CONNTRACK_OPENED);
	}
	took = cpu_seconds() - begun;
	assert_int_equal(session_count(ct.table), MILLION);
	print_message("%.0f bytes a session, %.2f million new ones a second\n",
		(double)(resident() - before) / CAPACITY, 1.0 / took);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	assert_true((resident() - before) / CAPACITY <= 192);
#endif
	session_close(ct.table);
	halfopen_destroy(ct.halfopen);
	accounts_destroy(accounts);
	free(region);
}

/* ---- the whole: rules and time ---- */

/* Rules for TCP to ports of their own, and a last one for UDP. */
static char *
write_config(void)
{
	const size_t size = 96 * (RULES + 10);
	char *config = malloc(size);
	size_t at = (size_t)snprintf(config, size,
		"max-sessions: %u\ntimeouts: {udp: %us}\nrules:\n", CAPACITY, UDP_S);

	for (unsigned i = 0; i + 1 < RULES; i++)
		at += (size_t)snprintf(config + at, size - at,
			"- {action: accept, proto: tcp, dst: 172.16.%u.%u, dport: %u}\n",
			i / 256, i % 256, 1024 + i);
	snprintf(config + at, size - at, "- {action: accept, proto: udp}\n");
	return config;
}

static void
set_flow(struct harness_frame *frame, uint32_t i)
{
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(frame->data + PKT_ETH_LEN);
	struct pkt_udp *udp = (struct pkt_udp *)(ip + 1);
	const uint32_t src = __builtin_bswap32(0x0a000001u + (i >> 16 << 8));
	const uint16_t sport = (uint16_t)i;

	ip->csum = csum_update32(ip->csum, ip->src, src);
	ip->src = src;
	udp->sport = sport;
	udp->csum = 0; /* none */
}

static void
open_all(struct harness *h)
{
	static struct harness_frame burst[VNF_BURST], out;
	struct pkttext text;

	assert_int_equal(pkttext_parse(ETH "ip4 10.0.0.1 > 198.51.100.1 udp 1 > 80 \"x\"",
				 &text, NULL),
		0);
	for (unsigned i = 0; i < VNF_BURST; i++) {
		burst[i].len = (uint32_t)text.len;
		memcpy(burst[i].data, text.data, text.len);
	}
	for (uint32_t i = 0; i < MILLION; i += VNF_BURST) {
		for (unsigned k = 0; k < VNF_BURST; k++)
			set_flow(&burst[k], i + k);
		harness_burst(h, FW_LEFT, burst, VNF_BURST);
		while (harness_out(h, FW_RIGHT, &out))
			;
		if (i / VNF_BURST % 25 == 24) /* 800 in 8 ms */
			harness_clock(h, 800 * (SPREAD_S * SECOND / MILLION));
	}
}

static json_int_t
stat_of(struct harness *h, const char *path)
{
	json_t *stats = harness_stats(h);
	const json_int_t value = json_integer_value(doc_at(stats, path));

	json_decref(stats);
	return value;
}

/* After s seconds of silence only those may be left that began within a second of the end
 * of those whose time has come, and all those whose time has not. */
static void
test_million_sessions_end_within_a_second_of_their_time(void **state)
{
	struct harness *h = NULL;
	struct faults faults = {0};
	char *config = write_config();

	(void)state;
	if (harness_open(&h, vnf_plugin_type, config, NULL, &faults) != 0)
		fail_msg("%s: %s", faults.list[0].path, faults.list[0].text);
	free(config);
	open_all(h);
	assert_int_equal(stat_of(h, "sessions"), MILLION);
	assert_int_equal(stat_of(h, "rules[9999].packets"), MILLION);
	harness_clock(h, (UDP_S - SPREAD_S) * SECOND - SECOND / 2);
	assert_int_equal(stat_of(h, "sessions"), MILLION);
	for (unsigned s = 0; s <= SPREAD_S + 1; s++) { /* half a second into each */
		const int64_t a_second = MILLION / SPREAD_S;
		const int64_t due = (int64_t)s * a_second - a_second / 2;
		const json_int_t left = stat_of(h, "sessions");

		assert_true(left >= (due > 0 ? MILLION - due : MILLION) - 1000);
		if (due - a_second > 0)
			assert_true(left <= MILLION - (due - a_second) + 1000);
		harness_clock(h, SECOND);
	}
	assert_int_equal(stat_of(h, "sessions"), 0);
	assert_null(harness_close(h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "a million connections take 192 bytes each at most, and begin at "
			 "200,000 a second at least [FW-15]",
			.test_func = test_million_sessions_take_192_bytes_each_at_most},
		{.name = "behind 10,000 rules, a million sessions end within a second of "
			 "their time [FW-15 FW-8 COM-12]",
			.test_func =
				test_million_sessions_end_within_a_second_of_their_time},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
