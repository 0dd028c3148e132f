/* doorbell.h: sleeping and waking between processes, at the price of one load per burst
 * when nobody sleeps.
 *
 * The sleeper: doorbell_arm(); look at all inputs once more; if still nothing
 * doorbell_wait(), else doorbell_disarm(). The producer: enqueue; doorbell_ring(). The
 * full fence on both sides makes it impossible that the producer sees "awake" while the
 * sleeper sees "empty".
 *
 * The fence waits for all that was written, and so for other CPUs. A producer that has
 * more to do looks without it, by doorbell_ring_early(), and rings before it rests: who
 * fell asleep in between is woken by the next look.
 */
#ifndef DATAPLANE_SHM_DOORBELL_H
#define DATAPLANE_SHM_DOORBELL_H

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <rte_atomic.h>
#include <rte_branch_prediction.h>
#include "dataplane/shm/layout.h"

static inline void
doorbell_arm(struct shm_doorbell *bell)
{
	__atomic_store_n(&bell->asleep, 1, __ATOMIC_RELAXED);
	rte_smp_mb();
}

static inline void
doorbell_disarm(struct shm_doorbell *bell)
{
	__atomic_store_n(&bell->asleep, 0, __ATOMIC_RELAXED);
}

/* Sleeps until rung or timeout_ns have passed. Only after doorbell_arm(). False only if
 * the time has passed: a wake that was meant for the sleep before may come as late as in
 * this one, and a signal may end it, so look at the inputs whenever it is true. */
static inline bool
doorbell_wait(struct shm_doorbell *bell, uint64_t timeout_ns)
{
	struct timespec timeout = {.tv_sec = (time_t)(timeout_ns / 1000000000ull),
		.tv_nsec = (long)(timeout_ns % 1000000000ull)};
	bool passed = false;

	if (__atomic_load_n(&bell->asleep, __ATOMIC_ACQUIRE) == 1)
		passed = syscall(SYS_futex, &bell->asleep, FUTEX_WAIT, 1, &timeout, NULL,
				 0) != 0 &&
			 errno == ETIMEDOUT;
	return __atomic_exchange_n(&bell->asleep, 0, __ATOMIC_ACQUIRE) == 0 || !passed;
}

#define DOORBELLS 16 /* for one sleeper */

/* The same at several bells, all of them armed: until one of them is rung. */
static inline bool
doorbell_wait_any(struct shm_doorbell *const *bells, unsigned n, uint64_t timeout_ns)
{
	struct futex_waitv waits[DOORBELLS];
	struct timespec until;
	bool passed, rung = false;

	clock_gettime(CLOCK_MONOTONIC, &until);
	timeout_ns += (uint64_t)until.tv_nsec;
	until.tv_sec += (time_t)(timeout_ns / 1000000000ull);
	until.tv_nsec = (long)(timeout_ns % 1000000000ull);
	for (unsigned i = 0; i < n; i++)
		waits[i] = (struct futex_waitv){.val = 1,
			.uaddr = (uintptr_t)&bells[i]->asleep,
			.flags = FUTEX_32};
	passed = syscall(SYS_futex_waitv, waits, n, 0, &until, CLOCK_MONOTONIC) < 0 &&
		 errno == ETIMEDOUT;
	for (unsigned i = 0; i < n; i++)
		rung |= __atomic_exchange_n(&bells[i]->asleep, 0, __ATOMIC_ACQUIRE) == 0;
	return rung || !passed;
}

/* After an enqueue (or anything else the sleeper should see). Any thread of any process.
 */
static inline void
doorbell_ring(struct shm_doorbell *bell)
{
	rte_smp_mb();
	if (likely(__atomic_load_n(&bell->asleep, __ATOMIC_RELAXED) == 0))
		return;
	if (__atomic_exchange_n(&bell->asleep, 0, __ATOMIC_ACQ_REL) == 0)
		return;
	bell->rings++;
	syscall(SYS_futex, &bell->asleep, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* Between bursts: may miss one who is falling asleep; doorbell_ring() is still owed. */
static inline void
doorbell_ring_early(struct shm_doorbell *bell)
{
	if (unlikely(__atomic_load_n(&bell->asleep, __ATOMIC_RELAXED) != 0))
		doorbell_ring(bell);
}

#endif
