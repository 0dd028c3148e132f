/* rss.c: see rss.h. */
#include "dataplane/pkt/rss.h"
#include "dataplane/pkt/flow.h"

unsigned
rss_queue(const uint8_t *frame, uint32_t len, uint64_t seed, unsigned n)
{
	struct pkt_flow flow;

	if (!pkt_flow_of(frame, len, &flow))
		return 0;
	return (unsigned)((pkt_flow_key(&flow, seed).flow >> 32) * n >> 32);
}
