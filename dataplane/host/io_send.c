/* io_send.c: what a port sends: from its rings to the driver. */
#include <rte_cycles.h>
#include <rte_ether.h>
#include <rte_prefetch.h>
#include "dataplane/host/io.h"
#include "dataplane/host/io_cut.h"
#include "dataplane/host/offload.h"
#include "dataplane/host/port.h"
#include "dataplane/shm/hand.h"

struct sending { /* a burst on its way to a driver; what is needed of a packet when it is
		    the driver's */
	uint32_t n;
	uint32_t n_stamps;
	uint64_t bytes;
	struct rte_mbuf *buffers[SHM_BURST];
	uint16_t len[SHM_BURST];
	uint8_t stamped[SHM_BURST]; /* which: indices */
	uint64_t stamps[SHM_BURST]; /* of those */
};

static uint32_t send_aside(struct port *port, struct rte_ring *in);
static uint32_t send_from(struct port *port, struct rte_ring *in, uint32_t *seen);
static uint32_t known(struct port *port, struct rte_ring *in, uint32_t *seen);
static struct rte_ring *input(struct rte_ring *in, struct rte_ring *former);
static void collect(struct port *port, const struct rte_ring *ring, uint32_t n,
	struct sending *sending);
static bool may_leave(struct port *port, struct rte_mbuf *buffer);
static void take_stamp(struct sending *sending, uint32_t i, struct rte_mbuf *buffer);
static void prefetch_next(const struct rte_ring *ring, uint32_t n);
static uint32_t send_some(struct port *port, struct sending *sending);
static void take_back(struct sending *sending, uint32_t sent);
static void count_sent(struct port *port, const struct sending *sending, uint32_t n);
static uint32_t send_odd(struct port *port, struct rte_ring *ring);
static void count_shed(struct port *port, const struct rte_mbuf *buffer);
static uint32_t shed_all(struct port *port, struct rte_ring *ring);
static bool loses_patience(struct port *port);

uint32_t
io_send(const struct plan_port *plan)
{
	struct port *port = plan->port;
	struct rte_ring *in = input(plan->in, plan->former);
	uint32_t sent;

	if (likely(in == plan->in))
		sent = send_from(port, in, &plan->queue->seen);
	else
		sent = send_aside(port, in);
	for (unsigned i = 0; i < plan->n_more; i++)
		sent += send_aside(port, input(plan->more[i].in, plan->more[i].former));
	return sent;
}

/* Of a ring whose producer's end is not remembered. */
static uint32_t
send_aside(struct port *port, struct rte_ring *in)
{
	uint32_t seen = in != NULL ? in->cons.tail : 0;

	return send_from(port, in, &seen);
}

static uint32_t
send_from(struct port *port, struct rte_ring *in, uint32_t *seen)
{
	struct sending sending;
	uint32_t n, sent;

	if (in == NULL)
		return 0;
	n = RTE_MIN(known(port, in, seen), (uint32_t)SHM_BURST);
	if (n == 0)
		return 0;
	if (unlikely(ring_is_parked(in)))
		ring_unpark(in);
	if (unlikely(port->driver->tx == NULL)) {
		sent = shed_all(port, in);
		*seen = in->cons.tail;
		return sent;
	}
	collect(port, in, n, &sending);
	if (unlikely(sending.n == 0))
		return send_odd(port, in);
	sent = send_some(port, &sending);
	if (sent > 0) {
		port->stuck_since = 0;
	} else if (loses_patience(port)) {
		sent = sending.n;
		port->counters.drops[PORT_PATIENCE] += sent;
		pool_free(port->pool, sending.buffers, sent);
	}
	ring_advance(in, sent);
	prefetch_next(in, *seen - in->cons.tail);
	return sent;
}

/* How many wait there at least. Looks at the producer's end, which another CPU writes,
 * only if less than a burst is known of. */
static uint32_t
known(struct port *port, struct rte_ring *in, uint32_t *seen)
{
	const uint32_t before = *seen - in->cons.tail;
	uint32_t n;

	if (before >= SHM_BURST)
		return before;
	n = io_waiting(in, &port->counters.drops[PORT_GARBAGE]);
	*seen = in->cons.tail + n;
	return n;
}

static struct rte_ring *
input(struct rte_ring *in, struct rte_ring *former)
{
	if (unlikely(former != NULL) && ring_fill(former) > 0)
		return former;
	return in;
}

/* The packets at the front of the ring that may leave, up to the first that may not: no
 * longer on their way, so that one that comes twice is seen. */
static void
collect(struct port *port, const struct rte_ring *ring, uint32_t n,
	struct sending *sending)
{
	const int mark = buffer_layout.mark_offset;
	const struct buffer_span span = port->pool->span;
	const uint32_t most = port->frame_max - RTE_ETHER_HDR_LEN;
	uint64_t bytes = 0;
	uint32_t i;

	sending->n_stamps = 0;
	for (i = 0; i < n; i++) {
		struct rte_mbuf *buffer = ring_peek(ring, i);

		if (unlikely(
			    !buffer_span_has(&span, buffer) || !buffer_is_out(buffer) ||
			    !buffer_tidy(port->pool->mempool, BUFFER_DATA_ROOM, buffer) ||
			    (uint32_t)buffer->data_len - RTE_ETHER_HDR_LEN > most ||
			    (buffer->ol_flags & BUFFER_LEFT_OVER) != 0) &&
			!may_leave(port, buffer))
			break;
		rte_prefetch0(rte_pktmbuf_mtod(buffer, const void *));
		((uint8_t *)buffer)[mark] = 0;
		sending->buffers[i] = buffer;
		sending->len[i] = buffer->data_len;
		bytes += buffer->data_len;
		if (unlikely((buffer->ol_flags & buffer_layout.stamp_flag) != 0))
			take_stamp(sending, i, buffer);
	}
	sending->n = i;
	sending->bytes = bytes;
}

/* One that is not as usual. */
static bool
may_leave(struct port *port, struct rte_mbuf *buffer)
{
	if (!pool_has_out(port->pool, buffer) || !pool_tidy(port->pool, buffer) ||
		buffer->data_len < RTE_ETHER_HDR_LEN)
		return false;
	if ((buffer->ol_flags & BUFFER_LEFT_OVER) == 0)
		return buffer->data_len <= port->frame_max;
	if (port->carries)
		return offload_ready(buffer, port->frame_max);
	if (io_cut_wants(port, buffer) || buffer->data_len > port->frame_max)
		return false;
	offload_finish(buffer);
	return true;
}

static void
take_stamp(struct sending *sending, uint32_t i, struct rte_mbuf *buffer)
{
	sending->stamped[sending->n_stamps] = (uint8_t)i;
	sending->stamps[sending->n_stamps++] =
		*RTE_MBUF_DYNFIELD(buffer, buffer_layout.stamp_offset, const uint64_t *);
	buffer->ol_flags &= ~buffer_layout.stamp_flag;
}

/* The headers of the next burst, and the frames as they begin that have room for more in
 * front, come while other work is done. Another CPU has written to the frames, and we
 * shall if the buffer is used again here. */
static void
prefetch_next(const struct rte_ring *ring, uint32_t n)
{
	n = RTE_MIN(n, (uint32_t)SHM_BURST);
	for (uint32_t i = 0; i < n; i++) {
		const struct rte_mbuf *buffer = ring_peek(ring, i);

		buffer_prefetch(buffer);
		__builtin_prefetch((const char *)(buffer + 1) + BUFFER_HEADROOM, 1);
	}
}

static uint32_t
send_some(struct port *port, struct sending *sending)
{
	const uint32_t sent = port->driver->tx(port, sending->buffers, sending->n);

	if (unlikely(sent < sending->n))
		take_back(sending, sent);
	count_sent(port, sending, sent);
	return sent;
}

/* What the driver did not take is on its way again, with the stamp that it had. */
static void
take_back(struct sending *sending, uint32_t sent)
{
	for (uint32_t i = sent; i < sending->n; i++) {
		buffer_set_out(sending->buffers[i], true);
		sending->bytes -= sending->len[i];
	}
	while (sending->n_stamps > 0 && sending->stamped[sending->n_stamps - 1] >= sent)
		sending->buffers[sending->stamped[--sending->n_stamps]]->ol_flags |=
			buffer_layout.stamp_flag;
}

static void
count_sent(struct port *port, const struct sending *sending, uint32_t n)
{
	const uint64_t now = sending->n_stamps > 0 ? rte_rdtsc() : 0;

	for (uint32_t i = 0; i < sending->n_stamps; i++)
		histogram_add(&port->latency, now - sending->stamps[i]);
	port->counters.tx_packets += n;
	port->counters.tx_bytes += sending->bytes;
}

/* The packet at the front of the ring may not leave as it is. */
static uint32_t
send_odd(struct port *port, struct rte_ring *ring)
{
	struct rte_mbuf *buffer = ring_peek(ring, 0);
	enum io_cut cut = IO_CUT_CANNOT;

	if (pool_has_out(port->pool, buffer) && io_cut_wants(port, buffer))
		cut = io_cut_send(port, buffer);
	if (cut == IO_CUT_ON) {
		port->stuck_since = 0;
		return 1;
	}
	if (cut == IO_CUT_STUCK) {
		if (!loses_patience(port))
			return 0;
		port->counters.drops[PORT_PATIENCE]++;
	}
	ring_advance(ring, 1);
	if (cut == IO_CUT_CANNOT)
		count_shed(port, buffer);
	if (pool_has_out(port->pool, buffer))
		pool_free(port->pool, &buffer, 1);
	return 1;
}

static void
count_shed(struct port *port, const struct rte_mbuf *buffer)
{
	if (!pool_has_out(port->pool, buffer))
		port->counters.drops[PORT_GARBAGE]++;
	else if (buffer->data_len >= RTE_ETHER_HDR_LEN &&
		 (buffer->data_len > port->frame_max ||
			 (buffer->ol_flags & BUFFER_TO_CUT) != 0))
		port->counters.drops[PORT_OVERSIZE]++;
	else
		port->counters.drops[PORT_MALFORMED]++;
}

/* The port has lost its interface. */
static uint32_t
shed_all(struct port *port, struct rte_ring *ring)
{
	const uint32_t n =
		io_drain(ring, port->pool, &port->counters.drops[PORT_GARBAGE]);

	port->counters.drops[PORT_NO_INTERFACE] += n;
	return n;
}

/* The driver took nothing. True after a while, once. */
static bool
loses_patience(struct port *port)
{
	const uint64_t now = rte_rdtsc();

	if (port->stuck_since == 0)
		port->stuck_since = now;
	if (now - port->stuck_since < rte_get_tsc_hz() / (1000000000 / PORT_PATIENCE_NS))
		return false;
	port->stuck_since = 0;
	return true;
}
