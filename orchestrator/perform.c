/* perform.c: see perform.h. */
#include "orchestrator/perform.h"

#include <stdio.h>
#include <string.h>
#include "common/log.h"
#include "common/loop.h"
#include "orchestrator/event.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/step.h"

#define PAUSE_MS      100
#define DRAIN_LOOK_MS 250
#define SLICE_MS      500 /* of a wait, between looks at a forced cancel */

typedef int step_fn(struct run *run, const struct db_step *step, struct err *err);

static step_fn carry_out, take_back, bring_back, wait_ready, spread, unspread, drain,
	nothing;

static const struct action {
	const char *name;
	step_fn *perform, *undo;
	bool rests; /* it may wait for sessions to end */
} actions[] = {
	{"put", carry_out, take_back, false},
	{"del", carry_out, bring_back, false},
	{"relink", carry_out, take_back, false},
	{"wait", wait_ready, nothing, false},
	{"spread", spread, unspread, true},
	{"drain", drain, nothing, true},
};

static const struct action *action_of(const struct db_step *step);
static int carry(struct run *run, const struct action *action, step_fn *fn,
	const struct db_step *step, struct err *err);
static int patiently(
	struct run *run, step_fn *fn, const struct db_step *step, struct err *err);
static int pause_or_end(
	struct run *run, const struct db_step *step, unsigned ms, struct err *err);
static int spread_to(
	struct run *run, const struct db_step *step, const json_t *doc, struct err *err);
static unsigned most_replicas(const struct db_step *step);
static int count_sessions(struct run *run, const struct db_step *step, json_int_t *n);
static void tell_cut(struct run *run, const struct db_step *step, json_int_t sessions);
static uint64_t due(const json_t *doc, const char *member);

int
perform_do(struct run *run, const struct db_step *step, struct err *err)
{
	const struct action *action = action_of(step);
	return action ? carry(run, action, action->perform, step, err)
		      : err_set(err, ERR_UNSUPPORTED, NULL, "install a newer renga",
				"a step '%s' is not known", step->action);
}

int
perform_undo(struct run *run, const struct db_step *step, struct err *err)
{
	const struct action *action = action_of(step);
	return action ? carry(run, action, action->undo, step, err) : 0;
}

static const struct action *
action_of(const struct db_step *step)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].name, step->action) == 0)
			return &actions[i];
	return NULL;
}

static int
carry(struct run *run, const struct action *action, step_fn *fn,
	const struct db_step *step, struct err *err)
{
	if (!action->rests || !run->rests)
		return patiently(run, fn, step, err);
	run->rests(run->arg, true);
	int rc = patiently(run, fn, step, err);
	run->rests(run->arg, false);
	return rc;
}

/* A VNFM that is being restarted is waited for, and so is a VNF. */
static int
patiently(struct run *run, step_fn *fn, const struct db_step *step, struct err *err)
{
	int rc;
	int64_t waited = 0;
	for (;;) {
		rc = fn(run, step, err);
		if (rc != err_errno(ERR_UNAVAILABLE) || waited >= step->timeout_ms)
			return rc;
		rc = pause_or_end(run, step, PAUSE_MS, err);
		if (rc)
			return rc;
		waited += PAUSE_MS;
	}
}

static int
pause_or_end(struct run *run, const struct db_step *step, unsigned ms, struct err *err)
{
	if (run_cancelled(run, step->occurrence))
		return err_set(err, ERR_STATE, NULL, NULL, "the operation was cancelled");
	if (run_stopping(run, ms))
		return err_set(
			err, ERR_STATE, NULL, NULL, "the orchestrator is stopping");
	return 0;
}

static int
carry_out(struct run *run, const struct db_step *step, struct err *err)
{
	return step_do(run->vnfm, step, err);
}

static int
take_back(struct run *run, const struct db_step *step, struct err *err)
{
	return step_undo(run->vnfm, step, err);
}

/* The next undone step may join it again: it should run then. */
static int
bring_back(struct run *run, const struct db_step *step, struct err *err)
{
	struct err late;
	int rc = step_undo(run->vnfm, step, err);
	if (!rc && strcmp(step->kind, "vnf") == 0 && wait_ready(run, step, &late) != 0)
		run_complain("VNF is not ready again", &late);
	return rc;
}

static int
nothing(struct run *run, const struct db_step *step, struct err *err)
{
	(void)run;
	(void)step;
	(void)err;
	return 0;
}

static int
wait_ready(struct run *run, const struct db_step *step, struct err *err)
{
	const uint64_t until = loop_now_ms() + (uint64_t)step->timeout_ms;
	for (;;) {
		json_t *actual = NULL;
		int rc = run->vnfm->driver->wait_ready(
			run->vnfm->self, step->object, SLICE_MS, &actual, err);
		json_decref(actual);
		if (rc != err_errno(ERR_TIMEOUT))
			return rc;
		rc = pause_or_end(run, step, 0, err);
		if (rc)
			return rc;
		if (loop_now_ms() >= until)
			return err_set(err, ERR_TIMEOUT, NULL,
				"its log says more: renga logs",
				"the VNF was not ready within %d s",
				(int)(step->timeout_ms / 1000));
	}
}

static int
spread(struct run *run, const struct db_step *step, struct err *err)
{
	return spread_to(run, step, step->wanted, err);
}

static int
unspread(struct run *run, const struct db_step *step, struct err *err)
{
	return spread_to(run, step, step->before, err);
}

/* Replicas that go may have sessions: these have their time to end. One that does not run
 * has that time to come back. */
static int
spread_to(struct run *run, const struct db_step *step, const json_t *doc, struct err *err)
{
	const unsigned n = (unsigned)json_integer_value(json_object_get(doc, "replicas"));
	const bool shrinks = n < most_replicas(step);
	const uint64_t until = due(doc, "drain");
	for (;;) {
		json_t *told = NULL;
		const bool force = shrinks && loop_now_ms() >= until;
		int rc = run->vnfm->driver->spread(
			run->vnfm->self, step->object, n, force, &told, err);
		const bool begins = !rc && json_is_true(json_object_get(doc, "begin"));
		const bool done = begins || json_is_true(json_object_get(told, "done"));
		if (!begins && !rc && done)
			tell_cut(run, step,
				json_integer_value(json_object_get(told, "sessions")));
		json_decref(told);
		if (done ||
			(rc && (!shrinks || force || rc != err_errno(ERR_UNAVAILABLE))))
			return rc;
		rc = pause_or_end(run, step, DRAIN_LOOK_MS, err);
		if (rc)
			return rc;
	}
}

static unsigned
most_replicas(const struct db_step *step)
{
	const json_int_t a =
		json_integer_value(json_object_get(step->wanted, "replicas"));
	const json_int_t b =
		json_integer_value(json_object_get(step->before, "replicas"));
	return (unsigned)(a > b ? a : b);
}

/* What cannot be counted, because it does not run, is not waited for. */
static int
drain(struct run *run, const struct db_step *step, struct err *err)
{
	const uint64_t until = due(step->wanted, "timeout");
	for (;;) {
		json_int_t sessions = 0;
		const bool over = loop_now_ms() >= until;
		int rc = count_sessions(run, step, &sessions);
		if (!rc && over)
			tell_cut(run, step, sessions);
		if (over || (!rc && sessions == 0) ||
			(rc && rc != err_errno(ERR_UNAVAILABLE)))
			return 0;
		rc = pause_or_end(run, step, DRAIN_LOOK_MS, err);
		if (rc)
			return rc;
	}
}

/* Of a VNF with all its replicas, or of a service with all its VNFs. */
static int
count_sessions(struct run *run, const struct db_step *step, json_int_t *n)
{
	const bool all = strcmp(step->kind, "service") == 0;
	json_t *stats = NULL, *vnf;
	char of[80];
	size_t i;
	int rc = run->vnfm->driver->stats(run->vnfm->self, step->ns, &stats, NULL);
	json_array_foreach (json_object_get(stats, "vnfs"), i, vnf) {
		const char *id = json_string_value(json_object_get(vnf, "id"));
		if (id && (all || strcmp(replicas_of(id, of, sizeof(of)), step->object) ==
					  0))
			*n += json_integer_value(json_object_get(vnf, "sessions"));
	}
	json_decref(stats);
	return rc;
}

static void
tell_cut(struct run *run, const struct db_step *step, json_int_t sessions)
{
	const bool vnf = strcmp(step->kind, "vnf") == 0;
	if (sessions == 0)
		return;
	log_warn("sessions cut", "ns=%s vnf=%s sessions=%lld reason=\"it ends\"",
		step->ns, vnf ? step->object : "-", (long long)sessions);
	event_add(run->db, NULL, "sessions-cut", step->ns, vnf ? step->object : NULL,
		json_pack("{s:I}", "sessions", sessions));
}

/* A member of seconds from now. */
static uint64_t
due(const json_t *doc, const char *member)
{
	return loop_now_ms() +
	       1000 * (uint64_t)json_integer_value(json_object_get(doc, member));
}
