/* l3_redirect.c: ICMP and ICMPv6 redirects; see l3_redirect.h. */
#include "dataplane/sdk/l3_redirect.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/sdk/l3_nd.h"

static bool is_due(
	const struct l3 *l3, const struct l3_pkt *pkt, const struct l3_hop *hop);
static uint32_t write4(const struct l3 *l3, const struct l3_pkt *pkt,
	const struct l3_hop *hop, struct rte_mbuf *m);
static uint32_t write6(const struct l3 *l3, const struct l3_pkt *pkt,
	const struct l3_hop *hop, struct rte_mbuf *m);

void
l3_redirect(struct l3 *l3, const struct l3_pkt *pkt, const struct l3_hop *hop)
{
	const struct pkt_info *info = &pkt->info;

	if (!is_due(l3, pkt, hop) || !icmp_error_allowed(pkt->frame, info, ICMP_REDIRECT))
		return;
	const uint8_t *mac = neigh_find(l3->neigh, pkt->cp, info->family, info->src);

	if (mac == NULL || !icmp_limit_take(&l3->limit, info->src, l3->vnf->now_ns))
		return;
	struct rte_mbuf *m = vnf_originate(l3->vnf);

	if (m == NULL) {
		vnf_count_drop(l3->vnf, VNF_REASON_NO_BUFFER);
		return;
	}
	uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *);

	l3_set_len(
		m, info->family == 4 ? write4(l3, pkt, hop, m) : write6(l3, pkt, hop, m));
	memcpy(frame, mac, 6);
	memcpy(frame + 6, l3->config->ifaces[pkt->cp].mac, 6);
	vnf_send(l3->vnf, m, pkt->cp);
}

/* In IPv6 the next hop is told by its link-local address, unless it is the destination
 * itself. */
static bool
is_due(const struct l3 *l3, const struct l3_pkt *pkt, const struct l3_hop *hop)
{
	const struct iface *iface = &l3->config->ifaces[pkt->cp];
	const struct iface_addr *near =
		iface_on_link(iface, pkt->info.family, pkt->info.src);

	if (hop->cp != pkt->cp || near == NULL || hop->family != pkt->info.family)
		return false;
	if (pkt->info.family == 4)
		return near == iface_on_link(iface, 4, hop->addr);
	return iface_is_link_local(6, hop->addr) ||
	       iface_ip_equal(hop->addr, pkt->info.dst);
}

static uint32_t
write4(const struct l3 *l3, const struct l3_pkt *pkt, const struct l3_hop *hop,
	struct rte_mbuf *m)
{
	const uint8_t *src = iface_source(&l3->config->ifaces[pkt->cp], 4, pkt->info.src);
	uint32_t gateway;

	memcpy(&gateway, hop->addr, 4);
	return icmp_error_build(rte_pktmbuf_mtod(m, uint8_t *), rte_pktmbuf_tailroom(m),
		pkt->frame, &pkt->info, ICMP_REDIRECT, ntohl(gateway), src);
}

static uint32_t
write6(const struct l3 *l3, const struct l3_pkt *pkt, const struct l3_hop *hop,
	struct rte_mbuf *m)
{
	static const uint8_t fe80[16] = {0xfe, 0x80};
	const struct iface *iface = &l3->config->ifaces[pkt->cp];
	const struct l3_nd_redirect redirect = {.mac = iface->mac,
		.source = iface_source(iface, 6, fe80),
		.target = hop->addr,
		.target_mac = neigh_find(l3->neigh, hop->cp, 6, hop->addr)};

	return l3_nd_redirect(rte_pktmbuf_mtod(m, uint8_t *), rte_pktmbuf_tailroom(m),
		pkt->frame, &pkt->info, &redirect);
}
