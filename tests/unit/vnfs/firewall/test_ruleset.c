/* test_ruleset.c: compiled rules decide as a walk along the list does, on random rules
 * and on the ClassBench sets
 * ($RENGA_DATA/classbench or ../shared/data/classbench, skipped without). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/ruleset.h"

#define MAX_RULES 2000
#define LISTED	  3

struct values { /* what the lists of a rule point to */
	struct net_prefix src[LISTED], dst[LISTED];
	struct net_ports sport[LISTED], dport[LISTED];
	int mask[6], set[6];
};

static struct fw_rule rules[MAX_RULES];
static struct values values[MAX_RULES];
static struct fw_config config = {.rules = rules};
static struct accounts *accounts;

/* ---- the oracle ---- */

static bool
in_prefixes(
	const struct net_prefix *list, unsigned n, uint8_t family, const uint8_t *bytes)
{
	struct net_addr addr = {.family = family};

	memcpy(addr.bytes, bytes, sizeof(addr.bytes));
	for (unsigned i = 0; i < n; i++) {
		if (net_prefix_contains(&list[i], &addr))
			return true;
	}
	return n == 0;
}

static bool
in_ports(const struct net_ports *list, unsigned n, uint16_t port)
{
	for (unsigned i = 0; i < n; i++) {
		if (port >= list[i].first && port <= list[i].last)
			return true;
	}
	return n == 0;
}

static bool
rule_matches(const struct fw_rule *rule, unsigned cp, const struct pkt_info *p)
{
	uint8_t mask = fw_tcp_flags_byte(rule->tcp_flags.mask, rule->tcp_flags.n_mask);
	uint8_t set = fw_tcp_flags_byte(rule->tcp_flags.set, rule->tcp_flags.n_set);
	bool has_ports = p->proto == PKT_PROTO_TCP || p->proto == PKT_PROTO_UDP ||
			 p->proto == PKT_PROTO_SCTP;

	if (rule->has_from && rule->from != (int)cp)
		return false;
	if (rule->proto != FW_PROTO_ANY && rule->proto != p->proto)
		return false;
	if (rule->proto == (p->family == 4 ? PKT_PROTO_ICMPV6 : PKT_PROTO_ICMP))
		return false;
	if ((rule->n_sport > 0 || rule->n_dport > 0) && !has_ports)
		return false;
	if (rule->icmp.has_type && rule->icmp.type != p->icmp_type)
		return false;
	if (rule->icmp.has_code && rule->icmp.code != p->icmp_code)
		return false;
	return (p->tcp_flags & mask) == set &&
	       in_ports(rule->sport, rule->n_sport, p->sport) &&
	       in_ports(rule->dport, rule->n_dport, p->dport) &&
	       in_prefixes(rule->src, rule->n_src, p->family, p->src) &&
	       in_prefixes(rule->dst, rule->n_dst, p->family, p->dst);
}

static unsigned
first_match(unsigned cp, const struct pkt_info *packet)
{
	unsigned i = 0;

	while (i < config.n_rules && !rule_matches(&rules[i], cp, packet))
		i++;
	return i;
}

/* ---- rules and packets, small enough to meet ---- */

static unsigned
below(unsigned n)
{
	return (unsigned)random() % n;
}

static void
random_address(uint8_t *bytes, uint8_t family)
{
	unsigned n = family == 4 ? 4 : 16;

	memset(bytes, 0, 16);
	for (unsigned i = 0; i < n; i++)
		bytes[i] = below(3) == 0 ? below(4) : 0;
	bytes[0] = 10 + below(2);
}

static struct net_prefix
random_prefix(uint8_t family)
{
	struct net_prefix prefix = {.addr.family = family};

	random_address(prefix.addr.bytes, family);
	prefix.len = below(family == 4 ? 33 : 129);
	return prefix;
}

static struct net_ports
random_ports(void)
{
	uint16_t first = below(40), n = below(3) == 0 ? below(20) : 0;

	return (struct net_ports){first, first + n};
}

static uint16_t
random_proto(void)
{
	static const uint16_t protos[] = {PKT_PROTO_TCP, PKT_PROTO_TCP, PKT_PROTO_UDP,
		PKT_PROTO_SCTP, PKT_PROTO_ICMP, PKT_PROTO_ICMPV6, PKT_PROTO_GRE};

	return protos[below(7)];
}

static void
random_flags(struct fw_rule *rule, struct values *v)
{
	for (unsigned bit = 0; bit < 6; bit++) {
		if (below(2) == 0)
			continue;
		v->mask[rule->tcp_flags.n_mask++] = 1 << bit;
		if (below(2) == 0)
			v->set[rule->tcp_flags.n_set++] = 1 << bit;
	}
	rule->tcp_flags.mask = v->mask;
	rule->tcp_flags.set = v->set;
	rule->has_tcp_flags = true;
}

static void
random_rule(struct fw_rule *rule, struct values *v)
{
	*rule = (struct fw_rule){.action = below(3),
		.proto = FW_PROTO_ANY,
		.src = v->src,
		.dst = v->dst,
		.sport = v->sport,
		.dport = v->dport};
	rule->has_from = below(2) == 0;
	rule->from = below(2);
	rule->n_src = below(LISTED + 1);
	rule->n_dst = below(LISTED + 1);
	for (unsigned i = 0; i < LISTED; i++) {
		v->src[i] = random_prefix(below(2) == 0 ? 4 : 6);
		v->dst[i] = random_prefix(below(2) == 0 ? 4 : 6);
		v->sport[i] = random_ports();
		v->dport[i] = random_ports();
	}
	if (below(3) > 0)
		rule->proto = random_proto();
	if (rule->proto == PKT_PROTO_TCP && below(2) == 0)
		random_flags(rule, v);
	if (rule->proto == PKT_PROTO_ICMP || rule->proto == PKT_PROTO_ICMPV6) {
		rule->icmp = (struct fw_icmp){below(4), below(2), below(2), false};
		rule->icmp.has_code = rule->icmp.has_type && below(2) == 0;
	} else if (rule->proto != PKT_PROTO_GRE) {
		rule->n_sport = below(3) == 0 ? 1 + below(LISTED) : 0;
		rule->n_dport = below(2) == 0 ? 1 + below(LISTED) : 0;
	}
}

static struct pkt_info
random_packet(void)
{
	struct pkt_info p = {.family = below(2) == 0 ? 4 : 6, .first = true};

	random_address(p.src, p.family);
	random_address(p.dst, p.family);
	p.proto = random_proto();
	p.tcp_flags = p.proto == PKT_PROTO_TCP ? below(64) : 0;
	if (p.proto == PKT_PROTO_ICMP || p.proto == PKT_PROTO_ICMPV6) {
		p.icmp_type = below(4);
		p.icmp_code = below(2);
	} else if (p.proto != PKT_PROTO_GRE) {
		p.sport = below(60);
		p.dport = below(60);
	}
	return p;
}

static void
compare(const struct ruleset *set, struct pkt_info (*make)(void), unsigned bursts)
{
	for (unsigned b = 0; b < bursts; b++) {
		struct pkt_info packets[VNF_BURST];
		const struct pkt_info *at[VNF_BURST];
		const struct ruleset_rule *found[VNF_BURST];
		unsigned n = 1 + below(VNF_BURST), cp = below(FW_CPS);

		for (unsigned i = 0; i < n; i++) {
			packets[i] = make();
			at[i] = &packets[i];
		}
		ruleset_match(set, cp, at, n, found);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(found[i] - set->rules, first_match(cp, at[i]));
	}
}

static struct ruleset *
compile(void)
{
	struct ruleset *set = NULL;
	struct err err = {0};

	if (ruleset_create(&set, &config, accounts, &err) != 0)
		fail_msg("%s", err.text);
	return set;
}

static void
test_ruleset_decides_as_a_walk_along_the_list(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		struct ruleset *set;

		srandom(round);
		config.n_rules = below(60);
		for (unsigned i = 0; i < config.n_rules; i++)
			random_rule(&rules[i], &values[i]);
		set = compile();
		compare(set, random_packet, 200);
		ruleset_destroy(set);
	}
}

static void
test_ruleset_without_rules_leaves_all_to_the_default(void **state)
{
	struct ruleset *set;

	(void)state;
	config.n_rules = 0;
	config.dflt = FW_DROP;
	set = compile();
	compare(set, random_packet, 10);
	assert_int_equal(set->rules[0].action, FW_DROP);
	assert_string_equal(set->rules[0].name, "default");
	ruleset_destroy(set);
}

static void
test_ruleset_keeps_the_accounts_of_names_that_stay(void **state)
{
	struct ruleset *before, *after;

	(void)state;
	config.n_rules = 2;
	rules[0] = (struct fw_rule){.name = "a", .proto = FW_PROTO_ANY};
	rules[1] = (struct fw_rule){.name = "b", .proto = FW_PROTO_ANY};
	before = compile();
	rules[0].name = "b";
	rules[1].name = "c";
	after = compile();
	assert_int_equal(after->rules[0].account, before->rules[1].account);
	assert_int_not_equal(after->rules[1].account, before->rules[0].account);
	assert_int_equal(after->rules[2].account, before->rules[2].account);
	ruleset_destroy(before);
	ruleset_destroy(after);
}

/* ---- ClassBench ---- */

/* "@10.0.0.0/8\t1.2.3.4/32\t0 : 65535\t80 : 80\t0x06/0xFF ..." */
static bool
read_filter(const char *line, struct fw_rule *rule, struct values *v)
{
	char src[32], dst[32];
	unsigned s0, s1, d0, d1, proto, mask;

	if (sscanf(line, "@%31s %31s %u : %u %u : %u %x/%x", src, dst, &s0, &s1, &d0, &d1,
		    &proto, &mask) != 8)
		return false;
	*rule = (struct fw_rule){.proto = mask == 0xff ? proto : FW_PROTO_ANY,
		.src = v->src,
		.dst = v->dst,
		.sport = v->sport,
		.dport = v->dport,
		.n_src = 1,
		.n_dst = 1};
	v->sport[0] = (struct net_ports){s0, s1};
	v->dport[0] = (struct net_ports){d0, d1};
	rule->n_sport = s0 > 0 || s1 < 65535;
	rule->n_dport = d0 > 0 || d1 < 65535;
	if (net_prefix_parse(src, &v->src[0]) < 0 ||
		net_prefix_parse(dst, &v->dst[0]) < 0)
		return false;
	/* the sets give ports to any protocol, the firewall only to those that have them
	 */
	if (rule->proto != PKT_PROTO_TCP && (rule->n_sport > 0 || rule->n_dport > 0))
		rule->proto = PKT_PROTO_UDP;
	return true;
}

static bool
read_set(const char *name)
{
	const char *data = getenv("RENGA_DATA");
	char path[256], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/classbench/%s",
		data != NULL ? data : "../shared/data", name);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	config.n_rules = 0;
	while (config.n_rules < MAX_RULES && fgets(line, sizeof(line), file) != NULL) {
		if (read_filter(line, &rules[config.n_rules], &values[config.n_rules]))
			config.n_rules++;
	}
	fclose(file);
	return true;
}

static void
random_host(uint8_t *bytes, const struct net_prefix *prefix)
{
	memcpy(bytes, prefix->addr.bytes, 4);
	for (unsigned bit = prefix->len; bit < 32; bit++) {
		if (below(2) == 0)
			bytes[bit / 8] ^= 0x80 >> bit % 8;
	}
}

/* A packet that a rule of the set was made for, one in eight with a stranger's port. */
static struct pkt_info
packet_of_set(void)
{
	unsigned i = below(config.n_rules);
	struct pkt_info p = {.family = 4, .first = true, .proto = PKT_PROTO_TCP};

	random_host(p.src, &values[i].src[0]);
	random_host(p.dst, &values[i].dst[0]);
	if (rules[i].proto != FW_PROTO_ANY)
		p.proto = rules[i].proto;
	if (p.proto == PKT_PROTO_TCP || p.proto == PKT_PROTO_UDP) {
		p.sport = values[i].sport[0].first;
		p.dport = below(8) == 0 ? below(65536) : values[i].dport[0].last;
	}
	return p;
}

static void
test_ruleset_decides_classbench_as_a_walk_along_the_list(void **state)
{
	static const char *const sets[] = {
		"acl1_1k", "acl3_1k", "fw1_1k", "fw4_1k", "ipc1_1k"};

	(void)state;
	for (unsigned i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct ruleset *set;

		if (!read_set(sets[i]))
			skip();
		assert_true(config.n_rules > 500);
		set = compile();
		srandom(i);
		compare(set, packet_of_set, 1000);
		ruleset_destroy(set);
	}
}

static int
setup(void **state)
{
	(void)state;
	accounts = accounts_create();
	return accounts == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	accounts_destroy(accounts);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ruleset_without_rules_leaves_all_to_the_default),
		cmocka_unit_test(test_ruleset_decides_as_a_walk_along_the_list),
		cmocka_unit_test(test_ruleset_keeps_the_accounts_of_names_that_stay),
		cmocka_unit_test(
			test_ruleset_decides_classbench_as_a_walk_along_the_list),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
