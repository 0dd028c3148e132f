/* vnf_operate.c: see vnf_operate.h. */
#include "orchestrator/vnf_operate.h"

#include <string.h>
#include "orchestrator/deploy.h"
#include "orchestrator/grant.h"
#include "orchestrator/plan/operate.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/vnf_task.h"

#define TIMEOUT_S     60 /* of a graceful stop that says none */
#define TIMEOUT_MAX_S 86400

struct wish {
	bool stop;
	int drain;    /* seconds; 0: at once */
	json_t *host; /* that one that starts finds its place on */
};

static void read_request(const json_t *request, struct wish *wish, struct faults *faults);
static int accept(struct orch *orch, struct vnf_task *task, const struct wish *wish,
	const json_t *request, struct operation_answer *answer, struct faults *faults,
	struct err *err);
static json_t *target_of(
	const struct vnf_task *task, const struct wish *wish, json_t **intent);
static json_t *steps_to(
	const struct vnf_task *task, const struct wish *wish, const json_t *target);
static int give_apart(
	struct db *db, const json_t *objects, json_t *link, struct err *err);

int
vnf_operate(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct vnf_task task = {0};
	struct wish wish = {0};
	read_request(request, &wish, faults);
	if (faults->n)
		return err_errno(faults->list[0].code);
	int rc =
		wish.stop ? 0 : orch->vnfm.driver->host(orch->vnfm.self, &wish.host, err);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (rc) {
		json_decref(wish.host);
		return rc;
	}
	rc = vnf_task_open(orch, id, &task, err);
	if (!rc && wish.stop)
		rc = vnf_task_check_started(&task, err);
	else if (!rc && !task.vnf.stopped)
		rc = err_set(err, ERR_STATE, NULL, NULL, "VNF '%s' is started already",
			task.vnf.name);
	if (!rc)
		rc = accept(orch, &task, &wish, request, answer, faults, err);
	vnf_task_clear(&task);
	json_decref(wish.host);
	return operation_end(orch, rc, answer, err);
}

int
vnf_operate_done(struct db *db, const char *id, const json_t *intent, struct err *err)
{
	struct db_vnf vnf = {0};
	json_t *stopped = json_object_get(intent, "stopped"), *actual = NULL, *link;
	size_t i;
	int rc = db_vnf_get(db, id, &vnf, err);
	if (!rc) {
		json_decref(vnf.stopped);
		vnf.stopped = json_is_array(stopped) ? json_incref(stopped) : NULL;
		rc = db_vnf_update(db, &vnf, err);
	}
	if (!rc)
		rc = deploy_wanted(db, vnf.ns_id, &actual, err);
	json_array_foreach (json_object_get(intent, "apart"), i, link)
		if (!rc)
			rc = give_apart(db, actual, link, err);
	json_decref(actual);
	db_vnf_clear(&vnf);
	return rc;
}

static void
read_request(const json_t *request, struct wish *wish, struct faults *faults)
{
	const char *to = json_string_value(json_object_get(request, "changeStateTo"));
	const char *type = json_string_value(json_object_get(request, "stopType"));
	const json_t *timeout = json_object_get(request, "gracefulStopTimeout");
	const bool graceful = type && strcmp(type, "GRACEFUL") == 0;
	wish->stop = to && strcmp(to, "STOPPED") == 0;
	if (!wish->stop && (!to || strcmp(to, "STARTED") != 0))
		faults_add(faults, ERR_INVALID, "changeStateTo", "STARTED or STOPPED",
			"changeStateTo is missing or unknown");
	if (json_object_get(request, "stopType") && !graceful &&
		(!type || strcmp(type, "FORCEFUL") != 0))
		faults_add(faults, ERR_INVALID, "stopType", "GRACEFUL or FORCEFUL",
			"this is no way to stop");
	if (timeout && (!json_is_integer(timeout) || json_integer_value(timeout) < 0 ||
			       json_integer_value(timeout) > TIMEOUT_MAX_S))
		faults_add(faults, ERR_INVALID, "gracefulStopTimeout", NULL,
			"seconds from 0 to %d", TIMEOUT_MAX_S);
	if (json_object_get(request, "vnfcInstanceId"))
		faults_add(faults, ERR_UNSUPPORTED, "vnfcInstanceId",
			"scale the VNF to have fewer replicas",
			"a VNF is stopped and started as a whole");
	if (graceful)
		wish->drain = timeout ? (int)json_integer_value(timeout) : TIMEOUT_S;
}

static int
accept(struct orch *orch, struct vnf_task *task, const struct wish *wish,
	const json_t *request, struct operation_answer *answer, struct faults *faults,
	struct err *err)
{
	json_t *intent, *target = target_of(task, wish, &intent);
	json_t *steps = steps_to(task, wish, target);
	const struct operation operation = {.api = "vnf",
		.operation = "OPERATE",
		.ns_id = task->vnf.ns_id,
		.instance = task->vnf.id,
		.undo_on_failure = true,
		.params = request,
		.intent = intent,
		.steps = steps};
	int rc = grant_end(
		grant_check(orch, task->vnf.ns_id, wish->host, steps, NULL, faults, err),
		faults);
	if (!rc)
		rc = operation_accept(orch->db, &operation, answer, err);
	json_decref(target);
	json_decref(steps);
	json_decref(intent);
	return rc;
}

static json_t *
target_of(const struct vnf_task *task, const struct wish *wish, json_t **intent)
{
	json_t *left, *target;
	if (wish->stop) {
		target = operate_stop(task->actual, task->vnf.id, &left);
		*intent = json_pack("{s:o, s:[]}", "stopped", left, "apart");
	} else {
		target = operate_start(task->actual, task->vnf.stopped, &left);
		*intent = json_pack("{s:n, s:o}", "stopped", "apart", left);
	}
	return target;
}

static json_t *
steps_to(const struct vnf_task *task, const struct wish *wish, const json_t *target)
{
	json_t *steps = json_array(), *change = plan_make(task->actual, target);
	if (wish->drain)
		plan_drain(
			steps, replicas_find(task->actual, task->vnf.id, 0), wish->drain);
	json_array_extend(steps, change);
	json_decref(change);
	return steps;
}

/* A link that could not come back yet waits with the VNF at its other end. */
static int
give_apart(struct db *db, const json_t *objects, json_t *link, struct err *err)
{
	struct db_vnf vnf = {0};
	char id[80];
	if (!operate_missing(objects, link, id, sizeof(id)))
		return 0;
	int rc = db_vnf_get(db, id, &vnf, err);
	if (!rc && vnf.stopped) {
		json_array_append(vnf.stopped, link);
		rc = db_vnf_update(db, &vnf, err);
	}
	db_vnf_clear(&vnf);
	return rc == err_errno(ERR_NOT_FOUND) ? 0 : rc;
}
