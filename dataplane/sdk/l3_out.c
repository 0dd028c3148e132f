/* l3_out.c: what a routed VNF sends; see l3_out.h. */
#include "dataplane/sdk/l3_out.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/sdk/l3_arp.h"
#include "dataplane/sdk/l3_frag.h"
#include "dataplane/sdk/l3_nd.h"
#include "dataplane/sdk/offload.h"

static vnf_verdict wait_for_neighbour(
	struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop);
static bool fit(struct l3 *l3, struct rte_mbuf *mbuf, unsigned cp);
static const uint8_t *error_source(const struct l3 *l3, const struct pkt_info *info,
	enum icmp_error kind, unsigned cp);
static void write_macs(
	const struct l3 *l3, uint8_t *frame, unsigned cp, const uint8_t *dst);

/* ---- forwarding ---- */

static bool
may_be_cut(const struct l3_pkt *pkt)
{
	const uint8_t flags =
		pkt->frame[pkt->info.l3 + offsetof(struct pkt_ip4, frag_off)];

	return pkt->info.family == 4 && !(flags & PKT_IP4_DF >> 8);
}

vnf_verdict
l3_out_check_further(struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop)
{
	if (pkt->info.ttl <= 1)
		return l3_out_reject(l3, pkt, ICMP_TTL, L3_TTL);
	if (may_be_cut(pkt) || offload_wire_len(pkt->mbuf, pkt->frame, &pkt->info) <=
				       l3_out_mtu(l3, hop->cp))
		return L3_ACCEPT;
	l3_out_error(l3, pkt, ICMP_TOO_BIG, l3_out_mtu(l3, hop->cp));
	return VNF_DROP(L3_TOO_BIG);
}

void
l3_out_release(struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop)
{
	const uint8_t *mac = neigh_find(l3->neigh, hop->cp, hop->family, hop->addr);

	l3_out_count_down(pkt);
	if (mac == NULL) {
		if (!neigh_hold(l3->neigh, hop->cp, hop->family, hop->addr, pkt->mbuf,
			    l3->vnf->now_ns))
			vnf_discard(l3->vnf, pkt->mbuf, L3_NEIGHBOUR_QUEUE);
		return;
	}
	write_macs(l3, pkt->frame, hop->cp, mac);
	if (fit(l3, pkt->mbuf, hop->cp))
		vnf_send(l3->vnf, pkt->mbuf, hop->cp);
	else
		vnf_discard(l3->vnf, pkt->mbuf, VNF_REASON_NO_BUFFER);
}

vnf_verdict
l3_out_send_further(
	struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop, const uint8_t *mac)
{
	if (mac == NULL)
		return wait_for_neighbour(l3, pkt, hop);
	write_macs(l3, pkt->frame, hop->cp, mac);
	if (!fit(l3, pkt->mbuf, hop->cp))
		return VNF_DROP(VNF_REASON_NO_BUFFER);
	return VNF_FORWARD(hop->cp);
}

static vnf_verdict
wait_for_neighbour(struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop)
{
	if (!vnf_hold(l3->vnf, pkt->mbuf))
		return VNF_DROP(L3_NEIGHBOUR_QUEUE);
	if (!neigh_hold(l3->neigh, hop->cp, hop->family, hop->addr, pkt->mbuf,
		    l3->vnf->now_ns))
		vnf_discard(l3->vnf, pkt->mbuf, L3_NEIGHBOUR_QUEUE);
	return VNF_HOLD;
}

static void
write_macs(const struct l3 *l3, uint8_t *frame, unsigned cp, const uint8_t *dst)
{
	memcpy(frame, dst, 6);
	memcpy(frame + 6, l3->config->ifaces[cp].mac, 6);
}

/* ---- fragments ---- */

/* Fills out with n empty buffers, or none. */
static bool
originate(struct vnf *vnf, struct rte_mbuf **out, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		out[i] = vnf_originate(vnf);
		if (out[i] != NULL)
			continue;
		while (i-- > 0)
			vnf_discard(vnf, out[i], VNF_NOT_COUNTED);
		return false;
	}
	return true;
}

/* Cuts a packet that is larger than the MTU of cp: it becomes its own first fragment, the
 * others are sent behind it. One that the port cuts is told how, if it has to be. The
 * Ethernet header is written. False: no buffers. */
static bool
fit(struct l3 *l3, struct rte_mbuf *mbuf, unsigned cp)
{
	const uint16_t mtu = l3_out_mtu(l3, cp);
	uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);
	struct rte_mbuf *others[L3_FRAG_MAX];
	struct pkt_info info;

	if (likely(mbuf->data_len <= mtu + PKT_ETH_LEN))
		return true;
	if (pkt_parse(frame, mbuf->data_len, &info) != PKT_OK)
		return false;
	if (offload_is_large(mbuf))
		return offload_wire_len(mbuf, frame, &info) <= mtu ||
		       offload_shrink(mbuf, frame, &info, mtu);
	if (info.family != 4)
		return false;
	offload_finish(mbuf, frame, &info);
	const struct l3_frag plan = l3_frag_plan(frame, &info, mtu);

	if (plan.n == 0 || !originate(l3->vnf, others, plan.n - 1u))
		return false;
	for (unsigned i = 1; i < plan.n; i++) {
		struct rte_mbuf *m = others[i - 1];

		l3_set_len(m,
			l3_frag_write(&plan, frame, i, rte_pktmbuf_mtod(m, uint8_t *)));
		vnf_follow(l3->vnf, m, mbuf);
		vnf_send(l3->vnf, m, cp);
	}
	if (plan.n > 1)
		l3_set_len(mbuf, l3_frag_trim(&plan, frame));
	return true;
}

/* ---- ICMP errors ---- */

bool
l3_out_route(struct l3 *l3, unsigned cp, uint8_t family, const uint8_t dst[16],
	struct l3_hop *hop)
{
	if (!iface_is_link_local(family, dst))
		return l3->ops->route(l3->arg, family, dst, hop);
	*hop = (struct l3_hop){.cp = (uint8_t)cp, .family = family};
	memcpy(hop->addr, dst, 16);
	return true;
}

void
l3_out_error(struct l3 *l3, const struct l3_pkt *pkt, enum icmp_error kind, uint32_t rest)
{
	const struct pkt_info *info = &pkt->info;
	struct l3_hop hop;

	if (!icmp_error_allowed(pkt->frame, info, kind) ||
		!l3_out_route(l3, pkt->cp, info->family, info->src, &hop))
		return;
	const uint8_t *src = error_source(l3, info, kind, hop.cp);
	const uint8_t *mac = neigh_find(l3->neigh, hop.cp, hop.family, hop.addr);

	if (mac == NULL) /* ask, for the next time: what is made cannot be held */
		neigh_hold(
			l3->neigh, hop.cp, hop.family, hop.addr, NULL, l3->vnf->now_ns);
	if (src == NULL || mac == NULL ||
		!icmp_limit_take(&l3->limit, info->src, l3->vnf->now_ns))
		return;
	struct rte_mbuf *m = vnf_originate(l3->vnf);

	if (m == NULL) {
		vnf_count_drop(l3->vnf, VNF_REASON_NO_BUFFER);
		return;
	}
	uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *);

	l3_set_len(m, icmp_error_build(frame, rte_pktmbuf_tailroom(m), pkt->frame, info,
			      kind, rest, src));
	write_macs(l3, frame, hop.cp, mac);
	vnf_send(l3->vnf, m, hop.cp);
}

/* The address of the interface that it leaves by (RFC 1812 4.3.2.4); of what was sent to
 * an IPv6 address of ours, that one (RFC 4443 2.2 a). */
static const uint8_t *
error_source(const struct l3 *l3, const struct pkt_info *info, enum icmp_error kind,
	unsigned cp)
{
	if (info->family == 6 && (kind == ICMP_PORT || kind == ICMP_PROTO))
		return info->dst;
	return iface_source(&l3->config->ifaces[cp], info->family, info->src);
}

vnf_verdict
l3_out_reject(
	struct l3 *l3, const struct l3_pkt *pkt, enum icmp_error kind, unsigned reason)
{
	l3_out_error(l3, pkt, kind, 0);
	return VNF_DROP(reason);
}

/* ---- neighbours ---- */

static void
solicit(void *arg, const struct neigh_record *record)
{
	struct l3 *l3 = arg;
	const unsigned cp = record->key.sport;
	const struct iface *iface = &l3->config->ifaces[cp];
	const uint8_t *target = record->key.src;
	const uint8_t *src = iface_source(iface, record->key.kind, target);
	const uint8_t *dst_mac = record->state == NEIGH_PROBE ? record->mac : NULL;
	struct rte_mbuf *m = src != NULL ? vnf_originate(l3->vnf) : NULL;

	if (m == NULL) /* the next try is a second away */
		return;
	uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *);

	l3_set_len(m, record->key.kind == 4
			      ? l3_arp_request(frame, iface->mac, src, target, dst_mac)
			      : l3_nd_solicit(frame, iface->mac, src, target, dst_mac));
	vnf_send(l3->vnf, m, cp);
}

static void
resolved(void *arg, const struct neigh_record *record, struct rte_mbuf *mbuf)
{
	struct l3 *l3 = arg;
	const unsigned cp = record->key.sport;

	write_macs(l3, rte_pktmbuf_mtod(mbuf, uint8_t *), cp, record->mac);
	if (fit(l3, mbuf, cp))
		vnf_send(l3->vnf, mbuf, cp);
	else
		vnf_discard(l3->vnf, mbuf, VNF_REASON_NO_BUFFER);
}

static void
failed(void *arg, const struct neigh_record *record, struct rte_mbuf *mbuf, bool full)
{
	struct l3 *l3 = arg;
	struct l3_pkt pkt = {.mbuf = mbuf,
		.frame = rte_pktmbuf_mtod(mbuf, uint8_t *),
		.cp = record->key.sport};

	if (!full && pkt_parse(pkt.frame, mbuf->data_len, &pkt.info) == PKT_OK &&
		(l3->ops->restore == NULL || l3->ops->restore(l3->arg, &pkt)))
		l3_out_error(l3, &pkt, ICMP_HOST, 0);
	vnf_discard(l3->vnf, mbuf, full ? L3_NEIGHBOUR_QUEUE : L3_NO_NEIGHBOUR);
}

const struct neigh_ops l3_out_neigh_ops = {
	.solicit = solicit,
	.resolved = resolved,
	.failed = failed,
};
