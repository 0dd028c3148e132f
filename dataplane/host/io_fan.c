/* io_fan.c: see io_fan.h. */
#include "dataplane/host/io_fan.h"
#include <rte_cycles.h>
#include "dataplane/host/buffer.h"
#include "dataplane/host/port.h"
#include "dataplane/shm/choose.h"
#include "dataplane/shm/doorbell.h"
#include "dataplane/shm/hand.h"

struct fan_out {	       /* of a replica */
	struct rte_ring *ring; /* null: no link leads there */
	struct shm_doorbell *consumer;
	uint32_t n;
	struct rte_mbuf *buffers[SHM_BURST];
};

static void add_out(struct fan_out *outs, unsigned replica, struct rte_ring *ring,
	struct shm_doorbell *consumer);
static void list_outs(const struct plan_port *plan, struct fan_out *outs);
static bool is_patient(struct port_queue *queue, unsigned replica, uint64_t now);
static void put_one(struct port_queue *queue, struct fan_out *out);
static void drop(struct port_queue *queue, enum port_reason reason,
	struct rte_mbuf **buffers, uint32_t n);

bool
io_fan_has_room(const struct plan_port *plan)
{
	const uint64_t now = rte_rdtsc();
	struct fan_out outs[SPREAD_REPLICAS];
	bool any = false;

	list_outs(plan, outs);
	for (unsigned i = 0; i < SPREAD_REPLICAS; i++) {
		if (outs[i].ring == NULL)
			continue;
		if (ring_room(outs[i].ring) >= io_room_wanted(plan->port, outs[i].ring)) {
			plan->queue->full_since[i] = 0;
			any = true;
		} else if (is_patient(plan->queue, i, now)) {
			return false;
		} else if (!ring_is_parked(outs[i].ring)) {
			ring_park(outs[i].ring); /* it does not run: more may wait */
			plan->queue->full_since[i] = now;
			any = true;
		}
	}
	return any;
}

void
io_fan_put(const struct plan_port *plan, struct rte_mbuf **buffers, uint32_t n)
{
	struct fan_out outs[SPREAD_REPLICAS], *out;
	uint32_t there = 0;

	list_outs(plan, outs);
	for (unsigned i = 0; i < SPREAD_REPLICAS; i++)
		there |= outs[i].ring != NULL ? 1u << i : 0;
	for (uint32_t i = 0; i < n; i++) {
		out = &outs[choose_replica(plan->spread, plan->by,
			rte_pktmbuf_mtod(buffers[i], const uint8_t *),
			buffers[i]->data_len, there)];
		if (out->ring == NULL)
			drop(plan->queue, PORT_NO_LINK, &buffers[i], 1);
		else
			out->buffers[out->n++] = buffers[i];
	}
	for (unsigned i = 0; i < SPREAD_REPLICAS; i++)
		if (outs[i].n > 0)
			put_one(plan->queue, &outs[i]);
}

static void
list_outs(const struct plan_port *plan, struct fan_out *outs)
{
	for (unsigned i = 0; i < SPREAD_REPLICAS; i++) {
		outs[i].ring = NULL;
		outs[i].n = 0;
	}
	add_out(outs, plan->replica, plan->out, plan->consumer);
	for (unsigned i = 0; i < plan->n_more; i++)
		add_out(outs, plan->more[i].replica, plan->more[i].out,
			plan->more[i].consumer);
}

static void
add_out(struct fan_out *outs, unsigned replica, struct rte_ring *ring,
	struct shm_doorbell *consumer)
{
	if (ring == NULL)
		return;
	outs[replica % SPREAD_REPLICAS].ring = ring;
	outs[replica % SPREAD_REPLICAS].consumer = consumer;
}

/* With a replica that is full. */
static bool
is_patient(struct port_queue *queue, unsigned replica, uint64_t now)
{
	if (queue->full_since[replica] == 0)
		queue->full_since[replica] = now;
	return now - queue->full_since[replica] <
	       rte_get_tsc_hz() / (1000000000 / PORT_PATIENCE_NS);
}

static void
put_one(struct port_queue *queue, struct fan_out *out)
{
	const uint32_t n = RTE_MIN(out->n, ring_room(out->ring));

	ring_put(out->ring, out->buffers, n);
	if (n < out->n)
		drop(queue, PORT_PATIENCE, &out->buffers[n], out->n - n);
	doorbell_ring_early(out->consumer);
}

static void
drop(struct port_queue *queue, enum port_reason reason, struct rte_mbuf **buffers,
	uint32_t n)
{
	queue->counters.drops[reason] += n;
	pool_free(queue->port->pool, buffers, n);
}
