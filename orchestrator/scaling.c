/* scaling.c: see scaling.h. */
#include "orchestrator/scaling.h"

#include <string.h>
#include "orchestrator/descriptor/catalog.h"
#include "orchestrator/deploy.h"
#include "orchestrator/grant.h"
#include "orchestrator/descriptor/model.h"
#include "orchestrator/plan/placement.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/shape.h"

struct setting { /* of one VNF */
	struct scaling *scaling;
	const struct db_vnf *vnf;
	unsigned n;
	const char *path;
	struct faults *faults;
};

static void set(const struct setting *set, const struct catalog *catalog);
static bool may_have_replicas(const struct setting *set, const struct catalog *catalog,
	const json_t *object, bool itself);
static const char *group_of(const json_t *object);

int
scaling_open(struct orch *orch, struct scaling *scaling, struct err *err)
{
	return orch->vnfm.driver->host(orch->vnfm.self, &scaling->host, err);
}

int
scaling_begin(struct orch *orch, const char *ns, struct scaling *scaling, struct err *err)
{
	int rc = deploy_wanted(orch->db, NULL, &scaling->all, err);
	if (!rc)
		rc = deploy_wanted(orch->db, ns, &scaling->actual, err);
	if (!rc)
		scaling->target = json_deep_copy(scaling->actual);
	return rc;
}

void
scaling_clear(struct scaling *scaling)
{
	json_decref(scaling->host);
	json_decref(scaling->all);
	json_decref(scaling->actual);
	json_decref(scaling->target);
	*scaling = (struct scaling){0};
}

int
scaling_set(struct orch *orch, struct scaling *scaling, const struct db_vnf *vnf, int n,
	const char *path, struct faults *faults, struct err *err)
{
	struct catalog catalog;
	if (replicas_count(scaling->actual, vnf->id) == 0)
		return err_set(err, ERR_STATE, NULL,
			"start it first: renga vnf operate VNF start",
			"VNF '%s' is stopped", vnf->name);
	if (n < 1 || n > REPLICAS_MAX)
		return faults_add(faults, ERR_INVALID, path, NULL,
			"VNF '%s' would have %d replicas: it can have 1 to %d", vnf->name,
			n, REPLICAS_MAX);
	int rc = catalog_load(orch->db, &catalog, err);
	if (rc)
		return rc;
	const struct setting setting = {scaling, vnf, (unsigned)n, path, faults};
	set(&setting, &catalog);
	catalog_clear(&catalog);
	return faults->n ? err_errno(faults->list[0].code) : 0;
}

int
scaling_plan(struct orch *orch, const struct scaling *scaling, const char *ns, int drain,
	json_t **steps, struct faults *faults, struct err *err)
{
	json_t *step;
	size_t i;
	*steps = plan_make(scaling->actual, scaling->target);
	json_array_foreach (*steps, i, step)
		if (drain >= 0 &&
			strcmp(json_string_value(json_object_get(step, "action")),
				"spread") == 0)
			json_object_set_new(json_object_get(step, "wanted"), "drain",
				json_integer(drain));
	return grant_end(
		grant_check(orch, ns, scaling->host, *steps, NULL, faults, err), faults);
}

int
scaling_read_drain(const json_t *request, struct faults *faults)
{
	static const struct shape_member members[] = {
		{"additionalParams", SHAPE_MAP}, {0}};
	shape_check(request, members, "", faults);
	return shape_number(json_object_get(json_object_get(request, "additionalParams"),
				    "drainTimeout"),
		0, SCALING_DRAIN_MAX_S, -1, "additionalParams.drainTimeout", faults);
}

void
scaling_check_aspect(const json_t *aspect, const char *path, struct faults *faults)
{
	if (aspect && (!json_is_string(aspect) ||
			      strcmp(json_string_value(aspect), "replicas") != 0))
		faults_add(faults, ERR_INVALID, path, "replicas, or leave it out",
			"a VNF has no such aspect");
}

/* Of the VNF, and of all that share its process: they go where it goes. */
static void
set(const struct setting *set, const struct catalog *catalog)
{
	const struct scaling *scaling = set->scaling;
	const char *vnf = set->vnf->id;
	const char *group = group_of(replicas_find(scaling->actual, vnf, 0));
	int cores[REPLICAS_MAX];
	size_t i;
	json_t *object;
	if (group && strncmp(group, MODEL_AUTO, strlen(MODEL_AUTO)) == 0) {
		faults_add(set->faults, ERR_UNSUPPORTED, NULL,
			"write isolation: group, or process, and replicas",
			"VNF '%s' is placed by what is measured, which replicas cannot be yet",
			set->vnf->name);
		return;
	}
	placement_spread(scaling->host, scaling->all, scaling->all, vnf, cores);
	json_array_foreach (scaling->actual, i, object) {
		const char *id = json_string_value(json_object_get(object, "object"));
		const char *its = group_of(object);
		const bool itself = strcmp(id, vnf) == 0;
		const bool along = group && its && strcmp(its, group) == 0;
		if ((itself || along) && may_have_replicas(set, catalog, object, itself))
			replicas_set(scaling->target, id, set->n, cores);
	}
}

static bool
may_have_replicas(const struct setting *set, const struct catalog *catalog,
	const json_t *object, bool itself)
{
	const json_t *doc = json_object_get(object, "doc");
	const char *name = json_string_value(json_object_get(doc, "name"));
	const char *word = json_string_value(json_object_get(doc, "type"));
	const char *id = json_string_value(json_object_get(object, "object"));
	const struct catalog_type *type = catalog_find(catalog, word);
	const char *shares = itself ? "" : "shares the process, and ";
	if (!type || !catalog_scales(type))
		faults_add(set->faults, ERR_UNSUPPORTED, NULL,
			itself ? "`renga explain TYPE` says which types can"
			       : "take it out of the group",
			"'%s' %sis of type '%s', which cannot have replicas", name,
			shares, word);
	else if (catalog_scales_by_port(type) &&
		 !replicas_are_told(set->scaling->actual, id))
		faults_add(set->faults, ERR_STATE, NULL,
			"delete the service and apply it with `replicas: 1` or more",
			"'%s' %swas deployed without `replicas`, so it uses all outside "
			"ports: it cannot share them now",
			name, shares);
	else
		return true;
	return false;
}

/* Of an object; null: it has a process of its own. */
static const char *
group_of(const json_t *object)
{
	return json_string_value(json_object_get(
		json_object_get(json_object_get(object, "doc"), "group"), "name"));
}
