/* ns_scale.c: see ns_scale.h. */
#include "orchestrator/ns_scale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "db/ns_instances.h"
#include "db/nsds.h"
#include "db/vnf_instances.h"
#include "orchestrator/descriptor/ns_levels.h"
#include "orchestrator/descriptor/nsd_form.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/scaling.h"
#include "orchestrator/schedule.h"
#include "orchestrator/shape.h"

#define STEPS_PATH "scaleNsData.scaleNsByStepsData"
#define LEVEL_PATH "scaleNsData.scaleNsToLevelData"
#define STEPS_MAX  1000 /* more levels than any aspect has */

struct scale {
	struct orch *orch;
	const json_t *request;
	struct db_ns ns;
	struct db_vnf *vnfs;
	size_t n_vnfs;
	struct scaling scaling;
	struct faults *faults;
	struct err *err;
};

static void check_request(const json_t *request, struct faults *faults);
static int load(struct scale *scale, const char *id);
static void clear_scale(struct scale *scale);
static int set_all(struct scale *scale);
static int set_vnfs(struct scale *scale);
static int set_vnf(struct scale *scale, const json_t *data, const char *path);
static bool wish_of(
	const json_t *data, int now, const char *path, int *n, struct faults *faults);
static bool level_of_vnf(
	const json_t *data, const char *path, int *n, struct faults *faults);
static int set_service(struct scale *scale);
static bool refuse_instances(const json_t *data, struct faults *faults);
static const json_t *level_by_steps(
	struct scale *scale, const json_t *nsd, const json_t *steps);
static const json_t *level_told(
	struct scale *scale, const json_t *nsd, const json_t *told);
static const json_t *level_of(struct scale *scale, const json_t *nsd, const char *aspect,
	int level, const char *path);
static int read_level(const json_t *level);
static int set_level(struct scale *scale, const json_t *mapping);
static const struct db_vnf *find_vnf(
	const struct scale *scale, const char *id, const char *profile);
static int accept(struct scale *scale, struct operation_answer *answer, int drain);
static const char *text(const json_t *object, const char *member);

int
ns_scale(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct scale scale = {
		.orch = orch, .request = request, .faults = faults, .err = err};
	const int drain = scaling_read_drain(request, faults);
	check_request(request, faults);
	schedule_read(request, "scaleTime", answer, faults);
	int rc = scaling_open(orch, &scale.scaling, err);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (!rc) {
		rc = load(&scale, id);
		if (!rc)
			rc = set_all(&scale);
		if (!rc && faults->n)
			rc = err_errno(faults->list[0].code);
		if (!rc)
			rc = accept(&scale, answer, drain);
		rc = operation_end(orch, rc, answer, err);
	}
	clear_scale(&scale);
	return rc;
}

json_t *
ns_scale_numbers(
	struct orch *orch, const char *ns, const json_t *objects, struct err *err)
{
	struct db_vnf *vnfs;
	size_t n;
	json_t *numbers = json_object();
	if (db_vnf_list_of_ns(orch->db, ns, &vnfs, &n, err))
		return numbers;
	for (size_t i = 0; i < n; i++)
		json_object_set_new(numbers, vnfs[i].profile,
			json_integer(replicas_count(objects, vnfs[i].id)));
	db_vnfs_free(vnfs, n);
	return numbers;
}

static void
check_request(const json_t *request, struct faults *faults)
{
	static const struct shape_member members[] = {
		{"scaleNsData", SHAPE_MAP}, {"scaleVnfData", SHAPE_MAPS}, {0}};
	static const struct shape_member service[] = {{"scaleNsByStepsData", SHAPE_MAP},
		{"scaleNsToLevelData", SHAPE_MAP}, {0}};
	static const struct shape_member level[] = {
		{"nsInstantiationLevel", SHAPE_TEXT}, {"nsScaleInfo", SHAPE_MAPS}, {0}};
	const json_t *data = json_object_get(request, "scaleNsData");
	shape_check(request, members, "", faults);
	shape_check(data, service, "scaleNsData", faults);
	shape_check(
		json_object_get(data, "scaleNsToLevelData"), level, LEVEL_PATH, faults);
}

static int
load(struct scale *scale, const char *id)
{
	struct orch *orch = scale->orch;
	int rc = operation_get_ns(orch->db, id, &scale->ns, scale->err);
	if (!rc)
		rc = db_vnf_list_of_ns(
			orch->db, id, &scale->vnfs, &scale->n_vnfs, scale->err);
	return rc ? rc : scaling_begin(orch, id, &scale->scaling, scale->err);
}

static void
clear_scale(struct scale *scale)
{
	scaling_clear(&scale->scaling);
	db_vnfs_free(scale->vnfs, scale->n_vnfs);
	db_ns_clear(&scale->ns);
}

static int
set_all(struct scale *scale)
{
	const char *type = text(scale->request, "scaleType");
	if (type && strcmp(type, "SCALE_NS") == 0)
		return set_service(scale);
	if (type && strcmp(type, "SCALE_VNF") == 0)
		return set_vnfs(scale);
	return faults_add(scale->faults, ERR_INVALID, "scaleType",
		"SCALE_NS or SCALE_VNF", "scaleType is missing or unknown");
}

static int
set_vnfs(struct scale *scale)
{
	const json_t *list = json_object_get(scale->request, "scaleVnfData");
	char path[64];
	size_t i;
	json_t *data;
	int rc = 0;
	if (json_array_size(list) == 0)
		return faults_add(scale->faults, ERR_INVALID, "scaleVnfData",
			"write [{\"vnfInstanceId\": ..., \"scaleVnfType\": "
			"\"SCALE_OUT\"}]",
			"no VNF is named");
	json_array_foreach ((json_t *)list, i, data) {
		snprintf(path, sizeof(path), "scaleVnfData[%zu]", i);
		if (!rc)
			rc = set_vnf(scale, data, path);
	}
	return rc;
}

/* Releases of the standard write the id differently. */
static int
set_vnf(struct scale *scale, const json_t *data, const char *path)
{
	const char *id = text(data, "vnfInstanceId");
	id = id ? id : text(data, "vnfInstanceid");
	const struct db_vnf *vnf = id ? find_vnf(scale, id, NULL) : NULL;
	const size_t before = faults_count(scale->faults);
	int n = 0;
	if (!vnf)
		return faults_add(scale->faults, ERR_INVALID, path,
			"renga get vnfs lists them",
			"the service has no VNF instance '%s'", id ? id : "");
	if (!wish_of(data, (int)replicas_count(scale->scaling.actual, vnf->id), path, &n,
		    scale->faults))
		return faults_add(scale->faults, ERR_INVALID, path,
			"SCALE_OUT, SCALE_IN, or SCALE_TO_SCALE_LEVEL with "
			"scaleToLevelData.vnfScaleInfo",
			"it is not said how VNF '%s' is to be scaled", vnf->name);
	int rc = faults_since(scale->faults, before);
	return rc ? rc
		  : scaling_set(scale->orch, &scale->scaling, vnf, n, path, scale->faults,
			    scale->err);
}

/* How many replicas there are to be. False: it is not said. */
static bool
wish_of(const json_t *data, int now, const char *path, int *n, struct faults *faults)
{
	static const struct shape_member members[] = {
		{"scaleByStepData", SHAPE_MAP}, {"scaleToLevelData", SHAPE_MAP}, {0}};
	const char *type = text(data, "scaleVnfType");
	const json_t *steps = json_object_get(data, "scaleByStepData");
	char place[128];
	shape_check(data, members, path, faults);
	snprintf(place, sizeof(place), "%s.scaleByStepData.aspectId", path);
	scaling_check_aspect(json_object_get(steps, "aspectId"), place, faults);
	snprintf(place, sizeof(place), "%s.scaleByStepData.numberOfSteps", path);
	const int by = shape_number(json_object_get(steps, "numberOfSteps"), 1,
		REPLICAS_MAX, 1, place, faults);
	if (type && (strcmp(type, "SCALE_TO_SCALE_LEVEL") == 0 ||
			    strcmp(type, "SCALE_TO_SCALE_LEVELS") == 0))
		return level_of_vnf(data, path, n, faults);
	if (!type || (strcmp(type, "SCALE_OUT") != 0 && strcmp(type, "SCALE_IN") != 0))
		return false;
	*n = strcmp(type, "SCALE_OUT") == 0 ? now + by : now - by;
	return true;
}

static bool
level_of_vnf(const json_t *data, const char *path, int *n, struct faults *faults)
{
	const json_t *list = json_object_get(
		json_object_get(data, "scaleToLevelData"), "vnfScaleInfo");
	const json_t *info = json_array_get(list, 0);
	const json_t *level = json_object_get(info, "scaleLevel");
	char place[128];
	if (json_array_size(list) != 1 || !level)
		return false;
	snprintf(place, sizeof(place), "%s.scaleToLevelData.vnfScaleInfo[0].aspectId",
		path);
	scaling_check_aspect(json_object_get(info, "aspectId"), place, faults);
	snprintf(place, sizeof(place), "%s.scaleToLevelData.vnfScaleInfo[0].scaleLevel",
		path);
	*n = 1 + shape_number(level, 0, REPLICAS_MAX - 1, 0, place, faults);
	return true;
}

/* docs/adr/0026. */
static bool
refuse_instances(const json_t *data, struct faults *faults)
{
	static const char *const members[] = {
		"vnfInstanceToBeAdded", "vnfInstanceToBeRemoved"};
	for (size_t i = 0; i < 2; i++)
		if (json_object_get(data, members[i])) {
			char path[64];
			snprintf(path, sizeof(path), "scaleNsData.%s", members[i]);
			faults_add(faults, ERR_UNSUPPORTED, path,
				"an update with ADD_VNF or REMOVE_VNF does it",
				"scaling a service changes how many replicas its VNFs "
				"have");
		}
	return faults->n > 0;
}

static int
set_service(struct scale *scale)
{
	const json_t *data = json_object_get(scale->request, "scaleNsData");
	const json_t *steps = json_object_get(data, "scaleNsByStepsData");
	const json_t *told = json_object_get(data, "scaleNsToLevelData");
	struct db_nsd nsd = {0};
	if (refuse_instances(data, scale->faults))
		return err_errno(ERR_UNSUPPORTED);
	if (!steps == !told)
		return faults_add(scale->faults, ERR_INVALID, "scaleNsData",
			"scaleNsByStepsData or scaleNsToLevelData",
			"it is not said how the service is to be scaled");
	int rc = db_nsd_get(scale->orch->db, scale->ns.nsd_info_id, &nsd, scale->err);
	if (rc)
		return rc;
	const json_t *form = nsd_form_find(nsd.nsd);
	const json_t *mapping = steps ? level_by_steps(scale, form, steps)
				      : level_told(scale, form, told);
	if (mapping)
		rc = set_level(scale, mapping);
	db_nsd_clear(&nsd);
	return rc;
}

static const json_t *
level_by_steps(struct scale *scale, const json_t *nsd, const json_t *steps)
{
	const char *direction = text(steps, "scalingDirection");
	const char *aspect = text(steps, "aspectId");
	const int n = shape_number(json_object_get(steps, "numberOfSteps"), 1, STEPS_MAX,
		1, STEPS_PATH ".numberOfSteps", scale->faults);
	const bool in = direction && strcmp(direction, "SCALE_IN") == 0;
	if (!in && (!direction || strcmp(direction, "SCALE_OUT") != 0)) {
		faults_add(scale->faults, ERR_INVALID, STEPS_PATH ".scalingDirection",
			"SCALE_OUT or SCALE_IN", "this is no way to scale");
		return NULL;
	}
	json_t *numbers = ns_scale_numbers(
		scale->orch, scale->ns.id, scale->scaling.actual, scale->err);
	const int now =
		ns_levels_now(nsd, scale->ns.flavour, aspect ? aspect : "", numbers);
	json_decref(numbers);
	if (now < 0 && aspect && ns_levels_count(nsd, scale->ns.flavour, aspect)) {
		faults_add(scale->faults, ERR_STATE, STEPS_PATH ".aspectId",
			"scale it to a level: scaleNsToLevelData",
			"the service is at none of the levels of '%s'", aspect);
		return NULL;
	}
	return level_of(scale, nsd, aspect, in ? now - n : now + n, STEPS_PATH);
}

static const json_t *
level_told(struct scale *scale, const json_t *nsd, const json_t *told)
{
	const char *name = text(told, "nsInstantiationLevel");
	const json_t *list = json_object_get(told, "nsScaleInfo");
	const json_t *info = json_array_get(list, 0);
	const int level = read_level(json_object_get(info, "nsScaleLevelId"));
	if (!name && json_array_size(list) != 1) {
		faults_add(scale->faults, ERR_INVALID, LEVEL_PATH,
			"nsInstantiationLevel, or nsScaleInfo with one aspect",
			"it is not said to which level the service is to be scaled");
		return NULL;
	}
	if (!name)
		return level_of(scale, nsd, text(info, "nsScalingAspectId"), level,
			LEVEL_PATH ".nsScaleInfo[0]");
	const json_t *mapping = ns_levels_instantiation(nsd, scale->ns.flavour, name);
	if (!mapping)
		faults_add(scale->faults, ERR_INVALID, LEVEL_PATH ".nsInstantiationLevel",
			"the id of an ns-instantiation-level of its flavour",
			"the descriptor has no instantiation level '%s'", name);
	return mapping;
}

static const json_t *
level_of(struct scale *scale, const json_t *nsd, const char *aspect, int level,
	const char *path)
{
	const int n = ns_levels_count(nsd, scale->ns.flavour, aspect ? aspect : "");
	const json_t *mapping =
		ns_levels_of_aspect(nsd, scale->ns.flavour, aspect ? aspect : "", level);
	if (n == 0)
		faults_add(scale->faults, ERR_INVALID, path,
			"the id of a scaling-aspect of its flavour",
			"the descriptor has no scaling aspect '%s'",
			aspect ? aspect : "");
	else if (!mapping)
		faults_add(scale->faults, ERR_INVALID, path, NULL,
			"aspect '%s' has the levels 0 to %d", aspect, n - 1);
	return mapping;
}

/* Of its id, a number or the text of one; -1: it is none. */
static int
read_level(const json_t *level)
{
	const char *said = json_string_value(level);
	const json_int_t n = json_is_integer(level) ? json_integer_value(level) : -1;
	if (said && *said && strlen(said) < 5 &&
		strspn(said, "0123456789") == strlen(said))
		return (int)strtol(said, NULL, 10);
	return n >= 0 && n <= STEPS_MAX ? (int)n : -1;
}

static int
set_level(struct scale *scale, const json_t *mapping)
{
	size_t i;
	json_t *item;
	int rc = 0;
	json_array_foreach ((json_t *)mapping, i, item) {
		const char *profile = text(item, "vnf-profile-id");
		const struct db_vnf *vnf =
			profile ? find_vnf(scale, NULL, profile) : NULL;
		if (!vnf)
			faults_add(scale->faults, ERR_INVALID, "scaleNsData", NULL,
				"the level names a VNF profile '%s', which the service "
				"has not",
				profile ? profile : "");
		else if (!rc)
			rc = scaling_set(scale->orch, &scale->scaling, vnf,
				(int)json_integer_value(
					json_object_get(item, "number-of-instances")),
				"scaleNsData", scale->faults, scale->err);
	}
	return rc;
}

static const struct db_vnf *
find_vnf(const struct scale *scale, const char *id, const char *profile)
{
	for (size_t i = 0; i < scale->n_vnfs; i++)
		if ((id && strcmp(scale->vnfs[i].id, id) == 0) ||
			(profile && strcmp(scale->vnfs[i].profile, profile) == 0))
			return &scale->vnfs[i];
	return NULL;
}

static int
accept(struct scale *scale, struct operation_answer *answer, int drain)
{
	json_t *steps = NULL;
	int rc = scaling_plan(scale->orch, &scale->scaling, scale->ns.id, drain, &steps,
		scale->faults, scale->err);
	const struct operation operation = {.api = "ns",
		.operation = "SCALE",
		.ns_id = scale->ns.id,
		.instance = scale->ns.id,
		.undo_on_failure = true,
		.params = scale->request,
		.steps = steps};
	if (!rc)
		rc = operation_accept(scale->orch->db, &operation, answer, scale->err);
	json_decref(steps);
	return rc;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
