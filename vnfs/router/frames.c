/* frames.c: see frames.h. A record is a header and a frame, and never goes around the
 * end: what is left there is skipped. */
#include "vnfs/router/frames.h"
#include <errno.h>
#include <string.h>
#include <rte_malloc.h>

struct record {
	uint32_t size; /* bytes, with this header and padding */
	uint16_t len;  /* of the frame; 0: to be skipped */
	uint16_t cp;
};

int
frames_open(struct frames *ring, size_t size)
{
	*ring = (struct frames){.bytes = rte_zmalloc("frames", size, 64), .size = size};
	return ring->bytes != NULL ? 0 : -ENOMEM;
}

void
frames_close(struct frames *ring)
{
	rte_free(ring->bytes);
	*ring = (struct frames){0};
}

static struct record *
at(const struct frames *ring, uint64_t position)
{
	return (struct record *)(void *)(ring->bytes + (position & (ring->size - 1)));
}

bool
frames_put(struct frames *ring, unsigned cp, const void *frame, uint32_t len)
{
	const uint32_t size = ((uint32_t)sizeof(struct record) + len + 7) & ~7u;
	const uint64_t head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
	const uint64_t to_end = ring->size - (ring->tail & (ring->size - 1));
	const uint64_t skip = size > to_end ? to_end : 0;
	uint64_t tail = ring->tail;

	if (len == 0 || len > UINT16_MAX || tail + skip + size - head > ring->size)
		return false;
	if (skip > 0)
		*at(ring, tail) = (struct record){.size = (uint32_t)skip};
	tail += skip;
	*at(ring, tail) =
		(struct record){.size = size, .len = (uint16_t)len, .cp = (uint16_t)cp};
	memcpy(at(ring, tail) + 1, frame, len);
	__atomic_store_n(&ring->tail, tail + size, __ATOMIC_RELEASE);
	return true;
}

const uint8_t *
frames_peek(struct frames *ring, unsigned *cp, uint32_t *len)
{
	const uint64_t tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);

	if (ring->head != tail && at(ring, ring->head)->len == 0)
		frames_pop(ring);
	if (ring->head == tail)
		return NULL;
	const struct record *record = at(ring, ring->head);

	*cp = record->cp;
	*len = record->len;
	return (const uint8_t *)(record + 1);
}

void
frames_pop(struct frames *ring)
{
	__atomic_store_n(
		&ring->head, ring->head + at(ring, ring->head)->size, __ATOMIC_RELEASE);
}

bool
frames_any(const struct frames *ring)
{
	return __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) !=
	       __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
}
