/* test_quick.c: two ways through the NAT, held against one another: where a burst begins
 * with a TCP packet that is not usual, all of it goes the long way; without, what is
 * usual goes the quick one. What comes out, and what is left behind, must be the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include "common/log.h"
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "tests/lib/harness_text.h"

extern const struct vnf_type *const vnf_plugin_type;

#define INSIDE	0
#define OUTSIDE 1
#define ROUNDS	3000
#define ENDS	64
#define ODD                                                                              \
	"eth 02:00:00:00:00:0a > 02:00:00:00:ff:%02x ip4 192.0.2.1 > 192.0.2.2 "         \
	"tcp 1 > 2 off 0"

static const char *const configs[] = {
	"inside: {addresses: [10.0.0.1/24], routes: [{prefix: 10.9.0.0/16, via: "
	"10.0.0.11}]}\n"
	"outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1, mtu: 300}\n"
	"pool: 192.0.3.16-192.0.3.18\n"
	"static: [{outside: 192.0.3.18, inside: 10.0.0.13}]\n"
	"no-nat: 192.0.2.0/24\n"
	"timeouts: {udp: 20s, tcp-transitory: 5s, tcp-established: 60s}\n"
	"port-rest: {time: 2s}\n"
	"icmp-rate: {per-destination: 100000, total: 1000000}\n",
	"inside: {addresses: [10.0.0.1/16]}\n"
	"outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}\n"
	"refresh: outbound\n"
	"filtering: endpoint-independent\n"
	"timeouts: {udp: 2s, tcp-transitory: 1s, tcp-established: 3s, tcp-opening: "
	"4s}\n"
	"port-rest: {time: 2s}\n"
	"max-sessions: 40\n"};

struct end { /* of a session outside, as a packet that left has it */
	uint32_t ip, peer;
	uint16_t port, peer_port;
	uint8_t proto;
};

struct pair { /* of instances */
	struct harness *quick, *slow;
	struct end ends[ENDS];
	unsigned n_ends;
};

static uint64_t rng = 0x2468;

static uint32_t
draw(uint32_t n)
{
	rng = rng * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(rng >> 33) % n;
}

/* ---- packets ---- */

static const char *
draw_flags(void)
{
	static const char *const flags[] = {"S", "SA", "F", "FA", "R", "RA", "A", "PA"};

	return flags[draw(3) ? 6 + draw(2) : draw(8)];
}

struct flow {
	char src[INET_ADDRSTRLEN], dst[INET_ADDRSTRLEN];
	unsigned sport, dport;
	bool tcp;
};

static const struct end *
draw_end(const struct pair *pair)
{
	return &pair->ends[draw(pair->n_ends)];
}

/* To a server, to another inside host's outside end, or to where it makes no sense. */
static struct flow
draw_out(const struct pair *pair)
{
	static const char *const dsts[] = {"198.51.100.1", "198.51.100.2", "203.0.113.9",
		"203.0.113.77", "192.0.3.16", "203.0.113.2", "10.0.0.11", "10.9.0.1",
		"127.0.0.1", "192.0.2.9", "203.0.113.255"};
	static const char *const srcs[] = {"10.0.0.10", "10.0.0.11", "10.9.3.4",
		"10.0.0.12", "10.0.0.1", "10.0.0.0"};
	const struct end *end = draw_end(pair);
	struct flow flow = {
		.sport = 1000 + draw(3), .dport = draw(4) ? 53 : 1000, .tcp = draw(2)};

	strcpy(flow.src, srcs[draw(8) ? draw(3) : draw(6)]);
	strcpy(flow.dst, dsts[draw(5) ? draw(3) : draw(11)]);
	if (draw(4) == 0) {
		inet_ntop(AF_INET, &end->ip, flow.dst, sizeof(flow.dst));
		flow.dport = end->port;
		flow.tcp = end->proto == PKT_PROTO_TCP;
	}
	return flow;
}

static struct flow
draw_in(const struct pair *pair)
{
	const struct end *end = draw_end(pair);
	struct flow flow = {.sport = draw(8) ? end->peer_port : 1000,
		.dport = draw(8) ? end->port : 80,
		.tcp = end->proto == PKT_PROTO_TCP};

	inet_ntop(AF_INET, &end->peer, flow.src, sizeof(flow.src));
	inet_ntop(AF_INET, &end->ip, flow.dst, sizeof(flow.dst));
	return flow;
}

static const char *
draw_header(void)
{
	static const char *const odd[] = {" ttl 1", " ttl 0", " mf off 0", " off 2",
		" opts 01010101", " opts 01010101", " ttl 2"};

	if (draw(8) == 0)
		return odd[draw(7)];
	return draw(2) ? " df" : " no-df";
}

static void
make(unsigned cp, const struct flow *flow, struct harness_frame *frame)
{
	static const char *const payloads[] = {"", " \"x\"", " zeros 300",
		" \"a longer payload, so that nothing is padded\""};
	char text[512], more[64];

	if (flow->tcp)
		snprintf(more, sizeof(more), " flags %s", draw_flags());
	else
		snprintf(more, sizeof(more), "%s", draw(8) ? "" : " csum 0");
	snprintf(text, sizeof(text),
		"eth 02:00:00:00:00:0a > 02:00:00:00:ff:%02x ip4 %s > %s%s %s %u > "
		"%u%s%s",
		cp, flow->src, flow->dst, draw_header(), flow->tcp ? "tcp" : "udp",
		flow->sport, flow->dport, more, payloads[draw(4)]);
	harness_text_frame(frame, text);
}

/* Bytes changed, the frame cut or padded, now and then. */
static void
spoil(struct harness_frame *frame)
{
	for (unsigned n = draw(10) == 0 ? 1 + draw(3) : 0; n > 0; n--)
		frame->data[draw(frame->len)] = (uint8_t)draw(256);
	if (frame->len >= 34 && draw(3) != 0 && frame->data[14] == 0x45)
		csum_ip4_set(frame->data + 14);
	if (draw(20) == 0)
		frame->len -= draw(frame->len);
	else if (draw(4) == 0)
		frame->len += draw(20);
}

/* ---- both ---- */

static void
both_in(struct pair *pair, unsigned cp, const struct harness_frame *frames, unsigned n)
{
	static struct harness_frame prefixed[VNF_BURST];
	char odd[256];

	snprintf(odd, sizeof(odd), ODD, cp);
	harness_text_in(pair->quick, cp, odd);
	harness_burst(pair->quick, cp, frames, n);
	harness_text_frame(&prefixed[0], odd);
	memcpy(&prefixed[1], frames, n * sizeof(*frames));
	harness_burst(pair->slow, cp, prefixed, n + 1);
}

/* Identifications of datagrams that may be cut, or were, are only unique: their order is
 * free. */
static void
forget_ident(struct harness_frame *frame)
{
	uint8_t *ip = frame->data + PKT_ETH_LEN;

	if (frame->len < PKT_ETH_LEN + PKT_IP4_LEN || frame->data[12] != 8 ||
		frame->data[13] != 0)
		return;
	const bool atomic = (ip[6] & ~0x80) == PKT_IP4_DF >> 8 && ip[7] == 0;

	if (atomic || csum_finish(csum_add(0, ip, (ip[0] & 15) * 4u)) != 0)
		return;
	ip[4] = ip[5] = 0;
	csum_ip4_set(ip);
}

static void
learn(struct pair *pair, const struct harness_frame *frame)
{
	struct end *end = &pair->ends[pair->n_ends < ENDS ? pair->n_ends : draw(ENDS)];
	struct pkt_info info;

	if (pkt_parse(frame->data, frame->len, &info) != PKT_OK || info.family != 4 ||
		!info.first || info.src[0] == 10 ||
		(info.proto != PKT_PROTO_TCP && info.proto != PKT_PROTO_UDP))
		return;
	memcpy(&end->ip, info.src, 4);
	memcpy(&end->peer, info.dst, 4);
	end->port = info.sport;
	end->peer_port = info.dport;
	end->proto = info.proto;
	pair->n_ends += pair->n_ends < ENDS;
}

/* The next frame that came out; drops before it are counted. */
static bool
next_out(struct harness *h, int *cp, struct harness_frame *frame, unsigned *drops)
{
	unsigned reason;

	while (harness_any(h, cp, &reason, frame)) {
		if (*cp >= 0)
			return true;
		drops[reason]++;
	}
	return false;
}

static void
compare(struct pair *pair)
{
	unsigned drops_a[VNF_MAX_REASONS] = {0}, drops_b[VNF_MAX_REASONS] = {0};

	for (;;) {
		static struct harness_frame a, b;
		int cp_a, cp_b;
		const bool more = next_out(pair->quick, &cp_a, &a, drops_a);

		assert_int_equal(more, next_out(pair->slow, &cp_b, &b, drops_b));
		if (!more)
			break;
		assert_int_equal(cp_a, cp_b);
		assert_int_equal(a.len, b.len);
		forget_ident(&a);
		forget_ident(&b);
		assert_memory_equal(a.data, b.data, a.len);
		if (cp_a == OUTSIDE)
			learn(pair, &a);
	}
	assert_memory_equal(drops_a, drops_b, sizeof(drops_a));
}

static void
compare_tables(struct pair *pair)
{
	json_t *a = harness_stats(pair->quick), *b = harness_stats(pair->slow);

	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
	a = harness_query(pair->quick, "sessions", NULL, NULL);
	b = harness_query(pair->slow, "sessions", NULL, NULL);
	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
}

static void
both_text(struct pair *pair, unsigned cp, const char *text)
{
	static struct harness_frame frame;

	harness_text_frame(&frame, text);
	both_in(pair, cp, &frame, 1);
}

static void
meet_neighbours(struct pair *pair)
{
	static const struct {
		unsigned cp;
		const char *ip;
	} list[] = {{INSIDE, "10.0.0.10"}, {INSIDE, "10.0.0.11"},
		{OUTSIDE, "203.0.113.1"}, {OUTSIDE, "203.0.113.9"}};
	char text[256];

	for (unsigned i = 0; i < 4; i++) {
		snprintf(text, sizeof(text),
			"eth 02:00:00:00:00:%02x > ff:ff:ff:ff:ff:ff arp who-has %s tell %s "
			"sender-mac 02:00:00:00:00:%02x",
			i + 1, list[i].cp == INSIDE ? "10.0.0.1" : "203.0.113.2",
			list[i].ip, i + 1);
		both_text(pair, list[i].cp, text);
	}
	compare(pair);
}

static struct pair
open_pair(const char *config)
{
	struct pair pair = {.quick = harness_text_open(vnf_plugin_type, config),
		.slow = harness_text_open(vnf_plugin_type, config)};

	meet_neighbours(&pair);
	both_text(&pair, INSIDE,
		"eth 02:00:00:00:00:0a > 02:00:00:00:ff:00 ip4 10.0.0.10 > 198.51.100.1 "
		"udp 1000 > 53");
	compare(&pair);
	assert_int_equal(pair.n_ends, 1);
	return pair;
}

/* Of one flow, or of many. */
static unsigned
make_burst(const struct pair *pair, unsigned cp, struct harness_frame *frames)
{
	const unsigned n = 1 + draw(draw(4) ? 6 : 31);
	const bool one = draw(2);
	struct flow flow = {0};

	for (unsigned k = 0; k < n; k++) {
		if (k == 0 || !one)
			flow = cp == INSIDE ? draw_out(pair) : draw_in(pair);
		make(cp, &flow, &frames[k]);
		spoil(&frames[k]);
	}
	return n;
}

static void
pass_time(struct pair *pair)
{
	const uint64_t ns = 1 + draw(draw(5) ? 300000000 : 4000000000u);

	harness_clock(pair->quick, ns);
	harness_clock(pair->slow, ns);
	meet_neighbours(pair);
}

static void
test_nat_leaves_the_same_by_the_quick_way_and_the_long_one(void **state)
{
	log_set_level(LOG_LEVEL_ERROR); /* not of every session that is refused */
	for (unsigned i = 0; i < 2; i++) {
		static struct harness_frame frames[VNF_BURST];
		struct pair pair = open_pair(configs[i]);

		for (unsigned round = 0; round < ROUNDS; round++) {
			const unsigned cp = draw(2);

			both_in(&pair, cp, frames, make_burst(&pair, cp, frames));
			compare(&pair);
			if (draw(20) == 0)
				pass_time(&pair);
			compare_tables(&pair);
		}
		assert_null(harness_close(pair.quick));
		assert_null(harness_close(pair.slow));
	}
	(void)state;
}

static void
test_nat_data_does_not_overtake_a_reset_with_options_of_its_burst(void **state)
{
#define CLIENT "eth 02:00:00:00:00:01 > 02:00:00:00:ff:00 ip4 10.0.0.10 > 198.51.100.1"
	static struct harness_frame frames[2], answer;
	struct pair pair = open_pair(configs[0]);
	struct flow in = {.src = "198.51.100.1", .sport = 80, .tcp = true};
	char text[512];

	harness_text_in(pair.quick, INSIDE, CLIENT " tcp 1000 > 80 flags S");
	assert_true(harness_out(pair.quick, OUTSIDE, &answer));
	inet_ntop(AF_INET, answer.data + PKT_ETH_LEN + 12, in.dst, sizeof(in.dst));
	snprintf(text, sizeof(text),
		"eth 02:00:00:00:00:0a > 02:00:00:00:ff:01 ip4 %s > %s tcp 80 > %u flags SA",
		in.src, in.dst, answer.data[34] << 8 | answer.data[35]);
	harness_text_in(pair.quick, OUTSIDE, text);
	harness_text_in(pair.quick, INSIDE, CLIENT " tcp 1000 > 80 flags A");
	harness_text_frame(&frames[0], CLIENT " opts 01010101 tcp 1000 > 80 flags R");
	harness_text_frame(&frames[1], CLIENT " tcp 1000 > 80 flags A");
	harness_burst(pair.quick, INSIDE, frames, 2);
	harness_clock(pair.quick, 30000000000ull); /* udp 20 s, tcp-transitory 5 s */
	assert_int_equal(harness_text_stat(pair.quick, "sessions"), 1);
	assert_null(harness_close(pair.quick));
	assert_null(harness_close(pair.slow));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_nat_leaves_the_same_by_the_quick_way_and_the_long_one),
		cmocka_unit_test(
			test_nat_data_does_not_overtake_a_reset_with_options_of_its_burst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
