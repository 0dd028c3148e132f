/* ns_terminate.c: a network service ends, at once or when its sessions have ended. */
#include <stdio.h>
#include <string.h>
#include "db/chains.h"
#include "db/ns_instances.h"
#include "db/vnf_instances.h"
#include "orchestrator/deploy.h"
#include "orchestrator/ns.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/schedule.h"
#include "orchestrator/shape.h"

#define TIMEOUT_S     60 /* of a graceful end that says none */
#define TIMEOUT_MAX_S 86400

static void check_request(const json_t *request, struct faults *faults);
static int check_vnfs(struct orch *orch, const char *id, const json_t *request,
	struct faults *faults, struct err *err);
static bool is_among(const struct db_vnf *vnfs, size_t n, const char *id);
static int accept_terminate(struct orch *orch, const char *id, const json_t *request,
	const json_t *intent, struct operation_answer *answer, struct err *err);
static void add_drains(json_t *steps, const json_t *objects, const json_t *request);

int
ns_terminate(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	schedule_read(request, "terminationTime", answer, faults);
	check_request(request, faults);
	int rc = ns_check_no_chain(orch, id, "terminate", err);
	if (!rc)
		rc = check_vnfs(orch, id, request, faults, err);
	if (!rc && faults->n)
		rc = err_errno(faults->list[0].code);
	return rc ? rc : ns_terminate_with(orch, id, request, NULL, answer, err);
}

int
ns_terminate_with(struct orch *orch, const char *id, const json_t *request,
	const json_t *intent, struct operation_answer *answer, struct err *err)
{
	int rc = db_begin(orch->db, err);
	if (rc)
		return rc;
	rc = accept_terminate(orch, id, request, intent, answer, err);
	return operation_end(orch, rc, answer, err);
}

/* A chain is one thing: it ends by its name. */
int
ns_check_no_chain(struct orch *orch, const char *id, const char *what, struct err *err)
{
	struct db_ns ns = {0};
	struct db_chain chain = {0};
	int rc = db_ns_get_shown(orch->db, id, &ns, err);
	if (!rc && db_chain_get(orch->db, ns.name, &chain, NULL) == 0)
		rc = err_set(err, ERR_STATE, NULL, "delete the chain instead",
			"cannot %s a service that belongs to chain '%s'", what,
			chain.name);
	db_chain_clear(&chain);
	db_ns_clear(&ns);
	return rc;
}

static void
check_request(const json_t *request, struct faults *faults)
{
	static const struct shape_member members[] = {
		{"terminateVnfData", SHAPE_MAPS}, {0}};
	char path[64];
	size_t i;
	json_t *data;
	shape_check(request, members, "", faults);
	ns_end_check(request, "", faults);
	json_array_foreach (json_object_get(request, "terminateVnfData"), i, data) {
		snprintf(path, sizeof(path), "terminateVnfData[%zu].", i);
		ns_end_check(data, path, faults);
	}
}

/* Those whose end is described are of the service. */
static int
check_vnfs(struct orch *orch, const char *id, const json_t *request,
	struct faults *faults, struct err *err)
{
	struct db_vnf *vnfs;
	char path[64];
	size_t n, i;
	json_t *data;
	int rc = db_vnf_list_of_ns(orch->db, id, &vnfs, &n, err);
	if (rc)
		return rc;
	json_array_foreach (json_object_get(request, "terminateVnfData"), i, data) {
		const char *vnf =
			json_string_value(json_object_get(data, "vnfInstanceId"));
		if (vnf && is_among(vnfs, n, vnf))
			continue;
		snprintf(path, sizeof(path), "terminateVnfData[%zu].vnfInstanceId", i);
		faults_add(faults, ERR_INVALID, path, "renga get vnfs lists them",
			"the service has no VNF instance '%s'", vnf ? vnf : "");
	}
	db_vnfs_free(vnfs, n);
	return 0;
}

static bool
is_among(const struct db_vnf *vnfs, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(vnfs[i].id, id) == 0)
			return true;
	return false;
}

void
ns_end_check(const json_t *request, const char *prefix, struct faults *faults)
{
	const json_t *type = json_object_get(request, "terminationType");
	const json_t *timeout = json_object_get(request, "gracefulTerminationTimeout");
	const char *word = json_string_value(type);
	char path[128];
	snprintf(path, sizeof(path), "%sterminationType", prefix);
	if (type && (!word || (strcmp(word, "GRACEFUL") != 0 &&
				      strcmp(word, "FORCEFUL") != 0)))
		faults_add(faults, ERR_INVALID, path, "GRACEFUL or FORCEFUL",
			"this is no way to end");
	snprintf(path, sizeof(path), "%sgracefulTerminationTimeout", prefix);
	if (timeout && (!json_is_integer(timeout) || json_integer_value(timeout) < 0 ||
			       json_integer_value(timeout) > TIMEOUT_MAX_S))
		faults_add(faults, ERR_INVALID, path, NULL, "seconds from 0 to %d",
			TIMEOUT_MAX_S);
}

static int
accept_terminate(struct orch *orch, const char *id, const json_t *request,
	const json_t *intent, struct operation_answer *answer, struct err *err)
{
	struct db_ns ns = {0};
	json_t *actual = NULL, *none = json_array(), *steps = NULL, *change;
	int rc = operation_get_ns(orch->db, id, &ns, err);
	if (!rc)
		rc = deploy_wanted(orch->db, id, &actual, err);
	if (!rc) {
		steps = json_array();
		add_drains(steps, actual, request);
		change = plan_make(actual, none);
		json_array_extend(steps, change);
		json_decref(change);
		const struct operation operation = {.api = "ns",
			.operation = "TERMINATE",
			.ns_id = id,
			.instance = id,
			.params = request,
			.intent = intent,
			.steps = steps};
		rc = operation_accept(orch->db, &operation, answer, err);
	}
	json_decref(steps);
	json_decref(none);
	json_decref(actual);
	db_ns_clear(&ns);
	return rc;
}

static void
add_drains(json_t *steps, const json_t *objects, const json_t *request)
{
	size_t i;
	json_t *object, *data;
	json_array_foreach ((json_t *)objects, i, object)
		if (ns_end_seconds(request) &&
			strcmp(json_string_value(json_object_get(object, "kind")),
				"service") == 0)
			plan_drain(steps, object, ns_end_seconds(request));
	json_array_foreach (json_object_get(request, "terminateVnfData"), i, data) {
		const char *id =
			json_string_value(json_object_get(data, "vnfInstanceId"));
		const json_t *vnf = id ? replicas_find(objects, id, 0) : NULL;
		if (vnf && ns_end_seconds(data))
			plan_drain(steps, vnf, ns_end_seconds(data));
	}
}

int
ns_end_seconds(const json_t *request)
{
	const char *type = json_string_value(json_object_get(request, "terminationType"));
	const json_t *timeout = json_object_get(request, "gracefulTerminationTimeout");
	if (!type || strcmp(type, "GRACEFUL") != 0)
		return 0;
	return timeout ? (int)json_integer_value(timeout) : TIMEOUT_S;
}
