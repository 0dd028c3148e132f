/* Where a process is told to die, it dies; nowhere else. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/fault.h"

/* The signal that ends a child which passes `name` so many times, or 0. */
static int
passes(const char *fault, const char *name, unsigned times)
{
	const pid_t child = fork();
	int status;

	if (child == 0) {
		setenv("RENGA_FAULT", fault, 1);
		while (times-- > 0)
			fault_point(name);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
test_fault_kills_at_the_counted_pass_of_its_point(void **state)
{
	(void)state;
	assert_int_equal(passes("give-copied:3", "give-copied", 3), SIGKILL);
	assert_int_equal(passes("give-copied:3", "give-copied", 2), 0);
}

static void
test_fault_leaves_other_points_alone(void **state)
{
	(void)state;
	assert_int_equal(passes("give-copied:1", "give", 5), 0);
	assert_int_equal(passes("give:1", "give-copied", 5), 0);
	assert_int_equal(passes("", "give-copied", 5), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fault_kills_at_the_counted_pass_of_its_point),
		cmocka_unit_test(test_fault_leaves_other_points_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
