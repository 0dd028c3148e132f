/* vnf_scale.c: see vnf_scale.h. */
#include "orchestrator/vnf_scale.h"

#include <string.h>
#include "db/vnf_instances.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/scaling.h"
#include "orchestrator/shape.h"

struct scale {
	const char *operation;
	struct db_vnf vnf;
	struct scaling scaling;
	int by;	   /* replicas more, or less */
	int to;	   /* replicas; 0: by */
	int drain; /* seconds; -1: as usual */
};

static void clear_scale(struct scale *scale);
static int carry(struct orch *orch, const char *id, struct scale *scale,
	const json_t *request, struct operation_answer *answer, struct faults *faults,
	struct err *err);
static void read_steps(struct scale *scale, const json_t *request, struct faults *faults);
static void read_level(struct scale *scale, const json_t *request, struct faults *faults);
static int set_replicas(
	struct orch *orch, struct scale *scale, struct faults *faults, struct err *err);
static int accept(struct orch *orch, struct scale *scale, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);

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
		rc = scaling_open(orch, &scale->scaling, err);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (!rc) {
		rc = set_replicas(orch, scale, faults, err);
		if (!rc)
			rc = accept(orch, scale, request, answer, faults, err);
		rc = operation_end(orch, rc, answer, err);
	}
	clear_scale(scale);
	return rc;
}

static void
clear_scale(struct scale *scale)
{
	db_vnf_clear(&scale->vnf);
	scaling_clear(&scale->scaling);
}

static void
read_steps(struct scale *scale, const json_t *request, struct faults *faults)
{
	const char *type = json_string_value(json_object_get(request, "type"));
	const json_t *steps = json_object_get(request, "numberOfSteps");
	const int n =
		shape_number(steps, 1, REPLICAS_MAX - 1, 1, "numberOfSteps", faults);
	const bool in = type && strcmp(type, "SCALE_IN") == 0;
	if (!in && (!type || strcmp(type, "SCALE_OUT") != 0))
		faults_add(faults, ERR_INVALID, "type", "SCALE_OUT or SCALE_IN",
			"this is no way to scale");
	scaling_check_aspect(json_object_get(request, "aspectId"), "aspectId", faults);
	scale->by = in ? -n : n;
	scale->drain = scaling_read_drain(request, faults);
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
	if (info && (json_array_size(info) != 1 || !told))
		faults_add(faults, ERR_INVALID, "scaleInfo", NULL,
			"it is a list of one {aspectId, scaleLevel}");
	if (info)
		scaling_check_aspect(json_object_get(first, "aspectId"),
			"scaleInfo[0].aspectId", faults);
	scale->to = 1 + shape_number(told, 0, REPLICAS_MAX - 1, 0,
				"scaleInfo[0].scaleLevel", faults);
	scale->drain = scaling_read_drain(request, faults);
}

static int
set_replicas(
	struct orch *orch, struct scale *scale, struct faults *faults, struct err *err)
{
	struct scaling *scaling = &scale->scaling;
	int rc = scaling_begin(orch, scale->vnf.ns_id, scaling, err);
	if (rc)
		return rc;
	const int now = (int)replicas_count(scaling->actual, scale->vnf.id);
	return scaling_set(orch, scaling, &scale->vnf,
		scale->to ? scale->to : now + scale->by, "numberOfSteps", faults, err);
}

static int
accept(struct orch *orch, struct scale *scale, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	json_t *steps = NULL;
	int rc = scaling_plan(orch, &scale->scaling, scale->vnf.ns_id, scale->drain,
		&steps, faults, err);
	const struct operation operation = {.api = "vnf",
		.operation = scale->operation,
		.ns_id = scale->vnf.ns_id,
		.instance = scale->vnf.id,
		.undo_on_failure = true,
		.params = request,
		.steps = steps};
	if (!rc)
		rc = operation_accept(orch->db, &operation, answer, err);
	json_decref(steps);
	return rc;
}
