/* slot_clear.c: what is done with the things of a VNF process that is dead. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "dataplane/host/io.h"
#include "dataplane/host/slot.h"
#include "dataplane/shm/doorbell.h"
#include "dataplane/shm/hand.h"

#define HELD_MAX (SHM_HAND + SHM_HELD)

static void settle_hand(struct slot *slot);
static uint32_t gather(struct shm_slot *shm, struct rte_mbuf **buffers);
static uint32_t free_good(struct slot *slot, struct rte_mbuf **buffers, uint32_t n);

uint32_t
slot_clear(struct slot *slot)
{
	struct rte_mbuf *buffers[HELD_MAX];
	struct shm_slot *shm = slot->shm;
	uint32_t n;

	settle_hand(slot);
	ring_settle_producer(shm->returns);
	ring_settle_consumer(shm->stash);
	n = free_good(slot, buffers, gather(shm, buffers));
	io_drain(shm->returns, slot->pool, &slot->garbage);
	memset(&shm->hand, 0, sizeof(shm->hand));
	memset(shm->held, 0, sizeof(shm->held));
	shm->counters.held = 0;
	doorbell_disarm(&shm->doorbell);
	shm->stop = 0;
	shm->pid = 0;
	shm->wiring[(shm->wiring_gen + 1) & 1] = shm->wiring[shm->wiring_gen & 1];
	__atomic_store_n(&shm->wiring_ack, shm->wiring_gen, __ATOMIC_RELEASE);
	__atomic_store_n(&shm->state, SHM_SLOT_RESERVED, __ATOMIC_RELEASE);
	/* who waits for its turn begins at once: the slot is ready for it by now */
	__atomic_store_n(&shm->turn, shm->turn + 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &shm->turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	return n;
}

void
slot_settle(struct slot *slot)
{
	if (__atomic_load_n(&slot->shm->state, __ATOMIC_ACQUIRE) == SHM_SLOT_RUNNING &&
		!slot_is_alive(slot))
		settle_hand(slot);
}

static void
settle_hand(struct slot *slot)
{
	struct shm_hand *hand = &slot->shm->hand;

	if (!slot_has_ring(slot, hand->op_ring))
		hand->op = SHM_HAND_NONE;
	hand_settle(hand);
}

/* What it had in hand and what it held; a buffer that was on its way between the two is
 * in both. */
static uint32_t
gather(struct shm_slot *shm, struct rte_mbuf **buffers)
{
	uint32_t n = 0;

	for (uint32_t i = shm->hand.first; i < shm->hand.n; i++)
		buffers[n++] = shm->hand.pkts[i];
	for (uint32_t i = 0; i < SHM_HELD; i++)
		if (shm->held[i] != NULL)
			buffers[n++] = shm->held[i];
	return n;
}

/* Once marked as at home, a buffer is not good any more when it is met again. */
static uint32_t
free_good(struct slot *slot, struct rte_mbuf **buffers, uint32_t n)
{
	uint32_t freed = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (!pool_has_out(slot->pool, buffers[i]))
			continue;
		pool_free(slot->pool, &buffers[i], 1);
		freed++;
	}
	return freed;
}
