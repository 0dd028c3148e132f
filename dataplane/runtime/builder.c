/* builder.c: see builder.h. */
#include "dataplane/runtime/builder.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/log.h"
#include "common/priority.h"

#define HURRY_MS 3000

struct builder {
	struct loop *loop;
	struct loop_source *hurry;
	struct instance *instance;
	json_t *json;
	builder_done *done;
	void *arg;
	pthread_t thread;
	int tid; /* 0: not known yet */
	int rc;
	struct instance_config prepared;
	struct faults faults;
};

static void *run(void *arg);
static loop_timer_cb on_hurry;
static loop_post_cb on_done;

int
builder_start(struct builder **out, struct loop *loop, struct instance *instance,
	json_t *json, builder_done *done, void *arg, struct err *err)
{
	struct builder *builder = calloc(1, sizeof(*builder));
	int rc;

	if (builder == NULL)
		return err_sys(err, ENOMEM, "cannot build a configuration");
	*builder = (struct builder){.loop = loop,
		.instance = instance,
		.json = json_incref(json),
		.done = done,
		.arg = arg};
	builder->hurry = loop_add_timer(loop, HURRY_MS, 0, on_hurry, builder);
	rc = pthread_create(&builder->thread, NULL, run, builder);
	if (rc == 0) {
		*out = builder;
		return 0;
	}
	loop_del(builder->hurry);
	json_decref(builder->json);
	free(builder);
	return err_sys(err, rc, "cannot build a configuration");
}

static void *
run(void *arg)
{
	struct builder *builder = arg;

	__atomic_store_n(&builder->tid, gettid(), __ATOMIC_RELEASE);
	priority_set_background();
	builder->rc = instance_build(
		builder->instance, builder->json, &builder->prepared, &builder->faults);
	while (loop_post(builder->loop, on_done, builder) != 0)
		usleep(1000);
	return NULL;
}

static void
on_hurry(void *arg)
{
	struct builder *builder = arg;
	const int tid = __atomic_load_n(&builder->tid, __ATOMIC_ACQUIRE);
	const int rc = tid != 0 ? priority_hurry(tid) : -EAGAIN;

	builder->hurry = NULL;
	log_info("a configuration takes long to build", "vnf=%s next=\"%s\"",
		builder->instance->vnf.name,
		rc == 0 ? "a small part of a CPU is given to it" : "wait");
}

static void
on_done(void *arg)
{
	struct builder *builder = arg;

	pthread_join(builder->thread, NULL);
	loop_del(builder->hurry);
	builder->done(builder->rc, &builder->prepared, &builder->faults, builder->arg);
	faults_clear(&builder->faults);
	json_decref(builder->json);
	free(builder);
}
