/* hand.h: moving buffers between rings and a worker's hand so that a kill at any
 * instruction loses and doubles none.
 *
 * The worker's hand is pkts[first..n) of its shm_hand. TAKE appends from a ring at n;
 * GIVE sends pkts[first..first+k) to a ring. Each writes what it is about to do (ring,
 * the tail that it will move) before it does it, and the move of the ring's tail is its
 * one point of commitment: after a death the tail tells whether, and how far, it happened
 * (hand_settle()). Only for SP/SC rings, each end used by one worker.
 *
 * Packets held beyond their burst stand in slot->held[]; between held[] and the hand a
 * buffer may for an instant be in both, never in neither: whoever cleans up frees the
 * union.
 */
#ifndef DATAPLANE_SHM_HAND_H
#define DATAPLANE_SHM_HAND_H

#include <rte_branch_prediction.h>
#include <rte_ring.h>
#include "common/fault.h"
#include "dataplane/shm/layout.h"

/* Number of buffers in hand. */
static inline uint32_t
hand_count(const struct shm_hand *hand)
{
	return hand->n > hand->first ? hand->n - hand->first : 0;
}

/* Takes k buffers, which are there, from ring to the end of the hand. Needs n + k <=
 * SHM_HAND. */
static inline void
hand_take_known(struct shm_hand *hand, struct rte_ring *ring, uint32_t k)
{
	const uint32_t tail = ring->cons.tail;
	void **slots = (void **)&ring[1];
	struct rte_mbuf **to = &hand->pkts[hand->n];

	hand->op_ring = ring;
	hand->op_tail = tail;
	hand->op_from = hand->n;
	__atomic_store_n(&hand->op, SHM_HAND_TAKE, __ATOMIC_RELEASE);
	FAULT_POINT("take-announced");
	for (uint32_t i = 0; i < k; i++)
		to[i] = slots[(tail + i) & ring->mask];
	ring->cons.head = tail + k;
	FAULT_POINT("take-copied");
	__atomic_store_n(
		&ring->cons.tail, tail + k, __ATOMIC_RELEASE); /* the commitment */
	FAULT_POINT("take-committed");
	__atomic_store_n(&hand->n, hand->n + k, __ATOMIC_RELEASE);
	FAULT_POINT("take-counted");
	__atomic_store_n(&hand->op, SHM_HAND_NONE, __ATOMIC_RELEASE);
}

/* Takes at most max buffers. Returns how many. */
static inline uint32_t
hand_take(struct shm_hand *hand, struct rte_ring *ring, uint32_t max)
{
	const uint32_t ready =
		__atomic_load_n(&ring->prod.tail, __ATOMIC_ACQUIRE) - ring->cons.tail;
	const uint32_t k = ready < max ? ready : max;

	if (k > 0)
		hand_take_known(hand, ring, k);
	return k;
}

/* Gives the first k buffers in hand to ring. Needs room (ring_room()) for them. */
static inline void
hand_give(struct shm_hand *hand, struct rte_ring *ring, uint32_t k)
{
	uint32_t tail = ring->prod.tail;
	void **slots = (void **)&ring[1];
	struct rte_mbuf **from = &hand->pkts[hand->first];

	hand->op_ring = ring;
	hand->op_tail = tail;
	hand->op_from = hand->first;
	__atomic_store_n(&hand->op, SHM_HAND_GIVE, __ATOMIC_RELEASE);
	FAULT_POINT("give-announced");
	for (uint32_t i = 0; i < k; i++)
		slots[(tail + i) & ring->mask] = from[i];
	ring->prod.head = tail + k;
	FAULT_POINT("give-copied");
	__atomic_store_n(
		&ring->prod.tail, tail + k, __ATOMIC_RELEASE); /* the commitment */
	FAULT_POINT("give-committed");
	__atomic_store_n(&hand->first, hand->first + k, __ATOMIC_RELEASE);
	FAULT_POINT("give-counted");
	__atomic_store_n(&hand->op, SHM_HAND_NONE, __ATOMIC_RELEASE);
	if (hand->first == hand->n) { /* empty: start over; n first, so that no instant
					 shows old entries */
		__atomic_store_n(&hand->n, 0, __ATOMIC_RELEASE);
		FAULT_POINT("give-emptied");
		__atomic_store_n(&hand->first, 0, __ATOMIC_RELEASE);
	}
}

/* Puts a buffer that stands in held[] into the hand, before its held entry is cleared. */
static inline void
hand_put(struct shm_hand *hand, struct rte_mbuf *pkt)
{
	hand->pkts[hand->n] = pkt;
	__atomic_store_n(&hand->n, hand->n + 1, __ATOMIC_RELEASE);
}

/* The order that gives need: the worker writes its buffers anew behind the hand (room for
 * hand_count() more), then adopts that copy of k as its hand. One store of both ends is
 * the commitment: before it the old order counts, after it the new one. A buffer may be
 * left out only if it stands in held[]. */
static inline struct rte_mbuf **
hand_draft(struct shm_hand *hand)
{
	return &hand->pkts[hand->n];
}

static inline void
hand_adopt(struct shm_hand *hand, uint32_t k)
{
	const uint64_t first = k > 0 ? hand->n : 0, n = k > 0 ? hand->n + k : 0;

	FAULT_POINT("hand-drafted");
	__atomic_store_n(&hand->ends, first | n << 32, __ATOMIC_RELEASE);
	FAULT_POINT("hand-adopted");
}

/* Free places of a ring, for its one producer. It may hold more than its capacity, after
 * that was lowered (ring_unpark()). */
static inline uint32_t
ring_room(const struct rte_ring *ring)
{
	const uint32_t fill =
		ring->prod.tail - __atomic_load_n(&ring->cons.tail, __ATOMIC_ACQUIRE);
	const uint32_t capacity = __atomic_load_n(&ring->capacity, __ATOMIC_RELAXED);

	return capacity > fill ? capacity - fill : 0;
}

/* Puts n buffers into a ring that has room for them, for its one producer that keeps no
 * hand. */
static inline void
ring_put(struct rte_ring *ring, struct rte_mbuf *const *pkts, uint32_t n)
{
	const uint32_t tail = ring->prod.tail;
	void **slots = (void **)&ring[1];

	for (uint32_t i = 0; i < n; i++)
		slots[(tail + i) & ring->mask] = pkts[i];
	ring->prod.head = tail + n;
	__atomic_store_n(&ring->prod.tail, tail + n, __ATOMIC_RELEASE);
}

/* Parking. The ring of a link has RING_PARKING times as many places as it lets be used:
 * what is more would only be delay. While its consumer changes or does not run, all of
 * them may be, so that packets wait instead of being lost. A consumer that stops parks
 * its rings, and so does a producer that has waited in vain; the consumer lets them be as
 * usual again when it is through with what is more, and at the latest when it has gone
 * round the ring RING_ROUNDS times: more is coming then than it can take. */
#define RING_PARKING 4
#define RING_ROUNDS  64 /* a power of two */

static inline bool
ring_is_parked(const struct rte_ring *ring)
{
	return __atomic_load_n(&ring->capacity, __ATOMIC_RELAXED) == ring->mask;
}

static inline void
ring_park(struct rte_ring *ring)
{
	__atomic_store_n(&ring->capacity, ring->mask, __ATOMIC_RELAXED);
}

/* By the consumer of a parked one. */
static inline void
ring_unpark(struct rte_ring *ring)
{
	const uint32_t usual = ring->size / RING_PARKING - 1, tail = ring->cons.tail;

	if (__atomic_load_n(&ring->prod.tail, __ATOMIC_ACQUIRE) - tail < usual ||
		(tail & (ring->size * RING_ROUNDS - 1)) < SHM_BURST)
		__atomic_store_n(&ring->capacity, usual, __ATOMIC_RELAXED);
}

/* Buffers waiting in a ring. */
static inline uint32_t
ring_fill(const struct rte_ring *ring)
{
	return __atomic_load_n(&ring->prod.tail, __ATOMIC_ACQUIRE) -
	       __atomic_load_n(&ring->cons.tail, __ATOMIC_ACQUIRE);
}

/* How many wait there at least, for the one consumer, who has seen the producer's end at
 * *seen (or at his own end: nothing is known). Looks there, where another CPU writes,
 * only if it is less than enough. */
static inline uint32_t
ring_known(const struct rte_ring *ring, uint32_t *seen, uint32_t enough)
{
	if (*seen - ring->cons.tail < enough)
		*seen = __atomic_load_n(&ring->prod.tail, __ATOMIC_ACQUIRE);
	return *seen - ring->cons.tail;
}

/* The packet `ahead` places behind the consumer's end, for the one consumer: ahead <
 * ring_fill(). It stays in the ring. */
static inline struct rte_mbuf *
ring_peek(const struct rte_ring *ring, uint32_t ahead)
{
	return ((struct rte_mbuf *const *)&ring[1])[(ring->cons.tail + ahead) &
						    ring->mask];
}

/* Takes k packets that were peeked at out of the ring. */
static inline void
ring_advance(struct rte_ring *ring, uint32_t k)
{
	ring->cons.head = ring->cons.tail + k;
	__atomic_store_n(&ring->cons.tail, ring->cons.tail + k, __ATOMIC_RELEASE);
}

/* What hand_settle() would find in hand, pkts[*first..*n), without changing anything. */
void hand_range(const struct shm_hand *hand, uint32_t *first, uint32_t *n);
/* After the owner's death: finishes or undoes the transfer under way, so that
 * pkts[first..n) is exactly what it held and the ring's head equals its tail. */
void hand_settle(struct shm_hand *hand);
/* Sets one end of a ring straight after the death of who used it: head = tail. */
void ring_settle_consumer(struct rte_ring *ring);
void ring_settle_producer(struct rte_ring *ring);

#endif
