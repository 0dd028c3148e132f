/* wiring.h: what each end of a link is joined to, as it follows from the links that are
 * there and their states; and making slots and I/O workers follow it.
 *
 * An end has at most one link that is up and one that is leaving, unless replicas of a
 * scaled VNF are at its other side: then it has one to each of them. While it has such
 * that leave and such that came for them, it reads those that leave and writes to those
 * that are up. Control thread only.
 */
#ifndef DATAPLANE_HOST_WIRING_H
#define DATAPLANE_HOST_WIRING_H

#include "dataplane/host/host.h"

struct wiring_end { /* nulls where nothing is */
	struct rte_ring *in;
	struct rte_ring *former; /* to be read empty before in: nobody writes to it */
	struct shm_link out;
	uint16_t port_mtu; /* of the port at the far end; 0: none is there */
	uint8_t replica;   /* of the VNF at out */
	uint8_t by;	   /* enum spread_by of its connection point */
};

#define WIRING_MAX (2 * SPREAD_REPLICAS) /* links at one end, all that leave counted */

struct wiring_end wiring_of(const struct host *host, const struct link_end *end);
/* All that an end is joined to, those that it writes to first: at least one, all null if
 * there is no link. *spread: which of several to write to; null: to the first. Returns
 * how many. */
unsigned wiring_list(const struct host *host, const struct link_end *end,
	struct wiring_end wired[WIRING_MAX], struct spread **spread);
/* Whether two links may share an end: at their other sides (`a` and `b`) are the same
 * connection points of two replicas of one VNF. */
bool wiring_are_twins(const struct link_end *a, const struct link_end *b);
/* Whether a VNF is being taken out: it has links, and all of them leave. It goes on
 * writing to them until it is empty. */
bool wiring_leaves(const struct host *host, const struct slot *slot);
/* Has all slots of a service and all workers follow the links as they are now: each slot
 * takes all its changes at once, all are told before the first is waited for. Then the
 * links of the service that are cut end, and *freed (may be null) grows by the packets
 * that were in them. ERR_TIMEOUT as slot_wait_wired(): what could be told stands. */
int wiring_apply(
	struct host *host, const struct pool *pool, uint32_t *freed, struct err *err);

#endif
