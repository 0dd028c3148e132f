/* steer.h: the classifier of a service with several paths: which path a frame is to take,
 * by the rules of common/steer_rule.h, compiled into rte_acl tables in shared memory.
 *
 * Made and freed by the dataplane's control thread; between, it does not change, and all
 * who send at a fork (fork.h) look things up in it. An rte_acl context has no pointers
 * but into the memory that it was made in, and looking up writes nothing, so any process
 * that maps it may.
 *
 * Three tables: IPv4, IPv6, and all else (other frames, and broken packets, of which only
 * the frame's header counts). A frame is looked up in one of them, which has every rule
 * that may match such frames, so the order of the rules holds. What is behind the first
 * rule that matches all of a table's frames is left out; that rule is its `rest`.
 *
 * A fragment has no ports. An ICMP error is taken for a packet of the flow that it is
 * about, in the direction in which it goes.
 *
 * A rule with several paths shares flows by STEER_BUCKETS buckets of address pairs: both
 * directions of a flow, its fragments and its ICMP errors take the same path.
 */
#ifndef DATAPLANE_SHM_STEER_H
#define DATAPLANE_SHM_STEER_H

#include <stdint.h>
#include <rte_mbuf.h>
#include "common/err.h"
#include "common/steer_rule.h"

#define STEER_BUCKETS	  256
#define STEER_ENTRIES_MAX 4096 /* combinations of listed values, of a table */
#define STEER_BURST	  32
#define STEER_SHAPES	  16 /* which of addresses and ports an entry asks for */

enum steer_kind { STEER_IP4, STEER_IP6, STEER_OTHER, STEER_KINDS };

struct rte_acl_ctx;

struct steer_counts { /* of a service, by path: added to by all who classify */
	struct {
		uint64_t packets, bytes;
	} paths[STEER_PATH_MAX + 1];
};

struct steer_choice {
	bool one; /* all buckets are of one path */
	uint8_t paths[STEER_BUCKETS];
};

struct steer {
	struct steer_table {
		struct rte_acl_ctx *acls[STEER_SHAPES]; /* in each the first that matches
							   is found */
		unsigned n;    /* of them; 0: no rule but the rest */
		uint32_t rest; /* rule + 1, or 0: what matches none is on none */
	} tables[STEER_KINDS];
	uint64_t seed; /* of pkt_flow_key() */
	struct steer_counts *counts;
	uint32_t n;
	struct steer_choice choices[]; /* by rule */
};

struct steer_key { /* of a frame; network order */
	uint8_t proto;
	uint8_t unused[3];
	uint8_t src[16], dst[16]; /* IPv4 in the first four bytes */
	uint16_t sport, dport;
	uint16_t ethertype, vlan;
	uint16_t dscp, zero;
	uint8_t src_mac[6], dst_mac[6];
};

/* Paths of n <= STEER_BURST packets; 0: no rule matches. Counts them. */
void steer_classify(const struct steer *steer, struct rte_mbuf *const *pkts, unsigned n,
	uint8_t *paths);

/* ---- the dataplane's control thread --------------------------------------------------
 */

/* Compiles rules. former (may be null): what it is to follow, of which rule `i` was rule
 * like[i], or -1: it is new; buckets stay with their paths as far as the weights allow.
 * counts is borrowed. 0, ERR_TOO_LARGE: more than STEER_ENTRIES_MAX; ERR_NO_RESOURCE. */
int steer_make(struct steer **steer, const struct steer_rules *rules, uint64_t seed,
	struct steer_counts *counts, const struct steer *former, const int *like,
	struct err *err);
/* Null is fine. Nobody may look at it any more. */
void steer_free(struct steer *steer);

/* Shares buckets among paths by weight; what a bucket holds (0: nothing) stays, unless
 * its path has more than its share. Each path has one bucket at least. */
void steer_share(uint8_t buckets[STEER_BUCKETS], const struct steer_to *to, unsigned n);

#endif
