/* sink.h: where packets end that nobody wants any more but to measure them: behind `null`
 * and `generator` ports. */
#ifndef DATAPLANE_HOST_SINK_H
#define DATAPLANE_HOST_SINK_H

#include <rte_cycles.h>
#include <rte_mbuf.h>
#include "dataplane/host/measure.h"
#include "dataplane/host/pool.h"

/* Measures n packets and puts their buffers, tidy and marked as at home (buffer.h), into
 * their pool. Returns n. */
static inline uint32_t
sink_take(struct measure *measure, const struct pool *pool, struct rte_mbuf **buffers,
	uint32_t n)
{
	const uint64_t now = rte_rdtsc();
	struct measure_run run = {0};

	for (uint32_t i = 0; i < n; i++)
		measure_run_take(measure, &run,
			rte_pktmbuf_mtod(buffers[i], const uint8_t *),
			buffers[i]->data_len, now);
	measure_end(measure, &run, n, now);
	pool_put(pool, buffers, n);
	return n;
}

#endif
