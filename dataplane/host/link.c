/* link.c: two rings between two ends. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "dataplane/host/io.h"
#include "dataplane/host/link.h"
#include "dataplane/host/ring.h"
#include "dataplane/shm/hand.h"

static void drain(struct link *link, struct rte_ring *ring);

int
link_create(const char *id, const char *ns, const char *name, uint32_t size,
	const struct link_end ends[2], struct pool *pool, struct link **out,
	struct err *err)
{
	struct link *link;

	if (size == 0)
		size = LINK_SIZE;
	if (size < LINK_SIZE_MIN || size > LINK_SIZE_MAX || (size & (size - 1)) != 0)
		return err_set(err, ERR_INVALID, "size", NULL,
			"a link's size is a power of two from %u to %u", LINK_SIZE_MIN,
			LINK_SIZE_MAX);
	link = calloc(1, sizeof(*link));
	if (link == NULL)
		return err_sys(err, ENOMEM, "cannot make a link");
	snprintf(link->id, sizeof(link->id), "%s", id);
	snprintf(link->ns, sizeof(link->ns), "%s", ns);
	snprintf(link->name, sizeof(link->name), "%s", name);
	link->size = size;
	link->state = LINK_UP;
	link->pool = pool;
	for (unsigned i = 0; i < 2; i++) {
		link->ends[i] = ends[i];
		link->rings[i] = ring_create_parking(size);
	}
	if (link->rings[0] == NULL || link->rings[1] == NULL) {
		link_destroy(link);
		return err_set(err, ERR_NO_RESOURCE, "size",
			"a dataplane with a larger --memory",
			"no packet memory for two rings of %u", size);
	}
	*out = link;
	return 0;
}

void
link_destroy(struct link *link)
{
	if (link == NULL)
		return;
	for (unsigned i = 0; i < 2; i++) {
		drain(link, link->rings[i]);
		drain(link, link->former[i]);
	}
	json_decref(link->tag);
	free(link);
}

uint32_t
link_fill(const struct link *link)
{
	uint32_t fill = 0;

	for (unsigned i = 0; i < 2; i++) {
		fill += link->rings[i] != NULL ? ring_fill(link->rings[i]) : 0;
		fill += link->former[i] != NULL ? ring_fill(link->former[i]) : 0;
	}
	return fill;
}

void
link_settle(struct link *link, const struct slot *slot)
{
	for (unsigned i = 0; i < 2; i++)
		if (link->ends[i].slot == slot) {
			if (link->rings[i] != NULL)
				ring_settle_consumer(link->rings[i]);
			if (link->former[i] != NULL)
				ring_settle_consumer(link->former[i]);
			if (link->rings[!i] != NULL)
				ring_settle_producer(link->rings[!i]);
		}
}

int
link_end_at(const struct link *link, const struct link_end *end)
{
	for (int i = 0; i < 2; i++)
		if (link_end_equal(&link->ends[i], end))
			return i;
	return -1;
}

bool
link_has_slot(const struct link *link, const struct slot *slot)
{
	return link->ends[0].slot == slot || link->ends[1].slot == slot;
}

bool
link_end_equal(const struct link_end *a, const struct link_end *b)
{
	return a->port == b->port && a->slot == b->slot && a->cp == b->cp;
}

static void
drain(struct link *link, struct rte_ring *ring)
{
	if (ring != NULL && ring_fill(ring) > 0)
		io_drain(ring, link->pool, &link->garbage);
	ring_destroy(ring);
}
