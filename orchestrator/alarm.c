/* alarm.c: alarms. */
#include "orchestrator/alarm.h"

#include <string.h>
#include "common/log.h"
#include "db/alarms.h"
#include "orchestrator/notify_alarm.h"
#include "orchestrator/observe.h"
#include "orchestrator/stamp.h"

#define HOST  "local"
#define STORE "store-ill"

/* What events do to the alarm of their VNF or port, or without one to that of the host.
 */
static const struct meaning {
	const char *event;
	const char *severity; /* null: it is well again */
	const char *cause;
} meanings[] = {
	{"vnf-failed", "CRITICAL", "the process dies again and again"},
	{"auto-heal-failed", "CRITICAL",
		"healing it as often as its policy says did not help"},
	{"vnf-waits", "MAJOR", "the process cannot be started now"},
	{"vnf-ready", NULL, NULL},
	{"dataplane-died", "CRITICAL", "the dataplane died"},
	{"dataplane-hung", "CRITICAL", "the dataplane hung and was ended"},
	{"dataplane-failed", "CRITICAL", "the dataplane cannot be started"},
	{"dataplane-ready", NULL, NULL},
	{"port-lost", "MAJOR", "the network interface of a port is gone"},
	{"port-ready", NULL, NULL},
	{STORE, "CRITICAL", "the store of the orchestrator cannot be written"},
};

static void add_store_alarm(struct orch *orch, const char *view, json_t *list);
static const struct meaning *meaning_of(const char *event);
static int raise_alarm(struct db *db, const struct db_alarm *row, struct err *err);
static int change_alarm(struct db *db, const struct db_alarm *row,
	const struct db_alarm *open, struct err *err);
static int end_alarm(
	struct db *db, const char *object, const char *time, struct err *err);
static int tell_if_cleared(struct db *db, const char *id, struct err *err);
static int tell(struct db *db, const struct db_alarm *row, struct err *err);
static bool is_well(const struct db_alarm *alarm, const json_t *observed,
	const json_t *ports, const json_t *host);
static int load(struct orch *orch, const char *view, const char *id, struct db_alarm *row,
	struct err *err);
static bool is_in(const struct db_alarm *row, const char *view);
static json_t *alarm_json(const struct db_alarm *row, const char *view);

void
alarm_take_event(struct db *db, const char *time, const char *type, const char *ns,
	const char *vnf, const char *port, const json_t *detail)
{
	const struct meaning *meaning = meaning_of(type);
	char id[STAMP_ID];
	struct err err;
	if (!meaning)
		return;
	const struct db_alarm row = {.id = stamp_id(id),
		.object = (char *)(vnf	  ? vnf
				   : port ? port
					  : HOST),
		.ns = (char *)ns,
		.vnf = (char *)vnf,
		.fault = (char *)type,
		.raised = (char *)time,
		.changed = (char *)time,
		.detail = (json_t *)detail};
	int rc = db_begin(db, &err);
	if (!rc) {
		rc = meaning->severity ? raise_alarm(db, &row, &err)
				       : end_alarm(db, row.object, time, &err);
		rc = db_end(db, rc, &err);
	}
	if (rc)
		log_error("alarm not kept", "type=%s reason=\"%s\"", type, err.text);
}

void
alarm_review(struct orch *orch)
{
	char now[STAMP_TIME];
	struct db_alarm *rows;
	size_t n;
	struct err err;
	json_t *host = NULL;
	int rc = alarm_end_gone(orch->db, stamp_time(now), &err);
	if (!rc)
		rc = db_alarm_list_open(orch->db, &rows, &n, &err);
	if (rc) {
		log_error("alarms not reviewed", "reason=\"%s\"", err.text);
		return;
	}
	json_t *observed = observe_vnfs_brief(orch), *ports = observe_ports(orch);
	if (orch->vnfm.driver->host(orch->vnfm.self, &host, NULL))
		host = NULL;
	for (size_t i = 0; i < n; i++)
		if (is_well(&rows[i], observed, ports, host) &&
			end_alarm(orch->db, rows[i].object, now, &err))
			log_error("alarm not ended", "object=%s reason=\"%s\"",
				rows[i].object, err.text);
	json_decref(host);
	json_decref(observed);
	json_decref(ports);
	db_alarms_free(rows, n);
}

int
alarm_end_gone(struct db *db, const char *time, struct err *err)
{
	struct db_alarm *rows;
	size_t n;
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	rc = db_alarm_list_open(db, &rows, &n, err);
	if (!rc) {
		rc = db_alarm_end_gone(db, time, err);
		for (size_t i = 0; !rc && i < n; i++)
			rc = tell_if_cleared(db, rows[i].id, err);
		db_alarms_free(rows, n);
	}
	return db_end(db, rc, err);
}

int
alarm_list(struct orch *orch, const char *view, json_t **list, struct err *err)
{
	struct db_alarm *rows;
	size_t n;
	int rc = db_alarm_list(orch->db, &rows, &n, err);
	if (rc)
		return rc;
	*list = json_array();
	for (size_t i = 0; i < n; i++)
		if (is_in(&rows[i], view))
			json_array_append_new(*list, alarm_json(&rows[i], view));
	db_alarms_free(rows, n);
	add_store_alarm(orch, view, *list);
	return 0;
}

/* It lasts as long as it cannot be stored. */
static void
add_store_alarm(struct orch *orch, const char *view, json_t *list)
{
	struct err err;
	char now[STAMP_TIME];
	if (strcmp(view, "ns") != 0 || !db_illness(orch->db, &err))
		return;
	stamp_time(now);
	json_t *detail = json_pack("s+++", err.text, " (", err.hint, ")");
	const struct db_alarm row = {.id = STORE,
		.object = STORE,
		.fault = STORE,
		.raised = now,
		.changed = now,
		.detail = detail};
	json_array_append_new(list, alarm_json(&row, view));
	json_decref(detail);
}

int
alarm_get(struct orch *orch, const char *view, const char *id, json_t **alarm,
	struct err *err)
{
	struct db_alarm row = {0};
	int rc = load(orch, view, id, &row, err);
	if (!rc)
		*alarm = alarm_json(&row, view);
	db_alarm_clear(&row);
	return rc;
}

int
alarm_patch(struct orch *orch, const char *view, const char *id, const json_t *request,
	json_t **changes, struct err *err)
{
	struct db_alarm row = {0};
	const char *wanted = json_string_value(json_object_get(request, "ackState"));
	const bool acknowledged = wanted && strcmp(wanted, "ACKNOWLEDGED") == 0;
	int rc = load(orch, view, id, &row, err);
	if (!rc && !acknowledged && (!wanted || strcmp(wanted, "UNACKNOWLEDGED") != 0))
		rc = err_set(err, ERR_INVALID, "ackState",
			"ACKNOWLEDGED or UNACKNOWLEDGED",
			"ackState is missing or unknown");
	if (!rc && acknowledged == row.acknowledged)
		rc = err_set(err, ERR_STATE, "ackState", NULL, "the alarm is %s already",
			wanted);
	row.acknowledged = acknowledged;
	if (!rc)
		rc = db_alarm_update(orch->db, &row, err);
	if (!rc)
		*changes = json_pack("{s:s}", "ackState", wanted);
	db_alarm_clear(&row);
	return rc;
}

static const struct meaning *
meaning_of(const char *event)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strcmp(meanings[i].event, event) == 0)
			return &meanings[i];
	return NULL;
}

/* What is ill already stays so under its first alarm, which tells the newest reason. */
static int
raise_alarm(struct db *db, const struct db_alarm *row, struct err *err)
{
	struct db_alarm open = {0};
	if (db_alarm_get_open(db, row->object, &open, NULL) != 0) {
		int rc = db_alarm_insert(db, row, err);
		return rc ? rc : tell(db, row, err);
	}
	int rc = change_alarm(db, row, &open, err);
	db_alarm_clear(&open);
	return rc;
}

static int
change_alarm(struct db *db, const struct db_alarm *row, const struct db_alarm *open,
	struct err *err)
{
	struct db_alarm changed = *open;
	if (strcmp(open->fault, row->fault) == 0 && json_equal(open->detail, row->detail))
		return 0;
	changed.fault = row->fault;
	changed.changed = row->changed;
	changed.detail = row->detail;
	int rc = db_alarm_update(db, &changed, err);
	return rc ? rc : tell(db, &changed, err);
}

static int
end_alarm(struct db *db, const char *object, const char *time, struct err *err)
{
	struct db_alarm open = {0};
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	if (db_alarm_get_open(db, object, &open, NULL) == 0) {
		rc = db_alarm_end(db, object, time, err);
		if (!rc)
			rc = tell_if_cleared(db, open.id, err);
	}
	db_alarm_clear(&open);
	return db_end(db, rc, err);
}

static int
tell_if_cleared(struct db *db, const char *id, struct err *err)
{
	struct db_alarm row = {0};
	int rc = db_alarm_get(db, id, &row, err);
	if (!rc && row.cleared)
		rc = tell(db, &row, err);
	db_alarm_clear(&row);
	return rc;
}

/* Those who subscribed to either view of it. */
static int
tell(struct db *db, const struct db_alarm *row, struct err *err)
{
	int rc = notify_alarm(db, "nsfm", row, alarm_json(row, "ns"), err);
	return rc || !is_in(row, "vnf")
		       ? rc
		       : notify_alarm(db, "vnffm", row, alarm_json(row, "vnf"), err);
}

static bool
is_well(const struct db_alarm *alarm, const json_t *observed, const json_t *ports,
	const json_t *host)
{
	const char *dataplane = json_string_value(
		json_object_get(json_object_get(host, "dataplane"), "state"));
	if (alarm->vnf)
		return strcmp(observe_state(observed, alarm->vnf), "ready") == 0;
	if (strcmp(alarm->object, HOST) != 0)
		return strcmp(observe_state(ports, alarm->object), "up") == 0;
	return dataplane && strcmp(dataplane, "ready") == 0;
}

static int
load(struct orch *orch, const char *view, const char *id, struct db_alarm *row,
	struct err *err)
{
	int rc = db_alarm_get(orch->db, id, row, err);
	if (rc || !is_in(row, view))
		return err_set(
			err, ERR_NOT_FOUND, NULL, NULL, "there is no alarm '%s'", id);
	return 0;
}

static bool
is_in(const struct db_alarm *row, const char *view)
{
	return row->vnf || strcmp(view, "ns") == 0;
}

static json_t *
alarm_json(const struct db_alarm *row, const char *view)
{
	const struct meaning *meaning = meaning_of(row->fault);
	const bool ns = strcmp(view, "ns") == 0;
	json_t *alarm = json_pack(
		"{s:s, s:s, s:s, s:s*, s:s*, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "id",
		row->id, "managedObjectId", ns && row->ns ? row->ns : row->object,
		"alarmRaisedTime", row->raised, "alarmChangedTime", row->changed,
		"alarmClearedTime", row->cleared, "ackState",
		row->acknowledged ? "ACKNOWLEDGED" : "UNACKNOWLEDGED",
		"perceivedSeverity",
		row->cleared ? "CLEARED"
			     : (meaning ? meaning->severity : "INDETERMINATE"),
		"eventTime", row->changed, "eventType", "PROCESSING_ERROR_ALARM",
		"faultType", row->fault, "probableCause",
		meaning ? meaning->cause : row->fault, "isRootCause", true);
	if (ns)
		json_object_set_new(alarm, "rootCauseFaultyComponent",
			json_pack("{s:s*}", "faultyVnfInstanceId", row->vnf));
	if (!row->vnf)
		json_object_set_new(alarm, "rootCauseFaultyResource",
			json_pack("{s:{s:s}, s:s}", "faultyResource", "resourceId",
				row->object, "faultyResourceType",
				strcmp(row->object, HOST) == 0 ? "COMPUTE" : "NETWORK"));
	if (row->detail)
		json_object_set_new(alarm, "faultDetails", json_pack("[O]", row->detail));
	return alarm;
}
