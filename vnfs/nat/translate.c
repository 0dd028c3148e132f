/* translate.c: packets of a NAT, out, in and hairpinned; see translate.h. */
#include "vnfs/nat/translate.h"
#include <string.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/nat/errors.h"
#include "vnfs/nat/mss.h"
#include "vnfs/nat/rewrite.h"

#define STRANGERS_ONCE 16 /* answered in one tick */
#define TCP_OVERHEAD   (PKT_IP4_LEN + PKT_TCP_LEN)
#define OPENING	       (PKT_TCP_SYN | PKT_TCP_ACK | PKT_TCP_RST) /* flags looked at */

static vnf_verdict out_new(
	struct nat *nat, struct translate_pkt *work, const struct l3_hop *hop);
static vnf_verdict to_pool(struct nat *nat, struct translate_pkt *work);
static vnf_verdict hairpin(struct nat *nat, struct translate_pkt *work, uint32_t target);
static vnf_verdict in_new(struct nat *nat, struct translate_pkt *work);
static vnf_verdict turned_away(
	struct nat *nat, struct translate_pkt *work, enum table_result result);
static bool is_translated(const struct nat *nat, uint8_t proto);
static vnf_verdict drop_for(enum table_result result);
static vnf_verdict refuse(
	struct nat *nat, const struct l3_pkt *pkt, enum table_result result);

/* ---- out ---- */

static inline void
leave(struct nat *nat, struct l3_pkt *pkt, session_ref ref)
{
	const struct table_session *s = table_of(&nat->table, ref);

	table_seen(&nat->table, ref, true, pkt->info.tcp_flags, nat_now(nat));
	if (rewrite_needs_ident(pkt->frame, &pkt->info))
		rewrite_ident(pkt->frame, &pkt->info,
			ident_next(&nat->ident, s->out.dst, s->in.dst, s->in.proto));
	rewrite(pkt->frame, &pkt->info, REWRITE_SRC, s->out.dst, s->out.dport);
}

/* The session that the burst's lookup found, if it still is what it was; else looked up
 * again. */
static inline session_ref
session_of(struct nat *nat, const struct translate_pkt *work)
{
	if (likely(work->ref != SESSION_NONE && nat->table.n_ended == nat->n_ended)) {
		const struct table_session *s = table_of(&nat->table, work->ref);

		if (likely(s->session.expires_ns > nat_now(nat) &&
			    !(s->flags & TABLE_GUEST)))
			return work->ref;
	}
	return work->keyed ? table_find(&nat->table, &work->key, work->ref, nat_now(nat))
			   : SESSION_NONE;
}

vnf_verdict
translate_out(struct nat *nat, struct translate_pkt *work)
{
	struct l3_pkt *pkt = &work->pkt;
	struct nat_hop way;

	if (unlikely(pkt->info.family != 4))
		return VNF_DROP(NAT_PROTOCOL);
	if (unlikely(nat_in_pool(nat, pkt->info.dst)))
		return to_pool(nat, work);
	const vnf_verdict verdict = translate_hop(nat, pkt, nat_ip(pkt->info.dst), &way);

	if (unlikely(verdict != L3_ACCEPT))
		return verdict;
	if (unlikely(way.hop->cp ==
		     CONFIG_INSIDE)) /* from one inside network to another */
		return l3_out_forward(&nat->l3, pkt, way.hop);
	const session_ref ref = session_of(nat, work);

	if (unlikely(ref == SESSION_NONE))
		return out_new(nat, work, way.hop);
	leave(nat, pkt, ref);
	return translate_send(nat, pkt, way.hop);
}

/* A session for a first packet from inside; the inside host may be meeting a stranger. */
static session_ref
open_out(struct nat *nat, struct translate_pkt *work, enum table_result *result)
{
	const session_ref ref = table_add_out(
		&nat->table, &work->key, &work->pkt.info, nat_now(nat), result);

	if (ref != SESSION_NONE && (work->pkt.info.tcp_flags & OPENING) == PKT_TCP_SYN)
		strangers_meet(&nat->strangers, &table_of(&nat->table, ref)->out);
	return ref;
}

static vnf_verdict
out_new(struct nat *nat, struct translate_pkt *work, const struct l3_hop *hop)
{
	struct l3_pkt *pkt = &work->pkt;
	enum table_result result;

	if (direct_is_plain(nat->direct, nat_ip(pkt->info.dst)))
		return translate_send(nat, pkt, hop);
	if (errors_is(&pkt->info))
		return errors_out(nat, pkt);
	const uint32_t own = direct_out(nat->direct, nat_ip(pkt->info.src));

	if (own != 0) {
		rewrite_address(pkt->frame, &pkt->info, REWRITE_SRC, own);
		return translate_send(nat, pkt, hop);
	}
	if (!work->keyed || !is_translated(nat, pkt->info.proto))
		return VNF_DROP(NAT_PROTOCOL);
	const session_ref ref = open_out(nat, work, &result);

	if (ref == SESSION_NONE)
		return refuse(nat, pkt, result);
	leave(nat, pkt, ref);
	return translate_send(nat, pkt, hop);
}

/* ---- from inside to an address of the pool: another inside host, or this NAT ---- */

/* The inside host that a host with an address to itself answers without a port: by the
 * session of the question. 0: none. */
static uint32_t
asker_of(struct nat *nat, const struct pkt_info *info)
{
	const uint32_t own = direct_out(nat->direct, nat_ip(info->src));
	struct pkt_info answer = *info;
	struct session_key4 key;

	memcpy(answer.src, &own, 4);
	if (own == 0 || !key_in(&answer, &key))
		return 0;
	const session_ref ref = table_find(&nat->table, &key, SESSION_NONE, nat_now(nat));

	return ref == SESSION_NONE ? 0 : table_of(&nat->table, ref)->in.src;
}

/* The inside host that has this outside end. 0: none. */
static uint32_t
hairpin_target(struct nat *nat, const struct pkt_info *info)
{
	const uint32_t ip = nat_ip(info->dst);
	const uint32_t direct = direct_in(nat->direct, ip);

	if (direct != 0)
		return direct;
	if (info->proto != PKT_PROTO_TCP && info->proto != PKT_PROTO_UDP)
		return asker_of(nat, info);
	const map_ref map =
		maps_by_outside(nat->table.maps, info->proto, ip, info->dport);

	return map == MAP_NONE ? 0 : maps_of(nat->table.maps, map)->in_ip;
}

static vnf_verdict
to_pool(struct nat *nat, struct translate_pkt *work)
{
	struct l3_pkt *pkt = &work->pkt;
	uint32_t target = 0;

	if (nat->config->hairpinning) {
		if (errors_is(&pkt->info))
			return errors_out(nat, pkt);
		target = hairpin_target(nat, &pkt->info);
	}
	if (target != 0)
		return hairpin(nat, work, target);
	return iface_owns(&nat->l3.config->ifaces[CONFIG_OUTSIDE], 4, pkt->info.dst)
		       ? l3_local(&nat->l3, pkt)
		       : VNF_DROP(NAT_NO_MAPPING);
}

/* Puts the sender's outside end into the packet. False: it has none, *result says why. */
static bool
hairpin_out(struct nat *nat, struct translate_pkt *work, enum table_result *result)
{
	struct l3_pkt *pkt = &work->pkt;
	const uint32_t own = direct_out(nat->direct, nat_ip(pkt->info.src));

	if (own != 0) {
		rewrite_address(pkt->frame, &pkt->info, REWRITE_SRC, own);
		return true;
	}
	*result = TABLE_NO_MAPPING;
	if (!work->keyed || !is_translated(nat, pkt->info.proto))
		return false;
	session_ref ref = table_find(&nat->table, &work->key, work->ref, nat_now(nat));

	if (ref == SESSION_NONE)
		ref = open_out(nat, work, result);
	if (ref == SESSION_NONE)
		return false;
	leave(nat, pkt, ref);
	return true;
}

/* The session by which what is now a packet from outside comes in. */
static session_ref
session_in(struct nat *nat, struct translate_pkt *work, enum table_result *result)
{
	session_ref ref;

	*result = TABLE_NO_MAPPING;
	if (!work->keyed)
		return SESSION_NONE;
	ref = table_find(&nat->table, &work->key, work->ref, nat_now(nat));
	return ref != SESSION_NONE ? ref
				   : table_add_in(&nat->table, &work->key,
					     &work->pkt.info, nat_now(nat), result);
}

/* RFC 4787 REQ-9: out and in again, with the outside end as source. */
static vnf_verdict
hairpin(struct nat *nat, struct translate_pkt *work, uint32_t target)
{
	struct l3_pkt *pkt = &work->pkt;
	const bool direct = direct_in(nat->direct, nat_ip(pkt->info.dst)) != 0;
	enum table_result result;
	struct nat_hop way;
	const vnf_verdict verdict = translate_hop(nat, pkt, target, &way);

	if (verdict != L3_ACCEPT)
		return verdict;
	if (!hairpin_out(nat, work, &result))
		return refuse(nat, pkt, result);
	if (direct) {
		rewrite_address(pkt->frame, &pkt->info, REWRITE_DST, target);
		return translate_send(nat, pkt, way.hop);
	}
	work->ref = SESSION_NONE;
	work->keyed = key_in(&pkt->info, &work->key);
	const session_ref ref = session_in(nat, work, &result);

	if (ref == SESSION_NONE)
		return drop_for(result);
	const struct table_session *s = table_of(&nat->table, ref);

	table_seen(&nat->table, ref, false, pkt->info.tcp_flags, nat_now(nat));
	rewrite(pkt->frame, &pkt->info, REWRITE_DST, s->in.src, s->in.sport);
	return translate_send(nat, pkt, way.hop);
}

/* ---- in ---- */

/* Sends a packet of a session to its inside end. */
static inline vnf_verdict
deliver(struct nat *nat, struct l3_pkt *pkt, session_ref ref)
{
	const struct table_session *s = table_of(&nat->table, ref);
	struct nat_hop way;

	table_seen(&nat->table, ref, false, pkt->info.tcp_flags, nat_now(nat));
	const vnf_verdict verdict = translate_hop(nat, pkt, s->in.src, &way);

	if (unlikely(verdict != L3_ACCEPT))
		return verdict;
	rewrite(pkt->frame, &pkt->info, REWRITE_DST, s->in.src, s->in.sport);
	return translate_send(nat, pkt, way.hop);
}

vnf_verdict
translate_in(struct nat *nat, struct translate_pkt *work)
{
	struct l3_pkt *pkt = &work->pkt;

	if (unlikely(pkt->info.family != 4))
		return VNF_DROP(NAT_PROTOCOL);
	const session_ref ref = session_of(nat, work);

	return unlikely(ref == SESSION_NONE) ? in_new(nat, work) : deliver(nat, pkt, ref);
}

/* To a host that has an outside address to itself, or from a network that is not
 * translated. *verdict is set if it is one of them. */
static bool
in_direct(struct nat *nat, struct l3_pkt *pkt, vnf_verdict *verdict)
{
	const uint32_t target = direct_in(nat->direct, nat_ip(pkt->info.dst));
	const bool plain = target == 0 &&
			   direct_is_plain(nat->direct, nat_ip(pkt->info.src)) &&
			   !nat_in_pool(nat, pkt->info.dst);
	struct nat_hop way;

	if (target == 0 && !plain)
		return false;
	*verdict = translate_hop(nat, pkt, plain ? nat_ip(pkt->info.dst) : target, &way);
	if (*verdict != L3_ACCEPT)
		return true;
	if (plain && way.hop->cp != CONFIG_INSIDE) {
		*verdict = VNF_DROP(NAT_NO_MAPPING);
		return true;
	}
	if (!plain)
		rewrite_address(pkt->frame, &pkt->info, REWRITE_DST, target);
	*verdict = translate_send(nat, pkt, way.hop);
	return true;
}

static vnf_verdict
in_new(struct nat *nat, struct translate_pkt *work)
{
	struct l3_pkt *pkt = &work->pkt;
	enum table_result result = TABLE_NO_MAPPING;
	vnf_verdict verdict;

	if (errors_is(&pkt->info))
		return errors_in(nat, pkt);
	if (in_direct(nat, pkt, &verdict))
		return verdict;
	const session_ref ref = work->keyed ? table_add_in(&nat->table, &work->key,
						      &pkt->info, nat_now(nat), &result)
					    : SESSION_NONE;

	return ref != SESSION_NONE ? deliver(nat, pkt, ref)
				   : turned_away(nat, work, result);
}

/* From outside, and nobody inside wants it: it may be for this NAT, or be the first half
 * of a connection that both sides open (RFC 5382 REQ-4). */
static vnf_verdict
turned_away(struct nat *nat, struct translate_pkt *work, enum table_result result)
{
	struct l3_pkt *pkt = &work->pkt;
	const struct pkt_info *info = &pkt->info;
	const bool refused = result == TABLE_NO_MAPPING || result == TABLE_FILTERED;

	if (info->proto == PKT_PROTO_TCP) {
		if (refused && (info->tcp_flags & OPENING) == PKT_TCP_SYN &&
			nat->config->unsolicited_syn == CONFIG_SYN_REJECT &&
			nat_in_pool(nat, info->dst))
			strangers_add(&nat->strangers, &work->key, pkt->frame, info,
				nat_now(nat));
		return drop_for(result);
	}
	if (result == TABLE_NO_MAPPING &&
		iface_owns(&nat->l3.config->ifaces[CONFIG_OUTSIDE], 4, info->dst))
		return l3_local(&nat->l3, pkt);
	return drop_for(result);
}

void
translate_strangers(struct nat *nat)
{
	for (unsigned i = 0; i < STRANGERS_ONCE; i++) {
		const struct stranger *s = strangers_due(&nat->strangers, nat_now(nat));

		if (s == NULL)
			return;
		const struct l3_pkt pkt = {.frame = (uint8_t *)(uintptr_t)s->frame,
			.cp = CONFIG_OUTSIDE,
			.info = s->info};

		l3_out_error(&nat->l3, &pkt, ICMP_PORT, 0);
	}
}

/* ---- the rest ---- */

/* AH protects the addresses. A replica cannot tell whose an answer without a port is. */
static bool
is_translated(const struct nat *nat, uint8_t proto)
{
	if (proto == PKT_PROTO_TCP || proto == PKT_PROTO_UDP || proto == PKT_PROTO_ICMP)
		return true;
	return nat->config->other_protocols && !nat->shares && proto != PKT_PROTO_AH;
}

/* Routes of a NAT are few, and the same destinations come again. */
static const struct l3_route *
route_to(struct nat *nat, uint32_t ip)
{
	struct nat_way *way = &nat->ways[ip * 0x9e3779b1u >> 22];
	uint8_t dst[16] = {0};

	if (likely(way->ip == ip && way->epoch == nat->epoch))
		return &nat->routes->routes[way->route];
	memcpy(dst, &ip, 4);
	const struct l3_route *route = l3_route_find(nat->routes, 4, dst);

	if (route != NULL && route - nat->routes->routes <= UINT16_MAX)
		*way = (struct nat_way){
			ip, nat->epoch, (uint16_t)(route - nat->routes->routes)};
	return route;
}

static vnf_verdict
no_hop(struct nat *nat, struct l3_pkt *pkt, const struct l3_route *route)
{
	if (route == NULL)
		return l3_out_reject(&nat->l3, pkt, ICMP_NO_ROUTE, L3_NO_ROUTE);
	return route->kind == L3_ROUTE_LOCAL ? l3_local(&nat->l3, pkt)
					     : VNF_DROP(L3_MULTICAST);
}

vnf_verdict
translate_hop(struct nat *nat, struct l3_pkt *pkt, uint32_t ip, struct nat_hop *way)
{
	const struct l3_route *route = route_to(nat, ip);

	if (likely(route != NULL && route->kind == L3_ROUTE_VIA)) {
		way->hop = &nat->routes->hops[route->hops];
	} else if (route != NULL && route->kind == L3_ROUTE_CONNECTED) {
		way->link = (struct l3_hop){.cp = route->cp, .family = 4};
		memcpy(way->link.addr, &ip, 4);
		way->hop = &way->link;
	} else {
		return no_hop(nat, pkt, route);
	}
	return l3_out_check(&nat->l3, pkt, way->hop);
}

/* The segment size that both sides have room for, or that is configured. */
static uint16_t
mss_limit(const struct nat *nat)
{
	const struct l3 *l3 = &nat->l3;
	uint16_t mtu = UINT16_MAX;

	if (nat->config->tcp_mss != CONFIG_MSS_AUTO)
		return (uint16_t)nat->config->tcp_mss;
	for (unsigned cp = CONFIG_INSIDE; cp <= CONFIG_OUTSIDE; cp++) {
		const uint16_t one =
			iface_mtu(&l3->config->ifaces[cp], l3->vnf->port_mtu[cp]);

		mtu = one < mtu ? one : mtu;
	}
	return mtu > TCP_OVERHEAD ? (uint16_t)(mtu - TCP_OVERHEAD) : 0;
}

vnf_verdict
translate_send(struct nat *nat, struct l3_pkt *pkt, const struct l3_hop *hop)
{
	if (unlikely(pkt->info.tcp_flags & PKT_TCP_SYN) && nat->config->tcp_mss != 0)
		mss_clamp(pkt->frame, &pkt->info, mss_limit(nat));
	return l3_out_forward(&nat->l3, pkt, hop);
}

static const struct {
	uint16_t reason;
	const char *name;
} results[TABLE_RESULTS] = {
	[TABLE_NO_MAPPING] = {NAT_NO_MAPPING, "no-mapping"},
	[TABLE_FILTERED] = {NAT_FILTERED, "filtered"},
	[TABLE_FULL] = {NAT_FULL, "sessions-full"},
	[TABLE_NO_PORT] = {NAT_NO_PORT, "ports-exhausted"},
	[TABLE_QUOTA] = {NAT_QUOTA, "host-quota"},
	[TABLE_HOST_PORTS] = {NAT_HOST_PORTS, "host-ports"},
	[TABLE_HOST_RATE] = {NAT_HOST_RATE, "host-rate"},
};

static vnf_verdict
drop_for(enum table_result result)
{
	return VNF_DROP(results[result].reason);
}

/* RFC 5508 REQ-8: an inside host that cannot have a session is told, and so is the log.
 */
static vnf_verdict
refuse(struct nat *nat, const struct l3_pkt *pkt, enum table_result result)
{
	const struct pkt_info *info = &pkt->info;

	if (result != TABLE_NO_MAPPING && result != TABLE_FILTERED) {
		journal_refuse(&nat->journal, results[result].name, info->proto,
			nat_ip(info->src), info->sport, nat_now(nat));
		l3_out_error(&nat->l3, pkt, ICMP_PROHIBITED, 0);
	}
	return drop_for(result);
}

bool
translate_restore(struct nat *nat, struct l3_pkt *pkt)
{
	const bool outbound = pkt->cp == CONFIG_OUTSIDE;
	struct pkt_info *info = &pkt->info;
	struct session_key4 key;

	if (errors_is(info) || !key_answer(info, outbound, &key))
		return false;
	const uint32_t direct = outbound ? direct_in(nat->direct, nat_ip(info->src))
					 : direct_out(nat->direct, nat_ip(info->dst));

	if (direct != 0) {
		rewrite_address(
			pkt->frame, info, outbound ? REWRITE_SRC : REWRITE_DST, direct);
		return true;
	}
	if (direct_is_plain(nat->direct, nat_ip(outbound ? info->dst : info->src)))
		return true;
	const session_ref ref = table_find(&nat->table, &key, SESSION_NONE, nat_now(nat));

	if (ref == SESSION_NONE || (!outbound && nat_in_pool(nat, info->src)))
		return false;
	const struct table_session *s = table_of(&nat->table, ref);

	if (outbound)
		rewrite(pkt->frame, info, REWRITE_SRC, s->in.src, s->in.sport);
	else
		rewrite(pkt->frame, info, REWRITE_DST, s->out.dst, s->out.dport);
	return true;
}
