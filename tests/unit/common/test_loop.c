/* test_loop.c: rules of the event loop. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/loop.h"

static struct loop *loop;
static int calls, last;
static struct loop_source *victim;

static int
create(void **state)
{
	(void)state;
	calls = last = 0;
	return loop_create(&loop, NULL);
}

static int
destroy(void **state)
{
	(void)state;
	loop_destroy(loop);
	return 0;
}

static void
count(void *arg)
{
	calls++;
	last = (int)(intptr_t)arg;
}

static void
count_and_stop(void *arg)
{
	(void)arg;
	calls++;
	loop_stop(loop);
}

static void
take_byte(int fd, uint32_t events, void *arg)
{
	char c;
	(void)events, (void)arg;
	calls += read(fd, &c, 1) == 1;
}

static void
del_victim(int fd, uint32_t events, void *arg)
{
	(void)fd, (void)events, (void)arg;
	calls++;
	loop_del(victim);
	victim = NULL;
}

static void
note_signal(int signo, void *arg)
{
	(void)arg;
	last = signo;
}

static void
note_exit(pid_t pid, int status, void *arg)
{
	*(pid_t *)arg = pid;
	last = status;
	calls++;
}

static void
test_loop_calls_back_for_a_readable_descriptor(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	struct loop_source *source = loop_add_fd(loop, ends[0], EPOLLIN, take_byte, NULL);
	assert_non_null(source);
	assert_int_equal(loop_step(loop, 0), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(loop_step(loop, 1000), 1);
	assert_int_equal(calls, 1);
	assert_int_equal(loop_mod_fd(source, 0), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(loop_step(loop, 0), 0);
	loop_del(source);
	close(ends[0]);
	close(ends[1]);
}

static void
test_loop_source_deleted_by_another_is_not_called(void **state)
{
	(void)state;
	int a[2], b[2];
	assert_int_equal(pipe(a) + pipe(b), 0);
	loop_add_fd(loop, a[0], EPOLLIN, del_victim, NULL);
	victim = loop_add_fd(loop, b[0], EPOLLIN, take_byte, NULL);
	assert_int_equal(write(a[1], "x", 1), 1);
	assert_int_equal(write(b[1], "x", 1), 1);
	loop_step(loop, 1000);
	loop_step(loop, 0);
	assert_null(victim);
	const int after = calls;
	assert_int_equal(write(b[1], "x", 1), 1);
	loop_step(loop, 0);
	assert_int_equal(calls, after + 1); /* a is readable still, b is gone */
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

static void
test_loop_add_of_a_bad_descriptor_is_refused(void **state)
{
	(void)state;
	assert_null(loop_add_fd(loop, 9999, EPOLLIN, take_byte, NULL));
	assert_int_equal(errno, EBADF);
	loop_del(NULL);
	loop_destroy(NULL);
}

static void
test_loop_timer_runs_once_or_repeats(void **state)
{
	(void)state;
	loop_add_timer(loop, 0, 0, count, NULL);
	assert_int_equal(loop_step(loop, 1000), 1);
	assert_int_equal(loop_step(loop, 5), 0);
	struct loop_source *timer = loop_add_timer(loop, 1, 1, count, NULL);
	const uint64_t start = loop_now_ms();
	while (calls < 4)
		loop_step(loop, 1000);
	assert_true(loop_now_ms() - start >= 2);
	loop_del(timer);
	assert_int_equal(loop_step(loop, 5), 0);
}

static void
test_loop_signal_is_taken_from_the_loop(void **state)
{
	(void)state;
	struct loop_source *source = loop_add_signal(loop, SIGUSR1, note_signal, NULL);
	assert_non_null(source);
	raise(SIGUSR1);
	assert_int_equal(loop_step(loop, 1000), 1);
	assert_int_equal(last, SIGUSR1);
}

static void
test_loop_exit_of_a_child_is_reaped_with_its_status(void **state)
{
	(void)state;
	pid_t seen = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(7);
	assert_non_null(loop_add_exit(loop, child, note_exit, &seen));
	while (!calls)
		loop_step(loop, 1000);
	assert_int_equal(seen, child);
	assert_true(WIFEXITED(last));
	assert_int_equal(WEXITSTATUS(last), 7);
	assert_int_equal(waitpid(child, NULL, 0), -1);
	child = fork();
	if (child == 0)
		for (;;)
			pause();
	loop_add_exit(loop, child, note_exit, &seen);
	kill(child, SIGKILL);
	while (calls < 2)
		loop_step(loop, 1000);
	assert_true(WIFSIGNALED(last));
	assert_int_equal(WTERMSIG(last), SIGKILL);
}

static void
test_loop_exit_of_a_stranger_is_seen_without_status(void **state)
{
	(void)state;
	int ends[2];
	pid_t seen = 0, grandchild;
	assert_int_equal(pipe(ends), 0);
	const pid_t child = fork();
	if (child == 0) {
		grandchild = fork();
		while (grandchild == 0)
			pause();
		_exit(write(ends[1], &grandchild, sizeof(grandchild)) < 0);
	}
	waitpid(child, NULL, 0);
	assert_int_equal(
		read(ends[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	assert_non_null(loop_add_exit(loop, grandchild, note_exit, &seen));
	kill(grandchild, SIGKILL);
	while (!calls)
		loop_step(loop, 1000);
	assert_int_equal(seen, grandchild);
	assert_int_equal(last, -1);
	close(ends[0]);
	close(ends[1]);
}

static void
test_loop_exit_of_nobody_is_refused(void **state)
{
	(void)state;
	const pid_t child = fork();
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	assert_null(loop_add_exit(loop, child, note_exit, NULL));
	assert_int_equal(errno, ESRCH);
}

static void *
post_many(void *arg)
{
	(void)arg;
	for (intptr_t i = 1; i <= 1000; i++)
		loop_post(loop, count, (void *)i);
	loop_post(loop, count_and_stop, NULL);
	return NULL;
}

static void
test_loop_post_from_another_thread_keeps_order(void **state)
{
	(void)state;
	pthread_t thread;
	pthread_create(&thread, NULL, post_many, NULL);
	assert_int_equal(loop_run(loop), 0);
	pthread_join(thread, NULL);
	assert_int_equal(calls, 1001);
	assert_int_equal(last, 1000);
}

static void
test_loop_runs_again_after_a_stop(void **state)
{
	(void)state;
	for (int i = 1; i <= 2; i++) {
		loop_post(loop, count_and_stop, NULL);
		loop_run(loop);
		assert_int_equal(calls, i);
	}
}

#define LOOP_TEST(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(test_loop_calls_back_for_a_readable_descriptor),
		LOOP_TEST(test_loop_source_deleted_by_another_is_not_called),
		LOOP_TEST(test_loop_add_of_a_bad_descriptor_is_refused),
		LOOP_TEST(test_loop_timer_runs_once_or_repeats),
		LOOP_TEST(test_loop_signal_is_taken_from_the_loop),
		LOOP_TEST(test_loop_exit_of_a_child_is_reaped_with_its_status),
		LOOP_TEST(test_loop_exit_of_a_stranger_is_seen_without_status),
		LOOP_TEST(test_loop_exit_of_nobody_is_refused),
		LOOP_TEST(test_loop_post_from_another_thread_keeps_order),
		LOOP_TEST(test_loop_runs_again_after_a_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
