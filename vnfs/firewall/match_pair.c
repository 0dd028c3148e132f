/* match_pair.c: two rules held against each other; see match.h. Where lists would have to
 * be united to be sure, the answer is the uncertain one. */
#include "vnfs/firewall/match.h"

#include <string.h>
#include "dataplane/pkt/hdr.h"

/* ---- the same words ---------------------------------------------------------------- */

static bool
same(const void *a, unsigned n_a, const void *b, unsigned n_b, size_t size)
{
	return n_a == n_b && (n_a == 0 || memcmp(a, b, n_a * size) == 0);
}

#define SAME(member)                                                                     \
	same(a->member, a->n_##member, b->member, b->n_##member, sizeof(*a->member))

static bool
same_flags(const struct fw_tcp_flags *a, const struct fw_tcp_flags *b)
{
	return SAME(mask) && SAME(set);
}

static bool
same_icmp(const struct fw_icmp *a, const struct fw_icmp *b)
{
	return SAME(type) && SAME(code);
}

static bool
same_choice(bool has_a, int a, bool has_b, int b)
{
	return has_a == has_b && (!has_a || a == b);
}

bool
match_equal(const struct fw_rule *a, const struct fw_rule *b)
{
	return same_choice(a->has_from, a->from, b->has_from, b->from) && SAME(src) &&
	       SAME(dst) && SAME(proto) && SAME(sport) && SAME(dport) &&
	       SAME(not_proto) && SAME(not_src) && SAME(not_dst) && SAME(not_sport) &&
	       SAME(not_dport) && same_icmp(&a->icmp, &b->icmp) &&
	       same_flags(&a->tcp_flags, &b->tcp_flags) && SAME(dscp) && SAME(vlan) &&
	       SAME(length) && SAME(src_mac) && SAME(dst_mac) &&
	       same_choice(a->has_fragment, a->fragment, b->has_fragment, b->fragment) &&
	       same_choice(a->has_ip_options, a->ip_options, b->has_ip_options,
		       b->ip_options);
}

/* ---- packets in common ------------------------------------------------------------- */

static bool
protos_meet(const struct fw_rule *a, const struct fw_rule *b)
{
	if (fw_rule_any_proto(a) || fw_rule_any_proto(b))
		return true;
	for (unsigned i = 0; i < a->n_proto; i++)
		for (unsigned k = 0; k < b->n_proto; k++)
			if (a->proto[i] == b->proto[k])
				return true;
	return false;
}

static bool
prefixes_meet(const struct net_prefix *a, unsigned n_a, const struct net_prefix *b,
	unsigned n_b)
{
	for (unsigned i = 0; i < n_a; i++)
		for (unsigned k = 0; k < n_b; k++)
			if (net_prefix_overlaps(&a[i], &b[k]))
				return true;
	return n_a == 0 || n_b == 0;
}

static bool
ranges_meet(
	const struct net_ports *a, unsigned n_a, const struct net_ports *b, unsigned n_b)
{
	for (unsigned i = 0; i < n_a; i++)
		for (unsigned k = 0; k < n_b; k++)
			if (a[i].first <= b[k].last && b[k].first <= a[i].last)
				return true;
	return n_a == 0 || n_b == 0;
}

static bool
macs_meet(const struct net_mac *a, unsigned n_a, const struct net_mac *b, unsigned n_b)
{
	for (unsigned i = 0; i < n_a; i++)
		for (unsigned k = 0; k < n_b; k++)
			if (memcmp(&a[i], &b[k], sizeof(*a)) == 0)
				return true;
	return n_a == 0 || n_b == 0;
}

static bool
flags_meet(const struct fw_tcp_flags *a, const struct fw_tcp_flags *b)
{
	const uint8_t both = fw_tcp_flags_byte(a->mask, a->n_mask) &
			     fw_tcp_flags_byte(b->mask, b->n_mask);

	return ((fw_tcp_flags_byte(a->set, a->n_set) ^
			fw_tcp_flags_byte(b->set, b->n_set)) &
		       both) == 0;
}

#define MEET(kind, member) kind##_meet(a->member, a->n_##member, b->member, b->n_##member)

bool
match_meets(const struct fw_rule *a, const struct fw_rule *b)
{
	if ((a->has_from && b->has_from && a->from != b->from) ||
		(a->has_fragment && b->has_fragment && a->fragment != b->fragment) ||
		(a->has_ip_options && b->has_ip_options &&
			a->ip_options != b->ip_options))
		return false;
	return protos_meet(a, b) && MEET(prefixes, src) && MEET(prefixes, dst) &&
	       MEET(ranges, sport) && MEET(ranges, dport) &&
	       flags_meet(&a->tcp_flags, &b->tcp_flags) && MEET(ranges, dscp) &&
	       MEET(ranges, vlan) && MEET(ranges, length) && MEET(macs, src_mac) &&
	       MEET(macs, dst_mac);
}

/* ---- one within the other ---------------------------------------------------------- */

static bool
protos_cover(const struct fw_rule *outer, const struct fw_rule *inner)
{
	if (fw_rule_any_proto(outer))
		return true;
	if (fw_rule_any_proto(inner))
		return false;
	for (unsigned i = 0; i < inner->n_proto; i++) {
		unsigned k = 0;

		while (k < outer->n_proto && outer->proto[k] != inner->proto[i])
			k++;
		if (k == outer->n_proto)
			return false;
	}
	return true;
}

/* What the outer rule excludes, the inner one must exclude too, or not be for. */
static bool
excluded_protos_cover(const struct fw_rule *outer, const struct fw_rule *inner)
{
	for (unsigned i = 0; i < outer->n_not_proto; i++) {
		const uint16_t proto = outer->not_proto[i];
		bool excluded = false, named = fw_rule_any_proto(inner);

		for (unsigned k = 0; k < inner->n_not_proto; k++)
			excluded = excluded || inner->not_proto[k] == proto;
		for (unsigned k = 0; k < inner->n_proto; k++)
			named = named || inner->proto[k] == proto;
		if (named && !excluded)
			return false;
	}
	return true;
}

static bool
prefix_within(const struct net_prefix *prefix, const struct net_prefix *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i].len <= prefix->len &&
			net_prefix_contains(&list[i], &prefix->addr))
			return true;
	return false;
}

static bool
prefixes_cover(const struct net_prefix *outer, unsigned n_outer,
	const struct net_prefix *inner, unsigned n_inner)
{
	for (unsigned i = 0; i < n_inner && n_outer > 0; i++)
		if (!prefix_within(&inner[i], outer, n_outer))
			return false;
	return n_outer == 0 || n_inner > 0;
}

static bool
excluded_prefixes_cover(const struct net_prefix *outer, unsigned n_outer,
	const struct net_prefix *in, unsigned n_in, const struct net_prefix *out,
	unsigned n_out)
{
	for (unsigned i = 0; i < n_outer; i++)
		if (prefixes_meet(&outer[i], 1, in, n_in) &&
			!prefix_within(&outer[i], out, n_out))
			return false;
	return true;
}

static bool
range_within(const struct net_ports *range, const struct net_ports *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i].first <= range->first && list[i].last >= range->last)
			return true;
	return false;
}

static bool
ranges_cover(const struct net_ports *outer, unsigned n_outer,
	const struct net_ports *inner, unsigned n_inner)
{
	for (unsigned i = 0; i < n_inner && n_outer > 0; i++)
		if (!range_within(&inner[i], outer, n_outer))
			return false;
	return n_outer == 0 || n_inner > 0;
}

static bool
excluded_ranges_cover(const struct net_ports *outer, unsigned n_outer,
	const struct net_ports *in, unsigned n_in, const struct net_ports *out,
	unsigned n_out)
{
	for (unsigned i = 0; i < n_outer; i++)
		if (ranges_meet(&outer[i], 1, in, n_in) &&
			!range_within(&outer[i], out, n_out))
			return false;
	return true;
}

static bool
macs_cover(const struct net_mac *outer, unsigned n_outer, const struct net_mac *inner,
	unsigned n_inner)
{
	for (unsigned i = 0; i < n_inner && n_outer > 0; i++)
		if (!macs_meet(&inner[i], 1, outer, n_outer))
			return false;
	return n_outer == 0 || n_inner > 0;
}

static bool
flags_cover(const struct fw_tcp_flags *outer, const struct fw_tcp_flags *inner)
{
	const uint8_t looks = fw_tcp_flags_byte(outer->mask, outer->n_mask);

	return (looks & ~fw_tcp_flags_byte(inner->mask, inner->n_mask)) == 0 &&
	       (fw_tcp_flags_byte(inner->set, inner->n_set) & looks) ==
		       fw_tcp_flags_byte(outer->set, outer->n_set);
}

/* Type and code bind ICMP alone. */
static bool
icmp_covers(const struct fw_rule *outer, const struct fw_rule *inner)
{
	const struct fw_icmp *a = &outer->icmp, *b = &inner->icmp;
	bool icmp = false;

	for (unsigned i = 0; i < inner->n_proto; i++)
		icmp = icmp || inner->proto[i] == PKT_PROTO_ICMP ||
		       inner->proto[i] == PKT_PROTO_ICMPV6;
	return !icmp || (ranges_cover(a->type, a->n_type, b->type, b->n_type) &&
				ranges_cover(a->code, a->n_code, b->code, b->n_code));
}

static bool
choice_covers(bool has_outer, int outer, bool has_inner, int inner)
{
	return !has_outer || (has_inner && outer == inner);
}

static bool
choices_cover(const struct fw_rule *outer, const struct fw_rule *inner)
{
	return choice_covers(
		       outer->has_from, outer->from, inner->has_from, inner->from) &&
	       choice_covers(outer->has_fragment, outer->fragment, inner->has_fragment,
		       inner->fragment) &&
	       choice_covers(outer->has_ip_options, outer->ip_options,
		       inner->has_ip_options, inner->ip_options);
}

#define COVER(kind, member)                                                              \
	kind##_cover(outer->member, outer->n_##member, inner->member, inner->n_##member)
#define COVER_NOT(kind, member)                                                          \
	excluded_##kind##_cover(outer->not_##member, outer->n_not_##member,              \
		inner->member, inner->n_##member, inner->not_##member,                   \
		inner->n_not_##member)

bool
match_covers(const struct fw_rule *outer, const struct fw_rule *inner)
{
	return choices_cover(outer, inner) && protos_cover(outer, inner) &&
	       COVER(prefixes, src) && COVER(prefixes, dst) && COVER(ranges, sport) &&
	       COVER(ranges, dport) && excluded_protos_cover(outer, inner) &&
	       COVER_NOT(prefixes, src) && COVER_NOT(prefixes, dst) &&
	       COVER_NOT(ranges, sport) && COVER_NOT(ranges, dport) &&
	       icmp_covers(outer, inner) &&
	       flags_cover(&outer->tcp_flags, &inner->tcp_flags) && COVER(ranges, dscp) &&
	       COVER(ranges, vlan) && COVER(ranges, length) && COVER(macs, src_mac) &&
	       COVER(macs, dst_mac);
}
