/* crew.h: the packet loop of a process: the workers of the VNFs that share it, one round
 * of each after the other, and the idle ladder of them all.
 *
 * What one of them gives to the next is handed on at once: the next one's burst runs
 * before anything else does, so that a packet goes through all of them while it is in
 * the cache. It lies in the ring between the two meanwhile, as in any other chain, which
 * is the ledger of where each buffer is; nobody has to be woken for it.
 *
 * Idle ladder: with all inputs empty it spins for spin_budget_ns, then calls
 * sched_yield() for yield_budget_ns, then sleeps at the doorbells, at most 100 ms at a
 * time. After work_budget packets on a shared core (no spin budget) it yields too, so
 * that the next stage finds them in the cache. The budgets are those of the first slot.
 */
#ifndef DATAPLANE_RUNTIME_CREW_H
#define DATAPLANE_RUNTIME_CREW_H

#include "dataplane/runtime/flow_cache.h"
#include "dataplane/runtime/worker.h"

#define CREW_MAX 16 /* VNFs of one process */

struct crew {
	struct worker *workers[CREW_MAX];
	unsigned n;
	struct worker *active[CREW_MAX]; /* those of them that have not ended: the slot of
					    one that has may be another process's */
	unsigned n_active;
	struct crew_link {
		uint8_t to; /* number of the worker at the other end of an inner output */
		uint8_t in; /* its input */
	} links[CREW_MAX][EXCHANGE_OUTS]; /* by number of the worker, and output */
	uint64_t linked;	  /* of what wiring, and of how many, links were made */
	uint64_t lap;		  /* TSC at which the worker at work began or went on */
	unsigned depth;		  /* of handing on */
	struct flow_cache *cache; /* of all of them; null: none */
	uint64_t ticked_ns;	  /* it was */
	uint64_t idle_since_ns;	  /* 0: it is not */
	uint32_t work;		  /* packets since the last yield */
};

/* Runs until each of its workers has ended, by worker_stop() or because the dataplane has
 * ended; how is in worker->result. */
void crew_run(struct crew *crew);
/* The parts of it, for who turns the loop by himself: the beginning, and one round of
 * each; number of packets. */
void crew_begin(struct crew *crew);
unsigned crew_round(struct crew *crew);
/* Has those at work to whom a worker has just given something by inner outputs. By the
 * worker. */
void crew_hand_on(struct crew *crew, struct worker *from);
/* Asks all to end. Any thread. */
void crew_stop(const struct crew *crew, enum worker_stop how);

#endif
