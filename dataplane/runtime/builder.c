/* builder.c: see builder.h. */
#include "dataplane/runtime/builder.h"
#include <errno.h>
#include <stdlib.h>
#include "dataplane/runtime/background.h"

struct builder {
	struct background *background;
	struct instance *instance;
	json_t *json;
	builder_done *done;
	void *arg;
	int rc;
	struct instance_config prepared;
	struct faults faults;
};

static background_fn build, on_done;

int
builder_start(struct builder **out, struct loop *loop, struct instance *instance,
	json_t *json, builder_done *done, void *arg, struct err *err)
{
	struct builder *builder = calloc(1, sizeof(*builder));
	int rc;

	if (builder == NULL)
		return err_sys(err, ENOMEM, "cannot build a configuration");
	*builder = (struct builder){.instance = instance,
		.json = json_incref(json),
		.done = done,
		.arg = arg};
	rc = background_start(&builder->background, loop,
		&(struct background_work){.what = "a configuration is built",
			.vnf = instance->vnf.name,
			.awaited = true,
			.work = build,
			.done = on_done,
			.arg = builder},
		err);
	if (rc == 0) {
		*out = builder;
		return 0;
	}
	json_decref(builder->json);
	free(builder);
	return rc;
}

static void
build(void *arg)
{
	struct builder *builder = arg;

	builder->rc = instance_build(
		builder->instance, builder->json, &builder->prepared, &builder->faults);
}

static void
on_done(void *arg)
{
	struct builder *builder = arg;

	builder->done(builder->rc, &builder->prepared, &builder->faults, builder->arg);
	faults_clear(&builder->faults);
	json_decref(builder->json);
	free(builder);
}
