/* errors.c: ICMP errors of a NAT; see errors.h. */
#include "vnfs/nat/errors.h"
#include "dataplane/pkt/hdr.h"
#include "vnfs/nat/rewrite.h"
#include "vnfs/nat/translate.h"

struct end {
	uint32_t ip;
	uint16_t port;
};

bool
errors_is(const struct pkt_info *info)
{
	return info->proto == PKT_PROTO_ICMP && info->first &&
	       ((info->icmp_type >= 3 && info->icmp_type <= 5) || info->icmp_type == 11 ||
		       info->icmp_type == 12);
}

/* The inside end of a packet that was seen outside as `quoted`, which its sender's end
 * stands for; or the outside end of one that was seen inside, which its receiver's stands
 * for: by a whole address, a session, or a mapping. */
static bool
other_end(struct nat *nat, const struct pkt_info *quoted, bool inside, struct end *end)
{
	const uint32_t ip = nat_ip(inside ? quoted->src : quoted->dst);
	const uint16_t port = inside ? quoted->sport : quoted->dport;
	struct session_key4 key;

	*end = (struct end){
		inside ? direct_in(nat->direct, ip) : direct_out(nat->direct, ip), port};
	if (end->ip != 0)
		return true;
	if (!key_answer(quoted, inside, &key))
		return false;
	const session_ref ref = table_find(&nat->table, &key, SESSION_NONE, nat_now(nat));

	if (ref != SESSION_NONE) {
		const struct table_session *s = table_of(&nat->table, ref);

		*end = inside ? (struct end){s->in.src, s->in.sport}
			      : (struct end){s->out.dst, s->out.dport};
		return true;
	}
	const map_ref map =
		inside ? maps_by_outside(nat->table.maps, quoted->proto, ip, port)
		       : maps_by_inside(nat->table.maps, quoted->proto, ip, port);

	if (map == MAP_NONE)
		return false;
	const struct mapping *m = maps_of(nat->table.maps, map);

	*end = inside ? (struct end){m->in_ip, m->in_port}
		      : (struct end){m->out_ip, m->out_port};
	return true;
}

/* About a packet that was not translated (no-nat), to its sender. */
static bool
is_plain(const struct nat *nat, const struct l3_pkt *pkt, const struct pkt_info *quoted)
{
	return direct_is_plain(nat->direct, nat_ip(quoted->dst)) &&
	       nat_ip(quoted->src) == nat_ip(pkt->info.dst) &&
	       !nat_in_pool(nat, pkt->info.dst);
}

vnf_verdict
errors_in(struct nat *nat, struct l3_pkt *pkt)
{
	struct pkt_info quoted;
	struct nat_hop way;
	struct end end;

	if (!rewrite_quoted_parse(pkt->frame, &pkt->info, &quoted))
		return VNF_DROP(VNF_REASON_MALFORMED);
	const bool plain = is_plain(nat, pkt, &quoted);

	if (plain)
		end = (struct end){nat_ip(pkt->info.dst), quoted.sport};
	else if (nat_ip(quoted.src) != nat_ip(pkt->info.dst) ||
		 !other_end(nat, &quoted, true, &end))
		return VNF_DROP(NAT_NO_MAPPING);
	const vnf_verdict verdict = translate_hop(nat, pkt, end.ip, &way);

	if (verdict != L3_ACCEPT)
		return verdict;
	if (!plain)
		rewrite_quoted(
			pkt->frame, &pkt->info, &quoted, REWRITE_SRC, end.ip, end.port);
	return translate_send(nat, pkt, way.hop);
}

vnf_verdict
errors_out(struct nat *nat, struct l3_pkt *pkt)
{
	struct pkt_info quoted;
	struct nat_hop way;
	struct end end;

	if (!rewrite_quoted_parse(pkt->frame, &pkt->info, &quoted))
		return VNF_DROP(VNF_REASON_MALFORMED);
	if (nat_ip(quoted.src) != nat_ip(pkt->info.dst) ||
		!other_end(nat, &quoted, false, &end))
		return VNF_DROP(NAT_NO_MAPPING);
	const bool again = nat_in_pool(nat, pkt->info.dst); /* hairpinned */
	const vnf_verdict verdict =
		again ? L3_ACCEPT : translate_hop(nat, pkt, nat_ip(pkt->info.dst), &way);

	if (verdict != L3_ACCEPT)
		return verdict;
	rewrite_quoted(pkt->frame, &pkt->info, &quoted, REWRITE_DST, end.ip, end.port);
	return again ? errors_in(nat, pkt) : translate_send(nat, pkt, way.hop);
}
