/* worker.h: the loop of one VNF process: bursts through the plug-in, the idle ladder,
 * changes between two bursts.
 *
 * The worker's thread calls worker_run() and all in exchange.h; the control thread calls
 * the rest, meanwhile. Between two bursts the worker takes over new wiring (from the
 * slot) and new configurations (worker_swap()).
 *
 * Idle ladder: with all inputs empty it spins for slot->spin_budget_ns, then calls
 * sched_yield() for slot->yield_budget_ns, then sleeps at its doorbell, at most 100 ms at
 * a time. After slot->work_budget packets on a shared core (no spin budget) it yields
 * too, so that the next stage finds them in the cache.
 */
#ifndef DATAPLANE_RUNTIME_WORKER_H
#define DATAPLANE_RUNTIME_WORKER_H

#include <stdbool.h>
#include <stdint.h>
#include "common/err.h"
#include "dataplane/runtime/exchange.h"
#include "dataplane/sdk/vnf.h"
#include "dataplane/shm/layout.h"

struct worker {
	struct shm_host *host;
	struct shm_slot *slot;
	struct vnf *vnf;
	uint64_t generation; /* of the dataplane that we attached to */
	uint64_t ns_per_tsc; /* times 2^32 */
	struct exchange exchange;

	uint64_t tsc;		/* the last reading */
	uint64_t idle_since_ns; /* 0: it is not */
	uint64_t last_tick_ns;
	uint32_t wiring_gen;
	uint32_t work; /* packets since the last yield */

	bool ended;	   /* worker_run() has returned, or is about to */
	uint32_t stop;	   /* enum worker_stop [control] */
	uint64_t drain_ns; /* how long it may take to end in order [control, before stop]
			    */
	uint32_t swap_asked; /* +1 for each [control] */
	uint32_t swap_done;  /* [worker] */
	void *swap;	     /* in: the new object; out: what it replaced */
	uint32_t tick_asked; /* +1 for each [control] */
	uint32_t tick_done;  /* [worker] */
};

enum worker_stop {
	WORKER_RUN,
	WORKER_DRAIN,
	WORKER_HAND_OVER, /* packets wait in the rings, and the next process has its turn
			   */
	WORKER_ABANDON
};

/* vnf->io and io_arg are set to the worker's exchange. The slot is RESERVED, and ours. */
void worker_open(struct worker *worker, struct shm_host *host, struct shm_slot *slot,
	struct vnf *vnf);
/* The clock that plug-ins see, from a reading of the TSC: the same in all processes of
 * one dataplane. */
uint64_t worker_clock_ns(const struct shm_host *host, uint64_t tsc);

/* Runs until worker_stop(), or until the dataplane ends. Sets the slot RUNNING; after a
 * drain, with nothing left in our hands, DRAINED; after a hand-over it is the next one's
 * (turn_pass()). What could not be drained in time is left to the dataplane. 0, or
 * -ECONNABORTED if the dataplane is gone or is another one. */
int worker_run(struct worker *worker);

/* Asks the worker to end: in order (WORKER_DRAIN), or at once because the dataplane is
 * gone. Any thread. */
void worker_stop(struct worker *worker, enum worker_stop how);
/* Makes the worker call the plug-in's tick() at its next round, and not sleep before.
 * Control thread. */
void worker_wake(struct worker *worker);
/* Hands a built object to the plug-in's swap() between two bursts, and waits. *replaced:
 * what destroy() is due for. ERR_TIMEOUT after two seconds (the worker hangs); built is
 * then the worker's for good. */
int worker_swap(struct worker *worker, void *built, void **replaced, struct err *err);

#endif
