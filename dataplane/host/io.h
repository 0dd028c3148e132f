/* io.h: one step of an I/O worker with one port or one slot: what the packet path of the
 * dataplane does.
 *
 * Each moves at most a burst and returns how many packets it moved. Called by the worker
 * whose plan names the thing.
 */
#ifndef DATAPLANE_HOST_IO_H
#define DATAPLANE_HOST_IO_H

#include <stdint.h>
#include "dataplane/host/plan.h"

/* Port to ring: reads only what the ring has room for, so what the chain cannot take
 * stays outside. */
uint32_t io_receive(const struct plan_port *port);
/* Ring to port: what the driver does not take stays in the ring, for at most
 * PORT_PATIENCE_NS. */
uint32_t io_send(const struct plan_port *port);
/* What is remembered of a port's rings holds no more: its links may have changed. */
void io_forget(const struct plan_port *port);
/* Frees what the VNF of a slot dropped, and fills up its stash. */
uint32_t io_care(const struct plan_slot *slot);
/* Empties a ring of which we are the only consumer: buffers go home, garbage is counted.
 * Returns how many were freed. */
uint32_t io_drain(struct rte_ring *ring, struct pool *pool, uint64_t *garbage);

/* What waits in a ring that a VNF fills. If it has moved the tail to where it cannot be,
 * the places of the ring are looked at once, and no more. */
uint32_t io_waiting(struct rte_ring *ring, uint64_t *garbage);

#endif
