/* steer_rule.c: see steer_rule.h. */
#include "common/steer_rule.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER(type, member)                                                             \
	.offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define LIST(type, member)                                                               \
	.list = true, .offset = offsetof(type, member),                                  \
	.count = offsetof(type, n_##member)
#define IF_GIVEN(flag)                                                                   \
	.present = true, .present_offset = offsetof(struct steer_match, flag)

struct name {
	const char *name;
	uint16_t value;
};

static const struct name protos[] = {{"tcp", 6}, {"udp", 17}, {"icmp", 1}, {"icmpv6", 58},
	{"sctp", 132}, {"gre", 47}, {"esp", 50}, {"ah", 51}, {0}};
static const struct name ethertypes[] = {
	{"ipv4", 0x0800}, {"ipv6", 0x86dd}, {"arp", 0x0806}, {0}};

static int parse_proto(const struct field *field, const json_t *json, const char *path,
	void *out, struct faults *faults);
static int parse_ethertype(const struct field *field, const json_t *json,
	const char *path, void *out, struct faults *faults);
static json_t *print_proto(const struct field *field, const void *in);
static json_t *print_ethertype(const struct field *field, const void *in);
static int parse_name(
	const struct name *names, unsigned max, const json_t *json, uint16_t *value);
static int parse_rule(const json_t *json, const char *path, struct steer_rule *rule,
	struct faults *faults);
static void check_match(
	const struct steer_match *match, const char *path, struct faults *faults);
static bool is_zero(const struct net_mac *mac);
static void check_families(
	const struct steer_match *match, const char *path, struct faults *faults);
static void check_to(
	const struct steer_rule *rule, const char *path, struct faults *faults);
static bool has_family(const struct net_prefix *list, unsigned n, uint8_t family);
static int find_like(const json_t *rule, const json_t *former, const bool *taken,
	bool (*are_like)(const json_t *a, const json_t *b));
static bool have_same_match(const json_t *a, const json_t *b);
static bool have_same_paths(const json_t *a, const json_t *b);

const struct field steer_match_fields[] = {
	{.name = "src",
		.type = FIELD_PREFIX,
		LIST(struct steer_match, src),
		.max_len = 256,
		.help = "source addresses"},
	{.name = "dst",
		.type = FIELD_PREFIX,
		LIST(struct steer_match, dst),
		.max_len = 256,
		.help = "destination addresses"},
	{.name = "sport",
		.type = FIELD_PORTS,
		LIST(struct steer_match, sport),
		.max_len = 256,
		.help = "source ports; no fragment has any"},
	{.name = "dport",
		.type = FIELD_PORTS,
		LIST(struct steer_match, dport),
		.max_len = 256,
		.help = "destination ports; no fragment has any"},
	{.name = "proto",
		.type = FIELD_CUSTOM,
		MEMBER(struct steer_match, proto),
		IF_GIVEN(has_proto),
		.parse = parse_proto,
		.print = print_proto,
		.syntax = "tcp | udp | icmp | icmpv6 | sctp | gre | esp | ah | 0-255",
		.help = "protocol behind IPv6 extension headers"},
	{.name = "dscp",
		.type = FIELD_UINT,
		MEMBER(struct steer_match, dscp),
		IF_GIVEN(has_dscp),
		.max = 63,
		.help = "value of DSCP"},
	{.name = "vlan",
		.type = FIELD_UINT,
		MEMBER(struct steer_match, vlan),
		IF_GIVEN(has_vlan),
		.max = 4094,
		.help = "VLAN id of the outer tag; 0 is without a tag"},
	{.name = "src-mac",
		.type = FIELD_MAC,
		MEMBER(struct steer_match, src_mac),
		IF_GIVEN(has_src_mac),
		.help = "source MAC address"},
	{.name = "dst-mac",
		.type = FIELD_MAC,
		MEMBER(struct steer_match, dst_mac),
		IF_GIVEN(has_dst_mac),
		.help = "destination MAC address"},
	{.name = "ethertype",
		.type = FIELD_CUSTOM,
		MEMBER(struct steer_match, ethertype),
		IF_GIVEN(has_ethertype),
		.parse = parse_ethertype,
		.print = print_ethertype,
		.syntax = "ipv4 | ipv6 | arp | 0x0600-0xffff",
		.help = "what the frame carries, behind VLAN tags"},
	{0},
};

static const struct field to_fields[] = {
	{.name = "path",
		.type = FIELD_UINT,
		MEMBER(struct steer_to, path),
		.required = true,
		.min = 1,
		.max = STEER_PATH_MAX,
		.help = "number of a path"},
	{.name = "weight",
		.type = FIELD_UINT,
		MEMBER(struct steer_to, weight),
		.dflt = "100",
		.min = 1,
		.max = STEER_WEIGHT_MAX,
		.help = "its share of the flows, against the others'"},
	{0},
};

static const struct field rule_fields[] = {
	{.name = "match",
		.type = FIELD_STRUCT,
		MEMBER(struct steer_rule, match),
		.sub = steer_match_fields,
		.required = true,
		.help = "what must hold; {}: nothing"},
	{.name = "symmetric",
		.type = FIELD_BOOL,
		MEMBER(struct steer_rule, symmetric),
		.dflt = "false",
		.help = "also packets with source and destination exchanged"},
	{.name = "to",
		.type = FIELD_STRUCT,
		.sub = to_fields,
		.size = sizeof(struct steer_to),
		LIST(struct steer_rule, to),
		.required = true,
		.max_len = STEER_PATH_MAX,
		.help = "the paths that share these flows"},
	{0},
};

int
steer_rules_parse(const json_t *json, const char *path, struct steer_rules *rules,
	struct faults *faults)
{
	const size_t before = faults_count(faults), n = json_array_size(json);
	char at[64];

	*rules = (struct steer_rules){0};
	if (json == NULL || json_is_null(json) || (json_is_array(json) && n == 0))
		return 0;
	if (!json_is_array(json) || n > STEER_RULES_MAX)
		return faults_add(faults, ERR_INVALID, path, NULL,
			"is a list of at most %u rules", STEER_RULES_MAX);
	rules->list = calloc(n, sizeof(*rules->list));
	if (rules->list == NULL)
		return faults_add(faults, ERR_INTERNAL, path, NULL, "out of memory");
	for (size_t i = 0; i < n; i++) {
		snprintf(at, sizeof(at), "%s[%zu]", path, i);
		if (parse_rule(json_array_get(json, i), at, &rules->list[rules->n],
			    faults) == 0)
			rules->n++;
	}
	if (!faults_since(faults, before))
		return 0;
	steer_rules_clear(rules);
	return faults_since(faults, before);
}

void
steer_rules_clear(struct steer_rules *rules)
{
	for (unsigned i = 0; i < rules->n; i++)
		field_clear(rule_fields, &rules->list[i]);
	free(rules->list);
	*rules = (struct steer_rules){0};
}

int *
steer_rules_like(const json_t *json, const json_t *former)
{
	static bool (*const likenesses[])(const json_t *a, const json_t *b) = {
		have_same_match, have_same_paths};
	int *like = malloc((json_array_size(json) + 1) * sizeof(*like));
	bool taken[STEER_RULES_MAX] = {false};

	for (size_t i = 0; like != NULL && i < json_array_size(json); i++)
		like[i] = -1;
	for (unsigned pass = 0; like != NULL && pass < 2; pass++)
		for (size_t i = 0; i < json_array_size(json); i++) {
			if (like[i] < 0)
				like[i] = find_like(json_array_get(json, i), former,
					taken, likenesses[pass]);
			if (like[i] >= 0)
				taken[like[i]] = true;
		}
	return like;
}

static int
find_like(const json_t *rule, const json_t *former, const bool *taken,
	bool (*are_like)(const json_t *a, const json_t *b))
{
	for (size_t i = 0; i < json_array_size(former); i++)
		if (!taken[i] && are_like(rule, json_array_get(former, i)))
			return (int)i;
	return -1;
}

static bool
have_same_match(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "match"), json_object_get(b, "match")) &&
	       json_is_true(json_object_get(a, "symmetric")) ==
		       json_is_true(json_object_get(b, "symmetric"));
}

/* In whatever order, and with whatever weights; none is named twice. */
static bool
have_same_paths(const json_t *a, const json_t *b)
{
	const json_t *to = json_object_get(a, "to"), *others = json_object_get(b, "to");
	size_t i, k, same = 0;
	const json_t *one, *other;

	json_array_foreach (to, i, one)
		json_array_foreach (others, k, other)
			same += json_equal(json_object_get(one, "path"),
				json_object_get(other, "path"));
	return same == json_array_size(to) && same == json_array_size(others);
}

bool
steer_match_is_ip(const struct steer_match *match)
{
	return match->n_src > 0 || match->n_dst > 0 || match->n_sport > 0 ||
	       match->n_dport > 0 || match->has_proto || match->has_dscp;
}

int
steer_paths_parse(
	const json_t *json, const char *path, uint32_t paths[8], struct faults *faults)
{
	const json_t *item;
	size_t i;

	memset(paths, 0, 8 * sizeof(*paths));
	if (json == NULL || json_is_null(json))
		return 0;
	if (!json_is_array(json) || json_array_size(json) == 0)
		return faults_add(faults, ERR_INVALID, path, NULL,
			"is a list of numbers of paths, at least one");
	json_array_foreach (json, i, item) {
		const json_int_t number = json_integer_value(item);

		if (number < 1 || number > STEER_PATH_MAX ||
			steer_paths_have(paths, (unsigned)number))
			return faults_add(faults, ERR_INVALID, path, NULL,
				"a path is a number from 1 to %u, named once",
				STEER_PATH_MAX);
		paths[number / 32] |= 1u << number % 32;
	}
	return 0;
}

static int
parse_rule(const json_t *json, const char *path, struct steer_rule *rule,
	struct faults *faults)
{
	const size_t before = faults_count(faults);
	char at[96];

	if (field_parse(rule_fields, json, path, rule, sizeof(*rule), faults) != 0)
		return -EINVAL;
	snprintf(at, sizeof(at), "%s.match", path);
	check_match(&rule->match, at, faults);
	snprintf(at, sizeof(at), "%s.to", path);
	check_to(rule, at, faults);
	if (!faults_since(faults, before))
		return 0;
	field_clear(rule_fields, rule);
	return -EINVAL;
}

static void
check_match(const struct steer_match *match, const char *path, struct faults *faults)
{
	const bool ports = match->n_sport > 0 || match->n_dport > 0;

	if (ports && (!match->has_proto || (match->proto != 6 && match->proto != 17 &&
						   match->proto != 132)))
		faults_add(faults, ERR_INVALID, path, "add proto",
			"ports need proto tcp, udp or sctp");
	if (steer_match_is_ip(match) && match->has_ethertype &&
		match->ethertype != 0x0800 && match->ethertype != 0x86dd)
		faults_add(faults, ERR_INVALID, path, NULL,
			"only IPv4 and IPv6 have addresses, protocols and DSCP");
	if ((match->has_src_mac && is_zero(&match->src_mac)) ||
		(match->has_dst_mac && is_zero(&match->dst_mac)))
		faults_add(faults, ERR_INVALID, path, NULL,
			"src-mac and dst-mac are MAC addresses, such as 02:00:00:00:00:01");
	check_families(match, path, faults);
}

static bool
is_zero(const struct net_mac *mac)
{
	static const struct net_mac none;

	return memcmp(mac, &none, sizeof(none)) == 0;
}

/* Nothing would match it. */
static void
check_families(const struct steer_match *match, const char *path, struct faults *faults)
{
	bool four = !match->has_ethertype || match->ethertype != 0x86dd;
	bool six = !match->has_ethertype || match->ethertype != 0x0800;

	four = four && has_family(match->src, match->n_src, 4) &&
	       has_family(match->dst, match->n_dst, 4);
	six = six && has_family(match->src, match->n_src, 6) &&
	      has_family(match->dst, match->n_dst, 6);
	if (!four && !six)
		faults_add(faults, ERR_INVALID, path, NULL,
			"src, dst and ethertype are of no common address family");
}

static bool
has_family(const struct net_prefix *list, unsigned n, uint8_t family)
{
	bool has = n == 0;

	for (unsigned i = 0; i < n; i++)
		has = has || list[i].addr.family == family;
	return has;
}

static void
check_to(const struct steer_rule *rule, const char *path, struct faults *faults)
{
	bool seen[STEER_PATH_MAX + 1] = {false};

	if (rule->n_to == 0)
		faults_add(faults, ERR_INVALID, path, NULL,
			"a rule leads to one path at least");
	for (unsigned i = 0; i < rule->n_to; i++) {
		if (seen[rule->to[i].path])
			faults_add(faults, ERR_INVALID, path, NULL,
				"path %u is named twice", rule->to[i].path);
		seen[rule->to[i].path] = true;
	}
}

/* ---- names ------------------------------------------------------------------------- */

static int
parse_proto(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	uint16_t value;

	if (parse_name(protos, UINT8_MAX, json, &value) != 0)
		return faults_add(
			faults, ERR_INVALID, path, NULL, "must be %s", field->syntax);
	*(uint8_t *)out = (uint8_t)value;
	return 0;
}

static int
parse_ethertype(const struct field *field, const json_t *json, const char *path,
	void *out, struct faults *faults)
{
	uint16_t value;

	if (parse_name(ethertypes, UINT16_MAX, json, &value) != 0 || value < 0x0600)
		return faults_add(
			faults, ERR_INVALID, path, NULL, "must be %s", field->syntax);
	*(uint16_t *)out = value;
	return 0;
}

static int
parse_name(const struct name *names, unsigned max, const json_t *json, uint16_t *value)
{
	const char *text = json_string_value(json);
	char *end = NULL;
	unsigned long number = max + 1ul;

	for (const struct name *n = names; text != NULL && n->name != NULL; n++)
		if (strcmp(n->name, text) == 0) {
			*value = n->value;
			return 0;
		}
	if (json_is_integer(json) && json_integer_value(json) >= 0)
		number = (unsigned long)json_integer_value(json);
	else if (text != NULL && text[0] >= '0' && text[0] <= '9')
		number = strtoul(text, &end, 0);
	if (number > max || (end != NULL && *end != '\0'))
		return -EINVAL;
	*value = (uint16_t)number;
	return 0;
}

static json_t *
print_proto(const struct field *field, const void *in)
{
	(void)field;
	for (const struct name *n = protos; n->name != NULL; n++)
		if (n->value == *(const uint8_t *)in)
			return json_string(n->name);
	return json_integer(*(const uint8_t *)in);
}

static json_t *
print_ethertype(const struct field *field, const void *in)
{
	char text[8];

	(void)field;
	for (const struct name *n = ethertypes; n->name != NULL; n++)
		if (n->value == *(const uint16_t *)in)
			return json_string(n->name);
	snprintf(text, sizeof(text), "0x%04x", *(const uint16_t *)in);
	return json_string(text);
}
