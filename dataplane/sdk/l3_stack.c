/* l3_stack.c: frames that come in to a routed VNF; see l3_stack.h. */
#include "dataplane/sdk/l3_stack.h"
#include <string.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/pkt/parse_usual.h"
#include "dataplane/sdk/l3_announce.h"
#include "dataplane/sdk/l3_arp.h"
#include "dataplane/sdk/l3_nd.h"
#include "dataplane/sdk/l3_out.h"

#define OPT_END	 0
#define OPT_NOP	 1
#define OPT_LSRR 131
#define OPT_SSRR 137

static vnf_verdict input_arp(struct l3 *l3, struct l3_pkt *pkt);
static vnf_verdict input_nd(struct l3 *l3, struct l3_pkt *pkt);
static vnf_verdict input_ip(struct l3 *l3, struct l3_pkt *pkt);
static vnf_verdict solicited(struct l3 *l3, struct l3_pkt *pkt, const struct l3_nd *nd);
static vnf_verdict advertised(struct l3 *l3, struct l3_pkt *pkt, const struct l3_nd *nd);
static bool is_proxied(const struct l3 *l3, unsigned cp, const uint8_t ip[16]);
static vnf_verdict look_at_options(struct l3 *l3, const struct l3_pkt *pkt);
static void set_statics(struct l3 *l3);
static bool still_on_link(void *arg, const struct neigh_record *record);

int
l3_open(struct l3 *l3, struct vnf *vnf, void *region, const struct l3_ops *ops, void *arg,
	struct err *err)
{
	*l3 = (struct l3){.vnf = vnf, .ops = ops, .arg = arg};
	return neigh_open(&l3->neigh, region, vnf->seed, &l3_out_neigh_ops, l3, err);
}

void
l3_adopt(struct l3 *l3)
{
	neigh_adopt(l3->neigh, l3->vnf->now_ns);
}

void
l3_close(struct l3 *l3)
{
	neigh_close(l3->neigh);
	l3->neigh = NULL;
}

void
l3_swap(struct l3 *l3, const struct l3_config *config)
{
	if (l3->config == NULL || memcmp(&l3->limit.rate, &config->icmp_rate,
					  sizeof(config->icmp_rate)) != 0)
		icmp_limit_init(&l3->limit, &config->icmp_rate, l3->vnf->seed);
	const struct l3_config *before = l3->config;

	l3->config = config;
	l3->purge = true;
	l3_martian_init(&l3->martian, config->ifaces, VNF_MAX_CPS);
	/* of several replicas the first answers for all, so it alone tells */
	if (config->announce && l3->vnf->replica == 0 &&
		(before != NULL || l3->vnf->state_fresh))
		l3_announce_new(l3, before);
	set_statics(l3);
}

/* In place before the first packet of the new configuration. */
static void
set_statics(struct l3 *l3)
{
	neigh_begin_static(l3->neigh);
	for (unsigned i = 0; i < l3->config->n_statics; i++) {
		const struct l3_static *s = &l3->config->statics[i];

		neigh_set_static(
			l3->neigh, s->cp, s->family, s->addr, s->mac, l3->vnf->now_ns);
	}
}

void
l3_tick(struct l3 *l3)
{
	if (l3->purge)
		neigh_purge(l3->neigh, still_on_link);
	l3->purge = false;
	l3_announce(l3);
	neigh_tick(l3->neigh, l3->vnf->now_ns);
}

static bool
still_on_link(void *arg, const struct neigh_record *record)
{
	const struct l3 *l3 = arg;
	const struct iface *iface = &l3->config->ifaces[record->key.sport];

	return iface->present &&
	       iface_on_link(iface, record->key.kind, record->key.src) != NULL;
}

/* ---- what comes in ---- */

/* A replica takes what is for another one, too. */
static bool
is_ours(const struct l3 *l3, const uint8_t *dst, const uint8_t *mac)
{
	if (likely(memcmp(dst, mac, 6) == 0))
		return true;
	return l3->vnf->scaled && memcmp(dst, mac, 5) == 0 &&
	       ((dst[5] ^ mac[5]) & ~VNF_MAC_REPLICA) == 0;
}

static inline vnf_verdict
input_sound(struct l3_pkt *pkt)
{
	if (pkt->info.end < pkt->mbuf->data_len) /* Ethernet padding ends here */
		l3_set_len(pkt->mbuf, pkt->info.end);
	return L3_ACCEPT;
}

vnf_verdict
l3_input(struct l3 *l3, unsigned cp, struct rte_mbuf *mbuf, struct l3_pkt *pkt)
{
	const struct iface *iface = &l3->config->ifaces[cp];
	const struct pkt_info *info = &pkt->info;

	pkt->mbuf = mbuf;
	pkt->frame = rte_pktmbuf_mtod(mbuf, uint8_t *);
	pkt->cp = cp;
	if (likely(pkt_parse_usual(pkt->frame, mbuf->data_len, &pkt->info) &&
		    iface->present && is_ours(l3, pkt->frame, iface->mac)))
		return l3_martian_wants_look4(&l3->martian, info->src, info->dst)
			       ? input_ip(l3, pkt)
			       : input_sound(pkt);
	const enum pkt_fault fault = pkt_parse(pkt->frame, mbuf->data_len, &pkt->info);

	if (fault != PKT_OK)
		return vnf_malformed(l3->vnf, fault);
	const bool group = pkt->frame[0] & 1;

	if (!iface->present || info->n_vlans > 0 ||
		(!group && !is_ours(l3, pkt->frame, iface->mac)))
		return VNF_DROP(L3_NOT_FOR_US);
	if (info->eth_type == PKT_ETH_ARP)
		return input_arp(l3, pkt);
	if (info->family == 0)
		return VNF_DROP(L3_NOT_IP);
	if (info->proto == PKT_PROTO_ICMPV6 && info->icmp_type >= 133 &&
		info->icmp_type <= 137)
		return input_nd(l3, pkt);
	return group ? VNF_DROP(L3_MULTICAST) : input_ip(l3, pkt);
}

static vnf_verdict
input_ip(struct l3 *l3, struct l3_pkt *pkt)
{
	const struct pkt_info *info = &pkt->info;

	if (l3_martian_source(&l3->martian, l3->config->ifaces, VNF_MAX_CPS, info) ||
		l3_martian_destination(info))
		return VNF_DROP(L3_MARTIAN);
	if (info->family == 4 ? info->dst[0] >= 224 : info->dst[0] == 0xff)
		return VNF_DROP(L3_MULTICAST);
	if (info->ip_options || info->routing0) {
		const vnf_verdict verdict = look_at_options(l3, pkt);

		if (verdict != L3_ACCEPT)
			return verdict;
	}
	return input_sound(pkt);
}

/* Loose and strict source routes (RFC 7126 4.3, 4.4), type 0 routing headers (RFC 5095),
 * options longer than their room (RFC 1812 4.3.3.5). */
static vnf_verdict
look_at_options(struct l3 *l3, const struct l3_pkt *pkt)
{
	const uint8_t *const ip = pkt->frame + pkt->info.l3;
	const uint8_t *const end = pkt->frame + pkt->info.l4;
	const uint8_t *p = ip + PKT_IP4_LEN;

	if (pkt->info.family == 6)
		return VNF_DROP(L3_SOURCE_ROUTE);
	while (p < end && *p != OPT_END) {
		if (*p == OPT_LSRR || *p == OPT_SSRR)
			return VNF_DROP(L3_SOURCE_ROUTE);
		if (*p == OPT_NOP) {
			p++;
			continue;
		}
		if (end - p < 2 || p[1] < 2 || p[1] > end - p) {
			l3_out_error(l3, pkt, ICMP_PARAMETER, (uint32_t)(p - ip));
			return VNF_DROP(VNF_REASON_MALFORMED);
		}
		p += p[1];
	}
	return L3_ACCEPT;
}

/* ---- neighbours ---- */

static vnf_verdict
input_arp(struct l3 *l3, struct l3_pkt *pkt)
{
	static const uint8_t nobody[16];
	const struct iface *iface = &l3->config->ifaces[pkt->cp];
	struct l3_arp arp;

	if (!l3_arp_read(pkt->frame, &pkt->info, &arp) ||
		iface_owns(iface, 4, arp.sender_ip)) /* someone else has our address */
		return VNF_DROP(L3_BAD_NEIGHBOUR);
	const bool on_link = iface_on_link(iface, 4, arp.sender_ip) != NULL;
	const bool probe = iface_ip_equal(arp.sender_ip, nobody); /* RFC 5227 */
	const bool asked = arp.request && (iface_answers(iface, 4, arp.target_ip) ||
						  is_proxied(l3, pkt->cp, arp.target_ip));

	if (on_link)
		neigh_learn(l3->neigh, pkt->cp, 4, arp.sender_ip, arp.sender_mac, asked,
			!arp.request, l3->vnf->now_ns);
	if (!asked || !(on_link || probe))
		return VNF_DROP(L3_LOCAL);
	l3_set_len(pkt->mbuf, l3_arp_reply(pkt->frame, &arp, iface->mac));
	return VNF_FORWARD(pkt->cp);
}

/* Proxy ARP (RFC 1027): it is reached by another link. */
static bool
is_proxied(const struct l3 *l3, unsigned cp, const uint8_t ip[16])
{
	struct l3_hop hop;

	return l3->config->ifaces[cp].proxy_arp && l3->ops->route(l3->arg, 4, ip, &hop) &&
	       hop.cp != cp;
}

static vnf_verdict
input_nd(struct l3 *l3, struct l3_pkt *pkt)
{
	struct l3_nd nd;

	switch (l3_nd_read(pkt->frame, &pkt->info, &nd)) {
	case L3_ND_SOLICIT:
		return solicited(l3, pkt, &nd);
	case L3_ND_ADVERT:
		return advertised(l3, pkt, &nd);
	case L3_ND_BAD:
		return VNF_DROP(L3_BAD_NEIGHBOUR);
	default:
		return VNF_DROP(L3_LOCAL);
	}
}

static vnf_verdict
solicited(struct l3 *l3, struct l3_pkt *pkt, const struct l3_nd *nd)
{
	const struct iface *iface = &l3->config->ifaces[pkt->cp];
	const struct pkt_info *info = &pkt->info;
	uint8_t asker[16], mac[6];

	if (!iface_owns(iface, 6, nd->target) ||
		(pkt->mbuf->data_len < L3_ND_FRAME &&
			rte_pktmbuf_tailroom(pkt->mbuf) < L3_ND_FRAME))
		return VNF_DROP(L3_LOCAL);
	memcpy(asker, info->src, 16);
	memcpy(mac, nd->has_mac ? nd->mac : pkt->frame + 6, 6);
	if (nd->has_mac && iface_on_link(iface, 6, asker) != NULL)
		neigh_learn(
			l3->neigh, pkt->cp, 6, asker, mac, true, false, l3->vnf->now_ns);
	l3_set_len(
		pkt->mbuf, l3_nd_advert(pkt->frame, iface->mac, nd->target, asker, mac));
	return VNF_FORWARD(pkt->cp);
}

static vnf_verdict
advertised(struct l3 *l3, struct l3_pkt *pkt, const struct l3_nd *nd)
{
	const struct iface *iface = &l3->config->ifaces[pkt->cp];

	if (iface_owns(iface, 6, nd->target)) /* someone else has our address */
		return VNF_DROP(L3_BAD_NEIGHBOUR);
	neigh_learn(l3->neigh, pkt->cp, 6, nd->target,
		nd->has_mac ? nd->mac : pkt->frame + 6, false, nd->solicited,
		l3->vnf->now_ns);
	return VNF_DROP(L3_LOCAL);
}

/* ---- for us ---- */

static vnf_verdict
answer_echo(struct l3 *l3, struct l3_pkt *pkt)
{
	struct l3_hop hop;

	if (!csum_l4_ok(pkt->frame, &pkt->info))
		return VNF_DROP(VNF_REASON_MALFORMED);
	icmp_echo_reply(pkt->frame, &pkt->info);
	if (!l3_out_route(l3, pkt->cp, pkt->info.family, pkt->info.dst, &hop))
		return VNF_DROP(L3_NO_ROUTE);
	return l3_out_send(l3, pkt, &hop);
}

vnf_verdict
l3_local(struct l3 *l3, struct l3_pkt *pkt)
{
	const struct pkt_info *info = &pkt->info;

	if (icmp_is_echo_request(info))
		return answer_echo(l3, pkt);
	if (info->fragment)
		return VNF_DROP(L3_NO_SERVICE);
	if (info->proto == (info->family == 4 ? PKT_PROTO_ICMP : PKT_PROTO_ICMPV6))
		return VNF_DROP(L3_LOCAL);
	if (info->proto == PKT_PROTO_UDP || info->proto == PKT_PROTO_TCP)
		return l3_out_reject(l3, pkt, ICMP_PORT, L3_NO_SERVICE);
	return l3_out_reject(l3, pkt, ICMP_PROTO, L3_NO_SERVICE);
}
