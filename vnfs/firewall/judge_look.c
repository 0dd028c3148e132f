/* judge_look.c: the headers of a burst, and the verdicts that need no more than those. */
#include "vnfs/firewall/judge_parts.h"

#include <rte_prefetch.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/option.h"
#include "vnfs/firewall/usual.h"

static vnf_verdict first_look(const struct judge *j, const uint8_t *frame, uint32_t len,
	struct pkt_info *packet);
static vnf_verdict look_at_options(
	const struct judge *j, const uint8_t *frame, const struct pkt_info *packet);

void
judge_look(struct judge *j)
{
	const struct vnf_burst *burst = j->burst;

	for (unsigned i = 0; i < burst->n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(burst->pkts[i], void *));
	for (unsigned i = 0; i < burst->n; i++) {
		const struct rte_mbuf *pkt = burst->pkts[i];
		const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
		vnf_verdict verdict = VNF_HOLD;

		j->usual[j->n] = usual_look(frame, pkt->data_len);
		if (unlikely(j->usual[j->n] == USUAL_NOT))
			verdict = first_look(j, frame, pkt->data_len, &j->packets[j->n]);
		if (likely(verdict == VNF_HOLD)) {
			j->frames[j->n] = frame;
			j->at[j->n++] = i;
		} else {
			burst->verdicts[i] = verdict;
		}
	}
}

static vnf_verdict
non_ip(const struct judge *j, uint32_t bytes)
{
	if (j->fw->policy->config->non_ip == FW_DROP)
		return VNF_DROP(FW_NON_IP);
	account_count(j->fw->accounts, ACCOUNT_NON_IP, bytes);
	return forward(j);
}

/* The verdict on a packet that no rule may accept, or that no rule judges; VNF_HOLD
 * (never ours) for all others. */
static vnf_verdict
first_look(const struct judge *j, const uint8_t *frame, uint32_t len,
	struct pkt_info *packet)
{
	const enum pkt_fault fault = pkt_parse(frame, len, packet);

	if (packet->fragment && fragment_is_tiny(packet, fault))
		return VNF_DROP(FW_TINY_FRAGMENT);
	if (fault != PKT_OK)
		return vnf_malformed(j->vnf, fault);
	if (packet->family == 0)
		return non_ip(j, len);
	if (packet->routing0)
		return VNF_DROP(FW_ROUTING_HEADER);
	if (conntrack_is_impossible(packet))
		return VNF_DROP(FW_INVALID_STATE);
	if (packet->ip_options)
		return look_at_options(j, frame, packet);
	return VNF_HOLD;
}

static vnf_verdict
look_at_options(
	const struct judge *j, const uint8_t *frame, const struct pkt_info *packet)
{
	switch (option_look(frame, packet, &j->fw->policy->config->ip_options)) {
	case OPTION_SOURCE_ROUTE:
		return VNF_DROP(FW_SOURCE_ROUTE);
	case OPTION_REFUSED:
		return VNF_DROP(FW_IP_OPTION);
	case OPTION_PASS:
		break;
	}
	return VNF_HOLD;
}
