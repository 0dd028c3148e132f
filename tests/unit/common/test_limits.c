/* test_limits.c: rules of the member `limits`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/limits.h"

static int
parse(const char *text, struct limits *limits, struct faults *faults)
{
	json_t *json = json_loads(text, 0, NULL);
	const int rc = limits_parse(json, "limits", limits, faults);

	json_decref(json);
	return rc;
}

static void
test_limits_bursts_are_ten_milliseconds_of_the_rate(void **state)
{
	struct faults faults = {0};
	struct limits limits;

	(void)state;
	assert_int_equal(
		parse("{\"rate\": \"1G\", \"packet-rate\": \"50k\"}", &limits, &faults),
		0);
	assert_int_equal(limits.rate, 1000000000);
	assert_int_equal(limits.packet_rate, 50000);
	assert_int_equal(limits.burst, 1250000);
	assert_int_equal(limits.packet_burst, 500);
}

static void
test_limits_bursts_of_low_rates_have_room_for_some_frames(void **state)
{
	struct faults faults = {0};
	struct limits limits;

	(void)state;
	assert_int_equal(
		parse("{\"rate\": \"100k\", \"packet-rate\": 10}", &limits, &faults), 0);
	assert_int_equal(limits.burst, 16384);
	assert_int_equal(limits.packet_burst, 64);
}

static void
test_limits_every_fault_is_told_at_once(void **state)
{
	struct faults faults = {0};
	struct limits limits;

	(void)state;
	assert_true(parse("{\"rate\": \"fast\", \"packet-rate\": -1, \"brust\": 1}",
			    &limits, &faults) < 0);
	assert_int_equal(faults.n, 3);
	faults_clear(&faults);
}

static void
test_limits_of_none_are_none(void **state)
{
	struct faults faults = {0};
	struct limits limits = {.rate = 1};

	(void)state;
	assert_int_equal(limits_parse(NULL, "limits", &limits, &faults), 0);
	assert_int_equal(limits.rate + limits.packet_rate, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits_bursts_are_ten_milliseconds_of_the_rate),
		cmocka_unit_test(
			test_limits_bursts_of_low_rates_have_room_for_some_frames),
		cmocka_unit_test(test_limits_every_fault_is_told_at_once),
		cmocka_unit_test(test_limits_of_none_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
