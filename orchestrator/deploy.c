/* deploy.c: from a model to the plan that makes a service run as it says. */
#include "orchestrator/deploy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "db/ns_instances.h"
#include "db/objects.h"
#include "db/vnf_instances.h"
#include "orchestrator/descriptor/affinity.h"
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/descriptor/check.h"
#include "orchestrator/claim.h"
#include "orchestrator/grant.h"
#include "orchestrator/notify.h"
#include "orchestrator/plan/placement.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/descriptor/policy_form.h"
#include "orchestrator/plan/port_turn.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/plan/target.h"
#include "orchestrator/plan/target_paths.h"
#include "orchestrator/vnf_change.h"

static json_t *take_objects(struct db_object *rows, size_t n);
static json_t *sizes_of(const struct deploy *deploy);
static int identify_vnfs(struct orch *orch, struct deploy *deploy, struct err *err);
static int find_packages(struct orch *orch, struct deploy *deploy, struct err *err);
static void keep_pool(struct deploy *deploy, const json_t *actual, struct faults *faults);
static void check_shares(
	const struct deploy *deploy, const json_t *actual, struct faults *faults);
static void make_target(struct deploy *deploy, const int *cores);
static void keep_changes(struct deploy *deploy, const json_t *actual);
static void set_replicas(struct deploy *deploy, const json_t *all, const json_t *actual);
static void replica_cores(
	const struct deploy *deploy, size_t at, const json_t *all, int *cores);
static json_t *beside(const struct deploy *deploy, const json_t *all, const char *vnf);
static bool share_process(const json_t *objects, const char *a, const char *b);

int
deploy_check(
	struct orch *orch, struct deploy *deploy, struct faults *faults, struct err *err)
{
	struct catalog catalog;
	int rc = orch->vnfm.driver->host(orch->vnfm.self, &deploy->host, err);
	if (!rc)
		rc = catalog_load(orch->db, &catalog, err);
	if (rc)
		return rc;
	if (catalog.n == 0)
		return err_set(err, ERR_UNAVAILABLE, NULL,
			"it takes a moment after the first start",
			"the VNF manager has not told its VNF types yet");
	check_model(&deploy->model, &catalog, true, faults);
	affinity_check(&deploy->model, faults);
	check_interfaces(&deploy->model, deploy->host, faults);
	catalog_clear(&catalog);
	return check_configs(&deploy->model, &orch->vnfm, faults, err);
}

int
deploy_plan(
	struct orch *orch, struct deploy *deploy, struct faults *faults, struct err *err)
{
	json_t *all = NULL, *actual = NULL;
	int *cores = calloc(deploy->model.n_vnfs + 1, sizeof(*cores));
	if (!cores)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	int rc = identify_vnfs(orch, deploy, err);
	if (!rc)
		rc = claim_check(orch, deploy->ns, &deploy->model, faults, err);
	if (!rc)
		rc = deploy_wanted(orch->db, NULL, &all, err);
	if (!rc)
		rc = deploy_wanted(orch->db, deploy->ns, &actual, err);
	const bool left = !rc && deploy->anew && json_array_size(actual) > 0;
	if (left) {
		target_forget(all, deploy->ns);
		json_array_clear(actual);
	}
	if (!rc)
		keep_pool(deploy, actual, faults);
	if (!rc)
		check_shares(deploy, actual, faults);
	if (!rc)
		affinity_restore(&deploy->model,
			affinity_kept(json_object_get(
				target_find(actual, "service", deploy->ns), "doc")));
	if (!rc)
		placement_group(&deploy->model, all, deploy->ns);
	if (!rc)
		placement_choose(
			&deploy->model, deploy->host, all, deploy->ns, cores, faults);
	if (!rc && !faults->n) {
		target_number_paths(&deploy->model, actual);
		make_target(deploy, cores);
		target_keep_graphs(
			json_object_get(json_array_get(deploy->target, 0), "doc"),
			target_graphs(actual));
		keep_changes(deploy, actual);
		set_replicas(deploy, all, actual);
		port_turn(actual, deploy->target);
		deploy->steps = plan_make(actual, deploy->target);
		if (left)
			plan_end_first(deploy->steps, deploy->ns, deploy->name);
		json_t *sizes = sizes_of(deploy);
		rc = grant_check_in(orch, deploy->project, deploy->ns, deploy->host, all,
			deploy->steps, sizes, faults, err);
		json_decref(sizes);
	}
	json_decref(all);
	json_decref(actual);
	free(cores);
	return rc;
}

int
deploy_add_vnfs(struct orch *orch, const struct deploy *deploy, const char *occurrence,
	struct err *err)
{
	char name[128];
	int rc = 0;
	for (size_t i = 0; !rc && i < deploy->model.n_vnfs; i++) {
		const struct model_vnf *vnf = &deploy->model.vnfs[i];
		if (deploy->vnfs[i].known)
			continue;
		const char *next = deploy->vnfs[i].replaces ? DEPLOY_NEXT : "";
		snprintf(name, sizeof(name), "%s.%s%s%.8s", deploy->name, vnf->name, next,
			*next ? deploy->vnfs[i].id : "");
		const struct db_vnf row = {.id = deploy->vnfs[i].id,
			.ns_id = (char *)deploy->ns,
			.name = name,
			.profile = vnf->name,
			.type = vnf->type,
			.package_id = (char *)deploy->vnfs[i].package,
			.state = "NOT_INSTANTIATED",
			.occurrence = (char *)occurrence,
			.state_size = (int64_t)vnf->state_need};
		rc = db_vnf_insert(orch->db, &row, err);
		if (!rc)
			rc = notify_vnf(orch->db, &row, true, err);
	}
	return rc;
}

json_t *
deploy_vnfs(const struct deploy *deploy)
{
	json_t *list = json_array();
	for (size_t i = 0; i < deploy->model.n_vnfs; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s}", "id", deploy->vnfs[i].id,
				      "profile", deploy->model.vnfs[i].name, "type",
				      deploy->model.vnfs[i].type, "package",
				      deploy->vnfs[i].package));
	return list;
}

void
deploy_clear(struct deploy *deploy)
{
	model_clear(&deploy->model);
	json_decref(deploy->host);
	json_decref(deploy->target);
	json_decref(deploy->steps);
	free(deploy->vnfs);
	*deploy = (struct deploy){0};
}

int
deploy_wanted(struct db *db, const char *ns, json_t **objects, struct err *err)
{
	struct db_object *rows;
	size_t n;
	int rc = db_object_list(db, ns, &rows, &n, err);
	if (!rc)
		*objects = take_objects(rows, n);
	return rc;
}

int
deploy_pending(struct db *db, json_t **objects, struct err *err)
{
	struct db_object *rows;
	size_t n;
	int rc = db_object_list_planned(db, &rows, &n, err);
	if (!rc)
		*objects = take_objects(rows, n);
	return rc;
}

/* As target.h says; frees the rows. */
static json_t *
take_objects(struct db_object *rows, size_t n)
{
	json_t *objects = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(objects,
			json_pack("{s:s, s:s, s:s, s:O}", "kind", rows[i].kind, "object",
				rows[i].object, "ns", rows[i].ns, "doc", rows[i].doc));
	db_objects_free(rows, n);
	return objects;
}

static int
identify_vnfs(struct orch *orch, struct deploy *deploy, struct err *err)
{
	struct db_vnf *rows;
	size_t n;
	deploy->vnfs = calloc(deploy->model.n_vnfs + 1, sizeof(*deploy->vnfs));
	if (!deploy->vnfs)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	int rc = db_vnf_list_of_ns(orch->db, deploy->ns, &rows, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < deploy->model.n_vnfs; i++) {
		stamp_id(deploy->vnfs[i].id);
		for (size_t k = 0; k < n; k++) {
			if (strcmp(rows[k].profile, deploy->model.vnfs[i].name) != 0)
				continue;
			deploy->vnfs[i].replaces =
				strcmp(rows[k].type, deploy->model.vnfs[i].type) != 0;
			if (deploy->vnfs[i].replaces)
				continue;
			snprintf(deploy->vnfs[i].id, STAMP_ID, "%s", rows[k].id);
			deploy->vnfs[i].known = true;
		}
	}
	db_vnfs_free(rows, n);
	return find_packages(orch, deploy, err);
}

static int
find_packages(struct orch *orch, struct deploy *deploy, struct err *err)
{
	struct catalog catalog;
	int rc = catalog_load(orch->db, &catalog, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < deploy->model.n_vnfs; i++) {
		const struct model_vnf *vnf = &deploy->model.vnfs[i];
		const struct catalog_type *type = catalog_find_vnfd(&catalog, vnf->vnfd);
		if (!type)
			rc = err_set(err, ERR_STATE, vnf->type_path, NULL,
				"the package of '%s' was removed meanwhile", vnf->vnfd);
		else
			snprintf(deploy->vnfs[i].package, sizeof(deploy->vnfs[i].package),
				"%s", type->package);
		deploy->vnfs[i].by_port = type && catalog_scales_by_port(type);
	}
	catalog_clear(&catalog);
	return rc;
}

/* The pool of a running service keeps its size: packets are in it. */
static void
keep_pool(struct deploy *deploy, const json_t *actual, struct faults *faults)
{
	const json_t *running = target_find(actual, "service", deploy->ns);
	const json_t *buffers =
		json_object_get(json_object_get(running, "doc"), "buffers");
	if (!running)
		return;
	const uint64_t size = (uint64_t)json_integer_value(buffers);
	if (deploy->model.buffers && deploy->model.buffers != size)
		faults_add(faults, ERR_STATE, "buffers",
			"delete the service and apply it again",
			"the service runs with %" PRIu64
			" buffers, which cannot be changed",
			size);
	deploy->model.buffers = size;
}

/* One that was started with all its ports cannot share them any more. */
static void
check_shares(const struct deploy *deploy, const json_t *actual, struct faults *faults)
{
	char path[MODEL_PATH];
	for (size_t i = 0; i < deploy->model.n_vnfs; i++) {
		const struct model_vnf *vnf = &deploy->model.vnfs[i];
		const char *id = deploy->vnfs[i].id;
		if (!vnf->replicas || !deploy->vnfs[i].by_port ||
			!replicas_find(actual, id, 0) || replicas_are_told(actual, id))
			continue;
		snprintf(path, sizeof(path), "%.180s.replicas", vnf->path);
		faults_add(faults, ERR_STATE, path,
			"delete the service and apply it again",
			"'%s' runs without `replicas` and uses all outside ports: it "
			"cannot share them now",
			vnf->name);
	}
}

/* What each VNF needs for its state: as grant.h wants it. */
static json_t *
sizes_of(const struct deploy *deploy)
{
	json_t *sizes = json_object();
	for (size_t i = 0; i < deploy->model.n_vnfs; i++)
		json_object_set_new(sizes, deploy->vnfs[i].id,
			json_integer((json_int_t)deploy->model.vnfs[i].state_need));
	return sizes;
}

static void
make_target(struct deploy *deploy, const int *cores)
{
	const char **ids = calloc(deploy->model.n_vnfs + 1, sizeof(*ids));
	if (!ids)
		return;
	for (size_t i = 0; i < deploy->model.n_vnfs; i++)
		ids[i] = deploy->vnfs[i].id;
	const struct target_service service = {deploy->ns, deploy->name, ids, cores};
	deploy->target = target_make(&deploy->model, &service);
	free(ids);
}

static void
keep_changes(struct deploy *deploy, const json_t *actual)
{
	for (size_t i = 0; i < deploy->model.n_vnfs; i++) {
		json_t *wanted = target_find(deploy->target, "vnf", deploy->vnfs[i].id);
		const json_t *running = target_find(actual, "vnf", deploy->vnfs[i].id);
		vnf_change_keep(
			json_object_get(wanted, "doc"), json_object_get(running, "doc"));
	}
}

/* One that was scaled and whose descriptor does not say how is one of one; a policy's
 * number is kept. */
static void
set_replicas(struct deploy *deploy, const json_t *all, const json_t *actual)
{
	int cores[REPLICAS_MAX];
	for (size_t i = 0; i < deploy->model.n_vnfs; i++) {
		const struct model_vnf *vnf = &deploy->model.vnfs[i];
		const char *id = deploy->vnfs[i].id;
		const unsigned n = policy_form_replicas(
			&deploy->model, i, replicas_count(actual, id));
		if (!n && !vnf->replicas && !replicas_are_told(actual, id))
			continue;
		replica_cores(deploy, i, all, cores);
		replicas_set(deploy->target, id,
			n		? n
			: vnf->replicas ? vnf->replicas
					: 1,
			cores);
	}
}

/* Those of a group are where the first of its VNFs has them, or where one of them says.
 */
static void
replica_cores(const struct deploy *deploy, size_t at, const json_t *all, int *cores)
{
	const struct model *model = &deploy->model;
	const char *group = model->vnfs[at].group;
	const struct model_vnf *says = &model->vnfs[at];
	size_t first = at;
	for (size_t i = model->n_vnfs; group && i-- > 0;) {
		if (!model->vnfs[i].group || strcmp(model->vnfs[i].group, group) != 0)
			continue;
		first = i;
		says = model->vnfs[i].n_cores ? &model->vnfs[i] : says;
	}
	const char *id = deploy->vnfs[first].id;
	json_t *planned = beside(deploy, all, id);
	placement_spread(deploy->host, planned, all, id, cores);
	json_decref(planned);
	for (unsigned k = 0; says->n_cores && k < REPLICAS_MAX; k++)
		cores[k] = says->cores[k % says->n_cores];
}

/* The objects of other services, and those that this one is to have; its replicas that
 * are not among these yet as they are, but for those of the VNF that is to be spread,
 * and of its group. */
static json_t *
beside(const struct deploy *deploy, const json_t *all, const char *vnf)
{
	json_t *objects = json_copy(deploy->target), *object;
	char of[STAMP_ID];
	size_t i;
	json_array_foreach ((json_t *)all, i, object) {
		const char *ns = json_string_value(json_object_get(object, "ns"));
		const char *kind = json_string_value(json_object_get(object, "kind"));
		const char *id = json_string_value(json_object_get(object, "object"));
		const bool replica = strcmp(kind, "vnf") == 0 && replicas_index(id) > 0 &&
				     !target_find(deploy->target, "vnf", id) &&
				     !share_process(deploy->target, vnf,
					     replicas_of(id, of, sizeof(of)));
		if (replica || strcmp(ns, deploy->ns) != 0)
			json_array_append(objects, object);
	}
	return objects;
}

static bool
share_process(const json_t *objects, const char *a, const char *b)
{
	const json_t *one = target_find(objects, "vnf", a),
		     *other = target_find(objects, "vnf", b);
	const json_t *group = json_object_get(json_object_get(one, "doc"), "group");
	return one == other ||
	       (group && json_equal(group, json_object_get(json_object_get(other, "doc"),
						   "group")));
}
