/* The command line of renga-dataplane. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/host/options.h"

static struct options options;
static struct err err;

static int
parse(const char *a, const char *b)
{
	char *argv[] = {(char *)(uintptr_t) "renga-dataplane", (char *)(uintptr_t)a,
		(char *)(uintptr_t)b, NULL};

	err = (struct err){0};
	return options_parse(b != NULL ? 3 : 2, argv, &options, &err);
}

static void
test_options_have_defaults(void **state)
{
	char *argv[] = {(char *)(uintptr_t) "renga-dataplane", NULL};

	(void)state;
	assert_int_equal(options_parse(1, argv, &options, &err), 0);
	assert_int_equal(options.what, OPTIONS_RUN);
	assert_int_equal(options.memory_mib, 512);
	assert_null(options.socket);
}

static void
test_options_name_the_option_that_is_wrong(void **state)
{
	(void)state;
	assert_true(parse("--memory", "12x") < 0);
	assert_string_equal(err.path, "--memory");
	assert_true(parse("--cores", "x") < 0);
	assert_string_equal(err.path, "--cores");
	assert_true(parse("--log-level", "loud") < 0);
	assert_string_equal(err.path, "--log-level");
	assert_true(parse("--colour", NULL) < 0);
	assert_string_equal(err.path, "--colour");
	assert_true(parse("--memory", NULL) < 0);
	assert_true(parse("stray", NULL) < 0);
	assert_string_equal(err.path, "stray");
}

static void
test_options_io_cores_are_some_of_the_cores(void **state)
{
	char *argv[] = {(char *)(uintptr_t) "renga-dataplane",
		(char *)(uintptr_t) "--io-cores", (char *)(uintptr_t) "3",
		(char *)(uintptr_t) "--cores", (char *)(uintptr_t) "0-2", NULL};

	(void)state;
	assert_true(options_parse(5, argv, &options, &err) < 0);
	assert_string_equal(err.path, "--io-cores");
}

static void
test_options_say_what_to_do(void **state)
{
	(void)state;
	assert_int_equal(parse("-n", NULL), 0);
	assert_int_equal(options.what, OPTIONS_CHECK);
	assert_int_equal(parse("--help", NULL), 0);
	assert_int_equal(options.what, OPTIONS_HELP);
	assert_int_equal(parse("--ask", "{}"), 0);
	assert_int_equal(options.what, OPTIONS_ASK);
	assert_string_equal(options.ask, "{}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_have_defaults),
		cmocka_unit_test(test_options_name_the_option_that_is_wrong),
		cmocka_unit_test(test_options_io_cores_are_some_of_the_cores),
		cmocka_unit_test(test_options_say_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
