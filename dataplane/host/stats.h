/* stats.h: what shared memory knows of a service's traffic (docs/southbound.md, section
 * 4). */
#ifndef DATAPLANE_HOST_STATS_H
#define DATAPLANE_HOST_STATS_H

#include <jansson.h>
#include "dataplane/host/host.h"

/* Figures are current when read. New reference. */
json_t *stats_service(const struct host *host, const struct pool *pool);
/* Samples how busy every VNF and I/O worker is; the control thread's timer calls it each
 * second. */
void stats_sample(struct host *host);

/* Packets that a VNF, or all VNFs and ports of a service, dropped so far for want of
 * room, of a link or of a path: what a VNF drops by its own rules does not count, nor
 * what was shed at the entry (stats_shed()). */
uint64_t stats_slot_crowded_out(const struct slot *slot);
uint64_t stats_crowded_out(const struct host *host, const struct pool *pool);
uint64_t stats_shed(const struct host *host, const struct pool *pool);

#endif
