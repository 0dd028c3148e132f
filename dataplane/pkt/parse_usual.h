/* parse_usual.h: the usual packet read in one go, inline: what pkt_parse() tries first,
 * for those to whom a call costs too much. */
#ifndef DATAPLANE_PKT_PARSE_USUAL_H
#define DATAPLANE_PKT_PARSE_USUAL_H

#include <string.h>
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/parse.h"

static inline uint16_t
pkt_be16(const uint8_t *p)
{
	uint16_t word;

	memcpy(&word, p, 2);
	return __builtin_bswap16(word); /* little-endian hosts only */
}

/* Whether the five usual words of an IPv4 header, and `more` (a sum of 16-bit words), sum
 * to zero in ones' complement: to a multiple of 65535, which is what is below the
 * quotient of 2^64 when multiplied by its inverse. A header is never all zero. */
static inline bool
pkt_ip4_sum_is_zero(const uint8_t *p, uint64_t more)
{
	uint64_t a, b;
	uint32_t c;

	memcpy(&a, p, 8);
	memcpy(&b, p + 8, 8);
	memcpy(&c, p + 16, 4);
	uint64_t sum;
	bool carry = __builtin_add_overflow(a, b, &sum);

	sum += carry;
	carry = __builtin_add_overflow(sum, c + more, &sum);
	sum += carry;
	return sum * 0xfffefffefffeffffull <= 0x0001000100010001ull;
}

enum { PKT_USUAL_L3 = PKT_ETH_LEN, PKT_USUAL_L4 = PKT_ETH_LEN + PKT_IP4_LEN };

/* Whether the L4 header of a usual packet, which ends at `end`, holds together. */
static inline bool
pkt_is_usual_l4(const uint8_t *frame, uint32_t end)
{
	const uint8_t *l4 = frame + PKT_USUAL_L4;
	const uint32_t room = end - PKT_USUAL_L4;
	const uint8_t proto = frame[PKT_USUAL_L3 + 9];

	if (proto == PKT_PROTO_TCP) {
		const uint32_t header = (l4[12] >> 4) * 4u;

		return header >= PKT_TCP_LEN && header <= room;
	}
	return proto == PKT_PROTO_UDP && pkt_be16(l4 + 4) >= PKT_UDP_LEN &&
	       pkt_be16(l4 + 4) <= room;
}

/* Whether it is an untagged, whole IPv4 packet without options, of TCP or UDP, that has
 * no fault. */
static inline bool
pkt_is_usual(const uint8_t *frame, uint32_t len)
{
	const uint8_t *ip = frame + PKT_USUAL_L3;
	uint32_t type_ver; /* type, version and IHL, TOS */
	uint16_t frag;

	if (len < PKT_USUAL_L4 + PKT_UDP_LEN)
		return false;
	memcpy(&type_ver, frame + 12, 4);
	memcpy(&frag, ip + 6, 2);
	if ((type_ver & 0xffffff) != 0x450008 ||
		(frag & __builtin_bswap16(PKT_IP4_FRAG | PKT_IP4_MF)) != 0)
		return false;
	const uint32_t end = PKT_USUAL_L3 + (uint32_t)pkt_be16(ip + 2);

	return end <= len && end >= PKT_USUAL_L4 + PKT_UDP_LEN &&
	       pkt_ip4_sum_is_zero(ip, 0) && pkt_is_usual_l4(frame, end);
}

/* Reads it. False: it is another one, for pkt_parse(); info is not written. */
static inline bool
pkt_parse_usual(const uint8_t *frame, uint32_t len, struct pkt_info *info)
{
	const uint8_t *ip = frame + PKT_USUAL_L3, *l4 = frame + PKT_USUAL_L4;

	if (!pkt_is_usual(frame, len))
		return false;
	*info = (struct pkt_info){.eth_type = PKT_ETH_IPV4,
		.l3 = PKT_USUAL_L3,
		.l4 = PKT_USUAL_L4,
		.end = (uint16_t)(PKT_USUAL_L3 + pkt_be16(ip + 2)),
		.family = 4,
		.proto = ip[9],
		.ttl = ip[8],
		.first = true,
		.frag_id = pkt_be16(ip + 4),
		.frag_data = PKT_USUAL_L4,
		.tcp_flags = ip[9] == PKT_PROTO_TCP ? l4[13] : 0,
		.sport = pkt_be16(l4),
		.dport = pkt_be16(l4 + 2)};
	memcpy(info->src, ip + 12, 4);
	memcpy(info->dst, ip + 16, 4);
	return true;
}

#endif
