/* When a life sign that stands still means that its owner hangs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "vnfm/vigil.h"

#define LOOK_MS	    100
#define PATIENCE_MS 500
#define MS	    1000000ull

/* Looks at the same sign until the patience is over; the looks that took. */
static unsigned
stand_still(struct vigil *vigil, uint64_t sign, uint64_t passed_ms, unsigned most)
{
	for (unsigned looks = 1; looks <= most; looks++)
		if (vigil_look(vigil, sign, passed_ms, PATIENCE_MS) == VIGIL_OVERDUE)
			return looks;
	return 0;
}

static void
test_vigil_a_sign_that_moves_is_well(void **state)
{
	(void)state;
	struct vigil vigil = {0};
	for (unsigned i = 1; i < 1000; i++)
		assert_int_equal(
			vigil_look(&vigil, i / 3, LOOK_MS, PATIENCE_MS), VIGIL_WELL);
}

static void
test_vigil_one_that_stands_still_is_suspect_then_overdue(void **state)
{
	(void)state;
	struct vigil vigil = {0};
	assert_int_equal(vigil_look(&vigil, 7, LOOK_MS, PATIENCE_MS), VIGIL_WELL);
	static const enum vigil_verdict verdicts[] = {VIGIL_WELL, VIGIL_WELL,
		VIGIL_SUSPECT, VIGIL_WELL, VIGIL_OVERDUE, VIGIL_OVERDUE};
	for (unsigned i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		assert_int_equal(
			vigil_look(&vigil, 7, LOOK_MS, PATIENCE_MS), verdicts[i]);
	assert_int_equal(vigil_look(&vigil, 8, LOOK_MS, PATIENCE_MS), VIGIL_WELL);
	assert_int_equal(vigil.still_ms, 0);
}

static void
test_vigil_time_in_which_nobody_looked_does_not_count(void **state)
{
	(void)state;
	struct vigil vigil = {.sign = 7};
	assert_int_equal(stand_still(&vigil, 7, 0, 100000), 0);
}

static void
test_vigil_longer_patience_waits_longer(void **state)
{
	(void)state;
	struct vigil vigil = {.sign = 7};
	for (unsigned i = 0; i < 199; i++)
		assert_int_not_equal(
			vigil_look(&vigil, 7, LOOK_MS, 20000), VIGIL_OVERDUE);
	assert_int_equal(vigil_look(&vigil, 7, LOOK_MS, 20000), VIGIL_OVERDUE);
}

static void
test_vigil_who_is_stopped_or_sleeps_for_ever_hangs(void **state)
{
	(void)state;
	const struct vigil vigil = {.still_ms = PATIENCE_MS, .suspect = true};
	assert_true(vigil_is_hung(
		&vigil, &(struct activity){.stopped = true, .wants_cpu = true}));
	assert_true(vigil_is_hung(&vigil, &(struct activity){0}));
}

static void
test_vigil_who_gets_no_cpu_does_not_hang(void **state)
{
	(void)state;
	struct vigil vigil = {
		.still_ms = PATIENCE_MS, .suspect = true, .ran_ns = 1000 * MS};
	const struct activity starved = {.wants_cpu = true, .ran_ns = 1020 * MS};
	assert_false(vigil_is_hung(&vigil, &starved));
	vigil.still_ms = VIGIL_STARVED_MS - 1;
	assert_false(vigil_is_hung(&vigil, &starved));
	vigil.still_ms = VIGIL_STARVED_MS;
	assert_true(vigil_is_hung(&vigil, &starved));
}

static void
test_vigil_who_had_cpu_and_did_not_move_hangs(void **state)
{
	(void)state;
	const struct vigil vigil = {
		.still_ms = PATIENCE_MS, .suspect = true, .ran_ns = 1000 * MS};
	assert_true(vigil_is_hung(
		&vigil, &(struct activity){.wants_cpu = true, .ran_ns = 1050 * MS}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vigil_a_sign_that_moves_is_well),
		cmocka_unit_test(
			test_vigil_one_that_stands_still_is_suspect_then_overdue),
		cmocka_unit_test(test_vigil_time_in_which_nobody_looked_does_not_count),
		cmocka_unit_test(test_vigil_longer_patience_waits_longer),
		cmocka_unit_test(test_vigil_who_is_stopped_or_sleeps_for_ever_hangs),
		cmocka_unit_test(test_vigil_who_gets_no_cpu_does_not_hang),
		cmocka_unit_test(test_vigil_who_had_cpu_and_did_not_move_hangs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
