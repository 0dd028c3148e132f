/* Logs: the end of one, and keeping them small. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "vnfm/logs.h"

static char dir[64];

static int
make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/renga-test-XXXXXX");
	char sub[96];
	if (mkdtemp(dir) == NULL || setenv("RENGA_RUNTIME_DIR", dir, 1) != 0)
		return -1;
	snprintf(sub, sizeof(sub), "%s/log", dir);
	return mkdir(sub, 0755);
}

static int
drop_dir(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void
write_text(const char *name, const char *text, mode_t mode)
{
	char path[160];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static void
test_logs_tail_gives_whole_last_lines(void **state)
{
	(void)state;
	char *text;
	write_text("log/x.log", "one\ntwo\nthree\n", 0640);
	assert_int_equal(logs_tail("x", 2, &text, NULL), 0);
	assert_string_equal(text, "two\nthree\n");
	free(text);
	assert_int_equal(logs_tail("x", 100, &text, NULL), 0);
	assert_string_equal(text, "one\ntwo\nthree\n");
	free(text);
	assert_int_equal(logs_tail("absent", 2, &text, NULL), 0);
	assert_string_equal(text, "");
	free(text);
}

static void
test_logs_rotate_keeps_one_and_the_writer_goes_on(void **state)
{
	(void)state;
	char path[128];
	snprintf(path, sizeof(path), "%s/log/big.log", dir);
	FILE *writer = fopen(path, "a");
	char line[1024];
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < 5 * 1024; i++)
		fwrite(line, 1, sizeof(line), writer);
	fflush(writer);
	logs_rotate();
	fputs("after\n", writer);
	fclose(writer);
	struct stat now, old;
	assert_int_equal(stat(path, &now), 0);
	assert_int_equal(now.st_size, 6);
	strcat(path, ".1");
	assert_int_equal(stat(path, &old), 0);
	assert_int_equal(old.st_size, 5 << 20);
}

#define DIR_TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, drop_dir)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DIR_TEST(test_logs_tail_gives_whole_last_lines),
		DIR_TEST(test_logs_rotate_keeps_one_and_the_writer_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
