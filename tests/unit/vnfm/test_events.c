/* The list of events; logs; running a program; verdicts of the catalog from a stand-in
 * renga-vnf. */
#include <pthread.h>
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
#include "common/dirs.h"
#include "vnfm/catalog.h"
#include "vnfm/events.h"
#include "vnfm/logs.h"
#include "vnfm/orphans.h"
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

static uint64_t
seq_of(const json_t *list, size_t i)
{
	return (uint64_t)json_integer_value(
		json_object_get(json_array_get(list, i), "seq"));
}

static void
test_events_are_numbered_and_told_once(void **state)
{
	(void)state;
	struct events *events = events_create();
	events_add(events, "vnf-ready", "n", "v", "");
	events_add(events, "vnf-died", "n", "v", "signal 9");
	json_t *all = events_after(events, 0, 0);
	assert_int_equal(json_array_size(all), 2);
	assert_int_equal(seq_of(all, 1), seq_of(all, 0) + 1);
	json_t *rest = events_after(events, seq_of(all, 0), 0);
	assert_int_equal(json_array_size(rest), 1);
	json_t *none = events_after(events, seq_of(all, 1), 1);
	assert_int_equal(json_array_size(none), 0);
	json_decref(all);
	json_decref(rest);
	json_decref(none);
	events_destroy(events);
}

static void
test_events_of_a_new_life_follow_those_of_the_old(void **state)
{
	(void)state;
	struct events *old = events_create();
	events_add(old, "vnf-ready", "n", "v", "");
	json_t *list = events_after(old, 0, 0);
	uint64_t last = seq_of(list, 0);
	json_decref(list);
	events_destroy(old);
	usleep(5000);
	struct events *new = events_create();
	events_add(new, "dataplane-ready", "", "", "found");
	list = events_after(new, last, 0);
	assert_int_equal(json_array_size(list), 1);
	assert_true(seq_of(list, 0) > last);
	json_decref(list);
	events_destroy(new);
}

static void
test_events_keeps_the_newest(void **state)
{
	(void)state;
	struct events *events = events_create();
	for (int i = 0; i < 3000; i++)
		events_add(events, "vnf-ready", "n", "v", "");
	json_t *list = events_after(events, 0, 0);
	assert_int_equal(json_array_size(list), 1024);
	json_decref(list);
	events_destroy(events);
}

static void *
add_later(void *arg)
{
	usleep(20000);
	events_add(arg, "vnf-died", "n", "v", "");
	return NULL;
}

static void
test_events_wakes_who_waits(void **state)
{
	(void)state;
	struct events *events = events_create();
	pthread_t thread;
	pthread_create(&thread, NULL, add_later, events);
	json_t *list = events_after(events, 0, 5000);
	assert_int_equal(json_array_size(list), 1);
	json_decref(list);
	pthread_join(thread, NULL);
	events_close(events);
	list = events_after(events, UINT64_MAX - 1, 60000);
	json_decref(list);
	events_destroy(events);
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
	json_t *orphans = orphans_find(vnfs);
	assert_int_equal(json_array_size(orphans), 1);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(orphans, 0), "name")),
		"lost.json");
	json_decref(orphans);
	json_decref(vnfs);
}

#define DIR_TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, drop_dir)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events_are_numbered_and_told_once),
		cmocka_unit_test(test_events_of_a_new_life_follow_those_of_the_old),
		cmocka_unit_test(test_events_keeps_the_newest),
		cmocka_unit_test(test_events_wakes_who_waits),
		DIR_TEST(test_logs_tail_gives_whole_last_lines),
		DIR_TEST(test_logs_rotate_keeps_one_and_the_writer_goes_on),
		cmocka_unit_test(test_run_gives_output_and_exit_code),
		cmocka_unit_test(test_run_ends_what_does_not_end),
		DIR_TEST(test_catalog_knows_types_and_the_nearest_name),
		DIR_TEST(test_catalog_judges_the_same_configuration_once),
		DIR_TEST(test_orphans_are_files_of_no_vnf),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
