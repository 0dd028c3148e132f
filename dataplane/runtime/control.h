/* control.h: the control thread of a VNF: its socket (docs/southbound.md, section
 * 3), signals, and the watch over the dataplane, without which the process ends.
 */
#ifndef DATAPLANE_RUNTIME_CONTROL_H
#define DATAPLANE_RUNTIME_CONTROL_H

#include <sched.h>
#include <stdbool.h>
#include "common/err.h"
#include "dataplane/runtime/crew.h"
#include "dataplane/runtime/instance.h"
#include "dataplane/runtime/job.h"

struct control;

/* Blocks SIGTERM and SIGINT in the calling thread, so before other threads are made, and
 * listens on path. They and the socket are served from control_start() on. */
int control_open(struct control **control, const char *path, struct err *err);
struct control_spec {
	struct instance *instance; /* the thread's from here on, but for what the worker
				      does */
	const struct crew *crew;   /* all that end at a signal; borrowed */
	const struct job *job;	   /* borrowed */
	int dataplane_pid;
	unsigned lcore;
	const cpu_set_t *cpus; /* where the thread may run: out of the worker's way */
};

int control_start(
	struct control *control, const struct control_spec *spec, struct err *err);
/* Ends the thread and removes the socket. Null is fine. False: a configuration was being
 * built, and still is; the instance must not be closed. */
bool control_close(struct control *control);

#endif
