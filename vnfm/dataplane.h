/* dataplane.h: the process renga-dataplane: started or found, watched, asked. Loop thread
 * only.
 *
 * A dataplane that lives when we start is taken over. One that dies is started again,
 * with back-off; its owner is told of both.
 */
#ifndef VNFM_DATAPLANE_H
#define VNFM_DATAPLANE_H

#include <stdint.h>
#include <sys/types.h>
#include "common/child.h"
#include "common/loop.h"
#include "common/pulse.h"
#include "vnfm/ask.h"
#include "vnfm/backoff.h"
#include "vnfm/options.h"

enum dataplane_state {
	DATAPLANE_STARTING,
	DATAPLANE_READY,
	DATAPLANE_FAILED,
	DATAPLANE_ENDED
};

struct dataplane_watcher {
	void (*ready)(void *arg); /* a new one takes requests, with nothing in it */
	void (*lost)(const char *detail, void *arg);   /* it died */
	void (*hung)(const char *detail, void *arg);   /* lost() follows */
	void (*failed)(const char *detail, void *arg); /* it cannot start, or died too
							  often: tried again and again */
	void *arg;
};

struct dataplane {
	struct loop *loop;
	const struct options *options;
	struct dataplane_watcher watcher;
	enum dataplane_state state;
	pid_t pid;
	uint64_t generation;
	const struct pulse *pulse; /* its life signs; null while there are none */
	struct err why;		   /* it could not start, or hung; code ERR_NONE else */
	char shm[32]; /* address of the shared layout, for the VNFs' command line */
	unsigned restarts;
	struct backoff backoff;
	struct child child; /* while its readiness is awaited */
	struct loop_source *exit, *ready, *timer;
	uint64_t ready_ms; /* 0: not yet */
	bool told_failed;  /* since it was last ready */
	char socket[128];
	bool ending; /* its end is wanted */
};

/* Takes over the one that lives (*found true), or starts one; then dataplane_wait() must
 * follow. */
int dataplane_open(struct dataplane *dataplane, struct loop *loop,
	const struct options *options, const struct dataplane_watcher *watcher,
	bool *found, struct err *err);
/* Blocks until the one that was started is ready, or says why not. */
int dataplane_wait(struct dataplane *dataplane, struct err *err);
/* Sends it a request (takes the reference); see ask_start(). */
void dataplane_ask(struct dataplane *dataplane, json_t *request, int timeout_ms,
	ask_done *done, void *arg);
/* Its life sign `sign` has stood still: ends it hard. */
void dataplane_hung(struct dataplane *dataplane, const char *sign, uint64_t still_ms);
/* At a failed start of our own: ends the one that was started and waits for its end. */
void dataplane_abandon(struct dataplane *dataplane);
/* Asks it to end in order, then firmly. The state is DATAPLANE_ENDED when it has. */
void dataplane_end(struct dataplane *dataplane);
/* Stops watching; the process goes on. */
void dataplane_close(struct dataplane *dataplane);

const char *dataplane_state_name(enum dataplane_state state);

#endif
