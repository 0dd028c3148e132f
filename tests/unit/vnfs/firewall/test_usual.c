/* test_usual.c: two ways through the firewall, held against one another: the usual packet
 * is judged by what is read in passing, with a VLAN tag the same packet goes the long
 * way. Verdicts, answers, counters and sessions must be the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/pkt/hdr.h"
#include "tests/lib/harness_text.h"
#include "vnfs/firewall/firewall.h"

extern const struct vnf_type *const vnf_plugin_type;

#define ETH    "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 "
#define BURSTS 6000
#define CONNS  12
#define MS     1000000ull

struct conn { /* what its ends would send next */
	unsigned number;
	unsigned opened; /* packets of its handshake that were sent */
	uint32_t next[2];
};

static uint64_t rng;
static uint64_t n_passed, n_dropped; /* that the test is about something */

static uint32_t
draw(uint32_t n)
{
	rng = rng * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(rng >> 33) % n;
}

/* ---- packets ---- */

static const char *
draw_flags(struct conn *c, unsigned from)
{
	static const char *const odd[] = {
		"S", "SA", "F", "FA", "R", "RA", "SF", "A", "PA", "U"};

	if (draw(12) == 0)
		return odd[draw(10)];
	if (c->opened == 0 && from == 0)
		return "S";
	if (c->opened == 1 && from == 1)
		return "SA";
	return draw(40) == 0 ? "FA" : draw(2) == 0 ? "A" : "PA";
}

static void
advance(struct conn *c, unsigned from, const char *flags, unsigned data)
{
	const bool syn = strchr(flags, 'S') != NULL, fin = strchr(flags, 'F') != NULL;

	c->next[from] += data + syn + fin;
	if (syn && c->opened == from)
		c->opened++;
	if (draw(60) == 0) /* and begins anew */
		c->opened = 0;
}

static void
draw_tcp(struct conn *c, unsigned from, struct harness_frame *frame)
{
	const char *flags = draw_flags(c, from);
	const unsigned data = strchr(flags, 'S') == NULL && draw(3) == 0 ? draw(90) : 0;
	const uint32_t off = draw(15) == 0 ? draw(200000) - 100000 : 0;
	char text[256];

	snprintf(text, sizeof(text),
		from == 0 ? ETH
			"ip4 10.0.0.%u > 198.51.100.%u tcp %u > %u flags %s seq %u "
			"ack %u win %u zeros %u"
			  : ETH "ip4 198.51.100.%2$u > 10.0.0.%1$u tcp %4$u > %3$u flags "
				"%5$s seq %6$u ack %7$u win %8$u zeros %9$u",
		1 + c->number % 3, 1 + c->number % 2, 1000 + c->number,
		80 + c->number % 4, flags, c->next[from] + off,
		c->next[!from] + (draw(15) == 0 ? draw(200000) - 100000 : 0),
		draw(3) == 0 ? 0 : draw(65536), data);
	harness_text_frame(frame, text);
	advance(c, from, flags, data);
}

static void
draw_udp(struct conn *c, unsigned from, struct harness_frame *frame)
{
	char text[256];

	snprintf(text, sizeof(text),
		from == 0 ? ETH "ip4 10.0.0.%u > 198.51.100.%u udp %u > %u zeros %u"
			  : ETH "ip4 198.51.100.%2$u > 10.0.0.%1$u udp %4$u > %3$u zeros "
				"%5$u",
		1 + c->number % 3, 1 + c->number % 2, 1000 + c->number,
		52 + c->number % 3, draw(90));
	harness_text_frame(frame, text);
}

/* Some have a byte of their IP or L4 header changed, some come to the wrong side. */
static void
draw_frame(struct conn *conns, unsigned cp, struct harness_frame *frame)
{
	struct conn *c = &conns[draw(CONNS)];
	const unsigned from = draw(50) == 0 ? !cp : cp;

	if (c->number % 3 == 0)
		draw_udp(c, from, frame);
	else
		draw_tcp(c, from, frame);
	if (draw(30) == 0)
		frame->data[PKT_ETH_LEN + draw(40)] ^= 1 << draw(8);
	if (draw(100) == 0) /* from its own destination; its checksum is wrong then */
		memcpy(&frame->data[26], &frame->data[30], 4);
}

/* The same with VLAN tag 1. */
static void
tag(const struct harness_frame *frame, struct harness_frame *tagged)
{
	static const uint8_t vlan[] = {0x81, 0, 0, 1};

	memcpy(tagged->data, frame->data, 12);
	memcpy(tagged->data + 12, vlan, 4);
	memcpy(tagged->data + 16, frame->data + 12, frame->len - 12);
	tagged->len = frame->len + 4;
}

/* ---- what came of them ---- */

static void
assert_same_outcome(struct harness *usual, struct harness *tagged)
{
	static struct harness_frame a, b, c;
	int cp[2];
	unsigned reason[2];

	while (harness_any(usual, &cp[0], &reason[0], &a)) {
		assert_true(harness_any(tagged, &cp[1], &reason[1], &b));
		assert_int_equal(cp[0], cp[1]);
		n_passed += cp[0] >= 0;
		n_dropped += cp[0] < 0;
		if (cp[0] < 0) {
			assert_int_equal(reason[0], reason[1]);
			continue;
		}
		tag(&a, &c);
		assert_int_equal(b.len, c.len);
		assert_memory_equal(b.data, c.data, b.len);
	}
	assert_false(harness_any(tagged, &cp[1], &reason[1], &b));
}

/* Each packet with a tag is 4 bytes longer. */
static void
assert_same_counters(const json_t *a, const json_t *b)
{
	const json_t *x;
	size_t i;

	assert_int_equal(json_array_size(a), json_array_size(b));
	json_array_foreach (a, i, x) {
		const json_t *y = json_array_get(b, i);
		const json_int_t packets =
			json_integer_value(json_object_get(x, "packets"));

		assert_int_equal(
			packets, json_integer_value(json_object_get(y, "packets")));
		assert_int_equal(
			json_integer_value(json_object_get(x, "bytes")) + 4 * packets,
			json_integer_value(json_object_get(y, "bytes")));
	}
}

static void
assert_same_stats(struct harness *usual, struct harness *tagged)
{
	json_t *a = harness_stats(usual), *b = harness_stats(tagged);

	assert_same_counters(json_object_get(a, "rules"), json_object_get(b, "rules"));
	assert_same_counters(json_object_get(a, "passedWithoutRule"),
		json_object_get(b, "passedWithoutRule"));
	assert_true(json_equal(
		json_object_get(a, "malformed"), json_object_get(b, "malformed")));
	assert_true(json_equal(
		json_object_get(a, "sessions"), json_object_get(b, "sessions")));
	json_decref(a);
	json_decref(b);
}

/* But for the tag. */
static void
strip(json_t *session)
{
	json_t *packets = json_object_get(session, "packets");
	json_t *bytes = json_object_get(session, "bytes");

	json_object_set_new(session, "zone", json_integer(0));
	for (size_t i = 0; i < 2; i++) {
		const json_int_t n = json_integer_value(json_array_get(packets, i));

		json_array_set_new(bytes, i,
			json_integer(
				json_integer_value(json_array_get(bytes, i)) - 4 * n));
	}
}

static void
assert_same_sessions(struct harness *usual, struct harness *tagged)
{
	json_t *args = json_pack("{s:i}", "limit", 1000);
	json_t *a = harness_query(usual, "sessions", args, NULL);
	json_t *b = harness_query(tagged, "sessions", args, NULL);
	json_t *session;
	size_t i;

	assert_non_null(a);
	assert_non_null(b);
	json_array_foreach (json_object_get(b, "sessions"), i, session)
		strip(session);
	assert_true(json_equal(
		json_object_get(a, "sessions"), json_object_get(b, "sessions")));
	json_decref(a);
	json_decref(b);
	json_decref(args);
}

/* ---- both ways ---- */

static void
send_burst(struct harness *usual, struct harness *tagged, struct conn *conns)
{
	static struct harness_frame frames[2][VNF_BURST];
	const unsigned cp = draw(2), n = 1 + draw(VNF_BURST);

	for (unsigned i = 0; i < n; i++) {
		draw_frame(conns, cp, &frames[0][i]);
		tag(&frames[0][i], &frames[1][i]);
	}
	harness_burst(usual, cp, frames[0], n);
	harness_burst(tagged, cp, frames[1], n);
}

static void
compare(const char *config, unsigned bursts)
{
	struct harness *usual = harness_text_open(vnf_plugin_type, config);
	struct harness *tagged = harness_text_open(vnf_plugin_type, config);
	struct conn conns[CONNS];

	rng = 0x2468;
	n_passed = n_dropped = 0;
	for (unsigned i = 0; i < CONNS; i++)
		conns[i] = (struct conn){.number = i, .next = {i * 1000, i * 77777}};
	for (unsigned burst = 0; burst < bursts; burst++) {
		const uint64_t ns = draw(50) * MS * (draw(200) == 0 ? 20000 : 1);

		send_burst(usual, tagged, conns);
		assert_same_outcome(usual, tagged);
		harness_clock(usual, ns);
		harness_clock(tagged, ns);
		if (burst % 100 == 0)
			assert_same_sessions(usual, tagged);
	}
	assert_same_stats(usual, tagged);
	assert_true(n_passed > bursts && n_dropped > bursts);
	assert_null(harness_close(usual));
	assert_null(harness_close(tagged));
}

#define LIMITS "icmp-rate: {per-destination: 100000, total: 1000000}\n"
#define RULES                                                                            \
	"rules:\n"                                                                       \
	"- {name: web, action: accept, from: left, proto: tcp, dport: [80, 81]}\n"       \
	"- {name: no, action: reject, proto: tcp, dport: 82}\n"                          \
	"- {name: slow, action: accept, proto: udp, dport: 54, police: {packets: 2k}}\n" \
	"- {name: dns, action: accept, from: left, proto: udp, dport: 53}\n"             \
	"- {name: log, action: drop, proto: udp, dport: 52, src: 10.0.0.1}\n"            \
	"- {name: syn, action: drop, proto: tcp, tcp-flags: {mask: [syn, ack], "         \
	"set: [syn]}, from: right}\n"                                                    \
	"- {name: short, action: drop, length: 28-40}\n"                                 \
	"- {name: dscp, action: drop, dscp: 1-63}\n"                                     \
	"- {name: mac, action: accept, src-mac: \"02:00:00:00:00:01\", proto: tcp, "     \
	"dport: 83}\n"

static void
test_stateful(void **state)
{
	(void)state;
	compare(LIMITS RULES, BURSTS);
}

static void
test_loose(void **state)
{
	(void)state;
	compare(LIMITS "tcp-window: loose\ntcp-mid-stream: accept\n" RULES, BURSTS);
}

static void
test_stateless(void **state)
{
	(void)state;
	compare(LIMITS "stateful: false\n" RULES, BURSTS);
}

static void
test_continuing(void **state)
{
	(void)state;
	compare("default: accept\nrules:\n"
		"- {name: seen, action: continue, proto: udp}\n"
		"- {name: not, action: drop, proto: tcp, dport: 81}\n",
		BURSTS / 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "usual packets are judged as those with a tag are [FW-1 FW-7]",
			.test_func = test_stateful},
		{.name = "also with loose windows and connections from their middle [FW-7]",
			.test_func = test_loose},
		{.name = "also without sessions [FW-1]", .test_func = test_stateless},
		{.name = "also behind rules that say continue [FW-3]",
			.test_func = test_continuing},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
