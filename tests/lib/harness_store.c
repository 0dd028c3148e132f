/* harness_store.c: see harness_store.h. */
#include "tests/lib/harness_store.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
store_init(struct store *store)
{
	TAILQ_INIT(&store->events);
}

struct event *
store_add_event(struct store *store, int cp)
{
	struct event *event = calloc(1, sizeof(*event));

	assert(event != NULL);
	event->cp = cp;
	TAILQ_INSERT_TAIL(&store->events, event, entry);
	return event;
}

struct event *
store_take_event(struct store *store, int cp, int reason)
{
	struct event *event;

	TAILQ_FOREACH (event, &store->events, entry)
		if (event->cp == cp && (reason < 0 || event->reason == (unsigned)reason))
			break;
	if (event != NULL)
		TAILQ_REMOVE(&store->events, event, entry);
	return event;
}

struct event *
store_take_any_event(struct store *store)
{
	struct event *event = TAILQ_FIRST(&store->events);

	if (event != NULL)
		TAILQ_REMOVE(&store->events, event, entry);
	return event;
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
	struct event *event;

	while (store->buffers != NULL)
		store_free_buffer(store, store->buffers);
	while ((event = store_take_any_event(store)) != NULL)
		free(event);
}
