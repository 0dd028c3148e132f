/* driver_null.c: takes everything and makes nothing: the end of a measurement, or of a
 * link that leads nowhere. */
#include <stdlib.h>
#include <rte_cycles.h>
#include <rte_malloc.h>
#include "dataplane/host/measure.h"
#include "dataplane/host/port.h"
#include "dataplane/host/sink.h"

struct spec {
	struct driver_common common;
};

static const struct field fields[] = {DRIVER_COMMON_FIELDS, {0}};

static int
open_port(struct port *port, const void *spec, struct err *err)
{
	(void)spec;
	port->carries = true;
	port->own = rte_zmalloc("null port", sizeof(struct measure), 0);
	return port->own != NULL ? 0 : err_sys(err, ENOMEM, "cannot make a null port");
}

static void
close_port(struct port *port)
{
	rte_free(port->own);
}

static uint32_t
rx(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n)
{
	(void)queue;
	(void)buffers;
	(void)n;
	return 0;
}

static uint32_t
tx(struct port *port, struct rte_mbuf **buffers, uint32_t n)
{
	return sink_take(port->own, port->pool, buffers, n);
}

static uint64_t
rest_ns(struct port *port, uint64_t tsc)
{
	(void)port;
	(void)tsc;
	return DRIVER_NEVER;
}

static json_t *
measured(const struct port *port)
{
	return measure_to_json(port->own, rte_get_tsc_hz());
}

static void
reset(struct port *port)
{
	*(struct measure *)port->own = (struct measure){0};
}

const struct driver driver_null = {
	.name = "null",
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
