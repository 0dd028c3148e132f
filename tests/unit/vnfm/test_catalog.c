/* Types and verdicts, asked of a stand-in renga-vnf; programs that are run to their end.
 */
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
#include "vnfm/catalog.h"
#include "vnfm/run.h"

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
test_run_gives_output_and_exit_code(void **state)
{
	(void)state;
	const char *const argv[] = {"/bin/sh", "-c", "echo hello; exit 3", NULL};
	char *output;
	int status;
	assert_int_equal(run_program(argv, 5000, &output, &status, NULL), 0);
	assert_string_equal(output, "hello\n");
	assert_int_equal(status, 3);
	free(output);
}

static void
test_run_ends_what_does_not_end(void **state)
{
	(void)state;
	const char *const argv[] = {"/bin/sleep", "60", NULL};
	const char *const none[] = {"/nonexistent", NULL};
	char *output;
	int status;
	struct err err;
	assert_true(run_program(argv, 50, &output, &status, &err) < 0);
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_true(run_program(none, 50, &output, &status, &err) < 0);
}

/* Prints what the real one would, and counts how often it was asked. */
static const char stand_in[] = "#!/bin/sh\n"
			       "echo x >>$(dirname $0)/asked\n"
			       "case $1 in\n"
			       "--list) echo firewall;;\n"
			       "--describe) echo '{\"type\": \"'$2'\"}';;\n"
			       "--check) grep -q bad $3 &&\n"
			       "  { echo '{\"faults\": [{\"code\": \"invalid\", "
			       "\"path\": \"bad\", \"text\": \"no\"}]}';"
			       " exit 6; }\n"
			       "  echo '{\"faults\": [], \"stateSize\": 4096}';;\n"
			       "esac\n";

static size_t
times_asked(void)
{
	char path[128];
	struct stat asked;
	snprintf(path, sizeof(path), "%s/asked", dir);
	return stat(path, &asked) == 0 ? (size_t)asked.st_size / 2 : 0;
}

static void
test_catalog_knows_types_and_the_nearest_name(void **state)
{
	(void)state;
	char program[96];
	json_t *manifest;
	struct err err;
	write_text("renga-vnf", stand_in, 0755);
	snprintf(program, sizeof(program), "%s/renga-vnf", dir);
	struct catalog *catalog = catalog_create(program, dir);
	assert_int_equal(catalog_manifest(catalog, "firewall", &manifest, &err), 0);
	json_decref(manifest);
	assert_true(catalog_manifest(catalog, "firewal", &manifest, &err) < 0);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_string_equal(err.hint, "did you mean 'firewall'?");
	catalog_destroy(catalog);
}

static void
test_catalog_judges_the_same_configuration_once(void **state)
{
	(void)state;
	char program[96];
	json_t *faults, *good = json_object(), *bad = json_pack("{s:i}", "bad", 1);
	uint64_t state_size = 0;
	write_text("renga-vnf", stand_in, 0755);
	snprintf(program, sizeof(program), "%s/renga-vnf", dir);
	struct catalog *catalog = catalog_create(program, dir);
	assert_int_equal(
		catalog_check(catalog, "firewall", good, &faults, &state_size, NULL), 0);
	assert_int_equal(json_array_size(faults), 0);
	assert_int_equal(state_size, 4096);
	json_decref(faults);
	size_t asked = times_asked();
	assert_int_equal(
		catalog_check(catalog, "firewall", good, &faults, &state_size, NULL), 0);
	json_decref(faults);
	assert_int_equal(times_asked(), asked);
	assert_int_equal(
		catalog_check(catalog, "firewall", bad, &faults, &state_size, NULL), 0);
	assert_int_equal(json_array_size(faults), 1);
	json_decref(faults);
	json_decref(good);
	json_decref(bad);
	catalog_destroy(catalog);
}

#define DIR_TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, drop_dir)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run_gives_output_and_exit_code),
		cmocka_unit_test(test_run_ends_what_does_not_end),
		DIR_TEST(test_catalog_knows_types_and_the_nearest_name),
		DIR_TEST(test_catalog_judges_the_same_configuration_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
