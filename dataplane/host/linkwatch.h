/* linkwatch.h: a socket that the kernel wakes us by when a network interface comes, goes
 * or changes (rtnetlink). What has changed is not read: whoever is told looks. */
#ifndef DATAPLANE_HOST_LINKWATCH_H
#define DATAPLANE_HOST_LINKWATCH_H

#include "common/loop.h"

struct linkwatch;

/* changed is called in the loop's thread, once for a burst of changes. */
int linkwatch_start(struct loop *loop, void (*changed)(void *arg), void *arg,
	struct linkwatch **watch, struct err *err);
/* Null is fine. */
void linkwatch_stop(struct linkwatch *watch);

#endif
