/* run.c: one operation carried out: forward along its journal, or back. */
#include "orchestrator/run.h"

#include <string.h>
#include <time.h>
#include "common/log.h"
#include "common/loop.h"
#include "db/occurrences.h"
#include "orchestrator/event.h"
#include "orchestrator/journal.h"
#include "orchestrator/operation.h"
#include "orchestrator/step.h"

#define PATIENCE_MS   10000 /* with a VNFM that does not answer */
#define PAUSE_MS      100
#define STORE_MS      500 /* between attempts while the store cannot be written */
#define DRAIN_LOOK_MS 250
#define SLICE_MS      500 /* of a wait, between looks at a forced cancel */

enum outcome { OUTCOME_DONE, OUTCOME_ERROR, OUTCOME_CANCEL, OUTCOME_STOP };

typedef int step_fn(struct run *run, const struct db_step *step, struct err *err);

static int enter(struct run *run, const char *id, enum event event, const json_t *reason,
	enum state *state, struct err *err);
static enum outcome forward(struct run *run, const char *id, json_t **reason);
static enum outcome backward(struct run *run, const char *id, json_t **reason);
static enum outcome do_step(struct run *run, struct db_step *step, json_t **reason);
static enum outcome undo_step(struct run *run, struct db_step *step, json_t **reason);
typedef int journal_fn(struct db *db, struct db_step *step, struct err *err);

static int keep(struct run *run, journal_fn *fn, struct db_step *step, struct err *err);
typedef int list_fn(struct db *db, const char *occurrence, struct db_step **steps,
	size_t *n, struct err *err);
static int list_steps(struct run *run, list_fn *list, const char *id,
	struct db_step **steps, size_t *n, struct err *err);
static int patiently(
	struct run *run, step_fn *fn, const struct db_step *step, struct err *err);
static step_fn carry_out, take_back, wait_ready, spread, unspread;
static int spread_to(
	struct run *run, const struct db_step *step, const json_t *doc, struct err *err);
static unsigned most_replicas(const struct db_step *step);
static void tell_cut(struct run *run, const struct db_step *step, const json_t *done);
static bool stopping(struct run *run, unsigned wait_ms);
static enum outcome interrupted(struct run *run, const char *id, bool forced_only);
static enum outcome failed(struct run *run, const struct db_step *step,
	const struct err *err, json_t **reason);

void
run_open(struct run *run, struct db *db, const struct vnfm *vnfm)
{
	run->db = db;
	run->vnfm = vnfm;
	run->stop = false;
	pthread_mutex_init(&run->lock, NULL);
	pthread_cond_init(&run->stopped, NULL);
}

void
run_stop(struct run *run)
{
	pthread_mutex_lock(&run->lock);
	run->stop = true;
	pthread_cond_broadcast(&run->stopped);
	pthread_mutex_unlock(&run->lock);
}

void
run_close(struct run *run)
{
	pthread_cond_destroy(&run->stopped);
	pthread_mutex_destroy(&run->lock);
}

void
run_occurrence(struct run *run, const char *id)
{
	static const enum event events[] = {[OUTCOME_DONE] = EVENT_DONE,
		[OUTCOME_ERROR] = EVENT_ERROR,
		[OUTCOME_CANCEL] = EVENT_CANCEL};
	struct db_occurrence row = {0};
	struct err err;
	enum state state;
	int rc;
	do
		rc = db_occurrence_get(run->db, id, &row, &err);
	while (run_may_try_again(run, rc, &err));
	if (!rc)
		state = state_from_name(row.state);
	db_occurrence_clear(&row);
	while (!rc) {
		json_t *reason = NULL;
		enum outcome outcome;
		if (state == STATE_STARTING) {
			rc = enter(run, id, EVENT_GRANTED, NULL, &state, &err);
			continue;
		}
		if (state == STATE_PROCESSING)
			outcome = forward(run, id, &reason);
		else if (state == STATE_ROLLING_BACK)
			outcome = backward(run, id, &reason);
		else
			return;
		if (outcome == OUTCOME_STOP)
			return;
		rc = enter(run, id, events[outcome], reason, &state, &err);
		json_decref(reason);
	}
	run_complain("operation cannot go on", &err);
}

/* A store that cannot be written is waited for: the operation stays as it is meanwhile.
 */
static int
enter(struct run *run, const char *id, enum event event, const json_t *reason,
	enum state *state, struct err *err)
{
	int rc;
	do
		rc = operation_event(run->db, id, event, reason, state, err);
	while (run_may_try_again(run, rc, err));
	return rc;
}

static int
keep(struct run *run, journal_fn *fn, struct db_step *step, struct err *err)
{
	int rc;
	do
		rc = fn(run->db, step, err);
	while (run_may_try_again(run, rc, err));
	return db_is_passing(rc) ? err_set(err, ERR_STATE, NULL, NULL,
					   "the orchestrator is stopping")
				 : rc;
}

static int
list_steps(struct run *run, list_fn *list, const char *id, struct db_step **steps,
	size_t *n, struct err *err)
{
	int rc;
	do
		rc = list(run->db, id, steps, n, err);
	while (run_may_try_again(run, rc, err));
	return rc;
}

bool
run_may_try_again(struct run *run, int rc, const struct err *err)
{
	if (!db_is_passing(rc))
		return false;
	run_complain("an operation waits for the store", err);
	return !stopping(run, STORE_MS);
}

void
run_complain(const char *what, const struct err *err)
{
	log_error(what, "reason=\"%s\" hint=\"%s\"", err->text, err->hint);
}

static enum outcome
forward(struct run *run, const char *id, json_t **reason)
{
	struct db_step *steps;
	size_t n;
	struct err err;
	enum outcome outcome = OUTCOME_DONE;
	if (list_steps(run, db_step_list_ahead, id, &steps, &n, &err)) {
		*reason = err_to_json(&err);
		return stopping(run, 0) ? OUTCOME_STOP : OUTCOME_ERROR;
	}
	for (size_t i = 0; outcome == OUTCOME_DONE && i < n; i++) {
		if (strcmp(steps[i].state, "done") == 0)
			continue;
		outcome = interrupted(run, id, false);
		if (outcome == OUTCOME_DONE)
			outcome = do_step(run, &steps[i], reason);
	}
	db_steps_free(steps, n);
	return outcome;
}

static enum outcome
backward(struct run *run, const char *id, json_t **reason)
{
	struct db_step *steps;
	size_t n;
	struct err err;
	enum outcome outcome = OUTCOME_DONE;
	if (list_steps(run, db_step_list, id, &steps, &n, &err)) {
		*reason = err_to_json(&err);
		return stopping(run, 0) ? OUTCOME_STOP : OUTCOME_ERROR;
	}
	for (size_t i = n; outcome == OUTCOME_DONE && i-- > 0;) {
		const char *state = steps[i].state;
		if (strcmp(state, "todo") == 0 || strcmp(state, "undone") == 0)
			continue;
		outcome = interrupted(run, id, false);
		if (outcome == OUTCOME_DONE)
			outcome = undo_step(run, &steps[i], reason);
	}
	db_steps_free(steps, n);
	return outcome;
}

static enum outcome
do_step(struct run *run, struct db_step *step, json_t **reason)
{
	struct err err;
	int rc = keep(run, journal_begin, step, &err);
	if (!rc)
		rc = patiently(run,
			strcmp(step->action, "wait") == 0     ? wait_ready
			: strcmp(step->action, "spread") == 0 ? spread
							      : carry_out,
			step, &err);
	if (!rc)
		rc = keep(run, journal_done, step, &err);
	if (rc == err_errno(ERR_STATE) && stopping(run, 0))
		return OUTCOME_STOP;
	return rc ? failed(run, step, &err, reason) : OUTCOME_DONE;
}

/* What a VNFM that is gone cannot be told is no failure: the store does not want the
 * object any more, and reconciliation will tell it. */
static enum outcome
undo_step(struct run *run, struct db_step *step, json_t **reason)
{
	struct err err;
	const bool brings_back =
		strcmp(step->action, "del") == 0 && strcmp(step->kind, "vnf") == 0;
	int rc = keep(run, journal_begin_undo, step, &err);
	if (!rc && strcmp(step->action, "wait") != 0)
		rc = patiently(run,
			strcmp(step->action, "spread") == 0 ? unspread : take_back, step,
			&err);
	if (!rc && brings_back && wait_ready(run, step, &err) != 0)
		run_complain("VNF is not ready again", &err);
	if (rc == err_errno(ERR_UNAVAILABLE))
		rc = 0;
	if (!rc)
		rc = keep(run, journal_undone, step, &err);
	if (rc == err_errno(ERR_STATE) && stopping(run, 0))
		return OUTCOME_STOP;
	return rc ? failed(run, step, &err, reason) : OUTCOME_DONE;
}

/* A VNFM that is being restarted is waited for, and so is a VNF. */
static int
patiently(struct run *run, step_fn *fn, const struct db_step *step, struct err *err)
{
	int rc;
	unsigned waited = 0;
	for (;;) {
		rc = fn(run, step, err);
		if (rc != err_errno(ERR_UNAVAILABLE) || waited >= PATIENCE_MS)
			return rc;
		if (stopping(run, PAUSE_MS))
			return err_set(err, ERR_STATE, NULL, NULL,
				"the orchestrator is stopping");
		waited += PAUSE_MS;
	}
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
	const uint64_t until =
		loop_now_ms() +
		1000 * (uint64_t)json_integer_value(json_object_get(doc, "drain"));
	for (;;) {
		json_t *told = NULL;
		const bool force = shrinks && loop_now_ms() >= until;
		int rc = run->vnfm->driver->spread(
			run->vnfm->self, step->object, n, force, &told, err);
		const bool begins = !rc && json_is_true(json_object_get(doc, "begin"));
		const bool done = begins || json_is_true(json_object_get(told, "done"));
		if (!begins && !rc && done)
			tell_cut(run, step, told);
		json_decref(told);
		if (done ||
			(rc && (!shrinks || force || rc != err_errno(ERR_UNAVAILABLE))))
			return rc;
		if (stopping(run, DRAIN_LOOK_MS))
			return err_set(err, ERR_STATE, NULL, NULL,
				"the orchestrator is stopping");
		if (interrupted(run, step->occurrence, true) == OUTCOME_CANCEL)
			return err_set(err, ERR_STATE, NULL, NULL,
				"the operation was cancelled");
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

static void
tell_cut(struct run *run, const struct db_step *step, const json_t *done)
{
	json_t *sessions = json_object_get(done, "sessions");
	if (json_integer_value(sessions) == 0)
		return;
	log_warn("sessions cut", "vnf=%s sessions=%lld reason=\"their replica goes\"",
		step->object, (long long)json_integer_value(sessions));
	event_add(run->db, NULL, "sessions-cut", step->ns, step->object,
		json_pack("{s:O}", "sessions", sessions));
}

static int
wait_ready(struct run *run, const struct db_step *step, struct err *err)
{
	const uint64_t until = loop_now_ms() + STEP_READY_MS;
	for (;;) {
		json_t *actual = NULL;
		int rc = run->vnfm->driver->wait_ready(
			run->vnfm->self, step->object, SLICE_MS, &actual, err);
		json_decref(actual);
		if (rc != err_errno(ERR_TIMEOUT))
			return rc;
		if (stopping(run, 0))
			return err_set(err, ERR_STATE, NULL, NULL,
				"the orchestrator is stopping");
		if (interrupted(run, step->occurrence, true) == OUTCOME_CANCEL)
			return err_set(err, ERR_STATE, NULL, NULL,
				"the operation was cancelled");
		if (loop_now_ms() >= until)
			return err_set(err, ERR_TIMEOUT, NULL,
				"its log says more: renga logs",
				"the VNF was not ready within %d s",
				STEP_READY_MS / 1000);
	}
}

static bool
stopping(struct run *run, unsigned wait_ms)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += wait_ms * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&run->lock);
	if (!run->stop && wait_ms)
		pthread_cond_timedwait(&run->stopped, &run->lock, &until);
	const bool stop = run->stop;
	pthread_mutex_unlock(&run->lock);
	return stop;
}

static enum outcome
interrupted(struct run *run, const char *id, bool forced_only)
{
	struct db_occurrence row = {0};
	struct err err;
	if (stopping(run, 0))
		return OUTCOME_STOP;
	if (db_occurrence_get(run->db, id, &row, &err)) {
		run_complain("operation cannot be read", &err);
		return OUTCOME_DONE; /* the next step asks again */
	}
	const bool cancel =
		row.cancel && (!forced_only || strcmp(row.cancel, "FORCEFUL") == 0);
	db_occurrence_clear(&row);
	return cancel ? OUTCOME_CANCEL : OUTCOME_DONE;
}

static enum outcome
failed(struct run *run, const struct db_step *step, const struct err *err,
	json_t **reason)
{
	*reason = step_reason(run->vnfm, step, err);
	log_warn("step failed", "operation=%s step=\"%s %s\" object=%s reason=\"%s\"",
		step->occurrence, step->action, step->kind, step->object, err->text);
	return OUTCOME_ERROR;
}
