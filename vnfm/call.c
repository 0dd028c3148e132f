/* call.c: see call.h. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include "vnfm/call.h"

static void run(void *arg);
static bool wait_for_end(struct call *call);
static void finish(struct call *call);
static void release(struct call *call);

struct call *
call_create(
	struct service *service, void (*run_it)(struct call *call), unsigned timeout_ms)
{
	struct call *call = calloc(1, sizeof(*call));
	if (call == NULL)
		return NULL;
	call->service = service;
	call->run = run_it;
	call->timeout_ms = timeout_ms;
	pthread_mutex_init(&call->lock, NULL);
	pthread_condattr_t clock;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&call->changed, &clock);
	pthread_condattr_destroy(&clock);
	return call;
}

int
call_perform(struct call *call, struct loop *loop, json_t **reply, int *outcome,
	struct err *err)
{
	unsigned timeout_ms = call->timeout_ms;
	int rc = loop_post(loop, run, call);
	if (rc != 0) {
		release(call);
		return err_sys(err, -rc, "cannot hand over the request");
	}
	if (!wait_for_end(call))
		return err_set(err, ERR_TIMEOUT, NULL, "look again later: it goes on",
			"it was not done after %u ms", timeout_ms);
	rc = call->rc;
	if (rc != 0 && err != NULL)
		*err = call->err;
	if (rc == 0 && outcome != NULL)
		*outcome = call->outcome;
	if (rc == 0 && reply != NULL) {
		*reply = call->reply;
		call->reply = NULL;
	}
	release(call);
	return rc;
}

void
call_finish(struct call *call, int outcome, json_t *reply)
{
	call->outcome = outcome;
	call->reply = reply;
	finish(call);
}

void
call_fail(struct call *call, const struct err *err)
{
	call->err = *err;
	call->rc = err_errno(err->code);
	finish(call);
}

static void
run(void *arg)
{
	struct call *call = arg;
	if (!call->service->closing) {
		call->run(call);
		return;
	}
	struct err err;
	err_set(&err, ERR_UNAVAILABLE, NULL, "repeat the request",
		"renga-vnfm is ending");
	call_fail(call, &err);
}

/* False: it takes too long, and whoever finishes it releases it. */
static bool
wait_for_end(struct call *call)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += call->timeout_ms / 1000;
	until.tv_nsec += (long)(call->timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&call->lock);
	while (!call->done)
		if (pthread_cond_timedwait(&call->changed, &call->lock, &until) ==
			ETIMEDOUT)
			break;
	bool done = call->done;
	call->abandoned = !done;
	pthread_mutex_unlock(&call->lock);
	return done;
}

static void
finish(struct call *call)
{
	pthread_mutex_lock(&call->lock);
	call->done = true;
	bool abandoned = call->abandoned;
	pthread_cond_signal(&call->changed);
	pthread_mutex_unlock(&call->lock);
	if (abandoned)
		release(call);
}

static void
release(struct call *call)
{
	json_decref(call->doc);
	json_decref(call->reply);
	pthread_cond_destroy(&call->changed);
	pthread_mutex_destroy(&call->lock);
	free(call);
}
