/* vnf.c: VNF instances. */
#include "orchestrator/vnf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field.h"
#include "db/objects.h"
#include "db/occurrences.h"
#include "db/packages.h"
#include "db/vnf_instances.h"
#include "orchestrator/deploy.h"
#include "orchestrator/descriptor/flavour.h"
#include "orchestrator/keeper.h"
#include "orchestrator/plan/merge.h"
#include "orchestrator/observe.h"
#include "orchestrator/operation.h"
#include "orchestrator/params.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/shape.h"
#include "orchestrator/vnf_alone.h"
#include "orchestrator/vnf_port.h"

#define CONFIG_PATH "vnfConfigurableProperties.config"

static int list_json(struct orch *orch, const struct db_vnf *rows, size_t n, bool config,
	const json_t *observed, json_t **list, struct err *err);
static int vnf_json(struct orch *orch, const struct db_vnf *row, bool config,
	const json_t *observed, json_t **vnf, struct err *err);
static json_t *actions(struct orch *orch, const struct db_vnf *row);
static void add_config(struct orch *orch, const struct db_vnf *row, json_t *vnf);
static void add_observed(const struct db_vnf *row, const json_t *observed, json_t *vnf);
static void add_flavour(struct orch *orch, const struct db_vnf *row, json_t *info);
static bool is_dedicated(struct orch *orch, const struct db_vnf *row);
static void add_policies(struct orch *orch, const struct db_vnf *row, json_t *vnf);
static int add_outside(
	struct orch *orch, const struct db_vnf *row, json_t *vnf, struct err *err);
static json_t *metadata(const struct db_vnf *row);
static void check_request(const json_t *request, struct faults *faults);
static int check_config(struct orch *orch, const struct db_vnf *row,
	const json_t *request, struct faults *faults, struct err *err);
static int merged_config(struct orch *orch, const struct db_vnf *row,
	const json_t *request, json_t **config, struct err *err);
static int accept(struct orch *orch, const struct db_vnf *row, const json_t *request,
	struct operation_answer *answer, struct err *err);
static int plan_config(struct orch *orch, const struct db_vnf *row, const json_t *request,
	json_t **steps, struct err *err);
static const json_t *config_patch(const json_t *request);
static json_t *patched(const json_t *config, const json_t *patch);
static json_t *with_config(const json_t *objects, const char *id, json_t *config);
static json_t *intent_of(const json_t *request);

int
vnf_list(struct orch *orch, bool config, json_t **list, struct err *err)
{
	struct db_vnf *rows;
	size_t n;
	int rc = db_vnf_list(orch->db, &rows, &n, err);
	if (rc)
		return rc;
	json_t *observed = observe_vnfs_brief(orch);
	rc = list_json(orch, rows, n, config, observed, list, err);
	json_decref(observed);
	db_vnfs_free(rows, n);
	return rc;
}

int
vnf_list_of_ns(struct orch *orch, const char *ns, const json_t *observed, json_t **list,
	struct err *err)
{
	struct db_vnf *rows;
	size_t n;
	int rc = db_vnf_list_of_ns(orch->db, ns, &rows, &n, err);
	if (rc)
		return rc;
	rc = list_json(orch, rows, n, true, observed, list, err);
	db_vnfs_free(rows, n);
	return rc;
}

static int
list_json(struct orch *orch, const struct db_vnf *rows, size_t n, bool config,
	const json_t *observed, json_t **list, struct err *err)
{
	int rc = 0;
	*list = json_array();
	for (size_t i = 0; !rc && i < n; i++) {
		json_t *vnf;
		rc = vnf_json(orch, &rows[i], config, observed, &vnf, err);
		if (!rc)
			json_array_append_new(*list, vnf);
	}
	if (rc)
		json_decref(*list);
	return rc;
}

int
vnf_get(struct orch *orch, const char *id, json_t **vnf, struct err *err)
{
	struct db_vnf row = {0};
	if (db_vnf_get(orch->db, id, &row, NULL))
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no VNF instance '%s'", id);
	json_t *observed = observe_vnfs_brief(orch);
	int rc = vnf_json(orch, &row, true, observed, vnf, err);
	if (!rc) {
		rc = add_outside(orch, &row, *vnf, err);
		if (rc)
			json_decref(*vnf);
	}
	json_decref(observed);
	db_vnf_clear(&row);
	return rc;
}

int
vnf_modify(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct db_vnf row = {0};
	if (db_vnf_get(orch->db, id, &row, NULL))
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no VNF instance '%s'", id);
	check_request(request, faults);
	int rc = operation_check_free(orch->db, row.ns_id, err);
	if (!rc)
		rc = check_config(orch, &row, request, faults, err);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (!rc) {
		rc = accept(orch, &row, request, answer, err);
		rc = operation_end(orch, rc, answer, err);
	}
	db_vnf_clear(&row);
	return rc;
}

int
vnf_log(struct orch *orch, const char *id, unsigned lines, char **text, struct err *err)
{
	struct db_vnf row = {0};
	if (db_vnf_get(orch->db, id, &row, NULL))
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no VNF instance '%s'", id);
	db_vnf_clear(&row);
	return orch->vnfm.driver->log(orch->vnfm.self, id, lines, text, err);
}

static int
vnf_json(struct orch *orch, const struct db_vnf *row, bool config, const json_t *observed,
	json_t **out, struct err *err)
{
	struct db_package package = {0};
	int rc = db_package_get(orch->db, row->package_id, &package, err);
	if (rc)
		return rc;
	json_t *vnf = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[]}",
		"id", row->id, "vnfInstanceName", row->name, "vnfdId", package.vnfd_id,
		"vnfProvider", package.provider, "vnfProductName", package.product,
		"vnfSoftwareVersion", package.software_version, "vnfdVersion",
		package.vnfd_version, "vnfPkgId", package.id, "instantiationState",
		row->state, "_actions");
	json_object_set_new(vnf, "metadata", metadata(row));
	const json_t *description = json_object_get(row->user_data, "description");
	const json_t *extensions = json_object_get(row->user_data, "extensions");
	if (description)
		json_object_set(vnf, "vnfInstanceDescription", (json_t *)description);
	if (extensions)
		json_object_set(vnf, "extensions", (json_t *)extensions);
	if (config)
		add_config(orch, row, vnf);
	json_object_set_new(vnf, "_actions", actions(orch, row));
	if (strcmp(row->state, "INSTANTIATED") == 0) {
		add_observed(row, observed, vnf);
		add_flavour(orch, row, json_object_get(vnf, "instantiatedVnfInfo"));
		add_policies(orch, row, vnf);
	}
	db_package_clear(&package);
	*out = vnf;
	return 0;
}

/* None while an operation of its service is unfinished; begun and ended is only one that
 * is managed by itself; the last of all is not for one beside a stopped one. */
static json_t *
actions(struct orch *orch, const struct db_vnf *row)
{
	static const char *const running[] = {"operate", "change_vnfpkg", "scale",
		"scale_to_level", "heal", "change_ext_conn", "change_flavour"};
	const bool runs = strcmp(row->state, "INSTANTIATED") == 0;
	const bool all_run = runs && !db_vnf_any_stopped(orch->db, row->ns_id);
	const size_t n = !runs ? 0 : row->stopped ? 1 : all_run ? 7 : 6;
	struct db_occurrence open = {0};
	json_t *list = json_array();
	const bool busy = db_occurrence_get_open(orch->db, row->ns_id, &open, NULL) == 0;
	db_occurrence_clear(&open);
	for (size_t i = 0; !busy && i < n; i++)
		json_array_append_new(list, json_string(running[i]));
	if (!busy && vnf_is_alone(row))
		json_array_append_new(
			list, json_string(runs ? "terminate" : "instantiate"));
	return list;
}

static void
add_config(struct orch *orch, const struct db_vnf *row, json_t *vnf)
{
	struct db_object object = {0};
	if (db_object_get(orch->db, "vnf", row->id, &object, NULL) == 0)
		json_object_set_new(vnf, "vnfConfigurableProperties",
			json_pack("{s:O}", "config",
				json_object_get(object.doc, "config")));
	db_object_clear(&object);
}

static void
add_observed(const struct db_vnf *row, const json_t *observed, json_t *vnf)
{
	json_t *info = observe_vnf(observed, row->id);
	if (!info)
		info = json_pack("{s:s}", "vnfState", "STOPPED");
	if (!observed)
		json_object_del(info, "vnfState"); /* nobody knows */
	const size_t n = json_array_size(json_object_get(info, "vnfcResourceInfo"));
	if (n)
		json_object_set_new(info, "scaleStatus",
			json_pack("[{s:s, s:i}]", "aspectId", "replicas", "scaleLevel",
				(int)n - 1));
	json_object_set_new(vnf, "instantiatedVnfInfo", info);
}

/* The one that is wanted, and what its processes are by it. */
static void
add_flavour(struct orch *orch, const struct db_vnf *row, json_t *info)
{
	const bool dedicated = is_dedicated(orch, row);
	char vdu[96];
	size_t i;
	json_t *resource;
	flavour_vdu(row->type, dedicated, vdu, sizeof(vdu));
	json_object_set_new(info, "flavourId", json_string(flavour_id(dedicated)));
	json_array_foreach (json_object_get(info, "vnfcResourceInfo"), i, resource)
		json_object_set_new(resource, "vduId", json_string(vdu));
}

static bool
is_dedicated(struct orch *orch, const struct db_vnf *row)
{
	struct db_object object = {0};
	if (row->stopped)
		return flavour_is_dedicated(
			json_object_get(replicas_find(row->stopped, row->id, 0), "doc"));
	const bool dedicated =
		!db_object_get_tag(orch->db, "vnf", row->id, &object, NULL) &&
		flavour_is_dedicated(object.doc);
	db_object_clear(&object);
	return dedicated;
}

static void
add_policies(struct orch *orch, const struct db_vnf *row, json_t *vnf)
{
	json_t *policies = keeper_tell_vnf(orch->keeper, row->ns_id, row->profile);
	if (policies)
		json_object_set_new(vnf, "policies", policies);
}

/* Not of a list: it takes all objects of the service. */
static int
add_outside(struct orch *orch, const struct db_vnf *row, json_t *vnf, struct err *err)
{
	json_t *info = json_object_get(vnf, "instantiatedVnfInfo"), *objects;
	if (!info)
		return 0;
	int rc = deploy_wanted(orch->db, row->ns_id, &objects, err);
	if (!rc) {
		vnf_port_tell(objects, row->id, info);
		json_decref(objects);
	}
	return rc;
}

static json_t *
metadata(const struct db_vnf *row)
{
	json_t *all =
		json_pack("{s:s, s:s}", "vnfProfileId", row->profile, "type", row->type);
	if (!vnf_is_alone(row))
		json_object_set_new(all, "nsInstanceId", json_string(row->ns_id));
	json_object_update_missing(all, json_object_get(row->user_data, "metadata"));
	return all;
}

static void
check_request(const json_t *request, struct faults *faults)
{
	static const char *const known[] = {"vnfConfigurableProperties",
		"vnfInstanceDescription", "metadata", "extensions", NULL};
	static const char *const properties[] = {"config", NULL};
	static const struct shape_member members[] = {
		{"vnfInstanceDescription", SHAPE_TEXT}, {"metadata", SHAPE_MAP},
		{"extensions", SHAPE_MAP}, {"vnfConfigurableProperties", SHAPE_MAP}, {0}};
	char hint[96];
	const char *name;
	json_t *value;
	if (!json_is_object(request) || json_object_size(request) == 0)
		faults_add(faults, ERR_INVALID, NULL,
			"write {\"vnfConfigurableProperties\": {\"config\": {...}}}",
			"nothing is to be changed");
	else
		shape_check(request, members, "", faults);
	params_check(json_object_get(request, "vnfConfigurableProperties"), properties,
		"vnfConfigurableProperties", faults);
	json_object_foreach ((json_t *)request, name, value) {
		bool found = false;
		for (size_t i = 0; known[i]; i++)
			found |= strcmp(known[i], name) == 0;
		const char *nearest = found ? NULL : field_nearest(name, known);
		snprintf(hint, sizeof(hint), "did you mean '%s'?",
			nearest ? nearest : known[0]);
		if (!found)
			faults_add(faults, ERR_INVALID, name, hint,
				"this cannot be changed");
	}
}

static int
check_config(struct orch *orch, const struct db_vnf *row, const json_t *request,
	struct faults *faults, struct err *err)
{
	json_t *config = NULL, *answer = NULL;
	struct faults found = {0};
	int rc = merged_config(orch, row, request, &config, err);
	if (rc || !config)
		return rc;
	rc = orch->vnfm.driver->check(
		orch->vnfm.self, row->type, config, &answer, NULL, err);
	if (!rc) {
		faults_from_json(&found, answer);
		faults_merge(faults, &found, CONFIG_PATH);
		faults_clear(&found);
	}
	json_decref(answer);
	json_decref(config);
	return rc;
}

/* *config: null if the request has none. */
static int
merged_config(struct orch *orch, const struct db_vnf *row, const json_t *request,
	json_t **config, struct err *err)
{
	const json_t *patch = config_patch(request);
	struct db_object object = {0};
	*config = NULL;
	if (!patch)
		return 0;
	if (strcmp(row->state, "INSTANTIATED") != 0 ||
		db_object_get(orch->db, "vnf", row->id, &object, NULL))
		return err_set(err, ERR_STATE, NULL, NULL, "VNF '%s' is %s", row->name,
			row->stopped ? "stopped" : "not instantiated");
	*config = patched(json_object_get(object.doc, "config"), patch);
	db_object_clear(&object);
	return 0;
}

static int
accept(struct orch *orch, const struct db_vnf *row, const json_t *request,
	struct operation_answer *answer, struct err *err)
{
	json_t *steps = NULL, *intent = intent_of(request);
	int rc = plan_config(orch, row, request, &steps, err);
	if (!rc) {
		const struct operation operation = {.api = "vnf",
			.operation = "MODIFY_INFO",
			.ns_id = row->ns_id,
			.instance = row->id,
			.undo_on_failure = true,
			.params = request,
			.intent = intent,
			.steps = steps};
		rc = operation_accept(orch->db, &operation, answer, err);
	}
	json_decref(steps);
	json_decref(intent);
	return rc;
}

/* From what is wanted now: another operation may have ended since the check. */
static int
plan_config(struct orch *orch, const struct db_vnf *row, const json_t *request,
	json_t **steps, struct err *err)
{
	const json_t *patch = config_patch(request);
	json_t *actual = NULL, *target, *config = NULL;
	int rc = deploy_wanted(orch->db, row->ns_id, &actual, err);
	if (rc)
		return rc;
	const json_t *doc = json_object_get(replicas_find(actual, row->id, 0), "doc");
	if (patch)
		config = patched(json_object_get(doc, "config"), patch);
	target = with_config(actual, row->id, config);
	*steps = plan_make(actual, target);
	json_decref(target);
	json_decref(config);
	json_decref(actual);
	return 0;
}

static const json_t *
config_patch(const json_t *request)
{
	return json_object_get(
		json_object_get(request, "vnfConfigurableProperties"), "config");
}

/* Null is that of the type. New reference. */
static json_t *
patched(const json_t *config, const json_t *patch)
{
	return json_is_null(patch) ? json_object() : merge_patch(config, patch);
}

/* The same objects, but for the configuration of a VNF (null: it stays), of which all
 * replicas have the same. */
static json_t *
with_config(const json_t *objects, const char *id, json_t *config)
{
	json_t *target = json_copy((json_t *)objects);
	char of[STAMP_ID];
	for (size_t i = 0; config && i < json_array_size(target); i++) {
		const json_t *object = json_array_get(target, i);
		const char *kind = json_string_value(json_object_get(object, "kind"));
		const char *name = json_string_value(json_object_get(object, "object"));
		if (strcmp(kind, "vnf") != 0 ||
			strcmp(replicas_of(name, of, sizeof(of)), id) != 0)
			continue;
		json_t *changed = json_copy((json_t *)object);
		json_t *doc = json_copy(json_object_get(object, "doc"));
		json_object_set(doc, "config", config);
		json_object_set_new(changed, "doc", doc);
		json_array_set_new(target, i, changed);
	}
	return target;
}

static json_t *
intent_of(const json_t *request)
{
	return json_pack("{s:O*, s:O*, s:O*}", "description",
		json_object_get(request, "vnfInstanceDescription"), "metadata",
		json_object_get(request, "metadata"), "extensions",
		json_object_get(request, "extensions"));
}
