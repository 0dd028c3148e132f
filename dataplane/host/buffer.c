/* buffer.c: the dynamic fields that buffers carry; what is seldom done to one. */
#include <stdalign.h>
#include <rte_errno.h>
#include "dataplane/host/buffer.h"

struct buffer_layout buffer_layout;

int
buffer_register(struct err *err)
{
	const struct rte_mbuf_dynfield mark = {.name = "renga_out",
		.size = sizeof(uint16_t),
		.align = alignof(uint16_t)};
	const struct rte_mbuf_dynfield stamp = {.name = "renga_entry_tsc",
		.size = sizeof(uint64_t),
		.align = alignof(uint64_t)};
	const struct rte_mbuf_dynflag sampled = {.name = "renga_sampled"};
	int bit;

	buffer_layout.mark_offset = rte_mbuf_dynfield_register(&mark);
	buffer_layout.stamp_offset = rte_mbuf_dynfield_register(&stamp);
	bit = rte_mbuf_dynflag_register(&sampled);
	if (buffer_layout.mark_offset < 0 || buffer_layout.stamp_offset < 0 || bit < 0)
		return err_sys(err, rte_errno, "cannot reserve fields in packet buffers");
	buffer_layout.stamp_flag = 1ull << bit;
	return 0;
}

struct buffer_span
buffer_span_of(uintptr_t first, uint32_t stride, uint32_t n)
{
	const uint32_t zeros = (uint32_t)__builtin_ctz(stride);
	const uint64_t odd = stride >> zeros;
	uint64_t inverse = odd; /* right in three bits; each turn doubles them */

	for (unsigned bits = 3; bits < 64; bits *= 2)
		inverse *= 2 - odd * inverse;
	return (struct buffer_span){first, inverse, zeros, stride, n};
}

void
buffer_make_tidy(struct rte_mempool *pool, uint16_t room, struct rte_mbuf *buffer)
{
	BUFFER_SET(buffer->pool, pool);
	BUFFER_SET(buffer->next, NULL);
	BUFFER_SET(buffer->nb_segs, 1);
	BUFFER_SET(buffer->refcnt, 1);
	BUFFER_SET(buffer->buf_addr, (void *)(buffer + 1));
	BUFFER_SET(buffer->buf_len, room);
	BUFFER_SET(buffer->ol_flags,
		buffer->ol_flags & (buffer_layout.stamp_flag | BUFFER_LEFT_OVER));
	BUFFER_SET(buffer->pkt_len, buffer->data_len);
}
