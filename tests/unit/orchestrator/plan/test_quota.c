/* test_quota.c: what a project has, and what more of it may be had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "orchestrator/plan/quota.h"

static const char objects_text[] =
	"[{\"kind\": \"service\", \"object\": \"n\", \"ns\": \"n\", \"doc\": {\"buffers\": 8192}},"
	" {\"kind\": \"vnf\", \"object\": \"a\", \"ns\": \"n\", \"doc\": {\"core\": 1}},"
	" {\"kind\": \"vnf\", \"object\": \"a~1\", \"ns\": \"n\", \"doc\": {\"core\": 2}},"
	" {\"kind\": \"vnf\", \"object\": \"b\", \"ns\": \"n\", \"doc\": {\"core\": 1}},"
	" {\"kind\": \"vnf\", \"object\": \"x\", \"ns\": \"m\", \"doc\": {\"core\": 3}}]";

static void
test_quota_counts_what_the_services_of_a_project_have(void **state)
{
	(void)state;
	json_t *objects = json_loads(objects_text, 0, NULL);
	json_t *members = json_pack("{s:b}", "n", 1);
	json_t *sizes = json_pack("{s:i, s:i}", "a", 10 << 20, "x", 500 << 20);
	const struct quota used = quota_used(objects, members, sizes);
	assert_int_equal(used.n[QUOTA_SERVICES], 1);
	assert_int_equal(used.n[QUOTA_VNFS], 3);
	assert_int_equal(used.n[QUOTA_CORES], 2);
	assert_int_equal(used.n[QUOTA_MEMORY], 40); /* 19.1 of buffers, 20 of states */
	json_decref(objects);
	json_decref(members);
	json_decref(sizes);
}

static void
test_quota_refuses_more_than_it_allows_and_no_less_than_there_is(void **state)
{
	(void)state;
	static const struct {
		int limit, used, wanted, refused;
	} cases[] = {
		{QUOTA_NONE, 0, 1000, 0},
		{3, 2, 3, 0},
		{3, 3, 4, 1},
		{0, 0, 1, 1},
		{3, 7, 7, 0}, /* it was lowered meanwhile */
		{3, 7, 5, 0},
		{3, 7, 8, 1},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct quota quota = {
			{QUOTA_NONE, cases[i].limit, QUOTA_NONE, QUOTA_NONE}};
		const struct quota used = {{0, cases[i].used, 0, 0}},
				   wanted = {{9, cases[i].wanted, 9, 9}};
		struct faults faults = {0};
		quota_judge(&quota, &used, &wanted, "lab", &faults);
		assert_int_equal(faults.n, cases[i].refused);
		if (i == 2)
			assert_string_equal(faults.list[0].text,
				"quota 'vnfs' of project 'lab' is 3: 3 used, 4 wanted");
		faults_clear(&faults);
	}
}

static void
test_quota_is_read_and_printed(void **state)
{
	(void)state;
	static const struct {
		const char *text, *path, *printed;
	} cases[] = {
		{"{\"vnfs\": 4, \"cores\": 0, \"services\": null}", NULL,
			"{\"vnfs\": 4, \"cores\": 0}"},
		{"{}", NULL, "{}"},
		{"{\"vnf\": 4}", "vnf", NULL},
		{"{\"vnfs\": -1}", "vnfs", NULL},
		{"{\"vnfs\": \"four\"}", "vnfs", NULL},
		{"3", "", NULL},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct quota quota;
		struct faults faults = {0};
		json_t *json = json_loads(cases[i].text, JSON_DECODE_ANY, NULL);
		quota_from_json(json, &quota, &faults);
		assert_int_equal(faults.n, cases[i].path != NULL);
		if (cases[i].path)
			assert_string_equal(faults.list[0].path, cases[i].path);
		json_t *printed = quota_to_json(&quota);
		char *text = json_dumps(printed, 0);
		if (cases[i].printed)
			assert_string_equal(text, cases[i].printed);
		free(text);
		json_decref(printed);
		json_decref(json);
		faults_clear(&faults);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quota_counts_what_the_services_of_a_project_have),
		cmocka_unit_test(
			test_quota_refuses_more_than_it_allows_and_no_less_than_there_is),
		cmocka_unit_test(test_quota_is_read_and_printed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
