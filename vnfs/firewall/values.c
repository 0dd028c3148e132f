/* values.c: lists without what is taken out of them; see values.h. */
#include "vnfs/firewall/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"

static int protos_of(
	struct range_values *values, const struct fw_rule *rule, uint8_t family);
static int ranges_of(struct range_values *values, const struct net_ports *in,
	unsigned n_in, const struct net_ports *out, unsigned n_out);
static int prefixes_of(struct prefix_values *values, const struct net_prefix *in,
	unsigned n_in, const struct net_prefix *out, unsigned n_out, uint8_t family);

int
values_of(struct values *values, const struct fw_rule *rule, uint8_t family)
{
	int rc;

	*values = (struct values){0};
	rc = protos_of(&values->proto, rule, family);
	if (rc == 0)
		rc = prefixes_of(&values->src, rule->src, rule->n_src, rule->not_src,
			rule->n_not_src, family);
	if (rc == 0)
		rc = prefixes_of(&values->dst, rule->dst, rule->n_dst, rule->not_dst,
			rule->n_not_dst, family);
	if (rc == 0)
		rc = ranges_of(&values->sport, rule->sport, rule->n_sport,
			rule->not_sport, rule->n_not_sport);
	if (rc == 0)
		rc = ranges_of(&values->dport, rule->dport, rule->n_dport,
			rule->not_dport, rule->n_not_dport);
	return rc;
}

void
values_clear(struct values *values)
{
	free(values->src.owned);
	free(values->dst.owned);
	free(values->proto.owned);
	free(values->sport.owned);
	free(values->dport.owned);
	*values = (struct values){0};
}

bool
values_none(const struct values *values)
{
	return values->src.n == 0 || values->dst.n == 0 || values->proto.n == 0 ||
	       values->sport.n == 0 || values->dport.n == 0;
}

static uint64_t
at_least_one(unsigned n)
{
	return n > 0 ? n : 1;
}

uint64_t
values_combinations(const struct values *values, const struct fw_rule *rule)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < values->proto.n; i++) {
		if (values_is_icmp(&values->proto.list[i]))
			n += at_least_one(rule->icmp.n_type) *
			     at_least_one(rule->icmp.n_code);
		else
			n += (uint64_t)values->sport.n * values->dport.n;
	}
	return n * values->src.n * values->dst.n * at_least_one(rule->n_dscp) *
	       at_least_one(rule->n_vlan) * at_least_one(rule->n_length) *
	       at_least_one(rule->n_src_mac) * at_least_one(rule->n_dst_mac);
}

bool
values_is_icmp(const struct net_ports *proto)
{
	return proto->first == proto->last &&
	       (proto->first == PKT_PROTO_ICMP || proto->first == PKT_PROTO_ICMPV6);
}

/* ---- ranges ------------------------------------------------------------------------ */

static const struct net_ports any_port = {0, UINT16_MAX}, any_proto = {0, UINT8_MAX};

static int push_range(struct range_values *values, uint16_t first, uint16_t last);
static int take_range(struct range_values *values, const struct net_ports *taken);

/* A rule for ICMP means that of the family. */
static int
protos_of(struct range_values *values, const struct fw_rule *rule, uint8_t family)
{
	const uint16_t alien = family == 4 ? PKT_PROTO_ICMPV6 : PKT_PROTO_ICMP;
	bool any = rule->n_proto == 0;
	int rc = 0;

	for (unsigned i = 0; i < rule->n_proto; i++)
		any = any || rule->proto[i] == FW_PROTO_ANY;
	if (any)
		rc = push_range(values, any_proto.first, any_proto.last);
	for (unsigned i = 0; !any && i < rule->n_proto && rc == 0; i++)
		if (rule->proto[i] != alien)
			rc = push_range(values, rule->proto[i], rule->proto[i]);
	for (unsigned i = 0; i < rule->n_not_proto && rc == 0; i++)
		rc = take_range(values,
			&(struct net_ports){rule->not_proto[i], rule->not_proto[i]});
	return rc;
}

/* The values of a list, any if it is empty, without those of another. */
static int
ranges_of(struct range_values *values, const struct net_ports *in, unsigned n_in,
	const struct net_ports *out, unsigned n_out)
{
	int rc = 0;

	values->list = n_in > 0 ? in : &any_port;
	values->n = n_in > 0 ? n_in : 1;
	for (unsigned i = 0; i < n_out && rc == 0; i++)
		rc = take_range(values, &out[i]);
	return rc;
}

/* A range may fall into two. */
static int
take_range(struct range_values *values, const struct net_ports *taken)
{
	struct range_values left = {0};
	int rc = 0;

	for (unsigned i = 0; i < values->n && rc == 0; i++) {
		const struct net_ports range = values->list[i];

		if (taken->first > range.last || taken->last < range.first) {
			rc = push_range(&left, range.first, range.last);
			continue;
		}
		if (taken->first > range.first)
			rc = push_range(&left, range.first, taken->first - 1);
		if (taken->last < range.last && rc == 0)
			rc = push_range(&left, taken->last + 1, range.last);
	}
	free(values->owned);
	*values = left;
	return rc;
}

/* Doubles its room at each power of two. */
static bool
has_room(void **owned, unsigned n, size_t size)
{
	void *grown;

	if ((n & (n - 1)) != 0)
		return true;
	grown = realloc(*owned, (n > 0 ? 2 * n : 1) * size);
	if (grown != NULL)
		*owned = grown;
	return grown != NULL;
}

static int
push_range(struct range_values *values, uint16_t first, uint16_t last)
{
	if (values->n == VALUES_MAX)
		return -E2BIG;
	if (!has_room((void **)&values->owned, values->n, sizeof(*values->owned)))
		return -ENOMEM;
	values->owned[values->n++] = (struct net_ports){first, last};
	values->list = values->owned;
	return 0;
}

/* ---- prefixes ---------------------------------------------------------------------- */

static const struct net_prefix any4 = {.addr.family = 4}, any6 = {.addr.family = 6};

static int push_prefix(struct prefix_values *values, const struct net_prefix *prefix);
static int take_prefix(struct prefix_values *values, const struct net_prefix *taken);

static int
prefixes_of(struct prefix_values *values, const struct net_prefix *in, unsigned n_in,
	const struct net_prefix *out, unsigned n_out, uint8_t family)
{
	unsigned n_family = 0;
	int rc = 0;

	for (unsigned i = 0; i < n_in; i++)
		n_family += in[i].addr.family == family;
	if (n_in == 0) {
		values->list = family == 4 ? &any4 : &any6;
		values->n = 1;
	} else if (n_family == n_in) {
		values->list = in;
		values->n = n_in;
	}
	for (unsigned i = 0; i < n_in && n_family < n_in && rc == 0; i++)
		if (in[i].addr.family == family)
			rc = push_prefix(values, &in[i]);
	for (unsigned i = 0; i < n_out && rc == 0; i++)
		if (out[i].addr.family == family)
			rc = take_prefix(values, &out[i]);
	return rc;
}

static int push_siblings(struct prefix_values *values, const struct net_prefix *outer,
	const struct net_prefix *inner);

/* Of a prefix that holds the taken one its other halves are left, one for each bit. */
static int
take_prefix(struct prefix_values *values, const struct net_prefix *taken)
{
	struct prefix_values left = {0};
	int rc = 0;

	for (unsigned i = 0; i < values->n && rc == 0; i++) {
		const struct net_prefix *prefix = &values->list[i];

		if (!net_prefix_overlaps(prefix, taken))
			rc = push_prefix(&left, prefix);
		else if (prefix->len < taken->len)
			rc = push_siblings(&left, prefix, taken);
	}
	free(values->owned);
	*values = left;
	return rc;
}

static int
push_siblings(struct prefix_values *values, const struct net_prefix *outer,
	const struct net_prefix *inner)
{
	int rc = 0;

	for (unsigned bit = outer->len; bit < inner->len && rc == 0; bit++) {
		struct net_prefix half = *inner;

		half.len = bit + 1;
		half.addr.bytes[bit / 8] ^= 0x80 >> bit % 8;
		half = net_prefix_network(&half);
		rc = push_prefix(values, &half);
	}
	return rc;
}

static int
push_prefix(struct prefix_values *values, const struct net_prefix *prefix)
{
	if (values->n == VALUES_MAX)
		return -E2BIG;
	if (!has_room((void **)&values->owned, values->n, sizeof(*values->owned)))
		return -ENOMEM;
	values->owned[values->n++] = *prefix;
	values->list = values->owned;
	return 0;
}
