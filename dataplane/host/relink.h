/* relink.h: replacing links of a running service by others so that no packet is lost,
 * doubled, or overtaken. Control thread only.
 *
 * The new links are up, those they replace are marked LINK_LEAVING; then:
 *	turn	every end that goes on writes to its new link and still reads the old one;
 *		VNFs that are taken out work on, with nothing new coming in
 *	drain	until these have nothing in their inputs and in hand
 *	cut	nobody writes to the old rings any more: each goes over to the link that
 *		follows it, whose end reads it empty first, by itself, whenever it comes;
 *		VNFs that are taken out are unwired
 *	arrive	the old rings end when they have been read
 * Meanwhile producers have more patience, as their consumer still reads the old ring.
 */
#ifndef DATAPLANE_HOST_RELINK_H
#define DATAPLANE_HOST_RELINK_H

#include "dataplane/host/host.h"

struct relink_outcome {
	uint32_t freed;	  /* packets that could not arrive: who should have read them is
			     dead, or did not get through in time */
	uint64_t dropped; /* meanwhile, anywhere in the service, for want of room */
	uint64_t shed;	  /* meanwhile, at the entry: it was full, or short of CPU time */
	uint64_t turn_us; /* what the parts took */
	uint64_t drain_us;
	uint64_t cut_us;
	uint64_t arrive_us;
};

/* Carries through whatever is leaving in a service. Repeating it goes on where it
 * stopped: ERR_TIMEOUT while a VNF that is alive does not take over its wiring. */
int relink_run(struct host *host, struct pool *pool, struct relink_outcome *outcome,
	struct err *err);
/* Whether anything is leaving or left behind, of an earlier run. */
bool relink_is_due(const struct host *host, const struct pool *pool);
/* Ends former rings that have been read empty meanwhile, of a consumer that came late;
 * once a second. */
void relink_tidy(struct host *host);

#endif
