/* choose.h: the replica of a scaled VNF that a frame is sent to: for whoever sends
 * (exchange of a VNF, port). */
#ifndef DATAPLANE_SHM_CHOOSE_H
#define DATAPLANE_SHM_CHOOSE_H

#include "dataplane/pkt/flow.h"
#include "dataplane/shm/spread.h"

/* there: bits of the replicas that a link leads to. What is of no flow, or of a flow of
 * none of them, goes to the owner of the first bucket, unless it is for one's MAC. */
static inline unsigned
choose_replica(struct spread *spread, enum spread_by by, const uint8_t *frame,
	uint32_t len, uint32_t there)
{
	struct pkt_flow flow;
	struct pkt_flow_key key;

	if (!pkt_flow_of(frame, len, &flow))
		return spread_choose_frame(spread, frame, there);
	if (by == SPREAD_BY_PORT) {
		const unsigned replica = spread_port_owner(pkt_flow_target_port(&flow));

		return (there & 1u << replica) != 0
			       ? replica
			       : spread_owner(spread_bucket(spread, 0));
	}
	key = by == SPREAD_BY_SOURCE ? pkt_flow_source_key(&flow, spread->seed)
				     : pkt_flow_key(&flow, spread->seed);
	return spread_choose(spread, key.pair, key.flow) % SPREAD_REPLICAS;
}

#endif
