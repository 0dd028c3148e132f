/* buffer.h: whether a packet buffer is on its way or at home, and what may be done with
 * one that comes back.
 *
 * Each buffer carries a mark: *out* while it travels between our rings and the hands of
 * VNFs, not out while it lies in its pool or inside a driver. Only the dataplane writes
 * it, at the few places where buffers enter and leave: after a driver's rx, before a
 * driver's tx, at allocation for a stash, when one is freed. So
 *   - a buffer that is out, and in no ring and no hand, has been lost (audit.h);
 *   - a pointer that comes out of a VNF's ring and is not a buffer of the service's pool
 * that is out is garbage: a VNF that returns a buffer twice, or makes one up, damages
 * nothing. A VNF may have written into the header of a buffer: buffer_tidy() sets
 * straight what the pool and drivers trust.
 */
#ifndef DATAPLANE_HOST_BUFFER_H
#define DATAPLANE_HOST_BUFFER_H

#include <stdbool.h>
#include <stdint.h>
#include <rte_branch_prediction.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_prefetch.h>
#include "common/err.h"

#define BUFFER_HEADROOM	 RTE_PKTMBUF_HEADROOM
#define BUFFER_DATA_ROOM RTE_MBUF_DEFAULT_BUF_SIZE /* headroom included */
#define BUFFER_FRAME_MAX (BUFFER_DATA_ROOM - BUFFER_HEADROOM)
/* A large one: what an mbuf can say it has. */
#define BUFFER_LARGE_ROOM      UINT16_MAX
#define BUFFER_LARGE_FRAME_MAX (BUFFER_LARGE_ROOM - BUFFER_HEADROOM)

/* What the sender of a frame has left to the port by which it leaves: to write the L4
 * checksum (whose field means nothing until then), and to cut it into segments of
 * tso_segsz bytes of payload. */
#define BUFFER_PARTIAL RTE_MBUF_F_TX_L4_MASK
#define BUFFER_TO_CUT  (RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_UDP_SEG)
#define BUFFER_CUT_NEXT                                                                  \
	vlan_tci_outer /* of one to be cut: the segment to be sent next                  \
			*/
#define BUFFER_LEFT_OVER (BUFFER_PARTIAL | BUFFER_TO_CUT)

struct buffer_layout {	  /* set once by buffer_register(), before any worker runs */
	int mark_offset;  /* two bytes: the mark, and the number of the packet's path */
	int stamp_offset; /* uint64_t TSC, valid with stamp_flag */
	uint64_t stamp_flag;
};
extern struct buffer_layout buffer_layout;

struct buffer_span { /* where a pool's buffers lie: n of them, stride apart */
	uintptr_t first;
	uint64_t inverse; /* of the odd part of stride, modulo 2^64 */
	uint32_t zeros;	  /* binary, behind it */
	uint32_t stride;  /* bytes, a multiple of 64 */
	uint32_t n;
};

/* Reserves the dynamic fields; once per process. */
int buffer_register(struct err *err);

static inline bool
buffer_is_out(const struct rte_mbuf *buffer)
{
	return *RTE_MBUF_DYNFIELD(buffer, buffer_layout.mark_offset, const uint8_t *) !=
	       0;
}

static inline void
buffer_set_out(struct rte_mbuf *buffer, bool out)
{
	*RTE_MBUF_DYNFIELD(buffer, buffer_layout.mark_offset, uint8_t *) = out;
}

static inline int
buffer_path_offset(void)
{
	return buffer_layout.mark_offset + 1;
}

/* It sets out, on no path. */
static inline void
buffer_enter(struct rte_mbuf *buffer)
{
	*RTE_MBUF_DYNFIELD(buffer, buffer_layout.mark_offset, uint16_t *) = 1;
}

/* The span of n buffers from first on, stride bytes apart. */
struct buffer_span buffer_span_of(uintptr_t first, uint32_t stride, uint32_t n);

/* Whether a pointer is the start of one of the span's buffers; looks at the pointer only.
 * An offset that is a multiple of the stride, times the inverse of the stride's odd part
 * and turned by the zeros behind it, is the buffer's number; any other is larger than all
 * numbers. A span that is all zero has none. */
static inline bool
buffer_span_has(const struct buffer_span *span, const void *pointer)
{
	const uint64_t product = ((uintptr_t)pointer - span->first) * span->inverse;

	return (product >> span->zeros | product << (-span->zeros & 63)) < span->n;
}

/* The number of a buffer of the span. */
static inline uint32_t
buffer_span_index(const struct buffer_span *span, const void *buffer)
{
	const uint64_t product = ((uintptr_t)buffer - span->first) * span->inverse;

	return (uint32_t)(product >> span->zeros | product << (-span->zeros & 63));
}

/* Its header, all of it: the mark lies in the second line. */
static inline void
buffer_prefetch(const struct rte_mbuf *buffer)
{
	rte_prefetch0(buffer);
	rte_prefetch0((const char *)buffer + RTE_CACHE_LINE_SIZE);
}

/* Stores only what differs: a cache line that nobody writes to can stay in the caches of
 * all CPUs that read it. */
#define BUFFER_SET(field, value)                                                         \
	do {                                                                             \
		if (unlikely((field) != (value)))                                        \
			(field) = (value);                                               \
	} while (0)

/* Whether buffer_tidy() would change anything. */
static inline bool
buffer_is_tidy(
	const struct rte_mempool *pool, uint32_t room, const struct rte_mbuf *buffer)
{
	const uint64_t odd =
		((uintptr_t)buffer->pool ^ (uintptr_t)pool) | (uintptr_t)buffer->next |
		((uintptr_t)buffer->buf_addr ^ (uintptr_t)(buffer + 1)) |
		(buffer->ol_flags & ~(buffer_layout.stamp_flag | BUFFER_LEFT_OVER));

	return (odd | (buffer->nb_segs ^ 1u) | (buffer->refcnt ^ 1u) |
		       (buffer->buf_len ^ room) | (buffer->pkt_len ^ buffer->data_len)) ==
	       0;
}

/* One segment, one reference, its own pool, nothing asked of the hardware; the time stamp
 * stays, and what is left to the port. */
void buffer_make_tidy(struct rte_mempool *pool, uint16_t room, struct rte_mbuf *buffer);

/* The same, if need be. room: bytes of data that the pool's buffers have, headroom
 * included. False if the frame that it describes does not lie inside the buffer. */
static inline bool
buffer_tidy(struct rte_mempool *pool, uint16_t room, struct rte_mbuf *buffer)
{
	if (unlikely(!buffer_is_tidy(pool, room, buffer)))
		buffer_make_tidy(pool, room, buffer);
	return (uint32_t)buffer->data_off + buffer->data_len <= room;
}

/* Makes one that comes from its pool an unsampled frame of len bytes behind the headroom.
 */
static inline void
buffer_prepare(struct rte_mbuf *buffer, uint16_t len)
{
	BUFFER_SET(buffer->data_off, BUFFER_HEADROOM);
	BUFFER_SET(buffer->ol_flags, 0);
	BUFFER_SET(buffer->data_len, len);
	BUFFER_SET(buffer->pkt_len, len);
}

#endif
