/* vnf_instantiate.c: a VNF that is managed by itself begins to run, and ends. */
#include <stdio.h>
#include <string.h>
#include "db/ns_instances.h"
#include "orchestrator/deploy.h"
#include "orchestrator/descriptor/flavour.h"
#include "orchestrator/ns.h"
#include "orchestrator/params.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/plan/target.h"
#include "orchestrator/shape.h"
#include "orchestrator/vnf_alone.h"
#include "orchestrator/vnf_port.h"
#include "orchestrator/vnf_task.h"

struct begin {
	struct db_vnf vnf;
	struct db_ns ns; /* of this one VNF */
	struct deploy deploy;
};

static int load(struct orch *orch, const char *id, struct begin *begin, struct err *err);
static void make_model(struct begin *begin, const json_t *request, struct faults *faults);
static void read_vnf(struct model_vnf *vnf, const struct db_vnf *row,
	const json_t *request, struct faults *faults);
static void read_replicas(
	const json_t *replicas, struct model_vnf *vnf, struct faults *faults);
static void add_port(struct model *model, const char *vnf, const char *cp, json_t *port);
static int accept(struct orch *orch, struct begin *begin, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);
static int keep_size(struct orch *orch, struct begin *begin, struct err *err);
static int accept_end(struct orch *orch, const struct vnf_task *task,
	const json_t *request, struct operation_answer *answer, struct err *err);

int
vnf_instantiate(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct begin begin = {0};
	int rc = load(orch, id, &begin, err);
	if (!rc) {
		make_model(&begin, request, faults);
		rc = deploy_check(orch, &begin.deploy, faults, err);
	}
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (!rc) {
		rc = accept(orch, &begin, request, answer, faults, err);
		rc = operation_end(orch, rc, answer, err);
	}
	deploy_clear(&begin.deploy);
	db_ns_clear(&begin.ns);
	db_vnf_clear(&begin.vnf);
	return rc;
}

int
vnf_terminate(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct vnf_task task = {0};
	struct db_vnf row = {0};
	ns_end_check(request, "", faults);
	int rc = db_begin(orch->db, err);
	if (rc)
		return rc;
	rc = vnf_alone_get(orch, id, &row, err);
	if (!rc)
		rc = vnf_task_open(orch, id, &task, err);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = accept_end(orch, &task, request, answer, err);
	vnf_task_clear(&task);
	db_vnf_clear(&row);
	return operation_end(orch, rc, answer, err);
}

static int
load(struct orch *orch, const char *id, struct begin *begin, struct err *err)
{
	int rc = vnf_alone_get(orch, id, &begin->vnf, err);
	if (!rc && strcmp(begin->vnf.state, "NOT_INSTANTIATED") != 0)
		rc = err_set(err, ERR_STATE, NULL, NULL,
			"VNF '%s' is instantiated already", begin->vnf.name);
	if (!rc)
		rc = db_ns_get(orch->db, begin->vnf.ns_id, &begin->ns, err);
	if (!rc)
		snprintf(begin->deploy.ns, STAMP_ID, "%s", begin->ns.id);
	begin->deploy.name = begin->ns.name;
	begin->deploy.anew = true;
	return rc;
}

static void
make_model(struct begin *begin, const json_t *request, struct faults *faults)
{
	struct model *model = &begin->deploy.model;
	const json_t *ports = vnf_port_request(request, faults);
	const char *cp;
	json_t *port;
	struct model_vnf *vnf = model_add_vnf(model);
	if (!vnf)
		return;
	read_vnf(vnf, &begin->vnf, request, faults);
	json_object_foreach ((json_t *)ports, cp, port)
		add_port(model, begin->vnf.profile, cp, port);
}

static void
read_vnf(struct model_vnf *vnf, const struct db_vnf *row, const json_t *request,
	struct faults *faults)
{
	static const char *const known[] = {"ports", "config", "core", "replicas", NULL};
	const json_t *params = json_object_get(request, "additionalParams");
	const json_t *core = json_object_get(params, "core");
	vnf->dedicated =
		flavour_read(json_object_get(request, "flavourId"), "flavourId", faults);
	params_check(params, known, "additionalParams", faults);
	vnf->name = strdup(row->profile);
	vnf->type = strdup(row->type);
	vnf->config = json_incref(json_object_get(params, "config"));
	snprintf(vnf->path, MODEL_PATH, "additionalParams");
	snprintf(vnf->type_path, MODEL_PATH, "vnfdId");
	snprintf(vnf->config_path, MODEL_PATH, "additionalParams.config");
	snprintf(vnf->core_path, MODEL_PATH, "additionalParams.core");
	vnf->core = shape_number(core, 0, MODEL_CORE_MAX, -1, vnf->core_path, faults);
	read_replicas(json_object_get(params, "replicas"), vnf, faults);
}

static void
read_replicas(const json_t *replicas, struct model_vnf *vnf, struct faults *faults)
{
	const json_int_t n = json_integer_value(replicas);
	if (replicas && (n < 1 || n > MODEL_REPLICAS))
		faults_add(faults, ERR_INVALID, "additionalParams.replicas", "write 2",
			"a VNF has 1 to %d replicas", MODEL_REPLICAS);
	else
		vnf->replicas = (unsigned)n;
}

/* It is called as the connection point. */
static void
add_port(struct model *model, const char *vnf, const char *cp, json_t *port)
{
	struct model_sap *sap = model_add_sap(model);
	struct model_link *link = sap ? model_add_link(model) : NULL;
	if (!link)
		return;
	sap->name = strdup(cp);
	sap->port = json_incref(port);
	snprintf(sap->path, MODEL_PATH, VNF_PORTS ".%.80s", cp);
	link->ends[0].element = strdup(cp);
	link->ends[1].element = strdup(vnf);
	link->ends[1].cp = strdup(cp);
	memcpy(link->ends[0].path, sap->path, MODEL_PATH);
	memcpy(link->ends[1].path, sap->path, MODEL_PATH);
}

static int
accept(struct orch *orch, struct begin *begin, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	json_t *intent = json_pack("{s:s}", "flavour", "default");
	int rc = deploy_plan(orch, &begin->deploy, faults, err);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	const struct operation operation = {.api = "vnf",
		.operation = "INSTANTIATE",
		.ns_id = begin->ns.id,
		.instance = begin->vnf.id,
		.params = request,
		.intent = intent,
		.steps = begin->deploy.steps};
	if (!rc)
		rc = operation_accept(orch->db, &operation, answer, err);
	if (!rc && !answer->dry_run)
		rc = keep_size(orch, begin, err);
	json_decref(intent);
	return rc;
}

/* For grants: what its configuration needs. */
static int
keep_size(struct orch *orch, struct begin *begin, struct err *err)
{
	begin->vnf.state_size = (int64_t)begin->deploy.model.vnfs[0].state_need;
	return db_vnf_update(orch->db, &begin->vnf, err);
}

static int
accept_end(struct orch *orch, const struct vnf_task *task, const json_t *request,
	struct operation_answer *answer, struct err *err)
{
	json_t *none = json_array(), *steps = json_array();
	json_t *end = plan_make(task->actual, none);
	const json_t *service = target_find(task->actual, "service", task->vnf.ns_id);
	if (service && ns_end_seconds(request))
		plan_drain(steps, service, ns_end_seconds(request));
	json_array_extend(steps, end);
	const struct operation operation = {.api = "vnf",
		.operation = "TERMINATE",
		.ns_id = task->vnf.ns_id,
		.instance = task->vnf.id,
		.params = request,
		.steps = steps};
	int rc = operation_accept(orch->db, &operation, answer, err);
	json_decref(none);
	json_decref(steps);
	json_decref(end);
	return rc;
}
