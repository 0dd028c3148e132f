/* What belongs to nothing. */
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
#include "vnfm/orphans.h"

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

/* Takes the reference of vnfs. */
static void
assert_only_orphan(json_t *vnfs, const char *name)
{
	json_t *orphans = orphans_find(vnfs);
	assert_int_equal(json_array_size(orphans), 1);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(orphans, 0), "name")),
		name);
	json_decref(orphans);
	json_decref(vnfs);
}

static void
test_orphans_are_files_of_no_vnf(void **state)
{
	(void)state;
	char path[96];
	snprintf(path, sizeof(path), "%s/conf", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	write_text("conf/known.json", "{}", 0600);
	write_text("conf/lost.json", "{}", 0600);
	json_t *vnfs = json_pack("[{s:s, s:i}]", "id", "known", "pid", 0);
	assert_only_orphan(vnfs, "lost.json");
}

static void
test_orphans_are_checks_of_a_manager_that_is_gone(void **state)
{
	(void)state;
	char path[96], name[64];
	snprintf(path, sizeof(path), "%s/conf", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(name, sizeof(name), "conf/check-%d-1.json", getpid());
	write_text(name, "{}", 0600);
	write_text("conf/check-999999999-1.json", "{}", 0600);
	assert_only_orphan(json_array(), "check-999999999-1.json");
}

#define DIR_TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, drop_dir)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DIR_TEST(test_orphans_are_files_of_no_vnf),
		DIR_TEST(test_orphans_are_checks_of_a_manager_that_is_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
