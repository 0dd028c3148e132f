/* config_check.c: what the field table cannot say of a configuration, and what its values
 * mean. */
#include "vnfs/firewall/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/values.h"

static void check_rule(
	const struct fw_rule *rule, const char *path, struct faults *faults);
static uint64_t check_values(
	const struct fw_rule *rule, const char *path, struct faults *faults);
static void check_action(
	const struct fw_rule *rule, const char *path, struct faults *faults);
static void check_ports(
	const struct fw_rule *rule, const char *path, struct faults *faults);
static void check_icmp(
	const struct fw_rule *rule, const char *path, struct faults *faults);
static void check_tcp_flags(
	const struct fw_rule *rule, const char *path, struct faults *faults);
static void check_ranges(struct faults *faults, const char *path, const char *member,
	const struct net_ports *list, unsigned n, uint16_t most);
static void check_macs(struct faults *faults, const char *path, const char *member,
	const struct net_mac *list, unsigned n);
static void check_names(const struct fw_config *config, struct faults *faults);
static void fault(struct faults *faults, const char *path, const char *member,
	const char *hint, const char *text);

void
fw_config_check(const void *arg, struct faults *faults)
{
	const struct fw_config *config = arg;
	uint64_t entries = 0;

	for (unsigned i = 0; i < config->n_rules; i++) {
		char path[32];

		snprintf(path, sizeof(path), "rules[%u]", i);
		check_rule(&config->rules[i], path, faults);
		entries += check_values(&config->rules[i], path, faults);
		if (entries > FW_MAX_ENTRIES) {
			fault(faults, path, NULL, "split lists over fewer members",
				"the values of the rules make too many combinations");
			break;
		}
	}
	check_names(config, faults);
}

static void
check_rule(const struct fw_rule *rule, const char *path, struct faults *faults)
{
	check_ports(rule, path, faults);
	check_icmp(rule, path, faults);
	check_tcp_flags(rule, path, faults);
	check_ranges(faults, path, "dscp", rule->dscp, rule->n_dscp, 63);
	check_ranges(faults, path, "vlan", rule->vlan, rule->n_vlan, 4094);
	check_action(rule, path, faults);
	check_macs(faults, path, "src-mac", rule->src_mac, rule->n_src_mac);
	check_macs(faults, path, "dst-mac", rule->dst_mac, rule->n_dst_mac);
	if (rule->name != NULL &&
		(strlen(rule->name) >= FW_NAME_SIZE || *rule->name == '\0'))
		fault(faults, path, "name", NULL, "a name has 1 to 63 bytes");
	if (rule->name != NULL && strcmp(rule->name, FW_DEFAULT_RULE) == 0)
		fault(faults, path, "name", NULL,
			"'default' names what counts for traffic that no rule matches");
}

static void
check_action(const struct fw_rule *rule, const char *path, struct faults *faults)
{
	if (rule->has_reject_with && rule->action != FW_REJECT)
		fault(faults, path, "reject-with", "action: reject",
			"only a rule that rejects tells the sender");
	if (!rule->has_police)
		return;
	if (rule->action != FW_ACCEPT)
		fault(faults, path, "police", "action: accept",
			"only what is accepted has a rate");
	if ((rule->police.packets > 0) == (rule->police.bits > 0))
		fault(faults, path, "police", "packets: 1k, or bits: 10M",
			"one rate is needed, in packets or in bits");
}

/* Combinations of both families; a rule without any matches nothing. */
static uint64_t
check_values(const struct fw_rule *rule, const char *path, struct faults *faults)
{
	uint64_t entries = 0;
	bool none = true;

	for (uint8_t family = 4; family <= 6; family += 2) {
		struct values values;

		if (values_of(&values, rule, family) < 0) {
			none = false;
			entries = FW_MAX_ENTRIES + 1;
		} else if (!values_none(&values)) {
			none = false;
			entries += values_combinations(&values, rule);
		}
		values_clear(&values);
	}
	if (none)
		fault(faults, path, NULL, "use addresses of one family, or two rules",
			"src, dst and proto, without what is excluded, have nothing in "
			"common, so nothing can match");
	return entries;
}

static void
check_ports(const struct fw_rule *rule, const char *path, struct faults *faults)
{
	const struct {
		const char *name;
		unsigned n;
	} members[] = {
		{"sport", rule->n_sport},
		{"dport", rule->n_dport},
		{"not-sport", rule->n_not_sport},
		{"not-dport", rule->n_not_dport},
	};

	for (unsigned i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (members[i].n > 0 && !fw_rule_has_ports(rule)) {
			fault(faults, path, members[i].name, "proto: tcp, udp or sctp",
				"ports need a protocol that has them");
			return;
		}
	}
}

static void
check_icmp(const struct fw_rule *rule, const char *path, struct faults *faults)
{
	if (!rule->has_icmp)
		return;
	if (rule->n_proto == 0 || fw_rule_any_proto(rule))
		fault(faults, path, "icmp", "proto: icmp or proto: icmpv6",
			"an ICMP type needs the protocol that it belongs to");
	if (rule->icmp.n_type == 0)
		fault(faults, path, "icmp.type", NULL,
			"a code means nothing without a type");
	check_ranges(faults, path, "icmp.type", rule->icmp.type, rule->icmp.n_type, 255);
	check_ranges(faults, path, "icmp.code", rule->icmp.code, rule->icmp.n_code, 255);
}

static void
check_tcp_flags(const struct fw_rule *rule, const char *path, struct faults *faults)
{
	const struct fw_tcp_flags *flags = &rule->tcp_flags;
	uint8_t mask = fw_tcp_flags_byte(flags->mask, flags->n_mask);

	if (!rule->has_tcp_flags)
		return;
	if (rule->n_proto != 1 || rule->proto[0] != PKT_PROTO_TCP)
		fault(faults, path, "tcp-flags", "proto: tcp",
			"only TCP has these flags");
	if ((fw_tcp_flags_byte(flags->set, flags->n_set) & ~mask) != 0)
		fault(faults, path, "tcp-flags.set", "add it to mask",
			"a flag that must be set is not looked at");
}

static void
check_ranges(struct faults *faults, const char *path, const char *member,
	const struct net_ports *list, unsigned n, uint16_t most)
{
	for (unsigned i = 0; i < n; i++) {
		if (list[i].last <= most)
			continue;
		char text[64];

		snprintf(text, sizeof(text), "%u is beyond %u", list[i].last, most);
		fault(faults, path, member, NULL, text);
	}
}

static void
check_macs(struct faults *faults, const char *path, const char *member,
	const struct net_mac *list, unsigned n)
{
	static const struct net_mac none;

	for (unsigned i = 0; i < n; i++)
		if (memcmp(&list[i], &none, sizeof(none)) == 0)
			fault(faults, path, member, NULL, "no packet has this address");
}

static int
compare_names(const void *a, const void *b)
{
	const struct fw_rule *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	return order != 0 ? order : *x < *y ? -1 : 1;
}

/* Names in order, so that equal ones are neighbours. */
static void
check_names(const struct fw_config *config, struct faults *faults)
{
	const struct fw_rule **named = calloc(config->n_rules + 1, sizeof(*named));
	unsigned n = 0;

	if (named == NULL) {
		faults_add(faults, ERR_NO_RESOURCE, "rules", NULL,
			"no memory to check names");
		return;
	}
	for (unsigned i = 0; i < config->n_rules; i++) {
		if (config->rules[i].name != NULL)
			named[n++] = &config->rules[i];
	}
	qsort(named, n, sizeof(*named), compare_names);
	for (unsigned i = 1; i < n; i++) {
		char path[40];

		if (strcmp(named[i - 1]->name, named[i]->name) != 0)
			continue;
		snprintf(path, sizeof(path), "rules[%td].name", named[i] - config->rules);
		faults_add(faults, ERR_INVALID, path, NULL,
			"rules[%td] is called '%s' too", named[i - 1] - config->rules,
			named[i]->name);
	}
	free(named);
}

static void
fault(struct faults *faults, const char *path, const char *member, const char *hint,
	const char *text)
{
	char full[96];

	snprintf(full, sizeof(full), "%s%s%s", path, member != NULL ? "." : "",
		member != NULL ? member : "");
	faults_add(faults, ERR_INVALID, full, hint, "%s", text);
}

/* ---- what the values mean ---- */

const char *
fw_rule_name(const struct fw_config *config, unsigned i, char buf[FW_NAME_SIZE])
{
	if (i == config->n_rules)
		return FW_DEFAULT_RULE;
	if (config->rules[i].name != NULL)
		return config->rules[i].name;
	snprintf(buf, FW_NAME_SIZE, "rule-%u", i);
	return buf;
}

uint8_t
fw_tcp_flags_byte(const int *flags, unsigned n)
{
	uint8_t byte = 0;

	for (unsigned i = 0; i < n; i++)
		byte |= flags[i];
	return byte;
}

bool
fw_rule_any_proto(const struct fw_rule *rule)
{
	for (unsigned i = 0; i < rule->n_proto; i++)
		if (rule->proto[i] == FW_PROTO_ANY)
			return true;
	return rule->n_proto == 0;
}

bool
fw_rule_has_ports(const struct fw_rule *rule)
{
	for (unsigned i = 0; i < rule->n_proto; i++)
		if (rule->proto[i] != PKT_PROTO_TCP && rule->proto[i] != PKT_PROTO_UDP &&
			rule->proto[i] != PKT_PROTO_SCTP)
			return false;
	return rule->n_proto > 0;
}
