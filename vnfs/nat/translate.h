/* translate.h: what becomes of a packet in a NAT: the decisions between the tables and
 * the L3 stack. Worker only.
 */
#ifndef VNFS_NAT_TRANSLATE_H
#define VNFS_NAT_TRANSLATE_H

#include "vnfs/nat/nat.h"

/* The verdict on a packet that came in by the inside, or the outside. Not for fragments
 * behind the first: fragments.h. */
vnf_verdict translate_out(struct nat *nat, struct translate_pkt *work);
vnf_verdict translate_in(struct nat *nat, struct translate_pkt *work);

/* The way to dst, and whether the packet may go it: before anything of it is changed, so
 * that an error quotes what its sender sent. L3_ACCEPT, or its verdict. */
vnf_verdict translate_hop(
	struct nat *nat, struct l3_pkt *pkt, uint32_t dst, struct nat_hop *way);
/* Sends a translated packet on. */
vnf_verdict translate_send(struct nat *nat, struct l3_pkt *pkt, const struct l3_hop *hop);
/* For l3_ops.restore: gives a packet that waited in vain at pkt->cp back what it came
 * with. */
bool translate_restore(struct nat *nat, struct l3_pkt *pkt);
/* From tick(): answers to connection attempts that nobody waited for. */
void translate_strangers(struct nat *nat);

#endif
