/* ring.c: SP/SC rings in shared memory, without names. */
#include <rte_malloc.h>
#include "dataplane/host/ring.h"
#include "dataplane/shm/hand.h"

struct rte_ring *
ring_create_parking(unsigned size)
{
	struct rte_ring *ring = ring_create(RING_PARKING * size);

	if (ring != NULL)
		ring->capacity = size - 1;
	return ring;
}

struct rte_ring *
ring_create(unsigned size)
{
	const ssize_t bytes = rte_ring_get_memsize(size);
	struct rte_ring *ring;

	if (bytes < 0)
		return NULL;
	ring = rte_zmalloc("ring", (size_t)bytes, RTE_CACHE_LINE_SIZE);
	if (ring != NULL &&
		rte_ring_init(ring, "renga", size, RING_F_SP_ENQ | RING_F_SC_DEQ) == 0)
		return ring;
	rte_free(ring);
	return NULL;
}

void
ring_destroy(struct rte_ring *ring)
{
	rte_free(ring);
}
