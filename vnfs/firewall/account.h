/* account.h: packet and byte counters with names, which live longer than the rules that
 * they belong to.
 *
 * Two rule sets exist side by side while one replaces the other, and sessions go on
 * counting for the rule that let them in, even when that rule is gone. So a counter is an
 * account with a number that stays the same: a rule set holds the accounts of its rules
 * by name (the same name, the same account), sessions hold the one they count for, and
 * the number is given to another name only when neither holds it.
 *
 * Threads: the control thread acquires, releases and reads; the worker counts, holds and
 * drops.
 */
#ifndef VNFS_FIREWALL_ACCOUNT_H
#define VNFS_FIREWALL_ACCOUNT_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include "vnfs/firewall/config.h"

enum account_fixed {	   /* not of a rule */
	ACCOUNT_GONE,	   /* sessions of a rule that their process does not know */
	ACCOUNT_REPLY,	   /* packets of accepted flows against their first direction */
	ACCOUNT_RELATED,   /* ICMP errors about accepted flows */
	ACCOUNT_NEIGHBOUR, /* IPv6 neighbour discovery that the default would have dropped
			    */
	ACCOUNT_ICMPV6_ERROR, /* ICMPv6 errors that the default would have dropped */
	ACCOUNT_NON_IP,	      /* frames that are not IP */
	ACCOUNT_FIXED
};

#define ACCOUNT_CHUNK  256
#define ACCOUNT_CHUNKS 8192 /* 2 M accounts */

struct account { /* the worker's part, and nothing else of use to it, in one cache line */
	alignas(64) uint64_t packets; /* worker */
	uint64_t bytes;		      /* worker */
	uint64_t police_ns;	      /* worker: the rate's state, see police.h */
	uint32_t holders;	      /* worker: sessions that count for it */
	uint32_t users;		      /* control: rule sets that have its name */
	uint32_t tag; /* hash of the name: means the same in another process */
	uint64_t reset_packets, reset_bytes; /* control: what they were when reset */
	char name[FW_NAME_SIZE];	     /* "" while no rule set has it */
};

_Static_assert(sizeof(struct account) == 128, "the counters are in one cache line");

struct accounts {
	struct account *chunks[ACCOUNT_CHUNKS]; /* never moved nor freed before the end */
	uint32_t n;
	uint32_t look; /* where the search for a free one begins */
	json_t *ids;   /* name -> number, of those with users */
};

/* Null if there is no memory. */
struct accounts *accounts_create(void);
void accounts_destroy(struct accounts *accounts);

/* The account of that name, made if there is none, with one more user. 0 or -ENOMEM. */
int accounts_acquire(struct accounts *accounts, const char *name, uint32_t *id);
/* One user more of an account that has some. */
void accounts_share(struct accounts *accounts, uint32_t id);
/* One user less; without users the name is free, and a new account of that name starts at
 * zero. */
void accounts_release(struct accounts *accounts, uint32_t id);

/* Begins to count anew, for who reads it; packets that are counted meanwhile count. */
void account_reset(struct account *account);
/* Since it was made or reset. */
struct account_counts {
	uint64_t packets, bytes;
} account_read(const struct account *account);

/* What a name, or a tag, stands for in any process. */
uint32_t account_tag(const char *name);

static inline struct account *
account_at(const struct accounts *accounts, uint32_t id)
{
	return &accounts->chunks[id / ACCOUNT_CHUNK][id % ACCOUNT_CHUNK];
}

/* Worker: some packets, of that many bytes together. */
static inline void
account_add(
	const struct accounts *accounts, uint32_t id, uint32_t packets, uint64_t bytes)
{
	struct account *account = account_at(accounts, id);

	__atomic_store_n(&account->packets, account->packets + packets, __ATOMIC_RELAXED);
	__atomic_store_n(&account->bytes, account->bytes + bytes, __ATOMIC_RELAXED);
}

/* Worker: one packet. */
static inline void
account_count(const struct accounts *accounts, uint32_t id, uint32_t bytes)
{
	account_add(accounts, id, 1, bytes);
}

/* Worker: a session begins (+1) or ceases (-1) to count for it. */
static inline void
account_hold(const struct accounts *accounts, uint32_t id, int n)
{
	struct account *account = account_at(accounts, id);

	__atomic_store_n(&account->holders, account->holders + n, __ATOMIC_RELEASE);
}

#endif
