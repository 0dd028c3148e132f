/* l3_quick.h: the packets of a burst that need nothing but a next hop: IPv4 of TCP or
 * UDP, whole, without options, to us by its MAC, from and to sound addresses, with TTL
 * left, along a route to a neighbour that is known, small enough. They are checked,
 * looked up and rewritten without more ado; all others go the long way. Whatever is
 * forwarded here would leave the same, byte for byte and counter for counter, on the long
 * way.
 *
 * Worker only.
 */
#ifndef DATAPLANE_SDK_L3_QUICK_H
#define DATAPLANE_SDK_L3_QUICK_H

#include "dataplane/sdk/l3_route.h"
#include "dataplane/sdk/l3_stack.h"

_Static_assert(VNF_BURST <= 32, "a burst in the bits of a word");

/* Forwards what it can, and says which packets are steady (vnf_steady()); the others are
 * the bits of the answer, by their places in the burst. Not for an interface that looks
 * at the path back to a source. */
uint32_t l3_quick_forward(
	struct l3 *l3, struct l3_routes *table, struct vnf_burst *burst);

/* For vnf_type.passed of who forwards by it: the flow cache did so by itself. */
uint64_t l3_quick_passed(
	struct l3 *l3, struct l3_routes *table, const struct vnf_passed *passed);
/* For vnf_type.expect. */
void l3_quick_expect(const struct l3_routes *table, uint64_t token);

#endif
