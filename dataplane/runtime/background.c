/* background.c: see background.h. */
#include "dataplane/runtime/background.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/log.h"
#include "common/priority.h"

#define HURRY_MS 3000

struct background {
	struct loop *loop;
	struct loop_source *hurry;
	const char *what, *vnf;
	background_fn *work, *done;
	void *arg;
	pthread_t thread;
	int tid; /* 0: not known yet */
};

static void *run(void *arg);
static loop_timer_cb on_hurry;
static loop_post_cb on_done;

int
background_start(struct background **out, struct loop *loop, const char *what,
	const char *vnf, background_fn *work, background_fn *done, void *arg,
	struct err *err)
{
	struct background *background = calloc(1, sizeof(*background));
	int rc;

	if (background == NULL)
		return err_sys(err, ENOMEM, "cannot work in the background");
	*background = (struct background){.loop = loop,
		.what = what,
		.vnf = vnf,
		.work = work,
		.done = done,
		.arg = arg};
	background->hurry = loop_add_timer(loop, HURRY_MS, 0, on_hurry, background);
	*out = background;
	rc = pthread_create(&background->thread, NULL, run, background);
	if (rc == 0)
		return 0;
	*out = NULL;
	loop_del(background->hurry);
	free(background);
	return err_sys(err, rc, "cannot work in the background");
}

static void *
run(void *arg)
{
	struct background *background = arg;

	__atomic_store_n(&background->tid, gettid(), __ATOMIC_RELEASE);
	priority_set_background();
	background->work(background->arg);
	while (loop_post(background->loop, on_done, background) != 0)
		usleep(1000);
	return NULL;
}

static void
on_hurry(void *arg)
{
	struct background *background = arg;
	const int tid = __atomic_load_n(&background->tid, __ATOMIC_ACQUIRE);
	const int rc = tid != 0 ? priority_hurry(tid) : -EAGAIN;

	background->hurry = NULL;
	log_info(background->what, "vnf=%s next=\"%s\"", background->vnf,
		rc == 0 ? "a small part of a CPU is given to it" : "wait");
}

static void
on_done(void *arg)
{
	struct background *background = arg;
	background_fn *done = background->done;

	pthread_join(background->thread, NULL);
	loop_del(background->hurry);
	arg = background->arg;
	free(background);
	done(arg);
}
