/* operation.c: operation occurrences, and their changes of state. */
#include "orchestrator/operation.h"

#include <stdlib.h>
#include <string.h>
#include "common/fault.h"
#include "common/log.h"
#include "orchestrator/effect.h"
#include "orchestrator/engine.h"
#include "orchestrator/event.h"
#include "orchestrator/journal.h"
#include "orchestrator/notify.h"
#include "orchestrator/schedule.h"

static json_t *intent_of_update(const struct operation *operation);
static int insert(struct db *db, const struct operation *operation, const char *id,
	int64_t due_ms, struct err *err);
static int begin(struct db *db, const struct operation *operation, const char *id,
	struct err *err);
static int apply(struct db *db, struct db_occurrence *row, enum event event,
	const json_t *reason, enum state *state, struct err *err);
static void enter(struct db_occurrence *row, enum state state, const json_t *reason);
static json_t *reason_of(enum event event, const json_t *told);
static int refuse(const struct db_occurrence *row, enum event event, struct err *err);
static void tell(struct db *db, const struct db_occurrence *row);

int
operation_accept(struct db *db, const struct operation *asked,
	struct operation_answer *answer, struct err *err)
{
	struct operation operation = *asked;
	operation.automatic |= answer->automatic;
	int rc = operation_check_free(db, operation.ns_id, err);
	if (rc)
		return rc;
	if (answer->dry_run) {
		answer->plan = json_pack("{s:s, s:O}", "operation", operation.operation,
			"steps", operation.steps);
		return 0;
	}
	if (answer->begins)
		return begin(db, &operation, answer->occurrence, err);
	json_t *intent = answer->ns_update ? intent_of_update(&operation) : NULL;
	if (intent) {
		operation.api = "ns";
		operation.operation = "UPDATE";
		operation.instance = operation.ns_id;
		operation.params = answer->ns_update;
		operation.intent = intent;
	}
	rc = insert(db, &operation, stamp_id(answer->occurrence), answer->due_ms, err);
	json_decref(intent);
	return rc;
}

int
operation_end(
	struct orch *orch, int rc, const struct operation_answer *answer, struct err *err)
{
	rc = db_end(orch->db, rc, err);
	if (!rc && *answer->occurrence)
		FAULT_POINT("operation");
	if (!rc && answer->due_ms)
		schedule_wake(orch->schedule);
	else if (!rc && *answer->occurrence)
		engine_submit(orch->engine, answer->occurrence);
	return rc;
}

static json_t *
intent_of_update(const struct operation *operation)
{
	json_t *intent = operation->intent ? json_copy((json_t *)operation->intent)
					   : json_object();
	json_object_set_new(intent, "vnfOperation", json_string(operation->operation));
	json_object_set_new(intent, "vnfInstanceId", json_string(operation->instance));
	return intent;
}

static int
insert(struct db *db, const struct operation *operation, const char *id, int64_t due_ms,
	struct err *err)
{
	char now[STAMP_TIME], starts[STAMP_TIME];
	const bool ns = strcmp(operation->api, "ns") == 0;
	const struct db_occurrence row = {.id = (char *)id,
		.api = (char *)operation->api,
		.operation = (char *)operation->operation,
		.state = (char *)state_name(
			ns && !due_ms ? STATE_PROCESSING : STATE_STARTING),
		.ns_id = (char *)operation->ns_id,
		.instance = (char *)operation->instance,
		.started = due_ms ? stamp_time_at(due_ms, starts) : now,
		.due_ms = due_ms,
		.entered = stamp_time(now),
		.automatic = operation->automatic,
		.undo_on_failure = operation->undo_on_failure,
		.params = (json_t *)operation->params,
		.intent = due_ms ? NULL : (json_t *)operation->intent};
	int rc = db_occurrence_insert(db, &row, err);
	if (!rc && !due_ms)
		rc = journal_write(db, id, operation->steps, err);
	if (!rc)
		rc = notify_occurrence(db, &row, err);
	if (!rc)
		tell(db, &row);
	return rc;
}

/* One that was kept for later. */
static int
begin(struct db *db, const struct operation *operation, const char *id, struct err *err)
{
	struct db_occurrence row = {0};
	int rc = db_occurrence_get(db, id, &row, err);
	if (!rc && !row.due_ms)
		rc = refuse(&row, EVENT_GRANTED, err); /* cancelled meanwhile */
	if (!rc) {
		enter(&row, STATE_PROCESSING, NULL);
		row.undo_on_failure = operation->undo_on_failure;
		row.intent = json_incref((json_t *)operation->intent);
		rc = db_occurrence_update(db, &row, err);
	}
	if (!rc)
		rc = journal_write(db, id, operation->steps, err);
	if (!rc)
		rc = notify_occurrence(db, &row, err);
	if (!rc)
		tell(db, &row);
	db_occurrence_clear(&row);
	return rc;
}

int
operation_get_ns(struct db *db, const char *id, struct db_ns *ns, struct err *err)
{
	int rc = db_ns_get_shown(db, id, ns, err);
	if (!rc)
		rc = operation_check_free(db, id, err);
	if (!rc && strcmp(ns->state, "INSTANTIATED") != 0)
		rc = err_set(err, ERR_STATE, NULL, NULL,
			"service '%s' is not instantiated", ns->name);
	return rc;
}

int
operation_check_free(struct db *db, const char *ns_id, struct err *err)
{
	struct db_occurrence row = {0};
	int rc = db_occurrence_get_open(db, ns_id, &row, NULL);
	if (!rc)
		rc = err_set(err, ERR_STATE, NULL,
			strcmp(row.state, "FAILED_TEMP") == 0
				? "retry, roll back or fail it first"
				: "wait until it has ended, or cancel it",
			"%s %s of this service is %s", row.operation, row.id, row.state);
	else if (rc == err_errno(ERR_NOT_FOUND))
		rc = 0;
	db_occurrence_clear(&row);
	return rc;
}

int
operation_event(struct db *db, const char *id, enum event event, const json_t *reason,
	enum state *state, struct err *err)
{
	struct db_occurrence row = {0};
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	rc = db_occurrence_get(db, id, &row, err);
	const bool forward = !rc && state_from_name(row.state) == STATE_PROCESSING;
	if (!rc)
		rc = apply(db, &row, event, reason, state, err);
	if (!rc && forward && row.undo_on_failure && *state == STATE_FAILED_TEMP)
		rc = apply(db, &row, EVENT_ROLLBACK, NULL, state, err);
	db_occurrence_clear(&row);
	return db_end(db, rc, err);
}

const char *
operation_of(const struct db_occurrence *row)
{
	const char *of_vnf =
		json_string_value(json_object_get(row->intent, "vnfOperation"));
	return of_vnf ? of_vnf : row->operation;
}

const char *
operation_instance(const struct db_occurrence *row)
{
	const char *vnf =
		json_string_value(json_object_get(row->intent, "vnfInstanceId"));
	return vnf ? vnf : row->instance;
}

bool
operation_can_roll_back(const struct db_occurrence *row)
{
	const char *operation = operation_of(row);
	return strcmp(operation, "TERMINATE") != 0 && strcmp(operation, "HEAL") != 0;
}

static int
apply(struct db *db, struct db_occurrence *row, enum event event, const json_t *reason,
	enum state *out, struct err *err)
{
	enum state next;
	const enum state now = state_from_name(row->state);
	const bool began = !row->due_ms;
	if (event == EVENT_ROLLBACK && !operation_can_roll_back(row))
		return err_set(err, ERR_NOT_FOUND, NULL, "retry it, or fail it",
			"a %s cannot be rolled back", row->operation);
	if (state_next(now, event, &next))
		return refuse(row, event, err);
	json_t *why = reason_of(event, reason);
	enter(row, next, why);
	json_decref(why);
	int rc = db_occurrence_update(db, row, err);
	if (!rc)
		rc = notify_occurrence(db, row, err);
	if (!rc && began && state_final(next))
		rc = effect_apply(db, row, next, err);
	if (!rc)
		tell(db, row);
	*out = next;
	return rc;
}

static void
enter(struct db_occurrence *row, enum state state, const json_t *reason)
{
	char now[STAMP_TIME];
	const bool granted = state == STATE_PROCESSING &&
			     state_from_name(row->state) == STATE_STARTING;
	free(row->state);
	free(row->entered);
	row->state = strdup(state_name(state));
	row->entered = strdup(stamp_time(now));
	if (row->due_ms) {
		free(row->started);
		row->started = strdup(now);
		row->due_ms = 0;
	}
	if (!granted) { /* a wish that comes with the grant is one for what begins */
		free(row->cancel);
		row->cancel = NULL;
	}
	row->duration_ms = stamp_since_ms(row->started);
	if (reason) {
		json_decref(row->error);
		row->error = json_incref((json_t *)reason);
	}
	if (state == STATE_COMPLETED) {
		json_decref(row->error);
		row->error = NULL;
	}
}

/* Who cancels says nothing. New reference, or null. */
static json_t *
reason_of(enum event event, const json_t *told)
{
	struct err err;
	if (told || event != EVENT_CANCEL)
		return json_incref((json_t *)told);
	err_set(&err, ERR_STATE, NULL, NULL, "the operation was cancelled");
	return err_to_json(&err);
}

static int
refuse(const struct db_occurrence *row, enum event event, struct err *err)
{
	return err_set(err, ERR_STATE, NULL, NULL, "%s %s is %s, which allows no %s",
		row->operation, row->id, row->state, event_name(event));
}

static void
tell(struct db *db, const struct db_occurrence *row)
{
	json_t *detail = json_pack("{s:s, s:s, s:s, s:O*}", "occurrence", row->id,
		"operation", row->operation, "state", row->state, "error", row->error);
	log_info("operation", "id=%s operation=%s ns=%s state=%s", row->id,
		row->operation, row->ns_id, row->state);
	event_add(db, NULL, "operation", row->ns_id,
		strcmp(row->api, "vnf") == 0 ? row->instance : NULL, detail);
}
