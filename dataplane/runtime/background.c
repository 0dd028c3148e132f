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
	struct loop_source *hurry; /* null: somebody waits for it */
	struct background_work work;
	pthread_t thread;
	int tid; /* 0: not known yet */
};

static void *run(void *arg);
static loop_timer_cb on_hurry;
static loop_post_cb on_done;

int
background_start(struct background **out, struct loop *loop,
	const struct background_work *work, struct err *err)
{
	struct background *background = calloc(1, sizeof(*background));
	int rc;

	if (background == NULL)
		return err_sys(err, ENOMEM, "cannot work in the background");
	*background = (struct background){.loop = loop, .work = *work};
	if (!work->awaited)
		background->hurry =
			loop_add_timer(loop, HURRY_MS, 0, on_hurry, background);
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
	if (background->work.awaited)
		priority_set_low();
	else
		priority_set_background();
	background->work.work(background->work.arg);
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
	log_info(background->work.what, "vnf=%s next=\"%s\"", background->work.vnf,
		rc == 0 ? "a small part of a CPU is given to it" : "wait");
}

static void
on_done(void *arg)
{
	struct background *background = arg;
	const struct background_work work = background->work;

	pthread_join(background->thread, NULL);
	loop_del(background->hurry);
	free(background);
	work.done(work.arg);
}
