/* vnf_heal.c: see vnf_heal.h. */
#include "orchestrator/vnf_heal.h"

#include <stdio.h>
#include <string.h>
#include "db/ns_instances.h"
#include "orchestrator/deploy.h"
#include "orchestrator/plan/heal.h"
#include "orchestrator/observe.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/shape.h"
#include "orchestrator/vnf_task.h"

static bool may_lose(const json_t *request, const char *prefix, struct faults *faults);
static int plan_vnf(const struct vnf_task *task, const json_t *request, bool lose,
	json_t *steps, struct faults *faults);
static int accept(struct orch *orch, const char *api, const char *ns,
	const char *instance, const json_t *request, const json_t *steps,
	struct operation_answer *answer, struct err *err);
static void check_request(const json_t *request, struct faults *faults);
static int plan_ns(struct orch *orch, const char *id, const json_t *request,
	const json_t *observed, json_t *steps, struct faults *faults, struct err *err);
static void plan_vnfs(
	const json_t *list, const json_t *objects, json_t *steps, struct faults *faults);

int
vnf_heal(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct vnf_task task = {0};
	json_t *steps = json_array();
	const bool lose = may_lose(request, "", faults);
	int rc = db_begin(orch->db, err);
	if (!rc) {
		rc = vnf_task_open(orch, id, &task, err);
		if (!rc)
			rc = vnf_task_check_started(&task, err);
		if (!rc)
			rc = plan_vnf(&task, request, lose, steps, faults);
		if (!rc)
			rc = accept(orch, "vnf", task.vnf.ns_id, id, request, steps,
				answer, err);
		rc = operation_end(orch, rc, answer, err);
	}
	vnf_task_clear(&task);
	json_decref(steps);
	return rc;
}

int
ns_heal(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	json_t *steps = json_array(), *observed = NULL;
	check_request(request, faults);
	if (!faults->n)
		observed = observe_vnfs_brief(orch);
	int rc = db_begin(orch->db, err);
	if (!rc) {
		rc = plan_ns(orch, id, request, observed, steps, faults, err);
		if (!rc)
			rc = accept(orch, "ns", id, id, request, steps, answer, err);
		rc = operation_end(orch, rc, answer, err);
	}
	json_decref(observed);
	json_decref(steps);
	return rc;
}

/* And whether it is a request to heal a VNF at all. */
static bool
may_lose(const json_t *request, const char *prefix, struct faults *faults)
{
	static const struct shape_member members[] = {
		{"cause", SHAPE_TEXT}, {"additionalParams", SHAPE_MAP}, {0}};
	const json_t *lose = json_object_get(
		json_object_get(request, "additionalParams"), "allowStateLoss");
	char path[96];
	shape_check(request, members, prefix, faults);
	snprintf(path, sizeof(path), "%s%sadditionalParams.allowStateLoss", prefix,
		*prefix ? "." : "");
	if (lose && !json_is_boolean(lose))
		faults_add(faults, ERR_INVALID, path, "true or false",
			"this is no truth value");
	return json_is_true(lose);
}

static int
plan_vnf(const struct vnf_task *task, const json_t *request, bool lose, json_t *steps,
	struct faults *faults)
{
	const json_t *only = json_object_get(request, "vnfcInstanceId");
	size_t i;
	json_t *one;
	const size_t n = json_array_size(only);
	bool found = !json_is_array(only) || (n > 0 && n <= REPLICAS_MAX);
	if (found && json_is_array(only))
		json_array_foreach ((json_t *)only, i, one)
			found &= json_is_string(one) &&
				 heal_vnf(steps, task->actual, task->vnf.id,
					 json_string_value(one), lose);
	else if (found)
		found = (!only || json_is_string(only)) &&
			heal_vnf(steps, task->actual, task->vnf.id,
				json_string_value(only), lose);
	if (!found)
		faults_add(faults, ERR_INVALID, "vnfcInstanceId",
			"instantiatedVnfInfo.vnfcResourceInfo has them",
			"VNF '%s' has no such VNFC", task->vnf.name);
	return faults->n ? err_errno(faults->list[0].code) : 0;
}

static int
accept(struct orch *orch, const char *api, const char *ns, const char *instance,
	const json_t *request, const json_t *steps, struct operation_answer *answer,
	struct err *err)
{
	const struct operation operation = {.api = api,
		.operation = "HEAL",
		.ns_id = ns,
		.instance = instance,
		.params = request,
		.steps = steps};
	return operation_accept(orch->db, &operation, answer, err);
}

/* One of both. */
static void
check_request(const json_t *request, struct faults *faults)
{
	const json_t *ns = json_object_get(request, "healNsData");
	const json_t *vnfs = json_object_get(request, "healVnfData");
	const char *degree = json_string_value(json_object_get(ns, "degreeHealing"));
	static const struct shape_member of_ns[] = {{"actionsHealing", SHAPE_LIST},
		{"healScript", SHAPE_TEXT}, {"additionalParamsforNs", SHAPE_MAP}, {0}};
	static const struct shape_member members[] = {
		{"healNsData", SHAPE_MAP}, {"healVnfData", SHAPE_MAPS}, {0}};
	shape_check(request, members, "", faults);
	shape_check(ns, of_ns, "healNsData", faults);
	if (!ns == !vnfs)
		faults_add(faults, ERR_INVALID, NULL,
			"write {\"healNsData\": {\"degreeHealing\": \"HEAL_RESTORE\"}}",
			"either healNsData or healVnfData is to be given");
	if (vnfs && (!json_is_array(vnfs) || json_array_size(vnfs) == 0))
		faults_add(faults, ERR_INVALID, "healVnfData",
			"write [{\"vnfInstanceId\": ...}]", "this is no list of VNFs");
	if (ns && (!degree || (strcmp(degree, "HEAL_RESTORE") != 0 &&
				      strcmp(degree, "HEAL_RESET") != 0)))
		faults_add(faults, ERR_INVALID, "healNsData.degreeHealing",
			"HEAL_RESTORE or HEAL_RESET",
			"degreeHealing is missing, or cannot be done");
}

static int
plan_ns(struct orch *orch, const char *id, const json_t *request, const json_t *observed,
	json_t *steps, struct faults *faults, struct err *err)
{
	struct db_ns ns = {0};
	json_t *objects = NULL;
	const json_t *all = json_object_get(request, "healNsData");
	const char *degree = json_string_value(json_object_get(all, "degreeHealing"));
	int rc = operation_get_ns(orch->db, id, &ns, err);
	if (!rc)
		rc = deploy_wanted(orch->db, id, &objects, err);
	if (!rc && degree)
		heal_service(steps, objects, observed, strcmp(degree, "HEAL_RESET") == 0);
	else if (!rc)
		plan_vnfs(
			json_object_get(request, "healVnfData"), objects, steps, faults);
	json_decref(objects);
	db_ns_clear(&ns);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	return rc;
}

static void
plan_vnfs(const json_t *list, const json_t *objects, json_t *steps, struct faults *faults)
{
	char path[64];
	size_t i;
	json_t *one;
	json_array_foreach ((json_t *)list, i, one) {
		const char *id = json_string_value(json_object_get(one, "vnfInstanceId"));
		snprintf(path, sizeof(path), "healVnfData[%zu]", i);
		if (id && heal_vnf(steps, objects, id, NULL, may_lose(one, path, faults)))
			continue;
		snprintf(path, sizeof(path), "healVnfData[%zu].vnfInstanceId", i);
		faults_add(faults, ERR_INVALID, path, "renga get vnfs lists them",
			"the service runs no VNF instance '%s'", id ? id : "");
	}
}
