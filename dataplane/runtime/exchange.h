/* exchange.h: the packets between a plug-in and the rings of its slot.
 *
 * One burst at a time: taken from an input into the hand (dataplane/shm/hand.h), judged
 * by the plug-in, given to the outputs. Every buffer is at each instant in a ring, in the
 * hand, or in slot->held[], so that the dataplane can free it exactly once if this
 * process dies.
 *
 * Room. No more is taken from an input than every wired output has room for, besides a
 * margin for packets that the plug-in originates: overload backs up instead of being
 * dropped here. Patience is bounded: of an output from which nothing was taken for
 * slot->patience_ns all places are used (ring_park()), and when that did not help for as
 * long it is given up until it has room again; packets to it are dropped and counted as
 * `patience`.
 *
 * Replicas and paths. Where a connection point leads to several replicas of a VNF, or to
 * several VNFs, it has a link to each, which are outputs of their own, and its fork says
 * which of them a packet takes.
 *
 * Held packets that the plug-in sends wait in a queue of their own until the burst is
 * through and there is room.
 *
 * Worker only. vnf->now_ns is the clock.
 */
#ifndef DATAPLANE_RUNTIME_EXCHANGE_H
#define DATAPLANE_RUNTIME_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/sdk/vnf.h"
#include "dataplane/shm/layout.h"
#include "dataplane/shm/fork.h"

#define EXCHANGE_RETURNS SHM_CPS       /* index of the return ring among the outputs */
#define EXCHANGE_MORE	 (SHM_CPS + 1) /* that of the first further link (shm_more) */
#define EXCHANGE_OUTS	 (EXCHANGE_MORE + SHM_MORE)
#define EXCHANGE_INS	 (SHM_CPS + SHM_MORE)
#define EXCHANGE_MADE	 96 /* packets originated in one call of the plug-in, at most */

struct exchange_out {
	struct rte_ring *ring; /* null: not wired */
	struct shm_doorbell *bell;
	uint32_t room;	    /* at least so many places are free */
	uint32_t margin;    /* kept for originated packets */
	uint64_t looked_ns; /* when it was last seen full; 0: it is not */
	uint64_t waited_ns; /* for room, since it was first seen full */
	bool given_up;
};

struct exchange {
	struct shm_slot *slot;
	struct vnf *vnf;
	struct rte_ring *ins[EXCHANGE_INS]; /* by cp, then further links; null: not wired
					     */
	struct rte_ring *formers[EXCHANGE_INS]; /* to be read empty before; null: it is */
	uint32_t seen[EXCHANGE_INS];		/* of ins: where the producer's end was */
	uint8_t in_cps[EXCHANGE_INS];
	unsigned n_ins; /* up to the last further link */
	struct exchange_out outs[EXCHANGE_OUTS];
	uint8_t out_cps[EXCHANGE_OUTS];
	uint32_t choosing; /* cps from which it depends on the packet where it goes */
	uint32_t parting;  /* of them those with several fans: paths part there */
	struct fork forks[SHM_CPS];	   /* of those; their links are indices of outs */
	uint8_t wired_outs[EXCHANGE_OUTS]; /* indices of those with a ring */
	unsigned n_wired_outs;
	uint32_t dirty;	 /* outputs whose consumer is to be woken, by index */
	uint32_t inner;	 /* outputs that lead to another VNF of the process, by index; set
			    by the crew */
	uint32_t handed; /* of these, to which something was given since it was cleared */
	bool blocked;	 /* since it was last cleared, packets had to wait for room */
	uint32_t inside; /* inputs that come from another VNF of the process, by index;
			    set by the crew */
	struct flow_cache *cache; /* null: it has none */
	uint8_t member;		  /* its number in it */

	vnf_verdict verdicts[SHM_BURST];
	uint8_t groups[SHM_BURST + EXCHANGE_MADE]; /* where the buffers in hand go: an
						      index of outs, or held */
	unsigned n_burst; /* of them from the input; the originated ones follow */
	unsigned n_made;
	struct rte_mbuf *made[EXCHANGE_MADE];

	uint16_t free_places[SHM_HELD]; /* of slot->held */
	unsigned n_free;
	struct { /* held packets that the plug-in sent or gave up, oldest first */
		uint16_t place;
		uint8_t group;
	} released[SHM_HELD];
	uint32_t released_head, released_tail;
};

/* For the flow cache: whether an output can be given a whole burst; and giving it the
 * first n of another's hand, which were counted already. */
bool exchange_has_room(struct exchange *x, unsigned out);
void exchange_give_from(
	struct exchange *x, struct shm_hand *hand, unsigned out, uint32_t n);

/* Behind vnf_originate() and its like; io_arg is the exchange. */
extern const struct vnf_io exchange_io;

/* An exchange of the buffers of slot, whose hand and held[] are empty. */
void exchange_open(struct exchange *x, struct shm_slot *slot, struct vnf *vnf);
/* Joins it to other rings, between two bursts. Wakes what the old ones had to wake. */
void exchange_wire(struct exchange *x, const struct shm_wiring *wiring);
/* Takes, has judged and gives one burst of an input: a cp, or a further link of one (from
 * SHM_CPS to x->n_ins). Number of packets; 0: none there, or x->blocked. */
unsigned exchange_burst(struct exchange *x, unsigned in);
/* Whether anything waits at that input. */
bool exchange_waits(const struct exchange *x, unsigned in);
/* Whether anything waits at an input, or to be released. */
bool exchange_pending(const struct exchange *x);
/* Calls the plug-in's tick() and sends what it sent. */
void exchange_tick(struct exchange *x);
/* Moves released packets out, as far as there is room. Number of packets. */
unsigned exchange_flush(struct exchange *x);
/* Wakes the consumers of what was given since the last time. */
void exchange_ring(struct exchange *x);
/* The same with more to come: one that is falling asleep may be missed, and is owed
 * exchange_ring(). */
void exchange_ring_early(const struct exchange *x);
/* Lets the inputs hold more than usual, since we stop to take from them. */
void exchange_park(struct exchange *x);
/* Returns all that is held or could not be released. True when nothing is left: false if
 * the return ring is full. */
bool exchange_drain(struct exchange *x);

#endif
