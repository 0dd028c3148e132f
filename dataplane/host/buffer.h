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
#include "common/err.h"

#define BUFFER_HEADROOM	 RTE_PKTMBUF_HEADROOM
#define BUFFER_DATA_ROOM RTE_MBUF_DEFAULT_BUF_SIZE /* headroom included */
#define BUFFER_FRAME_MAX (BUFFER_DATA_ROOM - BUFFER_HEADROOM)

struct buffer_layout { /* set once by buffer_register(), before any worker runs */
	int mark_offset;
	int stamp_offset; /* uint64_t TSC, valid with stamp_flag */
	uint64_t stamp_flag;
};
extern struct buffer_layout buffer_layout;

struct buffer_span { /* where a pool's buffers lie: n of them, stride apart */
	uintptr_t first;
	uintptr_t size;	 /* n * stride */
	uint32_t stride; /* bytes, a multiple of 64 */
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

/* Whether a pointer is the start of one of the span's buffers; looks at the pointer only.
 */
static inline bool
buffer_span_has(const struct buffer_span *span, const void *pointer)
{
	const uintptr_t offset = (uintptr_t)pointer - span->first;

	return offset < span->size && (offset & 63) == 0 &&
	       (uint32_t)(offset >> 6) % (span->stride >> 6) == 0;
}

/* Whether a pointer that a VNF gave is a buffer of the span that is on its way. */
static inline bool
buffer_is_good(const struct buffer_span *span, const struct rte_mbuf *buffer)
{
	return buffer_span_has(span, buffer) && buffer_is_out(buffer);
}

/* Stores only what differs: a cache line that nobody writes to can stay in the caches of
 * all CPUs that read it. */
#define BUFFER_SET(field, value)                                                         \
	do {                                                                             \
		if (unlikely((field) != (value)))                                        \
			(field) = (value);                                               \
	} while (0)

/* One segment, one reference, its own pool, nothing asked of the hardware; the time stamp
 * stays. False if the frame that it describes does not lie inside the buffer. */
static inline bool
buffer_tidy(struct rte_mempool *pool, struct rte_mbuf *buffer)
{
	BUFFER_SET(buffer->pool, pool);
	BUFFER_SET(buffer->next, NULL);
	BUFFER_SET(buffer->nb_segs, 1);
	BUFFER_SET(buffer->refcnt, 1);
	BUFFER_SET(buffer->buf_addr, (void *)(buffer + 1));
	BUFFER_SET(buffer->buf_len, BUFFER_DATA_ROOM);
	BUFFER_SET(buffer->ol_flags, buffer->ol_flags & buffer_layout.stamp_flag);
	BUFFER_SET(buffer->pkt_len, buffer->data_len);
	return buffer->data_off <= BUFFER_DATA_ROOM &&
	       buffer->data_len <= BUFFER_DATA_ROOM - buffer->data_off;
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

/* Gives n buffers, all of this pool, back to it. Dataplane lcores only. */
static inline void
buffer_free(struct rte_mempool *pool, struct rte_mbuf **buffers, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		buffer_tidy(pool, buffers[i]);
		buffer_set_out(buffers[i], false);
	}
	rte_mempool_put_bulk(pool, (void **)buffers, n);
}

#endif
