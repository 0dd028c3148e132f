/* config_check.c: what the field table cannot say of a configuration, and what its values
 * mean. */
#include "vnfs/firewall/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"

static void check_rule(
	const struct fw_rule *rule, const char *path, struct faults *faults);
static void check_icmp(
	const struct fw_rule *rule, const char *path, struct faults *faults);
static void check_tcp_flags(
	const struct fw_rule *rule, const char *path, struct faults *faults);
static void check_names(const struct fw_config *config, struct faults *faults);
static bool has_ports(unsigned proto);
static unsigned count_family(const struct net_prefix *list, unsigned n, uint8_t family);
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
		entries += fw_rule_entries(&config->rules[i], 4);
		entries += fw_rule_entries(&config->rules[i], 6);
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
	if ((rule->n_sport > 0 || rule->n_dport > 0) && rule->proto != FW_PROTO_ANY &&
		!has_ports(rule->proto))
		fault(faults, path, rule->n_sport > 0 ? "sport" : "dport",
			"proto: tcp, udp or sctp", "this protocol has no ports");
	check_icmp(rule, path, faults);
	check_tcp_flags(rule, path, faults);
	if (!fw_rule_has_family(rule, 4) && !fw_rule_has_family(rule, 6))
		fault(faults, path, NULL, "use addresses of one family, or two rules",
			"src, dst and proto have no address family in common, so nothing "
			"can match");
	if (rule->name != NULL &&
		(strlen(rule->name) >= FW_NAME_SIZE || *rule->name == '\0'))
		fault(faults, path, "name", NULL, "a name has 1 to 63 bytes");
	if (rule->name != NULL && strcmp(rule->name, FW_DEFAULT_RULE) == 0)
		fault(faults, path, "name", NULL,
			"'default' names what counts for traffic that no rule matches");
}

static void
check_icmp(const struct fw_rule *rule, const char *path, struct faults *faults)
{
	if (!rule->has_icmp)
		return;
	if (rule->proto == FW_PROTO_ANY)
		fault(faults, path, "icmp", "proto: icmp or proto: icmpv6",
			"an ICMP type needs the protocol that it belongs to");
	if (!rule->icmp.has_type)
		fault(faults, path, "icmp.type", NULL,
			"a code means nothing without a type");
}

static void
check_tcp_flags(const struct fw_rule *rule, const char *path, struct faults *faults)
{
	const struct fw_tcp_flags *flags = &rule->tcp_flags;
	uint8_t mask = fw_tcp_flags_byte(flags->mask, flags->n_mask);

	if (!rule->has_tcp_flags)
		return;
	if (rule->proto != PKT_PROTO_TCP)
		fault(faults, path, "tcp-flags", "proto: tcp",
			"only TCP has these flags");
	if ((fw_tcp_flags_byte(flags->set, flags->n_set) & ~mask) != 0)
		fault(faults, path, "tcp-flags.set", "add it to mask",
			"a flag that must be set is not looked at");
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
fw_rule_has_family(const struct fw_rule *rule, uint8_t family)
{
	if (rule->n_src > 0 && count_family(rule->src, rule->n_src, family) == 0)
		return false;
	if (rule->n_dst > 0 && count_family(rule->dst, rule->n_dst, family) == 0)
		return false;
	return rule->proto != (family == 4 ? PKT_PROTO_ICMPV6 : PKT_PROTO_ICMP);
}

uint64_t
fw_rule_entries(const struct fw_rule *rule, uint8_t family)
{
	uint64_t src = count_family(rule->src, rule->n_src, family);
	uint64_t dst = count_family(rule->dst, rule->n_dst, family);
	uint64_t n = (src > 0 ? src : 1) * (dst > 0 ? dst : 1);

	if (!fw_rule_has_family(rule, family))
		return 0;
	if (rule->proto == FW_PROTO_ANY && (rule->n_sport > 0 || rule->n_dport > 0))
		n *= 3;
	return n * (rule->n_sport > 0 ? rule->n_sport : 1) *
	       (rule->n_dport > 0 ? rule->n_dport : 1);
}

static unsigned
count_family(const struct net_prefix *list, unsigned n, uint8_t family)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++)
		count += list[i].addr.family == family;
	return count;
}

static bool
has_ports(unsigned proto)
{
	return proto == PKT_PROTO_TCP || proto == PKT_PROTO_UDP ||
	       proto == PKT_PROTO_SCTP;
}
