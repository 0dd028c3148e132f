/* answer.c: see answer.h. */
#include "bench/lib/answer.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"
#include "dataplane/sdk/l3_nd.h"

#define NS 135

static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};

bool
answer_wanted(const struct rte_mbuf *pkt)
{
	const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
	const struct pkt_eth *eth = (const struct pkt_eth *)frame;
	const struct pkt_arp *arp = (const struct pkt_arp *)(frame + PKT_ETH_LEN);

	if (eth->type == htons(PKT_ETH_ARP))
		return arp->op == htons(1);
	return eth->type == htons(PKT_ETH_IPV6) &&
	       frame[PKT_ETH_LEN + 6] == PKT_PROTO_ICMPV6 &&
	       frame[PKT_ETH_LEN + PKT_IP6_LEN] == NS;
}

static void
answer_arp(uint8_t *frame)
{
	struct pkt_eth *eth = (struct pkt_eth *)frame;
	struct pkt_arp *arp = (struct pkt_arp *)(frame + PKT_ETH_LEN);
	const uint32_t asked = arp->target_ip;

	memcpy(eth->dst, eth->src, 6);
	memcpy(eth->src, mac, 6);
	memcpy(arp->target_mac, arp->sender_mac, 6);
	arp->target_ip = arp->sender_ip;
	memcpy(arp->sender_mac, mac, 6);
	arp->sender_ip = asked;
	arp->op = htons(2);
}

void
answer_write(struct rte_mbuf *pkt)
{
	uint8_t *frame = rte_pktmbuf_mtod(pkt, uint8_t *);
	uint8_t asker[16], target[16], asker_mac[6];

	if (((const struct pkt_eth *)frame)->type == htons(PKT_ETH_ARP)) {
		answer_arp(frame);
		return;
	}
	memcpy(asker, frame + PKT_ETH_LEN + 8, 16);
	memcpy(target, frame + PKT_ETH_LEN + PKT_IP6_LEN + 8, 16);
	memcpy(asker_mac, frame + 6, 6);
	pkt->data_len = (uint16_t)l3_nd_advert(frame, mac, target, asker, asker_mac);
	pkt->pkt_len = pkt->data_len;
}
