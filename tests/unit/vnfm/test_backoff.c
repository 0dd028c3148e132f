/* When what died is started again, and when not any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "vnfm/backoff.h"

#define WINDOW_MS 30000

static void
test_backoff_first_death_is_replaced_at_once_then_ever_later(void **state)
{
	(void)state;
	static const uint64_t waits[] = {
		0, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000};
	struct backoff backoff = {0};
	for (unsigned i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		assert_int_equal(
			backoff_died(&backoff, WINDOW_MS, 0, 1000 * i), waits[i]);
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(backoff_died(&backoff, WINDOW_MS, 0, 20000), 5000);
}

static void
test_backoff_five_deaths_in_half_a_minute_are_a_loop(void **state)
{
	(void)state;
	struct backoff backoff = {0};
	for (unsigned i = 0; i < 4; i++) {
		backoff_died(&backoff, WINDOW_MS, 0, 1000 + i);
		assert_false(backoff_is_loop(&backoff, WINDOW_MS, 1000 + i));
	}
	backoff_died(&backoff, WINDOW_MS, 0, 31000);
	assert_true(backoff_is_loop(&backoff, WINDOW_MS, 31000));
}

static void
test_backoff_slow_deaths_are_no_loop(void **state)
{
	(void)state;
	struct backoff backoff = {0};
	for (unsigned i = 0; i < 20; i++) {
		uint64_t now_ms = 10000 * (i + 1);
		backoff_died(&backoff, WINDOW_MS, now_ms - 100, now_ms);
		assert_false(backoff_is_loop(&backoff, WINDOW_MS, now_ms));
	}
}

static void
test_backoff_starts_over_after_a_good_while(void **state)
{
	(void)state;
	struct backoff backoff = {0};
	backoff_died(&backoff, WINDOW_MS, 0, 1000);
	assert_int_equal(backoff_died(&backoff, WINDOW_MS, 0, 2000), 100);
	assert_int_equal(backoff_died(&backoff, WINDOW_MS, 3000, 3000 + WINDOW_MS), 0);
}

static void
test_backoff_without_a_window_replaces_at_once_whatever_was_ever_well(void **state)
{
	(void)state;
	struct backoff backoff = {0};
	for (unsigned i = 1; i < 20; i++) {
		assert_int_equal(backoff_died(&backoff, 0, 10 * i, 10 * i + 1), 0);
		assert_false(backoff_is_loop(&backoff, 0, 10 * i + 1));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_backoff_first_death_is_replaced_at_once_then_ever_later),
		cmocka_unit_test(test_backoff_five_deaths_in_half_a_minute_are_a_loop),
		cmocka_unit_test(test_backoff_slow_deaths_are_no_loop),
		cmocka_unit_test(test_backoff_starts_over_after_a_good_while),
		cmocka_unit_test(
			test_backoff_without_a_window_replaces_at_once_whatever_was_ever_well),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
