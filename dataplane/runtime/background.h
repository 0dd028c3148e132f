/* background.h: long work beside the packets: in a thread of its own, on any CPU where
 * the control thread may run, while that goes on answering.
 *
 * What somebody waits for runs in short slices with the share of any other thread that
 * carries no packets (priority_set_low()). What nobody waits for gets what is left over;
 * if nothing is (all CPUs are busy for good), it is given a small part of one after three
 * seconds. Control thread only, but for the work itself.
 */
#ifndef DATAPLANE_RUNTIME_BACKGROUND_H
#define DATAPLANE_RUNTIME_BACKGROUND_H

#include <stdbool.h>
#include "common/err.h"
#include "common/loop.h"

struct background;

typedef void background_fn(void *arg);

struct background_work {
	const char *what, *vnf; /* for the log; borrowed */
	bool awaited;		/* somebody waits for it */
	background_fn *work, *done;
	void *arg;
};

/* Calls work(arg) in its thread, then done(arg) in the control thread's loop, when it is
 * gone. ERR_INTERNAL if there is no thread. */
int background_start(struct background **background, struct loop *loop,
	const struct background_work *work, struct err *err);

#endif
