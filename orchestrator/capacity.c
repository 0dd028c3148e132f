/* capacity.c: see capacity.h. */
#include "orchestrator/capacity.h"

#include <stdio.h>
#include <string.h>
#include "orchestrator/deploy.h"

#define VIM "local"

static json_t *measurement(
	const char *type, const char *name, json_int_t total, json_int_t free_now);
static json_int_t vnfs_on(const json_t *objects, const json_t *core);
static bool is_taken(const json_t *objects, const json_t *interface);
static json_int_t number(const json_t *host, const char *part, const char *member);

int
capacity_list(struct orch *orch, json_t **list, struct err *err)
{
	json_t *host = NULL, *objects = NULL;
	int rc = orch->vnfm.driver->host(orch->vnfm.self, &host, err);
	if (!rc)
		rc = deploy_wanted(orch->db, NULL, &objects, err);
	if (!rc)
		*list = json_pack("[o]", capacity_of(host, objects));
	json_decref(host);
	json_decref(objects);
	return rc;
}

int
capacity_get(struct orch *orch, const char *vim, json_t **info, struct err *err)
{
	json_t *list;
	if (strcmp(vim, VIM) != 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "there is one: " VIM,
			"there is no VIM '%s'", vim);
	int rc = capacity_list(orch, &list, err);
	if (rc)
		return rc;
	*info = json_incref(json_array_get(list, 0));
	json_decref(list);
	return 0;
}

json_t *
capacity_of(const json_t *host, const json_t *objects)
{
	const json_t *cores = json_object_get(host, "cores");
	const json_t *interfaces = json_object_get(host, "interfaces");
	json_int_t cores_free = 0, interfaces_free = 0;
	json_t *zones = json_array(), *item;
	char zone[32];
	size_t i;
	json_array_foreach ((json_t *)cores, i, item) {
		const json_int_t n = vnfs_on(objects, item);
		cores_free += n == 0;
		snprintf(zone, sizeof(zone), "core-%d", (int)json_integer_value(item));
		json_array_append_new(
			zones, json_pack("{s:s, s:[{s:s, s:s, s:I}]}", "resourceZoneId",
				       zone, "capacityMeasurements", "resourceType",
				       "COMPUTE", "capacityMeasurementName", "vnfs",
				       "allocatedCapacity", n));
	}
	json_array_foreach ((json_t *)interfaces, i, item)
		interfaces_free += !is_taken(objects, item);
	return json_pack("{s:s, s:[o, o, o, o], s:o}", "vimId", VIM,
		"capacityMeasurements",
		measurement("COMPUTE", "cores", (json_int_t)json_array_size(cores),
			cores_free),
		measurement("COMPUTE", "hugePageMiB", number(host, "memory", "totalMiB"),
			number(host, "memory", "freeMiB")),
		measurement("COMPUTE", "slots", number(host, "slots", "total"),
			number(host, "slots", "free")),
		measurement("NETWORK", "interfaces",
			(json_int_t)json_array_size(interfaces), interfaces_free),
		"capacityInfoPerZone", zones);
}

static json_t *
measurement(const char *type, const char *name, json_int_t total, json_int_t free_now)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:I}", "resourceType", type,
		"capacityMeasurementName", name, "totalCapacity", total,
		"allocatedCapacity", total - free_now, "availableCapacity", free_now);
}

static json_int_t
vnfs_on(const json_t *objects, const json_t *core)
{
	json_int_t n = 0;
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object)
		n += json_equal(
			core, json_object_get(json_object_get(object, "doc"), "core"));
	return n;
}

static bool
is_taken(const json_t *objects, const json_t *interface)
{
	size_t i;
	json_t *object;
	json_array_foreach ((json_t *)objects, i, object) {
		const json_t *spec =
			json_object_get(json_object_get(object, "doc"), "spec");
		if (json_equal(json_object_get(spec, "interface"), interface))
			return true;
	}
	return false;
}

static json_int_t
number(const json_t *host, const char *part, const char *member)
{
	return json_integer_value(json_object_get(json_object_get(host, part), member));
}
