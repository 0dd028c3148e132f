/* l3_trie.h: longest prefix match that changes while it is looked up.
 *
 * A root of 2^24 entries, then groups of 256 entries for 8 more bits each: one or two
 * memory accesses for IPv4, as many as a prefix is long for IPv6. An entry holds the
 * answer or the number of a group, in one word, so a reader sees each entry as it was or
 * as it will be. A group that is needed no more stays as it is, for readers who are on
 * their way through it, until the writer says that none is left (l3_trie_release()).
 * rte_fib has no such grace: docs/adr/0013-dynamic-routing.md.
 *
 * One writer (control thread); any number of readers, without locks.
 */
#ifndef DATAPLANE_SDK_L3_TRIE_H
#define DATAPLANE_SDK_L3_TRIE_H

#include <stdint.h>
#include "common/err.h"

#define L3_TRIE_ROOT_BITS 24
#define L3_TRIE_LEVELS	  13	      /* groups on the way of one address, at most */
#define L3_TRIE_GROUP	  0x80000000u /* in an entry: the rest is a group's number */

struct l3_trie { /* readers: the first two */
	uint32_t *root;
	uint32_t *groups;    /* 256 entries each */
	uint8_t *root_lens;  /* of the prefix that an entry's answer comes from */
	uint8_t *group_lens; /* the same; of an entry with a group: of what was there */
	struct l3_trie_group *meta;
	uint32_t *spare;	       /* numbers of groups given back */
	uint32_t n_spare, n_used, max; /* n_used: up to here they were used once */
};

struct l3_trie_freed { /* groups that no new reader comes to */
	uint32_t groups[L3_TRIE_LEVELS];
	unsigned n;
};

/* Room for max_groups; memory is touched as it is used. 0, or ERR_NO_RESOURCE. */
int l3_trie_create(struct l3_trie **trie, uint32_t max_groups, struct err *err);
void l3_trie_destroy(struct l3_trie *trie); /* null is fine */

/* Adds a prefix that is not there. ip: network order, host bits 0, 4 or 16 bytes. value:
 * 1 to 2^31 - 1. 0, or -ENOSPC: no groups left, nothing changed. */
int l3_trie_add(struct l3_trie *trie, const uint8_t *ip, unsigned len, uint32_t value);
/* Deletes one that is there: its addresses have the answer of the next shorter prefix
 * that covers it, cover of length cover_len (0 and 0: there is none). freed: groups to
 * release after the grace. */
void l3_trie_del(struct l3_trie *trie, const uint8_t *ip, unsigned len, uint32_t cover,
	unsigned cover_len, struct l3_trie_freed *freed);
/* No reader is in that group any more. */
void l3_trie_release(struct l3_trie *trie, uint32_t group);

/* ips: host order. values 0: no prefix. */
void l3_trie_find4(
	const struct l3_trie *trie, const uint32_t *ips, uint64_t *values, unsigned n);
void l3_trie_find6(
	const struct l3_trie *trie, uint8_t (*ips)[16], uint64_t *values, unsigned n);

#endif
