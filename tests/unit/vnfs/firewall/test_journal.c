/* test_journal.c: what a firewall writes to the log about its sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/doc.h"
#include "tests/lib/harness_text.h"
#include "vnfs/firewall/firewall.h"

extern const struct vnf_type *const vnf_plugin_type;

#define ETH    "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 "
#define OUT    ETH "ip4 10.0.0.1 > 198.51.100.10 "
#define BACK   ETH "ip4 198.51.100.10 > 10.0.0.1 "
#define SECOND 1000000000ull

struct fixture {
	FILE *log;
	int stderr_fd;
	struct harness *h;
	char text[1u << 17];
};

static void
send_in(struct fixture *f, unsigned cp, const char *text)
{
	struct harness_frame out;

	harness_text_in(f->h, cp, text);
	assert_true(harness_out(f->h, cp ^ 1, &out));
}

/* All that was logged so far. */
static const char *
logged(struct fixture *f)
{
	const long size = lseek(fileno(f->log), 0, SEEK_END);

	assert_true(size >= 0 && (size_t)size < sizeof(f->text));
	f->text[pread(fileno(f->log), f->text, (size_t)size, 0)] = '\0';
	return f->text;
}

static unsigned
lines_with(struct fixture *f, const char *text)
{
	unsigned n = 0;

	for (const char *at = logged(f); (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

/* Exactly one line has the first, and it has all the others. */
static void
assert_line(struct fixture *f, const char *const *texts)
{
	const char *line;

	assert_int_equal(lines_with(f, texts[0]), 1);
	line = strstr(f->text, texts[0]);
	*strchrnul(line, '\n') = '\0';
	while (line > f->text && line[-1] != '\n')
		line--;
	for (unsigned i = 1; texts[i] != NULL; i++) {
		if (strstr(line, texts[i]) == NULL)
			fail_msg("no %s in %s", texts[i], line);
	}
}

#define ASSERT_LINE(f, ...) assert_line(f, (const char *const[]){__VA_ARGS__, NULL})

static void
test_journal_is_silent_unless_it_is_asked(void **state)
{
	struct fixture *f = *state;

	f->h = harness_text_open(
		vnf_plugin_type, "rules: [{name: out, action: accept, from: left}]");
	send_in(f, FW_LEFT, OUT "udp 1 > 53 \"ask\"");
	harness_clock(f->h, 400 * SECOND);
	assert_int_equal(lines_with(f, "firewall session"), 0);
}

static void
test_journal_tells_how_a_session_began_and_ended(void **state)
{
	struct fixture *f = *state;

	f->h = harness_text_open(vnf_plugin_type,
		"log: {opens: true, closes: true}\n"
		"rules: [{name: \"the way out\", action: accept, from: left}]");
	send_in(f, FW_LEFT,
		ETH "vlan 7 ip4 10.0.0.1 > 198.51.100.10 udp 1000 > 53 \"ask\"");
	send_in(f, FW_RIGHT,
		ETH "vlan 7 ip4 198.51.100.10 > 10.0.0.1 udp 53 > 1000 \"answer\"");
	harness_clock(f->h, SECOND);
	ASSERT_LINE(f, "event=open", "msg=\"firewall session\"",
		"vnf=", "at=", "proto=udp", "src=10.0.0.1:1000", "dst=198.51.100.10:53",
		"from=left", "zone=7", "rule=\"the way out\"");
	harness_clock(f->h, 301 * SECOND);
	ASSERT_LINE(f, "event=close", "proto=udp", "src=10.0.0.1:1000",
		"dst=198.51.100.10:53", "from=left", "rule=\"the way out\"",
		"reason=timeout", "state=replied", "duration=30", "packets-out=1",
		"packets-back=1", "bytes-out=49", "bytes-back=52");
}

static void
open_tcp(struct fixture *f, unsigned port)
{
	char text[160];

	snprintf(text, sizeof(text), OUT "tcp %u > 80 flags S seq 1", port);
	send_in(f, FW_LEFT, text);
	snprintf(text, sizeof(text), BACK "tcp 80 > %u flags SA seq 1 ack 2", port);
	send_in(f, FW_RIGHT, text);
	snprintf(text, sizeof(text), OUT "tcp %u > 80 flags A seq 2 ack 2", port);
	send_in(f, FW_LEFT, text);
}

static void
test_journal_tells_why_a_session_ended(void **state)
{
	static const char rules[] = "log: {closes: true}\nmax-sessions: 4\n"
				    "rules: [{name: out, action: accept, from: left}]";
	struct faults faults = {0};
	struct fixture *f = *state;

	f->h = harness_text_open(vnf_plugin_type, rules);
	open_tcp(f, 1);
	send_in(f, FW_LEFT, OUT "tcp 1 > 80 flags FA seq 2 ack 2");
	send_in(f, FW_RIGHT, BACK "tcp 80 > 1 flags FA seq 2 ack 3");
	open_tcp(f, 2);
	send_in(f, FW_LEFT, OUT "tcp 2 > 80 flags R seq 2");
	for (unsigned port = 3; port < 6; port++) { /* the first gives way */
		char text[160];

		snprintf(text, sizeof(text), OUT "udp %u > 53 \"ask\"", port);
		send_in(f, FW_LEFT, text);
	}
	harness_clock(f->h, SECOND);
	ASSERT_LINE(f, "reason=evicted", "src=10.0.0.1:3");
	harness_clock(f->h, 241 * SECOND);
	ASSERT_LINE(f, "reason=closed", "src=10.0.0.1:1");
	ASSERT_LINE(f, "reason=reset", "src=10.0.0.1:2");
	assert_int_equal(
		harness_configure(f->h,
			"log: {closes: true}\nmax-sessions: 4\nsessions: recheck",
			&faults),
		0);
	harness_clock(f->h, SECOND);
	assert_int_equal(lines_with(f, "reason=forbidden"), 2);
	assert_int_equal(lines_with(f, "event=open"), 0);
}

static void
test_journal_is_limited_and_counts_what_it_loses(void **state)
{
	struct fixture *f = *state;
	json_t *stats;

	f->h = harness_text_open(vnf_plugin_type,
		"log: {opens: true, rate: 20}\n"
		"rules: [{name: out, action: accept, from: left}]");
	for (unsigned port = 1; port <= 2000; port++) {
		char text[160];

		snprintf(text, sizeof(text), OUT "udp %u > 53 \"ask\"", port);
		send_in(f, FW_LEFT, text);
	}
	harness_clock(f->h, SECOND);
	assert_int_equal(lines_with(f, "event=open"), 20);
	harness_clock(f->h, 2 * SECOND);
	assert_int_equal(lines_with(f, "event=open"), 60);
	stats = harness_stats(f->h);
	assert_int_equal(json_integer_value(doc_at(stats, "log.lines")), 60);
	assert_int_equal(
		json_integer_value(doc_at(stats, "log.lost")), 2000 - JOURNAL_ROOM);
	json_decref(stats);
	ASSERT_LINE(f, "lines about firewall sessions lost", "lines=976");
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->log = tmpfile();
	f->stderr_fd = dup(STDERR_FILENO);
	dup2(fileno(f->log), STDERR_FILENO);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	const char *fault;

	dup2(f->stderr_fd, STDERR_FILENO);
	close(f->stderr_fd);
	fclose(f->log);
	fault = harness_close(f->h);
	free(f);
	return fault == NULL ? 0 : -1;
}

#define TEST(text, f)                                                                    \
	{                                                                                \
		.name = (text), .test_func = (f), .setup_func = setup,                   \
		.teardown_func = teardown                                                \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("nothing is told of sessions unless it is asked for [FW-14]",
			test_journal_is_silent_unless_it_is_asked),
		TEST("a session's beginning and end are told with its bytes [FW-14]",
			test_journal_tells_how_a_session_began_and_ended),
		TEST("why a session ended is told [FW-14]",
			test_journal_tells_why_a_session_ended),
		TEST("lines are limited, and what is lost is counted [FW-14]",
			test_journal_is_limited_and_counts_what_it_loses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
