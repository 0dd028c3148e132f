/* worker.h: the packet work of one VNF: bursts through the plug-in, changes between two
 * bursts, its end.
 *
 * The process's thread for packets calls worker_begin(), worker_round() and all in
 * exchange.h, for each VNF that it has (crew.h); the control thread of the VNF calls the
 * rest, meanwhile. Between two bursts the worker takes over new wiring (from the slot)
 * and new configurations (worker_swap()).
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
	uint64_t ns_per_tsc; /* times 2^32; 0: the clock stands still (a test) */
	uint64_t base_ns;    /* of the clock; 0 but in a test */
	struct exchange exchange;
	struct crew *crew; /* set by it, before worker_begin() */
	unsigned number;   /* among its workers */

	uint64_t tsc;	    /* the last reading */
	uint64_t spent_tsc; /* with packets, and not accounted for */
	uint64_t last_tick_ns;
	uint32_t wiring_gen;
	uint64_t give_up_ns; /* when to end with packets in hand; 0: it is not ending */

	bool ended; /* its rounds do nothing any more */
	int result; /* then: 0; -EBUSY: with packets in hand, which are the dataplane's to
		       free; or -ECONNABORTED: the dataplane is gone or another */
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
	WORKER_LEAVE,	  /* the same, but others of the process go on */
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

/* Sets the slot RUNNING. Before the first round. */
void worker_begin(struct worker *worker);
/* One burst from each input, and what else is due; number of packets. After
 * worker_stop(), or when the dataplane has ended, it comes to its end within a few
 * rounds: after a drain, with nothing left in our hands, the slot is DRAINED; after a
 * hand-over it is the next one's (turn_pass()). What could not be drained in time is left
 * to the dataplane. */
unsigned worker_round(struct worker *worker);
/* Works off an input to which another worker of the crew has just given something: what
 * the worker cannot take now, or has no right to, is left to its next round. */
void worker_serve(struct worker *worker, unsigned in, uint64_t now_ns);
/* Whether it waits for others to take what it has to let go of. */
static inline bool
worker_is_ending(const struct worker *worker)
{
	return worker->give_up_ns != 0 && !worker->ended;
}

/* Whether there is a reason not to sleep. */
bool worker_has_news(const struct worker *worker);

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
