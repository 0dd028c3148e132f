/* hand.c: what is done with a dead worker's hand; the moves themselves are inline in hand.h. */
#include "dataplane/shm/hand.h"

void
hand_settle(struct shm_hand *hand)
{
	if (hand->op == SHM_HAND_TAKE) {
		hand->n = hand->op_from + (hand->op_ring->cons.tail - hand->op_tail);
		ring_settle_consumer(hand->op_ring);
	} else if (hand->op == SHM_HAND_GIVE) {
		hand->first = hand->op_from + (hand->op_ring->prod.tail - hand->op_tail);
		ring_settle_producer(hand->op_ring);
	}
	hand->op = SHM_HAND_NONE;
	if (hand->first >= hand->n)
		hand->first = hand->n = 0;
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
