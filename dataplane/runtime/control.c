/* control.c: see control.h. */
#include "dataplane/runtime/control.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/frame.h"
#include "common/log.h"
#include "common/loop.h"
#include "dataplane/runtime/builder.h"
#include "dataplane/runtime/refiner.h"
#include "dataplane/sdk/attend.h"

#define HAND_OVER_MS 500
#define LEAVE_MS     200 /* beside the time for draining */

struct control {
	struct loop *loop;
	struct frame_server *server;
	struct instance *instance;
	const struct crew *crew;
	const struct job *job;
	unsigned lcore;
	uint64_t started_ms;
	pthread_t thread;
	cpu_set_t cpus; /* where the thread may run */
	bool running;
	struct refiner refiner;
	struct builder *builder;       /* null: no configuration is being built */
	struct frame_later *configure; /* its answer */
	struct attend attend;	       /* what the plug-in watches */
};

static loop_post_cb begin;
static void wake_worker(void *arg);
static frame_handler handle;
static loop_signal_cb on_signal;
static loop_exit_cb on_dataplane_exit;
static builder_done on_built;
static void *run(void *arg);
static const char *state_name(const struct control *control);
static json_t *answer_status(
	struct control *control, const json_t *request, struct err *err);
static json_t *answer_configure(
	struct control *control, const json_t *request, struct err *err);
static json_t *answer_stats(
	struct control *control, const json_t *request, struct err *err);
static json_t *flow_cache_json(const struct flow_cache *cache);
static json_t *answer_query(
	struct control *control, const json_t *request, struct err *err);
static json_t *answer_act(
	struct control *control, const json_t *request, struct err *err);
static json_t *answer_flows(
	struct control *control, const json_t *request, struct err *err);
static vnf_flow_fn pin_flow, pin_source, pin_ends, ignore_flow;
static void pin_key(struct shm_slot *slot, struct pkt_flow_key key);
static json_t *answer_hand_over(
	struct control *control, const json_t *request, struct err *err);
static json_t *answer_leave(
	struct control *control, const json_t *request, struct err *err);
static json_t *answer_stop(
	struct control *control, const json_t *request, struct err *err);

static const struct {
	const char *op;
	json_t *(*answer)(
		struct control *control, const json_t *request, struct err *err);
} ops[] = {
	{"status", answer_status},
	{"configure", answer_configure},
	{"stats", answer_stats},
	{"query", answer_query},
	{"act", answer_act},
	{"flows", answer_flows},
	{"hand-over", answer_hand_over},
	{"leave", answer_leave},
	{"stop", answer_stop},
};

/* ---- life -------------------------------------------------------------------------- */

int
control_open(struct control **out, const char *path, struct err *err)
{
	struct control *control = calloc(1, sizeof(*control));
	int rc;

	if (control == NULL)
		return err_sys(err, ENOMEM, "cannot make the control thread");
	control->started_ms = loop_now_ms();
	rc = loop_create(&control->loop, err);
	if (rc != 0)
		goto fail;
	if (loop_add_signal(control->loop, SIGTERM, on_signal, control) == NULL ||
		loop_add_signal(control->loop, SIGINT, on_signal, control) == NULL) {
		rc = err_sys(err, errno, "cannot watch signals");
		goto fail;
	}
	rc = frame_server_open(
		control->loop, path, handle, control, &control->server, err);
	if (rc != 0)
		goto fail;
	*out = control;
	return 0;
fail:
	control_close(control);
	return rc;
}

int
control_start(struct control *control, const struct control_spec *spec, struct err *err)
{
	int rc;

	control->instance = spec->instance;
	control->crew = spec->crew;
	refiner_open(&control->refiner, control->loop, spec->instance);
	control->job = spec->job;
	control->lcore = spec->lcore;
	control->cpus = *spec->cpus;
	if (loop_add_exit(control->loop, spec->dataplane_pid, on_dataplane_exit,
		    control) == NULL)
		return err_sys(err, errno, "cannot watch the dataplane");
	rc = spec->instance->vnf.type->attend != NULL
		     ? -loop_post(control->loop, begin, control)
		     : 0;
	if (rc == 0)
		rc = pthread_create(&control->thread, NULL, run, control);
	if (rc != 0)
		return err_sys(err, rc, "cannot start the control thread");
	control->running = true;
	return 0;
}

bool
control_close(struct control *control)
{
	bool idle;

	if (control == NULL)
		return true;
	if (control->running) {
		loop_stop(control->loop);
		pthread_join(control->thread, NULL);
	}
	attend_close(&control->attend);
	frame_server_close(control->server);
	idle = control->builder == NULL && !refiner_is_busy(&control->refiner);
	if (idle) { /* else it has its thread to tell the loop */
		loop_destroy(control->loop);
		free(control);
	}
	return idle;
}

static void *
run(void *arg)
{
	struct control *control = arg;
	int rc;

	if (sched_setaffinity(0, sizeof(control->cpus), &control->cpus) != 0)
		log_warn("the control thread stays on the worker's CPU", "error=\"%s\"",
			strerror(errno));
	rc = loop_run(control->loop);

	if (rc < 0)
		log_error("the control thread ended", "error=\"%s\"", strerror(-rc));
	return NULL;
}

/* The first thing that the thread does. */
static void
begin(void *arg)
{
	struct control *control = arg;
	struct instance *instance = control->instance;

	attend_open(&control->attend, &instance->vnf, control->loop, wake_worker,
		&instance->worker);
	instance->vnf.type->attend(&instance->vnf, instance->config);
}

static void
wake_worker(void *arg)
{
	worker_wake(arg);
}

static void
on_signal(int signo, void *arg)
{
	struct control *control = arg;

	log_info("ending", "signal=%s", sigabbrev_np(signo));
	crew_stop(control->crew, WORKER_DRAIN);
}

static void
on_dataplane_exit(pid_t pid, int status, void *arg)
{
	struct control *control = arg;

	(void)status;
	log_warn("the dataplane has ended, so do we", "pid=%d", (int)pid);
	worker_stop(&control->instance->worker, WORKER_ABANDON);
}

/* ---- requests ---------------------------------------------------------------------- */

static json_t *
handle(const json_t *request, void *arg, struct err *err)
{
	const char *op = json_string_value(json_object_get(request, "op"));

	for (size_t i = 0; op != NULL && i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(ops[i].op, op) == 0)
			return ops[i].answer(arg, request, err);
	err_set(err, ERR_INVALID, "op",
		"status, configure, stats, query, act, flows, hand-over, leave, stop",
		"a VNF does not know the request '%s'", op != NULL ? op : "");
	return NULL;
}

static json_t *
answer_status(struct control *control, const json_t *request, struct err *err)
{
	const struct instance *instance = control->instance;

	(void)request;
	(void)err;
	return json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:I, s:f, s:I, s:s}", "type",
		instance->vnf.type->name, "id", control->job->id, "pid", (int)getpid(),
		"slot", (int)instance->slot->index, "lcore", (int)control->lcore, "core",
		(int)control->job->core, "revision", (json_int_t)control->job->revision,
		"uptime", (double)(loop_now_ms() - control->started_ms) / 1000,
		"configGeneration", (json_int_t)instance->config_generation, "state",
		state_name(control));
}

static const char *
state_name(const struct control *control)
{
	return __atomic_load_n(&control->instance->worker.stop, __ATOMIC_RELAXED) ==
			       WORKER_RUN
		       ? "running"
		       : "draining";
}

/* Answered by on_built(). */
static json_t *
answer_configure(struct control *control, const json_t *request, struct err *err)
{
	if (control->builder != NULL) {
		err_set(err, ERR_STATE, NULL, "try again when it is in use",
			"another configuration is being built");
		return NULL;
	}
	if (builder_start(&control->builder, control->loop, control->instance,
		    json_object_get(request, "config"), on_built, control, err) != 0)
		return NULL;
	refiner_hold(&control->refiner);
	control->configure = frame_later(control->server);
	if (control->configure == NULL)
		err_sys(err, ENOMEM, "nobody will be told of the configuration");
	return NULL;
}

static void
on_built(int rc, struct instance_config *prepared, const struct faults *built_faults,
	void *arg)
{
	struct control *control = arg;
	struct instance *instance = control->instance;
	struct faults faults = {0};
	struct err err = {0};
	json_t *reply;

	control->builder = NULL;
	if (rc == 0)
		rc = instance_use(instance, prepared, &faults);
	else
		faults_merge(&faults, built_faults, "");
	if (rc != 0) {
		faults_first(&faults, &err);
		reply = json_pack("{s:o}", "faults", faults_to_json(&faults));
	} else {
		log_info("configuration taken over", "vnf=%s generation=%lu",
			instance->vnf.name, instance->config_generation);
		reply = json_pack("{s:I}", "configGeneration",
			(json_int_t)instance->config_generation);
		if (instance->vnf.type->attend != NULL)
			instance->vnf.type->attend(&instance->vnf, instance->config);
	}
	if (control->configure != NULL)
		frame_answer(control->configure, reply, &err);
	control->configure = NULL;
	refiner_release(&control->refiner);
	faults_clear(&faults);
}

static json_t *
answer_stats(struct control *control, const json_t *request, struct err *err)
{
	const struct instance *instance = control->instance;
	json_t *stats = vnf_stats(&control->instance->vnf);

	(void)request;
	(void)err;
	json_object_set_new(stats, "configGeneration",
		json_integer((json_int_t)instance->config_generation));
	if (control->crew->cache != NULL)
		json_object_set_new(
			stats, "flowCache", flow_cache_json(control->crew->cache));
	return stats;
}

/* Of the whole group. */
static json_t *
flow_cache_json(const struct flow_cache *cache)
{
	const struct flow_cache_counts counts = flow_cache_read(cache);

	return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "entries",
		(int)counts.entries, "passed", (json_int_t)counts.passed, "whole",
		(json_int_t)counts.whole, "recorded", (json_int_t)counts.recorded, "cut",
		(json_int_t)counts.cut, "aged", (json_int_t)counts.aged, "changed",
		(json_int_t)counts.changed, "full", (json_int_t)counts.full);
}

typedef json_t *ask_fn(
	struct vnf *vnf, const char *what, const json_t *args, struct err *err);

static json_t *
ask(struct vnf *vnf, ask_fn *fn, const json_t *request, struct err *err)
{
	const char *what = json_string_value(json_object_get(request, "what"));
	const json_t *args = json_object_get(request, "args");
	json_t *none, *reply;

	if (what == NULL) {
		err_set(err, ERR_INVALID, "what", NULL, "it does not say what is asked");
		return NULL;
	}
	if (fn == NULL) {
		err_set(err, ERR_UNSUPPORTED, "what", NULL,
			"the VNF type %s knows nothing of '%s'", vnf->type->name, what);
		return NULL;
	}
	none = json_object();
	reply = fn(vnf, what, json_is_object(args) ? args : none, err);
	json_decref(none);
	return reply;
}

static json_t *
answer_query(struct control *control, const json_t *request, struct err *err)
{
	struct vnf *vnf = &control->instance->vnf;

	return ask(vnf, vnf->type->query, request, err);
}

static json_t *
answer_act(struct control *control, const json_t *request, struct err *err)
{
	struct vnf *vnf = &control->instance->vnf;

	return ask(vnf, vnf->type->act, request, err);
}

/* A fragment of the flow goes where the flow does. */
static json_t *
answer_flows(struct control *control, const json_t *request, struct err *err)
{
	struct instance *instance = control->instance;
	struct vnf *vnf = &instance->vnf;
	const bool pin = json_is_true(json_object_get(request, "pin"));
	uint32_t n = 0;

	if (pin && __atomic_load_n(&instance->slot->spread, __ATOMIC_ACQUIRE) == NULL) {
		err_set(err, ERR_STATE, "pin", NULL, "VNF '%s' has no replicas",
			vnf->name);
		return NULL;
	}
	if (vnf->type->flows != NULL)
		n = vnf->type->flows(vnf,
			!pin					  ? ignore_flow
			: vnf->type->scaling == VNF_SCALE_BY_PORT ? pin_source
			: instance->slot->spread_ends		  ? pin_ends
								  : pin_flow,
			instance->slot);
	return json_pack("{s:I}", "flows", (json_int_t)n);
}

static void
pin_flow(const struct pkt_flow *flow, void *arg)
{
	struct shm_slot *slot = arg;
	struct pkt_flow fragment = *flow;

	fragment.fragment = true;
	pin_key(slot, pkt_flow_key(flow, slot->spread->seed));
	pin_key(slot, pkt_flow_key(&fragment, slot->spread->seed));
}

static void
pin_source(const struct pkt_flow *flow, void *arg)
{
	struct shm_slot *slot = arg;
	struct pkt_flow fragment = *flow;

	fragment.fragment = true;
	pin_key(slot, pkt_flow_source_key(flow, slot->spread->seed));
	pin_key(slot, pkt_flow_source_key(&fragment, slot->spread->seed));
}

/* Whichever end of it is the one that is looked for. */
static void
pin_ends(const struct pkt_flow *flow, void *arg)
{
	const struct pkt_flow back = pkt_flow_back(flow);

	pin_source(flow, arg);
	pin_source(&back, arg);
}

static void
pin_key(struct shm_slot *slot, struct pkt_flow_key key)
{
	spread_pin(slot->spread, key.flow, slot->replica);
}

static void
ignore_flow(const struct pkt_flow *flow, void *arg)
{
	(void)flow;
	(void)arg;
}

static void
set_drain_time(struct worker *worker, const json_t *request)
{
	const json_t *timeout_ms = json_object_get(request, "timeoutMs");

	if (json_is_integer(timeout_ms) && json_integer_value(timeout_ms) > 0)
		worker->drain_ns = (uint64_t)json_integer_value(timeout_ms) * 1000000;
}

static bool
await_end(const struct worker *worker, uint64_t end_ms, struct err *err)
{
	while (!__atomic_load_n(&worker->ended, __ATOMIC_ACQUIRE)) {
		if (loop_now_ms() >= end_ms) {
			err_set(err, ERR_TIMEOUT, NULL, NULL,
				"the packet loop does not end");
			return false;
		}
		usleep(200);
	}
	return true;
}

static bool
is_named(const json_t *vnfs, const char *id)
{
	size_t i;
	json_t *name;

	json_array_foreach ((json_t *)vnfs, i, name)
		if (json_is_string(name) && strcmp(json_string_value(name), id) == 0)
			return true;
	return false;
}

/* Else its successor has its turn when it has been cleared away. */
static bool
is_handed_over(const struct worker *worker, uint64_t end_ms, struct err *err)
{
	if (!await_end(worker, end_ms, err))
		return false;
	if (worker->result != 0)
		err_set(err, ERR_STATE, NULL, NULL, "it has ended with packets in hand");
	return worker->result == 0;
}

/* Answered when the next processes have their turns. */
static json_t *
answer_hand_over(struct control *control, const json_t *request, struct err *err)
{
	const uint64_t end_ms = loop_now_ms() + HAND_OVER_MS;
	const struct crew *crew = control->crew;
	const json_t *vnfs = json_object_get(request, "vnfs");

	for (unsigned i = 0; i < crew->n; i++)
		if (crew->workers[i] == &control->instance->worker ||
			is_named(vnfs, crew->workers[i]->slot->id))
			worker_stop(crew->workers[i], WORKER_HAND_OVER);
	for (unsigned i = 0; i < crew->n; i++)
		if (crew->workers[i]->stop == WORKER_HAND_OVER &&
			!is_handed_over(crew->workers[i], end_ms, err))
			return NULL;
	return json_object();
}

/* Answered when others of the process are alone. */
static json_t *
answer_leave(struct control *control, const json_t *request, struct err *err)
{
	struct worker *worker = &control->instance->worker;

	set_drain_time(worker, request);
	log_info("leaving", "vnf=%s", control->instance->vnf.name);
	worker_stop(worker, WORKER_LEAVE);
	return await_end(
		       worker, loop_now_ms() + worker->drain_ns / 1000000 + LEAVE_MS, err)
		       ? json_object()
		       : NULL;
}

static json_t *
answer_stop(struct control *control, const json_t *request, struct err *err)
{
	(void)err;
	set_drain_time(&control->instance->worker, request);
	log_info("ending", "vnf=%s", control->instance->vnf.name);
	worker_stop(&control->instance->worker, WORKER_DRAIN);
	return json_object();
}
