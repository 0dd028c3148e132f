/* schedule.c: see schedule.h. */
#include "orchestrator/schedule.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "common/log.h"
#include "db/occurrences.h"
#include "orchestrator/host.h"
#include "orchestrator/ns.h"
#include "orchestrator/ns_scale.h"
#include "orchestrator/pacer.h"
#include "orchestrator/stamp.h"

#define RETRY_MS   500	 /* of what is due and has to wait */
#define LONGEST_MS 60000 /* without a look */

typedef int task_fn(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

/* What can be asked for ahead of its time. */
static const struct {
	const char *operation;
	task_fn *task;
} tasks[] = {{"INSTANTIATE", ns_instantiate}, {"SCALE", ns_scale},
	{"TERMINATE", ns_terminate}};

struct schedule {
	struct orch *orch;
	struct pacer pacer;
};

static void *schedule_thread(void *arg);
static bool begin_due(struct schedule *schedule);
static bool begin(struct orch *orch, const struct db_occurrence *row);
static int carry_out(struct orch *orch, const struct db_occurrence *row,
	const json_t *request, struct faults *faults, struct err *err);
static bool has_to_wait(struct orch *orch, const struct db_occurrence *row, int rc);
static int refuse(struct db *db, const char *id, const struct err *why, struct err *err);
static struct timespec at(int64_t ms);

int
schedule_open(struct orch *orch, struct schedule **out, struct err *err)
{
	struct schedule *schedule = calloc(1, sizeof(*schedule));
	if (!schedule)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	schedule->orch = orch;
	int rc = pacer_open(&schedule->pacer, schedule_thread, schedule, err);
	if (rc)
		free(schedule);
	else
		*out = schedule;
	return rc;
}

bool
schedule_close(struct schedule *schedule)
{
	if (!schedule)
		return true;
	if (!pacer_stop(&schedule->pacer))
		return false;
	pacer_clear(&schedule->pacer);
	free(schedule);
	return true;
}

void
schedule_wake(struct schedule *schedule)
{
	if (schedule)
		pacer_wake(&schedule->pacer);
}

void
schedule_read(const json_t *request, const char *member, struct operation_answer *answer,
	struct faults *faults)
{
	const json_t *time = json_object_get(request, member);
	const char *text = json_string_value(time);
	if (!time || answer->begins)
		return;
	if (!text || !stamp_is_time(text))
		faults_add(faults, ERR_INVALID, member, "2026-11-29T21:00:00Z",
			"this is no time");
	else if (stamp_since_ms(text) < 0)
		answer->due_ms = stamp_ms(text);
}

int
schedule_forget(struct db *db, const char *ns_id, struct err *err)
{
	struct db_occurrence *rows;
	struct err why;
	size_t n;
	int rc = db_occurrence_list_scheduled(db, ns_id, &rows, &n, err);
	if (rc)
		return rc;
	err_set(&why, ERR_NOT_FOUND, NULL, NULL, "the network service was deleted");
	for (size_t i = 0; !rc && i < n; i++)
		rc = refuse(db, rows[i].id, &why, err);
	db_occurrences_free(rows, n);
	return rc;
}

static void *
schedule_thread(void *arg)
{
	struct schedule *schedule = arg;
	int64_t until = 0;
	while (!pacer_rest(&schedule->pacer, at(until))) {
		const int64_t now = stamp_us() / 1000;
		int64_t next = INT64_MAX;
		if (begin_due(schedule))
			next = now + RETRY_MS;
		else if (db_occurrence_next_due(schedule->orch->db, &next, NULL))
			next = now + RETRY_MS;
		until = next > now + LONGEST_MS ? now + LONGEST_MS : next;
	}
	return NULL;
}

/* Whether one has to wait. */
static bool
begin_due(struct schedule *schedule)
{
	struct orch *orch = schedule->orch;
	struct db_occurrence *rows;
	size_t n;
	bool waits = false;
	if (db_occurrence_list_due(orch->db, stamp_us() / 1000, &rows, &n, NULL))
		return true;
	for (size_t i = 0; i < n; i++)
		waits |= !begin(orch, &rows[i]);
	db_occurrences_free(rows, n);
	return waits;
}

/* False: not yet. */
static bool
begin(struct orch *orch, const struct db_occurrence *row)
{
	struct faults faults = {0};
	struct err err = {0};
	json_t *request = NULL;
	if (operation_check_free(orch->db, row->ns_id, NULL) || host_ready(orch, NULL))
		return false;
	int rc = db_occurrence_get_params(orch->db, row->id, &request, &err);
	if (!rc)
		rc = carry_out(orch, row, request, &faults, &err);
	json_decref(request);
	if (rc && faults.n)
		faults_first(&faults, &err);
	faults_clear(&faults);
	if (!rc)
		return true;
	if (has_to_wait(orch, row, rc))
		return false;
	log_warn("operation that was due is refused", "id=%s operation=%s reason=\"%s\"",
		row->id, row->operation, err.text);
	return refuse(orch->db, row->id, &err, NULL) == 0;
}

static int
carry_out(struct orch *orch, const struct db_occurrence *row, const json_t *request,
	struct faults *faults, struct err *err)
{
	struct operation_answer answer = {.begins = true};
	memcpy(answer.occurrence, row->id, strlen(row->id) + 1);
	for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++)
		if (strcmp(tasks[i].operation, row->operation) == 0)
			return tasks[i].task(
				orch, row->ns_id, request, &answer, faults, err);
	return err_set(err, ERR_UNSUPPORTED, NULL, NULL, "a %s has no time to begin at",
		row->operation);
}

/* For another operation, for the VNFM, or for the store. */
static bool
has_to_wait(struct orch *orch, const struct db_occurrence *row, int rc)
{
	return rc == err_errno(ERR_UNAVAILABLE) || rc == err_errno(ERR_TIMEOUT) ||
	       db_is_passing(rc) || operation_check_free(orch->db, row->ns_id, NULL);
}

/* One that was cancelled meanwhile is no matter. */
static int
refuse(struct db *db, const char *id, const struct err *why, struct err *err)
{
	enum state state;
	json_t *reason = err_to_json(why);
	int rc = operation_event(db, id, EVENT_REFUSED, reason, &state, err);
	json_decref(reason);
	return rc == err_errno(ERR_STATE) ? 0 : rc;
}

static struct timespec
at(int64_t ms)
{
	return (struct timespec){ms / 1000, (ms % 1000) * 1000000};
}
