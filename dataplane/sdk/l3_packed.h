/* l3_packed.h: longest prefix match in tables so small that they stay in the caches.
 *
 * A root of 2^16 entries, then a node for each 8 more bits where prefixes are longer. An
 * entry is the answer or a node. A node's 256 entries are kept as runs of equal ones: a
 * bit where each run begins, and an array with one entry for each run, so that the entry
 * of a byte is found by counting bits (after Degermark and others, Small Forwarding
 * Tables for Fast Routing Lookups, SIGCOMM 1997, whose tables of counts the processor's
 * POPCNT replaces). Look-ups go through a burst level by level, so that the memory
 * accesses of different addresses overlap.
 *
 * 113,000 IPv4 prefixes take 2 MiB, where rte_fib's direct table takes 64 MiB; both
 * are measured side by side in docs/adr/0005-fib-by-size.md.
 *
 * Built whole and never changed. Create and destroy: control thread; look-ups: any.
 */
#ifndef DATAPLANE_SDK_L3_PACKED_H
#define DATAPLANE_SDK_L3_PACKED_H

#include <stddef.h>
#include <stdint.h>

#define L3_PACKED_BULK 64 /* addresses in one look-up, at most */

struct l3_fib_route;
struct l3_packed;

/* routes: of one family, host bits 0, by address and then by length, each prefix once.
 * 0, or -ENOMEM. */
int l3_packed_create(
	struct l3_packed **packed, const struct l3_fib_route *routes, size_t n);
void l3_packed_destroy(struct l3_packed *packed); /* null is fine */

/* ips: host order. values: the route's, its hint in the upper half; 0: no prefix. */
void l3_packed_find4(const struct l3_packed *packed, const uint32_t *ips,
	uint64_t *values, unsigned n);
void l3_packed_find6(
	const struct l3_packed *packed, uint8_t (*ips)[16], uint64_t *values, unsigned n);

#endif
