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

/* Whether the five usual words of an IPv4 header, and `more`, sum to zero. */
static inline bool
pkt_ip4_sum_is_zero(const uint8_t *p, uint64_t more)
{
	uint64_t a, b;
	uint32_t c;

	memcpy(&a, p, 8);
	memcpy(&b, p + 8, 8);
	memcpy(&c, p + 16, 4);
	uint64_t sum =
		(uint64_t)(uint32_t)a + (a >> 32) + (uint32_t)b + (b >> 32) + c + more;

	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return ((sum & 0xffff) + (sum >> 16)) == 0xffff;
}

/* An untagged, whole IPv4 packet without options, of TCP or UDP, that has no fault.
 * False: it is another one, for pkt_parse(); info is not written. */
static inline bool
pkt_parse_usual(const uint8_t *frame, uint32_t len, struct pkt_info *info)
{
	enum { L3 = PKT_ETH_LEN, L4 = PKT_ETH_LEN + PKT_IP4_LEN };
	const uint8_t *ip = frame + L3, *l4 = frame + L4;

	if (len < L4 + PKT_UDP_LEN || pkt_be16(frame + 12) != PKT_ETH_IPV4 ||
		ip[0] != 0x45 || (pkt_be16(ip + 6) & (PKT_IP4_FRAG | PKT_IP4_MF)) != 0)
		return false;
	const uint32_t end = L3 + (uint32_t)pkt_be16(ip + 2);
	const bool tcp = ip[9] == PKT_PROTO_TCP;

	if (end > len || end < L4 + PKT_UDP_LEN || !pkt_ip4_sum_is_zero(ip, 0))
		return false;
	if (tcp) {
		if (end < L4 + PKT_TCP_LEN || l4[12] >> 4 < PKT_TCP_LEN / 4 ||
			L4 + (l4[12] >> 4) * 4u > end)
			return false;
	} else if (ip[9] != PKT_PROTO_UDP || pkt_be16(l4 + 4) < PKT_UDP_LEN ||
		   L4 + (uint32_t)pkt_be16(l4 + 4) > end) {
		return false;
	}
	*info = (struct pkt_info){.eth_type = PKT_ETH_IPV4,
		.l3 = L3,
		.l4 = L4,
		.end = (uint16_t)end,
		.family = 4,
		.proto = ip[9],
		.ttl = ip[8],
		.first = true,
		.frag_id = pkt_be16(ip + 4),
		.frag_data = L4,
		.tcp_flags = tcp ? l4[13] : 0,
		.sport = pkt_be16(l4),
		.dport = pkt_be16(l4 + 2)};
	memcpy(info->src, ip + 12, 4);
	memcpy(info->dst, ip + 16, 4);
	return true;
}

#endif
