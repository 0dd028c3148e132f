/* test_child.c: rules of starting a child and of telling that it is ready. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/child.h"

static struct child child;
static struct err err;
static char output[4096];

/* Runs a shell script to its end, the output going to `output`. */
static int
run(const char *script, struct child_spec spec)
{
	char log[] = "/tmp/renga-child-XXXXXX";
	const char *const argv[] = {"sh", "-c", script, NULL};
	int status;
	close(mkstemp(log));
	spec.argv = argv;
	spec.log_file = log;
	assert_int_equal(child_spawn(&spec, &child, &err), 0);
	assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
	const int fd = open(log, O_RDONLY);
	const ssize_t n = read(fd, output, sizeof(output) - 1);
	output[n > 0 ? n : 0] = '\0';
	close(fd);
	unlink(log);
	return status;
}

static void
assert_tells(const char *script, int timeout_ms, int want)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	const struct child_spec spec = {.argv = argv, .readiness = true, .cpu = -1};
	assert_int_equal(child_spawn(&spec, &child, &err), 0);
	assert_int_equal(child_wait_ready(&child, timeout_ms, &err), want);
	close(child.ready_fd);
	kill(child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
}

static void
test_child_that_does_not_exist_is_not_found(void **state)
{
	(void)state;
	const char *const argv[] = {"/no/such/program", NULL};
	const struct child_spec spec = {.argv = argv, .readiness = true, .cpu = -1};
	assert_int_equal(child_spawn(&spec, &child, &err), -ENOENT);
	assert_string_equal(err.text, "no program /no/such/program");
}

static void
test_child_has_no_descriptor_but_the_standard_ones(void **state)
{
	(void)state;
	const int extra = dup(0); /* without close-on-exec */
	run("echo /proc/self/fd/*; pwd", (struct child_spec){.cpu = -1});
	close(extra);
	/* The fourth is the folder that the shell reads. */
	assert_string_equal(output,
		"/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n/\n");
}

static void
test_child_starts_with_default_signals(void **state)
{
	(void)state;
	sigset_t set, before;
	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	signal(SIGPIPE, SIG_IGN);
	run("sed -n 's/SigBlk://p;s/SigIgn://p' /proc/self/status",
		(struct child_spec){.cpu = -1});
	signal(SIGPIPE, SIG_DFL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	char *rest;
	assert_int_equal(strtoull(output, &rest, 16), 0);
	assert_int_equal(
		strtoull(rest, NULL, 16) & 0x7fffffff, 0); /* beyond: libc's own */
}

static void
test_child_environment_is_ours_with_additions(void **state)
{
	(void)state;
	const char *const env[] = {"B=new", NULL};
	setenv("A", "kept", 1);
	setenv("B", "old", 1);
	setenv("NOTIFY_SOCKET", "/x", 1);
	run("echo $A $B $NOTIFY_SOCKET $RENGA_READY_FD",
		(struct child_spec){.env = env, .cpu = -1});
	unsetenv("NOTIFY_SOCKET");
	assert_string_equal(output, "kept new\n");
}

static void
test_child_runs_on_its_cpu_and_we_stay_where_we_were(void **state)
{
	(void)state;
	cpu_set_t before, after;
	sched_getaffinity(0, sizeof(before), &before);
	int cpu = 0;
	while (!CPU_ISSET(cpu, &before))
		cpu++;
	char want[64];
	snprintf(want, sizeof(want), "Cpus_allowed_list:\t%d\n", cpu);
	run("grep Cpus_allowed_list /proc/self/status", (struct child_spec){.cpu = cpu});
	assert_string_equal(output, want);
	sched_getaffinity(0, sizeof(after), &after);
	assert_true(CPU_EQUAL(&before, &after));
}

static void
test_child_in_a_new_session_leads_it(void **state)
{
	(void)state;
	run("cut -d' ' -f6 /proc/$$/stat",
		(struct child_spec){.new_session = true, .cpu = -1});
	assert_int_equal(atoi(output), child.pid);
}

static void
test_child_ready_is_a_newline(void **state)
{
	(void)state;
	assert_tells("echo >&$RENGA_READY_FD; sleep 9", 5000, 0);
}

static void
test_child_may_tell_why_not(void **state)
{
	(void)state;
	assert_tells("echo '{\"code\":\"no-resource\",\"text\":\"no memory\"}' "
		     ">&$RENGA_READY_FD",
		5000, -ENOSPC);
	assert_string_equal(err.text, "no memory");
}

static void
test_child_that_ends_or_stays_silent_is_not_ready(void **state)
{
	(void)state;
	assert_tells("exit 0", 5000, -ECONNREFUSED);
	assert_tells("sleep 9", 20, -ETIMEDOUT);
}

static void
test_child_ready_tells_once_on_the_descriptor(void **state)
{
	(void)state;
	int ends[2];
	char fd[16], line[512] = "";
	assert_int_equal(pipe(ends), 0);
	snprintf(fd, sizeof(fd), "%d", ends[1]);
	setenv("RENGA_READY_FD", fd, 1);
	err_set(&err, ERR_STATE, NULL, NULL, "line\nbreak");
	child_ready(&err);
	child_ready(NULL);
	assert_true(read(ends[0], line, sizeof(line) - 1) > 0);
	assert_non_null(strstr(line, "line\\nbreak"));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_int_equal(read(ends[0], line, 1), 0);
	close(ends[0]);
}

static void
test_child_ready_outlives_a_parent_that_has_gone(void **state)
{
	(void)state;
	int ends[2];
	char fd[16];
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	snprintf(fd, sizeof(fd), "%d", ends[1]);
	setenv("RENGA_READY_FD", fd, 1);
	child_ready(NULL);
}

static void
test_child_ready_tells_systemd(void **state)
{
	(void)state;
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	char text[64] = "";
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/tmp/renga-notify-%d", getpid());
	const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	setenv("NOTIFY_SOCKET", addr.sun_path, 1);
	child_ready(NULL);
	unsetenv("NOTIFY_SOCKET");
	assert_true(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
	assert_string_equal(text, "READY=1");
	close(fd);
	unlink(addr.sun_path);
}

static void
test_child_self_dir_holds_this_program(void **state)
{
	(void)state;
	char path[4200];
	snprintf(path, sizeof(path), "%s/test_child", child_self_dir());
	assert_int_equal(access(path, X_OK), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_child_that_does_not_exist_is_not_found),
		cmocka_unit_test(test_child_has_no_descriptor_but_the_standard_ones),
		cmocka_unit_test(test_child_starts_with_default_signals),
		cmocka_unit_test(test_child_environment_is_ours_with_additions),
		cmocka_unit_test(test_child_runs_on_its_cpu_and_we_stay_where_we_were),
		cmocka_unit_test(test_child_in_a_new_session_leads_it),
		cmocka_unit_test(test_child_ready_is_a_newline),
		cmocka_unit_test(test_child_may_tell_why_not),
		cmocka_unit_test(test_child_that_ends_or_stays_silent_is_not_ready),
		cmocka_unit_test(test_child_ready_tells_once_on_the_descriptor),
		cmocka_unit_test(test_child_ready_outlives_a_parent_that_has_gone),
		cmocka_unit_test(test_child_ready_tells_systemd),
		cmocka_unit_test(test_child_self_dir_holds_this_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
