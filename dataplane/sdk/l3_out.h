/* l3_out.h: how a routed VNF sends: TTL, MTU and fragments, next hops resolved, ICMP
 * errors. Worker only. */
#ifndef DATAPLANE_SDK_L3_OUT_H
#define DATAPLANE_SDK_L3_OUT_H

#include "dataplane/sdk/l3_stack.h"

/* Whether pkt may go on to hop: TTL left, and not larger than the MTU unless it may be
 * cut. L3_ACCEPT; else an ICMP error is sent and its verdict returned. Before anything of
 * the packet is changed. */
vnf_verdict l3_out_check(struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop);
/* Counts the TTL down and sends. The packet's verdict. Only after l3_out_check(). */
vnf_verdict l3_out_forward(struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop);
/* The same with the TTL as it is: what we answer ourselves. */
vnf_verdict l3_out_send(struct l3 *l3, struct l3_pkt *pkt, const struct l3_hop *hop);

/* Sends an ICMP error about pkt to its source, if the rules and the rate limit allow one.
 * mtu: for ICMP_TOO_BIG. */
void l3_out_error(
	struct l3 *l3, const struct l3_pkt *pkt, enum icmp_error kind, uint16_t mtu);
/* The same, and the verdict: dropped for reason. */
vnf_verdict l3_out_reject(
	struct l3 *l3, const struct l3_pkt *pkt, enum icmp_error kind, unsigned reason);
/* The next hop to dst; a link-local one is on the link of cp. False: none. */
bool l3_out_route(struct l3 *l3, unsigned cp, uint8_t family, const uint8_t dst[16],
	struct l3_hop *hop);

/* How the neighbour table reaches the wire. arg: struct l3. */
extern const struct neigh_ops l3_out_neigh_ops;

#endif
