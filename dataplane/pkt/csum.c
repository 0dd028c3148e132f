/* csum.c: Internet checksums, full and over pseudo-headers; the incremental ones for 16
 * and 32 bits are inline in csum.h. */
#include "dataplane/pkt/csum.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"

static uint32_t l4_len(const uint8_t *frame, const struct pkt_info *info);
static uint32_t l4_pseudo(const uint8_t *frame, const struct pkt_info *info);
static int csum_offset(const struct pkt_info *info);
static void l4_write(uint8_t *frame, const struct pkt_info *info, uint32_t at);

static inline uint32_t
fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	return (uint32_t)((sum & 0xffff) + (sum >> 16));
}

uint32_t
csum_add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t wide = sum;
	uint32_t word;
	uint16_t half;

	for (; len >= 4; p += 4, len -= 4) {
		memcpy(&word, p, 4);
		wide += word;
	}
	if (len >= 2) {
		memcpy(&half, p, 2);
		wide += half;
		p += 2;
		len -= 2;
	}
	if (len > 0) {
		half = 0;
		memcpy(&half, p, 1);
		wide += half;
	}
	return fold(wide);
}

uint16_t
csum_finish(uint32_t sum)
{
	sum = fold(sum);
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

uint32_t
csum_pseudo(uint8_t family, const void *src, const void *dst, uint8_t proto, uint32_t len)
{
	const size_t size = family == 4 ? 4 : 16;
	uint32_t sum = csum_add(csum_add(0, src, size), dst, size);

	return sum + htons(proto) + htons((uint16_t)(len & 0xffff)) +
	       htons((uint16_t)(len >> 16));
}

uint16_t
csum_update(uint16_t csum, const void *before, const void *after, size_t len)
{
	const uint16_t gone = csum_finish(csum_add(0, before, len));

	return csum_finish(csum_add((uint16_t)~csum + (uint32_t)gone, after, len));
}

void
csum_ip4_set(void *ip)
{
	struct pkt_ip4 *h = ip;

	h->csum = 0;
	h->csum = csum_finish(csum_add(0, h, (h->ver_ihl & 15u) * 4));
}

void
csum_l4_set(uint8_t *frame, const struct pkt_info *info)
{
	const int at = csum_offset(info);

	if (at >= 0)
		l4_write(frame, info, (uint32_t)at);
}

bool
csum_l4_ok(const uint8_t *frame, const struct pkt_info *info)
{
	const int at = csum_offset(info);
	uint16_t field;

	if (at < 0)
		return true;
	memcpy(&field, frame + at, 2);
	if (field == 0 && info->proto == PKT_PROTO_UDP)
		return info->family ==
		       4; /* RFC 8200 8.1: IPv6 has no UDP without a checksum */
	return csum_finish(csum_add(l4_pseudo(frame, info), frame + info->l4,
		       l4_len(frame, info))) == 0;
}

bool
csum_l4_complete(uint8_t *frame, const struct pkt_info *info)
{
	const int at = csum_offset(info);
	uint16_t field;

	if (at < 0 || (info->proto != PKT_PROTO_TCP && info->proto != PKT_PROTO_UDP))
		return false;
	memcpy(&field, frame + at, 2);
	const uint16_t left_to_offload = (uint16_t)~csum_finish(l4_pseudo(frame, info));

	if (field != left_to_offload)
		return false;
	l4_write(frame, info, (uint32_t)at);
	return true;
}

/* Offset of the checksum field in the frame; -1: the packet has none that can be
 * computed. */
static int
csum_offset(const struct pkt_info *info)
{
	if (info->family == 0 || info->fragment)
		return -1;
	switch (info->proto) {
	case PKT_PROTO_TCP:
		return info->l4 + (int)offsetof(struct pkt_tcp, csum);
	case PKT_PROTO_UDP:
		return info->l4 + (int)offsetof(struct pkt_udp, csum);
	case PKT_PROTO_ICMP:
		return info->family == 4 ? info->l4 + (int)offsetof(struct pkt_icmp, csum)
					 : -1;
	case PKT_PROTO_ICMPV6:
		return info->family == 6 ? info->l4 + (int)offsetof(struct pkt_icmp, csum)
					 : -1;
	default:
		return -1;
	}
}

/* What the checksum covers: UDP by its own length, which may be less than what IP
 * carries. */
static uint32_t
l4_len(const uint8_t *frame, const struct pkt_info *info)
{
	if (info->proto == PKT_PROTO_UDP)
		return (uint32_t)(frame[info->l4 + 4] << 8 | frame[info->l4 + 5]);
	return (uint32_t)info->end - info->l4;
}

static uint32_t
l4_pseudo(const uint8_t *frame, const struct pkt_info *info)
{
	if (info->proto == PKT_PROTO_ICMP)
		return 0;
	return csum_pseudo(
		info->family, info->src, info->dst, info->proto, l4_len(frame, info));
}

static void
l4_write(uint8_t *frame, const struct pkt_info *info, uint32_t at)
{
	uint16_t field = 0;

	memcpy(frame + at, &field, 2);
	field = csum_finish(
		csum_add(l4_pseudo(frame, info), frame + info->l4, l4_len(frame, info)));
	if (field == 0 && info->proto == PKT_PROTO_UDP)
		field = 0xffff;
	memcpy(frame + at, &field, 2);
}
