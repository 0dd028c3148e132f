/* chains.c: chains: applied, read, deleted by name. */
#include "orchestrator/chains.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "db/chains.h"
#include "db/ns_instances.h"
#include "db/nsds.h"
#include "db/objects.h"
#include "db/vnf_instances.h"
#include "orchestrator/descriptor/chain.h"
#include "orchestrator/deploy.h"
#include "orchestrator/effect.h"
#include "orchestrator/engine.h"
#include "orchestrator/keeper.h"
#include "orchestrator/notify.h"
#include "orchestrator/notify_catalog.h"
#include "orchestrator/ns.h"
#include "orchestrator/descriptor/nsd_form.h"
#include "orchestrator/observe.h"
#include "orchestrator/operation.h"
#include "orchestrator/placer.h"
#include "orchestrator/plan/stats_paths.h"

enum presence { ABSENT, IDLE, RUNNING }; /* of a chain; idle: it could not begin */

static int find_service(
	struct orch *orch, struct deploy *deploy, enum presence *is, struct err *err);
static int accept(struct orch *orch, struct deploy *deploy, const json_t *doc,
	enum presence is, struct chains_applied *applied, struct err *err);
static int keep_service(struct orch *orch, const struct deploy *deploy, const json_t *doc,
	enum presence is, struct err *err);
static json_t *intent_of(
	const struct deploy *deploy, const json_t *doc, enum presence is);
static int insert_service(struct orch *orch, const struct deploy *deploy,
	const json_t *doc, struct err *err);
static int keep_document(struct orch *orch, const struct deploy *deploy,
	const json_t *doc, struct err *err);
static int keep_nsd(struct orch *orch, const struct deploy *deploy, const json_t *doc,
	const char *id, struct err *err);
static json_t *print_nsd(const struct deploy *deploy, const json_t *doc);
static json_t *dry_plan(const struct deploy *deploy, bool exists);
static int chain_json(struct orch *orch, const struct db_chain *row,
	const json_t *observed, json_t **chain, struct err *err);
static void add_paths(struct orch *orch, const char *ns, json_t *chain);
static json_t *in_order(json_t *list, const json_t *doc);
static json_t *vnf_list(const struct db_vnf *vnfs, size_t n, const json_t *observed);
static const char *chain_state(struct orch *orch, const struct db_ns *ns);

int
chains_apply(struct orch *orch, const json_t *doc, bool dry_run,
	struct chains_applied *applied, struct faults *faults, struct err *err)
{
	return chains_apply_in(orch, NULL, doc, dry_run, applied, faults, err);
}

int
chains_apply_in(struct orch *orch, const char *project, const json_t *doc, bool dry_run,
	struct chains_applied *applied, struct faults *faults, struct err *err)
{
	struct deploy deploy = {.project = project};
	enum presence is = ABSENT;
	*applied = (struct chains_applied){0};
	if (!json_is_object(doc))
		return faults_add(faults, ERR_INVALID, NULL,
			"write kind: Chain, name: ..., path: ...", "a chain is a map");
	chain_parse(doc, &deploy.model, faults);
	deploy.name = deploy.model.name;
	int rc = deploy.name ? deploy_check(orch, &deploy, faults, err) : 0;
	if (!rc && !faults->n)
		rc = db_begin(orch->db, err);
	if (!rc && !faults->n) {
		rc = find_service(orch, &deploy, &is, err);
		if (!rc)
			rc = deploy_plan(orch, &deploy, faults, err);
		if (!rc && !faults->n && !dry_run)
			rc = accept(orch, &deploy, doc, is, applied, err);
		if (!rc && faults->n)
			rc = err_errno(faults->list[0].code);
		rc = db_end(orch->db, rc, err);
	}
	if (!rc && *applied->occurrence)
		engine_submit(orch->engine, applied->occurrence);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc && dry_run)
		applied->body = dry_plan(&deploy, is != ABSENT);
	else if (!rc && !*applied->occurrence)
		rc = chains_get(orch, deploy.name, &applied->body, err);
	deploy_clear(&deploy);
	return rc;
}

int
chains_list(struct orch *orch, json_t **list, struct err *err)
{
	struct db_chain *rows;
	size_t n;
	int rc = db_chain_list(orch->db, &rows, &n, err);
	if (rc)
		return rc;
	json_t *observed = observe_vnfs(orch), *chains = json_array();
	for (size_t i = 0; !rc && i < n; i++) {
		json_t *chain;
		rc = chain_json(orch, &rows[i], observed, &chain, err);
		if (!rc)
			json_array_append_new(chains, chain);
	}
	json_decref(observed);
	db_chains_free(rows, n);
	if (rc)
		json_decref(chains);
	else
		*list = chains;
	return rc;
}

int
chains_get(struct orch *orch, const char *name, json_t **chain, struct err *err)
{
	struct db_chain row = {0};
	if (db_chain_get(orch->db, name, &row, NULL))
		return err_set(
			err, ERR_NOT_FOUND, NULL, NULL, "there is no chain '%s'", name);
	json_t *observed = observe_vnfs(orch);
	int rc = chain_json(orch, &row, observed, chain, err);
	if (!rc)
		add_paths(orch, row.ns_id, *chain);
	json_decref(observed);
	db_chain_clear(&row);
	return rc;
}

int
chains_delete(
	struct orch *orch, const char *name, char occurrence[STAMP_ID], struct err *err)
{
	struct db_chain row = {0};
	struct db_ns ns = {0};
	struct operation_answer answer = {0};
	occurrence[0] = '\0';
	if (db_chain_get(orch->db, name, &row, NULL))
		return err_set(
			err, ERR_NOT_FOUND, NULL, NULL, "there is no chain '%s'", name);
	int rc = db_ns_get(orch->db, row.ns_id, &ns, err);
	if (!rc && strcmp(ns.state, "INSTANTIATED") == 0) {
		json_t *intent = json_pack("{s:b}", "chain", 1);
		rc = ns_terminate_with(orch, row.ns_id, NULL, intent, &answer, err);
		memcpy(occurrence, answer.occurrence, STAMP_ID);
		json_decref(intent);
	} else if (!rc) {
		rc = ns_discard(orch, row.ns_id, true, err);
	}
	db_ns_clear(&ns);
	db_chain_clear(&row);
	return rc;
}

/* The service of that name, or an id for a new one. */
static int
find_service(struct orch *orch, struct deploy *deploy, enum presence *is, struct err *err)
{
	struct db_chain chain = {0};
	struct db_ns ns = {0};
	int rc = db_chain_get(orch->db, deploy->name, &chain, err);
	if (rc == err_errno(ERR_NOT_FOUND)) {
		stamp_id(deploy->ns);
		return ns_check_name_free(orch, deploy->name, err);
	}
	if (!rc)
		rc = db_ns_get(orch->db, chain.ns_id, &ns, err);
	if (!rc) {
		*is = strcmp(ns.state, "INSTANTIATED") == 0 ? RUNNING : IDLE;
		snprintf(deploy->ns, sizeof(deploy->ns), "%s", ns.id);
	}
	db_ns_clear(&ns);
	db_chain_clear(&chain);
	return rc;
}

static int
accept(struct orch *orch, struct deploy *deploy, const json_t *doc, enum presence is,
	struct chains_applied *applied, struct err *err)
{
	struct operation_answer answer = {0};
	int rc = keep_service(orch, deploy, doc, is, err);
	if (rc || (is == RUNNING && json_array_size(deploy->steps) == 0))
		return rc;
	json_t *intent = intent_of(deploy, doc, is);
	const struct operation operation = {.api = "ns",
		.operation = is == RUNNING ? "UPDATE" : "INSTANTIATE",
		.ns_id = deploy->ns,
		.instance = deploy->ns,
		.undo_on_failure = true,
		.params = doc,
		.intent = intent,
		.steps = deploy->steps};
	rc = operation_accept(orch->db, &operation, &answer, err);
	memcpy(applied->occurrence, answer.occurrence, STAMP_ID);
	if (!rc)
		rc = deploy_add_vnfs(orch, deploy, applied->occurrence, err);
	json_decref(intent);
	return rc;
}

/* What is on record before the operation: a running chain that changes gets its document
 * when it has changed. */
static int
keep_service(struct orch *orch, const struct deploy *deploy, const json_t *doc,
	enum presence is, struct err *err)
{
	if (is == ABSENT)
		return insert_service(orch, deploy, doc, err);
	int rc = operation_check_free(orch->db, deploy->ns, err);
	if (rc || (is == RUNNING && json_array_size(deploy->steps)))
		return rc;
	return keep_document(orch, deploy, doc, err);
}

/* effect.h. New reference. */
static json_t *
intent_of(const struct deploy *deploy, const json_t *doc, enum presence is)
{
	return is == RUNNING
		       ? json_pack("{s:O, s:o, s:o}", "document", doc, "nsd",
				 print_nsd(deploy, doc), "vnfs", deploy_vnfs(deploy))
		       : json_pack("{s:s, s:b, s:o}", "flavour", "default", "chain", 1,
				 "vnfs", deploy_vnfs(deploy));
}

static int
insert_service(struct orch *orch, const struct deploy *deploy, const json_t *doc,
	struct err *err)
{
	char nsd_info[STAMP_ID], nsd_id[64], now[STAMP_TIME];
	snprintf(nsd_id, sizeof(nsd_id), "renga-chain-%s", deploy->name);
	const char *description = json_string_value(json_object_get(doc, "description"));
	json_t *form = print_nsd(deploy, doc);
	const struct db_nsd nsd = {.id = stamp_id(nsd_info),
		.nsd_id = nsd_id,
		.name = (char *)deploy->name,
		.version = "1.0",
		.designer = "renga",
		.invariant_id = nsd_id,
		.onboarding = "ONBOARDED",
		.operational = "ENABLED",
		.nsd = form,
		.created = stamp_time(now)};
	const struct db_ns ns = {.id = (char *)deploy->ns,
		.name = (char *)deploy->name,
		.description = (char *)(description ? description : ""),
		.nsd_info_id = nsd_info,
		.nsd_id = nsd_id,
		.state = "NOT_INSTANTIATED",
		.created = now,
		.project = (char *)deploy->project};
	const struct db_chain chain = {
		(char *)deploy->name, (char *)deploy->ns, nsd_info, (json_t *)doc};
	int rc = db_nsd_insert(orch->db, &nsd, err);
	if (!rc)
		rc = notify_nsd(orch->db, &nsd, NOTIFY_NSD_ONBOARDED, err);
	if (!rc)
		rc = db_ns_insert(orch->db, &ns, err);
	if (!rc)
		rc = notify_ns(orch->db, &ns, true, err);
	if (!rc)
		rc = db_chain_insert(orch->db, &chain, err);
	json_decref(form);
	return rc;
}

/* Where nothing differs for the host the text may: a comment in a description, an order,
 * a policy. */
static int
keep_document(struct orch *orch, const struct deploy *deploy, const json_t *doc,
	struct err *err)
{
	struct db_chain chain = {0};
	int rc = db_chain_get(orch->db, deploy->name, &chain, err);
	if (!rc && !json_equal(chain.document, doc)) {
		json_decref(chain.document);
		chain.document = json_incref((json_t *)doc);
		rc = db_chain_update(orch->db, &chain, err);
		if (!rc)
			rc = keep_nsd(orch, deploy, doc, chain.nsd_info_id, err);
	}
	db_chain_clear(&chain);
	return rc;
}

static int
keep_nsd(struct orch *orch, const struct deploy *deploy, const json_t *doc,
	const char *id, struct err *err)
{
	struct db_nsd nsd = {0};
	int rc = db_nsd_get(orch->db, id, &nsd, err);
	if (!rc) {
		json_decref(nsd.nsd);
		nsd.nsd = print_nsd(deploy, doc);
		rc = db_nsd_update(orch->db, &nsd, err);
	}
	db_nsd_clear(&nsd);
	return rc;
}

static json_t *
print_nsd(const struct deploy *deploy, const json_t *doc)
{
	char nsd_id[64];
	snprintf(nsd_id, sizeof(nsd_id), "renga-chain-%s", deploy->name);
	return nsd_form_print(&deploy->model, nsd_id,
		json_string_value(json_object_get(doc, "description")));
}

static json_t *
dry_plan(const struct deploy *deploy, bool exists)
{
	return json_pack("{s:s, s:b, s:O}", "name", deploy->name, "exists", exists,
		"steps", deploy->steps);
}

static int
chain_json(struct orch *orch, const struct db_chain *row, const json_t *observed,
	json_t **chain, struct err *err)
{
	struct db_ns ns = {0};
	struct db_vnf *vnfs;
	size_t n;
	int rc = db_ns_get(orch->db, row->ns_id, &ns, err);
	if (!rc)
		rc = db_vnf_list_of_ns(orch->db, row->ns_id, &vnfs, &n, err);
	if (!rc) {
		json_t *list = in_order(vnf_list(vnfs, n, observed), row->document);
		*chain = json_pack("{s:s, s:s, s:s, s:s, s:O, s:o, s:O}", "name",
			row->name, "state", chain_state(orch, &ns), "nsInstanceId",
			row->ns_id, "nsdInfoId", row->nsd_info_id, "wanted",
			row->document, "actual",
			observe_service(orch, row->ns_id, observed), "vnfs", list);
		if (ns.project)
			json_object_set_new(*chain, "project", json_string(ns.project));
		json_t *placement = placer_tell(orch->placer, row->ns_id);
		if (placement)
			json_object_set_new(*chain, "placement", placement);
		json_t *policies = keeper_tell(orch->keeper, row->ns_id);
		if (policies)
			json_object_set_new(*chain, "policies", policies);
		json_decref(list);
		db_vnfs_free(vnfs, n);
	}
	db_ns_clear(&ns);
	return rc;
}

/* With their figures, as far as the VNFM tells them. */
static void
add_paths(struct orch *orch, const char *ns, json_t *chain)
{
	struct db_object service = {0};
	json_t *told = NULL;
	struct err why;
	if (db_object_get(orch->db, "service", ns, &service, NULL) == 0 &&
		json_object_get(service.doc, "steer")) {
		orch->vnfm.driver->stats(orch->vnfm.self, ns, &told, &why);
		json_object_set_new(chain, "paths", stats_paths(service.doc, told));
	}
	json_decref(told);
	db_object_clear(&service);
}

static json_t *
vnf_list(const struct db_vnf *vnfs, size_t n, const json_t *observed)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s}", "vnf", vnfs[i].profile,
				      "type", vnfs[i].type, "vnfInstanceId", vnfs[i].id,
				      "state", observe_state(observed, vnfs[i].id)));
	return list;
}

/* As the document names them. Takes a reference and gives one. */
static json_t *
in_order(json_t *list, const json_t *doc)
{
	static const char *const parts[] = {"path", "vnfs"};
	json_t *ordered = json_array(), *element, *vnf;
	size_t i, k;
	for (size_t p = 0; p < 2; p++)
		json_array_foreach (json_object_get(doc, parts[p]), i, element)
			json_array_foreach (list, k, vnf)
				if (json_equal(json_object_get(element, "vnf"),
					    json_object_get(vnf, "vnf"))) {
					json_array_append(ordered, vnf);
					json_array_remove(list, k);
					break;
				}
	json_array_extend(ordered, list);
	json_decref(list);
	return ordered;
}

/* The unfinished operation's state tells more than the instance's. */
static const char *
chain_state(struct orch *orch, const struct db_ns *ns)
{
	struct db_occurrence row = {0};
	const char *state = strcmp(ns->state, "INSTANTIATED") == 0 ? "INSTANTIATED"
								   : "NOT_INSTANTIATED";
	if (db_occurrence_get_open(orch->db, ns->id, &row, NULL))
		return state;
	if (strcmp(row.state, "FAILED_TEMP") == 0)
		state = "FAILED_TEMP";
	else if (strcmp(row.state, "ROLLING_BACK") == 0)
		state = "ROLLING_BACK";
	else if (strcmp(row.operation, "INSTANTIATE") == 0)
		state = "INSTANTIATING";
	else
		state = strcmp(row.operation, "TERMINATE") == 0 ? "TERMINATING"
								: "UPDATING";
	db_occurrence_clear(&row);
	return state;
}
