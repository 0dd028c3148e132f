/* ask.c: see ask.h. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "common/frame.h"
#include "vnfm/ask.h"

#define STACK_SIZE (256u << 10)

struct ask {
	struct loop *loop;
	char path[128];
	json_t *request, *reply;
	int timeout_ms;
	ask_done *done;
	void *arg;
	struct err err;
};

static atomic_uint pending;

static int start_thread(struct ask *ask);
static void *thread_main(void *arg);
static void deliver(void *arg);

void
ask_start(struct loop *loop, const char *path, json_t *request, int timeout_ms,
	ask_done *done, void *arg)
{
	struct ask *ask = calloc(1, sizeof(*ask));
	if (ask == NULL)
		abort(); /* an answer that never comes would be worse */
	*ask = (struct ask){.loop = loop,
		.request = request,
		.timeout_ms = timeout_ms,
		.done = done,
		.arg = arg};
	snprintf(ask->path, sizeof(ask->path), "%s", path);
	atomic_fetch_add(&pending, 1);
	int rc = start_thread(ask);
	if (rc == 0)
		return;
	err_sys(&ask->err, rc, "cannot start a thread");
	loop_post(loop, deliver, ask);
}

unsigned
ask_pending(void)
{
	return atomic_load(&pending);
}

static int
start_thread(struct ask *ask)
{
	pthread_t thread;
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	int rc = pthread_create(&thread, &attr, thread_main, ask);
	pthread_attr_destroy(&attr);
	return rc;
}

static void *
thread_main(void *arg)
{
	struct ask *ask = arg;
	if (frame_ask(ask->path, ask->request, ask->timeout_ms, &ask->reply, &ask->err) ==
		0)
		ask->err.code = ERR_NONE;
	loop_post(ask->loop, deliver, ask);
	return NULL;
}

static void
deliver(void *arg)
{
	struct ask *ask = arg;
	ask->done(ask->reply, &ask->err, ask->arg);
	json_decref(ask->reply);
	json_decref(ask->request);
	free(ask);
	atomic_fetch_sub(&pending, 1);
}
