/* fragments.c: virtual reassembly (dataplane/sdk/reasm.h) for a NAT; see fragments.h. */
#include "vnfs/nat/fragments.h"
#include <arpa/inet.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/nat/rewrite.h"
#include "vnfs/nat/translate.h"

static void release(void *arg, struct rte_mbuf *mbuf, unsigned cp, uint64_t value);
static void forget(void *arg, uint64_t value);

static const struct reasm_ops ops = {
	.release = release,
	.forget = forget,
	.reason_overlap = NAT_FRAGMENT_OVERLAP,
	.reason_refused = NAT_FRAGMENT,
	.reason_timeout = NAT_FRAGMENT_TIMEOUT,
};

int
fragments_open(struct nat *nat, struct err *err)
{
	for (unsigned i = 0; i < REASM_MAX_DATAGRAMS; i++)
		nat->fates[i].next =
			i + 1 < REASM_MAX_DATAGRAMS ? (uint16_t)(i + 1) : NAT_NO_FATE;
	return reasm_create(&nat->reasm, nat->l3.vnf, &ops, nat, err);
}

void
fragments_close(struct nat *nat)
{
	reasm_destroy(nat->reasm);
	nat->reasm = NULL;
}

/* ---- what first ones became ---- */

static uint16_t
remember(struct nat *nat, const struct l3_pkt *pkt)
{
	const struct pkt_ip4 *ip = (const struct pkt_ip4 *)(pkt->frame + pkt->info.l3);
	const uint16_t i = nat->free_fate;
	struct nat_fate *fate = &nat->fates[i];

	nat->free_fate = fate->next;
	*fate = (struct nat_fate){.src = ip->src, .dst = ip->dst, .id = ntohs(ip->id)};
	return i;
}

static void
forget(void *arg, uint64_t value)
{
	struct nat *nat = arg;

	nat->fates[value].next = nat->free_fate;
	nat->free_fate = (uint16_t)value;
}

static vnf_verdict
first(struct nat *nat, struct translate_pkt *work,
	vnf_verdict (*translate)(struct nat *, struct translate_pkt *))
{
	const struct pkt_info came = work->pkt.info;
	const vnf_verdict verdict = nat->free_fate == NAT_NO_FATE
					    ? VNF_DROP(NAT_FRAGMENT_LIMIT)
					    : translate(nat, work);
	const bool passes = verdict == VNF_HOLD || !(verdict & VNF_DROP_BIT);

	reasm_decide(nat->reasm, work->pkt.cp, 0, &came, passes,
		passes ? remember(nat, &work->pkt) : 0);
	return verdict;
}

/* ---- those that follow ---- */

/* Readies a later fragment for its way. L3_ACCEPT, or its verdict. */
static vnf_verdict
follow(struct nat *nat, struct l3_pkt *pkt, const struct nat_fate *fate,
	struct nat_hop *way)
{
	const vnf_verdict verdict = translate_hop(nat, pkt, fate->dst, way);

	if (verdict != L3_ACCEPT)
		return verdict;
	rewrite_address(pkt->frame, &pkt->info, REWRITE_SRC, fate->src);
	rewrite_address(pkt->frame, &pkt->info, REWRITE_DST, fate->dst);
	rewrite_ident(pkt->frame, &pkt->info, fate->id);
	return L3_ACCEPT;
}

static void
release(void *arg, struct rte_mbuf *mbuf, unsigned cp, uint64_t value)
{
	struct nat *nat = arg;
	struct l3_pkt pkt = {
		.mbuf = mbuf, .frame = rte_pktmbuf_mtod(mbuf, uint8_t *), .cp = cp};
	vnf_verdict verdict = VNF_DROP(VNF_REASON_MALFORMED);
	struct nat_hop way;

	if (pkt_parse(pkt.frame, mbuf->data_len, &pkt.info) == PKT_OK)
		verdict = follow(nat, &pkt, &nat->fates[value], &way);
	if (verdict == L3_ACCEPT)
		l3_out_release(&nat->l3, &pkt, way.hop);
	else
		vnf_discard(nat->l3.vnf, mbuf, verdict & ~VNF_DROP_BIT);
}

vnf_verdict
fragments_pass(struct nat *nat, struct translate_pkt *work,
	vnf_verdict (*translate)(struct nat *, struct translate_pkt *))
{
	struct l3_pkt *pkt = &work->pkt;
	struct nat_hop way;
	vnf_verdict verdict;
	uint64_t value;

	switch (reasm_see(nat->reasm, pkt->cp, 0, &pkt->info, pkt->mbuf, &value)) {
	case REASM_FIRST:
		return first(nat, work, translate);
	case REASM_FOLLOW:
		verdict = follow(nat, pkt, &nat->fates[value], &way);
		return verdict == L3_ACCEPT ? translate_send(nat, pkt, way.hop) : verdict;
	case REASM_HELD:
		return VNF_HOLD;
	case REASM_REFUSED:
		return VNF_DROP(NAT_FRAGMENT);
	case REASM_DUPLICATE:
		return VNF_DROP(NAT_FRAGMENT_REPEATED);
	case REASM_OVERLAP:
		return VNF_DROP(NAT_FRAGMENT_OVERLAP);
	case REASM_FULL:
		break;
	}
	return VNF_DROP(NAT_FRAGMENT_LIMIT);
}
