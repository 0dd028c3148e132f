/* parse.c: the walk over Ethernet, VLAN, IPv4, IPv6 with extension headers, and L4; see
 * parse.h. */
#include "dataplane/pkt/parse.h"
#include <string.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/parse_usual.h"

#define MAX_VLANS     2
#define MAX_EXT	      8	  /* IPv6 extension headers */
#define MAX_EXT_BYTES 256 /* all of them together */
#define SCTP_LEN      12
#define EMBEDDED_L4   8 /* what an ICMP error quotes at least (RFC 792) */

struct walk {
	const uint8_t *p;
	uint32_t len;  /* bytes at p */
	bool embedded; /* quoted in an ICMP error: may be cut short */
	struct pkt_info *info;
};

static enum pkt_fault parse_any(const struct walk *w);
static enum pkt_fault parse_ip4(const struct walk *w);
static enum pkt_fault parse_ip6(const struct walk *w);

static inline uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)pkt_be16(p) << 16 | pkt_be16(p + 2);
}

enum pkt_fault
pkt_parse(const uint8_t *frame, uint32_t len, struct pkt_info *info)
{
	const struct walk w = {frame, len < UINT16_MAX ? len : UINT16_MAX, false, info};

	return pkt_parse_usual(frame, w.len, info) ? PKT_OK : parse_any(&w);
}

enum pkt_fault
pkt_parse_embedded(const uint8_t *ip, uint32_t len, uint8_t family, struct pkt_info *info)
{
	const struct walk w = {ip, len < UINT16_MAX ? len : UINT16_MAX, true, info};

	*info = (struct pkt_info){.first = true, .end = (uint16_t)w.len};
	info->eth_type = family == 4 ? PKT_ETH_IPV4 : PKT_ETH_IPV6;
	return family == 4 ? parse_ip4(&w) : parse_ip6(&w);
}

const char *
pkt_fault_name(enum pkt_fault fault)
{
	static const char *const names[PKT_FAULTS] = {
		[PKT_OK] = "ok",
		[PKT_SHORT_ETH] = "short-eth",
		[PKT_SHORT_IP] = "short-ip",
		[PKT_BAD_VERSION] = "bad-version",
		[PKT_BAD_IHL] = "bad-ihl",
		[PKT_BAD_LENGTH] = "bad-length",
		[PKT_BAD_IP_CSUM] = "bad-ip-csum",
		[PKT_BAD_EXT] = "bad-ext",
		[PKT_SHORT_L4] = "short-l4",
		[PKT_BAD_UDP_LENGTH] = "bad-udp-length",
		[PKT_BAD_TCP_OFFSET] = "bad-tcp-offset",
	};

	return fault < PKT_FAULTS ? names[fault] : "unknown";
}

/* ---- any other ---- */

static enum pkt_fault
parse_any(const struct walk *w)
{
	struct pkt_info *info = w->info;
	uint32_t l3 = PKT_ETH_LEN;

	*info = (struct pkt_info){.first = true};
	if (w->len < l3)
		return PKT_SHORT_ETH;
	uint16_t type = pkt_be16(w->p + 12);

	while ((type == PKT_ETH_VLAN || type == PKT_ETH_QINQ) &&
		info->n_vlans < MAX_VLANS) {
		if (w->len < l3 + sizeof(struct pkt_vlan))
			return PKT_SHORT_ETH;
		type = pkt_be16(w->p + l3 + 2);
		l3 += sizeof(struct pkt_vlan);
		info->n_vlans++;
	}
	info->eth_type = type;
	info->l3 = info->l4 = (uint16_t)l3;
	info->end = (uint16_t)w->len;
	if (type == PKT_ETH_IPV4)
		return parse_ip4(w);
	if (type == PKT_ETH_IPV6)
		return parse_ip6(w);
	return PKT_OK;
}

/* ---- layer 4
 * ---------------------------------------------------------------------------- */

static bool
icmp_has_id(uint8_t proto, uint8_t type)
{
	if (proto == PKT_PROTO_ICMPV6)
		return type == 128 || type == 129;
	/* echo, and timestamp, information and mask requests and replies */
	return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

static enum pkt_fault
parse_tcp(const struct walk *w, const uint8_t *p, uint32_t room)
{
	struct pkt_info *info = w->info;

	if (room >= PKT_TCP_LEN)
		info->tcp_flags = p[13];
	if (w->embedded)
		return PKT_OK;
	const uint32_t header = (uint32_t)(p[12] >> 4) * 4;

	if (header < PKT_TCP_LEN || (!info->fragment && header > room))
		return PKT_BAD_TCP_OFFSET;
	return PKT_OK;
}

static enum pkt_fault
parse_udp(const struct walk *w, const uint8_t *p, uint32_t room)
{
	const uint16_t len = pkt_be16(p + 4);

	if (w->embedded)
		return PKT_OK;
	if (len < PKT_UDP_LEN || (!w->info->fragment && len > room))
		return PKT_BAD_UDP_LENGTH;
	return PKT_OK;
}

static enum pkt_fault
parse_icmp(const struct walk *w, const uint8_t *p)
{
	w->info->icmp_type = p[0];
	w->info->icmp_code = p[1];
	if (icmp_has_id(w->info->proto, p[0]))
		w->info->sport = w->info->dport = pkt_be16(p + 4);
	return PKT_OK;
}

/* Bytes that the header of proto has at least; 0 for those that are not looked into. */
static uint32_t
l4_header_len(uint8_t proto)
{
	switch (proto) {
	case PKT_PROTO_TCP:
		return PKT_TCP_LEN;
	case PKT_PROTO_UDP:
		return PKT_UDP_LEN;
	case PKT_PROTO_ICMP:
	case PKT_PROTO_ICMPV6:
		return PKT_ICMP_LEN;
	case PKT_PROTO_SCTP:
		return SCTP_LEN;
	default:
		return 0;
	}
}

static enum pkt_fault
parse_l4(const struct walk *w)
{
	struct pkt_info *info = w->info;
	const uint8_t *p = w->p + info->l4;
	const uint32_t room = (uint32_t)info->end - info->l4;
	uint32_t need = l4_header_len(info->proto);

	if (!info->first || need == 0)
		return PKT_OK;
	if (w->embedded && need > EMBEDDED_L4)
		need = EMBEDDED_L4;
	if (room < need)
		return PKT_SHORT_L4;
	if (info->proto == PKT_PROTO_ICMP || info->proto == PKT_PROTO_ICMPV6)
		return parse_icmp(w, p);
	info->sport = pkt_be16(p);
	info->dport = pkt_be16(p + 2);
	if (info->proto == PKT_PROTO_TCP)
		return parse_tcp(w, p, room);
	if (info->proto == PKT_PROTO_UDP)
		return parse_udp(w, p, room);
	return PKT_OK;
}

/* ---- IPv4
 * --------------------------------------------------------------------------------- */

static void
ip4_fragment(const uint8_t *p, struct pkt_info *info)
{
	const uint16_t frag = pkt_be16(p + 6);

	info->frag_id = pkt_be16(p + 4);
	info->frag_off = (uint16_t)((frag & PKT_IP4_FRAG) * 8);
	info->fragment = (frag & (PKT_IP4_FRAG | PKT_IP4_MF)) != 0;
	info->first = info->frag_off == 0;
	info->more = (frag & PKT_IP4_MF) != 0;
	info->frag_data = info->l4;
}

static bool
ip4_csum_ok(const uint8_t *p, uint32_t header)
{
	return pkt_ip4_sum_is_zero(p,
		header > PKT_IP4_LEN ? csum_add(0, p + PKT_IP4_LEN, header - PKT_IP4_LEN)
				     : 0);
}

static enum pkt_fault
parse_ip4(const struct walk *w)
{
	struct pkt_info *info = w->info;
	const uint8_t *p = w->p + info->l3;
	const uint32_t room = w->len - info->l3;

	info->family = 4;
	if (room < PKT_IP4_LEN)
		return PKT_SHORT_IP;
	if (p[0] >> 4 != 4)
		return PKT_BAD_VERSION;
	const uint32_t header = (p[0] & 15u) * 4, total = pkt_be16(p + 2);

	if (header < PKT_IP4_LEN)
		return PKT_BAD_IHL;
	if (header > room)
		return PKT_SHORT_IP;
	if (total < header || (total > room && !w->embedded))
		return PKT_BAD_LENGTH;
	info->ip_options = header > PKT_IP4_LEN;
	info->ttl = p[8];
	info->proto = p[9];
	memcpy(info->src, p + 12, 4);
	memcpy(info->dst, p + 16, 4);
	info->l4 = (uint16_t)(info->l3 + header);
	info->end = (uint16_t)(info->l3 + (total < room ? total : room));
	ip4_fragment(p, info);
	if (!w->embedded && !ip4_csum_ok(p, header))
		return PKT_BAD_IP_CSUM;
	if (info->frag_off + total - header > UINT16_MAX)
		return PKT_BAD_LENGTH;
	return parse_l4(w);
}

/* ---- IPv6
 * --------------------------------------------------------------------------------- */

/* Length of the extension header of type next at p (two readable bytes); 0: not one. */
static uint32_t
ext_len(uint8_t next, const uint8_t *p)
{
	switch (next) {
	case PKT_PROTO_HOPOPTS:
	case PKT_PROTO_ROUTING:
	case PKT_PROTO_DSTOPTS:
		return (p[1] + 1u) * 8;
	case PKT_PROTO_AH:
		return (p[1] + 2u) * 4;
	case PKT_PROTO_FRAG:
		return sizeof(struct pkt_ip6_frag);
	default:
		return 0;
	}
}

static void
ip6_fragment(const uint8_t *p, struct pkt_info *info)
{
	const uint16_t off = pkt_be16(p + 2);

	info->frag_id = be32(p + 4);
	info->frag_off = off & 0xfff8;
	info->fragment =
		(off & 0xfff9) != 0; /* offset 0 and no more to come: atomic (RFC 6946) */
	info->first = info->frag_off == 0;
	info->more = (off & 1) != 0;
}

static bool
is_ext(uint8_t next)
{
	static const uint8_t any[2];

	return ext_len(next, any) != 0;
}

/* From the first extension header to L4. A header that may not stand where it stands is a
 * fault. */
static enum pkt_fault
walk_ext(const struct walk *w, uint8_t next)
{
	struct pkt_info *info = w->info;
	uint32_t at = info->l4;
	bool fragmented = false;

	for (unsigned n = 0; is_ext(next) && info->first; n++) {
		const uint8_t *p = w->p + at;

		if (n == MAX_EXT || (next == PKT_PROTO_HOPOPTS && n > 0) ||
			at + 2 > info->end)
			return PKT_BAD_EXT;
		at += ext_len(next, p);
		if (at > info->end || at - info->l3 - PKT_IP6_LEN > MAX_EXT_BYTES)
			return PKT_BAD_EXT;
		if (next == PKT_PROTO_ROUTING && p[2] == 0)
			info->routing0 = true;
		if (next == PKT_PROTO_FRAG) {
			if (fragmented)
				return PKT_BAD_EXT;
			fragmented = true;
			ip6_fragment(p, info);
			info->frag_data = (uint16_t)at;
		}
		next = p[0];
	}
	info->l4 = (uint16_t)at;
	info->proto = next;
	return PKT_OK;
}

static enum pkt_fault
parse_ip6(const struct walk *w)
{
	struct pkt_info *info = w->info;
	const uint8_t *p = w->p + info->l3;
	const uint32_t room = w->len - info->l3;

	info->family = 6;
	if (room < PKT_IP6_LEN)
		return PKT_SHORT_IP;
	if (p[0] >> 4 != 6)
		return PKT_BAD_VERSION;
	const uint32_t total = PKT_IP6_LEN + pkt_be16(p + 4);

	if (total > room && !w->embedded)
		return PKT_BAD_LENGTH;
	info->flow_label = be32(p) & 0xfffff;
	info->ttl = p[7];
	memcpy(info->src, p + 8, 16);
	memcpy(info->dst, p + 24, 16);
	info->l4 = (uint16_t)(info->l3 + PKT_IP6_LEN);
	info->end = (uint16_t)(info->l3 + (total < room ? total : room));
	const enum pkt_fault fault = walk_ext(w, p[6]);

	return fault != PKT_OK ? fault : parse_l4(w);
}
