/* vnf_port.c: see vnf_port.h. */
#include "orchestrator/vnf_port.h"

#include <stdio.h>
#include <string.h>
#include "orchestrator/descriptor/check.h"
#include "orchestrator/claim.h"
#include "orchestrator/deploy.h"
#include "orchestrator/grant.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/plan/port_turn.h"
#include "orchestrator/plan/target.h"
#include "orchestrator/shape.h"
#include "orchestrator/vnf_task.h"

struct outside {
	struct vnf_task task;
	json_t *host;
	json_t *target;	    /* objects with the new ports */
	struct model ports; /* of the service then: for what judges them */
};

static void check_link(
	const json_t *link, size_t at, const json_t *ports, struct faults *faults);
static int make_target(
	struct outside *outside, const json_t *request, struct faults *faults);
static json_t *port_at(
	const json_t *objects, const char *vnf, const char *cp, struct faults *faults);
static json_t *linked_port(const json_t *link, const char *vnf, const char *cp);
static const char *cp_of(const json_t *link, const char *vnf);
static void list_outside(const json_t *objects, const char *vnf, char *buf, size_t size);
static void add_ports(struct outside *outside);
static int judge(struct outside *outside, struct orch *orch, struct faults *faults,
	struct err *err);
static int accept(struct outside *outside, struct orch *orch, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err);
static const char *text(const json_t *object, const char *member);

int
vnf_port_change(struct orch *orch, const char *id, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	struct outside outside = {0};
	vnf_port_request(request, faults);
	if (faults->n)
		return err_errno(faults->list[0].code);
	int rc = orch->vnfm.driver->host(orch->vnfm.self, &outside.host, err);
	if (!rc)
		rc = db_begin(orch->db, err);
	if (!rc) {
		rc = vnf_task_open(orch, id, &outside.task, err);
		if (!rc)
			rc = vnf_task_check_started(&outside.task, err);
		if (!rc)
			rc = make_target(&outside, request, faults);
		if (!rc)
			rc = judge(&outside, orch, faults, err);
		if (!rc)
			rc = accept(&outside, orch, request, answer, faults, err);
		rc = operation_end(orch, rc, answer, err);
	}
	vnf_task_clear(&outside.task);
	model_clear(&outside.ports);
	json_decref(outside.target);
	json_decref(outside.host);
	return rc;
}

void
vnf_port_tell(const json_t *objects, const char *vnf, json_t *info)
{
	json_t *cps = json_array(), *links = json_array(), *object;
	size_t i;
	json_array_foreach ((json_t *)objects, i, object) {
		json_t *id = linked_port(object, vnf, NULL);
		const char *cp = id ? cp_of(object, vnf) : NULL;
		const json_t *port =
			id ? target_find(objects, "port", json_string_value(id)) : NULL;
		if (!port)
			continue;
		json_array_append_new(cps,
			json_pack("{s:s++, s:s, s:[{s:s}], s:O, s:{s:O}}", "id", vnf, "/",
				cp, "cpdId", cp, "cpProtocolInfo", "layerProtocol",
				"IP_OVER_ETHERNET", "extLinkPortId", id, "metadata",
				"port",
				json_object_get(json_object_get(port, "doc"), "spec")));
		json_array_append_new(
			links, json_pack("{s:O, s:{s:O}, s:[{s:O, s:{s:O}}]}", "id", id,
				       "resourceHandle", "resourceId", id, "extLinkPorts",
				       "id", id, "resourceHandle", "resourceId", id));
	}
	json_object_set_new(info, "extCpInfo", cps);
	json_object_set_new(info, "extVirtualLinkInfo", links);
}

const json_t *
vnf_port_request(const json_t *request, struct faults *faults)
{
	const json_t *ports =
		json_object_get(json_object_get(request, "additionalParams"), "ports");
	static const struct shape_member members[] = {
		{"extVirtualLinks", SHAPE_MAPS}, {"additionalParams", SHAPE_MAP}, {0}};
	size_t i;
	json_t *link;
	shape_check(request, members, "", faults);
	if (!json_is_object(ports) || json_object_size(ports) == 0)
		faults_add(faults, ERR_INVALID, VNF_PORTS,
			"write {\"left\": {\"driver\": \"af_packet\", \"interface\": "
			"\"eth1\"}}",
			"no port is named");
	if (!model_fits(ports, VNF_PORTS, faults))
		return NULL;
	json_array_foreach (json_object_get(request, "extVirtualLinks"), i, link)
		check_link(link, i, ports, faults);
	return ports;
}

static void
check_link(const json_t *link, size_t at, const json_t *ports, struct faults *faults)
{
	static const struct shape_member members[] = {{"extCps", SHAPE_MAPS}, {0}};
	char path[96];
	size_t i;
	json_t *cp;
	snprintf(path, sizeof(path), "extVirtualLinks[%zu]", at);
	shape_check(link, members, path, faults);
	json_array_foreach (json_object_get(link, "extCps"), i, cp) {
		const char *cpd = text(cp, "cpdId");
		snprintf(path, sizeof(path), "extVirtualLinks[%zu].extCps[%zu].cpdId", at,
			i);
		if (!cpd || !json_object_get(ports, cpd))
			faults_add(faults, ERR_INVALID, path, "name it in " VNF_PORTS,
				"connection point '%s' is given no port", cpd ? cpd : "");
	}
}

static int
make_target(struct outside *outside, const json_t *request, struct faults *faults)
{
	const char *cp;
	json_t *spec, *ports = json_object_get(
			      json_object_get(request, "additionalParams"), "ports");
	outside->target = json_deep_copy(outside->task.actual);
	json_object_foreach (ports, cp, spec) {
		json_t *port = port_at(outside->target, outside->task.vnf.id, cp, faults);
		if (port)
			json_object_set(json_object_get(port, "doc"), "spec", spec);
	}
	return faults->n ? err_errno(faults->list[0].code) : 0;
}

/* Null, with a fault, if it leads to none. */
static json_t *
port_at(const json_t *objects, const char *vnf, const char *cp, struct faults *faults)
{
	char path[96], known[160];
	size_t i;
	json_t *object, *port = NULL;
	json_array_foreach ((json_t *)objects, i, object) {
		const json_t *id = linked_port(object, vnf, cp);
		if (id)
			port = target_find(objects, "port", json_string_value(id));
	}
	snprintf(path, sizeof(path), VNF_PORTS ".%.60s", cp);
	list_outside(objects, vnf, known, sizeof(known));
	if (!port)
		faults_add(faults, ERR_INVALID, path, known,
			"the VNF has no connection point '%s' that leads to a port", cp);
	return port;
}

/* Id of the port that a link leads to from there, or null. cp null: from any of it. */
static json_t *
linked_port(const json_t *link, const char *vnf, const char *cp)
{
	static const char *const sides[] = {"a", "b"};
	const json_t *doc = json_object_get(link, "doc");
	for (size_t e = 0; e < 2 && strcmp(text(link, "kind"), "link") == 0; e++) {
		const json_t *end = json_object_get(doc, sides[e]);
		const char *of = text(end, "vnf");
		if (of && strcmp(of, vnf) == 0 &&
			(!cp || strcmp(text(end, "cp"), cp) == 0))
			return json_object_get(
				json_object_get(doc, sides[1 - e]), "port");
	}
	return NULL;
}

/* The VNF's end of a link. */
static const char *
cp_of(const json_t *link, const char *vnf)
{
	const json_t *doc = json_object_get(link, "doc");
	const char *a = text(json_object_get(doc, "a"), "vnf");
	const bool first = a && strcmp(a, vnf) == 0;
	return text(json_object_get(doc, first ? "a" : "b"), "cp");
}

static void
list_outside(const json_t *objects, const char *vnf, char *buf, size_t size)
{
	size_t i, len = (size_t)snprintf(buf, size, "these do:");
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object) {
		if (linked_port(object, vnf, NULL) && len < size)
			len += (size_t)snprintf(
				buf + len, size - len, " %s", cp_of(object, vnf));
	}
}

static int
judge(struct outside *outside, struct orch *orch, struct faults *faults, struct err *err)
{
	add_ports(outside);
	check_ports(&outside->ports, true, faults);
	check_interfaces(&outside->ports, outside->host, faults);
	int rc = claim_check(orch, outside->task.vnf.ns_id, &outside->ports, faults, err);
	return rc ? rc : faults->n ? err_errno(faults->list[0].code) : 0;
}

/* Those that stay have been judged before. */
static void
add_ports(struct outside *outside)
{
	size_t i;
	json_t *object;
	json_array_foreach (outside->target, i, object) {
		const json_t *doc = json_object_get(object, "doc");
		if (strcmp(text(object, "kind"), "port") != 0)
			continue;
		struct model_sap *sap = model_add_sap(&outside->ports);
		if (!sap)
			return;
		sap->name = strdup(text(doc, "name"));
		sap->port = json_incref(json_object_get(doc, "spec"));
		snprintf(sap->path, MODEL_PATH, VNF_PORTS);
	}
}

static int
accept(struct outside *outside, struct orch *orch, const json_t *request,
	struct operation_answer *answer, struct faults *faults, struct err *err)
{
	const struct vnf_task *task = &outside->task;
	port_turn(task->actual, outside->target);
	json_t *steps = plan_make(task->actual, outside->target);
	const struct operation operation = {.api = "vnf",
		.operation = "CHANGE_EXT_CONN",
		.ns_id = task->vnf.ns_id,
		.instance = task->vnf.id,
		.undo_on_failure = true,
		.params = request,
		.steps = steps};
	int rc = grant_end(grant_check(orch, task->vnf.ns_id, outside->host, steps, NULL,
				   faults, err),
		faults);
	if (!rc)
		rc = operation_accept(orch->db, &operation, answer, err);
	json_decref(steps);
	return rc;
}

static const char *
text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}
