/* vnf_scale.c: see vnf_scale.h. */
#include "orchestrator/vnf_scale.h"

#include <string.h>
#include "db/occurrences.h"
#include "db/vnf_instances.h"
#include "orchestrator/catalog.h"
#include "orchestrator/deploy.h"
#include "orchestrator/engine.h"
#include "orchestrator/model.h"
#include "orchestrator/operation.h"
#include "orchestrator/placement.h"
#include "orchestrator/plan.h"
#include "orchestrator/replicas.h"

#define DRAIN_MAX_S 3600

struct scale {
	struct db_vnf vnf;
	json_t *host, *all, *actual, *steps;
	int by;	      /* replicas more, or less */
	int drain;    /* seconds; -1: as usual */
	bool by_port; /* it has to have had its share from its start on */
};

static void clear_scale(struct scale *scale);
static void read_request(
	struct scale *scale, const json_t *request, struct faults *faults);
static int check_type(
	struct orch *orch, struct scale *scale, struct faults *faults, struct err *err);
static int plan(
	struct orch *orch, struct scale *scale, struct faults *faults, struct err *err);
static int set_replicas(struct orch *orch, const struct scale *scale, json_t *target,
	unsigned n, const int *cores, struct faults *faults, struct err *err);
static bool may_have_replicas(const struct catalog *catalog, const struct scale *scale,
	const json_t *object, struct faults *faults);
static const char *group_of(const json_t *object);
static void set_drain(json_t *steps, int seconds);
static int accept(struct orch *orch, struct scale *scale, const json_t *request,
	char occurrence[STAMP_ID], struct err *err);

int
vnf_scale(struct orch *orch, const char *id, const json_t *request,
	char occurrence[STAMP_ID], struct faults *faults, struct err *err)
{
	struct scale scale = {.drain = -1};
	if (db_vnf_get(orch->db, id, &scale.vnf, NULL))
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no VNF instance '%s'", id);
	int rc = strcmp(scale.vnf.state, "INSTANTIATED") == 0
			 ? 0
			 : err_set(err, ERR_STATE, NULL, NULL,
				   "VNF '%s' is not instantiated", scale.vnf.name);
	read_request(&scale, request, faults);
	if (!rc)
		rc = check_type(orch, &scale, faults, err);
	if (!rc)
		rc = orch->vnfm.driver->host(orch->vnfm.self, &scale.host, err);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (!rc) {
		rc = plan(orch, &scale, faults, err);
		if (!rc)
			rc = accept(orch, &scale, request, occurrence, err);
		rc = db_end(orch->db, rc, err);
	}
	if (!rc)
		engine_submit(orch->engine, occurrence);
	clear_scale(&scale);
	return rc;
}

static void
clear_scale(struct scale *scale)
{
	db_vnf_clear(&scale->vnf);
	json_decref(scale->host);
	json_decref(scale->all);
	json_decref(scale->actual);
	json_decref(scale->steps);
}

static void
read_request(struct scale *scale, const json_t *request, struct faults *faults)
{
	const char *type = json_string_value(json_object_get(request, "type"));
	const json_t *aspect = json_object_get(request, "aspectId");
	const json_t *steps = json_object_get(request, "numberOfSteps");
	const json_t *drain = json_object_get(
		json_object_get(request, "additionalParams"), "drainTimeout");
	const json_int_t n = steps ? json_integer_value(steps) : 1;
	const bool in = type && strcmp(type, "SCALE_IN") == 0;
	if (!in && (!type || strcmp(type, "SCALE_OUT") != 0))
		faults_add(faults, ERR_INVALID, "type", "SCALE_OUT or SCALE_IN",
			"this is no way to scale");
	if (aspect && (!json_is_string(aspect) ||
			      strcmp(json_string_value(aspect), "replicas") != 0))
		faults_add(faults, ERR_INVALID, "aspectId", "replicas, or leave it out",
			"a VNF has no such aspect");
	if ((steps && !json_is_integer(steps)) || n < 1 || n >= REPLICAS_MAX)
		faults_add(faults, ERR_INVALID, "numberOfSteps", NULL,
			"a number from 1 to %d", REPLICAS_MAX - 1);
	if (drain && (!json_is_integer(drain) || json_integer_value(drain) < 0 ||
			     json_integer_value(drain) > DRAIN_MAX_S))
		faults_add(faults, ERR_INVALID, "additionalParams.drainTimeout", NULL,
			"seconds from 0 to %d", DRAIN_MAX_S);
	scale->by = in ? -(int)n : (int)n;
	scale->drain = drain ? (int)json_integer_value(drain) : -1;
}

static int
check_type(struct orch *orch, struct scale *scale, struct faults *faults, struct err *err)
{
	struct catalog catalog;
	int rc = catalog_load(orch->db, &catalog, err);
	if (rc)
		return rc;
	const struct catalog_type *type = catalog_find(&catalog, scale->vnf.type);
	if (!type || !catalog_scales(type))
		faults_add(faults, ERR_UNSUPPORTED, NULL,
			"`renga explain TYPE` says which types can",
			"a VNF of type '%s' cannot have replicas", scale->vnf.type);
	else
		scale->by_port = catalog_scales_by_port(type);
	catalog_clear(&catalog);
	return 0;
}

static int
plan(struct orch *orch, struct scale *scale, struct faults *faults, struct err *err)
{
	int cores[REPLICAS_MAX];
	int rc = deploy_wanted(orch->db, NULL, &scale->all, err);
	if (!rc)
		rc = deploy_wanted(orch->db, scale->vnf.ns_id, &scale->actual, err);
	if (rc)
		return rc;
	if (scale->by_port && !replicas_are_told(scale->actual, scale->vnf.id))
		return faults_add(faults, ERR_STATE, NULL,
			"delete the service and apply it with `replicas: 1` or more",
			"VNF '%s' was deployed without `replicas`, so it uses all outside "
			"ports: it cannot share them now",
			scale->vnf.name);
	const int n = (int)replicas_count(scale->actual, scale->vnf.id) + scale->by;
	if (n < 1 || n > REPLICAS_MAX)
		return faults_add(faults, ERR_INVALID, "numberOfSteps", NULL,
			"VNF '%s' would have %d replicas: it can have 1 to %d",
			scale->vnf.name, n, REPLICAS_MAX);
	json_t *target = json_deep_copy(scale->actual);
	placement_spread(scale->host, scale->all, scale->vnf.id, cores);
	rc = set_replicas(orch, scale, target, (unsigned)n, cores, faults, err);
	scale->steps = plan_make(scale->actual, target);
	if (scale->drain >= 0)
		set_drain(scale->steps, scale->drain);
	json_decref(target);
	return rc;
}

/* Of the VNF, and of all that share its process: they go where it goes. */
static int
set_replicas(struct orch *orch, const struct scale *scale, json_t *target, unsigned n,
	const int *cores, struct faults *faults, struct err *err)
{
	const char *group = group_of(replicas_find(scale->actual, scale->vnf.id, 0));
	struct catalog catalog;
	size_t i;
	json_t *object;
	if (!group) {
		replicas_set(target, scale->vnf.id, n, cores);
		return 0;
	}
	if (strncmp(group, MODEL_AUTO, strlen(MODEL_AUTO)) == 0)
		return faults_add(faults, ERR_UNSUPPORTED, NULL,
			"write isolation: group, or process, and replicas",
			"VNF '%s' is placed by what is measured, which replicas cannot be yet",
			scale->vnf.name);
	int rc = catalog_load(orch->db, &catalog, err);
	if (rc)
		return rc;
	json_array_foreach (scale->actual, i, object) {
		const char *its = group_of(object);
		if (its && strcmp(its, group) == 0 &&
			may_have_replicas(&catalog, scale, object, faults))
			replicas_set(target,
				json_string_value(json_object_get(object, "object")), n,
				cores);
	}
	catalog_clear(&catalog);
	return faults->n ? err_errno(faults->list[0].code) : 0;
}

/* One of the same group. */
static bool
may_have_replicas(const struct catalog *catalog, const struct scale *scale,
	const json_t *object, struct faults *faults)
{
	const json_t *doc = json_object_get(object, "doc");
	const char *name = json_string_value(json_object_get(doc, "name"));
	const char *word = json_string_value(json_object_get(doc, "type"));
	const char *id = json_string_value(json_object_get(object, "object"));
	const struct catalog_type *type = catalog_find(catalog, word);
	if (!type || !catalog_scales(type))
		faults_add(faults, ERR_UNSUPPORTED, NULL, "take it out of the group",
			"'%s' shares the process, and a VNF of type '%s' cannot have "
			"replicas",
			name, word);
	else if (catalog_scales_by_port(type) && !replicas_are_told(scale->actual, id))
		faults_add(faults, ERR_STATE, NULL,
			"delete the service and apply it with `replicas: 1` or more",
			"'%s' shares the process and was deployed without `replicas`, so "
			"it uses all outside ports: it cannot share them now",
			name);
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

static void
set_drain(json_t *steps, int seconds)
{
	size_t i;
	json_t *step;
	json_array_foreach (steps, i, step)
		if (strcmp(json_string_value(json_object_get(step, "action")),
			    "spread") == 0)
			json_object_set_new(json_object_get(step, "wanted"), "drain",
				json_integer(seconds));
}

static int
accept(struct orch *orch, struct scale *scale, const json_t *request,
	char occurrence[STAMP_ID], struct err *err)
{
	const struct operation operation = {.api = "vnf",
		.operation = "SCALE",
		.ns_id = scale->vnf.ns_id,
		.instance = scale->vnf.id,
		.undo_on_failure = true,
		.params = request,
		.steps = scale->steps};
	return operation_accept(orch->db, &operation, occurrence, err);
}
