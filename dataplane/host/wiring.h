/* wiring.h: what each end of a link is joined to, as it follows from the links that are
 * there and their states; and making slots and I/O workers follow it.
 *
 * An end has at most one link that is up and one that is leaving, unless replicas of a
 * scaled VNF are at its other side: then it has one to each of them; or paths part there:
 * then it has links to several VNFs or ports, each for paths of its own. While it has
 * such that leave and such that came for them, it reads those that leave and writes to
 * those that are up. Control thread only.
 */
#ifndef DATAPLANE_HOST_WIRING_H
#define DATAPLANE_HOST_WIRING_H

#include "dataplane/host/host.h"
#include "dataplane/shm/layout.h"

struct wiring_end { /* nulls where nothing is */
	struct rte_ring *in;
	struct rte_ring *former; /* to be read empty before in: nobody writes to it */
	struct shm_link out;
	uint16_t port_mtu;  /* of the port at the far end; 0: none is there. Of the first:
			       the  smallest of all far ends */
	struct shm_way way; /* of out */
};

#define WIRING_MAX 32 /* links at one end, half of them such that leave */

struct wiring_end wiring_of(const struct host *host, const struct link_end *end);
/* All that an end is joined to, those that it writes to first: at least one, all null if
 * there is no link. Returns how many. */
unsigned wiring_list(const struct host *host, const struct link_end *end,
	struct wiring_end wired[WIRING_MAX]);
/* Whether `a` and `b`, the other sides of two links at an end, are the same connection
 * points of two replicas of one VNF. */
bool wiring_are_twins(const struct link_end *a, const struct link_end *b);
/* Whether two links may share an end: their other sides (a and b) are twins, and they are
 * for the same paths, or they are for paths of their own. */
bool wiring_may_meet(const struct link_end *a, const uint32_t paths_a[8],
	const struct link_end *b, const uint32_t paths_b[8]);
/* Whether all ends of a service have places for the links that are up or leaving.
 * ERR_NO_RESOURCE. */
int wiring_check_room(const struct host *host, const struct pool *pool, struct err *err);
/* Whether a VNF is being taken out: it has links, and all of them leave. It goes on
 * writing to them until it is empty. */
bool wiring_leaves(const struct host *host, const struct slot *slot);
/* Whether one that is being taken out sends to a VNF that does not run: nobody will take
 * anything from there before it has gone. */
bool wiring_waits_in_vain(const struct host *host, const struct slot *slot);
/* Has all slots of a service and all workers follow the links as they are now: each slot
 * takes all its changes at once, all are told before the first is waited for. Then the
 * links of the service that are cut end, and *freed (may be null) grows by the packets
 * that were in them. ERR_TIMEOUT as slot_wait_wired(): what could be told stands. */
int wiring_apply(
	struct host *host, const struct pool *pool, uint32_t *freed, struct err *err);

#endif
