/* io_fan.h: received packets of a port that leads to several replicas of a VNF, or to
 * several VNFs: each to the ring of the replica that its flow belongs to, of the VNF that
 * its path leads to (dataplane/shm/fork.h). Called by the worker whose plan names the
 * port, if the plan `chooses`; under the lock of the port (port_queue.h). */
#ifndef DATAPLANE_HOST_IO_FAN_H
#define DATAPLANE_HOST_IO_FAN_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/host/plan.h"
#include "dataplane/host/port.h"
#include "dataplane/shm/hand.h"

/* The room of a ring that each queue of a port needs to have when it looks, so that all
 * of them may put a burst: half a ring at most. */
static inline uint32_t
io_room_wanted(const struct port *port, const struct rte_ring *ring)
{
	const uint32_t half = ring->size / RING_PARKING / 2;

	if (likely(port->n_queues == 1))
		return SHM_BURST;
	return RTE_MAX(RTE_MIN(SHM_BURST * port->n_queues, half), (uint32_t)SHM_BURST);
}

/* Whether a burst may be read: every link has room for all of it. One that has had none
 * for PORT_PATIENCE_NS is not waited for any more until it has, unless that is so of
 * all of them: who is dead holds up only its own share. */
bool io_fan_has_room(const struct plan_port *plan);
/* What a link has no room for is dropped (patience), and what has none (no-link,
 * no-path).
 */
void io_fan_put(const struct plan_port *plan, struct rte_mbuf **buffers, uint32_t n);

#endif
