/* test_cores.c: rules of lists of CPUs, and of who runs on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sched.h>
#include <cmocka.h>
#include "common/cores.h"

static void
test_cores_lists_ranges_and_singles_once(void **state)
{
	(void)state;
	struct cores cores;
	char text[64];
	assert_int_equal(cores_parse("3,0-1,1", &cores, NULL), 0);
	assert_int_equal(cores.n, 3);
	cores_print(&cores, text, sizeof(text));
	assert_string_equal(text, "0,1,3");
	assert_true(cores_has(&cores, 3));
	assert_false(cores_has(&cores, 2));
}

static void
test_cores_refuses_what_is_no_list(void **state)
{
	(void)state;
	static const char *const bad[] = {"", ",", "1,", "a", "2-1", "-1", "1-", "1-2-3",
		"256", "0-256", "1 2", "1;2", "99999999999999999999", NULL};
	for (const char *const *text = bad; *text != NULL; text++) {
		struct cores cores = {.n = 77};
		if (cores_parse(*text, &cores, NULL) == 0)
			fail_msg("'%s' was taken for a list of CPUs", *text);
		assert_int_equal(cores.n, 77);
	}
}

static void
test_cores_what_carries_no_packets_stays_beside_if_there_is_room(void **state)
{
	(void)state;
	cpu_set_t before;
	struct cores all, worker, now;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	cores_online(&all);
	assert_true(all.n > 0);

	worker = (struct cores){.n = 1, .cpus = {all.cpus[0]}};
	assert_int_equal(cores_stay_beside(&worker, NULL), 0);
	cores_online(&now);
	assert_int_equal(cores_has(&now, all.cpus[0]), all.n == 1);
	assert_int_equal(now.n, all.n == 1 ? 1 : all.n - 1);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);

	assert_int_equal(cores_stay_beside(&all, NULL), 0);
	cores_online(&now);
	assert_int_equal(now.n, all.n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cores_lists_ranges_and_singles_once),
		cmocka_unit_test(test_cores_refuses_what_is_no_list),
		cmocka_unit_test(
			test_cores_what_carries_no_packets_stays_beside_if_there_is_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
