/* plan.h: what one I/O worker cares for, as an immutable list that the control thread
 * builds and swaps in.
 *
 * A worker reads its plan and never changes it. After a swap has been acknowledged
 * (worker.h) the worker touches nothing that only the former plan named, so that can be
 * taken apart.
 */
#ifndef DATAPLANE_HOST_PLAN_H
#define DATAPLANE_HOST_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/shm/fork.h"
#include "dataplane/shm/layout.h"

struct port;
struct port_queue;
struct pool;

struct plan_end { /* a further link of a port, to another replica, or VNF */
	struct rte_ring *out;
	struct shm_doorbell *consumer;
	struct rte_ring *in;
	struct rte_ring *former;
};

#define PLAN_MORE 31

struct plan_port { /* a queue of a port; of queue 0 also what the port sends */
	struct port *port;
	struct port_queue *queue;
	struct rte_ring
		*out; /* where received packets go; null: no link, they are dropped */
	struct shm_doorbell *consumer; /* of out */
	struct rte_ring *in;	       /* what is to be sent; null: no link */
	struct rte_ring *former; /* to be sent before: nobody writes to it any more; null:
				    nothing */
	unsigned turns; /* bursts each way in a round, at most: by the share of its
			   service */
	bool chooses;	/* which link received packets take: by `fork`; else the
			   first */
	unsigned n_more;
	struct plan_end more[PLAN_MORE];
	struct fork fork; /* its links: 0 is out, i + 1 is more[i].out */
};

struct plan_slot {
	struct rte_ring *returns; /* dropped buffers, to be freed */
	struct rte_ring *stash;	  /* to be kept filled */
	struct pool *pool;
	uint64_t *garbage; /* counts what was no buffer */
};

/* Packets that a worker on a shared CPU does before it yields: of a VNF with the usual
 * share. More at a time where no other service waits for its turn: so caches serve
 * longer.
 */
#define PLAN_TURN  256
#define PLAN_ALONE 4 /* times */

struct plan {
	bool shared;   /* a VNF runs on this worker's CPU */
	uint32_t turn; /* packets before it yields, if so */
	unsigned n_ports, n_slots;
	struct plan_port *ports;
	struct plan_slot *slots;
};

/* An empty plan with room for that much, in one block; free() ends it. Null if out of
 * memory. */
struct plan *plan_create(unsigned ports, unsigned slots);
/* Append; there must be room. */
void plan_add_port(struct plan *plan, const struct plan_port *port);
void plan_add_slot(struct plan *plan, const struct plan_slot *slot);

#endif
