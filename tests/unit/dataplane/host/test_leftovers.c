/* Whose files of DPDK are whose, and that only those of the dead go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "dataplane/host/leftovers.h"

static void
test_leftovers_a_name_tells_its_process(void **state)
{
	(void)state;
	assert_int_equal(leftovers_owner("mp_socket_9176_104b4aded519"), 9176);
	assert_int_equal(leftovers_owner("fbarray_memseg-2048k-0-0_9174"), 9174);
	assert_int_equal(leftovers_owner("mp_socket"), 0);
	assert_int_equal(leftovers_owner("mp_socket_"), 0);
	assert_int_equal(leftovers_owner("mp_socket_12"), 0);
	assert_int_equal(leftovers_owner("fbarray_memzone"), 0);
	assert_int_equal(leftovers_owner("fbarray_memseg-2048k-0-0"), 0);
	assert_int_equal(leftovers_owner("config"), 0);
}

static void
make(char *path, size_t size, const char *dir, const char *prefix, pid_t pid,
	const char *suffix)
{
	FILE *file;

	snprintf(path, size, "%s/%s%d%s", dir, prefix, pid, suffix);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
}

static void
test_leftovers_only_those_of_the_dead_go(void **state)
{
	char dir[] = "/tmp/leftovers.XXXXXX", mine[128], config[128], dead[2][128];
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	assert_non_null(mkdtemp(dir));
	make(mine, sizeof(mine), dir, "mp_socket_", getpid(), "_1");
	make(config, sizeof(config), dir, "config", child, "");
	make(dead[0], sizeof(dead[0]), dir, "mp_socket_", child, "_1");
	make(dead[1], sizeof(dead[1]), dir, "fbarray_memseg-2048k-0-0_", child, "");
	leftovers_sweep(dir);
	assert_int_equal(access(dead[0], F_OK), -1);
	assert_int_equal(access(dead[1], F_OK), -1);
	assert_int_equal(unlink(mine), 0);
	assert_int_equal(unlink(config), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leftovers_a_name_tells_its_process),
		cmocka_unit_test(test_leftovers_only_those_of_the_dead_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
