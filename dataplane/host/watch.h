/* watch.h: a thread that waits on descriptors for sleeping I/O workers and rings their
 * doorbells.
 *
 * A worker cannot wait on a futex and on sockets at once: before it sleeps it arms the
 * descriptors of its ports, each for one event (EPOLLONESHOT, level-triggered: what came
 * before the arming counts), and sleeps on its doorbell.
 */
#ifndef DATAPLANE_HOST_WATCH_H
#define DATAPLANE_HOST_WATCH_H

#include "common/err.h"
#include "dataplane/shm/layout.h"

struct watch;

/* bells[i] is the doorbell of worker i; they outlive the watch. */
int watch_start(struct shm_doorbell *bells, struct watch **watch, struct err *err);
/* Null is fine. */
void watch_stop(struct watch *watch);
/* Disarmed at first. The worker's bell is rung when fd becomes readable while armed. */
int watch_add(struct watch *watch, int fd, unsigned worker, struct err *err);
void watch_del(struct watch *watch, int fd);
/* Any thread. */
void watch_arm(struct watch *watch, int fd, unsigned worker);

#endif
