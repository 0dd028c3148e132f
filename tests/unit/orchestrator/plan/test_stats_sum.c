/* test_stats_sum.c: figures of a VNF of several processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "orchestrator/plan/stats_sum.h"

static json_t *
parse(const char *text)
{
	json_t *json = json_loads(text, JSON_ALLOW_NUL, NULL);
	assert_non_null(json);
	return json;
}

static void
test_stats_of_single_vnfs_stay_as_they_are(void **state)
{
	(void)state;
	json_t *vnfs =
		parse("[{\"id\": \"a\", \"pid\": 1}, {\"id\": \"b\", \"pid\": 2}]");
	json_t *sums = stats_sum(vnfs);
	assert_true(json_equal(sums, vnfs));
	json_decref(sums);
	json_decref(vnfs);
}

static void
test_stats_of_replicas_are_added_up_and_each_is_told(void **state)
{
	(void)state;
	json_t *vnfs = parse(
		"[{\"id\": \"a\", \"name\": \"s.a\", \"pid\": 1, \"busy\": 0.25, \"cps\": "
		"{\"left\": {\"rxPackets\": 3}}, \"rules\": [{\"name\": \"r\", \"packets\": 1}]},"
		" {\"id\": \"a~1\", \"name\": \"s.a~1\", \"pid\": 2, \"busy\": 0.5, \"cps\": "
		"{\"left\": {\"rxPackets\": 4}, \"right\": {\"rxPackets\": 1}}, \"rules\": "
		"[{\"name\": \"r\", \"packets\": 5}]}]");
	json_t *sums = stats_sum(vnfs), *sum = json_array_get(sums, 0);
	json_t *expected = parse("{\"left\": {\"rxPackets\": 7}, \"right\": "
				 "{\"rxPackets\": 1}}");
	assert_int_equal(json_array_size(sums), 1);
	assert_true(json_equal(json_object_get(sum, "cps"), expected));
	assert_int_equal(json_integer_value(json_object_get(sum, "pid")), 1);
	assert_true(json_real_value(json_object_get(sum, "busy")) == 0.75);
	assert_int_equal(
		json_integer_value(json_object_get(
			json_array_get(json_object_get(sum, "rules"), 0), "packets")),
		6);
	assert_string_equal(json_string_value(json_object_get(sum, "name")), "s.a");
	const json_t *replicas = json_object_get(sum, "replicas");
	assert_int_equal(json_array_size(replicas), 2);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(replicas, 1), "vnfcId")),
		"a~1");
	assert_int_equal(
		json_integer_value(json_object_get(json_array_get(replicas, 0), "pid")),
		1);
	json_decref(expected);
	json_decref(sums);
	json_decref(vnfs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stats_of_single_vnfs_stay_as_they_are),
		cmocka_unit_test(test_stats_of_replicas_are_added_up_and_each_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
