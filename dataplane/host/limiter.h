/* limiter.h: holds what enters to a rate, in bytes and in packets (rte_meter).
 *
 * Two single-rate meters without an excess burst, one that counts bytes and one that
 * counts packets; what either does not colour green is dropped. They count in parts of a
 * TSC tick, so that the long-run rate is within 0.2 % of what was asked for.
 *
 * One I/O worker at a time uses a limiter; the control thread sets it while the workers
 * are parked. A service's limiter, which several workers may share, is used under its
 * lock.
 */
#ifndef DATAPLANE_HOST_LIMITER_H
#define DATAPLANE_HOST_LIMITER_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include <rte_mbuf.h>
#include <rte_meter.h>
#include <rte_spinlock.h>
#include "common/err.h"
#include "common/limits.h"

struct limiter_meter {
	bool on;
	unsigned shift; /* time is given to it times 2^shift */
	uint64_t burst; /* units that the bucket holds */
	uint64_t debt;	/* of a frame that no bucket holds: paid before the next */
	struct rte_meter_srtcm state;
	struct rte_meter_srtcm_profile profile;
};

struct limiter {
	bool on; /* there is any limit */
	struct limiter_meter bytes, packets;
	rte_spinlock_t lock;
};

/* Buckets are full at tsc. hz: of the TSC, as rte_get_tsc_hz() says. ERR_INVALID for what
 * the meter cannot do; the limiter then has no limit. */
int limiter_set(struct limiter *limiter, const struct limits *limits, uint64_t hz,
	uint64_t tsc, struct err *err);

/* The same from a document's member `limits` (null: none), as common/limits.h says; full
 * at once. Both are untouched if it is refused. */
int limiter_read(struct limiter *limiter, struct limits *limits, const json_t *json,
	struct err *err);

/* Which of n <= 32 packets may enter at tsc: bit i is set for buffers[i]. */
uint32_t limiter_take(struct limiter *limiter, struct rte_mbuf *const *buffers,
	unsigned n, uint64_t tsc);

#endif
