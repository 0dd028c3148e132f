/* test_readers.c: sessions and counters are read by one thread while another forwards:
 * each session that is told is one that there was, whole. */
#include <pthread.h>
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
#include "tests/lib/harness.h"
#include "tests/lib/pkttext.h"
#include "vnfs/firewall/firewall.h"

extern const struct vnf_type *const vnf_plugin_type;

#define ETH	"eth 02:00:00:00:00:01 > 02:00:00:00:00:02 "
#define PACKETS 400000u
#define QUERIES 20u /* at least */

struct reader {
	struct harness *h;
	bool done; /* the other thread is */
	unsigned queries, told, torn;
	json_int_t packets; /* of the rule, as last read */
	bool went_back;
};

/* Source address and port of a flow say the same number. */
static bool
is_whole(json_t *session)
{
	const char *src = json_string_value(json_object_get(session, "src"));
	const json_int_t sport = json_integer_value(json_object_get(session, "sport"));
	unsigned high, low;

	return src != NULL && sscanf(src, "10.0.%u.%u", &high, &low) == 2 &&
	       (json_int_t)(high << 8 | low) == sport &&
	       json_integer_value(json_object_get(session, "dport")) == 80 &&
	       json_integer_value(doc_at(session, "packets[0]")) >= 1;
}

static void
read_once(struct reader *reader)
{
	json_t *stats = harness_stats(reader->h), *answer, *session;
	json_t *args = json_pack("{s:i}", "limit", 1000);
	const json_int_t packets = json_integer_value(doc_at(stats, "rules[0].packets"));
	size_t i;

	reader->went_back |= packets < reader->packets;
	reader->packets = packets;
	json_decref(stats);
	answer = harness_query(reader->h, "sessions", args, NULL);
	json_array_foreach (json_object_get(answer, "sessions"), i, session) {
		reader->told++;
		reader->torn += !is_whole(session);
	}
	json_decref(answer);
	json_decref(args);
	reader->queries++;
}

static void *
read_on(void *arg)
{
	struct reader *reader = arg;

	while (!__atomic_load_n(&reader->done, __ATOMIC_ACQUIRE) ||
		reader->queries < QUERIES)
		read_once(reader);
	return NULL;
}

static void
forward(struct harness *h)
{
	static struct harness_frame burst[VNF_BURST], out;
	struct pkttext text;

	assert_int_equal(pkttext_parse(ETH "ip4 10.0.0.1 > 198.51.100.1 udp 1 > 80 \"x\"",
				 &text, NULL),
		0);
	for (uint32_t i = 0; i < PACKETS; i += VNF_BURST) {
		for (unsigned k = 0; k < VNF_BURST; k++) {
			struct pkt_ip4 *ip;
			struct pkt_udp *udp;
			const uint16_t n = __builtin_bswap16((uint16_t)(i + k));
			const uint32_t src = 0x0000000au | (uint32_t)n << 16;

			burst[k].len = (uint32_t)text.len;
			memcpy(burst[k].data, text.data, text.len);
			ip = (struct pkt_ip4 *)(burst[k].data + PKT_ETH_LEN);
			udp = (struct pkt_udp *)(ip + 1);
			ip->csum = csum_update32(ip->csum, ip->src, src);
			ip->src = src;
			udp->sport = n;
			udp->csum = 0;
		}
		harness_burst(h, FW_LEFT, burst, VNF_BURST);
		while (harness_out(h, FW_RIGHT, &out))
			;
	}
}

static void
test_readers_see_whole_sessions_while_packets_are_forwarded(void **state)
{
	struct harness *h = NULL;
	struct faults faults = {0};
	struct reader reader = {0};
	pthread_t thread;

	(void)state;
	assert_int_equal(
		harness_open(&h, vnf_plugin_type,
			"max-sessions: 1000\nrules: [{name: all, action: accept}]", NULL,
			&faults),
		0);
	reader.h = h;
	assert_int_equal(pthread_create(&thread, NULL, read_on, &reader), 0);
	forward(h); /* each session gives way to the thousandth after it */
	__atomic_store_n(&reader.done, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	assert_true(reader.told > 0);
	assert_int_equal(reader.torn, 0);
	assert_false(reader.went_back);
	read_once(&reader);
	assert_int_equal(reader.packets, PACKETS);
	while (harness_drop(h) >= 0)
		;
	assert_null(harness_close(h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "sessions and counters are read whole while packets are forwarded "
			 "[COM-9]",
			.test_func =
				test_readers_see_whole_sessions_while_packets_are_forwarded},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
