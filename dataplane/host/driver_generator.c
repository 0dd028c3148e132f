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
#include "dataplane/host/measure.h"
#include "dataplane/host/port.h"
#include "dataplane/host/sink.h"
#include "dataplane/host/traffic.h"
#include "dataplane/pkt/hdr.h"

#define LATE_SHARE   100 /* of a second's packets may be late */
#define LATE_MIN     64
#define NS	     1000000000ull
#define NO_BUFFER_NS 50000 /* until an empty pool is tried again */

struct spec {
	struct driver_common common;
	uint64_t rate; /* packets/s; 0: max */
	uint32_t size; /* 0: imix */
	uint32_t flows;
	struct net_addr src, dst;
	int protocol;
	struct net_mac dst_mac;
	uint64_t count;	      /* packets; 0: no end */
	uint64_t duration_ns; /* 0: no end */
};

struct generator {
	struct traffic traffic;
	struct measure measure;
	uint64_t rate, count, duration_tsc, hz;
	uint64_t start_tsc; /* of the first packet; 0: not begun */
	uint64_t sent, shed;
	bool done;
};

static int parse_rate(const struct field *field, const json_t *json, const char *path,
	void *out, struct faults *faults);
static json_t *print_rate(const struct field *field, const void *in);
static int parse_size(const struct field *field, const json_t *json, const char *path,
	void *out, struct faults *faults);
static json_t *print_size(const struct field *field, const void *in);
static void adopt(struct generator *generator, const struct spec *spec);
static void make_address(struct port *port, uint16_t stream);
static uint32_t due(
	struct port *port, struct generator *generator, uint64_t now, uint32_t max);
static uint64_t due_until(const struct generator *generator, uint64_t now);
static void write_buffer(struct rte_mbuf *buffer, const struct traffic *traffic,
	uint64_t sequence, uint64_t now);

static const struct field_value protocols[] = {
	{"udp", PKT_PROTO_UDP, NULL},
	{"tcp", PKT_PROTO_TCP, "segments with ACK set, of no connection"},
	{0},
};

static const struct field fields[] = {
	DRIVER_COMMON_FIELDS,
	{.name = "rate",
		.type = FIELD_CUSTOM,
		.offset = offsetof(struct spec, rate),
		.size = sizeof(uint64_t),
		.dflt = "max",
		.parse = parse_rate,
		.print = print_rate,
		.syntax = "max | packets per second (k, M, G)",
		.help = "how many packets"},
	{.name = "size",
		.type = FIELD_CUSTOM,
		.offset = offsetof(struct spec, size),
		.size = sizeof(uint32_t),
		.dflt = "64",
		.parse = parse_size,
		.print = print_size,
		.syntax = "imix | 60-1514",
		.help = "bytes of a frame without FCS; imix: 64, 590 and 1514 as 7:4:1"},
	{.name = "flows",
		.type = FIELD_UINT,
		.offset = offsetof(struct spec, flows),
		.size = sizeof(uint32_t),
		.dflt = "1",
		.min = 1,
		.max = 100000000,
		.help = "flows that take turns"},
	{.name = "src",
		.type = FIELD_ADDR,
		.offset = offsetof(struct spec, src),
		.dflt = "10.0.0.10",
		.help = "source address, the first if there are many flows"},
	{.name = "dst",
		.type = FIELD_ADDR,
		.offset = offsetof(struct spec, dst),
		.dflt = "198.51.100.10",
		.help = "destination address"},
	{.name = "protocol",
		.type = FIELD_ENUM,
		.offset = offsetof(struct spec, protocol),
		.values = protocols,
		.dflt = "udp",
		.help = "transport protocol"},
	{.name = "dst-mac",
		.type = FIELD_MAC,
		.offset = offsetof(struct spec, dst_mac),
		.dflt = "02:52:47:00:00:00",
		.help = "destination MAC address"},
	{.name = "count",
		.type = FIELD_RATE,
		.offset = offsetof(struct spec, count),
		.dflt = "0",
		.help = "ends after that many packets; 0: never"},
	{.name = "duration",
		.type = FIELD_DURATION,
		.offset = offsetof(struct spec, duration_ns),
		.dflt = "0",
		.help = "ends after that time; 0: never"},
	{0},
};

static int
open_port(struct port *port, const void *arg, struct err *err)
{
	static uint16_t stream; /* numbers the generators */
	const struct spec *spec = arg;
	struct generator *generator = rte_zmalloc("generator", sizeof(*generator), 0);
	struct traffic_spec frames = {.size = (uint16_t)spec->size,
		.flows = spec->flows,
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
	port->own = generator;
	return 0;
}

static void
close_port(struct port *port)
{
	rte_free(port->own);
}

static uint32_t
rx(struct port *port, struct rte_mbuf **buffers, uint32_t max)
{
	struct generator *generator = port->own;
	const uint64_t now = rte_rdtsc();
	const uint32_t n = due(port, generator, now, max);

	if (n == 0 || rte_mempool_get_bulk(port->pool->mempool, (void **)buffers, n) < 0)
		return 0;
	for (uint32_t i = 0; i < n; i++)
		rte_prefetch0((char *)buffers[i] + sizeof(*buffers[i]) + BUFFER_HEADROOM);
	for (uint32_t i = 0; i < n; i++)
		write_buffer(buffers[i], &generator->traffic, generator->sent++, now);
	return n;
}

static uint32_t
tx(struct port *port, struct rte_mbuf **buffers, uint32_t n)
{
	struct generator *generator = port->own;

	return sink_take(&generator->measure, port->pool->mempool, buffers, n);
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
adopt(struct generator *generator, const struct spec *spec)
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

static void
write_buffer(struct rte_mbuf *buffer, const struct traffic *traffic, uint64_t sequence,
	uint64_t now)
{
	rte_pktmbuf_reset(buffer);
	buffer->data_len = traffic_write(
		traffic, sequence, now, rte_pktmbuf_mtod(buffer, uint8_t *));
	buffer->pkt_len = buffer->data_len;
}

static int
parse_rate(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	const char *text = json_string_value(json);
	uint64_t *rate = out;

	(void)field;
	if (text != NULL && strcmp(text, "max") == 0) {
		*rate = 0;
		return 0;
	}
	if (json_is_integer(json) && json_integer_value(json) > 0) {
		*rate = (uint64_t)json_integer_value(json);
		return 0;
	}
	if (text != NULL && field_rate_parse(text, rate) == 0 && *rate > 0)
		return 0;
	return faults_add(faults, ERR_INVALID, path, "examples: max   1M   250k",
		"a rate is max, or packets per second");
}

static json_t *
print_rate(const struct field *field, const void *in)
{
	const uint64_t *rate = in;

	(void)field;
	return *rate == 0 ? json_string("max") : json_integer((json_int_t)*rate);
}

static int
parse_size(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	const char *text = json_string_value(json);
	uint32_t *size = out;
	uint64_t bytes = 0;

	(void)field;
	if (text != NULL && strcmp(text, "imix") == 0) {
		*size = 0;
		return 0;
	}
	if (json_is_integer(json))
		bytes = (uint64_t)json_integer_value(json);
	else if (text != NULL)
		field_size_parse(text, &bytes);
	if (bytes < 60 || bytes > TRAFFIC_FRAME_MAX)
		return faults_add(faults, ERR_INVALID, path, "examples: 64   imix",
			"a size is imix, or from 60 to %u bytes", TRAFFIC_FRAME_MAX);
	*size = (uint32_t)bytes;
	return 0;
}

static json_t *
print_size(const struct field *field, const void *in)
{
	const uint32_t *size = in;

	(void)field;
	return *size == 0 ? json_string("imix") : json_integer(*size);
}

const struct driver driver_generator = {
	.name = "generator",
	.fields = fields,
	.spec_size = sizeof(struct spec),
	.open = open_port,
	.close = close_port,
	.rx = rx,
	.tx = tx,
	.rest_ns = rest_ns,
	.measured = measured,
	.reset = reset,
};
