/* io_cut.c: see io_cut.h. */
#include "dataplane/host/io_cut.h"
#include "dataplane/host/offload.h"

static uint32_t send_segments(struct port *port, const struct rte_mbuf *buffer,
	const struct segment_plan *plan, uint32_t n);
static void write_segment(struct rte_mbuf *out, const struct segment_plan *plan,
	const struct rte_mbuf *buffer, uint32_t i);

/* What TCP's sender put together may go as one packet where it fits; a datagram of UDP is
 * one of many. */
bool
io_cut_wants(const struct port *port, const struct rte_mbuf *buffer)
{
	if (port->carries || (buffer->ol_flags & BUFFER_TO_CUT) == 0)
		return false;
	return buffer->data_len > port->frame_max ||
	       (buffer->ol_flags & RTE_MBUF_F_TX_UDP_SEG) != 0;
}

enum io_cut
io_cut_send(struct port *port, struct rte_mbuf *buffer)
{
	struct segment_plan plan;
	uint32_t sent;

	if (!pool_tidy(port->pool, buffer) ||
		!offload_plan(buffer, port->frame_max, &plan))
		return IO_CUT_CANNOT;
	if (buffer->BUFFER_CUT_NEXT < plan.n) {
		sent = send_segments(port, buffer, &plan,
			RTE_MIN(plan.n - buffer->BUFFER_CUT_NEXT, (uint32_t)SHM_BURST));
		if (sent == 0)
			return IO_CUT_STUCK;
		buffer->BUFFER_CUT_NEXT = (uint16_t)(buffer->BUFFER_CUT_NEXT + sent);
	}
	if (buffer->BUFFER_CUT_NEXT < plan.n)
		return IO_CUT_ON;
	port->counters.large_cut++;
	return IO_CUT_DONE;
}

static uint32_t
send_segments(struct port *port, const struct rte_mbuf *buffer,
	const struct segment_plan *plan, uint32_t n)
{
	struct rte_mbuf *out[SHM_BURST];
	uint16_t len[SHM_BURST];
	uint32_t sent;

	if (rte_pktmbuf_alloc_bulk(port->pool->mempool, out, n) < 0)
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		write_segment(out[i], plan, buffer, buffer->BUFFER_CUT_NEXT + i);
		len[i] = out[i]->data_len;
	}
	sent = port->driver->tx(port, out, n);
	rte_mempool_put_bulk(port->pool->mempool, (void **)(out + sent), n - sent);
	port->counters.tx_packets += sent;
	for (uint32_t i = 0; i < sent; i++)
		port->counters.tx_bytes += len[i];
	return sent;
}

static void
write_segment(struct rte_mbuf *out, const struct segment_plan *plan,
	const struct rte_mbuf *buffer, uint32_t i)
{
	out->data_len =
		(uint16_t)segment_write(plan, rte_pktmbuf_mtod(buffer, const uint8_t *),
			i, rte_pktmbuf_mtod(out, uint8_t *));
	out->pkt_len = out->data_len;
}
