/* link.c: two rings between two ends. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "dataplane/host/io.h"
#include "dataplane/host/link.h"
#include "dataplane/host/ring.h"
#include "dataplane/shm/hand.h"

static int wire_end(struct link *link, unsigned i, struct shm_doorbell *const bells[2],
	struct err *err);

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
		if (link->rings[i] != NULL)
			io_drain(link->rings[i], link->pool, &link->garbage);
		ring_destroy(link->rings[i]);
	}
	json_decref(link->tag);
	free(link);
}

int
link_wire(struct link *link, struct shm_doorbell *const bells[2], struct err *err)
{
	int rc = wire_end(link, 0, bells, err);

	return rc < 0 ? rc : wire_end(link, 1, bells, err);
}

int
link_unwire(struct link *link, struct err *err)
{
	const struct shm_link nothing = {0};
	int rc = 0, rc_end;

	for (unsigned i = 0; i < 2; i++) {
		if (link->ends[i].slot == NULL)
			continue;
		rc_end = slot_wire(
			link->ends[i].slot, link->ends[i].cp, &nothing, &nothing, 0, err);
		rc = rc < 0 ? rc : rc_end;
	}
	return rc;
}

void
link_settle(struct link *link, const struct slot *slot)
{
	for (unsigned i = 0; i < 2; i++)
		if (link->ends[i].slot == slot) {
			ring_settle_consumer(link->rings[i]);
			ring_settle_producer(link->rings[!i]);
		}
}

bool
link_has_slot(const struct link *link, const struct slot *slot)
{
	return link->ends[0].slot == slot || link->ends[1].slot == slot;
}

bool
link_has_port(const struct link *link, const struct port *port)
{
	return link->ends[0].port == port || link->ends[1].port == port;
}

bool
link_end_equal(const struct link_end *a, const struct link_end *b)
{
	return a->port == b->port && a->slot == b->slot && a->cp == b->cp;
}

/* The end's slot reads rings[i] and writes to the other ring, whose reader is at the
 * other end. */
static int
wire_end(struct link *link, unsigned i, struct shm_doorbell *const bells[2],
	struct err *err)
{
	const struct shm_link in = {link->rings[i], bells[i]};
	const struct shm_link out = {link->rings[!i], bells[!i]};
	const struct port *far = link->ends[!i].port;

	if (link->ends[i].slot == NULL)
		return 0;
	return slot_wire(link->ends[i].slot, link->ends[i].cp, &in, &out,
		far != NULL ? (uint16_t)far->mtu : 0, err);
}
