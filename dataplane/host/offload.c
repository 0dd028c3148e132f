/* offload.c: see offload.h. */
#include "dataplane/host/offload.h"
#include <string.h>
#include "dataplane/host/buffer.h"
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4 /* Linux 6.2 */
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

static bool parse(const struct rte_mbuf *buffer, struct pkt_info *info);
static uint16_t csum_at(uint8_t proto);
static bool is_l4(const struct virtio_net_hdr *said, const struct pkt_info *info);
static bool take_cut(const struct virtio_net_hdr *said, struct rte_mbuf *buffer);
static void complete(const struct virtio_net_hdr *said, struct rte_mbuf *buffer);
static void write_pseudo(uint8_t *frame, const struct pkt_info *info);

bool
offload_take(const struct virtio_net_hdr *said, struct rte_mbuf *buffer)
{
	const bool partial = (said->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
	const bool to_cut = said->gso_type != VIRTIO_NET_HDR_GSO_NONE;
	struct pkt_info info;

	buffer->ol_flags = 0;
	if (!partial && !to_cut)
		return true;
	if (!parse(buffer, &info) || (partial && !is_l4(said, &info))) {
		if (!to_cut)
			complete(said, buffer);
		return !to_cut;
	}
	buffer->ol_flags = info.proto == PKT_PROTO_TCP ? RTE_MBUF_F_TX_TCP_CKSUM
						       : RTE_MBUF_F_TX_UDP_CKSUM;
	return !to_cut || take_cut(said, buffer);
}

bool
offload_ready(struct rte_mbuf *buffer, uint32_t frame_max)
{
	uint8_t *frame = rte_pktmbuf_mtod(buffer, uint8_t *);
	struct pkt_info info;
	uint16_t headers;

	if (!parse(buffer, &info)) {
		buffer->ol_flags &= ~BUFFER_LEFT_OVER;
		return buffer->data_len <= frame_max;
	}
	headers = segment_headers(frame, &info);
	buffer->l2_len = info.l3 & 0x7f;
	buffer->l3_len = (info.l4 - info.l3) & 0x1ff;
	buffer->l4_len = (headers - info.l4) & 0xff;
	write_pseudo(frame, &info);
	if ((buffer->ol_flags & BUFFER_TO_CUT) == 0)
		return buffer->data_len <= frame_max;
	return buffer->tso_segsz > 0 &&
	       (uint32_t)headers + buffer->tso_segsz <= frame_max;
}

void
offload_say(const struct rte_mbuf *buffer, struct virtio_net_hdr *say)
{
	const uint8_t *frame = rte_pktmbuf_mtod(buffer, const uint8_t *);
	const uint16_t l4 = (uint16_t)(buffer->l2_len + buffer->l3_len);
	const bool udp =
		(buffer->ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_UDP_CKSUM;

	*say = (struct virtio_net_hdr){0};
	if ((buffer->ol_flags & BUFFER_LEFT_OVER) == 0)
		return;
	say->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	say->csum_start = l4;
	say->csum_offset = csum_at(udp ? PKT_PROTO_UDP : PKT_PROTO_TCP);
	say->hdr_len = (uint16_t)(l4 + buffer->l4_len);
	if ((buffer->ol_flags & BUFFER_TO_CUT) == 0)
		return;
	say->gso_size = buffer->tso_segsz;
	if (udp)
		say->gso_type = VIRTIO_NET_HDR_GSO_UDP_L4;
	else
		say->gso_type = frame[buffer->l2_len] >> 4 == 4
					? VIRTIO_NET_HDR_GSO_TCPV4
					: VIRTIO_NET_HDR_GSO_TCPV6;
	if (!udp && (frame[l4 + offsetof(struct pkt_tcp, flags)] & PKT_TCP_CWR) != 0)
		say->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
}

void
offload_finish(struct rte_mbuf *buffer)
{
	struct pkt_info info;

	if (parse(buffer, &info))
		csum_l4_set(rte_pktmbuf_mtod(buffer, uint8_t *), &info);
	buffer->ol_flags &= ~BUFFER_LEFT_OVER;
}

bool
offload_plan(const struct rte_mbuf *buffer, uint32_t frame_max, struct segment_plan *plan)
{
	struct pkt_info info;

	return parse(buffer, &info) &&
	       segment_plan(rte_pktmbuf_mtod(buffer, const uint8_t *), &info,
		       buffer->tso_segsz, plan) &&
	       (uint32_t)plan->headers + plan->size <= frame_max;
}

/* Whether it is a whole TCP or UDP packet. */
static bool
parse(const struct rte_mbuf *buffer, struct pkt_info *info)
{
	const uint8_t *frame = rte_pktmbuf_mtod(buffer, const uint8_t *);

	return pkt_parse(frame, buffer->data_len, info) == PKT_OK &&
	       segment_headers(frame, info) != 0;
}

static uint16_t
csum_at(uint8_t proto)
{
	return proto == PKT_PROTO_UDP ? offsetof(struct pkt_udp, csum)
				      : offsetof(struct pkt_tcp, csum);
}

static bool
is_l4(const struct virtio_net_hdr *said, const struct pkt_info *info)
{
	return said->csum_start == info->l4 && said->csum_offset == csum_at(info->proto);
}

static bool
take_cut(const struct virtio_net_hdr *said, struct rte_mbuf *buffer)
{
	const bool tcp =
		(buffer->ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_TCP_CKSUM;
	const uint8_t type = said->gso_type & (uint8_t)~VIRTIO_NET_HDR_GSO_ECN;

	if (said->gso_size == 0)
		return false;
	buffer->tso_segsz = said->gso_size;
	buffer->BUFFER_CUT_NEXT = 0;
	if (tcp && (type == VIRTIO_NET_HDR_GSO_TCPV4 || type == VIRTIO_NET_HDR_GSO_TCPV6))
		buffer->ol_flags |= RTE_MBUF_F_TX_TCP_SEG;
	else if (!tcp && type == VIRTIO_NET_HDR_GSO_UDP_L4)
		buffer->ol_flags |= RTE_MBUF_F_TX_UDP_SEG;
	else
		return false;
	return true;
}

/* Any checksum, wherever it is: a field that holds what else goes into it. */
static void
complete(const struct virtio_net_hdr *said, struct rte_mbuf *buffer)
{
	uint8_t *frame = rte_pktmbuf_mtod(buffer, uint8_t *);
	const uint32_t at = (uint32_t)said->csum_start + said->csum_offset;
	uint16_t csum;

	if (at + sizeof(csum) > buffer->data_len)
		return;
	csum = csum_finish(csum_add(0, frame + said->csum_start,
		(size_t)buffer->data_len - said->csum_start));
	if (csum == 0)
		csum = 0xffff;
	memcpy(frame + at, &csum, sizeof(csum));
}

/* The sum of the pseudo-header, not complemented: the kernel adds the rest. */
static void
write_pseudo(uint8_t *frame, const struct pkt_info *info)
{
	const uint16_t sum = (uint16_t)~csum_finish(csum_pseudo(info->family, info->src,
		info->dst, info->proto, (uint32_t)info->end - info->l4));

	memcpy(frame + info->l4 + csum_at(info->proto), &sum, sizeof(sum));
}
