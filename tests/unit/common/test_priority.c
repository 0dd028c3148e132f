/* test_priority.c: rules of how threads are scheduled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/priority.h"

static void
test_priority_of_a_worker_is_left_behind_by_its_children(void **state)
{
	int rc, nice = -1;
	pid_t pid;

	(void)state;
	rc = priority_set(PRIORITY_WORKER);
	if (rc == -EPERM)
		skip();
	assert_int_equal(rc, 0);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), -10);
	pid = fork();
	if (pid == 0)
		_exit(getpriority(PRIO_PROCESS, 0));
	waitpid(pid, &nice, 0);
	assert_int_equal(nice, 0);
	priority_set(PRIORITY_NORMAL);
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
	assert_int_equal(sched_getscheduler(0) & ~SCHED_RESET_ON_FORK, SCHED_OTHER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_priority_of_a_worker_is_left_behind_by_its_children),
		cmocka_unit_test(test_priority_background_is_of_one_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
