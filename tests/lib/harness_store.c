/* harness_store.c: see harness_store.h. */
#include "tests/lib/harness_store.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct event *
store_add_event(struct store *store, int cp)
{
	struct event *event = calloc(1, sizeof(*event));
	struct event **end = &store->events;

	assert(event != NULL);
	event->cp = cp;
	while (*end != NULL)
		end = &(*end)->next;
	return *end = event;
}

struct event *
store_take_event(struct store *store, int cp, int reason)
{
	for (struct event **at = &store->events; *at != NULL; at = &(*at)->next) {
		struct event *event = *at;

		if (event->cp != cp || (reason >= 0 && event->reason != (unsigned)reason))
			continue;
		*at = event->next;
		return event;
	}
	return NULL;
}

/* The room around the frame is filled with a pattern, so that nobody finds zeros there by
 * luck. */
struct buffer *
buffer_create(const void *data, size_t len, uint8_t fill)
{
	struct buffer *buffer = aligned_alloc(RTE_CACHE_LINE_SIZE,
		RTE_ALIGN_CEIL(sizeof(*buffer), RTE_CACHE_LINE_SIZE));

	assert(buffer != NULL && len <= HARNESS_FRAME);
	memset(buffer, 0, offsetof(struct buffer, room));
	memset(buffer->room, fill, sizeof(buffer->room));
	buffer->mbuf.buf_addr = buffer->room;
	buffer->mbuf.buf_len = sizeof(buffer->room);
	buffer->mbuf.data_off = RTE_PKTMBUF_HEADROOM;
	buffer->mbuf.refcnt = 1;
	buffer->mbuf.nb_segs = 1;
	buffer->mbuf.pkt_len = buffer->mbuf.data_len = (uint16_t)len;
	if (len > 0)
		memcpy(buffer->room + RTE_PKTMBUF_HEADROOM, data, len);
	return buffer;
}

struct buffer *
store_add_buffer(struct store *store, const void *data, size_t len, enum owner owner)
{
	struct buffer *buffer = buffer_create(data, len, store->fill);

	buffer->owner = owner;
	buffer->next = store->buffers;
	store->buffers = buffer;
	return buffer;
}

struct buffer *
store_find_buffer(struct store *store, const struct rte_mbuf *pkt)
{
	for (struct buffer *b = store->buffers; b != NULL; b = b->next)
		if (&b->mbuf == pkt)
			return b;
	return NULL;
}

void
store_free_buffer(struct store *store, struct buffer *buffer)
{
	struct buffer **at = &store->buffers;

	while (*at != buffer)
		at = &(*at)->next;
	*at = buffer->next;
	free(buffer);
}

void
store_clear(struct store *store)
{
	while (store->buffers != NULL)
		store_free_buffer(store, store->buffers);
	while (store->events != NULL) {
		struct event *next = store->events->next;

		free(store->events);
		store->events = next;
	}
}
