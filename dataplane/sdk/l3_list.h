/* l3_list.h: longest prefix match in a short list: every address of a burst is held
 * against every prefix, shortest first, and keeps the answer of the last that matches.
 * There is nothing to branch on, so the compiler does eight addresses (four of IPv6) at a
 * time: half an instruction for an address and prefix. Up to L3_LIST_MAX prefixes no
 * other form is faster, or smaller: docs/adr/0005-fib-by-size.md.
 *
 * Built whole and never changed.
 */
#ifndef DATAPLANE_SDK_L3_LIST_H
#define DATAPLANE_SDK_L3_LIST_H

#include <stdint.h>
#include "common/net.h"

#define L3_LIST_MAX 64

struct l3_list4 { /* host order; shortest prefix first */
	uint32_t net[L3_LIST_MAX], mask[L3_LIST_MAX];
	uint64_t values[L3_LIST_MAX + 1]; /* by number + 1; of none: 0 */
	unsigned n;
};

struct l3_list6 { /* as in the packet */
	uint64_t net[L3_LIST_MAX][2], mask[L3_LIST_MAX][2];
	uint64_t values[L3_LIST_MAX];
	unsigned n;
};

/* Behind all that are there: no longer prefix is. Of two equal ones the later counts. */
void l3_list4_append(
	struct l3_list4 *list, const struct net_prefix *prefix, uint64_t value);
void l3_list6_append(
	struct l3_list6 *list, const struct net_prefix *prefix, uint64_t value);

/* values: 0 where none matches. n: at most 64. */
void l3_list4_find(
	const struct l3_list4 *list, const uint32_t *ips, uint64_t *values, unsigned n);
void l3_list6_find(
	const struct l3_list6 *list, uint8_t (*ips)[16], uint64_t *values, unsigned n);

#endif
