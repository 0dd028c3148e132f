/* match.c: a packet's key, and one rule against it; see match.h. */
#include "vnfs/firewall/match.h"

#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"

static uint8_t dscp_of(const struct pkt_info *packet, const uint8_t *frame);
static uint16_t vlan_of(const struct pkt_info *packet, const uint8_t *frame);
static uint8_t bits_of(const struct pkt_info *packet);

unsigned
match_uses(const struct fw_rule *rule)
{
	unsigned uses = 0;

	if (rule->has_from || rule->has_tcp_flags || rule->has_fragment ||
		rule->has_ip_options || rule->n_dscp > 0)
		uses |= MATCH_USES_META;
	if (rule->n_dscp > 0)
		uses |= MATCH_USES_FRAME;
	if (rule->n_vlan > 0 || rule->n_length > 0)
		uses |= MATCH_USES_SIZE;
	if (rule->n_src_mac > 0 || rule->n_dst_mac > 0)
		uses |= MATCH_USES_MAC;
	return uses;
}

void
match_key(struct match_key *key, const struct pkt_info *packet, const uint8_t *frame,
	unsigned cp, unsigned uses)
{
	bool icmp = packet->proto == PKT_PROTO_ICMP || packet->proto == PKT_PROTO_ICMPV6;

	key->proto = packet->proto;
	key->family = packet->family;
	memcpy(key->src, packet->src, sizeof(key->src));
	memcpy(key->dst, packet->dst, sizeof(key->dst));
	key->sport = htons(icmp ? packet->icmp_type : packet->sport);
	key->dport = htons(icmp ? packet->icmp_code : packet->dport);
	if (uses == 0)
		return;
	key->cp = cp;
	key->tcp_flags = packet->tcp_flags;
	key->bits = bits_of(packet);
	key->dscp = 0;
	if ((uses & MATCH_USES_FRAME) != 0 && frame != NULL)
		key->dscp = dscp_of(packet, frame);
	if ((uses & (MATCH_USES_SIZE | MATCH_USES_MAC)) == 0)
		return;
	key->length = htons(packet->end - packet->l3);
	key->vlan = frame != NULL ? htons(vlan_of(packet, frame)) : 0;
	if (frame != NULL) {
		memcpy(key->dst_mac, frame, sizeof(key->dst_mac));
		memcpy(key->src_mac, frame + sizeof(key->dst_mac), sizeof(key->src_mac));
	} else {
		memset(key->src_mac, 0, sizeof(key->src_mac));
		memset(key->dst_mac, 0, sizeof(key->dst_mac));
	}
}

static uint8_t
dscp_of(const struct pkt_info *packet, const uint8_t *frame)
{
	const uint8_t *ip = frame + packet->l3;

	return packet->family == 4 ? ip[1] >> 2 : (ip[0] & 0x0f) << 2 | ip[1] >> 6;
}

static uint16_t
vlan_of(const struct pkt_info *packet, const uint8_t *frame)
{
	const uint8_t *tag = frame + PKT_ETH_LEN;

	return packet->n_vlans > 0 ? (tag[0] & 0x0f) << 8 | tag[1] : 0;
}

/* Behind an IPv6 header without extensions stands the payload. */
static uint8_t
bits_of(const struct pkt_info *packet)
{
	const bool options =
		packet->ip_options ||
		(packet->family == 6 && packet->l4 > packet->l3 + PKT_IP6_LEN);

	return (packet->fragment ? MATCH_FRAGMENT : 0) | (options ? MATCH_OPTIONS : 0);
}

/* ---- a rule and a packet ----------------------------------------------------------- */

static bool
in_protos(const uint16_t *list, unsigned n, uint8_t proto)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i] == proto || list[i] == FW_PROTO_ANY)
			return true;
	return false;
}

static bool
in_ranges(const struct net_ports *list, unsigned n, uint16_t value)
{
	for (unsigned i = 0; i < n; i++)
		if (value >= list[i].first && value <= list[i].last)
			return true;
	return false;
}

static bool
in_macs(const struct net_mac *list, unsigned n, const uint8_t *mac)
{
	for (unsigned i = 0; i < n; i++)
		if (memcmp(list[i].bytes, mac, sizeof(list[i].bytes)) == 0)
			return true;
	return false;
}

static bool
in_prefixes(const struct net_prefix *list, unsigned n, const struct net_addr *addr)
{
	for (unsigned i = 0; i < n; i++)
		if (net_prefix_contains(&list[i], addr))
			return true;
	return false;
}

static bool
match_addresses(const struct net_prefix *in, unsigned n_in, const struct net_prefix *out,
	unsigned n_out, uint8_t family, const uint8_t *bytes)
{
	struct net_addr addr;

	if (n_in == 0 && n_out == 0)
		return true;
	addr.family = family;
	memcpy(addr.bytes, bytes, sizeof(addr.bytes));
	return (n_in == 0 || in_prefixes(in, n_in, &addr)) &&
	       !in_prefixes(out, n_out, &addr);
}

/* ICMP of the other family is not what a rule for ICMP means. */
static bool
match_proto(const struct fw_rule *rule, const struct match_key *key)
{
	const uint8_t alien = key->family == 4 ? PKT_PROTO_ICMPV6 : PKT_PROTO_ICMP;

	for (unsigned i = 0; i < rule->n_proto; i++)
		if (rule->proto[i] == FW_PROTO_ANY ||
			(rule->proto[i] == key->proto && key->proto != alien))
			return !in_protos(rule->not_proto, rule->n_not_proto, key->proto);
	return rule->n_proto == 0 &&
	       !in_protos(rule->not_proto, rule->n_not_proto, key->proto);
}

static inline bool
within(const struct net_ports *list, unsigned n, uint16_t value)
{
	return n == 0 || in_ranges(list, n, value);
}

static bool
match_icmp(const struct fw_rule *rule, const struct match_key *key)
{
	const struct fw_icmp *icmp = &rule->icmp;

	if (key->proto != PKT_PROTO_ICMP && key->proto != PKT_PROTO_ICMPV6)
		return true;
	return within(icmp->type, icmp->n_type, ntohs(key->sport)) &&
	       within(icmp->code, icmp->n_code, ntohs(key->dport));
}

static bool
match_flags(const struct fw_rule *rule, const struct match_key *key)
{
	const struct fw_tcp_flags *flags = &rule->tcp_flags;
	const uint8_t mask = fw_tcp_flags_byte(flags->mask, flags->n_mask);

	return (key->tcp_flags & mask) == fw_tcp_flags_byte(flags->set, flags->n_set);
}

static inline bool
is_bit(const struct match_key *key, uint8_t bit, bool wanted)
{
	return ((key->bits & bit) != 0) == wanted;
}

bool
match_rule(const struct fw_rule *rule, const struct match_key *key, const char **because)
{
	const uint16_t sport = ntohs(key->sport), dport = ntohs(key->dport);
	const char *why = NULL;

	if (rule->has_from && rule->from != (int)key->cp)
		why = "from";
	else if (!match_proto(rule, key))
		why = "proto";
	else if (!match_addresses(rule->src, rule->n_src, rule->not_src, rule->n_not_src,
			 key->family, key->src))
		why = "src";
	else if (!match_addresses(rule->dst, rule->n_dst, rule->not_dst, rule->n_not_dst,
			 key->family, key->dst))
		why = "dst";
	else if (!within(rule->sport, rule->n_sport, sport) ||
		 in_ranges(rule->not_sport, rule->n_not_sport, sport))
		why = "sport";
	else if (!within(rule->dport, rule->n_dport, dport) ||
		 in_ranges(rule->not_dport, rule->n_not_dport, dport))
		why = "dport";
	else if (!match_icmp(rule, key))
		why = "icmp";
	else if (rule->has_tcp_flags && !match_flags(rule, key))
		why = "tcp-flags";
	else if (rule->has_fragment && !is_bit(key, MATCH_FRAGMENT, rule->fragment))
		why = "fragment";
	else if (rule->has_ip_options && !is_bit(key, MATCH_OPTIONS, rule->ip_options))
		why = "ip-options";
	else if (!within(rule->dscp, rule->n_dscp, key->dscp))
		why = "dscp";
	else if (!within(rule->length, rule->n_length, ntohs(key->length)))
		why = "length";
	else if (!within(rule->vlan, rule->n_vlan, ntohs(key->vlan)))
		why = "vlan";
	else if (rule->n_src_mac > 0 &&
		 !in_macs(rule->src_mac, rule->n_src_mac, key->src_mac))
		why = "src-mac";
	else if (rule->n_dst_mac > 0 &&
		 !in_macs(rule->dst_mac, rule->n_dst_mac, key->dst_mac))
		why = "dst-mac";
	if (because != NULL)
		*because = why;
	return why == NULL;
}
