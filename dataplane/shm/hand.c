/* hand.c: what is done with a dead worker's hand; the moves themselves are inline in
 * hand.h. */
#include "dataplane/shm/hand.h"

void
hand_range(const struct shm_hand *hand, uint32_t *first, uint32_t *n)
{
	*first = hand->first;
	*n = hand->n;
	if (hand->op == SHM_HAND_TAKE)
		*n = hand->op_from + (hand->op_ring->cons.tail - hand->op_tail);
	else if (hand->op == SHM_HAND_GIVE)
		*first = hand->op_from + (hand->op_ring->prod.tail - hand->op_tail);
	if (*first >= *n || *n > SHM_HAND)
		*first = *n = 0;
}

void
hand_settle(struct shm_hand *hand)
{
	uint32_t first, n;

	hand_range(hand, &first, &n);
	if (hand->op == SHM_HAND_TAKE)
		ring_settle_consumer(hand->op_ring);
	else if (hand->op == SHM_HAND_GIVE)
		ring_settle_producer(hand->op_ring);
	hand->op = SHM_HAND_NONE;
	hand->first = first;
	hand->n = n;
}

void
ring_settle_consumer(struct rte_ring *ring)
{
	ring->cons.head = ring->cons.tail;
}

void
ring_settle_producer(struct rte_ring *ring)
{
	ring->prod.head = ring->prod.tail;
}
