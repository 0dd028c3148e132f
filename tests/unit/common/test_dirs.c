/* test_dirs.c: rules of the places where a platform keeps its files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/dirs.h"

static char base[] = "/tmp/renga-dirs-XXXXXX";

static const char *
below(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", base, name);
	return path;
}

static void
test_dirs_follow_the_environment(void **state)
{
	(void)state;
	setenv("RENGA_RUNTIME_DIR", "/tmp/x", 1);
	assert_string_equal(dirs_runtime(), "/tmp/x");
	unsetenv("RENGA_RUNTIME_DIR");
	assert_string_equal(dirs_runtime(), "/run/renga");
	setenv("RENGA_STATE_DIR", "", 1);
	assert_string_equal(dirs_state(), "/var/lib/renga");
	assert_string_equal(dirs_config(), "/etc/renga/renga.yaml");
}

static void
test_dirs_path_refuses_what_does_not_fit(void **state)
{
	(void)state;
	char buf[24];
	assert_int_equal(dirs_runtime_path(buf, sizeof(buf), "vnf/%s.sock", "a"), 0);
	assert_string_equal(buf, "/run/renga/vnf/a.sock");
	assert_int_equal(dirs_runtime_path(buf, sizeof(buf), "vnf/%s.sock", "abcd"),
		-ENAMETOOLONG);
	assert_int_equal(dirs_state_path(buf, 5, "x"), -ENAMETOOLONG);
}

static void
test_dirs_make_makes_parents_and_may_be_repeated(void **state)
{
	(void)state;
	struct err err;
	struct stat st;
	assert_int_equal(dirs_make(below("a/b/c"), 0750, &err), 0);
	assert_int_equal(dirs_make(below("a/b/c"), 0750, &err), 0);
	assert_int_equal(stat(below("a/b/c"), &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	dirs_write_file(below("file"), 0600, "x", 1, &err);
	assert_true(dirs_make(below("file/d"), 0750, &err) < 0);
	assert_non_null(strstr(err.text, "Not a directory"));
}

static void
test_dirs_file_written_is_read_back_with_its_mode(void **state)
{
	(void)state;
	struct err err;
	struct stat st;
	char *text;
	size_t len;
	assert_int_equal(dirs_write_file(below("f"), 0600, "hello", 5, &err), 0);
	assert_int_equal(dirs_read_file(below("f"), 100, &text, &len, &err), 0);
	assert_int_equal(len, 5);
	assert_string_equal(text, "hello");
	free(text);
	stat(below("f"), &st);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(dirs_write_file(below("no/such/f"), 0600, "", 0, &err), -EIO);
}

static void
test_dirs_read_file_tells_absent_from_too_large(void **state)
{
	(void)state;
	struct err err;
	char *text;
	dirs_write_file(below("ten"), 0600, "0123456789", 10, &err);
	assert_int_equal(dirs_read_file(below("none"), 10, &text, NULL, &err), -ENOENT);
	assert_int_equal(dirs_read_file(below("ten"), 9, &text, NULL, &err), -EMSGSIZE);
	assert_int_equal(dirs_read_file(below("ten"), 10, &text, NULL, &err), 0);
	free(text);
}

static void
test_dirs_pid_file_guards_a_living_process_only(void **state)
{
	(void)state;
	struct err err;
	char text[16];
	assert_int_equal(dirs_pid_write(below("p.pid"), &err), 0);
	assert_int_equal(dirs_pid_read(below("p.pid")), getpid());
	assert_int_equal(dirs_pid_write(below("p.pid"), &err), 0);
	dirs_write_file(below("p.pid"), 0600, text,
		snprintf(text, sizeof(text), "%d", getppid()), &err);
	assert_int_equal(dirs_pid_write(below("p.pid"), &err), -EEXIST);
	const pid_t child = fork();
	if (child == 0)
		_exit(0);
	siginfo_t info;
	waitid(P_PID, child, &info, WEXITED | WNOWAIT);
	dirs_write_file(below("p.pid"), 0600, text,
		snprintf(text, sizeof(text), "%d", child), &err);
	assert_int_equal(dirs_pid_read(below("p.pid")), 0); /* a zombie */
	waitpid(child, NULL, 0);
	assert_int_equal(dirs_pid_read(below("p.pid")), 0);
	dirs_write_file(below("p.pid"), 0600, "junk", 4, &err);
	assert_int_equal(dirs_pid_write(below("p.pid"), &err), 0);
}

static int
make_base(void **state)
{
	(void)state;
	return mkdtemp(base) ? 0 : -1;
}

static int
remove_base(void **state)
{
	static const char *const made[] = {
		"a/b/c", "a/b", "a", "file", "f", "ten", "p.pid", ""};
	(void)state;
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		remove(below(made[i]));
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dirs_follow_the_environment),
		cmocka_unit_test(test_dirs_path_refuses_what_does_not_fit),
		cmocka_unit_test(test_dirs_make_makes_parents_and_may_be_repeated),
		cmocka_unit_test(test_dirs_file_written_is_read_back_with_its_mode),
		cmocka_unit_test(test_dirs_read_file_tells_absent_from_too_large),
		cmocka_unit_test(test_dirs_pid_file_guards_a_living_process_only),
	};
	return cmocka_run_group_tests(tests, make_base, remove_base);
}
