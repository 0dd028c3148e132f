/* wiring.h: what each end of a link is joined to, as it follows from the links that are
 * there and their states; and making slots and I/O workers follow it.
 *
 * An end has at most one link that is up and one that is leaving. While it has both, it
 * reads the one that leaves and writes to the one that is up. Control thread only.
 */
#ifndef DATAPLANE_HOST_WIRING_H
#define DATAPLANE_HOST_WIRING_H

#include "dataplane/host/host.h"

struct wiring_end { /* nulls where nothing is */
	struct rte_ring *in;
	struct rte_ring *former; /* to be read empty before in: nobody writes to it */
	struct shm_link out;
	uint16_t port_mtu; /* of the port at the far end; 0: none is there */
};

struct wiring_end wiring_of(const struct host *host, const struct link_end *end);
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
