/* ns_instantiate.c: a descriptor and a request become a running service. */
#include <stdio.h>
#include <string.h>
#include "db/ns_instances.h"
#include "db/nsds.h"
#include "orchestrator/adopt.h"
#include "orchestrator/descriptor/affinity_form.h"
#include "orchestrator/deploy.h"
#include "orchestrator/plan/merge.h"
#include "orchestrator/ns.h"
#include "orchestrator/descriptor/ns_levels.h"
#include "orchestrator/descriptor/nsd_form.h"
#include "orchestrator/operation.h"
#include "orchestrator/schedule.h"
#include "orchestrator/shape.h"

static void check_request(const json_t *request, struct faults *faults);
static int load(struct orch *orch, const char *id, struct db_ns *ns, struct db_nsd *nsd,
	struct err *err);
static void overlay_configs(
	struct model *model, const json_t *request, struct faults *faults);
static void overlay_config(struct model *model, const json_t *params, const char *path,
	struct faults *faults);
static void set_level(struct model *model, const json_t *nsd, const json_t *request,
	struct faults *faults);
static void check_adopted(
	const struct model *model, const json_t *adopted, struct faults *faults);
static int accept(struct orch *orch, struct deploy *deploy, const json_t *request,
	json_t *adopted, struct operation_answer *answer, struct faults *faults,
	struct err *err);

int
ns_instantiate(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct db_ns ns = {0};
	struct db_nsd nsd = {0};
	struct deploy deploy = {0};
	json_t *adopted;
	const char *flavour = json_string_value(json_object_get(request, "nsFlavourId"));
	int rc = load(orch, id, &ns, &nsd, err);
	check_request(request, faults);
	schedule_read(request, "startTime", answer, faults);
	if (!rc && !flavour)
		faults_add(faults, ERR_INVALID, "nsFlavourId",
			"the id of a df of the descriptor", "nsFlavourId is missing");
	if (!rc) {
		deploy.name = ns.name;
		deploy.anew = true;
		snprintf(deploy.ns, sizeof(deploy.ns), "%s", id);
		nsd_form_parse(nsd_form_find(nsd.nsd), flavour, &deploy.model, faults);
		ns_bind_ports(&deploy.model, request, faults);
		overlay_configs(&deploy.model, request, faults);
		affinity_from_request(request, &deploy.model, faults);
		set_level(&deploy.model, nsd_form_find(nsd.nsd), request, faults);
		rc = deploy_check(orch, &deploy, faults, err);
	}
	adopt_read(orch, json_object_get(request, "vnfInstanceData"), "vnfInstanceData",
		&adopted, faults);
	if (!rc)
		check_adopted(&deploy.model, adopted, faults);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = accept(orch, &deploy, request, adopted, answer, faults, err);
	json_decref(adopted);
	deploy_clear(&deploy);
	db_nsd_clear(&nsd);
	db_ns_clear(&ns);
	return rc;
}

static void
check_request(const json_t *request, struct faults *faults)
{
	static const struct shape_member members[] = {
		{"nsInstantiationLevelId", SHAPE_TEXT}, {"sapData", SHAPE_MAPS},
		{"addpnfData", SHAPE_MAPS}, {"vnfInstanceData", SHAPE_MAPS},
		{"nestedNsInstanceData", SHAPE_MAPS}, {"locationConstraints", SHAPE_MAPS},
		{"additionalParamsForNs", SHAPE_MAP},
		{"additionalParamForNestedNs", SHAPE_MAPS},
		{"additionalParamsForVnf", SHAPE_MAPS},
		{"additionalAffinityOrAntiAffinityRule", SHAPE_MAPS}, {0}};
	static const struct shape_member of_vnf[] = {
		{"additionalParams", SHAPE_MAP}, {0}};
	char path[64];
	size_t i;
	json_t *params;
	shape_check(request, members, "", faults);
	json_array_foreach (
		json_object_get(request, "additionalParamsForVnf"), i, params) {
		snprintf(path, sizeof(path), "additionalParamsForVnf[%zu]", i);
		shape_check(params, of_vnf, path, faults);
	}
}

static int
load(struct orch *orch, const char *id, struct db_ns *ns, struct db_nsd *nsd,
	struct err *err)
{
	int rc = db_ns_get_shown(orch->db, id, ns, err);
	if (!rc)
		rc = operation_check_free(orch->db, id, err);
	if (!rc && strcmp(ns->state, "NOT_INSTANTIATED") != 0)
		rc = err_set(err, ERR_STATE, NULL, NULL,
			"service '%s' is instantiated already", ns->name);
	if (!rc)
		rc = db_nsd_get(orch->db, ns->nsd_info_id, nsd, err);
	return rc;
}

void
ns_bind_ports(struct model *model, const json_t *request, struct faults *faults)
{
	static const struct shape_member of_request[] = {
		{"additionalParamsForNs", SHAPE_MAP}, {0}};
	static const struct shape_member of_params[] = {{"ports", SHAPE_MAP}, {0}};
	const json_t *params = json_object_get(request, "additionalParamsForNs"),
		     *ports = json_object_get(params, "ports");
	char path[MODEL_PATH];
	const char *name;
	json_t *port;
	shape_check(request, of_request, "", faults);
	shape_check(params, of_params, "additionalParamsForNs", faults);
	json_object_foreach ((json_t *)ports, name, port) {
		const int sap = model_find_sap(model, name);
		snprintf(path, sizeof(path), "additionalParamsForNs.ports.%.100s", name);
		if (sap < 0) {
			faults_add(faults, ERR_INVALID, path,
				"name a sapd of the descriptor",
				"the service has no SAP '%s'", name);
			continue;
		}
		json_decref(model->saps[sap].port);
		model->saps[sap].port = json_incref(port);
		memcpy(model->saps[sap].path, path, sizeof(path));
	}
}

static void
overlay_configs(struct model *model, const json_t *request, struct faults *faults)
{
	char path[MODEL_PATH];
	size_t i;
	json_t *params;
	json_array_foreach (
		json_object_get(request, "additionalParamsForVnf"), i, params) {
		snprintf(path, sizeof(path), "additionalParamsForVnf[%zu]", i);
		overlay_config(model, params, path, faults);
	}
}

static void
overlay_config(struct model *model, const json_t *params, const char *path,
	struct faults *faults)
{
	const char *profile = json_string_value(json_object_get(params, "vnfProfileId"));
	const json_t *config =
		json_object_get(json_object_get(params, "additionalParams"), "config");
	const int index = profile ? model_find_vnf(model, profile) : -1;
	if (index < 0) {
		faults_add(faults, ERR_INVALID, path,
			"name a vnf-profile of the descriptor",
			"the service has no VNF profile '%s'", profile ? profile : "");
		return;
	}
	if (!config)
		return;
	struct model_vnf *vnf = &model->vnfs[index];
	json_t *merged = merge_patch(vnf->config, config);
	json_decref(vnf->config);
	vnf->config = merged;
	snprintf(vnf->config_path, MODEL_PATH, "%.100s.additionalParams.config", path);
}

static void
set_level(struct model *model, const json_t *nsd, const json_t *request,
	struct faults *faults)
{
	const char *flavour = json_string_value(json_object_get(request, "nsFlavourId"));
	const json_t *level = json_object_get(request, "nsInstantiationLevelId");
	const json_t *mapping =
		ns_levels_instantiation(nsd, flavour, json_string_value(level));
	size_t i;
	json_t *item;
	if (level && !mapping)
		faults_add(faults, ERR_INVALID, "nsInstantiationLevelId",
			"the id of an ns-instantiation-level of its flavour",
			"the descriptor has no such instantiation level");
	json_array_foreach ((json_t *)mapping, i, item) {
		const char *profile =
			json_string_value(json_object_get(item, "vnf-profile-id"));
		const json_int_t n =
			json_integer_value(json_object_get(item, "number-of-instances"));
		const int vnf = profile ? model_find_vnf(model, profile) : -1;
		if (vnf < 0 || n < 1 || n > MODEL_REPLICAS)
			faults_add(faults, ERR_INVALID, "nsInstantiationLevelId", NULL,
				"the level cannot be: it gives '%s' %lld instances",
				profile ? profile : "", (long long)n);
		else
			model->vnfs[vnf].replicas = (unsigned)n;
	}
}

/* They are of the types that the service has there. */
static void
check_adopted(const struct model *model, const json_t *adopted, struct faults *faults)
{
	char path[64];
	size_t i;
	json_t *one;
	json_array_foreach ((json_t *)adopted, i, one) {
		const char *profile = json_string_value(json_object_get(one, "profile"));
		const char *type = json_string_value(json_object_get(one, "type"));
		const int at = model_find_vnf(model, profile);
		snprintf(path, sizeof(path), "vnfInstanceData[%zu].vnfProfileId", i);
		if (at < 0)
			faults_add(faults, ERR_INVALID, path,
				"name a vnf-profile of the descriptor",
				"the service has no VNF profile '%s'", profile);
		else if (model->vnfs[at].type && strcmp(model->vnfs[at].type, type) != 0)
			faults_add(faults, ERR_INVALID, path, "name one of its type",
				"'%s' is to be of type '%s', not '%s'", profile,
				model->vnfs[at].type, type);
	}
}

static int
accept(struct orch *orch, struct deploy *deploy, const json_t *request, json_t *adopted,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	const bool now = !answer->dry_run && !answer->due_ms;
	json_t *intent = json_pack("{s:O, s:O}", "flavour",
		json_object_get(request, "nsFlavourId"), "adopted", adopted);
	int rc = db_begin(orch->db, err);
	if (!rc) {
		if (now)
			rc = adopt_take(orch, deploy->ns, deploy->name, adopted, err);
		if (!rc)
			rc = deploy_plan(orch, deploy, faults, err);
		if (!rc && faults->n)
			rc = err_errno(faults->list[0].code);
		const struct operation operation = {.api = "ns",
			.operation = "INSTANTIATE",
			.ns_id = deploy->ns,
			.instance = deploy->ns,
			.params = request,
			.intent = intent,
			.steps = deploy->steps};
		if (!rc)
			rc = operation_accept(orch->db, &operation, answer, err);
		if (!rc && now)
			rc = deploy_add_vnfs(orch, deploy, answer->occurrence, err);
		if (!rc && now)
			rc = adopt_mark(orch->db, adopted, answer->occurrence, err);
		rc = operation_end(orch, rc, answer, err);
	}
	json_decref(intent);
	return rc;
}
