/* test_report.c: the lines in the log about packets that rules decided or passed on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/report.h"

#define SECOND 1000000000ull

static const struct ruleset_rule rules[] = {
	{.name = "seen", .action = FW_CONTINUE, .log = true},
	{.name = "web", .action = FW_ACCEPT, .log = true},
	{.name = "bad", .action = FW_DROP, .log = true},
	{.name = "no", .action = FW_REJECT, .log = true},
};

static const struct pkt_info packet = {.family = 4,
	.proto = PKT_PROTO_TCP,
	.src = {10, 0, 0, 1},
	.dst = {192, 0, 2, 1},
	.sport = 1000,
	.dport = 80};

/* What flushing writes on standard error, where the log goes. */
static const char *
flushed(struct reports *reports)
{
	static char text[16384];
	FILE *file = tmpfile();
	const int was = dup(STDERR_FILENO);
	ssize_t n;

	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	reports_flush(reports, "edge.fw");
	dup2(was, STDERR_FILENO);
	close(was);
	n = pread(fileno(file), text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	fclose(file);
	return text;
}

static unsigned
lines_of(const char *text)
{
	unsigned n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void
test_a_line_names_the_rule_what_it_did_and_the_packet(void **state)
{
	static const char *const actions[] = {"rule=\"seen\" action=continue",
		"rule=\"web\" action=accept", "rule=\"bad\" action=drop",
		"rule=\"no\" action=reject"};
	struct reports reports = {0};
	const char *text;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		reports_add(&reports, &rules[i], &packet, FW_RIGHT, 54, SECOND);
	text = flushed(&reports);
	for (unsigned i = 0; i < 4; i++)
		assert_non_null(strstr(text, actions[i]));
	assert_non_null(strstr(text,
		"from=right proto=6 src=10.0.0.1 sport=1000 dst=192.0.2.1 dport=80 bytes=54"));
	assert_int_equal(lines_of(text), 4);
	assert_int_equal(lines_of(flushed(&reports)), 0);
}

static void
test_there_are_ten_lines_a_second_and_the_rest_is_counted(void **state)
{
	struct reports reports = {0};
	const char *text;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		reports_add(&reports, &rules[1], &packet, FW_LEFT, 54, SECOND + i);
	text = flushed(&reports);
	assert_int_equal(lines_of(text), REPORTS_PER_SECOND + 1);
	assert_non_null(strstr(text, "packets=90"));
	reports_add(&reports, &rules[1], &packet, FW_LEFT, 54, SECOND + 200);
	assert_int_equal(lines_of(flushed(&reports)), 0);
	reports_add(&reports, &rules[1], &packet, FW_LEFT, 54, 2 * SECOND + 200);
	assert_true(lines_of(flushed(&reports)) >= 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "a line names the rule, what it did, and the packet [FW-3 FW-14]",
			.test_func =
				test_a_line_names_the_rule_what_it_did_and_the_packet},
		{.name = "there are ten lines a second, and the rest is counted [FW-3 FW-14]",
			.test_func =
				test_there_are_ten_lines_a_second_and_the_rest_is_counted},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
