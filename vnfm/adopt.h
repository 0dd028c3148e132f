/* adopt.h: after our own restart: what the living dataplane has becomes the wanted set
 * again, from the tags, and the living processes are watched again.
 */
#ifndef VNFM_ADOPT_H
#define VNFM_ADOPT_H

#include "vnfm/manager.h"

/* Blocks for some milliseconds; before the loop runs. */
int adopt_all(struct manager *manager, struct err *err);
/* Ends processes of VNFs that a dataplane before left behind, and removes their sockets.
 */
void adopt_sweep(const struct manager *manager);

#endif
