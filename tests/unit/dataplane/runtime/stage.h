/* stage.h: a slot with its rings and buffers in plain memory, for tests of the runtime
 * without EAL. The memory is shared with forked children. */
#ifndef TESTS_UNIT_DATAPLANE_RUNTIME_STAGE_H
#define TESTS_UNIT_DATAPLANE_RUNTIME_STAGE_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include "dataplane/runtime/worker.h"
#include "dataplane/shm/hand.h"
#include "dataplane/shm/layout.h"

#define STAGE_RING    512
#define STAGE_BUFFERS 400
#define STAGE_CPS     3

struct stage_ring {
	struct rte_ring ring;
	void *slots[STAGE_RING * RING_PARKING];
};

struct stage {
	struct shm_host host;
	struct stage_ring in[STAGE_CPS], out[STAGE_CPS], returns, stash;
	struct shm_doorbell bells[STAGE_CPS], care;
	struct rte_mbuf pkts[STAGE_BUFFERS];
	unsigned n_used; /* pkts handed to a ring so far */
};

static inline struct rte_ring *
stage_ring_prepare(struct stage_ring *memory)
{
	struct rte_ring *ring = &memory->ring;

	ring->size = STAGE_RING * RING_PARKING;
	ring->mask = ring->size - 1;
	ring->capacity = STAGE_RING - 1;
	return ring;
}

/* Slot 0, all connection points wired both ways. */
static inline struct stage *
stage_create(void)
{
	struct stage *stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct shm_slot *slot;

	if (stage == MAP_FAILED)
		abort();
	stage->host.magic = SHM_MAGIC;
	stage->host.generation = 1;
	stage->host.tsc_hz = 1000000000;
	slot = &stage->host.slots[0];
	slot->n_cps = STAGE_CPS;
	slot->patience_ns = 1000000;
	slot->work_budget = 256;
	slot->returns = stage_ring_prepare(&stage->returns);
	slot->stash = stage_ring_prepare(&stage->stash);
	slot->care = &stage->care;
	for (unsigned cp = 0; cp < STAGE_CPS; cp++) {
		slot->wiring[0].in[cp].ring = stage_ring_prepare(&stage->in[cp]);
		slot->wiring[0].out[cp].ring = stage_ring_prepare(&stage->out[cp]);
		slot->wiring[0].out[cp].consumer = &stage->bells[cp];
	}
	return stage;
}

static inline void
stage_destroy(struct stage *stage)
{
	munmap(stage, sizeof(*stage));
}

static inline void
stage_push(struct stage_ring *memory, struct rte_mbuf *pkt)
{
	struct rte_ring *ring = &memory->ring;

	memory->slots[ring->prod.tail & ring->mask] = pkt;
	ring->prod.head = ring->prod.tail + 1;
	__atomic_store_n(&ring->prod.tail, ring->prod.tail + 1, __ATOMIC_RELEASE);
}

static inline struct rte_mbuf *
stage_pop(struct stage_ring *memory)
{
	struct rte_ring *ring = &memory->ring;
	struct rte_mbuf *pkt;

	if (ring_fill(ring) == 0)
		return NULL;
	pkt = memory->slots[ring->cons.tail & ring->mask];
	ring_advance(ring, 1);
	return pkt;
}

/* True once *word is at least `wanted`; false after two seconds. */
static inline bool
reaches(const volatile uint32_t *word, uint32_t wanted)
{
	const struct timespec pause = {.tv_nsec = 100000};

	for (unsigned i = 0; i < 20000; i++) {
		if (__atomic_load_n(word, __ATOMIC_ACQUIRE) >= wanted)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* n fresh buffers into a ring, each of 100 bytes with `mark` in hash.usr's other half
 * (dynfield1[0]). */
static inline void
stage_feed(struct stage *stage, struct stage_ring *ring, unsigned n, uint32_t mark)
{
	while (n-- > 0) {
		struct rte_mbuf *pkt = &stage->pkts[stage->n_used++];

		if (stage->n_used > STAGE_BUFFERS)
			abort();
		pkt->buf_addr = pkt;
		pkt->data_len = 100;
		pkt->pkt_len = 100;
		pkt->dynfield1[0] = mark;
		stage_push(ring, pkt);
	}
}

#endif
