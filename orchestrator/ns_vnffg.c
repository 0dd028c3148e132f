/* ns_vnffg.c: see ns_vnffg.h. */
#include "orchestrator/ns_vnffg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "db/ns_instances.h"
#include "db/nsds.h"
#include "db/vnf_instances.h"
#include "orchestrator/deploy.h"
#include "orchestrator/plan/forwarding.h"
#include "orchestrator/grant.h"
#include "orchestrator/plan/nfp.h"
#include "orchestrator/descriptor/nsd_form.h"
#include "orchestrator/descriptor/nsd_vnffg.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/shape.h"

struct task {
	struct orch *orch;
	struct db_ns ns;
	json_t *host, *actual;
	struct forwarding forwarding;
	struct faults *faults;
	struct err *err;
};

/* Changes the forwarding by one item of the list that the request has; at path. */
typedef int change_fn(struct task *task, const json_t *item, const char *path);

static change_fn add_graph, remove_graph, update_graph;

static int change(struct orch *orch, const char *id, const char *list, change_fn *fn,
	const json_t *request, struct operation_answer *answer, struct faults *faults,
	struct err *err);
static int load(struct task *task, const char *id);
static int check_started(struct task *task);
static int change_all(
	struct task *task, const char *list, change_fn *fn, const json_t *request);
static int check(struct task *task);
static int accept(
	struct task *task, const json_t *request, struct operation_answer *answer);
static bool has_graph(const struct model *model, const char *graph);
static const char *find_graph(
	struct task *task, const json_t *id, const char *path, char *buf, size_t size);
static void remove_listed(
	struct task *task, const json_t *ids, const char *graph, const char *path);
static const char *text(const json_t *object, const char *member);

int
ns_vnffg_add(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	return change(orch, id, "addVnffg", add_graph, request, answer, faults, err);
}

int
ns_vnffg_remove(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	return change(
		orch, id, "removeVnffgId", remove_graph, request, answer, faults, err);
}

int
ns_vnffg_update(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	return change(
		orch, id, "updateVnffg", update_graph, request, answer, faults, err);
}

static int
change(struct orch *orch, const char *id, const char *list, change_fn *fn,
	const json_t *request, struct operation_answer *answer, struct faults *faults,
	struct err *err)
{
	struct task task = {.orch = orch, .faults = faults, .err = err};
	int rc = orch->vnfm.driver->host(orch->vnfm.self, &task.host, err);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (!rc) {
		rc = load(&task, id);
		if (!rc)
			rc = change_all(&task, list, fn, request);
		if (!rc)
			rc = check(&task);
		if (!rc)
			rc = accept(&task, request, answer);
		rc = operation_end(orch, rc, answer, err);
	}
	forwarding_clear(&task.forwarding);
	json_decref(task.actual);
	json_decref(task.host);
	db_ns_clear(&task.ns);
	return rc;
}

static int
load(struct task *task, const char *id)
{
	struct orch *orch = task->orch;
	int rc = operation_get_ns(orch->db, id, &task->ns, task->err);
	if (!rc)
		rc = check_started(task);
	if (!rc)
		rc = deploy_wanted(orch->db, id, &task->actual, task->err);
	if (!rc)
		forwarding_open(&task->forwarding, task->actual);
	if (!rc && !task->forwarding.model.n_paths)
		rc = err_set(task->err, ERR_STATE, NULL,
			"say them in its descriptor: vnffgd, or `paths` of a chain",
			"service '%s' has no forwarding paths", task->ns.name);
	return rc;
}

static int
check_started(struct task *task)
{
	struct db_vnf *vnfs;
	size_t n;
	int rc = db_vnf_list_of_ns(task->orch->db, task->ns.id, &vnfs, &n, task->err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < n; i++)
		if (vnfs[i].stopped)
			rc = err_set(task->err, ERR_STATE, NULL,
				"start it first: renga vnf operate VNF start",
				"VNF '%s' is stopped", vnfs[i].name);
	db_vnfs_free(vnfs, n);
	return rc;
}

static int
change_all(struct task *task, const char *list, change_fn *fn, const json_t *request)
{
	const struct shape_member members[] = {
		{list, fn == remove_graph ? SHAPE_LIST : SHAPE_MAPS}, {0}};
	const json_t *items = json_object_get(request, list);
	char path[64];
	size_t i;
	json_t *item;
	int rc = 0;
	if (!json_is_array(items) || json_array_size(items) == 0)
		return faults_add(task->faults, ERR_INVALID, list, NULL,
			"a list of one or more is to be given");
	shape_check(request, members, "", task->faults);
	if (task->faults->n)
		return err_errno(task->faults->list[0].code);
	json_array_foreach ((json_t *)items, i, item) {
		snprintf(path, sizeof(path), "%s[%zu]", list, i);
		if (!rc)
			rc = fn(task, item, path);
	}
	if (!rc && task->faults->n)
		rc = err_errno(task->faults->list[0].code);
	return rc;
}

static int
check(struct task *task)
{
	struct catalog catalog;
	if (!task->forwarding.model.n_paths)
		return faults_add(task->faults, ERR_INVALID, NULL,
			"terminate the service, or add a path before",
			"no path would be left");
	int rc = catalog_load(task->orch->db, &catalog, task->err);
	if (rc)
		return rc;
	forwarding_check(&task->forwarding, &catalog, task->faults);
	catalog_clear(&catalog);
	return task->faults->n ? err_errno(task->faults->list[0].code) : 0;
}

static int
accept(struct task *task, const json_t *request, struct operation_answer *answer)
{
	json_t *target = forwarding_target(&task->forwarding);
	json_t *steps = plan_make(task->actual, target);
	const struct operation operation = {.api = "ns",
		.operation = "UPDATE",
		.ns_id = task->ns.id,
		.instance = task->ns.id,
		.undo_on_failure = true,
		.params = request,
		.steps = steps};
	int rc = grant_end(grant_check(task->orch, task->ns.id, task->host, steps, NULL,
				   task->faults, task->err),
		task->faults);
	if (!rc)
		rc = operation_accept(task->orch->db, &operation, answer, task->err);
	json_decref(steps);
	json_decref(target);
	return rc;
}

static int
add_graph(struct task *task, const json_t *item, const char *path)
{
	static const char *const said[] = {"vnffgName", "description"};
	static const struct shape_member members[] = {{"vnffgdId", SHAPE_TEXT},
		{"targetNsInstanceId", SHAPE_TEXT}, {"vnffgName", SHAPE_TEXT},
		{"description", SHAPE_TEXT}, {0}};
	struct model *model = &task->forwarding.model;
	struct db_nsd nsd = {0};
	const char *graph = text(item, "vnffgdId");
	const char *target = text(item, "targetNsInstanceId");
	char place[96];
	shape_check(item, members, path, task->faults);
	snprintf(place, sizeof(place), "%s.targetNsInstanceId", path);
	if (target && strcmp(target, task->ns.id) != 0)
		faults_add(task->faults, ERR_UNSUPPORTED, place, "ask that service",
			"a forwarding graph is added to the service itself");
	snprintf(place, sizeof(place), "%s.vnffgdId", path);
	if (graph && has_graph(model, graph))
		return faults_add(task->faults, ERR_EXISTS, place, NULL,
			"the service has the forwarding graph '%s' already", graph);
	int rc = db_nsd_get(task->orch->db, task->ns.nsd_info_id, &nsd, task->err);
	if (rc)
		return rc;
	const size_t before = faults_count(task->faults);
	if (graph)
		nsd_vnffg_parse(json_object_get(nsd_form_find(nsd.nsd), "vnffgd"), graph,
			model, task->faults);
	if (!faults_since(task->faults, before) && (!graph || !has_graph(model, graph)))
		faults_add(task->faults, ERR_INVALID, place, "the id of a vnffgd of it",
			"the descriptor has no forwarding graph '%s'",
			graph ? graph : "");
	else if (graph) {
		json_t *tag = json_object();
		for (size_t i = 0; i < 2; i++)
			if (text(item, said[i]))
				json_object_set(
					tag, said[i], json_object_get(item, said[i]));
		json_object_set_new(task->forwarding.graphs, graph, tag);
	}
	db_nsd_clear(&nsd);
	return 0;
}

static int
remove_graph(struct task *task, const json_t *item, const char *path)
{
	struct model *model = &task->forwarding.model;
	char buf[MODEL_PATH];
	const char *graph = find_graph(task, item, path, buf, sizeof(buf));
	for (size_t i = model->n_paths; graph && i-- > 0;)
		if (strcmp(model->paths[i].graph, graph) == 0)
			model_del_path(model, i);
	return 0;
}

static int
update_graph(struct task *task, const json_t *item, const char *path)
{
	static const struct shape_member members[] = {
		{"nfp", SHAPE_MAPS}, {"nfpInfoId", SHAPE_LIST}, {0}};
	char place[96], buf[MODEL_PATH];
	size_t i;
	json_t *nfp;
	shape_check(item, members, path, task->faults);
	snprintf(place, sizeof(place), "%s.vnffgInfoId", path);
	const char *graph = find_graph(
		task, json_object_get(item, "vnffgInfoId"), place, buf, sizeof(buf));
	if (!graph)
		return 0;
	snprintf(place, sizeof(place), "%s.nfpInfoId", path);
	remove_listed(task, json_object_get(item, "nfpInfoId"), graph, place);
	json_array_foreach (json_object_get(item, "nfp"), i, nfp) {
		snprintf(place, sizeof(place), "%s.nfp[%zu]", path, i);
		nfp_change(&task->forwarding, graph, nfp, place, task->faults);
	}
	return 0;
}

static void
remove_listed(struct task *task, const json_t *ids, const char *graph, const char *path)
{
	char place[128];
	size_t i;
	json_t *id;
	json_array_foreach ((json_t *)ids, i, id) {
		snprintf(place, sizeof(place), "%s[%zu]", path, i);
		const int at =
			nfp_find(&task->forwarding, graph, id, place, task->faults);
		if (at >= 0)
			model_del_path(&task->forwarding.model, (size_t)at);
	}
}

static bool
has_graph(const struct model *model, const char *graph)
{
	for (size_t i = 0; i < model->n_paths; i++)
		if (strcmp(model->paths[i].graph, graph) == 0)
			return true;
	return false;
}

/* By "<ns>/<graph>"; null with a fault if there is none. A copy: the model may lose it.
 */
static const char *
find_graph(struct task *task, const json_t *id, const char *path, char *buf, size_t size)
{
	const char *said = json_string_value(id);
	const char *slash = said ? strrchr(said, '/') : NULL;
	snprintf(buf, size, "%s", slash ? slash + 1 : said ? said : "");
	if (has_graph(&task->forwarding.model, buf))
		return buf;
	faults_add(task->faults, ERR_INVALID, path, "see its vnffgInfo",
		"the service has no forwarding graph '%s'", said ? said : "");
	return NULL;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
