/* l3_nd.c: Neighbour Discovery messages; see l3_nd.h. */
#include "dataplane/sdk/l3_nd.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

#define HOP_LIMIT      255
#define FIRST_TYPE     133 /* router solicitation */
#define SOLICIT_TYPE   135
#define ADVERT_TYPE    136
#define LAST_TYPE      137 /* redirect */
#define OPT_SOURCE     1
#define OPT_TARGET     2
#define OPT_REDIRECTED 4
#define MIN_MTU	       1280
#define FLAG_ROUTER    0x80
#define FLAG_SOLICITED 0x40
#define FLAG_OVERRIDE  0x20

struct message { /* neighbour solicitation and advertisement */
	uint8_t type;
	uint8_t code;
	uint16_t csum;
	uint8_t flags;
	uint8_t reserved[3];
	uint8_t target[16];
} __attribute__((packed));

struct option { /* link-layer address */
	uint8_t type;
	uint8_t len; /* in 8 bytes */
	uint8_t mac[6];
} __attribute__((packed));

struct redirect {
	uint8_t type;
	uint8_t code;
	uint16_t csum;
	uint32_t reserved;
	uint8_t target[16];
	uint8_t destination[16];
} __attribute__((packed));

_Static_assert(L3_ND_FRAME == PKT_ETH_LEN + PKT_IP6_LEN + sizeof(struct message) +
				      sizeof(struct option),
	"Ethernet, IPv6, message and option");

static const uint8_t unspecified[16];

static bool read_options(
	const uint8_t *p, uint32_t len, uint8_t wanted, struct l3_nd *nd);
static uint8_t *quote(uint8_t *p, const uint8_t *end, const uint8_t *frame,
	const struct pkt_info *info);
static void solicited_node(const uint8_t target[16], uint8_t dst[16]);
static uint32_t write_frame(uint8_t *frame, const struct message *message,
	const struct option *option, const uint8_t src[16], const uint8_t dst[16],
	const uint8_t *dst_mac);

enum l3_nd_kind
l3_nd_read(const uint8_t *frame, const struct pkt_info *info, struct l3_nd *nd)
{
	const struct message *m = (const struct message *)(frame + info->l4);
	const bool advert = info->icmp_type == ADVERT_TYPE;
	const uint32_t len = (uint32_t)info->end - info->l4;

	if (info->family != 6 || info->proto != PKT_PROTO_ICMPV6 ||
		info->icmp_type < FIRST_TYPE || info->icmp_type > LAST_TYPE)
		return L3_ND_NONE;
	if (info->ttl != HOP_LIMIT || info->icmp_code != 0 || info->fragment ||
		!csum_l4_ok(frame, info))
		return L3_ND_BAD;
	if (info->icmp_type != SOLICIT_TYPE && !advert)
		return L3_ND_OTHER;
	if (len < sizeof(*m) || m->target[0] == 0xff)
		return L3_ND_BAD;
	*nd = (struct l3_nd){.solicited = m->flags & FLAG_SOLICITED,
		.override = m->flags & FLAG_OVERRIDE};
	memcpy(nd->target, m->target, 16);
	if (!read_options((const uint8_t *)(m + 1), len - (uint32_t)sizeof(*m),
		    advert ? OPT_TARGET : OPT_SOURCE, nd))
		return L3_ND_BAD;
	return advert ? L3_ND_ADVERT : L3_ND_SOLICIT;
}

uint32_t
l3_nd_solicit(uint8_t *frame, const uint8_t mac[6], const uint8_t source[16],
	const uint8_t target[16], const uint8_t *dst_mac)
{
	struct message message = {.type = SOLICIT_TYPE};
	struct option option = {.type = OPT_SOURCE, .len = 1};
	uint8_t dst[16];

	memcpy(message.target, target, 16);
	memcpy(option.mac, mac, 6);
	if (dst_mac != NULL)
		memcpy(dst, target, 16);
	else
		solicited_node(target, dst);
	return write_frame(frame, &message, &option, source, dst, dst_mac);
}

uint32_t
l3_nd_advert(uint8_t *frame, const uint8_t mac[6], const uint8_t target[16],
	const uint8_t dst[16], const uint8_t dst_mac[6])
{
	static const uint8_t all_nodes[16] = {0xff, 2, [15] = 1};
	const bool probe = memcmp(dst, unspecified, 16) == 0;
	struct message message = {.type = ADVERT_TYPE,
		.flags = FLAG_ROUTER | FLAG_OVERRIDE | (probe ? 0 : FLAG_SOLICITED)};
	struct option option = {.type = OPT_TARGET, .len = 1};

	memcpy(message.target, target, 16);
	memcpy(option.mac, mac, 6);
	return write_frame(frame, &message, &option, target, probe ? all_nodes : dst,
		probe ? NULL : dst_mac);
}

uint32_t
l3_nd_redirect(uint8_t *out, uint32_t room, const uint8_t *frame,
	const struct pkt_info *info, const struct l3_nd_redirect *redirect)
{
	struct pkt_eth *eth = (struct pkt_eth *)out;
	struct pkt_ip6 *ip = (struct pkt_ip6 *)(eth + 1);
	struct redirect *r = (struct redirect *)(ip + 1);
	uint8_t *p = (uint8_t *)(r + 1);
	const uint32_t most = room - PKT_ETH_LEN < MIN_MTU ? room - PKT_ETH_LEN : MIN_MTU;

	eth->type = htons(PKT_ETH_IPV6);
	*r = (struct redirect){.type = LAST_TYPE};
	memcpy(r->target, redirect->target, 16);
	memcpy(r->destination, info->dst, 16);
	if (redirect->target_mac != NULL) {
		struct option option = {.type = OPT_TARGET, .len = 1};

		memcpy(option.mac, redirect->target_mac, 6);
		memcpy(p, &option, sizeof(option));
		p += sizeof(option);
	}
	p = quote(p, (uint8_t *)ip + most, frame, info);
	const uint16_t len = (uint16_t)(p - (uint8_t *)r);

	*ip = (struct pkt_ip6){.vtc_flow = htonl(6u << 28),
		.payload_len = htons(len),
		.next = PKT_PROTO_ICMPV6,
		.hop_limit = HOP_LIMIT};
	memcpy(ip->src, redirect->source, 16);
	memcpy(ip->dst, info->src, 16);
	r->csum = csum_finish(csum_add(
		csum_pseudo(6, ip->src, ip->dst, PKT_PROTO_ICMPV6, len), r, len));
	return (uint32_t)(p - out);
}

/* The Redirected Header option (RFC 4861 4.6.3) with whole 8 bytes of the packet. Returns
 * where it ends. */
static uint8_t *
quote(uint8_t *p, const uint8_t *end, const uint8_t *frame, const struct pkt_info *info)
{
	const uint32_t room = (uint32_t)(end - p) - 8;
	uint32_t len = (uint32_t)info->end - info->l3;

	len = (len < room ? len : room) & ~7u;
	memset(p, 0, 8);
	p[0] = OPT_REDIRECTED;
	p[1] = (uint8_t)(1 + len / 8);
	memcpy(p + 8, frame + info->l3, len);
	return p + 8 + len;
}

bool
l3_nd_is_our_multicast(const uint8_t dst[16])
{
	static const uint8_t link_scope[15] = {0xff, 2};
	static const uint8_t node[13] = {0xff, 2, [11] = 1, 0xff};

	if (memcmp(dst, node, sizeof(node)) == 0)
		return true;
	return memcmp(dst, link_scope, sizeof(link_scope)) == 0 &&
	       (dst[15] == 1 || dst[15] == 2);
}

/* False: an option of length 0 or beyond the message. */
static bool
read_options(const uint8_t *p, uint32_t len, uint8_t wanted, struct l3_nd *nd)
{
	while (len > 0) {
		if (len < 8 || p[1] == 0 || p[1] * 8u > len)
			return false;
		if (p[0] == wanted && !(p[2] & 1)) {
			memcpy(nd->mac, p + 2, 6);
			nd->has_mac = true;
		}
		len -= p[1] * 8u;
		p += p[1] * 8u;
	}
	return true;
}

/* ff02::1:ffXX:XXXX (RFC 4291 2.7.1) */
static void
solicited_node(const uint8_t target[16], uint8_t dst[16])
{
	static const uint8_t prefix[13] = {0xff, 2, [11] = 1, 0xff};

	memcpy(dst, prefix, sizeof(prefix));
	memcpy(dst + 13, target + 13, 3);
}

/* dst_mac null: the multicast MAC of dst (RFC 2464 7). */
static uint32_t
write_frame(uint8_t *frame, const struct message *message, const struct option *option,
	const uint8_t src[16], const uint8_t dst[16], const uint8_t *dst_mac)
{
	struct pkt_eth *eth = (struct pkt_eth *)frame;
	struct pkt_ip6 *ip = (struct pkt_ip6 *)(eth + 1);
	struct message *m = (struct message *)(ip + 1);
	const uint16_t len = sizeof(*message) + sizeof(*option);
	const uint8_t group[6] = {0x33, 0x33, dst[12], dst[13], dst[14], dst[15]};

	memcpy(eth->dst, dst_mac != NULL ? dst_mac : group, 6);
	memcpy(eth->src, option->mac, 6);
	eth->type = htons(PKT_ETH_IPV6);
	*ip = (struct pkt_ip6){.vtc_flow = htonl(6u << 28),
		.payload_len = htons(len),
		.next = PKT_PROTO_ICMPV6,
		.hop_limit = HOP_LIMIT};
	memcpy(ip->src, src, 16);
	memcpy(ip->dst, dst, 16);
	*m = *message;
	memcpy(m + 1, option, sizeof(*option));
	m->csum = csum_finish(csum_add(
		csum_pseudo(6, ip->src, ip->dst, PKT_PROTO_ICMPV6, len), m, len));
	return L3_ND_FRAME;
}
