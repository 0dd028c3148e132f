/* stats.c: what shared memory knows of a service's traffic. */
#include <string.h>
#include <rte_cycles.h>
#include "dataplane/host/measure.h"
#include "dataplane/host/stats.h"
#include "dataplane/host/steering.h"
#include "dataplane/shm/hand.h"

static uint64_t slot_drop_count(const struct slot *slot, const char *reason);
static uint64_t port_drop_count(const struct port *port, enum port_reason reason);
static json_t *io_stats(const struct host *host);
static json_t *pool_stats(const struct pool *pool);
static json_t *latency_stats(const struct host *host, const struct pool *pool);
static json_t *port_stats(const struct host *host, const struct port *port);
static json_t *port_large(const struct port_counters *counters);
static json_t *port_drops(const struct port *port);
static json_t *port_queues(const struct host *host, const struct port *port);
static json_t *queue_stats(const struct host *host, const struct port_queue *queue);
static json_t *slot_stats(const struct slot *slot);
static json_t *burst_cycles(const struct histogram *bursts);
static json_t *slot_cps(const struct slot *slot);
static bool was_used(const struct shm_cp_counters *counters);
static json_t *slot_drops(const struct slot *slot);
static json_t *slot_ring(const struct slot *slot);
static json_t *link_stats(const struct link *link);
static json_t *number(const uint64_t *counter);

json_t *
stats_service(const struct host *host, const struct pool *pool)
{
	json_t *ports = json_array(), *vnfs = json_array(), *links = json_array();
	const struct port *port;
	const struct slot *slot;
	const struct link *link;

	LIST_FOREACH (port, &host->ports, entry)
		if (port->pool == pool)
			json_array_append_new(ports, port_stats(host, port));
	LIST_FOREACH (slot, &host->slots, entry)
		if (slot->pool == pool)
			json_array_append_new(vnfs, slot_stats(slot));
	LIST_FOREACH (link, &host->links, entry)
		if (link->pool == pool && link->state == LINK_UP)
			json_array_append_new(links, link_stats(link));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o*, s:o, s:I}", "ns", pool->ns,
		"pool", pool_stats(pool), "latencyUs", latency_stats(host, pool), "ports",
		ports, "vnfs", vnfs, "links", links, "paths",
		steering_counts(&pool->steering), "io", io_stats(host), "tscHz",
		(json_int_t)rte_get_tsc_hz());
}

/* Of all services: the workers are everybody's. */
static json_t *
io_stats(const struct host *host)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < host->n_workers; i++)
		json_array_append_new(
			list, json_pack("{s:i, s:f}", "core", (int)host->workers[i].cpu,
				      "busy", host->workers[i].busy));
	return list;
}

void
stats_sample(struct host *host)
{
	const uint64_t now = rte_rdtsc();
	struct slot *slot;

	for (unsigned i = 0; i < host->n_workers; i++)
		worker_sample(&host->workers[i], now);
	LIST_FOREACH (slot, &host->slots, entry)
		slot_sample(slot, now);
}

uint64_t
stats_slot_crowded_out(const struct slot *slot)
{
	return slot_drop_count(slot, "patience") + slot_drop_count(slot, "no-link") +
	       slot_drop_count(slot, "no-path");
}

uint64_t
stats_crowded_out(const struct host *host, const struct pool *pool)
{
	const struct port *port;
	const struct slot *slot;
	uint64_t sum = 0;

	LIST_FOREACH (port, &host->ports, entry)
		for (unsigned i = 0; i < PORT_REASONS && port->pool == pool; i++)
			sum += i != PORT_OVERFLOW ? port_drop_count(port, i) : 0;
	LIST_FOREACH (slot, &host->slots, entry)
		sum += slot->pool == pool ? stats_slot_crowded_out(slot) : 0;
	return sum;
}

uint64_t
stats_shed(const struct host *host, const struct pool *pool)
{
	const struct port *port;
	uint64_t sum = 0;

	LIST_FOREACH (port, &host->ports, entry)
		sum += port->pool == pool ? port_drop_count(port, PORT_OVERFLOW) : 0;
	return sum;
}

static uint64_t
slot_drop_count(const struct slot *slot, const char *reason)
{
	for (unsigned i = 0; i < slot->shm->n_reasons; i++)
		if (strcmp(slot->reasons[i], reason) == 0)
			return __atomic_load_n(
				&slot->shm->counters.drops[i], __ATOMIC_RELAXED);
	return 0;
}

static json_t *
pool_stats(const struct pool *pool)
{
	const uint32_t free_count = pool_free_count(pool);

	return json_pack("{s:I, s:I, s:I}", "size", (json_int_t)pool->size, "free",
		(json_int_t)free_count, "inFlight",
		(json_int_t)(pool->size - free_count));
}

/* From the port where a packet came in to the one where it went out, sampled. */
static json_t *
latency_stats(const struct host *host, const struct pool *pool)
{
	struct histogram sum = {0};
	const struct port *port;

	LIST_FOREACH (port, &host->ports, entry)
		if (port->pool == pool)
			histogram_merge(&sum, &port->latency);
	json_t *json = measure_latency_to_json(&sum, rte_get_tsc_hz());
	json_object_set_new(
		json, "sum", json_real((double)sum.sum * 1e6 / (double)rte_get_tsc_hz()));
	json_object_set_new(
		json, "buckets", measure_latency_buckets(&sum, rte_get_tsc_hz()));
	return json;
}

static json_t *
port_stats(const struct host *host, const struct port *port)
{
	struct port_counters sum;
	json_t *json;

	port_count(port, &sum);
	json = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o*}", "id",
		port->id, "name", port->name, "driver",
		json_string_value(json_object_get(port->spec, "driver")), "rxPackets",
		(json_int_t)sum.rx_packets, "rxBytes", (json_int_t)sum.rx_bytes,
		"txPackets", (json_int_t)sum.tx_packets, "txBytes",
		(json_int_t)sum.tx_bytes, "large", port_large(&sum), "drops",
		port_drops(port), "queues", port_queues(host, port));

	if (port->driver->measured != NULL)
		json_object_set_new(json, "generator", port->driver->measured(port));
	return json;
}

/* Frames longer than the MTU: received and sent whole, cut to be sent, and made of
 * segments to be sent. */
static json_t *
port_large(const struct port_counters *counters)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "rx", (json_int_t)counters->large_rx,
		"tx", (json_int_t)counters->large_tx, "cut",
		(json_int_t)counters->large_cut, "joined",
		(json_int_t)counters->large_joined);
}

/* Of a port with several: what each received, and the CPU of the worker that did. */
static json_t *
port_queues(const struct host *host, const struct port *port)
{
	json_t *list;

	if (port->n_queues == 1)
		return NULL;
	list = json_array();
	for (unsigned i = 0; i < port->n_queues; i++)
		json_array_append_new(list, queue_stats(host, &port->queues[i]));
	return list;
}

static json_t *
queue_stats(const struct host *host, const struct port_queue *queue)
{
	const struct port_counters *counters = &queue->counters;
	uint64_t drops = 0;

	for (unsigned i = 0; i < PORT_REASONS; i++)
		drops += __atomic_load_n(&counters->drops[i], __ATOMIC_RELAXED);
	return json_pack("{s:i, s:o, s:o, s:I}", "core",
		(int)host->workers[queue->worker].cpu, "rxPackets",
		number(&counters->rx_packets), "rxBytes", number(&counters->rx_bytes),
		"drops", (json_int_t)drops);
}

static json_t *
port_drops(const struct port *port)
{
	json_t *drops = json_object();

	for (unsigned i = 0; i < PORT_REASONS; i++)
		json_object_set_new(drops, port_reason_name(i),
			json_integer((json_int_t)port_drop_count(port, i)));
	return drops;
}

static uint64_t
port_drop_count(const struct port *port, enum port_reason reason)
{
	struct port_counters sum;
	uint64_t n;

	port_count(port, &sum);
	n = sum.drops[reason];
	if (reason == PORT_OVERFLOW && port->driver->missed != NULL)
		n += port->driver->missed((struct port *)(uintptr_t)port);
	return n;
}

static json_t *
slot_stats(const struct slot *slot)
{
	const struct shm_slot *shm = slot->shm;

	return json_pack(
		"{s:s, s:s, s:s, s:i, s:i, s:i, s:o, s:o, s:f, s:o, s:o, s:o, s:o, s:o}",
		"id", slot->id, "name", shm->name, "type", shm->type, "pid",
		(int)shm->pid, "slot", (int)shm->index, "core", (int)shm->cpu, "cps",
		slot_cps(slot), "drops", slot_drops(slot), "busy", slot->busy, "ring",
		slot_ring(slot), "heldPackets", number(&shm->counters.held),
		"burstCycles", burst_cycles(&shm->counters.burst_tsc), "sleeps",
		number(&shm->counters.sleeps), "wakeups", number(&shm->counters.wakeups));
}

/* Written meanwhile: of every bucket an old count or a new one. */
static json_t *
burst_cycles(const struct histogram *bursts)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "p50",
		(json_int_t)histogram_quantile(bursts, 0.5), "p90",
		(json_int_t)histogram_quantile(bursts, 0.9), "p99",
		(json_int_t)histogram_quantile(bursts, 0.99), "max",
		(json_int_t)bursts->max, "sum", (json_int_t)bursts->sum, "bursts",
		(json_int_t)bursts->n);
}

/* Connection points that nothing is wired to and nothing came by are left out. */
static json_t *
slot_cps(const struct slot *slot)
{
	const struct shm_wiring *wiring = &slot->shm->wiring[slot->shm->wiring_gen & 1];
	const struct shm_cp_counters *counters;
	json_t *cps = json_object();

	for (unsigned i = 0; i < slot->shm->n_cps; i++) {
		counters = &slot->shm->counters.cps[i];
		if (wiring->in[i].ring == NULL && wiring->out[i].ring == NULL &&
			!was_used(counters))
			continue;
		json_object_set_new(cps, slot->cps[i],
			json_pack("{s:o, s:o, s:o, s:o}", "rxPackets",
				number(&counters->rx_packets), "rxBytes",
				number(&counters->rx_bytes), "txPackets",
				number(&counters->tx_packets), "txBytes",
				number(&counters->tx_bytes)));
	}
	return cps;
}

static bool
was_used(const struct shm_cp_counters *counters)
{
	return __atomic_load_n(&counters->rx_packets, __ATOMIC_RELAXED) != 0 ||
	       __atomic_load_n(&counters->tx_packets, __ATOMIC_RELAXED) != 0;
}

/* Numbers that no reason has yet are without a name. */
static json_t *
slot_drops(const struct slot *slot)
{
	json_t *drops = json_object();

	for (unsigned i = 0; i < slot->shm->n_reasons; i++)
		if (slot->reasons[i][0] != '\0')
			json_object_set_new(drops, slot->reasons[i],
				number(&slot->shm->counters.drops[i]));
	return drops;
}

/* All that wait for it, in all its inputs. */
static json_t *
slot_ring(const struct slot *slot)
{
	const struct shm_wiring *wiring = &slot->shm->wiring[slot->shm->wiring_gen & 1];
	uint32_t fill = 0, size = 0;

	for (unsigned i = 0; i < SHM_CPS; i++)
		if (wiring->in[i].ring != NULL) {
			fill += ring_fill(wiring->in[i].ring);
			size += wiring->in[i].ring->size / RING_PARKING - 1;
			if (wiring->former[i] != NULL)
				fill += ring_fill(wiring->former[i]);
		}
	for (unsigned i = 0; i < wiring->n_more; i++) {
		const struct shm_more *more = &wiring->more[i];

		if (more->former != NULL)
			fill += ring_fill(more->former);
		if (more->in.ring == NULL)
			continue;
		fill += ring_fill(more->in.ring);
		size += more->in.ring->size / RING_PARKING - 1;
	}
	return json_pack(
		"{s:I, s:I}", "fill", (json_int_t)fill, "size", (json_int_t)size);
}

static json_t *
link_stats(const struct link *link)
{
	return json_pack("{s:s, s:s, s:[I, I], s:I}", "id", link->id, "name", link->name,
		"fill", (json_int_t)ring_fill(link->rings[1]),
		(json_int_t)ring_fill(link->rings[0]), "size",
		(json_int_t)link->size - 1);
}

static json_t *
number(const uint64_t *counter)
{
	return json_integer((json_int_t)__atomic_load_n(counter, __ATOMIC_RELAXED));
}
