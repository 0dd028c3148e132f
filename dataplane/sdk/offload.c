/* offload.c: see offload.h. */
#include "dataplane/sdk/offload.h"
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/segment.h"

uint32_t
offload_wire_len(
	const struct rte_mbuf *pkt, const uint8_t *frame, const struct pkt_info *info)
{
	const uint32_t whole = (uint32_t)info->end - info->l3;
	const uint16_t headers = offload_is_large(pkt) ? segment_headers(frame, info) : 0;
	const uint32_t cut = (uint32_t)headers - info->l3 + pkt->tso_segsz;

	return headers == 0 || cut > whole ? whole : cut;
}

bool
offload_shrink(struct rte_mbuf *pkt, const uint8_t *frame, const struct pkt_info *info,
	uint32_t mtu)
{
	const uint32_t headers = (uint32_t)segment_headers(frame, info) - info->l3;

	if ((pkt->ol_flags & RTE_MBUF_F_TX_TCP_SEG) == 0 || headers >= mtu)
		return false;
	pkt->tso_segsz = (uint16_t)(mtu - headers);
	return true;
}

void
offload_finish(struct rte_mbuf *pkt, uint8_t *frame, const struct pkt_info *info)
{
	if (!offload_is_partial(pkt))
		return;
	if (segment_headers(frame, info) != 0)
		csum_l4_set(frame, info);
	pkt->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
}
