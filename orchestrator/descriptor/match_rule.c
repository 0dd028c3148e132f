/* match_rule.c: matches as ETSI's rules of a network forwarding path say them. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"
#include "orchestrator/descriptor/match.h"

#define PATH	  192
#define N_MEMBERS 11

typedef json_t *convert_fn(const json_t *value);

static convert_fn as_it_is, to_lower, to_upper, to_mac, to_tag, from_tag, to_dscp,
	from_dscp, to_ports, from_ports;

/* Conversions give null for what cannot be said on the other side. */
static const struct member {
	const char *names[2]; /* by match_style */
	const char *match;    /* null: it cannot be matched by */
	convert_fn *read, *print;
} members[N_MEMBERS] = {
	{{"etherDestinationAddress", "ether-destination-address"}, "dst-mac", to_mac,
		as_it_is},
	{{"etherSourceAddress", "ether-source-address"}, "src-mac", to_mac, as_it_is},
	{{"etherType", "ether-type"}, "ethertype", to_lower, to_upper},
	{{"vlanTag", "vlan-tag"}, "vlan", to_tag, from_tag},
	{{"protocol", "protocol"}, "proto", to_lower, to_upper},
	{{"dscp", "dscp"}, "dscp", to_dscp, from_dscp},
	{{"sourcePortRange", "source-port-range"}, "sport", to_ports, from_ports},
	{{"destinationPortRange", "destination-port-range"}, "dport", to_ports,
		from_ports},
	{{"sourceIpAddressPrefix", "source-ip-address-prefix"}, "src", as_it_is,
		as_it_is},
	{{"destinationIpAddressPrefix", "destination-ip-address-prefix"}, "dst", as_it_is,
		as_it_is},
	{{"extendedCriteria", "extended-criteria"}, NULL, NULL, NULL},
};

static const struct member *find(const char *name, enum match_style style);
static void read_member(json_t *match, const struct member *member, const json_t *value,
	const char *path, struct faults *faults);
static void unknown(const char *name, enum match_style style, const char *path,
	struct faults *faults);
static void check_match(const json_t *match, enum match_style style, const char *path,
	struct faults *faults);
static const char *place_in(const char *path, enum match_style style);

json_t *
match_from_rule(const json_t *rule, enum match_style style, const char *path,
	struct faults *faults)
{
	char place[PATH];
	const size_t before = faults_count(faults);
	const char *name;
	json_t *value, *match = json_object();
	if (rule && !json_is_object(rule))
		faults_add(faults, ERR_INVALID, path, NULL, "a rule is an object");
	json_object_foreach ((json_t *)rule, name, value) {
		const struct member *member = find(name, style);
		snprintf(place, sizeof(place), "%.140s.%.40s", path, name);
		if (member)
			read_member(match, member, value, place, faults);
		else
			unknown(name, style, place, faults);
	}
	if (!faults_since(faults, before))
		check_match(match, style, path, faults);
	if (!faults_since(faults, before))
		return json_pack("[o]", match);
	json_decref(match);
	return NULL;
}

json_t *
match_to_rule(const json_t *matches, enum match_style style)
{
	const json_t *match = json_array_get(matches, 0);
	json_t *rule = json_object();
	bool whole = json_array_size(matches) == 1;
	for (size_t i = 0; i < N_MEMBERS; i++) {
		const json_t *value = members[i].match
					      ? json_object_get(match, members[i].match)
					      : NULL;
		json_t *said =
			value && !json_is_array(value) ? members[i].print(value) : NULL;
		whole &= !value || said;
		if (said)
			json_object_set_new(rule, members[i].names[style], said);
	}
	if (whole)
		return rule;
	json_decref(rule);
	return NULL;
}

static const struct member *
find(const char *name, enum match_style style)
{
	for (size_t i = 0; i < N_MEMBERS; i++)
		if (strcmp(members[i].names[style], name) == 0)
			return &members[i];
	return NULL;
}

static void
read_member(json_t *match, const struct member *member, const json_t *value,
	const char *path, struct faults *faults)
{
	json_t *read = member->read ? member->read(value) : NULL;
	if (!member->match)
		faults_add(faults, ERR_UNSUPPORTED, path, "match by other members",
			"bits of a frame cannot be matched by");
	else if (!read)
		faults_add(faults, ERR_INVALID, path, NULL, "this is not understood");
	if (read)
		json_object_set_new(match, member->match, read);
}

/* With the places of the rule's members. */
static void
check_match(const json_t *match, enum match_style style, const char *path,
	struct faults *faults)
{
	struct faults found = {0};
	char place[PATH];
	json_decref(match_read(match, "", &found));
	for (size_t i = 0; i < found.n; i++) {
		const char *name = place_in(found.list[i].path, style);
		snprintf(place, sizeof(place), "%.140s%s%.40s", path, *name ? "." : "",
			name);
		faults_add(faults, found.list[i].code, place, found.list[i].hint, "%s",
			found.list[i].text);
	}
	faults_clear(&found);
}

/* The rule's name of a member that a fault of the match is at: ".dport"; "": at none. */
static const char *
place_in(const char *path, enum match_style style)
{
	for (size_t i = 0; *path == '.' && i < N_MEMBERS; i++)
		if (members[i].match && strcmp(members[i].match, path + 1) == 0)
			return members[i].names[style];
	return "";
}

static void
unknown(const char *name, enum match_style style, const char *path, struct faults *faults)
{
	const char *names[N_MEMBERS + 1] = {NULL};
	char hint[96];
	for (size_t i = 0; i < N_MEMBERS; i++)
		names[i] = members[i].names[style];
	const char *nearest = field_nearest(name, names);
	snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest ? nearest : names[8]);
	faults_add(faults, ERR_INVALID, path, hint, "unknown member");
}

static json_t *
as_it_is(const json_t *value)
{
	return json_incref((json_t *)value);
}

static json_t *
change_case(const json_t *value, int (*letter)(int))
{
	char text[16];
	if (!json_is_string(value))
		return json_incref((json_t *)value);
	snprintf(text, sizeof(text), "%s", json_string_value(value));
	for (char *p = text; *p; p++)
		*p = (char)letter((unsigned char)*p);
	return json_string(text);
}

static json_t *
to_lower(const json_t *value)
{
	return change_case(value, tolower);
}

static json_t *
to_upper(const json_t *value)
{
	return change_case(value, toupper);
}

/* ETSI also writes dashes. */
static json_t *
to_mac(const json_t *value)
{
	char text[24];
	if (!json_is_string(value))
		return NULL;
	snprintf(text, sizeof(text), "%s", json_string_value(value));
	for (char *p = text; *p; p++)
		*p = *p == '-' ? ':' : *p;
	return json_string(text);
}

/* A list, for stacked tags: of one. */
static json_t *
to_tag(const json_t *value)
{
	const json_t *one = json_is_array(value) ? json_array_get(value, 0) : value;
	const char *text = json_string_value(one);
	if (json_is_array(value) && json_array_size(value) != 1)
		return NULL;
	if (!text)
		return json_incref((json_t *)one);
	return *text && strlen(text) < 5 && strspn(text, "0123456789") == strlen(text)
		       ? json_integer(atoi(text))
		       : NULL;
}

static json_t *
from_tag(const json_t *value)
{
	char text[8];
	snprintf(text, sizeof(text), "%d", (int)json_integer_value(value));
	return json_pack("[s]", text);
}

/* "001010". */
static json_t *
to_dscp(const json_t *value)
{
	const char *text = json_string_value(value);
	if (!text || strlen(text) != 6 || strspn(text, "01") != 6)
		return NULL;
	return json_integer(strtol(text, NULL, 2));
}

static json_t *
from_dscp(const json_t *value)
{
	char text[7] = "000000";
	for (int i = 0; i < 6; i++)
		text[i] = (json_integer_value(value) >> (5 - i) & 1) ? '1' : '0';
	return json_string(text);
}

/* A number, "a-b", or PortRange {lowerPort, upperPort}. */
static json_t *
to_ports(const json_t *value)
{
	const json_t *lower = json_object_get(value, "lowerPort");
	const json_t *upper = json_object_get(value, "upperPort");
	char text[32];
	if (!json_is_object(value))
		return json_incref((json_t *)value);
	if (!json_is_integer(lower) || !json_is_integer(upper))
		return NULL;
	snprintf(text, sizeof(text), "%lld-%lld", (long long)json_integer_value(lower),
		(long long)json_integer_value(upper));
	return json_string(text);
}

static json_t *
from_ports(const json_t *value)
{
	char text[32];
	if (json_is_string(value))
		return json_incref((json_t *)value);
	snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
	return json_string(text);
}
