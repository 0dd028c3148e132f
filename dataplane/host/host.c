/* host.c: the root of the control thread's objects, and what concerns all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <rte_cycles.h>
#include <rte_malloc.h>
#include "common/dirs.h"
#include "common/log.h"
#include "dataplane/host/host.h"
#include "dataplane/host/steering.h"
#include "dataplane/host/wiring.h"
#include "dataplane/shm/doorbell.h"

#define FAREWELL_MS 1000  /* for VNFs to end by themselves */
#define CLOSING_MS  10000 /* for all of the end */
#define SPIN_NS	    20000
#define YIELD_NS    50000
#define TURNS	    2 /* bursts of a port in a round of its I/O worker, by the usual share */
#define SPIN_EVER   UINT32_MAX

static int start_pulse(struct host *host, struct err *err);
static void stop_pulse(struct host *host);
static int start_workers(struct host *host, struct err *err);
static bool bid_farewell(const struct host *host);
static void destroy_all(struct host *host);
static struct plan *make_plan(
	const struct host *host, const struct worker *worker, const struct port *except);
static void plan_queue(
	const struct host *host, struct plan *plan, struct port *port, unsigned i);
static void set_ladders(struct host *host);
static bool is_of_one_service(const struct host *host, unsigned cpu);
static bool shares_cpu(const struct host *host, const struct slot *slot);

int
host_open(struct host *host, struct err *err)
{
	int rc;

	host->bells = rte_zmalloc(
		"doorbells", host->n_workers * sizeof(*host->bells), RTE_CACHE_LINE_SIZE);
	if (host->bells == NULL)
		return err_set(err, ERR_NO_RESOURCE, "--memory", NULL,
			"no memory to start with");
	rc = start_pulse(host, err);
	if (rc == 0)
		rc = watch_start(host->bells, &host->watch, err);
	return rc < 0 ? rc : start_workers(host, err);
}

void
host_close(struct host *host)
{
	struct port *port;

	if (host->pulse != NULL)
		host->pulse->patience_ms = CLOSING_MS;
	for (unsigned i = 0; i < host->n_workers; i++)
		if (host->workers[i].bell != NULL) {
			free((void *)(uintptr_t)worker_swap(&host->workers[i], NULL));
			worker_stop(&host->workers[i]);
		}
	if (bid_farewell(host)) {
		destroy_all(host);
	} else {
		log_warn("VNFs still run: their memory stays until they end", "%s", "");
		while ((port = LIST_FIRST(&host->ports)) != NULL) {
			LIST_REMOVE(port, entry);
			port_close(port);
		}
	}
	watch_stop(host->watch);
	stop_pulse(host);
}

struct pool *
host_pool(const struct host *host, const char *ns)
{
	struct pool *pool;

	LIST_FOREACH (pool, &host->pools, entry)
		if (strcmp(pool->ns, ns) == 0)
			return pool;
	return NULL;
}

struct port *
host_port(const struct host *host, const char *id)
{
	struct port *port;

	LIST_FOREACH (port, &host->ports, entry)
		if (strcmp(port->id, id) == 0)
			return port;
	return NULL;
}

struct slot *
host_slot(const struct host *host, const char *id)
{
	struct slot *slot;

	LIST_FOREACH (slot, &host->slots, entry)
		if (strcmp(slot->id, id) == 0)
			return slot;
	return NULL;
}

struct link *
host_link(const struct host *host, const char *id, unsigned states)
{
	struct link *link;

	LIST_FOREACH (link, &host->links, entry)
		if ((link->state & states) != 0 && strcmp(link->id, id) == 0)
			return link;
	return NULL;
}

struct link *
host_link_at(const struct host *host, const struct link_end *end, unsigned states)
{
	struct link *link;

	LIST_FOREACH (link, &host->links, entry)
		if ((link->state & states) != 0 && link_end_at(link, end) >= 0)
			return link;
	return NULL;
}

struct link *
host_link_of(const struct host *host, const struct slot *slot, unsigned states)
{
	struct link *link;

	LIST_FOREACH (link, &host->links, entry)
		if ((link->state & states) != 0 && link_has_slot(link, slot))
			return link;
	return NULL;
}

int
host_replan(struct host *host, const struct port *except, struct err *err)
{
	struct plan *plans[OPTIONS_IO_WORKERS];

	set_ladders(host);
	for (unsigned i = 0; i < host->n_workers; i++) {
		plans[i] = make_plan(host, &host->workers[i], except);
		if (plans[i] != NULL)
			continue;
		while (i-- > 0)
			free(plans[i]);
		return err_sys(err, ENOMEM, "cannot plan the I/O workers");
	}
	for (unsigned i = 0; i < host->n_workers; i++)
		free((void *)(uintptr_t)worker_swap(&host->workers[i], plans[i]));
	return 0;
}

void
host_park(struct host *host)
{
	for (unsigned i = 0; i < host->n_workers; i++)
		free((void *)(uintptr_t)worker_swap(&host->workers[i], NULL));
}

unsigned
host_least_busy(const struct host *host)
{
	unsigned load[OPTIONS_IO_WORKERS] = {0}, best = 0;
	const struct port *port;
	const struct slot *slot;

	LIST_FOREACH (port, &host->ports, entry)
		for (unsigned i = 0; i < port->n_queues; i++)
			load[port->queues[i].worker] +=
				16; /* more work than the care of a slot */
	LIST_FOREACH (slot, &host->slots, entry)
		load[slot->worker]++;
	for (unsigned i = 1; i < host->n_workers; i++)
		if (load[i] < load[best])
			best = i;
	return best;
}

/* Tells every slot how to idle: spinning is for those who have a CPU for themselves. */
static void
set_ladders(struct host *host)
{
	struct slot *slot;

	LIST_FOREACH (slot, &host->slots, entry) {
		slot->shm->spin_budget_ns = slot->spin		     ? SPIN_EVER
					    : shares_cpu(host, slot) ? 0
								     : SPIN_NS;
		slot->shm->yield_budget_ns = YIELD_NS;
		slot->shm->work_budget =
			slot->turn *
			(is_of_one_service(host, slot->shm->cpu) ? PLAN_ALONE : 1);
	}
}

struct shm_doorbell *
host_bell(const struct host *host, const struct link_end *end)
{
	return end->slot != NULL ? &end->slot->shm->doorbell
				 : &host->bells[end->port->worker];
}

static int
start_pulse(struct host *host, struct err *err)
{
	char path[128];
	int rc = dirs_runtime_path(path, sizeof(path), PULSE_FILE);

	if (rc < 0)
		return err_set(err, ERR_INVALID, "RENGA_RUNTIME_DIR", NULL,
			"the run-time directory's name is too long");
	rc = pulse_create(path, &host->pulse, err);
	if (rc == 0)
		rc = lockprobe_start(&host->lockprobe, err);
	if (rc == 0)
		rc = pulse_thread_start(host->pulse, host->shm, host->lockprobe,
			&host->pulse_thread, err);
	return rc;
}

static void
stop_pulse(struct host *host)
{
	char path[128];

	pulse_thread_stop(host->pulse_thread);
	lockprobe_stop(host->lockprobe);
	if (host->pulse == NULL)
		return;
	pulse_close(host->pulse);
	if (dirs_runtime_path(path, sizeof(path), PULSE_FILE) == 0)
		remove(path);
}

static int
start_workers(struct host *host, struct err *err)
{
	struct worker *worker;
	int rc;

	for (unsigned i = 0; i < host->n_workers; i++) {
		worker = &host->workers[i];
		worker->index = i;
		worker->cpu = host->options->io_cores.cpus[i];
		worker->shm = host->shm;
		worker->watch = host->watch;
		worker->bell = &host->bells[i];
		rc = worker_start(worker, err);
		if (rc < 0) {
			worker->bell = NULL;
			return rc;
		}
	}
	return 0;
}

/* True if no VNF process is left that could touch shared memory. */
static bool
bid_farewell(const struct host *host)
{
	const uint64_t end = loop_now_ms() + FAREWELL_MS;
	struct slot *slot;
	bool alive = true;

	__atomic_store_n(&host->shm->shutdown, 1, __ATOMIC_RELEASE);
	while (alive && loop_now_ms() < end) {
		alive = false;
		LIST_FOREACH (slot, &host->slots, entry) {
			doorbell_ring(&slot->shm->doorbell);
			alive = alive || slot_is_alive(slot);
		}
		if (alive)
			usleep(5000);
	}
	return !alive;
}

static void
destroy_all(struct host *host)
{
	struct link *link;
	struct slot *slot;
	struct port *port;
	struct pool *pool;

	while ((link = LIST_FIRST(&host->links)) != NULL) {
		LIST_REMOVE(link, entry);
		link_destroy(link);
	}
	while ((slot = LIST_FIRST(&host->slots)) != NULL) {
		LIST_REMOVE(slot, entry);
		slot_destroy(slot);
	}
	while ((port = LIST_FIRST(&host->ports)) != NULL) {
		LIST_REMOVE(port, entry);
		port_close(port);
	}
	while ((pool = LIST_FIRST(&host->pools)) != NULL) {
		LIST_REMOVE(pool, entry);
		steering_clear(&pool->steering);
		pool_destroy(pool);
	}
}

static struct plan *
make_plan(const struct host *host, const struct worker *worker, const struct port *except)
{
	unsigned n_ports = 0, n_slots = 0;
	struct plan *plan;
	struct port *port;
	struct slot *slot;

	LIST_FOREACH (port, &host->ports, entry)
		n_ports += port->n_queues;
	LIST_FOREACH (slot, &host->slots, entry)
		n_slots++;
	plan = plan_create(n_ports, n_slots);
	if (plan == NULL)
		return NULL;
	LIST_FOREACH (port, &host->ports, entry)
		for (unsigned i = 0; i < port->n_queues && port != except; i++)
			if (port->queues[i].worker == worker->index)
				plan_queue(host, plan, port, i);
	LIST_FOREACH (slot, &host->slots, entry) {
		plan->shared = plan->shared || slot->shm->cpu == worker->cpu;
		if (slot->worker == worker->index)
			plan_add_slot(plan,
				&(struct plan_slot){slot->shm->returns, slot->shm->stash,
					slot->pool, &slot->garbage});
	}
	plan->turn = PLAN_TURN * (is_of_one_service(host, worker->cpu) ? PLAN_ALONE : 1);
	return plan;
}

/* The worker of the first also sends. */
static void
plan_queue(const struct host *host, struct plan *plan, struct port *port, unsigned at)
{
	const struct link_end end = {.port = port};
	struct wiring_end wired[WIRING_MAX];
	struct plan_port planned = {.port = port, .queue = &port->queues[at]};
	const unsigned n = wiring_list(host, &end, wired);

	planned.turns = RTE_MAX(port->pool->share * TURNS / SLOT_SHARE, 1u);
	planned.out = wired[0].out.ring;
	planned.consumer = wired[0].out.consumer;
	planned.in = at == 0 ? wired[0].in : NULL;
	planned.former = at == 0 ? wired[0].former : NULL;
	fork_init(&planned.fork, port->pool->steering.steer, buffer_path_offset());
	if (planned.out != NULL)
		fork_add(&planned.fork, &wired[0].way, 0);
	for (unsigned i = 1; i < n && planned.n_more < PLAN_MORE; i++) {
		planned.more[planned.n_more++] = (struct plan_end){wired[i].out.ring,
			wired[i].out.consumer, at == 0 ? wired[i].in : NULL,
			at == 0 ? wired[i].former : NULL};
		if (wired[i].out.ring != NULL)
			fork_add(&planned.fork, &wired[i].way, i);
	}
	planned.chooses = fork_chooses(&planned.fork);
	plan_add_port(plan, &planned);
}

/* Whether all that works on a CPU does so for the same packets: VNFs, and the I/O worker.
 */
static bool
is_of_one_service(const struct host *host, unsigned cpu)
{
	const struct pool *pool = NULL;
	const struct slot *slot;
	const struct port *port;

	LIST_FOREACH (slot, &host->slots, entry) {
		if (slot->shm->cpu != cpu)
			continue;
		if (pool != NULL && slot->pool != pool)
			return false;
		pool = slot->pool;
	}
	LIST_FOREACH (port, &host->ports, entry)
		for (unsigned i = 0; i < port->n_queues; i++) {
			if (host->workers[port->queues[i].worker].cpu != cpu)
				continue;
			if (pool != NULL && port->pool != pool)
				return false;
			pool = port->pool;
		}
	return true;
}

static bool
shares_cpu(const struct host *host, const struct slot *slot)
{
	const struct slot *other;

	for (unsigned i = 0; i < host->n_workers; i++)
		if (host->workers[i].cpu == slot->shm->cpu)
			return true;
	LIST_FOREACH (other, &host->slots, entry)
		if (other != slot && other->shm->cpu == slot->shm->cpu)
			return true;
	return false;
}
