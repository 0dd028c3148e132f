/* rewrite.c: addresses and ports exchanged, checksums mended; see rewrite.h. */
#include "vnfs/nat/rewrite.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

static void patch(uint8_t *ip, uint8_t *l4, const struct pkt_info *info,
	enum rewrite_side side, uint32_t addr, uint16_t port);
static void remember(
	struct pkt_info *info, enum rewrite_side side, uint32_t ip, uint16_t port);

void
rewrite(uint8_t *frame, struct pkt_info *info, enum rewrite_side side, uint32_t ip,
	uint16_t port)
{
	patch(frame + info->l3, frame + info->l4, info, side, ip, port);
	remember(info, side, ip, port);
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

void
rewrite_quoted(uint8_t *frame, struct pkt_info *info, struct pkt_info *quoted,
	enum rewrite_side side, uint32_t ip, uint16_t port)
{
	uint8_t *quote = frame + info->l4 + PKT_ICMP_LEN;
	const enum rewrite_side own = side == REWRITE_SRC ? REWRITE_DST : REWRITE_SRC;

	patch(quote, quote + quoted->l4, quoted, side, ip, port);
	remember(quoted, side, ip, port);
	patch(frame + info->l3, NULL, info, own, ip, 0);
	remember(info, own, ip, 0);
	csum_l4_set(frame, info);
}

/* The checksum of L4 changes with the address too where it covers the pseudo-header. */
static void
patch_l4_csum(uint16_t *csum, const struct pkt_info *info, uint32_t old_ip,
	uint32_t new_ip, uint16_t old_port, uint16_t new_port)
{
	if (info->proto == PKT_PROTO_UDP && *csum == 0)
		return;
	if (info->proto != PKT_PROTO_ICMP)
		*csum = csum_update32(*csum, old_ip, new_ip);
	*csum = csum_update16(*csum, old_port, new_port);
	if (info->proto == PKT_PROTO_UDP && *csum == 0)
		*csum = 0xffff;
}

/* Where the port or identifier stands in the L4 header. */
static unsigned
port_offset(uint8_t proto, enum rewrite_side side)
{
	if (proto == PKT_PROTO_ICMP)
		return offsetof(struct pkt_icmp, echo.id);
	return side == REWRITE_SRC ? offsetof(struct pkt_tcp, sport)
				   : offsetof(struct pkt_tcp, dport);
}

static unsigned
csum_offset(uint8_t proto)
{
	if (proto == PKT_PROTO_TCP)
		return offsetof(struct pkt_tcp, csum);
	return proto == PKT_PROTO_UDP ? offsetof(struct pkt_udp, csum)
				      : offsetof(struct pkt_icmp, csum);
}

/* l4 null: only the address. A quoted packet may end before its TCP checksum. */
static void
patch(uint8_t *ip, uint8_t *l4, const struct pkt_info *info, enum rewrite_side side,
	uint32_t addr, uint16_t port)
{
	struct pkt_ip4 *h = (struct pkt_ip4 *)ip;
	const uint16_t new_port = htons(port);
	uint16_t old_port, csum;
	uint32_t old;

	memcpy(&old, side == REWRITE_SRC ? &h->src : &h->dst, 4);
	memcpy(side == REWRITE_SRC ? &h->src : &h->dst, &addr, 4);
	h->csum = csum_update32(h->csum, old, addr);
	if (l4 == NULL || !info->first)
		return;
	uint8_t *where = l4 + port_offset(info->proto, side);
	uint8_t *sum = l4 + csum_offset(info->proto);

	memcpy(&old_port, where, 2);
	memcpy(where, &new_port, 2);
	if (info->l4 + csum_offset(info->proto) + 2u > info->end)
		return;
	memcpy(&csum, sum, 2);
	patch_l4_csum(&csum, info, old, addr, old_port, new_port);
	memcpy(sum, &csum, 2);
}

static void
remember(struct pkt_info *info, enum rewrite_side side, uint32_t ip, uint16_t port)
{
	memcpy(side == REWRITE_SRC ? info->src : info->dst, &ip, 4);
	if (info->proto == PKT_PROTO_ICMP)
		info->sport = info->dport = port;
	else if (side == REWRITE_SRC)
		info->sport = port;
	else
		info->dport = port;
}
