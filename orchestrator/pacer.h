/* pacer.h: a thread that looks at something again and again, until it is to stop.
 *
 * Part of a larger struct, zeroed before. What others may see of that has the pacer's
 * lock.
 */
#ifndef ORCHESTRATOR_PACER_H
#define ORCHESTRATOR_PACER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include "common/err.h"

struct pacer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* one of these, or what the owner has under the lock */
	bool stop, woken;
};

/* Starts it with run(arg). */
int pacer_open(struct pacer *pacer, void *(*run)(void *arg), void *arg, struct err *err);
/* Has it stop. False: it is busy still (it waits for the VNFM, say), and the call is to
 * be repeated. */
bool pacer_stop(struct pacer *pacer);
/* Of one that has stopped. */
void pacer_clear(struct pacer *pacer);

/* For the thread: waits until that time (pacer_after()), or pacer_wake(). Whether it is
 * time to stop. */
bool pacer_rest(struct pacer *pacer, struct timespec until);
bool pacer_pause(struct pacer *pacer, unsigned ms); /* not to be woken but to stop */
/* Any thread: has pacer_rest() end. */
void pacer_wake(struct pacer *pacer);

struct timespec pacer_after(unsigned ms);

#endif
