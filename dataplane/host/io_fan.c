/* io_fan.c: see io_fan.h. */
#include "dataplane/host/io_fan.h"
#include <rte_cycles.h>
#include "dataplane/host/buffer.h"
#include "dataplane/host/port.h"
#include "dataplane/shm/doorbell.h"
#include "dataplane/shm/hand.h"

struct fan_out { /* of a link */
	uint32_t n;
	struct rte_mbuf *buffers[SHM_BURST];
};

static struct rte_ring *ring_of(const struct plan_port *plan, unsigned link);
static struct shm_doorbell *bell_of(const struct plan_port *plan, unsigned link);
static bool is_patient(struct port_queue *queue, unsigned link, uint64_t now);
static void sort(const struct plan_port *plan, struct fan_out *outs,
	struct rte_mbuf **buffers, uint32_t n);
static void put_one(const struct plan_port *plan, unsigned link, struct fan_out *out);
static void drop(struct port_queue *queue, enum port_reason reason,
	struct rte_mbuf **buffers, uint32_t n);

bool
io_fan_has_room(const struct plan_port *plan)
{
	const uint64_t now = rte_rdtsc();
	bool any = false;

	for (unsigned i = 0; i <= plan->n_more; i++) {
		struct rte_ring *ring = ring_of(plan, i);

		if (ring == NULL)
			continue;
		if (ring_room(ring) >= io_room_wanted(plan->port, ring)) {
			plan->queue->full_since[i] = 0;
			any = true;
		} else if (is_patient(plan->queue, i, now)) {
			return false;
		} else if (!ring_is_parked(ring)) {
			ring_park(ring); /* it does not run: more may wait */
			plan->queue->full_since[i] = now;
			any = true;
		}
	}
	return any;
}

void
io_fan_put(const struct plan_port *plan, struct rte_mbuf **buffers, uint32_t n)
{
	struct fan_out outs[PLAN_MORE + 1];

	for (unsigned i = 0; i <= plan->n_more; i++)
		outs[i].n = 0;
	if (!fork_is_one(&plan->fork))
		fork_steer(&plan->fork, buffers, n);
	sort(plan, outs, buffers, n);
	for (unsigned i = 0; i <= plan->n_more; i++)
		if (outs[i].n > 0)
			put_one(plan, i, &outs[i]);
}

static struct rte_ring *
ring_of(const struct plan_port *plan, unsigned link)
{
	return link == 0 ? plan->out : plan->more[link - 1].out;
}

static struct shm_doorbell *
bell_of(const struct plan_port *plan, unsigned link)
{
	return link == 0 ? plan->consumer : plan->more[link - 1].consumer;
}

/* With a link that is full. */
static bool
is_patient(struct port_queue *queue, unsigned link, uint64_t now)
{
	if (queue->full_since[link] == 0)
		queue->full_since[link] = now;
	return now - queue->full_since[link] <
	       rte_get_tsc_hz() / (1000000000 / PORT_PATIENCE_NS);
}

static void
sort(const struct plan_port *plan, struct fan_out *outs, struct rte_mbuf **buffers,
	uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const unsigned link = fork_choose(&plan->fork, buffers[i]);

		if (link == FORK_NO_PATH)
			drop(plan->queue, PORT_NO_PATH, &buffers[i], 1);
		else if (link == FORK_NOWHERE)
			drop(plan->queue, PORT_NO_LINK, &buffers[i], 1);
		else
			outs[link].buffers[outs[link].n++] = buffers[i];
	}
}

static void
put_one(const struct plan_port *plan, unsigned link, struct fan_out *out)
{
	struct rte_ring *ring = ring_of(plan, link);
	const uint32_t n = RTE_MIN(out->n, ring_room(ring));

	ring_put(ring, out->buffers, n);
	if (n < out->n)
		drop(plan->queue, PORT_PATIENCE, &out->buffers[n], out->n - n);
	doorbell_ring_early(bell_of(plan, link));
}

static void
drop(struct port_queue *queue, enum port_reason reason, struct rte_mbuf **buffers,
	uint32_t n)
{
	queue->counters.drops[reason] += n;
	pool_free(queue->port->pool, buffers, n);
}
