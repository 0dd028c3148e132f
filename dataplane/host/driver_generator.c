/* driver_generator.c: makes packets at a rate, and measures those that come out at it.
 *
 * A packet that is due while the chain is full is shed and counted as overflow, with some
 * patience: up to 10 ms of the rate may be late. With rate "max" nothing is due: it makes
 * as many as there is room for.
 */
#include <stdlib.h>
#include <rte_cycles.h>
#include <rte_malloc.h>
#include "dataplane/host/buffer.h"
#include "dataplane/host/generator_spec.h"
#include "dataplane/host/measure.h"
#include "dataplane/host/port.h"
#include "dataplane/host/sink.h"
#include "dataplane/host/traffic.h"
#include "dataplane/pkt/hdr.h"

#define LATE_SHARE   100  /* of a second's packets may be late */
#define LATE_MIN     1024 /* as the queue of a NIC holds */
#define NS	     1000000000ull
#define NO_BUFFER_NS 50000 /* until an empty pool is tried again */

struct generator {
	struct traffic traffic;
	struct measure measure;
	uint64_t rate, count, duration_tsc, hz;
	uint64_t start_tsc;	      /* of the first packet; 0: not begun */
	uint64_t sent, shed;	      /* since it began */
	struct traffic_cursor cursor; /* its sequence never begins anew */
	bool done;
};

static void adopt(struct generator *generator, const struct generator_spec *spec);
static void make_address(struct port *port, uint16_t stream);
static uint32_t due(
	struct port *port, struct generator *generator, uint64_t now, uint32_t max);
static uint64_t due_until(const struct generator *generator, uint64_t now);
static void prefetch_to_write(const struct rte_mbuf *buffer);
static void write_buffers(
	struct rte_mbuf **buffers, uint32_t n, struct generator *generator, uint64_t now);

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	static uint16_t stream; /* numbers the generators */
	const struct generator_spec *spec = arg;
	struct generator *generator = rte_zmalloc("generator", sizeof(*generator), 0);
	struct traffic_spec frames = {.size = (uint16_t)spec->size,
		.flows = spec->flows,
		.src_flows = spec->src_flows,
		.dst_nets = spec->dst_nets,
		.proto = (uint8_t)spec->protocol,
		.src = spec->src,
		.dst = spec->dst,
		.dst_mac = spec->dst_mac};
	int rc;

	if (generator == NULL)
		return err_sys(err, ENOMEM, "cannot make a generator");
	make_address(port, ++stream);
	frames.src_mac = port->mac;
	adopt(generator, spec);
	rc = traffic_init(&generator->traffic, &frames, stream, err);
	if (rc < 0) {
		rte_free(generator);
		return rc;
	}
	traffic_seek(&generator->traffic, 0, &generator->cursor);
	port->own = generator;
	port->carries = true;
	return 0;
}

static void
close_port(struct port *port)
{
	rte_free(port->own);
}

static uint32_t
rx(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t max)
{
	struct port *port = queue->port;
	struct generator *generator = port->own;
	const uint64_t now = rte_rdtsc();
	const uint32_t n = due(port, generator, now, max);

	if (n == 0 || rte_mempool_get_bulk(port->pool->mempool, (void **)buffers, n) < 0)
		return 0;
	for (uint32_t i = 0; i < n; i++)
		prefetch_to_write(buffers[i]);
	write_buffers(buffers, n, generator, now);
	generator->sent += n;
	return n;
}

static uint32_t
tx(struct port *port, struct rte_mbuf **buffers, uint32_t n)
{
	struct generator *generator = port->own;

	return sink_take(&generator->measure, port->pool, buffers, n);
}

static uint64_t
rest_ns(struct port *port, uint64_t tsc)
{
	const struct generator *generator = port->own;
	const uint64_t passed = tsc - generator->start_tsc;
	const uint64_t next = generator->sent + generator->shed + 1;
	unsigned __int128 at;

	if (generator->done)
		return DRIVER_NEVER;
	if (generator->rate == 0 || generator->start_tsc == 0)
		return NO_BUFFER_NS;
	at = (unsigned __int128)next * generator->hz / generator->rate;
	return at <= passed ? 0 : (uint64_t)((at - passed) * NS / generator->hz);
}

static json_t *
measured(const struct port *port)
{
	const struct generator *generator = port->own;
	json_t *json = measure_to_json(&generator->measure, generator->hz);

	json_object_set_new(json, "sent", json_integer((json_int_t)generator->sent));
	json_object_set_new(json, "done", json_boolean(generator->done));
	return json;
}

static void
reset(struct port *port)
{
	struct generator *generator = port->own;

	generator->measure = (struct measure){0};
	generator->start_tsc = generator->sent = generator->shed = 0;
	generator->done = false;
}

static void
adopt(struct generator *generator, const struct generator_spec *spec)
{
	generator->hz = rte_get_tsc_hz();
	generator->rate = spec->rate;
	generator->count = spec->count;
	generator->duration_tsc =
		(uint64_t)((unsigned __int128)spec->duration_ns * generator->hz / NS);
}

/* Locally administered: 02:52:47 and the stream. */
static void
make_address(struct port *port, uint16_t stream)
{
	port->mac = (struct net_mac){
		{0x02, 0x52, 0x47, 0x01, (uint8_t)(stream >> 8), (uint8_t)stream}};
}

/* How many packets to make now. */
static uint32_t
due(struct port *port, struct generator *generator, uint64_t now, uint32_t max)
{
	uint64_t wanted = max, late;

	if (generator->start_tsc == 0)
		generator->start_tsc = now;
	if (generator->duration_tsc != 0 &&
		now - generator->start_tsc >= generator->duration_tsc)
		generator->done = true;
	if (generator->done)
		return 0;
	if (generator->rate != 0) {
		late = RTE_MAX(generator->rate / LATE_SHARE, (uint64_t)LATE_MIN);
		wanted = due_until(generator, now);
		if (wanted > late) {
			generator->shed += wanted - late;
			port->counters.drops[PORT_OVERFLOW] += wanted - late;
			wanted = late;
		}
	}
	if (generator->count != 0) {
		wanted = RTE_MIN(wanted, generator->count - generator->sent);
		generator->done = wanted == 0 && generator->sent == generator->count;
	}
	return (uint32_t)RTE_MIN(wanted, (uint64_t)max);
}

/* Packets whose time has come and that were neither sent nor shed. */
static uint64_t
due_until(const struct generator *generator, uint64_t now)
{
	const uint64_t passed = now - generator->start_tsc;

	return (uint64_t)((unsigned __int128)passed * generator->rate / generator->hz) -
	       generator->sent - generator->shed;
}

/* Another CPU has seen the header, and may have written to the frame. */
static void
prefetch_to_write(const struct rte_mbuf *buffer)
{
	buffer_prefetch(buffer);
	__builtin_prefetch((const char *)(buffer + 1) + BUFFER_HEADROOM, 1);
}

static void
write_buffers(
	struct rte_mbuf **buffers, uint32_t n, struct generator *generator, uint64_t now)
{
	const struct traffic *traffic = &generator->traffic;
	struct traffic_cursor cursor = generator->cursor;
	uint16_t len;

	for (uint32_t i = 0; i < n; i++) {
		len = traffic_write(traffic, &cursor, now,
			(uint8_t *)(buffers[i] + 1) + BUFFER_HEADROOM);
		buffer_prepare(buffers[i], len);
	}
	generator->cursor = cursor;
}

/* What is measured afterwards is of the new rate alone. */
static void
change(struct port *port, const void *spec)
{
	adopt(port->own, spec);
	reset(port);
}

static const char *const changes[] = {"rate", "count", "duration", NULL};

const struct driver driver_generator = {
	.name = "generator",
	.fields = generator_fields,
	.spec_size = sizeof(struct generator_spec),
	.open = open_port,
	.close = close_port,
	.rx = rx,
	.tx = tx,
	.rest_ns = rest_ns,
	.measured = measured,
	.reset = reset,
	.changes = changes,
	.change = change,
};
