/* l3_fib.h: longest prefix match, IPv4 and IPv6, in the form that the number of prefixes
 * wants: a list of a KiB for few (l3_list.h), packed nodes for many (l3_packed.h):
 * docs/adr/0005-fib-by-size.md.
 *
 * Built whole and never changed: a new table replaces the old one. But for live ones,
 * which change while they are looked up (l3_trie.h). Create, destroy and change: control
 * thread; lookups: any.
 */
#ifndef DATAPLANE_SDK_L3_FIB_H
#define DATAPLANE_SDK_L3_FIB_H

#include <stddef.h>
#include <stdint.h>
#include "common/err.h"
#include "common/net.h"
#include "dataplane/sdk/l3_trie.h"

#define L3_FIB_NONE 0u /* the answer where no prefix matches */
#define L3_FIB_BULK 64 /* addresses in one lookup, at most */

struct l3_fib_route {
	struct net_prefix prefix;
	uint32_t value; /* 1 to 2^31 - 1 */
	uint32_t hint;	/* to 2^31 - 1; handed back with the value by forms that have room
			 */
};

struct l3_fib;

/* routes: by family, address and length, host bits 0, each prefix once. 0, or
 * ERR_NO_RESOURCE. */
int l3_fib_create(struct l3_fib **fib, const struct l3_fib_route *routes, size_t n,
	struct err *err);
void l3_fib_destroy(struct l3_fib *fib); /* null is fine */

/* An empty one that changes, with room for about max routes. 0, or ERR_NO_RESOURCE. */
int l3_fib_create_live(struct l3_fib **fib, uint32_t max, struct err *err);
/* Changes of a live one: l3_trie_add(), l3_trie_del(), l3_trie_release(). */
int l3_fib_add(struct l3_fib *fib, const struct l3_fib_route *route);
void l3_fib_del(struct l3_fib *fib, const struct net_prefix *prefix, uint32_t cover,
	unsigned cover_len, struct l3_trie_freed *freed);
void l3_fib_release(struct l3_fib *fib, uint8_t family, uint32_t group);

/* ips: host order. values: the lower half is the route's value, the upper half its hint.
 */
void l3_fib_find4(
	const struct l3_fib *fib, const uint32_t *ips, uint64_t *values, unsigned n);
void l3_fib_find6(
	const struct l3_fib *fib, uint8_t (*ips)[16], uint64_t *values, unsigned n);
/* One address of either family, as in struct pkt_info. */
uint32_t l3_fib_find(const struct l3_fib *fib, uint8_t family, const uint8_t ip[16]);

#endif
