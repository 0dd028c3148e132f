/* What a process is doing. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "vnfm/activity.h"

static pid_t
child(void (*what)(void))
{
	const pid_t pid = fork();
	if (pid == 0) {
		what();
		_exit(0);
	}
	assert_true(pid > 0);
	return pid;
}

static void
spin(void)
{
	for (;;)
		__asm__ volatile("" ::: "memory");
}

static void
rest(void)
{
	pause();
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Reads until the process was seen as wanted, as it may not have got there yet. */
static void
await(pid_t pid, pid_t tid, bool stopped, bool wants_cpu, uint64_t ran_ns)
{
	struct activity activity = {0};
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(activity_read(pid, tid, &activity), 0);
		if (activity.stopped == stopped && activity.wants_cpu == wants_cpu &&
			activity.ran_ns >= ran_ns)
			return;
		usleep(10000);
	}
	fail_msg("stopped %d, wants CPU %d, ran %ju ns", activity.stopped,
		activity.wants_cpu, (uintmax_t)activity.ran_ns);
}

static void
test_activity_of_one_that_spins_sleeps_and_is_stopped(void **state)
{
	(void)state;
	const pid_t busy = child(spin), idle = child(rest);
	await(busy, 0, false, true, 1000000);
	await(busy, busy, false, true, 2000000);
	await(idle, 0, false, false, 0);
	kill(busy, SIGSTOP);
	await(busy, 0, true, false, 0);
	end(busy);
	end(idle);
}

static void
test_activity_of_one_that_is_gone_is_an_error(void **state)
{
	(void)state;
	struct activity activity;
	const pid_t pid = child(rest);
	end(pid);
	assert_int_equal(activity_read(pid, 0, &activity), -ENOENT);
	assert_int_equal(activity_read(pid, pid, &activity), -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_activity_of_one_that_spins_sleeps_and_is_stopped),
		cmocka_unit_test(test_activity_of_one_that_is_gone_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
