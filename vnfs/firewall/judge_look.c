/* judge_look.c: the headers of a burst, and the verdicts that need no more than those. */
#include "vnfs/firewall/judge_parts.h"

#include <rte_prefetch.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/option.h"
#include "vnfs/firewall/usual.h"

static __rte_noinline unsigned look_closer(struct judge *j, unsigned n);
static vnf_verdict first_look(const struct judge *j, const uint8_t *frame, uint32_t len,
	struct pkt_info *packet);
static vnf_verdict look_at_options(
	const struct judge *j, const uint8_t *frame, const struct pkt_info *packet);

/* Of a usual packet at place n. 1: it is to be judged. */
static inline unsigned
make_key(struct judge *j, unsigned n)
{
	const bool swapped = usual_key(j->frames[n], &j->keys[n]);

	j->swapped[n] = swapped ? FLOW_SWAPPED : 0;
	return 1;
}

void
judge_look(struct judge *j)
{
	const struct vnf_burst *burst = j->burst;
	const bool stateful = j->fw->policy->config->stateful;
	const unsigned n_burst = burst->n;
	unsigned n = 0;

	for (unsigned i = 0; i < n_burst; i++)
		rte_prefetch0(rte_pktmbuf_mtod(burst->pkts[i], void *));
	for (unsigned i = 0; i < n_burst; i++) {
		const struct rte_mbuf *pkt = burst->pkts[i];
		const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
		const enum usual usual = usual_look(frame, pkt->data_len);

		j->usual[n] = usual;
		j->pkts[n] = pkt;
		j->frames[n] = frame;
		j->at[n] = i;
		if (unlikely(usual == USUAL_NOT))
			n += look_closer(j, n);
		else if (stateful)
			n += make_key(j, n);
		else
			n++;
	}
	j->n = n;
}

/* A packet that is not usual, at place n. 1: it is to be judged. */
static unsigned
look_closer(struct judge *j, unsigned n)
{
	struct pkt_info *packet = &j->packets[n];
	struct track *track = &j->tracks[n];
	const vnf_verdict verdict =
		first_look(j, j->frames[n], j->pkts[n]->data_len, packet);

	if (verdict != VNF_HOLD) {
		j->burst->verdicts[j->at[n]] = verdict;
		return 0;
	}
	track->kind = TRACK_NONE;
	if (packet->first && j->fw->policy->config->stateful)
		conntrack_key(j->frames[n], packet, track, &j->keys[n]);
	else
		j->keys[n] = (struct session_key6){0};
	j->swapped[n] = track->kind != TRACK_NONE && track->swapped ? FLOW_SWAPPED : 0;
	return 1;
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
