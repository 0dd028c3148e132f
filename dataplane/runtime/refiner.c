/* refiner.c: see refiner.h. */
#include "dataplane/runtime/refiner.h"
#include "common/log.h"
#include "dataplane/runtime/background.h"

static background_fn refine, on_done;
static void begin(struct refiner *refiner);
static void settle(struct refiner *refiner);

void
refiner_open(struct refiner *refiner, struct loop *loop, struct instance *instance)
{
	*refiner = (struct refiner){.loop = loop, .instance = instance};
}

void
refiner_hold(struct refiner *refiner)
{
	refiner->held = true;
}

void
refiner_release(struct refiner *refiner)
{
	refiner->held = false;
	if (refiner->ended)
		settle(refiner);
	begin(refiner);
}

bool
refiner_is_busy(const struct refiner *refiner)
{
	return refiner->background != NULL;
}

static void
begin(struct refiner *refiner)
{
	struct instance *instance = refiner->instance;
	struct err err = {0};

	if (instance->vnf.type->refine == NULL || refiner->background != NULL ||
		refiner->of == instance->used)
		return;
	refiner->of = instance->refining = instance->used;
	const struct background_work work = {
		.what = "a configuration takes long to refine",
		.vnf = instance->vnf.name,
		.work = refine,
		.done = on_done,
		.arg = refiner};

	if (background_start(&refiner->background, refiner->loop, &work, &err) == 0)
		return;
	instance->refining = NULL;
	log_warn("a configuration stays as it was built", "vnf=%s reason=\"%s\"",
		instance->vnf.name, err.text);
}

static void
refine(void *arg)
{
	struct refiner *refiner = arg;
	struct vnf *vnf = &refiner->instance->vnf;

	refiner->better = NULL;
	refiner->rc =
		vnf->type->refine(vnf, refiner->of, &refiner->better, &refiner->err);
}

static void
on_done(void *arg)
{
	struct refiner *refiner = arg;

	refiner->background = NULL;
	refiner->ended = true;
	if (refiner->rc != 0)
		log_warn("a configuration stays as it was built", "vnf=%s reason=\"%s\"",
			refiner->instance->vnf.name, refiner->err.text);
	if (refiner->held)
		return;
	settle(refiner);
	begin(refiner);
}

/* Nothing is being built. */
static void
settle(struct refiner *refiner)
{
	struct instance *instance = refiner->instance;
	struct faults faults = {0};

	refiner->ended = false;
	if (refiner->better != NULL && refiner->of == instance->used) {
		instance->refining = NULL;
		if (instance_use_refined(instance, refiner->better, &faults) == 0)
			log_info("configuration refined", "vnf=%s generation=%lu",
				instance->vnf.name, instance->config_generation);
		refiner->of = instance->used; /* there is no better one */
	} else if (refiner->better != NULL) {
		instance->vnf.type->destroy(&instance->vnf, refiner->better);
	}
	refiner->better = NULL;
	instance_refined(instance);
	faults_clear(&faults);
}
