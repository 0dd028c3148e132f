/* flow.h: which flow a frame belongs to, as numbers that are the same for both of its
 * directions, so that all packets of a session meet at one replica of a VNF.
 *
 * Two numbers. `pair` is made of the two addresses only: fragments and ICMP errors, which
 * do not carry ports or carry them in the packet that they quote, have it in common with
 * the flow that they belong to. `flow` is made of addresses, protocol and ports (of an
 * ICMP query: its identifier; of an ICMP error: of the packet that it quotes). Fragments,
 * the first as well as later ones, have a `flow` of their own, one per address pair.
 *
 * The hash is keyed by a seed that nobody outside knows, and is not linear. Pure; any
 * thread.
 */
#ifndef DATAPLANE_PKT_FLOW_H
#define DATAPLANE_PKT_FLOW_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"

struct pkt_flow {
	uint8_t proto; /* of a quoted packet: its own */
	bool fragment;
	bool quoted;	      /* by an ICMP error, whose receiver is addrs[0] */
	uint16_t ports[2];    /* host order; of an ICMP query the identifier in one or in
				 both */
	uint8_t addrs[2][16]; /* IPv4 in the first four bytes, the rest 0 */
};

struct pkt_flow_key {
	uint64_t pair, flow;
};

/* False: the frame is of no flow (ARP, neighbour discovery, not IP, malformed). */
bool pkt_flow_of(const uint8_t *frame, uint32_t len, struct pkt_flow *flow);
/* The same of a frame that was parsed without a fault. */
bool pkt_flow_of_parsed(
	const uint8_t *frame, const struct pkt_info *info, struct pkt_flow *flow);
struct pkt_flow_key pkt_flow_key(const struct pkt_flow *flow, uint64_t seed);
/* The same made of the sender's end alone: `pair` of its address, `flow` of address,
 * protocol and port. Who answers with an ICMP error is the end that was sent to. */
struct pkt_flow_key pkt_flow_source_key(const struct pkt_flow *flow, uint64_t seed);
/* The flow as it is from its other end. */
struct pkt_flow pkt_flow_back(const struct pkt_flow *flow);
/* The port or identifier that the frame is for; 0: it has none. */
uint16_t pkt_flow_target_port(const struct pkt_flow *flow);

#endif
