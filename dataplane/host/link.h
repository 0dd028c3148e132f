/* link.h: two rings between two ends, each a port or a connection point of a slot.
 * Control thread only.
 *
 * A link that another one replaces leaves step by step (relink.h): who writes to it is
 * turned away, what it still carries arrives, then it is cut and nobody is wired to it.
 */
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

enum link_state { /* bits, for host_link_at() */
	LINK_UP = 1,
	LINK_LEAVING = 2, /* still read; written to only by VNFs that leave with it */
	LINK_CUT = 4,	  /* in no wiring: ends when nobody follows an older one */
	LINK_ANY = 7,
};

struct link {
	LIST_ENTRY(link) entry;
	char id[128], ns[64], name[64];
	uint32_t size;
	struct link_end ends[2];
	uint32_t paths[8]; /* bits: those that packets take it on; none: all */
	enum link_state state;
	bool stays; /* it was up before the relink that is under way: it follows no other
		     */
	struct rte_ring *rings[2];  /* rings[i] leads to ends[i]; null: handed over */
	struct rte_ring *former[2]; /* of a replaced link, to be read empty before
				       rings[i]; null: none */
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
 * parked, unless link_fill() is 0. */
void link_destroy(struct link *link);
/* Packets in its rings. */
uint32_t link_fill(const struct link *link);
/* After the death of a slot's process: sets straight the ring ends that it used. */
void link_settle(struct link *link, const struct slot *slot);
/* The end (0 or 1) at which it meets another link's end; -1: none. */
int link_end_at(const struct link *link, const struct link_end *end);
bool link_has_slot(const struct link *link, const struct slot *slot);
bool link_end_equal(const struct link_end *a, const struct link_end *b);

#endif
