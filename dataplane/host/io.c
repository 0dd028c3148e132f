/* io.c: one step of an I/O worker with one port or one slot: what a port receives, and
 * the care of slots; io_send.c has what a port sends. */
#include <rte_cycles.h>
#include <rte_ether.h>
#include "dataplane/host/buffer.h"
#include "dataplane/host/io.h"
#include "dataplane/host/io_fan.h"
#include "dataplane/host/port_queue.h"
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/shm/doorbell.h"
#include "dataplane/shm/hand.h"

#define CARE_BURST 64

static bool may_put(const struct plan_port *plan);
static uint32_t take(struct port_queue *queue, struct rte_mbuf **buffers);
static bool has_room(struct port_queue *queue, struct rte_ring *out);
static void put(const struct plan_port *plan, struct rte_mbuf **buffers, uint32_t n);
static uint32_t admit(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n);
static void sample(struct port_queue *queue, struct rte_mbuf *buffer);
static uint32_t hold_to_limits(
	struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n);
static uint32_t sift(
	struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n, uint32_t passed);
static bool fit(struct port_queue *queue, struct rte_mbuf **buffer);
static bool fit_raw(struct port_queue *queue, struct rte_mbuf **buffer);
static void drop_received(
	struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n);
static uint32_t fill_stash(const struct plan_slot *slot);

uint32_t
io_receive(const struct plan_port *plan)
{
	struct port_queue *queue = plan->queue;
	struct port *port = plan->port;
	struct rte_mbuf *buffers[SHM_BURST];
	uint32_t n;

	queue->rx_blocked = plan->out != NULL && !may_put(plan);
	if (queue->rx_blocked || (plan->out == NULL && !port->driver->listens))
		return 0;
	n = take(queue, buffers);
	if (n == 0)
		return 0;
	if (unlikely(port_queues_are_software(port) && queue->index == 0))
		n = port_queues_spread(port, buffers, n);
	if (unlikely(port->limiter.on || port->pool->limiter.on))
		n = hold_to_limits(queue, buffers, n);
	n = admit(queue, buffers, n);
	if (n == 0)
		return 1;
	if (plan->out == NULL)
		drop_received(queue, buffers, n);
	else
		put(plan, buffers, n);
	return n;
}

static bool
may_put(const struct plan_port *plan)
{
	bool may;

	port_lock(plan->port);
	if (unlikely(plan->chooses))
		may = io_fan_has_room(plan);
	else
		may = has_room(plan->queue, plan->out);
	port_unlock(plan->port);
	return may;
}

static uint32_t
take(struct port_queue *queue, struct rte_mbuf **buffers)
{
	if (unlikely(queue->backlog != NULL))
		return rte_ring_sc_dequeue_burst(
			queue->backlog, (void **)buffers, SHM_BURST, NULL);
	return queue->port->driver->rx(queue, buffers, SHM_BURST);
}

/* A consumer that has taken nothing for a while does not run: more may wait for it. */
static bool
has_room(struct port_queue *queue, struct rte_ring *out)
{
	const uint32_t wanted = io_room_wanted(queue->port, out);
	uint64_t now;

	if (queue->room < wanted || unlikely(queue->port->n_queues > 1))
		queue->room = ring_room(out);
	if (likely(queue->room >= wanted)) {
		queue->full_since[0] = 0;
		return true;
	}
	now = rte_rdtsc();
	if (queue->full_since[0] == 0)
		queue->full_since[0] = now;
	if (!ring_is_parked(out) &&
		now - queue->full_since[0] >
			rte_get_tsc_hz() / (1000000000 / PORT_PATIENCE_NS))
		ring_park(out);
	queue->room = ring_room(out);
	return queue->room >= wanted;
}

/* A ring that is too small for a burst of each queue, or was lowered meanwhile, may have
 * no room for all. */
static void
put(const struct plan_port *plan, struct rte_mbuf **buffers, uint32_t n)
{
	uint32_t given = n;

	port_lock(plan->port);
	if (unlikely(plan->chooses)) {
		io_fan_put(plan, buffers, n);
		port_unlock(plan->port);
		return;
	}
	if (unlikely(plan->port->n_queues > 1))
		given = RTE_MIN(n, ring_room(plan->out));
	ring_put(plan->out, buffers, given);
	plan->queue->room -= given;
	port_unlock(plan->port);
	doorbell_ring_early(plan->consumer);
	if (unlikely(given < n)) {
		plan->queue->counters.drops[PORT_OVERFLOW] += n - given;
		pool_free(plan->port->pool, buffers + given, n - given);
	}
}

void
io_forget(const struct plan_port *plan)
{
	plan->queue->room = 0;
	plan->queue->seen = plan->in != NULL ? plan->in->cons.tail : 0;
}

uint32_t
io_care(const struct plan_slot *slot)
{
	uint32_t n = ring_fill(slot->returns);

	if (n > 0)
		n = io_drain(slot->returns, slot->pool, slot->garbage);
	return n + fill_stash(slot);
}

uint32_t
io_drain(struct rte_ring *ring, struct pool *pool, uint64_t *garbage)
{
	struct rte_mbuf *buffers[CARE_BURST];
	struct rte_mbuf *buffer;
	uint32_t freed = 0, left = io_waiting(ring, garbage), n, good;

	for (; left > 0; left -= n) {
		n = RTE_MIN(left, (uint32_t)CARE_BURST);
		good = 0;
		for (uint32_t i = 0; i < n; i++) {
			buffer = ring_peek(ring, i);
			if (!pool_has_out(pool, buffer)) {
				(*garbage)++;
				continue;
			}
			buffer_set_out(buffer,
				false); /* seen twice in one burst, it is garbage */
			buffers[good++] = buffer;
		}
		if (good > 0)
			pool_free(pool, buffers, good);
		ring_advance(ring, n);
		freed += good;
	}
	return freed;
}

uint32_t
io_waiting(struct rte_ring *ring, uint64_t *garbage)
{
	const uint32_t fill = ring_fill(ring);

	if (likely(fill <= ring->mask))
		return fill;
	ring_advance(ring, fill - ring->mask);
	(*garbage)++;
	return ring->mask;
}

/* Keeps what may enter the chain, at the front of buffers; counts, marks and samples it.
 */
static uint32_t
admit(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n)
{
	const struct port *port = queue->port;
	const uint32_t most = port->frame_max - RTE_ETHER_HDR_LEN;
	const bool raw = port->driver->raw;
	uint32_t kept = 0;
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct rte_mbuf *buffer = buffers[i];

		if (unlikely(raw ||
			     (uint32_t)buffer->data_len - RTE_ETHER_HDR_LEN > most ||
			     buffer->nb_segs != 1)) {
			if (!fit(queue, &buffer)) {
				rte_pktmbuf_free(buffer);
				continue;
			}
		}
		buffer_enter(buffer);
		bytes += buffer->data_len;
		buffers[kept++] = buffer;
	}
	queue->counters.rx_packets += kept;
	queue->counters.rx_bytes += bytes;
	if (kept >= queue->sample_in)
		sample(queue, buffers[0]);
	else
		queue->sample_in -= kept;
	return kept;
}

static void
sample(struct port_queue *queue, struct rte_mbuf *buffer)
{
	buffer->ol_flags |= buffer_layout.stamp_flag;
	*RTE_MBUF_DYNFIELD(buffer, buffer_layout.stamp_offset, uint64_t *) = rte_rdtsc();
	queue->sample_in = PORT_SAMPLE_EVERY;
}

/* Keeps what the limits of port and service let pass, at the front of buffers. */
static uint32_t
hold_to_limits(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n)
{
	struct limiter *own = &queue->port->limiter;
	struct limiter *service = &queue->port->pool->limiter;
	const uint64_t now = rte_rdtsc();
	uint32_t passed;

	if (own->on && n > 0) {
		port_lock(queue->port);
		passed = limiter_take(own, buffers, n, now);
		port_unlock(queue->port);
		n = sift(queue, buffers, n, passed);
	}
	if (!service->on || n == 0)
		return n;
	rte_spinlock_lock(&service->lock);
	passed = limiter_take(service, buffers, n, now);
	rte_spinlock_unlock(&service->lock);
	return sift(queue, buffers, n, passed);
}

static uint32_t
sift(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n, uint32_t passed)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		if ((passed >> i & 1) != 0)
			buffers[kept++] = buffers[i];
		else
			rte_pktmbuf_free(buffers[i]);
	}
	queue->counters.drops[PORT_RATE_LIMITED] += n - kept;
	return kept;
}

static bool
fit(struct port_queue *queue, struct rte_mbuf **buffer)
{
	const struct port *port = queue->port;

	if (port->driver->raw && !fit_raw(queue, buffer))
		return false;
	if (unlikely((*buffer)->data_len < RTE_ETHER_HDR_LEN)) {
		queue->counters.drops[PORT_MALFORMED]++;
		return false;
	}
	if (unlikely((*buffer)->nb_segs != 1 ||
		     ((*buffer)->data_len > port->frame_max &&
			     ((*buffer)->ol_flags & BUFFER_TO_CUT) == 0))) {
		queue->counters.drops[PORT_OVERSIZE]++;
		return false;
	}
	queue->counters.large_rx += (*buffer)->data_len > port->frame_max;
	return true;
}

/* The kernel keeps VLAN tags beside the frame and leaves checksums to hardware that is
 * not there. */
static bool
fit_raw(struct port_queue *queue, struct rte_mbuf **buffer)
{
	struct pkt_info info;
	uint8_t *frame;

	if ((*buffer)->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED &&
		rte_vlan_insert(buffer) < 0) {
		queue->counters.drops[PORT_MALFORMED]++;
		return false;
	}
	(*buffer)->ol_flags = 0;
	frame = rte_pktmbuf_mtod(*buffer, uint8_t *);
	if (pkt_parse(frame, (*buffer)->data_len, &info) == PKT_OK && info.family != 0 &&
		!info.fragment &&
		(info.proto == PKT_PROTO_TCP || info.proto == PKT_PROTO_UDP))
		csum_l4_complete(frame, &info);
	return true;
}

static void
drop_received(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n)
{
	queue->counters.drops[PORT_NO_LINK] += n;
	pool_free(queue->port->pool, buffers, n);
}

/* Refilled when half empty. */
static uint32_t
fill_stash(const struct plan_slot *slot)
{
	struct rte_mbuf *buffers[SHM_STASH];
	const uint32_t fill = ring_fill(slot->stash);
	const uint32_t n = SHM_STASH - fill;

	if (fill > SHM_STASH / 2 ||
		rte_mempool_get_bulk(slot->pool->mempool, (void **)buffers, n) < 0)
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		rte_pktmbuf_reset(buffers[i]);
		buffer_enter(buffers[i]);
	}
	rte_ring_sp_enqueue_bulk(slot->stash, (void **)buffers, n, NULL);
	return n;
}
