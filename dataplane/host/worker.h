/* worker.h: the I/O workers: threads, each pinned to a CPU, that work off their plan and
 * follow the idle ladder.
 *
 * The control thread swaps plans. When worker_swap() returns, the worker holds no buffer
 * and touches nothing that only the former plan named (as with RCU); a worker with an
 * empty plan is parked.
 */
#ifndef DATAPLANE_HOST_WORKER_H
#define DATAPLANE_HOST_WORKER_H

#include <stdbool.h>
#include <stdint.h>
#include "common/err.h"
#include "dataplane/host/plan.h"
#include "dataplane/host/watch.h"

struct worker {
	unsigned index; /* its lcore id is 1 + index */
	unsigned cpu;
	struct shm_host *shm;
	struct watch *watch;
	struct shm_doorbell *bell; /* in shared memory: VNFs ring it */
	const struct plan *plan;   /* [control] the newest */
	uint32_t generation; /* [control] of plan; a word that the worker looks at between
				bursts */
	uint32_t acknowledged
		__rte_cache_aligned; /* [worker] the generation that it works off */
	bool stop;
	uint64_t busy_tsc;    /* [worker] spent in rounds that moved something */
	uint64_t busy_before; /* [control] busy_tsc at the last sample, at sampled_tsc */
	uint64_t sampled_tsc;
	double busy; /* [control] share of the time between the last two samples */
};

/* Starts on an empty plan; fields above `plan` are set by the caller. */
int worker_start(struct worker *worker, struct err *err);
void worker_stop(struct worker *worker);
/* Publishes a plan and waits until it is the one being worked off. Returns the former
 * one, for the caller to free. */
const struct plan *worker_swap(struct worker *worker, const struct plan *plan);
/* Takes a sample of how busy it is; about once a second. */
void worker_sample(struct worker *worker, uint64_t tsc);

#endif
