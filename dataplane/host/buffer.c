/* buffer.c: the dynamic fields that buffers carry. */
#include <stdalign.h>
#include <rte_errno.h>
#include "dataplane/host/buffer.h"

struct buffer_layout buffer_layout;

int
buffer_register(struct err *err)
{
	const struct rte_mbuf_dynfield mark = {
		.name = "renga_out", .size = sizeof(uint8_t), .align = alignof(uint8_t)};
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
