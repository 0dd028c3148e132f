/* worker.c: the I/O workers. */
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_pause.h>
#include "common/log.h"
#include "common/priority.h"
#include "dataplane/host/io.h"
#include "dataplane/host/port_queue.h"
#include "dataplane/host/worker.h"
#include "dataplane/shm/doorbell.h"
#include "dataplane/shm/hand.h"

#define SPIN_NS	 20000	  /* on a CPU of its own, before it yields */
#define YIELD_NS 50000	  /* before it sleeps */
#define SLEEP_NS 90000000 /* at most: the heartbeat is due each 100 ms */
#define BLOCKED_NS                                                                       \
	50000 /* between looks at a full ring: nobody rings when there is room again */
#define POLL_NS	     100000 /* between looks at a driver that has nothing to wait on */
#define NAP_NS	     5000   /* shorter sleeps are not worth it */
#define NS	     1000000000ull
#define SWAP_WARN_US 1000000

static const struct plan empty_plan;

struct ladder {		      /* where a worker stands on it */
	uint64_t idle_since;  /* TSC; 0: not idle */
	uint32_t worked;      /* packets since it last yielded */
	uint64_t spin, yield; /* TSC ticks */
};

static int run(void *arg);
static void account(struct worker *worker, uint64_t spent);
static const struct plan *newest_plan(struct worker *worker, const struct plan *plan);
static uint32_t serve(const struct plan_port *port);
static uint32_t work_once(const struct plan *plan);
static void ring_consumers(const struct plan *plan);
static void rest(struct worker *worker, const struct plan *plan, struct ladder *ladder);
static void sleep_on_bell(struct worker *worker, const struct plan *plan);
static bool anything_to_do(const struct worker *worker, const struct plan *plan);
static bool has_to_send(const struct plan_port *plan);
static bool has_backlog(const struct port_queue *queue);
static bool holds_any(const struct rte_ring *ring);
static uint64_t arm_ports(const struct worker *worker, const struct plan *plan);
static uint64_t arm_port(const struct worker *worker, const struct plan_port *port);

int
worker_start(struct worker *worker, struct err *err)
{
	int rc;

	worker->plan = &empty_plan;
	rc = rte_eal_remote_launch(run, worker, 1 + worker->index);
	return rc == 0 ? 0
		       : err_sys(err, -rc, "I/O worker %u does not start", worker->index);
}

void
worker_stop(struct worker *worker)
{
	__atomic_store_n(&worker->stop, true, __ATOMIC_RELEASE);
	doorbell_ring(worker->bell);
	rte_eal_wait_lcore(1 + worker->index);
}

const struct plan *
worker_swap(struct worker *worker, const struct plan *plan)
{
	const struct plan *former = worker->plan;
	const uint32_t generation = worker->generation + 1;
	unsigned waited_us = 0;

	worker->plan = plan != NULL ? plan : &empty_plan;
	__atomic_store_n(&worker->generation, generation, __ATOMIC_RELEASE);
	doorbell_ring(worker->bell);
	while (__atomic_load_n(&worker->acknowledged, __ATOMIC_ACQUIRE) != generation) {
		usleep(20);
		waited_us += 20;
		if (waited_us % SWAP_WARN_US == 0)
			log_error("I/O worker does not answer", "worker=%u waited_us=%u",
				worker->index, waited_us);
	}
	return former != &empty_plan ? former : NULL;
}

void
worker_sample(struct worker *worker, uint64_t tsc)
{
	const uint64_t busy = __atomic_load_n(&worker->busy_tsc, __ATOMIC_RELAXED);

	if (worker->sampled_tsc > 0 && tsc > worker->sampled_tsc)
		worker->busy = (double)(busy - worker->busy_before) /
			       (double)(tsc - worker->sampled_tsc);
	worker->busy_before = busy;
	worker->sampled_tsc = tsc;
}

static int
run(void *arg)
{
	struct worker *worker = arg;
	const struct plan *plan = &empty_plan;
	const uint64_t hz = rte_get_tsc_hz();
	struct ladder ladder = {.spin = hz * SPIN_NS / NS, .yield = hz * YIELD_NS / NS};
	uint64_t began;
	uint32_t moved;

	prctl(PR_SET_TIMERSLACK, 1000);
	priority_set(PRIORITY_WORKER);
	while (!__atomic_load_n(&worker->stop, __ATOMIC_ACQUIRE)) {
		plan = newest_plan(worker, plan);
		if (worker->index == 0)
			__atomic_store_n(&worker->shm->heartbeat,
				worker->shm->heartbeat + 1, __ATOMIC_RELAXED);
		began = rte_rdtsc();
		moved = work_once(plan);
		if (moved == 0) {
			rest(worker, plan, &ladder);
			continue;
		}
		account(worker, rte_rdtsc() - began);
		ladder.idle_since = 0;
		ladder.worked += moved;
		if (plan->shared && ladder.worked >= plan->turn) {
			ring_consumers(plan);
			sched_yield();
			ladder.worked = 0;
		}
	}
	return 0;
}

/* One writer. */
static void
account(struct worker *worker, uint64_t spent)
{
	__atomic_store_n(&worker->busy_tsc, worker->busy_tsc + spent, __ATOMIC_RELAXED);
}

static const struct plan *
newest_plan(struct worker *worker, const struct plan *plan)
{
	const uint32_t generation =
		__atomic_load_n(&worker->generation, __ATOMIC_ACQUIRE);

	if (likely(generation == worker->acknowledged))
		return plan;
	ring_consumers(plan);
	plan = worker->plan;
	for (unsigned i = 0; i < plan->n_ports; i++)
		io_forget(&plan->ports[i]);
	__atomic_store_n(&worker->acknowledged, generation, __ATOMIC_RELEASE);
	return plan;
}

static uint32_t
work_once(const struct plan *plan)
{
	uint32_t moved = 0;

	for (unsigned i = 0; i < plan->n_ports; i++)
		moved += serve(&plan->ports[i]);
	for (unsigned i = 0; i < plan->n_slots; i++)
		moved += io_care(&plan->slots[i]);
	return moved;
}

/* A port that has nothing to do leaves its turns to the others. */
static uint32_t
serve(const struct plan_port *port)
{
	uint32_t moved = 0, more = 1;

	for (unsigned turn = 0; turn < port->turns && more > 0; turn++) {
		more = io_send(port);
		more += io_receive(port);
		moved += more;
	}
	return moved;
}

/* What is owed to those to whom packets were given (doorbell.h). */
static void
ring_consumers(const struct plan *plan)
{
	for (unsigned i = 0; i < plan->n_ports; i++) {
		const struct plan_port *port = &plan->ports[i];

		if (port->out != NULL)
			doorbell_ring(port->consumer);
		for (unsigned k = 0; k < port->n_more; k++)
			if (port->more[k].out != NULL)
				doorbell_ring(port->more[k].consumer);
	}
}

static void
rest(struct worker *worker, const struct plan *plan, struct ladder *ladder)
{
	const uint64_t now = rte_rdtsc();
	const uint64_t spin = plan->shared ? 0 : ladder->spin;
	uint64_t idle;

	ladder->worked = 0;
	if (ladder->idle_since == 0) {
		ladder->idle_since = now;
		ring_consumers(plan);
	}
	idle = now - ladder->idle_since;
	if (idle < spin)
		rte_pause();
	else if (idle < spin + ladder->yield)
		sched_yield();
	else
		sleep_on_bell(worker, plan);
}

static void
sleep_on_bell(struct worker *worker, const struct plan *plan)
{
	uint64_t timeout;

	doorbell_arm(worker->bell);
	if (anything_to_do(worker, plan)) {
		doorbell_disarm(worker->bell);
		return;
	}
	timeout = arm_ports(worker, plan);
	if (timeout >= NAP_NS) {
		doorbell_wait(worker->bell, timeout);
		return;
	}
	doorbell_disarm(worker->bell);
	sched_yield();
}

/* What a ring of the doorbell may have announced before it was armed. */
static bool
anything_to_do(const struct worker *worker, const struct plan *plan)
{
	if (worker->acknowledged !=
			__atomic_load_n(&worker->generation, __ATOMIC_ACQUIRE) ||
		__atomic_load_n(&worker->stop, __ATOMIC_ACQUIRE))
		return true;
	for (unsigned i = 0; i < plan->n_ports; i++)
		if ((plan->ports[i].port->stuck_since == 0 &&
			    has_to_send(&plan->ports[i])) ||
			has_backlog(plan->ports[i].queue))
			return true;
	for (unsigned i = 0; i < plan->n_slots; i++)
		if (ring_fill(plan->slots[i].returns) > 0)
			return true;
	return false;
}

static bool
has_to_send(const struct plan_port *plan)
{
	bool any = holds_any(plan->in) || holds_any(plan->former);

	for (unsigned i = 0; i < plan->n_more && !any; i++)
		any = holds_any(plan->more[i].in) || holds_any(plan->more[i].former);
	return any;
}

static bool
has_backlog(const struct port_queue *queue)
{
	return !queue->rx_blocked && holds_any(queue->backlog);
}

static bool
holds_any(const struct rte_ring *ring)
{
	return ring != NULL && ring_fill(ring) > 0;
}

/* Arms the descriptors of all ports, and returns how long to sleep at most for those that
 * need a look without being asked. */
static uint64_t
arm_ports(const struct worker *worker, const struct plan *plan)
{
	uint64_t timeout = SLEEP_NS;

	for (unsigned i = 0; i < plan->n_ports; i++)
		timeout = RTE_MIN(timeout, arm_port(worker, &plan->ports[i]));
	return timeout;
}

static uint64_t
arm_port(const struct worker *worker, const struct plan_port *plan)
{
	struct port *port = plan->port;
	const struct port_queue *queue = plan->queue;
	uint64_t timeout = port->stuck_since != 0 ? BLOCKED_NS : SLEEP_NS;

	if (queue->rx_blocked)
		return BLOCKED_NS;
	if ((plan->out == NULL && !port->driver->listens) || queue->backlog != NULL)
		return timeout;
	if (port->driver->rest_ns != NULL)
		return RTE_MIN(timeout, port->driver->rest_ns(port, rte_rdtsc()));
	if (queue->n_fds == 0)
		return RTE_MIN(timeout, (uint64_t)POLL_NS);
	for (unsigned i = 0; i < queue->n_fds; i++)
		watch_arm(worker->watch, queue->fds[i], worker->index);
	return timeout;
}
