/* pulse_thread.h: the thread that keeps the life signs of this process and of the VNFs
 * (common/pulse.h), and ends the process hard when it cannot go on (lockprobe.h).
 *
 * It takes no lock and waits for nobody, so that it works while all other threads hang.
 */
#ifndef DATAPLANE_HOST_PULSE_THREAD_H
#define DATAPLANE_HOST_PULSE_THREAD_H

#include "common/pulse.h"
#include "dataplane/host/lockprobe.h"
#include "dataplane/shm/layout.h"

struct pulse_thread;

/* shm and probe outlive it. */
int pulse_thread_start(struct pulse *pulse, const struct shm_host *shm,
	struct lockprobe *probe, struct pulse_thread **thread, struct err *err);
/* Null is fine. */
void pulse_thread_stop(struct pulse_thread *thread);

#endif
