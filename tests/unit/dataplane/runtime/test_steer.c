/* Tests of the classifier: tables of packets and the path that each gets, rules at random
 * against a walk along the list, and how buckets move when weights change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/shm/fork.h"
#include "dataplane/shm/steer.h"
#include "tests/lib/pkttext.h"
#include "tests/lib/random.h"

#define L "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 "
#define R "eth 02:00:00:00:00:02 > 02:00:00:00:00:01 "

static struct steer_counts counts;
static const int all_new[STEER_RULES_MAX] = {[0 ... STEER_RULES_MAX - 1] = -1};

static struct steer *
make(const char *rules_text, const struct steer *former, const int *like)
{
	json_t *json = json_loads(rules_text, 0, NULL);
	struct faults faults = {0};
	struct steer_rules rules;
	struct steer *steer = NULL;
	struct err err = {0};

	assert_non_null(json);
	assert_int_equal(steer_rules_parse(json, "steer", &rules, &faults), 0);
	assert_int_equal(steer_make(&steer, &rules, 42, &counts, former, like, &err), 0);
	steer_rules_clear(&rules);
	json_decref(json);
	return steer;
}

struct packet {
	struct rte_mbuf mbuf;
	struct pkttext text;
};

static struct rte_mbuf *
packet(struct packet *p, const char *text)
{
	struct err err;

	if (pkttext_parse(text, &p->text, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	p->mbuf = (struct rte_mbuf){.buf_addr = p->text.data,
		.data_len = (uint16_t)p->text.len,
		.pkt_len = (uint32_t)p->text.len};
	return &p->mbuf;
}

static unsigned
path_of(const struct steer *steer, const char *text)
{
	static struct packet p;
	struct rte_mbuf *mbuf = packet(&p, text);
	uint8_t path;

	steer_classify(steer, &mbuf, 1, &path);
	return path;
}

struct sample {
	const char *packet;
	unsigned path;
};

static void
holds(const char *rules, const struct sample *samples)
{
	struct steer *steer = make(rules, NULL, all_new);

	for (; samples->packet != NULL; samples++) {
		const unsigned path = path_of(steer, samples->packet);

		if (path != samples->path)
			fail_msg("path %u instead of %u: %s", path, samples->path,
				samples->packet);
	}
	steer_free(steer);
}

/* ---- tables ------------------------------------------------------------------------ */

static void
test_steer_first_rule_that_matches_decides(void **state)
{
	(void)state;
	holds("[{\"match\": {\"proto\": \"tcp\", \"dport\": [80, \"8000-8100\"]}, \"to\": "
	      "[{\"path\": 1}]},"
	      "{\"match\": {\"src\": \"10.0.0.0/8\"}, \"to\": [{\"path\": 2}]},"
	      "{\"match\": {\"dst\": [\"10.9.0.0/16\", \"2001:db8:9::/48\"]}, \"to\": "
	      "[{\"path\": 3}]},"
	      "{\"match\": {\"proto\": \"udp\"}, \"to\": [{\"path\": 4}]}]",
		(const struct sample[]){
			{L "ip4 10.0.0.1 > 10.9.0.1 tcp 9 > 80 flags S", 1},
			{L "ip4 10.0.0.1 > 10.9.0.1 tcp 9 > 8050 flags S", 1},
			{L "ip4 10.0.0.1 > 10.9.0.1 tcp 9 > 8101 flags S", 2},
			{L "ip4 192.0.2.1 > 10.9.0.1 tcp 80 > 9 flags S", 3},
			{L "ip4 192.0.2.1 > 192.0.2.2 udp 1 > 80", 4},
			{L "ip4 192.0.2.1 > 192.0.2.2 tcp 80 > 1 flags S", 0},
			{L "ip6 2001:db8::1 > 2001:db8:9::1 tcp 1 > 80 flags S", 1},
			{L "ip6 2001:db8::1 > 2001:db8:9::1 tcp 1 > 81 flags S", 3},
			{L "ip6 2001:db8::1 > 2001:db8:a::1 udp 1 > 80", 4},
			{L "ip6 2001:db8::1 > 2001:db8:a::1 icmp6 echo", 0},
			{L "arp who-has 10.0.0.1 tell 10.0.0.2", 0},
			{NULL, 0},
		});
}

static void
test_steer_rule_without_a_condition_takes_all_frames(void **state)
{
	(void)state;
	holds("[{\"match\": {\"ethertype\": \"arp\"}, \"to\": [{\"path\": 1}]},"
	      "{\"match\": {\"ethertype\": \"ipv6\"}, \"to\": [{\"path\": 2}]},"
	      "{\"match\": {}, \"to\": [{\"path\": 3}]},"
	      "{\"match\": {\"proto\": \"udp\"}, \"to\": [{\"path\": 4}]}]",
		(const struct sample[]){
			{L "arp who-has 10.0.0.1 tell 10.0.0.2", 1},
			{L "vlan 9 arp who-has 10.0.0.1 tell 10.0.0.2", 1},
			{L "ip6 2001:db8::1 > 2001:db8:9::1 udp 1 > 80", 2},
			{L "ip6 fe80::1 > ff02::1:ff00:2 icmp6 ns target fe80::2", 2},
			{L "ip4 10.0.0.1 > 10.9.0.1 udp 9 > 80", 3},
			{L "ip4 10.0.0.1 > 10.9.0.1 ihl 2 udp 9 > 80", 3},
			{L "type 0x88b5 \"x\"", 3},
			{NULL, 0},
		});
}

static void
test_steer_looks_at_frames(void **state)
{
	(void)state;
	holds("[{\"match\": {\"vlan\": 7, \"dscp\": 46}, \"to\": [{\"path\": 1}]},"
	      "{\"match\": {\"vlan\": 7}, \"to\": [{\"path\": 2}]},"
	      "{\"match\": {\"src-mac\": \"02:00:00:00:00:02\"}, \"to\": [{\"path\": 3}]},"
	      "{\"match\": {\"dst-mac\": \"02:00:00:00:00:02\", \"dscp\": 10}, \"to\": "
	      "[{\"path\": 4}]},"
	      "{\"match\": {\"ethertype\": \"0x88b5\"}, \"to\": [{\"path\": 5}]},"
	      "{\"match\": {\"vlan\": 0, \"proto\": 47}, \"to\": [{\"path\": 6}]}]",
		(const struct sample[]){
			{L "vlan 7 ip4 10.0.0.1 > 10.9.0.1 tos 184 udp 9 > 80", 1},
			{L "vlan 7 ip6 2001:db8::1 > 2001:db8::2 tc 185 udp 9 > 80", 1},
			{L "vlan 7 ip4 10.0.0.1 > 10.9.0.1 tos 4 udp 9 > 80", 2},
			{L "vlan 7 arp who-has 10.0.0.1 tell 10.0.0.2", 2},
			{L "vlan 8 arp who-has 10.0.0.1 tell 10.0.0.2", 0},
			{R "arp who-has 10.0.0.1 tell 10.0.0.2", 3},
			{R "vlan 9 ip4 10.0.0.1 > 10.9.0.1 tos 40 udp 9 > 80", 3},
			{L "ip4 10.0.0.1 > 10.9.0.1 tos 40 udp 9 > 80", 4},
			{L "ip6 2001:db8::1 > 2001:db8::2 tc 40 udp 9 > 80", 4},
			{L "type 0x88b5 \"x\"", 5},
			{L "ip4 10.0.0.1 > 10.9.0.1 proto 47 \"x\"", 6},
			{L "vlan 1 ip4 10.0.0.1 > 10.9.0.1 proto 47 \"x\"", 0},
			{NULL, 0},
		});
}

static void
test_steer_symmetric_rule_takes_the_answers(void **state)
{
	(void)state;
	holds("[{\"match\": {\"src\": \"10.0.0.0/8\", \"dport\": 80, \"proto\": \"tcp\"}, "
	      "\"symmetric\": true, \"to\": [{\"path\": 1}]},"
	      "{\"match\": {\"src\": \"10.0.0.0/8\", \"dport\": 81, \"proto\": \"tcp\"}, "
	      "\"to\": [{\"path\": 2}]},"
	      "{\"match\": {\"src-mac\": \"02:00:00:00:00:02\", \"ethertype\": \"arp\"}, "
	      "\"symmetric\": true, \"to\": [{\"path\": 3}]}]",
		(const struct sample[]){
			{L "ip4 10.0.0.1 > 192.0.2.1 tcp 9 > 80 flags S", 1},
			{R "ip4 192.0.2.1 > 10.0.0.1 tcp 80 > 9 flags SA", 1},
			{R "ip4 192.0.2.1 > 10.0.0.1 tcp 9 > 80 flags S", 0},
			{L "ip4 10.0.0.1 > 192.0.2.1 tcp 9 > 81 flags S", 2},
			{R "ip4 192.0.2.1 > 10.0.0.1 tcp 81 > 9 flags SA", 0},
			{R "arp who-has 10.0.0.1 tell 10.0.0.2", 3},
			{L "arp who-has 10.0.0.1 tell 10.0.0.2", 3},
			{NULL, 0},
		});
}

/* Whoever of the path sends it: it goes the way of the flow's packets. */
static void
test_steer_icmp_error_is_of_the_flow_that_it_is_about(void **state)
{
	(void)state;
	holds("[{\"match\": {\"src\": \"10.0.0.0/8\", \"dport\": 80, \"proto\": \"tcp\"}, "
	      "\"symmetric\": true, \"to\": [{\"path\": 1}]},"
	      "{\"match\": {\"proto\": \"icmp\"}, \"to\": [{\"path\": 2}]}]",
		(const struct sample[]){
			{R "ip4 198.51.100.1 > 10.0.0.1 icmp unreachable code 4 mtu 1280 "
			   "[ip4 10.0.0.1 > 192.0.2.1 tcp 9 > 80 flags A]",
				1},
			{R "ip4 198.51.100.1 > 10.0.0.1 icmp unreachable code 1 "
			   "[ip4 10.0.0.1 > 192.0.2.1 tcp 9 > 81 flags A]",
				0},
			{R "ip4 198.51.100.1 > 10.0.0.1 icmp unreachable code 1 "
			   "[ip4 10.0.0.1 > 192.0.2.1 icmp echo id 1]",
				2},
			{R "ip4 198.51.100.1 > 10.0.0.1 icmp echo id 1", 2},
			{NULL, 0},
		});
}

/* All fragments of a packet take one path: none of them has ports, the first neither. */
static void
test_steer_fragments_have_no_ports(void **state)
{
	(void)state;
	holds("[{\"match\": {\"dport\": \"1-65535\", \"proto\": \"udp\"}, \"to\": "
	      "[{\"path\": 1}]},"
	      "{\"match\": {\"proto\": \"udp\"}, \"to\": [{\"path\": 2}]}]",
		(const struct sample[]){
			{L "ip4 10.0.0.1 > 192.0.2.1 udp 9 > 80 \"12345678\"", 1},
			{L "ip4 10.0.0.1 > 192.0.2.1 mf udp 9 > 80 \"12345678\"", 2},
			{L "ip4 10.0.0.1 > 192.0.2.1 off 2 proto 17 \"12345678\"", 2},
			{NULL, 0},
		});
}

static void
test_steer_classifies_a_burst_and_counts_by_path(void **state)
{
	static struct packet packets[STEER_BURST];
	struct rte_mbuf *mbufs[STEER_BURST];
	uint8_t paths[STEER_BURST];
	struct steer *steer;

	(void)state;
	steer = make("[{\"match\": {\"proto\": \"udp\"}, \"to\": [{\"path\": 9}]},"
		     "{\"match\": {\"ethertype\": \"arp\"}, \"to\": [{\"path\": 8}]}]",
		NULL, all_new);
	memset(&counts, 0, sizeof(counts));
	for (unsigned i = 0; i < STEER_BURST; i++)
		mbufs[i] = packet(&packets[i],
			i % 4 == 0   ? L "ip4 10.0.0.1 > 10.9.0.1 udp 9 > 80"
			: i % 4 == 1 ? L "ip6 2001:db8::1 > 2001:db8::2 udp 9 > 80"
			: i % 4 == 2 ? L "arp who-has 10.0.0.1 tell 10.0.0.2"
				     : L "ip4 10.0.0.1 > 10.9.0.1 tcp 9 > 80 flags S");
	steer_classify(steer, mbufs, STEER_BURST, paths);
	for (unsigned i = 0; i < STEER_BURST; i++)
		assert_int_equal(paths[i], i % 4 < 2 ? 9 : i % 4 == 2 ? 8 : 0);
	assert_int_equal(counts.paths[9].packets, 16);
	assert_int_equal(counts.paths[9].bytes, 8 * (42 + 62));
	assert_int_equal(counts.paths[8].packets, 8);
	assert_int_equal(counts.paths[0].packets, 8);
	steer_free(steer);
}

static void
test_steer_refuses_lists_whose_combinations_are_too_many(void **state)
{
	json_t *ports = json_array(), *json;
	struct faults faults = {0};
	struct steer_rules rules;
	struct steer *steer;
	struct err err = {0};

	(void)state;
	for (int i = 0; i < 65; i++)
		json_array_append_new(ports, json_integer(1 + 2 * i));
	json = json_pack("[{s:{s:s, s:O, s:o}, s:[{s:i}]}]", "match", "proto", "tcp",
		"sport", ports, "dport", ports, "to", "path", 1);
	assert_int_equal(steer_rules_parse(json, "steer", &rules, &faults), 0);
	assert_int_equal(steer_make(&steer, &rules, 1, &counts, NULL, all_new, &err),
		err_errno(ERR_TOO_LARGE));
	steer_rules_clear(&rules);
	json_decref(json);
}

static long
pages_of_memory(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long pages = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld", &pages), 1);
	fclose(file);
	return pages;
}

/* In one trie a thousand sources would stand before each of a thousand destinations. */
static void
test_steer_tables_grow_with_their_entries_alone(void **state)
{
	json_t *json = json_array(), *sources;
	struct steer *steer;
	long before;
	char *text;

	(void)state;
	for (unsigned rule = 0; rule < 4; rule++) {
		sources = json_array();
		for (unsigned i = 0; i < 256; i++)
			json_array_append_new(sources,
				json_sprintf("%u.%u.%u.0/%u", 1 + random_below(200),
					random_below(256), random_below(256),
					8 + random_below(17)));
		json_array_append_new(
			json, json_pack("{s:{s:o}, s:b, s:[{s:i}]}", "match", "src",
				      sources, "symmetric", 1, "to", "path", 1));
	}
	text = json_dumps(json, 0);
	before = pages_of_memory();
	steer = make(text, NULL, all_new);
	assert_in_range(pages_of_memory() - before, 0, 8192);
	steer_free(steer);
	free(text);
	json_decref(json);
}

/* ---- at random, against a walk along the list ---------------------------------------
 */

struct shape { /* of a packet, and of what a rule asks for: 0 is any */
	unsigned family, src, dst, sport, dport, proto, dscp, vlan, ethertype;
};

static const unsigned families[] = {4, 6, 0}, protos[] = {6, 17, 1, 58};

static struct shape
random_packet(void)
{
	struct shape s = {.family = families[random_below(3)],
		.src = 1 + random_below(4),
		.dst = 1 + random_below(4),
		.sport = 1 + random_below(6),
		.dport = 1 + random_below(6),
		.dscp = random_below(3),
		.vlan = random_below(3),
		.ethertype = 0x88b5 + random_below(2)};

	s.proto = protos[random_below(2)];
	if (s.family == 4)
		s.ethertype = 0x0800;
	if (s.family == 6)
		s.ethertype = 0x86dd;
	return s;
}

static void
print_packet(const struct shape *s, char *text, size_t size)
{
	char vlan[32] = "", l4[64];

	if (s->vlan > 0)
		snprintf(vlan, sizeof(vlan), "vlan %u ", s->vlan);
	snprintf(l4, sizeof(l4), "%s %u > %u%s", s->proto == 6 ? "tcp" : "udp", s->sport,
		s->dport, s->proto == 6 ? " flags S" : "");
	if (s->family == 4)
		snprintf(text, size, L "%sip4 10.0.%u.1 > 10.0.%u.1 tos %u %s", vlan,
			s->src, s->dst, s->dscp << 2, l4);
	else if (s->family == 6)
		snprintf(text, size, L "%sip6 2001:db8:%u::1 > 2001:db8:%u::1 tc %u %s",
			vlan, s->src, s->dst, s->dscp << 2, l4);
	else
		snprintf(text, size, L "%stype 0x%x \"x\"", vlan, s->ethertype);
}

struct asked { /* ports up to that; dscp and vlan + 1 */
	struct shape s;
	bool symmetric;
};

static struct asked
random_rule(void)
{
	struct asked a = {.symmetric = random_below(3) == 0};

	a.s.vlan = random_below(4) == 0 ? 1 + random_below(3) : 0;
	if (random_below(4) == 0) {
		a.s.ethertype = random_below(2) == 0 ? 0x88b5 : 0x0800;
		return a;
	}
	a.s.family = families[random_below(2)];
	a.s.src = random_below(2) * (1 + random_below(4));
	a.s.dst = random_below(2) * (1 + random_below(4));
	a.s.dscp = random_below(4) == 0 ? 1 + random_below(3) : 0;
	if (a.s.src == 0 && a.s.dst == 0)
		a.s.family = 0; /* either */
	if (random_below(2) == 0)
		return a;
	a.s.proto = protos[random_below(2)];
	a.s.sport = random_below(2) * (1 + random_below(6));
	a.s.dport = random_below(2) * (1 + random_below(6));
	return a;
}

static json_t *
prefix_of(const struct shape *s, unsigned network)
{
	return s->family == 4 ? json_sprintf("10.0.%u.0/24", network)
			      : json_sprintf("2001:db8:%u::/48", network);
}

static json_t *
rule_to_json(const struct asked *a, unsigned path)
{
	json_t *match = json_object();

	if (a->s.src > 0)
		json_object_set_new(match, "src", prefix_of(&a->s, a->s.src));
	if (a->s.dst > 0)
		json_object_set_new(match, "dst", prefix_of(&a->s, a->s.dst));
	if (a->s.proto > 0)
		json_object_set_new(match, "proto", json_integer(a->s.proto));
	if (a->s.sport > 0)
		json_object_set_new(
			match, "sport", json_sprintf("%u-%u", 1u, a->s.sport));
	if (a->s.dport > 0)
		json_object_set_new(
			match, "dport", json_sprintf("%u-%u", 1u, a->s.dport));
	if (a->s.dscp > 0)
		json_object_set_new(match, "dscp", json_integer(a->s.dscp - 1));
	if (a->s.vlan > 0)
		json_object_set_new(match, "vlan", json_integer(a->s.vlan - 1));
	if (a->s.ethertype > 0)
		json_object_set_new(match, "ethertype", json_integer(a->s.ethertype));
	return json_pack("{s:o, s:b, s:[{s:i}]}", "match", match, "symmetric",
		a->symmetric, "to", "path", (int)path);
}

static bool
fits(const struct shape *a, const struct shape *s)
{
	const bool ip = a->src || a->dst || a->sport || a->dport || a->proto || a->dscp;

	return (!ip || s->family != 0) && (a->family == 0 || a->family == s->family) &&
	       (a->src == 0 || a->src == s->src) && (a->dst == 0 || a->dst == s->dst) &&
	       (a->sport == 0 || s->sport <= a->sport) &&
	       (a->dport == 0 || s->dport <= a->dport) &&
	       (a->proto == 0 || a->proto == s->proto) &&
	       (a->dscp == 0 || a->dscp - 1 == s->dscp) &&
	       (a->vlan == 0 || a->vlan - 1 == s->vlan) &&
	       (a->ethertype == 0 || a->ethertype == s->ethertype);
}

static unsigned
walk(const struct asked *rules, unsigned n, const struct shape *s)
{
	struct shape mirrored = *s;

	mirrored.src = s->dst;
	mirrored.dst = s->src;
	mirrored.sport = s->dport;
	mirrored.dport = s->sport;
	for (unsigned i = 0; i < n; i++)
		if (fits(&rules[i].s, s) ||
			(rules[i].symmetric && fits(&rules[i].s, &mirrored)))
			return i + 1;
	return 0;
}

static void
test_steer_finds_what_a_walk_along_the_list_finds(void **state)
{
	struct asked rules[120];

	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		const unsigned n = 1 + random_below(120);
		json_t *json = json_array();
		struct steer *steer;
		char *text;

		for (unsigned i = 0; i < n; i++) {
			rules[i] = random_rule();
			json_array_append_new(json, rule_to_json(&rules[i], i + 1));
		}
		text = json_dumps(json, 0);
		steer = make(text, NULL, all_new);
		for (unsigned k = 0; k < 200; k++) {
			const struct shape s = random_packet();
			const unsigned wanted = walk(rules, n, &s);
			char line[256];

			print_packet(&s, line, sizeof(line));
			if (path_of(steer, line) != wanted)
				fail_msg("path %u instead of %u: %s\n%s",
					path_of(steer, line), wanted, line, text);
		}
		steer_free(steer);
		free(text);
		json_decref(json);
	}
}

/* ---- weights ----------------------------------------------------------------------- */

static unsigned
owned(const uint8_t *buckets, unsigned path)
{
	unsigned n = 0;

	for (unsigned i = 0; i < STEER_BUCKETS; i++)
		n += buckets[i] == path;
	return n;
}

static unsigned
moved(const uint8_t *a, const uint8_t *b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < STEER_BUCKETS; i++)
		n += a[i] != b[i];
	return n;
}

static void
test_steer_shares_buckets_by_weight(void **state)
{
	static const struct {
		struct steer_to to[3];
		unsigned n, due[3];
	} cases[] = {
		{{{7, 1}}, 1, {256}},
		{{{7, 1}, {9, 1}}, 2, {128, 128}},
		{{{7, 1}, {9, 3}}, 2, {64, 192}},
		{{{7, 100}, {9, 100}, {3, 100}}, 3, {86, 85, 85}},
		{{{7, 1}, {9, 1000}}, 2, {1, 255}},
		{{{7, 1}, {9, 1000}, {3, 1}}, 3, {1, 254, 1}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t buckets[STEER_BUCKETS] = {0};

		steer_share(buckets, cases[i].to, cases[i].n);
		for (unsigned k = 0; k < cases[i].n; k++)
			assert_int_equal(
				owned(buckets, cases[i].to[k].path), cases[i].due[k]);
	}
}

static void
test_steer_moves_as_few_buckets_as_other_weights_take(void **state)
{
	uint8_t before[STEER_BUCKETS] = {0}, after[STEER_BUCKETS];

	(void)state;
	steer_share(before, (const struct steer_to[]){{1, 1}, {2, 1}}, 2);
	memcpy(after, before, sizeof(after));
	steer_share(after, (const struct steer_to[]){{1, 1}, {2, 3}}, 2);
	assert_int_equal(moved(before, after), 64);
	steer_share(after, (const struct steer_to[]){{2, 3}, {1, 1}}, 2);
	assert_int_equal(moved(before, after), 64);
	memcpy(before, after, sizeof(before));
	steer_share(after, (const struct steer_to[]){{1, 1}, {2, 2}, {3, 1}}, 3);
	assert_int_equal(moved(before, after), 64);
	memcpy(before, after, sizeof(before));
	steer_share(after, (const struct steer_to[]){{1, 1}, {2, 2}}, 2);
	assert_int_equal(moved(before, after), 64);
}

static unsigned
random_shares(struct steer_to *to)
{
	unsigned n = 0;

	for (unsigned path = 1; path <= 6; path++)
		if (random_below(3) > 0)
			to[n++] =
				(struct steer_to){(uint8_t)path, 1 + random_below(1000)};
	if (n == 0)
		to[n++] = (struct steer_to){1, 1};
	return n;
}

/* Whatever comes, goes and is weighted otherwise: only what a path has to give away. */
static void
test_steer_moves_no_bucket_of_a_path_that_has_no_more_than_its_share(void **state)
{
	uint8_t after[STEER_BUCKETS] = {0}, before[STEER_BUCKETS];
	struct steer_to to[6];

	(void)state;
	for (unsigned round = 0; round < 1000; round++) {
		const unsigned n = random_shares(to);
		unsigned wanted = 0;

		memcpy(before, after, sizeof(before));
		steer_share(after, to, n);
		for (unsigned path = 0; path <= 6; path++) {
			const unsigned was = owned(before, path), is = owned(after, path);

			wanted += was > is ? was - is : 0;
		}
		assert_int_equal(moved(before, after), wanted);
		for (unsigned i = 0; i < n; i++)
			assert_true(owned(after, to[i].path) > 0);
	}
}

/* Of flows, not of buckets: a quarter, all of them to the path that gets more. */
static void
test_steer_moves_the_flows_alone_that_other_weights_take(void **state)
{
	static const int same[] = {0};
	struct steer *former = make(
		"[{\"match\": {}, \"to\": [{\"path\": 1, \"weight\": 1}, {\"path\": 2, "
		"\"weight\": 1}]}]",
		NULL, all_new);
	struct steer *steer = make(
		"[{\"match\": {}, \"to\": [{\"path\": 1, \"weight\": 1}, {\"path\": 2, "
		"\"weight\": 3}]}]",
		former, same);
	unsigned n_moved = 0;
	char flow[160];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(flow, sizeof(flow), L "ip4 10.0.%u.%u > 192.0.2.1 udp 9 > 53",
			i / 250, i % 250);
		if (path_of(former, flow) == path_of(steer, flow))
			continue;
		assert_int_equal(path_of(steer, flow), 2);
		n_moved++;
	}
	assert_in_range(n_moved, 150, 300);
	steer_free(former);
	steer_free(steer);
}

static void
test_steer_both_directions_of_a_flow_share_a_path(void **state)
{
	struct steer *steer =
		make("[{\"match\": {}, \"to\": [{\"path\": 1}, {\"path\": 2}]}]", NULL,
			all_new);
	unsigned seen[3] = {0};

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		char there[160], back[160], error[256];
		unsigned path;

		snprintf(there, sizeof(there), L "ip4 10.0.0.%u > 192.0.2.1 udp 9 > 53",
			i);
		snprintf(back, sizeof(back), R "ip4 192.0.2.1 > 10.0.0.%u udp 53 > 9", i);
		snprintf(error, sizeof(error),
			R
			"ip4 198.51.100.9 > 10.0.0.%u icmp time-exceeded [ip4 10.0.0.%u > "
			"192.0.2.1 udp 9 > 53]",
			i, i);
		path = path_of(steer, there);
		assert_int_equal(path_of(steer, back), path);
		assert_int_equal(path_of(steer, error), path);
		seen[path]++;
	}
	assert_int_equal(seen[0], 0);
	assert_in_range(seen[1], 30, 70);
	steer_free(steer);
}

static void
test_steer_follows_its_former_where_a_rule_is_like_one_of_it(void **state)
{
	static const int second[] = {-1, 0};
	struct steer *former =
		make("[{\"match\": {}, \"to\": [{\"path\": 1}, {\"path\": 2}]}]", NULL,
			all_new);
	struct steer *steer = make(
		"[{\"match\": {\"proto\": \"tcp\"}, \"to\": [{\"path\": 3}]}, {\"match\": "
		"{}, \"to\": [{\"path\": 2, \"weight\": 1}, {\"path\": 1, \"weight\": 1}]}]",
		former, second);

	(void)state;
	assert_int_equal(moved(former->choices[0].paths, steer->choices[1].paths), 0);
	steer_free(former);
	steer_free(steer);
}

/* ---- forks ------------------------------------------------------------------------- */

#define PATH_AT ((int32_t)offsetof(struct rte_mbuf, dynfield1))

static void
test_fork_steers_only_what_is_on_no_path_that_it_knows(void **state)
{
	static struct packet packets[4];
	static const uint8_t is_on[4] = {0, 1, 2, 3}, goes[4] = {1, 0, 1, 1};
	struct steer *steer =
		make("[{\"match\": {}, \"to\": [{\"path\": 2}]}]", NULL, all_new);
	struct rte_mbuf *mbufs[4];
	struct fork fork;

	(void)state;
	fork_init(&fork, steer, PATH_AT);
	fork_add(&fork, &(struct shm_way){.paths = {1 << 1}, .fan = 0}, 4);
	fork_add(&fork, &(struct shm_way){.paths = {1 << 2}, .fan = 1}, 17);
	assert_true(fork_chooses(&fork) && !fork_is_one(&fork));
	for (unsigned i = 0; i < 4; i++) {
		mbufs[i] = packet(&packets[i], L "arp who-has 10.0.0.1 tell 10.0.0.2");
		*fork_path(&fork, mbufs[i]) = is_on[i];
	}
	fork_steer(&fork, mbufs, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(fork_choose(&fork, mbufs[i]), goes[i] ? 17 : 4);
	fork.steer = NULL;
	*fork_path(&fork, mbufs[0]) = 0;
	fork_steer(&fork, mbufs, 1);
	assert_int_equal(fork_choose(&fork, mbufs[0]), FORK_NO_PATH);
	steer_free(steer);
}

static void
test_fork_with_one_fan_is_none(void **state)
{
	struct packet p;
	struct rte_mbuf *mbuf = packet(&p, L "arp who-has 10.0.0.1 tell 10.0.0.2");
	struct fork fork;

	(void)state;
	fork_init(&fork, NULL, PATH_AT);
	assert_false(fork_chooses(&fork));
	assert_int_equal(fork_choose(&fork, mbuf), FORK_NOWHERE);
	fork_add(&fork, &(struct shm_way){.paths = {1 << 1}, .replica = 3}, 4);
	assert_false(fork_chooses(&fork));
	assert_int_equal(fork_choose(&fork, mbuf), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steer_first_rule_that_matches_decides),
		cmocka_unit_test(test_steer_rule_without_a_condition_takes_all_frames),
		cmocka_unit_test(test_steer_looks_at_frames),
		cmocka_unit_test(test_steer_symmetric_rule_takes_the_answers),
		cmocka_unit_test(test_steer_icmp_error_is_of_the_flow_that_it_is_about),
		cmocka_unit_test(test_steer_fragments_have_no_ports),
		cmocka_unit_test(test_steer_classifies_a_burst_and_counts_by_path),
		cmocka_unit_test(
			test_steer_refuses_lists_whose_combinations_are_too_many),
		cmocka_unit_test(test_steer_tables_grow_with_their_entries_alone),
		cmocka_unit_test(test_steer_finds_what_a_walk_along_the_list_finds),
		cmocka_unit_test(test_steer_shares_buckets_by_weight),
		cmocka_unit_test(test_steer_moves_as_few_buckets_as_other_weights_take),
		cmocka_unit_test(
			test_steer_moves_no_bucket_of_a_path_that_has_no_more_than_its_share),
		cmocka_unit_test(
			test_steer_moves_the_flows_alone_that_other_weights_take),
		cmocka_unit_test(test_steer_both_directions_of_a_flow_share_a_path),
		cmocka_unit_test(
			test_steer_follows_its_former_where_a_rule_is_like_one_of_it),
		cmocka_unit_test(test_fork_steers_only_what_is_on_no_path_that_it_knows),
		cmocka_unit_test(test_fork_with_one_fan_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
