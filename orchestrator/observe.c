/* observe.c: what the VNFM sees now, as parts of resources. */
#include "orchestrator/observe.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "orchestrator/plan/replicas.h"

typedef int list_fn(void *self, enum vnfm_kind kind, json_t **list, struct err *err);
static json_t *all(struct orch *orch, list_fn *list_them, enum vnfm_kind kind);
static json_t *parts(struct orch *orch, enum vnfm_kind kind, const char *ns);
static const char *state_of(const json_t *observed, const char *vnf, unsigned replica);
static bool works(const json_t *object);
static json_t *resource(const json_t *object, const char *id);
static json_t *part(const json_t *object);
static bool is_of(const json_t *object, const char *ns);

json_t *
observe_vnfs(struct orch *orch)
{
	return all(orch, orch->vnfm.driver->list, VNFM_VNF);
}

json_t *
observe_vnfs_brief(struct orch *orch)
{
	const struct vnfm_driver *driver = orch->vnfm.driver;
	return all(
		orch, driver->list_brief ? driver->list_brief : driver->list, VNFM_VNF);
}

json_t *
observe_ports(struct orch *orch)
{
	return all(orch, orch->vnfm.driver->list, VNFM_PORT);
}

static json_t *
all(struct orch *orch, list_fn *list_them, enum vnfm_kind kind)
{
	json_t *list = NULL, *object;
	size_t i;
	if (list_them(orch->vnfm.self, kind, &list, NULL))
		return NULL;
	json_t *observed = json_object();
	json_array_foreach (list, i, object) {
		const char *id = json_string_value(json_object_get(object, "id"));
		if (id)
			json_object_set(observed, id, object);
	}
	json_decref(list);
	return observed;
}

const char *
observe_state(const json_t *observed, const char *vnf)
{
	const char *state = state_of(observed, vnf, 0), *other;
	if (!observed)
		return "unknown";
	for (unsigned i = 1; state && i < REPLICAS_MAX; i++) {
		other = state_of(observed, vnf, i);
		if (other && strcmp(state, "ready") == 0)
			state = other;
	}
	return state ? state : "absent";
}

static const char *
state_of(const json_t *observed, const char *vnf, unsigned replica)
{
	char id[64];
	snprintf(id, sizeof(id), replica ? "%.60s~%u" : "%.60s", vnf, replica);
	return json_string_value(json_object_get(json_object_get(observed, id), "state"));
}

json_t *
observe_service(struct orch *orch, const char *ns, const json_t *observed)
{
	json_t *vnfs = json_array(), *object;
	const char *id;
	json_object_foreach ((json_t *)observed, id, object) {
		if (is_of(object, ns))
			json_array_append_new(vnfs, part(object));
	}
	if (!observed)
		return json_pack("{s:o, s:[], s:[]}", "vnfs", vnfs, "ports", "links");
	return json_pack("{s:o, s:o, s:o}", "vnfs", vnfs, "ports",
		parts(orch, VNFM_PORT, ns), "links", parts(orch, VNFM_LINK, ns));
}

json_t *
observe_vnf(const json_t *observed, const char *vnf)
{
	json_t *resources = json_array(), *object;
	char id[64];
	bool runs = false;
	for (unsigned i = 0; i < REPLICAS_MAX; i++) {
		snprintf(id, sizeof(id), i ? "%.60s~%u" : "%.60s", vnf, i);
		object = json_object_get(observed, id);
		if (!json_object_get(object, "state"))
			continue;
		json_array_append_new(resources, resource(object, id));
		runs |= works(object);
	}
	if (!json_array_size(resources)) {
		json_decref(resources);
		return NULL;
	}
	return json_pack("{s:s, s:o}", "vnfState", runs ? "STARTED" : "STOPPED",
		"vnfcResourceInfo", resources);
}

static bool
works(const json_t *object)
{
	const char *state = json_string_value(json_object_get(object, "state"));
	return strcmp(state, "ready") == 0 || strcmp(state, "degraded") == 0;
}

/* One process. */
static json_t *
resource(const json_t *object, const char *id)
{
	const char *type = json_string_value(json_object_get(object, "type"));
	json_t *metadata = json_pack("{s:O*, s:O*, s:O*, s:O, s:O*, s:O*, s:O?}", "pid",
		json_object_get(object, "pid"), "core", json_object_get(object, "core"),
		"slot", json_object_get(object, "slot"), "state",
		json_object_get(object, "state"), "restarts",
		json_object_get(object, "restarts"), "lastError",
		json_object_get(object, "lastError"), "group",
		json_object_get(json_object_get(object, "group"), "name"));
	json_object_set_new(metadata, "host", json_string("local"));
	return json_pack("{s:s, s:s, s:{s:s}, s:o}", "id", id, "vduId",
		type ? type : "vnf", "computeResource", "resourceId", id, "metadata",
		metadata);
}

static json_t *
parts(struct orch *orch, enum vnfm_kind kind, const char *ns)
{
	json_t *list = NULL, *found = json_array(), *object;
	size_t i;
	if (orch->vnfm.driver->list(orch->vnfm.self, kind, &list, NULL))
		return found;
	json_array_foreach (list, i, object) {
		if (is_of(object, ns))
			json_array_append_new(found, part(object));
	}
	json_decref(list);
	return found;
}

static json_t *
part(const json_t *object)
{
	return json_pack("{s:O*, s:O*, s:O*, s:O*, s:O*, s:O*}", "name",
		json_object_get(object, "name"), "state",
		json_object_get(object, "state"), "type", json_object_get(object, "type"),
		"config", json_object_get(object, "config"), "core",
		json_object_get(object, "core"), "spec", json_object_get(object, "spec"));
}

static bool
is_of(const json_t *object, const char *ns)
{
	const char *of = json_string_value(json_object_get(object, "ns"));
	return of && strcmp(of, ns) == 0;
}
