/* manager.c: see manager.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/dirs.h"
#include "common/log.h"
#include "vnfm/adopt.h"
#include "vnfm/converge.h"
#include "vnfm/leftovers.h"
#include "vnfm/logs.h"
#include "vnfm/manager.h"
#include "vnfm/step.h"
#include "vnfm/succession.h"
#include "vnfm/supervisor.h"

#define ROTATE_MS 10000

static int make_folders(struct err *err);
static int open_catalog(struct manager *manager, struct err *err);
static int pick_core(const struct options *options);
static void round_of(struct manager *manager, uint64_t now_ms, uint64_t *due_ms);
static bool act(
	struct manager *manager, struct object *object, enum converge_action action);
static void set_due(struct manager *manager, uint64_t now_ms, uint64_t due_ms);
static void on_due(void *arg);
static void on_rotation(void *arg);
static void on_dataplane_ready(void *arg);
static void on_dataplane_lost(const char *detail, void *arg);
static void on_dataplane_hung(const char *detail, void *arg);
static void on_dataplane_failed(const char *detail, void *arg);
static void forget_applied(struct manager *manager);
static bool is_empty(const struct wanted *wanted);

int
manager_open(struct manager *manager, struct loop *loop, const struct options *options,
	struct err *err)
{
	const struct dataplane_watcher watcher = {.ready = on_dataplane_ready,
		.lost = on_dataplane_lost,
		.hung = on_dataplane_hung,
		.failed = on_dataplane_failed,
		.arg = manager};
	bool found = false;
	*manager = (struct manager){
		.loop = loop, .options = options, .default_core = pick_core(options)};
	wanted_init(&manager->wanted);
	spares_open(&manager->spares, manager);
	manager->events = events_create();
	if (manager->events == NULL)
		return err_sys(err, ENOMEM, "cannot keep events");
	int rc = make_folders(err);
	if (rc == 0)
		rc = dataplane_open(
			&manager->dataplane, loop, options, &watcher, &found, err);
	if (rc == 0)
		rc = open_catalog(manager, err);
	if (rc == 0 && !found) {
		adopt_sweep(manager);
		rc = dataplane_wait(&manager->dataplane, err);
	}
	if (rc == 0 && found)
		rc = adopt_all(manager, err);
	if (rc != 0 && !found) {
		dataplane_abandon(&manager->dataplane);
		leftovers_remove();
	}
	if (rc != 0)
		return rc;
	events_add(
		manager->events, "dataplane-ready", "", "", found ? "found" : "started");
	if (lookout_start(manager) != 0)
		return err_sys(err, ENOMEM, "cannot look at life signs");
	manager->rotation =
		loop_add_timer(loop, ROTATE_MS, ROTATE_MS, on_rotation, manager);
	spares_fill(&manager->spares);
	manager_converge(manager);
	return 0;
}

void
manager_close(struct manager *manager)
{
	struct object *vnf;
	TAILQ_FOREACH (vnf, &manager->wanted.lists[OBJECT_VNF], entry)
		supervisor_release(vnf);
	spares_close(&manager->spares);
	loop_del(manager->due);
	lookout_stop(manager);
	loop_del(manager->rotation);
	dataplane_close(&manager->dataplane);
	wanted_clear(&manager->wanted);
	catalog_destroy(manager->catalog);
	events_destroy(manager->events);
}

/* Steps change the set, so a round is repeated until one finds nothing to do. */
void
manager_converge(struct manager *manager)
{
	manager->again = true;
	if (manager->converging)
		return;
	manager->converging = true;
	uint64_t now_ms = loop_now_ms(), due_ms = UINT64_MAX;
	while (manager->again) {
		manager->again = false;
		due_ms = UINT64_MAX;
		round_of(manager, now_ms, &due_ms);
	}
	manager->converging = false;
	set_due(manager, now_ms, due_ms);
	if (manager->changed != NULL)
		manager->changed(manager->changed_arg);
	if (manager->ending && !manager->dataplane.ending && is_empty(&manager->wanted))
		dataplane_end(&manager->dataplane);
	if (manager->dataplane.state == DATAPLANE_ENDED) {
		leftovers_remove();
		loop_stop(manager->loop);
	}
}

void
manager_end(struct manager *manager)
{
	manager->ending = manager->converging = true; /* one round at the end */
	lookout_stop(manager);
	spares_close(&manager->spares);
	for (unsigned kind = 0; kind < OBJECT_KINDS; kind++) {
		struct object *object;
		TAILQ_FOREACH (object, &manager->wanted.lists[kind], entry) {
			object->unwanted = true;
			if (kind == OBJECT_VNF) {
				succession_abandon(object);
				manager_event(manager, object, LIFECYCLE_DELETE, "");
			}
		}
	}
	manager->converging = false;
	manager_converge(manager);
}

void
manager_event(struct manager *manager, struct object *vnf, enum lifecycle_event event,
	const char *detail)
{
	enum lifecycle_state before = vnf->vnf.state;
	struct lifecycle_step step = lifecycle_step(before, event);
	vnf->vnf.state = step.next;
	if (step.next != before)
		log_info("vnf state", "vnf=%s from=%s to=%s event=%s detail=\"%s\"",
			vnf->name, lifecycle_state_name(before),
			lifecycle_state_name(step.next), lifecycle_event_name(event),
			detail);
	if (step.report != LIFECYCLE_QUIET)
		events_add(manager->events, lifecycle_report_name(step.report), vnf->ns,
			vnf->id, detail);
	manager_converge(manager);
}

static int
make_folders(struct err *err)
{
	static const char *const folders[] = {"log", "vnf", "conf", NULL};
	int rc = dirs_make(dirs_runtime(), 0755, err);
	for (const char *const *folder = folders; rc == 0 && *folder != NULL; folder++) {
		char path[256];
		rc = dirs_runtime_path(path, sizeof(path), "%s", *folder) != 0
			     ? err_set(err, ERR_INVALID, NULL,
				       "use a shorter RENGA_RUNTIME_DIR",
				       "the run-time directory's name is too long")
			     : dirs_make(path, 0750, err);
	}
	return rc;
}

static int
open_catalog(struct manager *manager, struct err *err)
{
	char program[512], dir[256];
	snprintf(program, sizeof(program), "%s/renga-vnf", child_self_dir());
	dirs_runtime_path(dir, sizeof(dir), "conf");
	manager->catalog = catalog_create(program, dir);
	if (manager->catalog == NULL)
		return err_sys(err, ENOMEM, "cannot keep the VNF types");
	return catalog_load(manager->catalog, err);
}

/* The last that is not busy with the ports. */
static int
pick_core(const struct options *options)
{
	for (unsigned i = options->cores.n; i > 0; i--)
		if (!cores_has(&options->io_cores, options->cores.cpus[i - 1]))
			return options->cores.cpus[i - 1];
	return options->io_core;
}

static void
round_of(struct manager *manager, uint64_t now_ms, uint64_t *due_ms)
{
	bool ready = manager->dataplane.state == DATAPLANE_READY;
	for (unsigned kind = 0; kind < OBJECT_KINDS; kind++) {
		struct object *object, *next;
		for (object = TAILQ_FIRST(&manager->wanted.lists[kind]); object != NULL;
			object = next) {
			next = TAILQ_NEXT(object, entry);
			enum converge_action action = converge_next(
				&manager->wanted, object, ready, now_ms, due_ms);
			if (action != CONVERGE_NONE && act(manager, object, action))
				manager->again = true;
		}
	}
}

/* True if another round may find more to do. */
static bool
act(struct manager *manager, struct object *object, enum converge_action action)
{
	switch (action) {
	case CONVERGE_NONE:
		return false;
	case CONVERGE_PUT:
	case CONVERGE_DEL:
	case CONVERGE_CLEAR:
		step_ask(manager, object, action);
		return false;
	case CONVERGE_SPAWN:
		supervisor_spawn(manager, object);
		return false;
	case CONVERGE_SUCCEED:
		succession_start(manager, object);
		return false;
	case CONVERGE_MOVE:
		succession_want(object, NULL);
		return true;
	case CONVERGE_REJOIN:
		supervisor_rejoin(manager, object);
		return true;
	case CONVERGE_STOP:
		supervisor_stop(manager, object);
		return false;
	case CONVERGE_FORGET:
		log_info("object gone", "kind=%s id=\"%s\"",
			wanted_kind_name(object->kind), object->id);
		if (object->kind == OBJECT_VNF)
			manager_event(manager, object, LIFECYCLE_GONE, "");
		leftovers_remove_vnf(object);
		wanted_del(&manager->wanted, object);
		return true;
	}
	return false;
}

static void
set_due(struct manager *manager, uint64_t now_ms, uint64_t due_ms)
{
	loop_del(manager->due);
	manager->due = NULL;
	if (due_ms != UINT64_MAX)
		manager->due = loop_add_timer(
			manager->loop, due_ms - now_ms, 0, on_due, manager);
}

static void
on_due(void *arg)
{
	struct manager *manager = arg;
	manager->due = NULL;
	manager_converge(manager);
}

static void
on_rotation(void *arg)
{
	(void)arg;
	logs_rotate();
}

static void
on_dataplane_ready(void *arg)
{
	struct manager *manager = arg;
	events_add(manager->events, "dataplane-ready", "", "", "restarted");
	spares_fill(&manager->spares);
	manager_converge(manager);
}

static void
on_dataplane_lost(const char *detail, void *arg)
{
	struct manager *manager = arg;
	if (!manager->dataplane.ending)
		events_add(manager->events, "dataplane-died", "", "", detail);
	spares_drop(&manager->spares);
	forget_applied(manager);
	manager_converge(manager);
}

static void
on_dataplane_hung(const char *detail, void *arg)
{
	struct manager *manager = arg;
	events_add(manager->events, "dataplane-hung", "", "", detail);
}

static void
on_dataplane_failed(const char *detail, void *arg)
{
	struct manager *manager = arg;
	events_add(manager->events, "dataplane-failed", "", "", detail);
}

/* Everything is to be put again. */
static void
forget_applied(struct manager *manager)
{
	manager->converging = true; /* one round at the end */
	for (unsigned kind = 0; kind < OBJECT_KINDS; kind++) {
		struct object *object;
		TAILQ_FOREACH (object, &manager->wanted.lists[kind], entry) {
			json_decref(object->applied);
			json_decref(object->actual);
			object->applied = object->actual = NULL;
			object->retry_ms = 0;
			if (kind == OBJECT_VNF)
				supervisor_lost(manager, object);
			else
				object->error = (struct err){0};
		}
	}
	manager->converging = false;
}

static bool
is_empty(const struct wanted *wanted)
{
	for (unsigned kind = 0; kind < OBJECT_KINDS; kind++)
		if (!TAILQ_EMPTY(&wanted->lists[kind]))
			return false;
	return true;
}
