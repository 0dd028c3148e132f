/* test_capacity.c: what a host has, and what services have taken of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "orchestrator/capacity.h"

static const char host[] =
	"{\"cores\": [0, 1, 2], \"ioCore\": 0, \"memory\": {\"totalMiB\": 512, \"freeMiB\": "
	"300}, \"slots\": {\"total\": 64, \"free\": 61}, \"interfaces\": [\"lan0\", "
	"\"wan0\", \"dmz0\"]}";
static const char objects[] =
	"[{\"kind\": \"service\", \"object\": \"n\", \"ns\": \"n\", \"doc\": {}},"
	" {\"kind\": \"vnf\", \"object\": \"a\", \"ns\": \"n\", \"doc\": {\"core\": 1}},"
	" {\"kind\": \"vnf\", \"object\": \"b\", \"ns\": \"n\", \"doc\": {\"core\": 1}},"
	" {\"kind\": \"port\", \"object\": \"n/p\", \"ns\": \"n\", \"doc\": {\"spec\": "
	"{\"driver\": \"af_packet\", \"interface\": \"wan0\"}}}]";

static json_t *
capacity(const char *described, const char *wanted)
{
	json_t *a = json_loads(described, 0, NULL), *b = json_loads(wanted, 0, NULL);
	assert_true(a && b);
	json_t *info = capacity_of(a, b);
	json_decref(a);
	json_decref(b);
	return info;
}

static void
measures(const json_t *info, const char *name, int total, int taken, int left)
{
	size_t i;
	json_t *item, *found = NULL;
	json_array_foreach (json_object_get(info, "capacityMeasurements"), i, item)
		if (strcmp(json_string_value(
				   json_object_get(item, "capacityMeasurementName")),
			    name) == 0)
			found = item;
	assert_int_equal(
		json_integer_value(json_object_get(found, "totalCapacity")), total);
	assert_int_equal(
		json_integer_value(json_object_get(found, "allocatedCapacity")), taken);
	assert_int_equal(
		json_integer_value(json_object_get(found, "availableCapacity")), left);
}

static void
test_capacity_tells_what_is_taken_and_what_is_free(void **state)
{
	(void)state;
	json_t *info = capacity(host, objects);
	measures(info, "cores", 3, 1, 2);
	measures(info, "hugePageMiB", 512, 212, 300);
	measures(info, "slots", 64, 3, 61);
	measures(info, "interfaces", 3, 1, 2);
	json_decref(info);
	info = capacity(host, "[]");
	measures(info, "cores", 3, 0, 3);
	measures(info, "interfaces", 3, 0, 3);
	json_decref(info);
}

static void
test_capacity_has_a_zone_for_each_core_with_its_vnfs(void **state)
{
	(void)state;
	json_t *info = capacity(host, objects), *zone;
	static const int vnfs[] = {0, 2, 0};
	size_t i;
	assert_int_equal(
		json_array_size(json_object_get(info, "capacityInfoPerZone")), 3);
	json_array_foreach (json_object_get(info, "capacityInfoPerZone"), i, zone)
		assert_int_equal(
			json_integer_value(json_object_get(
				json_array_get(
					json_object_get(zone, "capacityMeasurements"), 0),
				"allocatedCapacity")),
			vnfs[i]);
	json_decref(info);
}

static void
test_capacity_of_a_host_that_tells_nothing_is_none(void **state)
{
	(void)state;
	json_t *info = capacity("{}", "[]");
	measures(info, "cores", 0, 0, 0);
	measures(info, "slots", 0, 0, 0);
	json_decref(info);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capacity_tells_what_is_taken_and_what_is_free),
		cmocka_unit_test(test_capacity_has_a_zone_for_each_core_with_its_vnfs),
		cmocka_unit_test(test_capacity_of_a_host_that_tells_nothing_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
