/* steering.h: the classifier of a service: made of the rules that pool.put carries, and
 * replaced while packets pass (dataplane/shm/steer.h). Control thread only.
 *
 * Who sends at a fork is given the new one with its wiring, between two bursts; the old
 * one ends when all have been seen with the new. Counts stay.
 */
#ifndef DATAPLANE_HOST_STEERING_H
#define DATAPLANE_HOST_STEERING_H

#include "dataplane/host/host.h"

/* Makes the rules (null: none) those of the service; does nothing if they are. On a fault
 * the old ones stay, paths begin with "steer". A VNF that is alive and does not take over
 * its wiring is not waited for longer than a second: it follows when it goes on, or its
 * successor does. Until then there is no further change: ERR_TIMEOUT. */
int steering_change(
	struct host *host, struct pool *pool, const json_t *rules, struct err *err);
/* Nobody may look at any of it any more. */
void steering_clear(struct pool_steering *steering);

/* [{path, packets, bytes}]: what was classified, of paths that the rules name or that had
 * any packets. Null: there never were rules. New reference. */
json_t *steering_counts(const struct pool_steering *steering);

#endif
