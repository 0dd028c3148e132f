/* l3_out.h: how a routed VNF sends: TTL, MTU and fragments, next hops resolved, ICMP
 * errors. Worker only. */
#ifndef DATAPLANE_SDK_L3_OUT_H
#define DATAPLANE_SDK_L3_OUT_H

#include <arpa/inet.h>
#include <rte_branch_prediction.h>
#include "dataplane/pkt/hdr.h"
#include "dataplane/sdk/l3_stack.h"

/* Whether pkt may go on to hop: TTL left, and not larger than the MTU unless it may be
 * cut. L3_ACCEPT; else an ICMP error is sent and its verdict returned. Before anything of
 * the packet is changed. */
static inline vnf_verdict l3_out_check(
	struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop);
/* Counts the TTL down and sends. The packet's verdict. Only after l3_out_check(). */
static inline vnf_verdict l3_out_forward(
	struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop);
/* The same with the TTL as it is: what we answer ourselves. */
static inline vnf_verdict l3_out_send(
	struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop);

/* As l3_out_forward(), for a packet that the VNF holds: it is sent, waits for the
 * neighbour, or is given up. */
void l3_out_release(struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop);

/* Sends an ICMP error about pkt to its source, if the rules and the rate limit allow one.
 * rest: as of icmp_error_build(). */
void l3_out_error(
	struct l3 *l3, const struct l3_pkt *pkt, enum icmp_error kind, uint32_t rest);
/* The same, and the verdict: dropped for reason. */
vnf_verdict l3_out_reject(
	struct l3 *l3, const struct l3_pkt *pkt, enum icmp_error kind, unsigned reason);
/* The next hop to dst; a link-local one is on the link of cp. False: none. */
bool l3_out_route(struct l3 *l3, unsigned cp, uint8_t family, const uint8_t dst[16],
	struct l3_hop *hop);

/* How the neighbour table reaches the wire. arg: struct l3. */
extern const struct neigh_ops l3_out_neigh_ops;

/* ---- the usual packet: inline; what is left of the others ---- */

vnf_verdict l3_out_check_further(
	struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop);
vnf_verdict l3_out_send_further(
	struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop, const uint8_t *mac);

static inline uint16_t
l3_out_mtu(const struct l3 *l3, unsigned cp)
{
	return iface_mtu(&l3->config->ifaces[cp], l3->vnf->port_mtu[cp]);
}

static inline vnf_verdict
l3_out_check(struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop)
{
	if (likely(pkt->info.ttl > 1 &&
		    pkt->info.end - pkt->info.l3 <= l3_out_mtu(l3, hop->cp)))
		return L3_ACCEPT;
	return l3_out_check_further(l3, pkt, hop);
}

static inline vnf_verdict
l3_out_send(struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop)
{
	const uint8_t *mac = neigh_find(l3->neigh, hop->cp, hop->family, hop->addr);

	if (unlikely(mac == NULL ||
		     pkt->mbuf->data_len > l3_out_mtu(l3, hop->cp) + PKT_ETH_LEN))
		return l3_out_send_further(l3, pkt, hop, mac);
	memcpy(pkt->frame, mac, 6);
	memcpy(pkt->frame + 6, l3->config->ifaces[hop->cp].mac, 6);
	return VNF_FORWARD(hop->cp);
}

static inline void
l3_out_count_down(struct l3_pkt *pkt)
{
	if (likely(pkt->info.family == 4)) { /* RFC 1624 for a word that is 0x100 less */
		struct pkt_ip4 *ip = (struct pkt_ip4 *)(pkt->frame + pkt->info.l3);
		const uint32_t csum = (uint32_t)ip->csum + htons(0x100);

		ip->ttl--;
		ip->csum = (uint16_t)(csum + (csum >= 0xffff));
	} else {
		((struct pkt_ip6 *)(pkt->frame + pkt->info.l3))->hop_limit--;
	}
}

static inline vnf_verdict
l3_out_forward(struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop)
{
	l3_out_count_down(pkt);
	return l3_out_send(l3, pkt, hop);
}

#endif
