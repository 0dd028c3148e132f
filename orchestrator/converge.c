/* converge.c: see converge.h. */
#include "orchestrator/converge.h"

#include <stdio.h>
#include <string.h>
#include "db/chains.h"
#include "orchestrator/adopt.h"
#include "orchestrator/descriptor/nsd_form.h"
#include "orchestrator/plan/target.h"

static int check_no_chain(struct orch *orch, const struct db_ns *ns, struct err *err);
static int check_instantiated(
	struct orch *orch, const struct db_vnf *vnf, struct err *err);
static int read_all(struct converge *converge, struct err *err);
static int read_objects(struct converge *converge, json_t **objects, struct err *err);
static int accept(struct converge *converge, const json_t *request, json_t *intent,
	struct operation_answer *answer, struct faults *faults, struct err *err);
static int check_unchanged(struct converge *converge, struct err *err);

int
converge_open(
	struct orch *orch, const char *id, struct converge *converge, struct err *err)
{
	*converge = (struct converge){.orch = orch, .operation = "UPDATE"};
	int rc = operation_get_ns(orch->db, id, &converge->ns, err);
	if (!rc)
		rc = check_no_chain(orch, &converge->ns, err);
	return rc ? rc : read_all(converge, err);
}

int
converge_open_vnf(
	struct orch *orch, const char *id, struct converge *converge, struct err *err)
{
	struct db_vnf vnf = {0};
	*converge = (struct converge){.orch = orch, .operation = "UPDATE"};
	snprintf(converge->vnf, sizeof(converge->vnf), "%s", id);
	int rc = db_vnf_get(orch->db, id, &vnf, NULL)
			 ? err_set(err, ERR_NOT_FOUND, NULL, NULL,
				   "there is no VNF instance '%s'", id)
			 : check_instantiated(orch, &vnf, err);
	if (!rc)
		rc = db_ns_get(orch->db, vnf.ns_id, &converge->ns, err);
	if (!rc)
		rc = read_all(converge, err);
	db_vnf_clear(&vnf);
	return rc;
}

void
converge_clear(struct converge *converge)
{
	deploy_clear(&converge->deploy);
	json_decref(converge->objects);
	json_decref(converge->adopted);
	json_decref(converge->before);
	db_vnfs_free(converge->vnfs, converge->n_vnfs);
	db_nsd_clear(&converge->nsd);
	db_ns_clear(&converge->ns);
	*converge = (struct converge){0};
}

void
converge_base(const struct converge *converge, struct model *base)
{
	struct faults said_before = {0};
	if (converge->nsd.nsd)
		nsd_form_parse(nsd_form_find(converge->nsd.nsd), converge->ns.flavour,
			base, &said_before);
	faults_clear(&said_before);
}

int
converge_check_started(const struct converge *converge, struct err *err)
{
	for (size_t i = 0; i < converge->n_vnfs; i++) {
		const struct db_vnf *vnf = &converge->vnfs[i];
		if (vnf->stopped &&
			model_find_vnf(&converge->deploy.model, vnf->profile) >= 0)
			return err_set(err, ERR_STATE, NULL,
				"start it first: renga vnf operate VNF start",
				"VNF '%s' is stopped", vnf->name);
	}
	return 0;
}

int
converge_accept(struct converge *converge, const json_t *request, json_t *intent,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct orch *orch = converge->orch;
	int rc = deploy_check(orch, &converge->deploy, faults, err);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (rc)
		return rc;
	rc = accept(converge, request, intent, answer, faults, err);
	return operation_end(orch, rc, answer, err);
}

const struct db_vnf *
converge_vnf(const struct converge *converge, const char *profile)
{
	for (size_t i = 0; i < converge->n_vnfs; i++)
		if (strcmp(converge->vnfs[i].profile, profile) == 0)
			return &converge->vnfs[i];
	return NULL;
}

const json_t *
converge_vnf_doc(const struct converge *converge, const char *profile)
{
	const struct db_vnf *vnf = converge_vnf(converge, profile);
	return vnf ? json_object_get(
			     target_find(converge->objects, "vnf", vnf->id), "doc")
		   : NULL;
}

const json_t *
converge_port(const struct converge *converge, const char *sap)
{
	size_t i;
	json_t *object;
	json_array_foreach (converge->objects, i, object) {
		const json_t *doc = json_object_get(object, "doc");
		if (strcmp(json_string_value(json_object_get(object, "kind")), "port") ==
				0 &&
			strcmp(json_string_value(json_object_get(doc, "name")), sap) == 0)
			return object;
	}
	return NULL;
}

static int
check_no_chain(struct orch *orch, const struct db_ns *ns, struct err *err)
{
	struct db_chain chain = {0};
	int rc = db_chain_get(orch->db, ns->name, &chain, NULL)
			 ? 0
			 : err_set(err, ERR_STATE, NULL,
				   "apply the chain's document with the change",
				   "the service belongs to chain '%s'", ns->name);
	db_chain_clear(&chain);
	return rc;
}

static int
check_instantiated(struct orch *orch, const struct db_vnf *vnf, struct err *err)
{
	const int rc = operation_check_free(orch->db, vnf->ns_id, err);
	if (!rc && strcmp(vnf->state, "INSTANTIATED") != 0)
		return err_set(err, ERR_STATE, NULL, NULL, "VNF '%s' is not instantiated",
			vnf->name);
	return rc;
}

static int
read_all(struct converge *converge, struct err *err)
{
	struct db *db = converge->orch->db;
	const char *ns = converge->ns.id;
	const bool alone = strcmp(converge->ns.nsd_info_id, DB_NSD_NONE) == 0;
	int rc =
		alone ? 0 : db_nsd_get(db, converge->ns.nsd_info_id, &converge->nsd, err);
	if (!rc)
		rc = db_vnf_list_of_ns(db, ns, &converge->vnfs, &converge->n_vnfs, err);
	if (!rc)
		rc = read_objects(converge, &converge->objects, err);
	converge->deploy.name = converge->ns.name;
	snprintf(converge->deploy.ns, sizeof(converge->deploy.ns), "%s", ns);
	return rc;
}

static int
read_objects(struct converge *converge, json_t **objects, struct err *err)
{
	int rc = deploy_wanted(converge->orch->db, converge->ns.id, objects, err);
	for (size_t i = 0; !rc && i < converge->n_vnfs; i++)
		if (converge->vnfs[i].stopped)
			json_array_extend(*objects, converge->vnfs[i].stopped);
	return rc;
}

static int
accept(struct converge *converge, const json_t *request, json_t *intent,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct orch *orch = converge->orch;
	struct deploy *deploy = &converge->deploy;
	int rc = check_unchanged(converge, err);
	if (!rc && !answer->dry_run)
		rc = adopt_take(orch, deploy->ns, deploy->name, converge->adopted, err);
	if (!rc)
		rc = deploy_plan(orch, deploy, faults, err);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (rc)
		return rc;
	json_object_set_new(intent, "vnfs", deploy_vnfs(deploy));
	json_t *steps = json_array();
	json_array_extend(steps, converge->before);
	json_array_extend(steps, deploy->steps);
	if (converge->adopted)
		json_object_set(intent, "adopted", converge->adopted);
	const bool of_vnf = *converge->vnf != '\0';
	const struct operation operation = {.api = of_vnf ? "vnf" : "ns",
		.operation = converge->operation,
		.ns_id = deploy->ns,
		.instance = of_vnf ? converge->vnf : deploy->ns,
		.undo_on_failure = true,
		.params = request,
		.intent = intent,
		.steps = steps};
	rc = operation_accept(orch->db, &operation, answer, err);
	json_decref(steps);
	if (!rc && !answer->dry_run)
		rc = deploy_add_vnfs(orch, deploy, answer->occurrence, err);
	if (!rc && !answer->dry_run)
		rc = adopt_mark(orch->db, converge->adopted, answer->occurrence, err);
	return rc;
}

/* The model was made of what was read before the transaction. */
static int
check_unchanged(struct converge *converge, struct err *err)
{
	struct converge now = {0};
	int rc = *converge->vnf
			 ? converge_open_vnf(converge->orch, converge->vnf, &now, err)
			 : converge_open(converge->orch, converge->deploy.ns, &now, err);
	if (!rc && (!json_equal(now.objects, converge->objects) ||
			   strcmp(now.ns.nsd_info_id, converge->ns.nsd_info_id) != 0))
		rc = err_set(err, ERR_STATE, NULL, "ask for it again",
			"service '%s' has changed meanwhile", converge->ns.name);
	converge_clear(&now);
	return rc;
}
