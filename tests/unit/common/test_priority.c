/* test_priority.c: rules of shares: what weight and what budget a worker has for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <cmocka.h>
#include "common/priority.h"

static void
test_priority_of_the_usual_share_is_the_usual_weight_and_budget(void **state)
{
	(void)state;
	assert_int_equal(priority_nice(PRIORITY_SHARE), -10);
	assert_int_equal(priority_budget(PRIORITY_SHARE, 256), 256);
}

static void
test_priority_nice_falls_as_the_share_rises(void **state)
{
	int before = 19;

	(void)state;
	for (unsigned share = PRIORITY_SHARE_MIN; share <= PRIORITY_SHARE_MAX; share++) {
		const int nice = priority_nice(share);

		assert_true(nice <= before && nice >= -20 && nice <= 19);
		before = nice;
	}
	assert_int_equal(priority_nice(PRIORITY_SHARE_MAX), -20);
	assert_int_equal(priority_nice(PRIORITY_SHARE_MIN), 0);
	assert_int_equal(priority_nice(300), -15);
}

static void
test_priority_budget_makes_up_for_the_steps_of_nice_values(void **state)
{
	(void)state;
	for (unsigned share = PRIORITY_SHARE_MIN; share <= PRIORITY_SHARE_MAX; share++) {
		const unsigned budget = priority_budget(share, 256);

		assert_in_range(budget, 256 * 87 / 100, 256 * 114 / 100);
	}
}

static void
test_priority_budget_of_real_time_workers_is_the_whole_share(void **state)
{
	(void)state;
	setenv("RENGA_PRIORITY", "realtime", 1);
	assert_int_equal(priority_budget(300, 256), 768);
	assert_int_equal(priority_budget(50, 256), 128);
	unsetenv("RENGA_PRIORITY");
}

static void *
make_low(void *arg)
{
	struct sched_param param;
	int policy;

	(void)arg;
	priority_set_background();
	pthread_getschedparam(pthread_self(), &policy, &param);
	return (void *)(intptr_t)policy;
}

static void
test_priority_background_is_of_one_thread(void **state)
{
	pthread_t thread;
	void *policy;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, make_low, NULL), 0);
	pthread_join(thread, &policy);
	assert_int_equal((intptr_t)policy, SCHED_IDLE);
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_priority_of_the_usual_share_is_the_usual_weight_and_budget),
		cmocka_unit_test(test_priority_nice_falls_as_the_share_rises),
		cmocka_unit_test(
			test_priority_budget_makes_up_for_the_steps_of_nice_values),
		cmocka_unit_test(
			test_priority_budget_of_real_time_workers_is_the_whole_share),
		cmocka_unit_test(test_priority_background_is_of_one_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
