/* link.h: two rings between two ends, each a port or a connection point of a slot.
 * Control thread only. */
#ifndef DATAPLANE_HOST_LINK_H
#define DATAPLANE_HOST_LINK_H

#include <sys/queue.h>
#include <jansson.h>
#include <rte_ring.h>
#include "common/err.h"
#include "dataplane/host/port.h"
#include "dataplane/host/slot.h"

#define LINK_SIZE     1024
#define LINK_SIZE_MIN 64
#define LINK_SIZE_MAX 65536

struct link_end { /* exactly one of port and slot */
	struct port *port;
	struct slot *slot;
	unsigned cp; /* of the slot */
};

struct link {
	LIST_ENTRY(link) entry;
	char id[128], ns[64], name[64];
	uint32_t size;
	struct link_end ends[2];
	struct rte_ring *rings[2]; /* rings[i] leads to ends[i] */
	struct pool *pool;
	uint64_t garbage; /* pointers in its rings that were no buffers, when it was taken
			     apart */
	json_t *tag;
};
LIST_HEAD(link_list, link);

/* size: a power of two in the limits, 0: LINK_SIZE. Not wired yet. */
int link_create(const char *id, const char *ns, const char *name, uint32_t size,
	const struct link_end ends[2], struct pool *pool, struct link **link,
	struct err *err);
/* Null is fine. Nobody may use its rings any more; what they hold goes home. Workers
 * parked. */
void link_destroy(struct link *link);
/* Tells the slots at its ends (bells[i]: the doorbell of ends[i]). As slot_wire(). */
int link_wire(struct link *link, struct shm_doorbell *const bells[2], struct err *err);
int link_unwire(struct link *link, struct err *err);
/* After the death of a slot's process: sets straight the ring ends that it used. */
void link_settle(struct link *link, const struct slot *slot);
bool link_has_slot(const struct link *link, const struct slot *slot);
bool link_has_port(const struct link *link, const struct port *port);
bool link_end_equal(const struct link_end *a, const struct link_end *b);

#endif
