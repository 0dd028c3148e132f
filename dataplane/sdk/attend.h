/* attend.h: what the control thread does for a plug-in beside its requests: it watches
 * descriptors and the clock for it (vnf_watch_fd() and its like in vnf.h). For the
 * runtime, and for tests that play it.
 */
#ifndef DATAPLANE_SDK_ATTEND_H
#define DATAPLANE_SDK_ATTEND_H

#include <sys/queue.h>
#include "common/loop.h"
#include "dataplane/sdk/vnf.h"

struct attend {
	struct vnf *vnf;
	struct loop *loop;
	void (*wake)(void *arg); /* makes the worker call tick() soon */
	void *arg;
	LIST_HEAD(vnf_watches, vnf_watch) watches;
};

/* In the loop's thread, as all of this: from here on the plug-in may register. */
void attend_open(struct attend *attend, struct vnf *vnf, struct loop *loop,
	void (*wake)(void *arg), void *arg);
/* Ends all that it registered. Zeroed is fine. */
void attend_close(struct attend *attend);

#endif
