/* ns_vnf.c: see ns_vnf.h. */
#include "orchestrator/ns_vnf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "orchestrator/adopt.h"
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/descriptor/flavour.h"
#include "orchestrator/ns.h"
#include "orchestrator/params.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/plan/rewire.h"
#include "orchestrator/running.h"
#include "orchestrator/shape.h"

typedef int change_fn(struct converge *service, const json_t *item, const char *path,
	struct faults *faults, struct err *err);

static change_fn instantiate_one, add_one, remove_one;

static int update(struct orch *orch, const char *id, const json_t *request,
	const char *member, change_fn *change, struct operation_answer *answer,
	struct faults *faults, struct err *err);
static int make_model(struct converge *service, const json_t *list, const char *member,
	change_fn *change, struct faults *faults, struct err *err);
static void add_drains(
	struct converge *service, const json_t *request, struct faults *faults);
static const struct db_vnf *find_going(const struct converge *service, const char *id);
static void name_it(const struct model *model, const json_t *data, const char *type,
	char *name, size_t size);
static void read_params(struct converge *service, struct model_vnf *vnf,
	const json_t *params, const char *path, struct faults *faults);
static void read_data(struct model_vnf *vnf, const json_t *data, const char *path,
	struct faults *faults);

int
ns_vnf_instantiate(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	return update(orch, id, request, "instantiateVnfData", instantiate_one, answer,
		faults, err);
}

int
ns_vnf_add(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	const char *member = json_object_get(request, "addVnfIstance")
				     ? "addVnfIstance" /* as SOL005 spells it */
				     : "addVnfInstance";
	return update(orch, id, request, member, add_one, answer, faults, err);
}

int
ns_vnf_remove(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	return update(orch, id, request, "removeVnfInstanceId", remove_one, answer,
		faults, err);
}

static int
update(struct orch *orch, const char *id, const json_t *request, const char *member,
	change_fn *change, struct operation_answer *answer, struct faults *faults,
	struct err *err)
{
	struct converge service = {0};
	const struct shape_member members[] = {
		{member, change == remove_one ? SHAPE_LIST : SHAPE_MAPS}, {0}};
	const json_t *list = json_object_get(request, member);
	json_t *intent = json_object();
	shape_check(request, members, "", faults);
	int rc = faults->n ? err_errno(faults->list[0].code)
		 : json_array_size(list)
			 ? converge_open(orch, id, &service, err)
			 : faults_add(faults, ERR_INVALID, member,
				   "it is a list of one or more", "no VNF is named");
	if (!rc)
		rc = make_model(&service, list, member, change, faults, err);
	if (!rc && change == remove_one)
		add_drains(&service, request, faults);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = converge_check_started(&service, err);
	if (!rc)
		rc = converge_accept(&service, request, intent, answer, faults, err);
	json_decref(intent);
	converge_clear(&service);
	return rc;
}

static int
make_model(struct converge *service, const json_t *list, const char *member,
	change_fn *change, struct faults *faults, struct err *err)
{
	struct model base = {0};
	char path[64];
	size_t i;
	json_t *item;
	int rc = 0;
	converge_base(service, &base);
	running_model(service, &base, &service->deploy.model);
	if (change == add_one)
		adopt_read(service->orch, list, member, &service->adopted, faults);
	json_array_foreach ((json_t *)list, i, item) {
		snprintf(path, sizeof(path), "%s[%zu]", member, i);
		if (!rc)
			rc = change(service, item, path, faults, err);
	}
	running_rules(service, &service->deploy.model);
	running_order(&service->deploy.model, &base);
	model_clear(&base);
	return rc;
}

/* Sessions of VNFs that go may have time to end. */
static void
add_drains(struct converge *service, const json_t *request, struct faults *faults)
{
	static const struct shape_member members[] = {
		{"terminateVnfData", SHAPE_MAPS}, {0}};
	char path[64];
	size_t i;
	json_t *data;
	shape_check(request, members, "", faults);
	service->before = json_array();
	json_array_foreach (json_object_get(request, "terminateVnfData"), i, data) {
		const char *id =
			json_string_value(json_object_get(data, "vnfInstanceId"));
		const struct db_vnf *vnf = id ? find_going(service, id) : NULL;
		const json_t *object = id ? replicas_find(service->objects, id, 0) : NULL;
		snprintf(path, sizeof(path), "terminateVnfData[%zu].", i);
		ns_end_check(data, path, faults);
		snprintf(path, sizeof(path), "terminateVnfData[%zu].vnfInstanceId", i);
		if (!vnf)
			faults_add(faults, ERR_INVALID, path, "name one that goes",
				"VNF instance '%s' is not removed", id ? id : "");
		else if (object && !vnf->stopped && ns_end_seconds(data))
			plan_drain(service->before, object, ns_end_seconds(data));
	}
}

static const struct db_vnf *
find_going(const struct converge *service, const char *id)
{
	for (size_t i = 0; i < service->n_vnfs; i++)
		if (strcmp(service->vnfs[i].id, id) == 0 &&
			model_find_vnf(&service->deploy.model, service->vnfs[i].profile) <
				0)
			return &service->vnfs[i];
	return NULL;
}

static int
instantiate_one(struct converge *service, const json_t *item, const char *path,
	struct faults *faults, struct err *err)
{
	const char *vnfd = json_string_value(json_object_get(item, "vnfdId"));
	struct model *model = &service->deploy.model;
	struct catalog catalog;
	char name[64], place[MODEL_PATH], hint[320];
	const size_t before = faults_count(faults);
	int rc = catalog_load(service->orch->db, &catalog, err);
	if (rc)
		return rc;
	const struct catalog_type *type = vnfd ? catalog_find_vnfd(&catalog, vnfd) : NULL;
	snprintf(place, sizeof(place), "%s.vnfdId", path);
	if (!type)
		faults_add(faults, ERR_INVALID, place,
			catalog_hint(
				&catalog, vnfd ? vnfd : "", true, hint, sizeof(hint)),
			vnfd ? "there is no package with the VNFD '%s'"
			     : "vnfdId is missing%s",
			vnfd ? vnfd : "");
	struct model_vnf *vnf =
		faults_since(faults, before) ? NULL : model_add_vnf(model);
	if (vnf) {
		read_data(vnf, item, path, faults);
		name_it(model, item, type->name, name, sizeof(name));
		vnf->name = strdup(name);
		vnf->vnfd = strdup(vnfd);
		snprintf(vnf->path, MODEL_PATH, "%s.vnfProfileId", path);
		snprintf(vnf->type_path, MODEL_PATH, "%s.vnfdId", path);
		read_params(service, vnf, json_object_get(item, "additionalParams"), path,
			faults);
	}
	catalog_clear(&catalog);
	return 0;
}

/* Those that could be read are in service->adopted, in their order. */
static int
add_one(struct converge *service, const json_t *item, const char *path,
	struct faults *faults, struct err *err)
{
	const char *id = json_string_value(json_object_get(item, "vnfInstanceId"));
	size_t i;
	json_t *one;
	(void)err;
	json_array_foreach (service->adopted, i, one) {
		if (!id || strcmp(json_string_value(json_object_get(one, "id")), id) != 0)
			continue;
		struct model_vnf *vnf = model_add_vnf(&service->deploy.model);
		if (!vnf)
			return 0;
		vnf->name = strdup(json_string_value(json_object_get(one, "profile")));
		vnf->type = strdup(json_string_value(json_object_get(one, "type")));
		read_data(vnf, item, path, faults);
		snprintf(vnf->path, MODEL_PATH, "%s.vnfProfileId", path);
		snprintf(vnf->type_path, MODEL_PATH, "%s.vnfInstanceId", path);
		read_params(service, vnf, json_object_get(item, "additionalParams"), path,
			faults);
		break;
	}
	return 0;
}

static void
read_data(struct model_vnf *vnf, const json_t *data, const char *path,
	struct faults *faults)
{
	const json_t *flavour = json_object_get(data, "vnfFlavourId");
	const json_t *profile = json_object_get(data, "vnfProfileId");
	char place[MODEL_PATH];
	snprintf(place, sizeof(place), "%s.vnfFlavourId", path);
	if (flavour)
		vnf->dedicated = flavour_read(flavour, place, faults);
	snprintf(place, sizeof(place), "%s.vnfProfileId", path);
	if (profile && !json_is_string(profile))
		faults_add(faults, ERR_INVALID, place, "write a name", "this is no text");
}

/* "firewall", "firewall-2". The one that is to be named is the last. */
static void
name_it(const struct model *model, const json_t *data, const char *type, char *name,
	size_t size)
{
	const char *told = json_string_value(json_object_get(data, "vnfProfileId"));
	unsigned n = 1;
	snprintf(name, size, "%s", told ? told : type);
	for (size_t i = 0; !told && i + 1 < model->n_vnfs; i++)
		if (strcmp(model->vnfs[i].name, name) == 0) {
			snprintf(name, size, "%.40s-%u", type, ++n);
			i = (size_t)-1;
		}
}

static void
read_params(struct converge *service, struct model_vnf *vnf, const json_t *params,
	const char *path, struct faults *faults)
{
	static const char *const known[] = {"between", "links", "config", "core", NULL};
	const json_t *between = json_object_get(params, "between"),
		     *links = json_object_get(params, "links"),
		     *core = json_object_get(params, "core");
	char place[MODEL_PATH];
	snprintf(place, sizeof(place), "%s.additionalParams", path);
	params_check(params, known, place, faults);
	vnf->config = json_incref(json_object_get(params, "config"));
	snprintf(vnf->config_path, MODEL_PATH, "%s.additionalParams.config", path);
	snprintf(vnf->core_path, MODEL_PATH, "%s.additionalParams.core", path);
	vnf->core = shape_number(core, 0, MODEL_CORE_MAX, -1, vnf->core_path, faults);
	snprintf(place, sizeof(place), "%s.additionalParams.%s", path,
		links ? "links" : "between");
	if (!between == !links)
		faults_add(faults, ERR_INVALID, place,
			"write {\"between\": [\"fw\", \"rt\"]}, or links",
			"it is not told where in the service it comes");
	else if (links && model_fits(links, place, faults))
		rewire_links(&service->deploy.model, links, place, faults);
	else if (!links)
		rewire_between(&service->deploy.model, vnf->name, between, place, faults);
}

static int
remove_one(struct converge *service, const json_t *item, const char *path,
	struct faults *faults, struct err *err)
{
	const char *id = json_string_value(item);
	(void)err;
	for (size_t i = 0; id && i < service->n_vnfs; i++) {
		const struct db_vnf *vnf = &service->vnfs[i];
		if (strcmp(vnf->id, id) != 0)
			continue;
		rewire_remove(&service->deploy.model, vnf->profile, path, faults);
		return 0;
	}
	return faults_add(faults, ERR_INVALID, path, "renga get vnfs lists them",
		"the service has no VNF instance '%s'", id ? id : "");
}
