/* match.c: matches as a person writes them; match_rule.c has those of ETSI. */
#include "orchestrator/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "common/field.h"

#define PATH 224

struct match {
	struct net_prefix *src, *dst;
	struct net_ports *sport, *dport;
	unsigned n_src, n_dst, n_sport, n_dport;
	uint8_t proto, dscp;
	uint16_t vlan, ethertype;
	struct net_mac src_mac, dst_mac;
};

struct word {
	const char *name;
	unsigned value;
};

static const struct word protocols[] = {{"tcp", 6}, {"udp", 17}, {"icmp", 1},
	{"icmpv6", 58}, {"sctp", 132}, {"gre", 47}, {"esp", 50}, {NULL, 255}};
static const struct word ethertypes[] = {
	{"ipv4", 0x0800}, {"ipv6", 0x86dd}, {"arp", 0x0806}, {NULL, 0xffff}};

static int parse_word(const struct field *field, const json_t *json, const char *path,
	void *out, struct faults *faults);
static int parse_mac(const struct field *field, const json_t *json, const char *path,
	void *out, struct faults *faults);
static bool check_one(const json_t *match, const char *path, struct faults *faults);

#define LIST(member_)                                                                    \
	.list = true, .size = sizeof(*((struct match *)0)->member_),                     \
	.offset = offsetof(struct match, member_),                                       \
	.count = offsetof(struct match, n_##member_)
#define WORD(member_, syntax_)                                                           \
	.type = FIELD_CUSTOM, .size = sizeof(((struct match *)0)->member_),              \
	.offset = offsetof(struct match, member_), .parse = parse_word,                  \
	.syntax = syntax_
#define MAC(member_)                                                                     \
	.type = FIELD_CUSTOM, .size = sizeof(struct net_mac),                            \
	.offset = offsetof(struct match, member_), .parse = parse_mac,                   \
	.syntax = "02:00:00:00:00:01"

static const struct field fields[] = {
	{.name = "src", .type = FIELD_PREFIX, LIST(src), .help = "source addresses"},
	{.name = "dst", .type = FIELD_PREFIX, LIST(dst), .help = "destination addresses"},
	{.name = "sport", .type = FIELD_PORTS, LIST(sport), .help = "source ports"},
	{.name = "dport", .type = FIELD_PORTS, LIST(dport), .help = "destination ports"},
	{.name = "proto",
		WORD(proto, "tcp | udp | icmp | icmpv6 | sctp | gre | esp | 0-255"),
		.help = "protocol"},
	{.name = "dscp",
		.type = FIELD_UINT,
		.size = sizeof(uint8_t),
		.offset = offsetof(struct match, dscp),
		.max = 63,
		.help = "value of DSCP"},
	{.name = "vlan",
		.type = FIELD_UINT,
		.size = sizeof(uint16_t),
		.offset = offsetof(struct match, vlan),
		.min = 1,
		.max = 4094,
		.help = "id of its VLAN"},
	{.name = "src-mac", MAC(src_mac), .help = "source MAC"},
	{.name = "dst-mac", MAC(dst_mac), .help = "destination MAC"},
	{.name = "ethertype",
		WORD(ethertype, "ipv4 | ipv6 | arp | 0x0600-0xffff"),
		.help = "what the frame carries"},
	{0},
};

json_t *
match_read(const json_t *match, const char *path, struct faults *faults)
{
	char place[PATH];
	const size_t before = faults->n;
	size_t i;
	json_t *one;
	if (!match)
		return json_pack("[{}]");
	if (!json_is_array(match)) {
		check_one(match, path, faults);
		return faults->n == before ? json_pack("[O]", match) : NULL;
	}
	if (json_array_size(match) == 0)
		faults_add(faults, ERR_INVALID, path, "leave it out to match everything",
			"the list of matches is empty");
	json_array_foreach ((json_t *)match, i, one) {
		snprintf(place, sizeof(place), "%.170s[%zu]", path, i);
		check_one(one, place, faults);
	}
	return faults->n == before ? json_incref((json_t *)match) : NULL;
}

static bool
check_one(const json_t *match, const char *path, struct faults *faults)
{
	struct match parsed;
	if (!json_is_object(match)) {
		faults_add(faults, ERR_INVALID, path, "write {proto: tcp, dport: 80}",
			"a match is a map");
		return false;
	}
	if (field_parse(fields, match, path, &parsed, sizeof(parsed), faults))
		return false;
	field_clear(fields, &parsed);
	return true;
}

static int
parse_word(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	const bool small = field->size == sizeof(uint8_t);
	const struct word *word = small ? protocols : ethertypes;
	const char *text = json_string_value(json);
	json_int_t number = json_is_integer(json) ? json_integer_value(json) : -1;
	char *end;
	for (; text && word->name; word++)
		if (strcasecmp(text, word->name) == 0)
			number = word->value;
	while (word->name)
		word++;
	if (text && number < 0 && *text >= '0' && *text <= '9') {
		number = strtol(text, &end, 0);
		number = *end ? -1 : number;
	}
	if (number < (small ? 0 : 0x600) || number > (json_int_t)word->value)
		return faults_add(faults, ERR_INVALID, path, field->syntax,
			small ? "no such protocol" : "no such ethertype");
	if (small)
		*(uint8_t *)out = (uint8_t)number;
	else
		*(uint16_t *)out = (uint16_t)number;
	return 0;
}

static int
parse_mac(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	const char *text = json_string_value(json);
	return text && net_mac_parse(text, out) == 0
		       ? 0
		       : faults_add(faults, ERR_INVALID, path, field->syntax,
				 "this is no MAC address");
}
