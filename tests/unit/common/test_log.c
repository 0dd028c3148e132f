/* test_log.c: rules of the log: one key=value line per event. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/log.h"

static int saved_stderr, ends[2];
static char line[8192];

static int
capture(void **state)
{
	(void)state;
	log_open("prog", LOG_LEVEL_INFO);
	if (pipe(ends) < 0)
		return -1;
	saved_stderr = dup(STDERR_FILENO);
	return dup2(ends[1], STDERR_FILENO) < 0;
}

/* What was logged, from the level on: the time is not looked at. */
static const char *
logged(void)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(ends[1]);
	const ssize_t n = read(ends[0], line, sizeof(line) - 1);
	close(ends[0]);
	close(saved_stderr);
	line[n > 0 ? n : 0] = '\0';
	const char *level = strstr(line, "level=");
	return level ? level : line;
}

static void
test_log_line_is_key_value(void **state)
{
	(void)state;
	log_warn("vnf restarted", "vnf=%s pid=%d", "edge.fw", 7);
	assert_string_equal(logged(),
		"level=warn prog=prog msg=\"vnf restarted\" vnf=edge.fw pid=7\n");
	assert_memory_equal(line, "time=20", 7);
	assert_int_equal(line[28], 'Z');
}

static void
test_log_line_without_values_ends_after_msg(void **state)
{
	(void)state;
	log_info("ready", "%s", "");
	assert_string_equal(logged(), "level=info prog=prog msg=\"ready\"\n");
}

static void
test_log_escapes_values_but_not_the_quotes_around_them(void **state)
{
	(void)state;
	log_info("m", "a=\"%s\" b=%d", "x\" level=error y=\"z\n\x01\\", 1);
	assert_string_equal(logged(), "level=info prog=prog msg=\"m\" a=\"x\\\" "
				      "level=error y=\\\"z\\n\\x01\\\\\" b=1\n");
}

static void
test_log_long_line_is_cut_and_still_ends(void **state)
{
	(void)state;
	char *text = malloc(10000);
	memset(text, '\x01', 9999);
	text[9999] = '\0';
	log_info("m", "a=%s", text);
	free(text);
	logged();
	assert_true(strlen(line) <= 4096);
	assert_int_equal(line[strlen(line) - 1], '\n');
}

static void
test_log_below_its_level_says_nothing(void **state)
{
	(void)state;
	log_debug("quiet", "%s", "");
	log_set_level(LOG_LEVEL_ERROR);
	log_warn("quiet", "%s", "");
	log_error("loud", "%s", "");
	assert_string_equal(logged(), "level=error prog=prog msg=\"loud\"\n");
}

static void
test_log_keeps_errno(void **state)
{
	(void)state;
	errno = EXDEV;
	log_info("m", "%s", "");
	assert_int_equal(errno, EXDEV);
	logged();
}

static void
test_log_level_names_parse(void **state)
{
	enum log_level level = LOG_LEVEL_WARN;
	(void)state;
	logged();
	assert_int_equal(log_level_parse("debug", &level), 0);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_int_equal(log_level_parse("loud", &level), -EINVAL);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_log_line_is_key_value, capture),
		cmocka_unit_test_setup(
			test_log_line_without_values_ends_after_msg, capture),
		cmocka_unit_test_setup(
			test_log_escapes_values_but_not_the_quotes_around_them, capture),
		cmocka_unit_test_setup(test_log_long_line_is_cut_and_still_ends, capture),
		cmocka_unit_test_setup(test_log_below_its_level_says_nothing, capture),
		cmocka_unit_test_setup(test_log_keeps_errno, capture),
		cmocka_unit_test_setup(test_log_level_names_parse, capture),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
