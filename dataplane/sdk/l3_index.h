/* l3_index.h: the number of a prefix in an array of prefixes: a hash table with open
 * addressing, and which lengths there are. One thread.
 */
#ifndef DATAPLANE_SDK_L3_INDEX_H
#define DATAPLANE_SDK_L3_INDEX_H

#include <stdbool.h>
#include <stdint.h>
#include "common/net.h"

#define L3_INDEX_NONE UINT32_MAX

struct l3_index {
	uint32_t *slots; /* number + 1; 0: free */
	uint32_t mask;
	uint32_t n;
	uint32_t of_len[2][129]; /* how many of each length: IPv4, IPv6 */
};

/* For up to max prefixes. 0 or -ENOMEM. */
int l3_index_open(struct l3_index *index, uint32_t max);
void l3_index_close(struct l3_index *index); /* zeroed is fine */

/* prefixes: host bits 0. The number, or L3_INDEX_NONE. */
uint32_t l3_index_find(const struct l3_index *index, const struct net_prefix *prefixes,
	const struct net_prefix *prefix);
/* The longest prefix that covers it and is shorter, or L3_INDEX_NONE. */
uint32_t l3_index_cover(const struct l3_index *index, const struct net_prefix *prefixes,
	const struct net_prefix *prefix);
/* Adds prefixes[number], which is not there. */
void l3_index_add(
	struct l3_index *index, const struct net_prefix *prefixes, uint32_t number);
/* Deletes prefixes[number], which is there. */
void l3_index_del(
	struct l3_index *index, const struct net_prefix *prefixes, uint32_t number);

#endif
