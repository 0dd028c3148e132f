/* lookout.h: the look at the life signs of the dataplane and of the VNFs (common/pulse.h)
 * ten times a second. Loop thread only.
 *
 * A look reads shared memory and asks nobody, so it costs next to nothing and cannot be
 * held up. Whose sign stands still for too long is ended; its successor follows as after
 * any death.
 */
#ifndef VNFM_LOOKOUT_H
#define VNFM_LOOKOUT_H

#include "common/loop.h"
#include "vnfm/vigil.h"

struct manager;

struct lookout {
	struct loop_source *timer;
	uint64_t looked_ms;
	uint64_t process; /* the sign of who writes the signs down, at the last look */
	struct vigil dataplane[3];
	uint64_t ports; /* changes of states of ports that were taken notice of */
};

/* The manager's. 0 or -ENOMEM. */
int lookout_start(struct manager *manager);
void lookout_stop(struct manager *manager); /* again is fine */

#endif
