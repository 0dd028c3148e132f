/* lockprobe.h: are the locks that all processes share (DPDK's heaps, lists and map of
 * memory) still to be had?
 *
 * They have no owner: one that a dead process left locked stays so, and who asks for it
 * next waits for ever. A thread takes and gives back each of them once a second, and
 * after every cleared slot; somebody else (pulse.h) looks at it, and sees when it does
 * not come back.
 *
 * VNFs take none of these locks while they run (dataplane/sdk/private_mem.h), but
 * rte_eal_init() does when they start, and wild code may. A hold of readers of the map of
 * memory that does not go away is given back in the place of the dead one; every other
 * lock can only be had again with other memory.
 */
#ifndef DATAPLANE_HOST_LOCKPROBE_H
#define DATAPLANE_HOST_LOCKPROBE_H

#include <stdint.h>
#include "common/err.h"

#define LOCKPROBE_EVERY_MS 1000
#define LOCKPROBE_MS	   800 /* that a lock may be held by the living */
#define LOCKPROBE_CPU_MS   40  /* of them the prober has spun, so it is no busy machine */
#define LOCKPROBE_EXIT	   86  /* exit code of a dataplane that cannot go on */

struct lockprobe;

/* Control thread, on a started EAL. */
int lockprobe_start(struct lockprobe **probe, struct err *err);
/* Null is fine. */
void lockprobe_stop(struct lockprobe *probe);
/* Soon, and not only when it is due. Any thread. */
void lockprobe_now(struct lockprobe *probe);
/* Name of the lock that is lost ("the heap"), or null. Of one thread, every 100 ms or so;
 * never waits. */
const char *lockprobe_lost(struct lockprobe *probe);

#endif
