/* quota.c: see quota.h. */
#include "orchestrator/plan/quota.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include "common/field.h"
#include "orchestrator/plan/need.h"

static const char *const names[QUOTAS + 1] = {
	[QUOTA_SERVICES] = "services",
	[QUOTA_VNFS] = "vnfs",
	[QUOTA_MEMORY] = "memoryMiB",
	[QUOTA_CORES] = "cores",
};

static int find(const char *name);
static bool is_first_on_core(const json_t *objects, size_t at, const json_t *members);
static bool is_member(const json_t *object, const json_t *members);
static bool is_kind(const json_t *object, const char *kind);
static const json_t *core_of(const json_t *object);

void
quota_from_json(const json_t *json, struct quota *quota, struct faults *faults)
{
	const char *name;
	json_t *value;
	for (int i = 0; i < QUOTAS; i++)
		quota->n[i] = QUOTA_NONE;
	if (!json_is_object(json))
		faults_add(faults, ERR_INVALID, NULL, "{\"services\": 3, \"vnfs\": 10}",
			"quotas are a map");
	json_object_foreach ((json_t *)json, name, value) {
		const int at = find(name);
		const char *near = field_nearest(name, names);
		if (at < 0)
			faults_add(faults, ERR_INVALID, name,
				near ? near : "services, vnfs, memoryMiB, cores",
				"there is no such quota");
		else if (json_is_integer(value) && json_integer_value(value) >= 0)
			quota->n[at] = json_integer_value(value);
		else if (!json_is_null(value))
			faults_add(faults, ERR_INVALID, name, "null is no limit",
				"a quota is a number of 0 and more");
	}
}

json_t *
quota_to_json(const struct quota *quota)
{
	json_t *json = json_object();
	for (int i = 0; i < QUOTAS; i++)
		if (quota->n[i] != QUOTA_NONE)
			json_object_set_new(json, names[i], json_integer(quota->n[i]));
	return json;
}

struct quota
quota_used(const json_t *objects, const json_t *members, const json_t *sizes)
{
	struct quota used = {0};
	struct need need = {0};
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object) {
		if (!is_member(object, members))
			continue;
		need_add(&need, json_string_value(json_object_get(object, "kind")),
			json_string_value(json_object_get(object, "object")),
			json_object_get(object, "doc"), sizes);
		used.n[QUOTA_SERVICES] += is_kind(object, "service");
		used.n[QUOTA_VNFS] += is_kind(object, "vnf");
		used.n[QUOTA_CORES] += is_first_on_core(objects, i, members);
	}
	used.n[QUOTA_MEMORY] = need_mib(&need);
	return used;
}

void
quota_judge(const struct quota *quota, const struct quota *used,
	const struct quota *wanted, const char *project, struct faults *faults)
{
	for (int i = 0; i < QUOTAS; i++)
		if (quota->n[i] != QUOTA_NONE && wanted->n[i] > quota->n[i] &&
			wanted->n[i] > used->n[i])
			faults_add(faults, ERR_NO_RESOURCE, NULL,
				"free some, or ask an admin: renga project set",
				"quota '%s' of project '%s' is %" PRId64 ": %" PRId64
				" used, %" PRId64 " wanted",
				names[i], project, quota->n[i], used->n[i], wanted->n[i]);
}

static int
find(const char *name)
{
	for (int i = 0; i < QUOTAS; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static bool
is_first_on_core(const json_t *objects, size_t at, const json_t *members)
{
	const json_t *object = json_array_get(objects, at);
	if (!is_kind(object, "vnf") || !core_of(object))
		return false;
	for (size_t i = 0; i < at; i++) {
		const json_t *before = json_array_get(objects, i);
		if (is_kind(before, "vnf") && is_member(before, members) &&
			json_equal(core_of(before), core_of(object)))
			return false;
	}
	return true;
}

static bool
is_member(const json_t *object, const json_t *members)
{
	const char *ns = json_string_value(json_object_get(object, "ns"));
	return ns && json_object_get(members, ns);
}

static bool
is_kind(const json_t *object, const char *kind)
{
	const char *its = json_string_value(json_object_get(object, "kind"));
	return its && strcmp(its, kind) == 0;
}

static const json_t *
core_of(const json_t *object)
{
	return json_object_get(json_object_get(object, "doc"), "core");
}
