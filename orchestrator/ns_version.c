/* ns_version.c: see ns_version.h. */
#include "orchestrator/ns_version.h"

#include <stdlib.h>
#include <string.h>
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/descriptor/flavour.h"
#include "orchestrator/converge.h"
#include "orchestrator/plan/merge.h"
#include "orchestrator/ns.h"
#include "orchestrator/nsd.h"
#include "orchestrator/descriptor/nsd_form.h"
#include "orchestrator/plan/target_paths.h"

#define DATA	 "assocNewNsdVersionData"
#define NEW_PATH DATA ".newNsdId"

struct version {
	struct converge service;
	struct db_nsd nsd;   /* the new one */
	struct model before; /* by the descriptor that it has; empty: by the same */
	bool sync;
};

static const char *read_request(const json_t *request, bool *sync, struct faults *faults);
static int load(struct version *version, struct orch *orch, const char *id,
	const char *nsd, struct faults *faults, struct err *err);
static int check_version(const struct version *version, struct faults *faults);
static int check_flavour(const struct version *version, struct faults *faults);
static int make_model(struct version *version, const json_t *request,
	struct faults *faults, struct err *err);
static void keep_paths(struct version *version);
static void keep_port(const struct version *version, struct model_sap *sap);
static void keep_vnf(const struct version *version, const struct catalog *catalog,
	struct model_vnf *vnf);
static bool keep_type(const struct db_vnf *has, const struct model_vnf *before,
	const struct catalog *catalog, struct model_vnf *vnf);
static int accept_record(struct version *version, const json_t *request,
	const json_t *intent, struct operation_answer *answer, struct err *err);

int
ns_version_change(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct version version = {0};
	json_t *intent = NULL;
	const char *nsd = read_request(request, &version.sync, faults);
	if (faults->n)
		return err_errno(faults->list[0].code);
	int rc = load(&version, orch, id, nsd, faults, err);
	if (!rc)
		intent = json_pack("{s:s, s:s}", "nsdInfoId", version.nsd.id, "nsdId",
			version.nsd.nsd_id);
	if (!rc && version.sync)
		rc = make_model(&version, request, faults, err);
	if (!rc && version.sync)
		rc = converge_accept(
			&version.service, request, intent, answer, faults, err);
	else if (!rc)
		rc = accept_record(&version, request, intent, answer, err);
	json_decref(intent);
	model_clear(&version.before);
	db_nsd_clear(&version.nsd);
	converge_clear(&version.service);
	return rc;
}

static const char *
read_request(const json_t *request, bool *sync, struct faults *faults)
{
	const json_t *data = json_object_get(request, DATA);
	const char *nsd = json_string_value(json_object_get(data, "newNsdId"));
	const json_t *wish = json_object_get(data, "sync");
	if (!nsd)
		faults_add(faults, ERR_INVALID, NEW_PATH, "renga get nsds lists them",
			"newNsdId is missing");
	if (wish && !json_is_boolean(wish))
		faults_add(faults, ERR_INVALID, DATA ".sync", "true or false",
			"this is no truth value");
	*sync = json_is_true(wish);
	return nsd;
}

static int
load(struct version *version, struct orch *orch, const char *id, const char *nsd,
	struct faults *faults, struct err *err)
{
	int rc = converge_open(orch, id, &version->service, err);
	if (!rc)
		rc = nsd_find_enabled(orch, nsd, NEW_PATH, &version->nsd, err);
	return rc ? rc : check_version(version, faults);
}

static int
check_version(const struct version *version, struct faults *faults)
{
	const struct db_nsd *now = &version->service.nsd, *then = &version->nsd;
	if (strcmp(now->id, then->id) == 0)
		return 0;
	if (now->invariant_id && then->invariant_id &&
		strcmp(now->invariant_id, then->invariant_id) == 0)
		return check_flavour(version, faults);
	return faults_add(faults, ERR_INVALID, NEW_PATH,
		"versions of one descriptor have the same invariant-id",
		"'%s' is no version of '%s'", then->nsd_id, now->nsd_id);
}

/* Of the flavour that it has it goes on in the new one. */
static int
check_flavour(const struct version *version, struct faults *faults)
{
	const char *flavour = version->service.ns.flavour;
	size_t i;
	json_t *df;
	json_array_foreach (
		json_object_get(nsd_form_find(version->nsd.nsd), "df"), i, df) {
		const char *id = json_string_value(json_object_get(df, "id"));
		if (id && flavour && strcmp(id, flavour) == 0)
			return 0;
	}
	return faults_add(faults, ERR_INVALID, NEW_PATH,
		"name a version that has the flavour of the service",
		"'%s' has no flavour '%s'", version->nsd.nsd_id, flavour ? flavour : "");
}

static int
make_model(struct version *version, const json_t *request, struct faults *faults,
	struct err *err)
{
	struct converge *service = &version->service;
	struct model *model = &service->deploy.model;
	struct catalog catalog;
	int rc = catalog_load(service->orch->db, &catalog, err);
	if (rc)
		return rc;
	if (strcmp(service->nsd.id, version->nsd.id) != 0)
		converge_base(service, &version->before);
	nsd_form_parse(
		nsd_form_find(version->nsd.nsd), service->ns.flavour, model, faults);
	keep_paths(version);
	for (size_t i = 0; i < model->n_saps; i++)
		keep_port(version, &model->saps[i]);
	for (size_t i = 0; i < model->n_vnfs; i++)
		keep_vnf(version, &catalog, &model->vnfs[i]);
	ns_bind_ports(model, request, faults);
	catalog_clear(&catalog);
	return faults->n ? err_errno(faults->list[0].code) : 0;
}

static void
keep_paths(struct version *version)
{
	struct model *model = &version->service.deploy.model;
	const json_t *objects = version->service.objects;
	const json_t *before =
		json_object_get(nsd_form_find(version->service.nsd.nsd), "vnffgd");
	if (strcmp(version->service.nsd.id, version->nsd.id) == 0 ||
		!target_paths(objects) ||
		!json_equal(before,
			json_object_get(nsd_form_find(version->nsd.nsd), "vnffgd")))
		return;
	while (model->n_paths)
		model_del_path(model, model->n_paths - 1);
	target_read_paths(objects, model);
	model->spare = true;
}

static void
keep_port(const struct version *version, struct model_sap *sap)
{
	const json_t *object = converge_port(&version->service, sap->name);
	const json_t *spec = json_object_get(json_object_get(object, "doc"), "spec");
	const int at = model_find_sap(&version->before, sap->name);
	const json_t *before = at < 0 ? NULL : version->before.saps[at].port;
	if (!spec || (before != sap->port && !json_equal(before, sap->port)))
		return;
	json_decref(sap->port);
	sap->port = json_incref((json_t *)spec);
}

static void
keep_vnf(const struct version *version, const struct catalog *catalog,
	struct model_vnf *vnf)
{
	static const struct model_vnf nothing = {.core = -1};
	const struct db_vnf *has = converge_vnf(&version->service, vnf->name);
	const json_t *doc = converge_vnf_doc(&version->service, vnf->name);
	const json_t *replica = json_object_get(doc, "replica");
	const int at = model_find_vnf(&version->before, vnf->name);
	const struct model_vnf *before = at < 0 ? &nothing : &version->before.vnfs[at];
	if (!doc || !keep_type(has, before, catalog, vnf))
		return;
	json_t *config =
		merge_three(before->config, vnf->config, json_object_get(doc, "config"));
	json_decref(vnf->config);
	vnf->config = config;
	if (replica && before->replicas == vnf->replicas)
		vnf->replicas =
			(unsigned)json_integer_value(json_object_get(replica, "n"));
	if (vnf->core >= 0 && before->core == vnf->core)
		vnf->core = (int)json_integer_value(json_object_get(doc, "core"));
	if (at >= 0 && before->dedicated == vnf->dedicated)
		vnf->dedicated = flavour_is_dedicated(doc);
}

/* Whether it goes on with the type that it has. */
static bool
keep_type(const struct db_vnf *has, const struct model_vnf *before,
	const struct catalog *catalog, struct model_vnf *vnf)
{
	const struct catalog_type *then = catalog_find_vnfd(catalog, vnf->vnfd);
	if (then && strcmp(then->name, has->type) == 0)
		return true;
	if (!before->vnfd || strcmp(before->vnfd, vnf->vnfd) != 0)
		return false;
	free(vnf->vnfd);
	vnf->vnfd = NULL;
	vnf->type = strdup(has->type);
	return true;
}

static int
accept_record(struct version *version, const json_t *request, const json_t *intent,
	struct operation_answer *answer, struct err *err)
{
	struct orch *orch = version->service.orch;
	json_t *none = json_array();
	const struct operation operation = {.api = "ns",
		.operation = "UPDATE",
		.ns_id = version->service.ns.id,
		.instance = version->service.ns.id,
		.params = request,
		.intent = intent,
		.steps = none};
	int rc = db_begin(orch->db, err);
	if (!rc) {
		rc = operation_accept(orch->db, &operation, answer, err);
		rc = operation_end(orch, rc, answer, err);
	}
	json_decref(none);
	return rc;
}
