/* test_ruleset.c: compiled rules, in both forms, decide as a walk along the list does, on
 * random rules and on the ClassBench sets
 * ($RENGA_DATA/classbench or ../shared/data/classbench, skipped without). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <rte_acl.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/cascade.h"
#include "vnfs/firewall/match.h"
#include "vnfs/firewall/ruleset.h"
#include "vnfs/firewall/trie.h"

#define MAX_RULES	   5000
#define LISTED		   3
#define CLASSBENCH_PACKETS 65536

struct lists { /* what those of a rule point to */
	uint16_t proto[2], not_proto[2];
	struct net_prefix src[LISTED], dst[LISTED], not_src[LISTED], not_dst[LISTED];
	struct net_ports sport[LISTED], dport[LISTED], not_sport[LISTED],
		not_dport[LISTED], type[2], code[2], dscp[2], vlan[2], length[2];
	struct net_mac src_mac[2], dst_mac[2];
	int mask[6], set[6];
};

struct packet { /* and its frame, as far as rules look at it */
	struct pkt_info info;
	uint8_t frame[64];
};

static struct fw_rule rules[MAX_RULES];
static struct lists lists[MAX_RULES];
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
in_protos(const uint16_t *list, unsigned n, uint16_t proto)
{
	for (unsigned i = 0; i < n; i++) {
		if (list[i] == proto)
			return true;
	}
	return n == 0;
}

static bool
in_macs(const struct net_mac *list, unsigned n, const uint8_t *mac)
{
	for (unsigned i = 0; i < n; i++) {
		if (memcmp(&list[i], mac, 6) == 0)
			return true;
	}
	return n == 0;
}

static bool
frame_matches(const struct fw_rule *rule, const struct packet *packet)
{
	const struct pkt_info *p = &packet->info;
	const uint8_t *ip = packet->frame + p->l3;
	unsigned dscp = (p->family == 4 ? ip[1] : ip[0] << 4 | ip[1] >> 4) >> 2 & 0x3f;
	unsigned vlan = p->n_vlans > 0 ? packet->frame[14] << 8 | packet->frame[15] : 0;
	bool options = p->ip_options || (p->family == 6 && p->l4 - p->l3 > 40);

	if (rule->has_fragment && rule->fragment != p->fragment)
		return false;
	if (rule->has_ip_options && rule->ip_options != options)
		return false;
	return in_ports(rule->dscp, rule->n_dscp, dscp) &&
	       in_ports(rule->vlan, rule->n_vlan, vlan & 0xfff) &&
	       in_ports(rule->length, rule->n_length, p->end - p->l3) &&
	       in_macs(rule->dst_mac, rule->n_dst_mac, packet->frame) &&
	       in_macs(rule->src_mac, rule->n_src_mac, packet->frame + 6);
}

static bool
addresses_match(const struct fw_rule *rule, const struct pkt_info *p)
{
	if (rule->n_not_src > 0 &&
		in_prefixes(rule->not_src, rule->n_not_src, p->family, p->src))
		return false;
	if (rule->n_not_dst > 0 &&
		in_prefixes(rule->not_dst, rule->n_not_dst, p->family, p->dst))
		return false;
	return in_prefixes(rule->src, rule->n_src, p->family, p->src) &&
	       in_prefixes(rule->dst, rule->n_dst, p->family, p->dst);
}

static bool
ports_match(const struct fw_rule *rule, const struct pkt_info *p)
{
	if (rule->n_not_sport > 0 &&
		in_ports(rule->not_sport, rule->n_not_sport, p->sport))
		return false;
	if (rule->n_not_dport > 0 &&
		in_ports(rule->not_dport, rule->n_not_dport, p->dport))
		return false;
	return in_ports(rule->sport, rule->n_sport, p->sport) &&
	       in_ports(rule->dport, rule->n_dport, p->dport);
}

static bool
rule_matches(const struct fw_rule *rule, unsigned cp, const struct packet *packet)
{
	const struct pkt_info *p = &packet->info;
	uint8_t mask = fw_tcp_flags_byte(rule->tcp_flags.mask, rule->tcp_flags.n_mask);
	uint8_t set = fw_tcp_flags_byte(rule->tcp_flags.set, rule->tcp_flags.n_set);
	bool icmp = p->proto == PKT_PROTO_ICMP || p->proto == PKT_PROTO_ICMPV6;
	bool alien = p->proto == (p->family == 4 ? PKT_PROTO_ICMPV6 : PKT_PROTO_ICMP);

	if (rule->has_from && rule->from != (int)cp)
		return false;
	if (!in_protos(rule->proto, rule->n_proto, p->proto))
		return false;
	if (alien && rule->n_proto > 0)
		return false;
	if (rule->n_not_proto > 0 &&
		in_protos(rule->not_proto, rule->n_not_proto, p->proto))
		return false;
	if (icmp && !in_ports(rule->icmp.type, rule->icmp.n_type, p->icmp_type))
		return false;
	if (icmp && !in_ports(rule->icmp.code, rule->icmp.n_code, p->icmp_code))
		return false;
	return (p->tcp_flags & mask) == set && ports_match(rule, p) &&
	       addresses_match(rule, p) && frame_matches(rule, packet);
}

static unsigned
first_match(unsigned cp, const struct packet *packet)
{
	unsigned i = 0;

	while (i < config.n_rules && !rule_matches(&config.rules[i], cp, packet))
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
random_flags(struct fw_rule *rule, struct lists *l)
{
	for (unsigned bit = 0; bit < 6; bit++) {
		if (below(2) == 0)
			continue;
		l->mask[rule->tcp_flags.n_mask++] = 1 << bit;
		if (below(2) == 0)
			l->set[rule->tcp_flags.n_set++] = 1 << bit;
	}
	rule->tcp_flags.mask = l->mask;
	rule->tcp_flags.set = l->set;
	rule->has_tcp_flags = true;
}

static struct net_ports
random_range(unsigned most, unsigned wide)
{
	unsigned first = below(most);

	return (struct net_ports){first, first + below(wide)};
}

static struct net_mac
random_mac(void)
{
	return (struct net_mac){{2, 0, 0, 0, 0, below(4)}};
}

static void
fill_lists(struct lists *l)
{
	for (unsigned i = 0; i < LISTED; i++) {
		uint8_t family = below(2) == 0 ? 4 : 6;

		l->src[i] = random_prefix(family);
		l->dst[i] = random_prefix(family);
		l->not_src[i] = random_prefix(family);
		l->not_dst[i] = random_prefix(family);
		l->sport[i] = random_ports();
		l->dport[i] = random_ports();
		l->not_sport[i] = random_ports();
		l->not_dport[i] = random_ports();
	}
	for (unsigned i = 0; i < 2; i++) {
		l->proto[i] = random_proto();
		l->not_proto[i] = random_proto();
		l->type[i] = random_range(4, 3);
		l->code[i] = random_range(2, 2);
		l->dscp[i] = random_range(8, 3);
		l->vlan[i] = random_range(3, 2);
		l->length[i] = random_range(100, 60);
		l->src_mac[i] = random_mac();
		l->dst_mac[i] = random_mac();
	}
}

static unsigned
now_and_then(unsigned one_in, unsigned most)
{
	return below(one_in) == 0 ? 1 + below(most) : 0;
}

static void
random_extras(struct fw_rule *rule, unsigned one_in)
{
	rule->n_dscp = now_and_then(one_in, 2);
	rule->n_vlan = now_and_then(one_in, 2);
	rule->n_length = now_and_then(one_in, 2);
	rule->n_src_mac = now_and_then(one_in, 2);
	rule->n_dst_mac = now_and_then(one_in, 2);
	rule->has_fragment = below(one_in) == 0;
	rule->fragment = below(2);
	rule->has_ip_options = below(one_in) == 0;
	rule->ip_options = below(2);
	rule->n_not_src = now_and_then(one_in, 2);
	rule->n_not_dst = now_and_then(one_in, 1);
	if (fw_rule_has_ports(rule)) {
		rule->n_not_sport = now_and_then(one_in, LISTED);
		rule->n_not_dport = now_and_then(one_in, LISTED);
	}
	if (rule->n_proto == 0)
		rule->n_not_proto = now_and_then(one_in, 2);
}

/* extras: one in so many rules has each of the rarer members; 0: none has. */
static void
random_rule(struct fw_rule *rule, struct lists *l, unsigned extras)
{
	fill_lists(l);
	*rule = (struct fw_rule){.action = below(3),
		.proto = l->proto,
		.not_proto = l->not_proto,
		.src = l->src,
		.dst = l->dst,
		.not_src = l->not_src,
		.not_dst = l->not_dst,
		.sport = l->sport,
		.dport = l->dport,
		.not_sport = l->not_sport,
		.not_dport = l->not_dport,
		.icmp = {.type = l->type, .code = l->code},
		.dscp = l->dscp,
		.vlan = l->vlan,
		.length = l->length,
		.src_mac = l->src_mac,
		.dst_mac = l->dst_mac};
	rule->has_from = below(2) == 0;
	rule->from = below(2);
	rule->n_src = below(LISTED + 1);
	rule->n_dst = below(LISTED + 1);
	rule->n_proto = below(3);
	if (rule->n_proto == 1 && l->proto[0] == PKT_PROTO_TCP && below(2) == 0)
		random_flags(rule, l);
	if (rule->n_proto > 0) {
		rule->icmp.n_type = below(3);
		rule->icmp.n_code = rule->icmp.n_type > 0 ? below(3) : 0;
	}
	if (fw_rule_has_ports(rule)) {
		rule->n_sport = below(3) == 0 ? 1 + below(LISTED) : 0;
		rule->n_dport = below(2) == 0 ? 1 + below(LISTED) : 0;
	}
	if (extras > 0)
		random_extras(rule, extras);
}

/* Makes `wide` of the members of `rule` but some; that has one more here and there. */
static void
widen(struct fw_rule *wide, struct fw_rule *rule)
{
	*wide = *rule;
	if (below(2) == 0)
		wide->n_src = 0;
	if (below(2) == 0)
		wide->n_dport = 0;
	if (below(2) == 0)
		wide->n_not_src = 0;
	if (below(2) == 0)
		wide->has_from = false;
	if (below(2) == 0)
		wide->n_proto = wide->n_sport = wide->n_dport = wide->icmp.n_type =
			wide->icmp.n_code = wide->n_not_sport = wide->n_not_dport = 0;
	if (below(2) == 0)
		rule->n_not_dst = 2;
}

static void
random_frame(struct packet *packet)
{
	struct pkt_info *p = &packet->info;
	struct net_mac dst = random_mac(), src = random_mac();
	unsigned vlan = below(4), dscp = below(10);
	uint8_t *ip;

	memcpy(packet->frame, &dst, 6);
	memcpy(packet->frame + 6, &src, 6);
	p->n_vlans = vlan > 0;
	packet->frame[14] = 0xa0; /* priority is no part of the id */
	packet->frame[15] = vlan;
	p->l3 = 14 + 4 * p->n_vlans;
	ip = packet->frame + p->l3;
	ip[0] = p->family == 4 ? 0x45 : 0x60 | dscp >> 2;
	ip[1] = p->family == 4 ? dscp << 2 | 1 : dscp << 6 | 0x2f;
	p->ip_options = p->family == 4 && below(4) == 0;
	p->l4 = p->l3 + (p->family == 4 ? 20 : 40) + (below(4) == 0 ? 8 : 0);
	p->end = p->l3 + 60 + below(80);
	p->fragment = below(4) == 0;
}

static struct packet
random_packet(void)
{
	struct packet packet = {.info.family = below(2) == 0 ? 4 : 6, .info.first = true};
	struct pkt_info *p = &packet.info;

	random_address(p->src, p->family);
	random_address(p->dst, p->family);
	p->proto = random_proto();
	p->tcp_flags = p->proto == PKT_PROTO_TCP ? below(64) : 0;
	if (p->proto == PKT_PROTO_ICMP || p->proto == PKT_PROTO_ICMPV6) {
		p->icmp_type = below(6);
		p->icmp_code = below(3);
	} else if (p->proto != PKT_PROTO_GRE) {
		p->sport = below(60);
		p->dport = below(60);
	}
	random_frame(&packet);
	return packet;
}

/* At least n_packets, in bursts of all sizes. Each is also held against one rule at a
 * time. */
static void
compare(const struct ruleset *set, struct packet (*make)(void), unsigned n_packets)
{
	unsigned n;

	for (unsigned done = 0; done < n_packets; done += n) {
		struct packet packets[VNF_BURST];
		const struct pkt_info *at[VNF_BURST];
		const uint8_t *frames[VNF_BURST];
		const struct ruleset_rule *found[VNF_BURST];
		unsigned cp = below(FW_CPS);

		n = 1 + below(VNF_BURST);
		for (unsigned i = 0; i < n; i++) {
			packets[i] = make();
			at[i] = &packets[i].info;
			frames[i] = packets[i].frame;
		}
		ruleset_match(set, cp, at, frames, n, found);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(
				found[i] - set->rules, first_match(cp, &packets[i]));
	}
}

/* The two compiled forms by themselves: either may serve a rule set. */
static void
compare_forms(uint8_t family, struct packet (*make)(void), unsigned n_packets)
{
	struct rte_acl_ctx *trie = NULL;
	struct cascade *cascade = NULL;
	struct err err = {0};

	assert_int_equal(trie_compile(&trie, &config, family, &err), 0);
	assert_int_equal(cascade_create(&cascade, &config, family), 0);
	assert_int_equal(trie == NULL, cascade == NULL);
	for (unsigned i = 0; trie != NULL && i < n_packets; i++) {
		const struct packet packet = make();
		const unsigned cp = below(FW_CPS), first = first_match(cp, &packet);
		const uint32_t wanted = first < config.n_rules ? first + 1 : 0;
		struct match_key key;
		const uint8_t *at = (const uint8_t *)&key;
		uint32_t found[2];

		if (packet.info.family != family)
			continue;
		match_key(&key, &packet.info, packet.frame, cp, ~0u);
		assert_int_equal(rte_acl_classify(trie, &at, &found[0], 1, 1), 0);
		cascade_find(cascade, &key, 1, &found[1]);
		assert_int_equal(found[0], wanted);
		assert_int_equal(found[1], wanted);
	}
	rte_acl_free(trie);
	cascade_destroy(cascade);
}

static struct ruleset *
compile(void)
{
	struct ruleset *set = NULL;
	struct err err = {0};

	if (ruleset_create(&set, &config, accounts, NULL, &err) != 0)
		fail_msg("%s", err.text);
	return set;
}

static void
compare_random_rules(unsigned seed, unsigned most, unsigned extras)
{
	struct ruleset *set;

	srandom(seed);
	config.n_rules = below(most);
	for (unsigned i = 0; i < config.n_rules; i++)
		random_rule(&rules[i], &lists[i], extras);
	set = compile();
	compare(set, random_packet, 3000);
	compare_forms(4, random_packet, 600);
	compare_forms(6, random_packet, 600);
	ruleset_destroy(set);
}

static void
test_ruleset_decides_as_a_walk_along_the_list(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 40; round++)
		compare_random_rules(round, 60, 0);
}

static void
test_ruleset_with_every_member_decides_as_a_walk(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 36; round++)
		compare_random_rules(round, 8, 1 + round % 12);
}

static void
test_one_rule_matches_as_the_walk_says(void **state)
{
	unsigned n_matched = 0;

	(void)state;
	srandom(7);
	for (unsigned round = 0; round < 200000; round++) {
		struct packet packet = random_packet();
		struct match_key key;
		const char *because;
		unsigned cp = below(FW_CPS);
		bool matches;

		random_rule(&rules[0], &lists[0], 1 + below(12));
		match_key(&key, &packet.info, packet.frame, cp, ~0u);
		matches = match_rule(&rules[0], &key, &because);
		assert_int_equal(matches, rule_matches(&rules[0], cp, &packet));
		assert_int_equal(matches, because == NULL);
		n_matched += matches;
	}
	assert_true(n_matched > 1000);
}

/* ---- changes ---- */

/* Deletes, adds, changes and moves some rules; the lists of new ones are from the pool's
 * place *fresh on. */
static void
change_some(const struct fw_config *old, struct fw_config *now, unsigned *fresh,
	unsigned changes)
{
	now->dflt = old->dflt;
	now->n_rules = old->n_rules;
	memcpy(now->rules, old->rules, old->n_rules * sizeof(*now->rules));
	for (; changes > 0; changes--) {
		unsigned n = now->n_rules, at = below(n + 1), kind = below(4);
		struct fw_rule *rule = &now->rules[at];

		if (kind == 0 && n > 0 && at < n) { /* goes */
			memmove(rule, rule + 1, (n - at - 1) * sizeof(*rule));
			now->n_rules--;
		} else if (kind == 1 && at < n) { /* does something else */
			rule->action = below(4);
		} else if (*fresh < MAX_RULES) { /* is new, or another */
			if (kind > 1 || at == n) {
				memmove(rule + 1, rule, (n - at) * sizeof(*rule));
				now->n_rules++;
			}
			random_rule(rule, &lists[*fresh], 6);
			rule->action = below(4);
			++*fresh;
		}
	}
}

static struct ruleset *
make_after(const struct fw_config *now, const struct ruleset *before)
{
	struct ruleset *set = NULL;
	struct err err = {0};

	if (ruleset_create(&set, now, accounts, before, &err) != 0)
		fail_msg("%s", err.text);
	return set;
}

/* Continuing rules decide nothing. */
static void
drop_continuing(struct fw_config *some)
{
	for (unsigned i = 0; i < some->n_rules; i++)
		if (some->rules[i].action == FW_CONTINUE)
			some->rules[i].action = FW_ACCEPT;
}

static void
test_changed_rules_decide_as_a_walk(void **state)
{
	static struct fw_rule both[2][MAX_RULES];
	unsigned n_derived = 0, n_refined = 0;

	(void)state;
	for (unsigned round = 0; round < 14; round++) {
		struct fw_config configs[2] = {{.rules = both[0]}, {.rules = both[1]}};
		struct ruleset *set, *refined;
		unsigned fresh;
		struct err err;

		srandom(round);
		configs[0].n_rules = fresh = 1 + below(12);
		for (unsigned i = 0; i < fresh; i++)
			random_rule(&both[0][i], &lists[i], round % 2 == 0 ? 0 : 10);
		config = configs[0];
		set = make_after(&configs[0], NULL);
		for (unsigned turn = 1; turn < 12; turn++) {
			struct ruleset *before = set;

			change_some(
				before->config, &configs[turn & 1], &fresh, 1 + below(3));
			drop_continuing(&configs[turn & 1]);
			config = configs[turn & 1];
			set = make_after(&configs[turn & 1], before);
			ruleset_destroy(before);
			n_derived += !classifier_is_whole(set->classifier);
			compare(set, random_packet, 600);
			if (below(4) > 0)
				continue;
			assert_int_equal(ruleset_refine(&refined, set, &err), 0);
			if (refined == NULL)
				continue;
			assert_true(classifier_is_whole(refined->classifier));
			assert_ptr_equal(refined->rules, set->rules);
			ruleset_destroy(set);
			set = refined;
			compare(set, random_packet, 600);
			n_refined++;
		}
		ruleset_destroy(set);
	}
	config = (struct fw_config){.rules = rules};
	assert_true(n_derived > 40 && n_refined > 8);
}

static void
set_a_rule_for_each_port(unsigned n)
{
	config.n_rules = n;
	for (unsigned i = 0; i < n; i++) {
		lists[i].dport[0] = (struct net_ports){i, i};
		lists[i].proto[0] = PKT_PROTO_UDP;
		rules[i] = (struct fw_rule){.proto = lists[i].proto,
			.n_proto = 1,
			.dport = lists[i].dport,
			.n_dport = 1};
	}
}

static void
test_many_changes_are_compiled(void **state)
{
	static struct fw_rule changed[MAX_RULES];
	struct fw_config more;
	struct ruleset *before, *after;

	(void)state;
	srandom(3);
	set_a_rule_for_each_port(300);
	before = make_after(&config, NULL);
	more = config;
	memcpy(changed, rules, sizeof(changed));
	more.rules = changed;
	for (unsigned i = 0; i < DELTA_MAX / 2; i++)
		changed[7 * i].n_dport = 0;
	after = make_after(&more, before);
	assert_false(classifier_is_whole(after->classifier));
	ruleset_destroy(after);
	changed[7 * DELTA_MAX / 2].n_dport = 0;
	after = make_after(&more, before);
	assert_true(classifier_is_whole(after->classifier));
	ruleset_destroy(after);
	ruleset_destroy(before);
}

/* What two rules are said to have in common is held against packets. */
static void
test_rules_cover_and_meet_as_their_packets_do(void **state)
{
	unsigned n_covers = 0, n_apart = 0;

	(void)state;
	srandom(11);
	for (unsigned round = 0; round < 20000; round++) {
		bool covers, meets;

		for (unsigned i = 0; i < 2; i++)
			random_rule(&rules[i], &lists[i], 8);
		if (round % 2 == 0) { /* the same, but for what one does not look at */
			lists[1] = lists[0];
			widen(&rules[0], &rules[1]);
		}
		covers = match_covers(&rules[0], &rules[1]);
		meets = match_meets(&rules[0], &rules[1]);
		n_covers += covers;
		n_apart += !meets;
		for (unsigned i = 0; i < 60; i++) {
			struct packet packet = random_packet();
			unsigned cp = below(FW_CPS);
			bool outer = rule_matches(&rules[0], cp, &packet);
			bool inner = rule_matches(&rules[1], cp, &packet);

			assert_true(!covers || !inner || outer);
			assert_true(meets || !inner || !outer);
		}
	}
	assert_true(n_covers > 1000 && n_apart > 1000);
}

static struct packet
packet_to_some_port(void)
{
	struct packet packet = random_packet();

	packet.info.family = 4;
	packet.info.proto = PKT_PROTO_UDP;
	packet.info.dport = below(CASCADE_MAX_ENTRIES + 10);
	return packet;
}

/* No two of them have a value in common, and more than a cascade takes. */
static void
test_more_rules_than_a_cascade_takes_are_a_trie(void **state)
{
	const unsigned n = CASCADE_MAX_ENTRIES + 1;
	struct cascade *cascade;
	struct ruleset *set;

	(void)state;
	srandom(5);
	set_a_rule_for_each_port(n);
	assert_int_equal(cascade_create(&cascade, &config, 4), -E2BIG);
	assert_null(cascade);
	set = compile();
	compare(set, packet_to_some_port, 3000);
	ruleset_destroy(set);
	config.n_rules = n - 1;
	assert_int_equal(cascade_create(&cascade, &config, 4), 0);
	cascade_destroy(cascade);
	compare_forms(4, packet_to_some_port, 3000);
}

static void
test_ruleset_without_rules_leaves_all_to_the_default(void **state)
{
	struct ruleset *set;

	(void)state;
	config.n_rules = 0;
	config.dflt = FW_DROP;
	set = compile();
	compare(set, random_packet, 200);
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
	rules[0] = (struct fw_rule){.name = "a"};
	rules[1] = (struct fw_rule){.name = "b"};
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
read_filter(const char *line, struct fw_rule *rule, struct lists *v)
{
	char src[32], dst[32];
	unsigned s0, s1, d0, d1, proto, mask;

	if (sscanf(line, "@%31s %31s %u : %u %u : %u %x/%x", src, dst, &s0, &s1, &d0, &d1,
		    &proto, &mask) != 8)
		return false;
	v->proto[0] = proto;
	*rule = (struct fw_rule){.proto = v->proto,
		.n_proto = mask == 0xff,
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
	if ((rule->n_sport > 0 || rule->n_dport > 0) && !fw_rule_has_ports(rule)) {
		v->proto[0] = PKT_PROTO_UDP;
		rule->n_proto = 1;
	}
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
		if (read_filter(line, &rules[config.n_rules], &lists[config.n_rules]))
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
static struct packet
packet_of_set(void)
{
	unsigned i = below(config.n_rules);
	struct packet packet = {
		.info = {.family = 4, .first = true, .proto = PKT_PROTO_TCP}};
	struct pkt_info *p = &packet.info;

	random_host(p->src, &lists[i].src[0]);
	random_host(p->dst, &lists[i].dst[0]);
	if (rules[i].n_proto > 0)
		p->proto = rules[i].proto[0];
	if (p->proto == PKT_PROTO_TCP || p->proto == PKT_PROTO_UDP) {
		p->sport = lists[i].sport[0].first;
		p->dport = below(8) == 0 ? below(65536) : lists[i].dport[0].last;
	}
	return packet;
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
		compare(set, packet_of_set, CLASSBENCH_PACKETS);
		compare_forms(4, packet_of_set, CLASSBENCH_PACKETS / 16);
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
		{.name = "a rule set without rules leaves all to the default [FW-1]",
			.test_func =
				test_ruleset_without_rules_leaves_all_to_the_default},
		{.name = "a rule set decides as a walk along the list [FW-1 COM-13]",
			.test_func = test_ruleset_decides_as_a_walk_along_the_list},
		{.name = "every member, set and negation matches as in a walk [FW-2 COM-13]",
			.test_func = test_ruleset_with_every_member_decides_as_a_walk},
		{.name = "one rule matches as the walk says [FW-2]",
			.test_func = test_one_rule_matches_as_the_walk_says},
		{.name = "rules cover and meet as their packets do [FW-16]",
			.test_func = test_rules_cover_and_meet_as_their_packets_do},
		{.name = "added, changed and deleted rules decide as in a walk [FW-1 FW-5]",
			.test_func = test_changed_rules_decide_as_a_walk},
		{.name = "too many changes are compiled at once",
			.test_func = test_many_changes_are_compiled},
		{.name = "more rules than a cascade takes are a trie [FW-1]",
			.test_func = test_more_rules_than_a_cascade_takes_are_a_trie},
		{.name = "names that stay keep their accounts [FW-4]",
			.test_func = test_ruleset_keeps_the_accounts_of_names_that_stay},
		{.name = "ClassBench sets: 65,536 packets each as in a walk [FW-1]",
			.test_func =
				test_ruleset_decides_classbench_as_a_walk_along_the_list},
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
