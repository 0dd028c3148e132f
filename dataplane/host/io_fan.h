/* io_fan.h: received packets of a port that leads to several replicas of a VNF, each to
 * the ring of the replica that its flow belongs to. Called by the worker whose plan names
 * the port, if it has a spread. */
#ifndef DATAPLANE_HOST_IO_FAN_H
#define DATAPLANE_HOST_IO_FAN_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/host/plan.h"

/* Whether a burst may be read: every replica has room for all of it. One that has had
 * none for PORT_PATIENCE_NS is not waited for any more until it has, unless that is so of
 * all of them: who is dead holds up only its own share. */
bool io_fan_has_room(const struct plan_port *plan);
/* What a replica has no room for is dropped (patience), and what leads to none (no-link).
 */
void io_fan_put(const struct plan_port *plan, struct rte_mbuf **buffers, uint32_t n);

#endif
