/* rewrite.c: addresses and ports exchanged, checksums mended; see rewrite.h. */
#include "vnfs/nat/rewrite.h"
#include <arpa/inet.h>
#include <string.h>
#include <rte_branch_prediction.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

#define PROTO_DCCP    33
#define PROTO_UDPLITE 136

struct l4_layout { /* offsets in the L4 header */
	uint8_t sport, dport;
	uint8_t csum;	/* 0: none that a NAT must mend */
	bool ports;	/* or an identifier */
	bool addresses; /* the checksum covers them (pseudo-header) */
};

static const struct l4_layout layouts[256] = {
	[PKT_PROTO_TCP] = {offsetof(struct pkt_tcp, sport),
		offsetof(struct pkt_tcp, dport), offsetof(struct pkt_tcp, csum), true,
		true},
	[PKT_PROTO_UDP] = {offsetof(struct pkt_udp, sport),
		offsetof(struct pkt_udp, dport), offsetof(struct pkt_udp, csum), true,
		true},
	[PKT_PROTO_ICMP] = {offsetof(struct pkt_icmp, echo.id),
		offsetof(struct pkt_icmp, echo.id), offsetof(struct pkt_icmp, csum), true,
		false},
	[PROTO_DCCP] = {.csum = 6, .addresses = true},
	[PROTO_UDPLITE] = {.csum = 6, .addresses = true},
};

static void patch(uint8_t *ip, uint8_t *l4, const struct pkt_info *info,
	enum rewrite_side side, uint32_t addr, const uint16_t *port);
static void remember(
	struct pkt_info *info, enum rewrite_side side, uint32_t ip, const uint16_t *port);

/* What a sum of 16-bit words changes by: RFC 1624 equation 3 in two halves. */
static inline uint32_t
change16(uint16_t before, uint16_t after)
{
	return (uint32_t)(uint16_t)~before + after;
}

static inline uint32_t
change32(uint32_t before, uint32_t after)
{
	return change16((uint16_t)before, (uint16_t)after) +
	       change16((uint16_t)(before >> 16), (uint16_t)(after >> 16));
}

static inline uint16_t
apply(uint16_t csum, uint32_t change)
{
	uint32_t sum = (uint16_t)~csum + change;

	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

/* The usual one: TCP or UDP, with both its checksums. */
static inline void
rewrite_segment(uint8_t *ip, uint8_t *l4, bool tcp, enum rewrite_side side, uint32_t addr,
	uint16_t port)
{
	uint8_t *at_ip = ip + (side == REWRITE_SRC ? offsetof(struct pkt_ip4, src)
						   : offsetof(struct pkt_ip4, dst));
	uint8_t *at_port = l4 + (side == REWRITE_SRC ? 0 : 2);
	uint8_t *at_csum = l4 + (tcp ? offsetof(struct pkt_tcp, csum)
				     : offsetof(struct pkt_udp, csum));
	struct pkt_ip4 *h = (struct pkt_ip4 *)ip;
	const uint16_t port_be = htons(port);
	uint32_t addr_before;
	uint16_t port_before, csum;

	memcpy(&addr_before, at_ip, 4);
	memcpy(&port_before, at_port, 2);
	memcpy(&csum, at_csum, 2);
	const uint32_t change = change32(addr_before, addr);

	memcpy(at_ip, &addr, 4);
	memcpy(at_port, &port_be, 2);
	h->csum = apply(h->csum, change);
	if (unlikely(!tcp && csum == 0))
		return;
	csum = apply(csum, change + change16(port_before, port_be));
	if (unlikely(!tcp && csum == 0))
		csum = 0xffff;
	memcpy(at_csum, &csum, 2);
}

static inline bool
is_segment(const struct pkt_info *info)
{
	return (info->proto == PKT_PROTO_TCP || info->proto == PKT_PROTO_UDP) &&
	       !info->fragment;
}

void
rewrite(uint8_t *frame, struct pkt_info *info, enum rewrite_side side, uint32_t ip,
	uint16_t port)
{
	const uint16_t *new_port = layouts[info->proto].ports ? &port : NULL;

	if (likely(is_segment(info)))
		rewrite_segment(frame + info->l3, frame + info->l4,
			info->proto == PKT_PROTO_TCP, side, ip, port);
	else
		patch(frame + info->l3, frame + info->l4, info, side, ip, new_port);
	remember(info, side, ip, new_port);
}

void
rewrite_address(
	uint8_t *frame, struct pkt_info *info, enum rewrite_side side, uint32_t ip)
{
	patch(frame + info->l3, frame + info->l4, info, side, ip, NULL);
	remember(info, side, ip, NULL);
}

void
rewrite_ident(uint8_t *frame, struct pkt_info *info, uint16_t id)
{
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(frame + info->l3);
	const uint16_t before = ip->id;

	ip->id = htons(id);
	ip->csum = csum_update16(ip->csum, before, ip->id);
	info->frag_id = id;
}

bool
rewrite_needs_ident(const uint8_t *frame, const struct pkt_info *info)
{
	const uint8_t flags = frame[info->l3 + offsetof(struct pkt_ip4, frag_off)];

	return info->fragment || !(flags & PKT_IP4_DF >> 8);
}

bool
rewrite_quoted_parse(
	const uint8_t *frame, const struct pkt_info *info, struct pkt_info *quoted)
{
	const uint8_t *ip = frame + info->l4 + PKT_ICMP_LEN;
	const uint32_t len = (uint32_t)info->end - info->l4 - PKT_ICMP_LEN;

	return csum_l4_ok(frame, info) &&
	       pkt_parse_embedded(ip, len, 4, quoted) == PKT_OK && quoted->first &&
	       csum_finish(csum_add(0, ip, quoted->l4)) == 0;
}

/* The error's own checksum changes by what changes in the headers that it quotes. */
void
rewrite_quoted(uint8_t *frame, struct pkt_info *info, struct pkt_info *quoted,
	enum rewrite_side side, uint32_t ip, uint16_t port)
{
	struct pkt_icmp *icmp = (struct pkt_icmp *)(frame + info->l4);
	uint8_t *quote = (uint8_t *)(icmp + 1);
	uint8_t before[60 + offsetof(struct pkt_tcp, csum) + 2];
	const enum rewrite_side own = side == REWRITE_SRC ? REWRITE_DST : REWRITE_SRC;
	const uint16_t *new_port = layouts[quoted->proto].ports ? &port : NULL;
	size_t len = quoted->l4 + offsetof(struct pkt_tcp, csum) + 2;

	if (len > (quoted->end & ~1u))
		len = quoted->end & ~1u;
	memcpy(before, quote, len);
	patch(quote, quote + quoted->l4, quoted, side, ip, new_port);
	remember(quoted, side, ip, new_port);
	icmp->csum = csum_update(icmp->csum, before, quote, len);
	patch(frame + info->l3, NULL, info, own, ip, NULL);
	remember(info, own, ip, NULL);
}

static void
patch_l4(uint8_t *l4, const struct pkt_info *info, enum rewrite_side side,
	uint32_t change, const uint16_t *port)
{
	const struct l4_layout *layout = &layouts[info->proto];
	uint16_t before, after, csum;

	if (!layout->addresses)
		change = 0;
	if (port != NULL) {
		uint8_t *at = l4 + (side == REWRITE_SRC ? layout->sport : layout->dport);

		memcpy(&before, at, 2);
		after = htons(*port);
		memcpy(at, &after, 2);
		change += change16(before, after);
	}
	/* a quoted packet may end before its TCP checksum */
	if (layout->csum == 0 || info->l4 + layout->csum + 2u > info->end)
		return;
	memcpy(&csum, l4 + layout->csum, 2);
	if (info->proto == PKT_PROTO_UDP && csum == 0)
		return;
	csum = apply(csum, change);
	if (csum == 0 && info->proto == PKT_PROTO_UDP)
		csum = 0xffff;
	memcpy(l4 + layout->csum, &csum, 2);
}

/* l4 null: only the IP header. port null: it stays. */
static void
patch(uint8_t *ip, uint8_t *l4, const struct pkt_info *info, enum rewrite_side side,
	uint32_t addr, const uint16_t *port)
{
	struct pkt_ip4 *h = (struct pkt_ip4 *)ip;
	uint8_t *where = ip + (side == REWRITE_SRC ? offsetof(struct pkt_ip4, src)
						   : offsetof(struct pkt_ip4, dst));
	uint32_t before;

	memcpy(&before, where, 4);
	memcpy(where, &addr, 4);
	const uint32_t change = change32(before, addr);

	h->csum = apply(h->csum, change);
	if (l4 != NULL && info->first)
		patch_l4(l4, info, side, change, port);
}

static void
remember(struct pkt_info *info, enum rewrite_side side, uint32_t ip, const uint16_t *port)
{
	memcpy(side == REWRITE_SRC ? info->src : info->dst, &ip, 4);
	if (port == NULL)
		return;
	if (info->proto == PKT_PROTO_ICMP)
		info->sport = info->dport = *port;
	else if (side == REWRITE_SRC)
		info->sport = *port;
	else
		info->dport = *port;
}
