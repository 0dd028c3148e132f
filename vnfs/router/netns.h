/* netns.h: something done in another network namespace. What is opened there (a socket, a
 * TAP) stays there and is used from anywhere; the process does not move. */
#ifndef VNFS_ROUTER_NETNS_H
#define VNFS_ROUTER_NETNS_H

#include "dataplane/sdk/base.h"

/* 0 or negative errno with err. */
typedef int netns_fn(void *arg, struct err *err);

/* Calls fn in a thread of its own, which has entered the namespace of that path (null:
 * stays where we are), and waits for it. What fn returns, or why it was not called. */
int netns_run(const char *path, netns_fn *fn, void *arg, struct err *err);

#endif
