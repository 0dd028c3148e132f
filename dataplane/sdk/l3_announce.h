/* l3_announce.h: what a routed VNF tells its links of its own accord: that an address is
 * at its MAC (RFC 5227 2.3, RFC 4861 7.2.6), so that nobody goes on with an older one.
 * Worker only. */
#ifndef DATAPLANE_SDK_L3_ANNOUNCE_H
#define DATAPLANE_SDK_L3_ANNOUNCE_H

#include "dataplane/sdk/l3_stack.h"

/* Marks the addresses that `before` (null: there was none) did not have at this MAC. */
void l3_announce_new(struct l3 *l3, const struct l3_config *before);
/* From tick: tells some of those that are marked, on links that are wired. */
void l3_announce(struct l3 *l3);

#endif
