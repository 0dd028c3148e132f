/* vnf_scale.c: see vnf_scale.h. */
#include "orchestrator/vnf_scale.h"

#include <string.h>
#include "db/occurrences.h"
#include "db/vnf_instances.h"
#include "orchestrator/catalog.h"
#include "orchestrator/deploy.h"
#include "orchestrator/model.h"
#include "orchestrator/operation.h"
#include "orchestrator/placement.h"
#include "orchestrator/plan.h"
#include "orchestrator/replicas.h"

#define DRAIN_MAX_S 3600

struct scale {
	struct db_vnf vnf;
	json_t *host, *all, *actual, *steps;
	const char *operation;
	int by;	      /* replicas more, or less */
	int to;	      /* replicas; 0: by */
	int drain;    /* seconds; -1: as usual */
	bool by_port; /* it has to have had its share from its start on */
};

static void clear_scale(struct scale *scale);
static int carry(struct orch *orch, const char *id, struct scale *scale,
	const json_t *request, struct operation_answer *answer, struct faults *faults,
	struct err *err);
static void read_steps(struct scale *scale, const json_t *request, struct faults *faults);
static void read_level(struct scale *scale, const json_t *request, struct faults *faults);
static void check_aspect(const json_t *aspect, const char *path, struct faults *faults);
static void read_drain(struct scale *scale, const json_t *request, struct faults *faults);
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
	struct operation_answer *answer, struct err *err);

int
vnf_scale(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct scale scale = {.operation = "SCALE", .drain = -1};
	read_steps(&scale, request, faults);
	return carry(orch, id, &scale, request, answer, faults, err);
}

int
vnf_scale_to_level(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct scale scale = {.operation = "SCALE_TO_LEVEL", .drain = -1};
	read_level(&scale, request, faults);
	return carry(orch, id, &scale, request, answer, faults, err);
}

static int
carry(struct orch *orch, const char *id, struct scale *scale, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	if (db_vnf_get(orch->db, id, &scale->vnf, NULL))
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"there is no VNF instance '%s'", id);
	int rc = strcmp(scale->vnf.state, "INSTANTIATED") == 0
			 ? 0
			 : err_set(err, ERR_STATE, NULL, NULL,
				   "VNF '%s' is not instantiated", scale->vnf.name);
	if (!rc)
		rc = check_type(orch, scale, faults, err);
	if (!rc)
		rc = orch->vnfm.driver->host(orch->vnfm.self, &scale->host, err);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (!rc) {
		rc = plan(orch, scale, faults, err);
		if (!rc)
			rc = accept(orch, scale, request, answer, err);
		rc = operation_end(orch, rc, answer, err);
	}
	clear_scale(scale);
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
read_steps(struct scale *scale, const json_t *request, struct faults *faults)
{
	const char *type = json_string_value(json_object_get(request, "type"));
	const json_t *steps = json_object_get(request, "numberOfSteps");
	const json_int_t n = steps ? json_integer_value(steps) : 1;
	const bool in = type && strcmp(type, "SCALE_IN") == 0;
	if (!in && (!type || strcmp(type, "SCALE_OUT") != 0))
		faults_add(faults, ERR_INVALID, "type", "SCALE_OUT or SCALE_IN",
			"this is no way to scale");
	check_aspect(json_object_get(request, "aspectId"), "aspectId", faults);
	if ((steps && !json_is_integer(steps)) || n < 1 || n >= REPLICAS_MAX)
		faults_add(faults, ERR_INVALID, "numberOfSteps", NULL,
			"a number from 1 to %d", REPLICAS_MAX - 1);
	scale->by = in ? -(int)n : (int)n;
	read_drain(scale, request, faults);
}

/* A scale level is the number of replicas beside the first: all types have that one
 * aspect, and instantiation level "default" is a VNF as its descriptor has it, one. */
static void
read_level(struct scale *scale, const json_t *request, struct faults *faults)
{
	const json_t *level = json_object_get(request, "instantiationLevelId");
	const json_t *info = json_object_get(request, "scaleInfo");
	const json_t *first = json_array_get(info, 0);
	const json_t *told = json_object_get(first, "scaleLevel");
	if (!level == !info)
		faults_add(faults, ERR_INVALID, NULL,
			"write {\"scaleInfo\": [{\"aspectId\": \"replicas\", "
			"\"scaleLevel\": 1}]}",
			"either instantiationLevelId or scaleInfo is to be given");
	if (level && (!json_is_string(level) ||
			     strcmp(json_string_value(level), "default") != 0))
		faults_add(faults, ERR_INVALID, "instantiationLevelId", "default",
			"there is no such instantiation level");
	if (info && (json_array_size(info) != 1 || !json_is_integer(told) ||
			    json_integer_value(told) < 0 ||
			    json_integer_value(told) >= REPLICAS_MAX))
		faults_add(faults, ERR_INVALID, "scaleInfo[0].scaleLevel", NULL,
			"a number from 0 to %d", REPLICAS_MAX - 1);
	if (info)
		check_aspect(json_object_get(first, "aspectId"), "scaleInfo[0].aspectId",
			faults);
	scale->to = 1 + (int)json_integer_value(told);
	read_drain(scale, request, faults);
}

static void
check_aspect(const json_t *aspect, const char *path, struct faults *faults)
{
	if (aspect && (!json_is_string(aspect) ||
			      strcmp(json_string_value(aspect), "replicas") != 0))
		faults_add(faults, ERR_INVALID, path, "replicas, or leave it out",
			"a VNF has no such aspect");
}

static void
read_drain(struct scale *scale, const json_t *request, struct faults *faults)
{
	const json_t *drain = json_object_get(
		json_object_get(request, "additionalParams"), "drainTimeout");
	if (drain && (!json_is_integer(drain) || json_integer_value(drain) < 0 ||
			     json_integer_value(drain) > DRAIN_MAX_S))
		faults_add(faults, ERR_INVALID, "additionalParams.drainTimeout", NULL,
			"seconds from 0 to %d", DRAIN_MAX_S);
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
	const int now = (int)replicas_count(scale->actual, scale->vnf.id);
	const int n = scale->to ? scale->to : now + scale->by;
	if (now == 0)
		return err_set(err, ERR_STATE, NULL,
			"start it first: renga vnf operate VNF start",
			"VNF '%s' is stopped", scale->vnf.name);
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
	struct operation_answer *answer, struct err *err)
{
	const struct operation operation = {.api = "vnf",
		.operation = scale->operation,
		.ns_id = scale->vnf.ns_id,
		.instance = scale->vnf.id,
		.undo_on_failure = true,
		.params = request,
		.steps = scale->steps};
	return operation_accept(orch->db, &operation, answer, err);
}
