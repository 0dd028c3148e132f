/* reverse.h: unicast reverse-path forwarding (RFC 3704, RFC 8704): whether the sources of
 * packets are reached by the interface that they came in by. Worker only. */
#ifndef VNFS_ROUTER_REVERSE_H
#define VNFS_ROUTER_REVERSE_H

#include "dataplane/sdk/l3_route.h"

/* Of n (at most VNF_BURST) packets of one family that came in by cp: a bit for each whose
 * source is refused. mode: IFACE_REVERSE_LOOSE or _STRICT. A route that drops, or that
 * there is not, refuses in both. */
uint32_t reverse_refused(const struct l3_routes *table, enum iface_reverse_path mode,
	unsigned cp, struct l3_pkt *const *pkts, unsigned n);

#endif
