/* ring.h: SP/SC rings in shared memory, without names: nobody looks them up, so they take
 * no place in DPDK's lists. */
#ifndef DATAPLANE_HOST_RING_H
#define DATAPLANE_HOST_RING_H

#include <rte_ring.h>

/* size: a power of two; it holds size - 1 pointers. Null if there is no memory. */
struct rte_ring *ring_create(unsigned size);
/* One of a link: lets size - 1 places be used, and has RING_PARKING times as many
 * (dataplane/shm/hand.h). */
struct rte_ring *ring_create_parking(unsigned size);
/* Null is fine. */
void ring_destroy(struct rte_ring *ring);

#endif
