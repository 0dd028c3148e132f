/* translate.c: packets of a NAT, out, in, hairpinned, and the ICMP errors about them; see
 * translate.h. */
#include "vnfs/nat/translate.h"
#include <string.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/nat/rewrite.h"

#define ECHO_REPLY   0
#define ECHO_REQUEST 8

static vnf_verdict hairpin(struct nat *nat, struct translate_pkt *work, session_ref map);
static vnf_verdict to_pool(struct nat *nat, struct translate_pkt *work);
static vnf_verdict error_out(struct nat *nat, struct l3_pkt *pkt);
static vnf_verdict error_in(struct nat *nat, struct l3_pkt *pkt);
static vnf_verdict fragment(struct nat *nat, struct l3_pkt *pkt, enum rewrite_side side);
static vnf_verdict deliver_in(
	struct nat *nat, struct l3_pkt *pkt, uint32_t ip, uint16_t port);
static vnf_verdict check_hop(
	struct nat *nat, struct l3_pkt *pkt, const uint8_t dst[16], struct l3_hop *hop);
static vnf_verdict refuse(struct nat *nat, struct l3_pkt *pkt, enum table_result result);

static inline uint64_t
now(const struct nat *nat)
{
	return nat->l3.vnf->now_ns;
}

static inline uint32_t
ip_of(const uint8_t addr[16])
{
	uint32_t ip;

	memcpy(&ip, addr, 4);
	return ip;
}

static bool
is_icmp_error(const struct pkt_info *info)
{
	return info->proto == PKT_PROTO_ICMP && info->first &&
	       ((info->icmp_type >= 3 && info->icmp_type <= 5) || info->icmp_type == 11 ||
		       info->icmp_type == 12);
}

static bool
in_pool(const struct nat *nat, const uint8_t addr[16])
{
	return pool_find(maps_pool(nat->table.maps), ip_of(addr)) >= 0;
}

/* The session of a packet, made if it is new. */
static session_ref
session_of(struct nat *nat, const struct translate_pkt *work, bool outbound,
	enum table_result *result)
{
	const session_ref ref = table_find(&nat->table, &work->key, work->ref, now(nat));

	if (likely(ref != SESSION_NONE))
		return ref;
	return outbound ? table_add_out(&nat->table, &work->key, &work->pkt.info,
				  now(nat), result)
			: table_add_in(&nat->table, &work->key, &work->pkt.info, now(nat),
				  result);
}

/* ---- out ---- */

/* Puts the outside end of its session into the packet. False: no session, *result says
 * why. */
static bool
rewrite_out(struct nat *nat, struct translate_pkt *work, enum table_result *result)
{
	struct l3_pkt *pkt = &work->pkt;
	const session_ref ref = session_of(nat, work, true, result);

	if (unlikely(ref == SESSION_NONE))
		return false;
	const struct table_session *s = table_of(&nat->table, ref);

	table_seen(&nat->table, ref, true, pkt->info.tcp_flags, now(nat));
	if (unlikely(pkt->info.fragment))
		frags_remember(nat->frags, pkt->cp, &pkt->info, s->out.dst, now(nat));
	rewrite(pkt->frame, &pkt->info, REWRITE_SRC, s->out.dst, s->out.dport);
	return true;
}

vnf_verdict
translate_out(struct nat *nat, struct translate_pkt *work)
{
	struct l3_pkt *pkt = &work->pkt;
	enum table_result result;
	struct l3_hop hop;

	if (pkt->info.family != 4)
		return VNF_DROP(TRANSLATE_PROTOCOL);
	if (unlikely(in_pool(nat, pkt->info.dst)))
		return to_pool(nat, work);
	const vnf_verdict verdict = check_hop(nat, pkt, pkt->info.dst, &hop);

	if (verdict != L3_ACCEPT)
		return verdict;
	if (hop.cp == CONFIG_INSIDE) /* from one inside network to another */
		return l3_out_forward(&nat->l3, pkt, &hop);
	if (!pkt->info.first)
		return fragment(nat, pkt, REWRITE_SRC);
	if (is_icmp_error(&pkt->info))
		return error_out(nat, pkt);
	if (!work->keyed)
		return VNF_DROP(TRANSLATE_PROTOCOL);
	if (!rewrite_out(nat, work, &result))
		return refuse(nat, pkt, result);
	return l3_out_forward(&nat->l3, pkt, &hop);
}

/* From inside to an address of the pool: another inside host, or this NAT. */
static vnf_verdict
to_pool(struct nat *nat, struct translate_pkt *work)
{
	struct l3_pkt *pkt = &work->pkt;
	const struct pkt_info *info = &pkt->info;
	const bool own =
		iface_owns(&nat->l3.config->ifaces[CONFIG_OUTSIDE], 4, info->dst);
	session_ref map = SESSION_NONE;

	if (is_icmp_error(info) && nat->config->hairpinning)
		return error_out(nat, pkt);
	if (work->keyed && info->proto != PKT_PROTO_ICMP && nat->config->hairpinning)
		map = maps_by_outside(
			nat->table.maps, info->proto, ip_of(info->dst), info->dport);
	if (map != SESSION_NONE)
		return hairpin(nat, work, map);
	return own ? l3_local(&nat->l3, pkt) : VNF_DROP(TRANSLATE_NO_MAPPING);
}

/* RFC 4787 REQ-9: out and in again, with the outside end as source. */
static vnf_verdict
hairpin(struct nat *nat, struct translate_pkt *work, session_ref map)
{
	struct l3_pkt *pkt = &work->pkt;
	uint8_t target[16] = {0};
	enum table_result result;
	struct l3_hop hop;

	memcpy(target, &maps_of(nat->table.maps, map)->in.src, 4);
	const vnf_verdict verdict = check_hop(nat, pkt, target, &hop);

	if (verdict != L3_ACCEPT)
		return verdict;
	if (pkt->info.fragment)
		return VNF_DROP(TRANSLATE_FRAGMENT);
	if (!rewrite_out(nat, work, &result))
		return refuse(nat, pkt, result);
	work->ref = SESSION_NONE;
	table_key_in(&pkt->info, &work->key);
	const session_ref ref = session_of(nat, work, false, &result);

	if (ref == SESSION_NONE)
		return refuse(nat, pkt, result);
	const struct table_session *s = table_of(&nat->table, ref);

	table_seen(&nat->table, ref, false, pkt->info.tcp_flags, now(nat));
	rewrite(pkt->frame, &pkt->info, REWRITE_DST, s->in.src, s->in.sport);
	return l3_out_forward(&nat->l3, pkt, &hop);
}

/* ---- in ---- */

vnf_verdict
translate_in(struct nat *nat, struct translate_pkt *work)
{
	struct l3_pkt *pkt = &work->pkt;
	const struct pkt_info *info = &pkt->info;
	enum table_result result = TABLE_NO_MAPPING;

	if (info->family != 4)
		return VNF_DROP(TRANSLATE_PROTOCOL);
	if (!info->first)
		return fragment(nat, pkt, REWRITE_DST);
	if (is_icmp_error(info))
		return error_in(nat, pkt);
	const session_ref ref =
		work->keyed ? session_of(nat, work, false, &result) : SESSION_NONE;

	if (unlikely(ref == SESSION_NONE)) {
		if (iface_owns(&nat->l3.config->ifaces[CONFIG_OUTSIDE], 4, info->dst) &&
			result == TABLE_NO_MAPPING && info->tcp_flags == 0)
			return l3_local(&nat->l3, pkt);
		return refuse(nat, pkt, result);
	}
	const struct table_session *s = table_of(&nat->table, ref);

	table_seen(&nat->table, ref, false, info->tcp_flags, now(nat));
	return deliver_in(nat, pkt, s->in.src, s->in.sport);
}

/* Sends a packet from outside to the inside end. */
static vnf_verdict
deliver_in(struct nat *nat, struct l3_pkt *pkt, uint32_t ip, uint16_t port)
{
	uint8_t dst[16] = {0};
	struct l3_hop hop;

	memcpy(dst, &ip, 4);
	const vnf_verdict verdict = check_hop(nat, pkt, dst, &hop);

	if (verdict != L3_ACCEPT)
		return verdict;
	if (unlikely(pkt->info.fragment && pkt->info.first))
		frags_remember(nat->frags, pkt->cp, &pkt->info, ip, now(nat));
	rewrite(pkt->frame, &pkt->info, REWRITE_DST, ip, port);
	return l3_out_forward(&nat->l3, pkt, &hop);
}

/* ---- ICMP errors (RFC 5508 section 4): they go to who sent the packet that they are
 * about, and end nothing ---- */

/* From outside, about what an inside host sent; or hairpinned. */
static vnf_verdict
error_in(struct nat *nat, struct l3_pkt *pkt)
{
	struct pkt_info quoted;
	struct l3_hop hop;
	uint8_t dst[16] = {0};

	if (!rewrite_quoted_parse(pkt->frame, &pkt->info, &quoted))
		return VNF_DROP(VNF_REASON_MALFORMED);
	const session_ref map = maps_by_outside(
		nat->table.maps, quoted.proto, ip_of(quoted.src), quoted.sport);

	if (map == SESSION_NONE || ip_of(quoted.src) != ip_of(pkt->info.dst))
		return VNF_DROP(TRANSLATE_NO_MAPPING);
	const struct mapping *m = maps_of(nat->table.maps, map);

	memcpy(dst, &m->in.src, 4);
	const vnf_verdict verdict = check_hop(nat, pkt, dst, &hop);

	if (verdict != L3_ACCEPT)
		return verdict;
	rewrite_quoted(
		pkt->frame, &pkt->info, &quoted, REWRITE_SRC, m->in.src, m->in.sport);
	return l3_out_forward(&nat->l3, pkt, &hop);
}

/* From inside, by a host or a router there, about what came from outside. */
static vnf_verdict
error_out(struct nat *nat, struct l3_pkt *pkt)
{
	struct pkt_info quoted;
	struct l3_hop hop;

	if (!rewrite_quoted_parse(pkt->frame, &pkt->info, &quoted))
		return VNF_DROP(VNF_REASON_MALFORMED);
	const session_ref map = maps_by_inside(
		nat->table.maps, quoted.proto, ip_of(quoted.dst), quoted.dport);

	if (map == SESSION_NONE || ip_of(quoted.src) != ip_of(pkt->info.dst))
		return VNF_DROP(TRANSLATE_NO_MAPPING);
	const struct mapping *m = maps_of(nat->table.maps, map);
	const bool again = in_pool(nat, pkt->info.dst);
	const vnf_verdict verdict =
		again ? L3_ACCEPT : check_hop(nat, pkt, pkt->info.dst, &hop);

	if (verdict != L3_ACCEPT)
		return verdict;
	rewrite_quoted(
		pkt->frame, &pkt->info, &quoted, REWRITE_DST, m->out.src, m->out.sport);
	return again ? error_in(nat, pkt) : l3_out_forward(&nat->l3, pkt, &hop);
}

/* ---- the rest ---- */

static vnf_verdict
fragment(struct nat *nat, struct l3_pkt *pkt, enum rewrite_side side)
{
	struct l3_hop hop;
	uint32_t ip;

	if (!frags_find(nat->frags, pkt->cp, &pkt->info, now(nat), &ip))
		return VNF_DROP(TRANSLATE_FRAGMENT);
	if (side == REWRITE_DST)
		return deliver_in(nat, pkt, ip, 0);
	const vnf_verdict verdict = check_hop(nat, pkt, pkt->info.dst, &hop);

	if (verdict != L3_ACCEPT)
		return verdict;
	rewrite(pkt->frame, &pkt->info, side, ip, 0);
	return l3_out_forward(&nat->l3, pkt, &hop);
}

/* The way to dst, and whether the packet may go it: before anything of it is changed, so
 * that an error quotes what its sender sent. L3_ACCEPT, or its verdict. */
static vnf_verdict
check_hop(struct nat *nat, struct l3_pkt *pkt, const uint8_t dst[16], struct l3_hop *hop)
{
	const struct l3_route *route = l3_route_find(nat->routes, 4, dst);
	struct pkt_info to = {.family = 4};

	if (route == NULL)
		return l3_out_reject(&nat->l3, pkt, ICMP_NO_ROUTE, L3_NO_ROUTE);
	if (route->kind == L3_ROUTE_LOCAL)
		return l3_local(&nat->l3, pkt);
	if (route->kind == L3_ROUTE_BROADCAST)
		return VNF_DROP(L3_MULTICAST);
	memcpy(to.dst, dst, 16);
	l3_route_hop(nat->routes, route, &to, hop);
	return l3_out_check(&nat->l3, pkt, hop);
}

/* RFC 5508 REQ-8: who cannot have a session is told; strangers outside are not. */
static vnf_verdict
refuse(struct nat *nat, struct l3_pkt *pkt, enum table_result result)
{
	static const uint16_t reasons[] = {
		[TABLE_NO_MAPPING] = TRANSLATE_NO_MAPPING,
		[TABLE_FILTERED] = TRANSLATE_FILTERED,
		[TABLE_FULL] = TRANSLATE_FULL,
		[TABLE_NO_PORT] = TRANSLATE_NO_PORT,
		[TABLE_QUOTA] = TRANSLATE_QUOTA,
	};

	if (pkt->cp == CONFIG_INSIDE && result != TABLE_NO_MAPPING &&
		result != TABLE_FILTERED)
		l3_out_error(&nat->l3, pkt, ICMP_PROHIBITED, 0);
	return VNF_DROP(reasons[result]);
}

/* The key of the packets that answer this translated one: its ends exchanged. */
static bool
answer_key(const struct pkt_info *info, bool outbound, struct session_key4 *key)
{
	struct pkt_info answer = *info;

	memcpy(answer.src, info->dst, 16);
	memcpy(answer.dst, info->src, 16);
	answer.sport = info->dport;
	answer.dport = info->sport;
	answer.icmp_type = outbound ? ECHO_REPLY : ECHO_REQUEST;
	return outbound ? table_key_in(&answer, key) : table_key_out(&answer, key);
}

bool
translate_restore(struct nat *nat, struct l3_pkt *pkt)
{
	const bool outbound = pkt->cp == CONFIG_OUTSIDE;
	struct session_key4 key;

	if (is_icmp_error(&pkt->info) || !answer_key(&pkt->info, outbound, &key))
		return false;
	const session_ref ref = table_find(&nat->table, &key, SESSION_NONE, now(nat));

	if (ref == SESSION_NONE || (!outbound && in_pool(nat, pkt->info.src)))
		return false;
	const struct table_session *s = table_of(&nat->table, ref);

	if (outbound)
		rewrite(pkt->frame, &pkt->info, REWRITE_SRC, s->in.src, s->in.sport);
	else
		rewrite(pkt->frame, &pkt->info, REWRITE_DST, s->out.dst, s->out.dport);
	return true;
}
