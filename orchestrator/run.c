/* run.c: one operation carried out: forward along its journal, or back. */
#include "orchestrator/run.h"

#include <string.h>
#include <time.h>
#include "common/fault.h"
#include "common/log.h"
#include "db/occurrences.h"
#include "orchestrator/journal.h"
#include "orchestrator/operation.h"
#include "orchestrator/perform.h"
#include "orchestrator/step.h"

#define STORE_MS 500 /* between attempts while the store cannot be written */

enum outcome { OUTCOME_DONE, OUTCOME_ERROR, OUTCOME_CANCEL, OUTCOME_STOP };

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
static enum outcome interrupted(struct run *run, const char *id, bool forced_only);
static enum outcome failed(struct run *run, const struct db_step *step,
	const struct err *err, json_t **reason);

void
run_open(struct run *run, struct db *db, const struct vnfm *vnfm)
{
	run->db = db;
	run->vnfm = vnfm;
	run->rests = NULL;
	run->arg = NULL;
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
		if (state == STATE_STARTING)
			outcome = interrupted(run, id, false);
		else if (state == STATE_PROCESSING)
			outcome = forward(run, id, &reason);
		else if (state == STATE_ROLLING_BACK)
			outcome = backward(run, id, &reason);
		else
			return;
		if (outcome == OUTCOME_STOP)
			return;
		const bool granted = state == STATE_STARTING && outcome == OUTCOME_DONE;
		rc = enter(run, id, granted ? EVENT_GRANTED : events[outcome], reason,
			&state, &err);
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
	FAULT_POINT("operation");
	return rc;
}

static int
keep(struct run *run, journal_fn *fn, struct db_step *step, struct err *err)
{
	int rc;
	do
		rc = fn(run->db, step, err);
	while (run_may_try_again(run, rc, err));
	FAULT_POINT("operation");
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
	return !run_stopping(run, STORE_MS);
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
		return run_stopping(run, 0) ? OUTCOME_STOP : OUTCOME_ERROR;
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
		return run_stopping(run, 0) ? OUTCOME_STOP : OUTCOME_ERROR;
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
		rc = perform_do(run, step, &err);
	FAULT_POINT("operation");
	if (!rc)
		rc = keep(run, journal_done, step, &err);
	if (rc == err_errno(ERR_STATE) && run_stopping(run, 0))
		return OUTCOME_STOP;
	return rc ? failed(run, step, &err, reason) : OUTCOME_DONE;
}

/* What a VNFM that is gone cannot be told is no failure: the store does not want the
 * object any more, and reconciliation will tell it. */
static enum outcome
undo_step(struct run *run, struct db_step *step, json_t **reason)
{
	struct err err;
	int rc = keep(run, journal_begin_undo, step, &err);
	if (!rc)
		rc = perform_undo(run, step, &err);
	FAULT_POINT("operation");
	if (rc == err_errno(ERR_UNAVAILABLE))
		rc = 0;
	if (!rc)
		rc = keep(run, journal_undone, step, &err);
	if (rc == err_errno(ERR_STATE) && run_stopping(run, 0))
		return OUTCOME_STOP;
	return rc ? failed(run, step, &err, reason) : OUTCOME_DONE;
}

bool
run_stopping(struct run *run, unsigned wait_ms)
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

bool
run_cancelled(struct run *run, const char *id)
{
	return interrupted(run, id, true) == OUTCOME_CANCEL;
}

static enum outcome
interrupted(struct run *run, const char *id, bool forced_only)
{
	struct db_occurrence row = {0};
	struct err err;
	if (run_stopping(run, 0))
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
