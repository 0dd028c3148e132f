/* background.h: long work beside the packets: in a thread of its own at the lowest
 * priority, on any CPU of the platform, while the control thread goes on answering.
 *
 * If nobody lets it run (all CPUs are busy for good), it is given a small part of one
 * after three seconds. Control thread only, but for the work itself.
 */
#ifndef DATAPLANE_RUNTIME_BACKGROUND_H
#define DATAPLANE_RUNTIME_BACKGROUND_H

#include "common/err.h"
#include "common/loop.h"

struct background;

typedef void background_fn(void *arg);

/* Calls work(arg) in its thread, then done(arg) in the control thread's loop, when it is
 * gone. what, vnf: for the log; borrowed. ERR_INTERNAL if there is no thread. */
int background_start(struct background **background, struct loop *loop, const char *what,
	const char *vnf, background_fn *work, background_fn *done, void *arg,
	struct err *err);

#endif
