/* spread.h: which replica of a scaled VNF a packet goes to. One struct spread for each
 * scaled VNF, in shared memory: who sends to it from whatever side looks here, so that
 * both directions of a flow meet at one replica.
 *
 * An address pair falls into one of SPREAD_BUCKETS buckets, and each bucket has an owner.
 * Buckets change their owner in two steps, so that no session does:
 *	MOVING	all goes to the former owner still, and each packet's flow is pinned to
 *		it; meanwhile the former owner pins the sessions that it has already
 *	PINNED	a flow that is pinned goes where it is pinned to, any other to the owner
 *	FRESH	no pin of the bucket counts: all goes to the owner
 * MOVING has come to pass when every producer has been seen between two bursts; only then
 * are sessions pinned, and only then follows PINNED.
 *
 * Pins: a hash table of words, 60 bits of the flow's hash and 4 of the replica. Words are
 * put in by compare-and-swap, by any producer and by VNF control threads; a hash that
 * stands there stays there, only its replica changes. So whoever dies at whatever
 * instruction leaves a table that holds good. When there is no place within SPREAD_PROBES
 * words `full` is set: nothing has moved yet then, and nothing will (spread_settle()).
 *
 * [D] the dataplane's control thread, alone; all else: any process.
 */
#ifndef DATAPLANE_SHM_SPREAD_H
#define DATAPLANE_SHM_SPREAD_H

#include <stdbool.h>
#include <stdint.h>
#include <rte_branch_prediction.h>

#define SPREAD_BUCKETS	256
#define SPREAD_REPLICAS 8
#define SPREAD_PINS	(1u << 17)
#define SPREAD_PROBES	64

enum spread_by {	/* what a VNF's connection point wants packets to it spread by */
	SPREAD_BY_PAIR, /* both addresses */
	SPREAD_BY_SOURCE, /* the sender's address; pins are by address and port of it */
	SPREAD_BY_PORT /* the port, or ICMP identifier, that they are sent to: an eighth
			  of all for each replica, which never changes */
};

static inline unsigned
spread_port_owner(uint16_t port)
{
	return port / (65536 / SPREAD_REPLICAS);
}

enum spread_state { SPREAD_FRESH, SPREAD_PINNED, SPREAD_MOVING };

struct spread {
	uint64_t seed; /* of the hash: pkt_flow_key() */
	uint32_t full;
	uint32_t n_pins;		  /* places of `pins` that are taken */
	uint16_t buckets[SPREAD_BUCKETS]; /* spread_word() */
	uint64_t pins[SPREAD_PINS];	  /* 0: free */
};

static inline uint16_t
spread_word(enum spread_state state, unsigned former, unsigned owner)
{
	return (uint16_t)((unsigned)state << 8 | former << 4 | owner);
}

static inline unsigned
spread_owner(uint16_t word)
{
	return word & 15;
}

static inline unsigned
spread_former(uint16_t word)
{
	return word >> 4 & 15;
}

static inline enum spread_state
spread_state(uint16_t word)
{
	return (enum spread_state)(word >> 8);
}

static inline uint16_t
spread_bucket(const struct spread *spread, uint64_t pair)
{
	return __atomic_load_n(&spread->buckets[pair % SPREAD_BUCKETS], __ATOMIC_RELAXED);
}

/* For a flow whose bucket is not FRESH. */
unsigned spread_choose_pinned(struct spread *spread, uint16_t word, uint64_t flow);

/* The replica for a packet of that flow. */
static inline unsigned
spread_choose(struct spread *spread, uint64_t pair, uint64_t flow)
{
	const uint16_t word = spread_bucket(spread, pair);

	if (likely(spread_state(word) == SPREAD_FRESH))
		return spread_owner(word);
	return spread_choose_pinned(spread, word, flow);
}

/* The replica for a frame that is of no flow: whose MAC it is for, as the last byte of a
 * replica's MAC ends in its number; else who has the first bucket. there: bits of those
 * that a link leads to. */
static inline unsigned
spread_choose_frame(const struct spread *spread, const uint8_t *frame, uint32_t there)
{
	const unsigned named = frame[5] % SPREAD_REPLICAS;

	if ((frame[0] & 1) == 0 && (there & 1u << named) != 0)
		return named;
	return spread_owner(spread_bucket(spread, 0)) % SPREAD_REPLICAS;
}

/* Has a flow go to that replica from now on, unless it is pinned already. False: there is
 * no place. */
bool spread_pin(struct spread *spread, uint64_t flow, unsigned replica);
/* The replica that a flow is pinned to; -1: none. */
int spread_pinned(const struct spread *spread, uint64_t flow);

/* ---- [D] --------------------------------------------------------------------------- */

/* All zero before: replicas 0 to n - 1 own about the same number of buckets each. */
void spread_init(struct spread *spread, uint64_t seed, unsigned n);
/* Has buckets begin to move so that replicas 0 to n - 1 own all of them: as few as it
 * takes. Buckets that move already go on, or return, as the new n asks for. *givers: bit
 * r is set if some bucket moves away from replica r. Returns how many buckets move. */
unsigned spread_move(struct spread *spread, unsigned n, uint32_t *givers);
/* Ends the move. False: not all could be pinned, and every bucket is its former owner's
 * again. */
bool spread_settle(struct spread *spread);
/* How many replicas own buckets, and whether one does (or is to give them away still). */
unsigned spread_owners(const struct spread *spread);
bool spread_is_used(const struct spread *spread, unsigned replica);
/* Forgets the pins to a replica: its flows go to the owners of their buckets. */
void spread_release(struct spread *spread, unsigned replica);
/* When all that is pinned goes to where it would go without a pin, and nothing moves:
 * makes all buckets FRESH. Only if there is one owner, since a pin does not tell its
 * bucket. True: it has; when every producer has been seen since, spread_forget(). */
bool spread_refresh(struct spread *spread);
void spread_forget(struct spread *spread);

#endif
