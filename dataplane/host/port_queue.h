/* port_queue.h: the queues of a port.
 *
 * Where the driver has as many as are wanted, each is received from by its own worker.
 * Where it has one, that of queue 0 receives, and gives to each other queue what is of
 * its flows (rss.h) by a ring, its backlog: what the worker of that queue then receives.
 * So the order of a flow is kept, and one worker is not all that a port can have. A queue
 * whose backlog is full sheds (overflow), the others go on.
 */
#ifndef DATAPLANE_HOST_PORT_QUEUE_H
#define DATAPLANE_HOST_PORT_QUEUE_H

#include "dataplane/host/port.h"

#define PORT_BACKLOG 1024 /* packets */

/* Control thread, after the driver has been opened: makes the queues, as many as are
 * wanted, but by software no more than there are workers. */
int port_queues_open(
	struct port *port, unsigned wanted, unsigned workers, struct err *err);
/* Control thread, before the driver is closed; no worker has the port. Backlogs go home.
 * One queue is left, and what was counted. */
void port_queues_close(struct port *port);

/* The worker of queue 0, of what the driver has received: keeps at the front of buffers
 * what is its own, and gives the others to their queues. Returns how many it keeps. */
uint32_t port_queues_spread(struct port *port, struct rte_mbuf **buffers, uint32_t n);

/* Any worker. */
static inline bool
port_queues_are_software(const struct port *port)
{
	return port->n_queues > port->n_sources;
}

/* Around whatever more than one worker may do with a port. A worker that has lost its CPU
 * within may be waited for by another on the same one: so it yields. */
void port_lock_slow(struct port *port);

static inline void
port_lock(struct port *port)
{
	if (unlikely(port->n_queues > 1))
		port_lock_slow(port);
}

static inline void
port_unlock(struct port *port)
{
	if (unlikely(port->n_queues > 1))
		rte_spinlock_unlock(&port->lock);
}

#endif
