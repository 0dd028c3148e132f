/* neigh.h: neighbours: IP addresses on a link, their MACs, and the packets that wait for
 *them.
 *
 * States, after RFC 4861 7.3.2 with STALE and DELAY folded into REACHABLE:
 *	INCOMPLETE  asked for by multicast, up to NEIGH_TRIES times; packets wait
 *	REACHABLE   confirmed; asked again when older than NEIGH_REACHABLE_NS and used
 *since PROBE       asked by unicast, up to NEIGH_TRIES times; packets go on meanwhile
 *	STATIC      configured: never asked for, aged or changed by what is heard
 * Records lie in the instance state region, so a restarted VNF need not ask again;
 *waiting packets are private. Sends nothing itself: it calls the ops. Time is an
 *argument. Worker only, but for neigh_open() to neigh_close() and those marked "any
 *thread".
 */
#ifndef DATAPLANE_SDK_NEIGH_H
#define DATAPLANE_SDK_NEIGH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <jansson.h>
#include <rte_branch_prediction.h>
#include "common/err.h"
#include "dataplane/sdk/session.h"

struct rte_mbuf;

#define NEIGH_CAPACITY	   4096
#define NEIGH_HELD	   512 /* packets that wait, all neighbours together */
#define NEIGH_HELD_EACH	   32  /* and for one of them */
#define NEIGH_TRIES	   3
#define NEIGH_RETRY_NS	   1000000000ull /* between tries; RFC 4861 RETRANS_TIMER */
#define NEIGH_REACHABLE_NS (30 * 1000000000ull)	 /* RFC 4861 REACHABLE_TIME */
#define NEIGH_UNUSED_NS	   (600 * 1000000000ull) /* forgotten when unused for so long */

enum neigh_state { NEIGH_INCOMPLETE, NEIGH_REACHABLE, NEIGH_PROBE, NEIGH_STATIC };

struct neigh_record { /* instance state, version 1 */
	struct session session;
	struct session_key6
		key; /* src: the address; sport: connection point; kind: family */
	uint8_t mac[6];
	uint8_t state;
	uint8_t tries; /* STATIC: of which neigh_begin_static() */
	uint64_t confirmed_ns;
	uint64_t used; /* since the last look at it */
};

struct neigh_ops {
	/* Ask for the record's address: by unicast to its MAC in state PROBE, else
	 * multicast. */
	void (*solicit)(void *arg, const struct neigh_record *record);
	/* A packet that waited may go to the record's MAC. */
	void (*resolved)(
		void *arg, const struct neigh_record *record, struct rte_mbuf *pkt);
	/* Nobody answered; or (full) the packet made room for a newer one. */
	void (*failed)(void *arg, const struct neigh_record *record, struct rte_mbuf *pkt,
		bool full);
};

struct neigh;

/* Bytes of instance state that neigh_open() wants. */
size_t neigh_region_size(void);
/* mem: 64-byte aligned instance state, not looked at before neigh_adopt(). 0 or negative
 * errno. */
int neigh_open(struct neigh **neigh, void *mem, uint64_t seed,
	const struct neigh_ops *ops, void *arg, struct err *err);
/* Takes over the neighbours that a predecessor left in mem; those whom it was still
 * asking for are forgotten. Before any of the functions below. */
void neigh_adopt(struct neigh *neigh, uint64_t now_ns);
/* Null is fine. Packets that wait are left to the runtime. */
void neigh_close(struct neigh *neigh);

/* The MAC to send to, or null: neigh_hold() then. Marks the neighbour used. */
static inline const uint8_t *neigh_find(
	struct neigh *neigh, unsigned cp, uint8_t family, const uint8_t ip[16]);
/* Another one at each tick and change: what neigh_find() answers holds as long. */
static inline uint32_t neigh_epoch(const struct neigh *neigh);
/* A word that grows when a neighbour gets another MAC, or none any more. */
static inline const uint32_t *neigh_changes(const struct neigh *neigh);
/* Keeps pkt (null: nothing to keep) until the address is resolved, and starts asking if
 * nobody does yet. False: too many wait, or there is no place for the neighbour; pkt
 * stays the caller's. `failed` may be called for an older packet. Only after neigh_find()
 * gave null. */
bool neigh_hold(struct neigh *neigh, unsigned cp, uint8_t family, const uint8_t ip[16],
	struct rte_mbuf *pkt, uint64_t now_ns);
/* What was heard: ip has mac. Unknown neighbours are added only if `create`. `confirm`:
 * it answered us; otherwise it is asked before long. Lets waiting packets go. True: it is
 * known now. */
bool neigh_learn(struct neigh *neigh, unsigned cp, uint8_t family, const uint8_t ip[16],
	const uint8_t mac[6], bool create, bool confirm, uint64_t now_ns);
/* Configured neighbours: after neigh_begin_static() each is set, with the MAC that it has
 * from now on; waiting packets go. Those not set again are forgotten by the next
 * neigh_purge(). False: there is no place for it. */
void neigh_begin_static(struct neigh *neigh);
bool neigh_set_static(struct neigh *neigh, unsigned cp, uint8_t family,
	const uint8_t ip[16], const uint8_t mac[6], uint64_t now_ns);
/* Work that is due: asks again, gives up, forgets. Bounded. */
void neigh_tick(struct neigh *neigh, uint64_t now_ns);
/* Forgets those of whom keep() says no, and static ones that are not set any more; their
 * packets fail. */
void neigh_purge(
	struct neigh *neigh, bool (*keep)(void *arg, const struct neigh_record *record));

/* Any thread. [{address, mac, state, cp, age}]; cps: names of the connection points. */
json_t *neigh_to_json(const struct neigh *neigh, const char *const *cps, uint64_t now_ns);
uint32_t neigh_count(const struct neigh *neigh);
/* Packets that wait. */
uint32_t neigh_held(const struct neigh *neigh);

/* ---- behind neigh_find(): few neighbours are used at a time ---- */

#define NEIGH_HINTS 256 /* power of two */

struct neigh_hints { /* begins struct neigh */
	uint8_t *records;
	uint32_t epoch;
	uint32_t changes;
	uint32_t at[NEIGH_HINTS]; /* by address: record where it was found last; checked
				     before use */
};

static inline unsigned
neigh_hint(unsigned cp, const uint8_t ip[16])
{
	return (ip[3] ^ ip[15] ^ cp << 4) & (NEIGH_HINTS - 1);
}

static inline bool
neigh_is_of(const struct neigh_record *record, unsigned cp, uint8_t family,
	const uint8_t ip[16])
{
	uint64_t have[3], want[3] = {[2] = (uint64_t)family << 56 |
					   (uint16_t)cp}; /* little-endian */

	memcpy(want, ip, 16);
	memcpy(have, record->key.src, 16);
	memcpy(&have[2], &record->key.sport, 8);
	return ((have[0] ^ want[0]) | (have[1] ^ want[1]) | (have[2] ^ want[2])) == 0 &&
	       (record->session.generation & 1);
}

const uint8_t *neigh_find_unhinted(
	struct neigh *neigh, unsigned cp, uint8_t family, const uint8_t ip[16]);

static inline const uint8_t *
neigh_find(struct neigh *neigh, unsigned cp, uint8_t family, const uint8_t ip[16])
{
	const struct neigh_hints *hints = (const struct neigh_hints *)neigh;
	struct neigh_record *record =
		(struct neigh_record *)hints->records + hints->at[neigh_hint(cp, ip)];

	if (unlikely(!neigh_is_of(record, cp, family, ip) ||
		     record->state == NEIGH_INCOMPLETE))
		return neigh_find_unhinted(neigh, cp, family, ip);
	if (!record->used)
		record->used = 1;
	return record->mac;
}

static inline const uint32_t *
neigh_changes(const struct neigh *neigh)
{
	return &((const struct neigh_hints *)neigh)->changes;
}

static inline uint32_t
neigh_epoch(const struct neigh *neigh)
{
	return ((const struct neigh_hints *)neigh)->epoch;
}

#endif
