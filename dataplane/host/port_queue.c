/* port_queue.c: see port_queue.h. */
#include "dataplane/host/port_queue.h"
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <rte_errno.h>
#include <rte_random.h>
#include <rte_ring.h>
#include "common/log.h"
#include "dataplane/pkt/rss.h"
#include "dataplane/shm/doorbell.h"
#include "dataplane/shm/hand.h"

static int make_backlogs(struct port *port, struct err *err);
static void share_descriptors(struct port *port);
static void empty(struct port_queue *queue);
static void give(struct port *port, unsigned to, struct rte_mbuf **buffers, uint32_t n);

int
port_queues_open(struct port *port, unsigned wanted, unsigned workers, struct err *err)
{
	int rc = 0;

	port->n_queues = port->n_sources;
	if (port->n_sources == 1 && wanted > 1)
		port->n_queues = (uint16_t)RTE_MAX(RTE_MIN(wanted, workers), 1u);
	for (unsigned i = 0; i < PORT_QUEUES; i++)
		port->queues[i] = (struct port_queue){
			.port = port, .index = i, .sample_in = PORT_SAMPLE_EVERY};
	port->seed = rte_rand();
	rte_spinlock_init(&port->lock);
	share_descriptors(port);
	if (port_queues_are_software(port))
		rc = make_backlogs(port, err);
	if (rc < 0)
		port_queues_close(port);
	if (rc == 0 && wanted > 1)
		log_info("port has several queues", "port=%s wanted=%u queues=%u by=%s",
			port->id, wanted, port->n_queues,
			port->n_sources > 1 ? "driver" : "software");
	return rc;
}

void
port_queues_close(struct port *port)
{
	for (unsigned i = 0; i < PORT_QUEUES; i++) {
		if (port->queues[i].backlog != NULL)
			empty(&port->queues[i]);
		port_counters_add(&port->counters, &port->queues[i].counters);
		port->queues[i].counters = (struct port_counters){0};
	}
	port->n_queues = port->n_sources = 1;
	port->queues[0].n_fds = 0;
}

/* All of a burst that goes to one queue goes at once. */
uint32_t
port_queues_spread(struct port *port, struct rte_mbuf **buffers, uint32_t n)
{
	struct rte_mbuf *others[PORT_QUEUES][SHM_BURST];
	uint32_t n_others[PORT_QUEUES] = {0}, kept = 0;
	unsigned to;

	for (uint32_t i = 0; i < n; i++) {
		to = rss_queue(rte_pktmbuf_mtod(buffers[i], const uint8_t *),
			buffers[i]->data_len, port->seed, port->n_queues);
		if (to == 0)
			buffers[kept++] = buffers[i];
		else
			others[to][n_others[to]++] = buffers[i];
	}
	for (unsigned i = 1; i < port->n_queues; i++)
		if (n_others[i] > 0)
			give(port, i, others[i], n_others[i]);
	return kept;
}

void
port_lock_slow(struct port *port)
{
	for (unsigned tries = 1; !rte_spinlock_trylock(&port->lock); tries++)
		if (tries % 64 == 0)
			sched_yield();
}

static int
make_backlogs(struct port *port, struct err *err)
{
	static unsigned counter; /* names are never used twice */
	char name[RTE_RING_NAMESIZE];

	for (unsigned i = 1; i < port->n_queues; i++) {
		snprintf(name, sizeof(name), "backlog%u", counter++);
		port->queues[i].backlog = rte_ring_create(
			name, PORT_BACKLOG, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
		if (port->queues[i].backlog == NULL)
			return err_sys(err, rte_errno, "cannot make a queue of a port");
	}
	return 0;
}

/* One for each queue, in their order, if there are as many; else all are of the first,
 * and the others are looked at now and then. */
static void
share_descriptors(struct port *port)
{
	if (port->n_sources == 1 || port->n_fds != port->n_sources) {
		port->queues[0].fds = port->fds;
		port->queues[0].n_fds = port->n_fds;
		return;
	}
	for (unsigned i = 0; i < port->n_sources; i++) {
		port->queues[i].fds = &port->fds[i];
		port->queues[i].n_fds = 1;
	}
}

static void
empty(struct port_queue *queue)
{
	struct rte_mbuf *buffer;

	while (rte_ring_sc_dequeue(queue->backlog, (void **)&buffer) == 0)
		rte_pktmbuf_free(buffer);
	rte_ring_free(queue->backlog);
	queue->backlog = NULL;
}

static void
give(struct port *port, unsigned to, struct rte_mbuf **buffers, uint32_t n)
{
	struct port_queue *queue = &port->queues[to];
	const uint32_t given =
		rte_ring_sp_enqueue_burst(queue->backlog, (void **)buffers, n, NULL);

	port->queues[0].counters.drops[PORT_OVERFLOW] += n - given;
	if (given < n)
		rte_pktmbuf_free_bulk(buffers + given, n - given);
	doorbell_ring(queue->bell);
}
