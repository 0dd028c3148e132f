/* l3_redirect.h: tells a neighbour of a better first hop on its own link (RFC 1812
 * 5.2.7.2, RFC 4861 8.2). Worker only. */
#ifndef DATAPLANE_SDK_L3_REDIRECT_H
#define DATAPLANE_SDK_L3_REDIRECT_H

#include "dataplane/sdk/l3_stack.h"

/* About a packet that goes on to hop, before anything of it is changed: sends a redirect
 * if it leaves by the interface that it came in by, its source is on the subnet of the
 * next hop (IPv6: a neighbour), and the rules and rate limit of ICMP errors allow it. */
void l3_redirect(struct l3 *l3, const struct l3_pkt *pkt, const struct l3_hop *hop);

#endif
