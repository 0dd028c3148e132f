/* status.c: `renga status` and `renga doctor`: how the platform on this machine is. */
#include <stdarg.h>
#include <string.h>
#include "cli/command.h"
#include "cli/doctor_print.h"
#include "cli/kind.h"
#include "cli/platform.h"

static bool runs(const json_t *platform, enum daemon daemon);
static unsigned count_running(const json_t *platform);
static void check_machine(json_t *findings);
static void check_daemons(json_t *findings, const json_t *platform);
static void find(json_t *findings, const char *check, const char *level, const char *hint,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));
static int ask_server(struct session *session, json_t *audit);

int
cmd_status(struct session *session)
{
	json_t *platform = platform_describe(), *chains = NULL;
	const unsigned running = count_running(platform);
	int status = running == DAEMONS ? EXIT_DONE
		     : running		? EXIT_OTHER
					: EXIT_UNREACHABLE;
	if (runs(platform, DAEMON_ORCHESTRATOR)) {
		if (kind_list(session, kind_find("chains"), &chains) == 0)
			json_object_set(platform, "chains", chains);
		else
			status = session_fail(session);
	}
	if (!output_tree(&session->out, platform)) {
		platform_print(&session->out, platform);
		if (json_array_size(chains)) {
			fputc('\n', session->out.file);
			output_table(&session->out, kind_find("chains")->columns, chains);
		}
	}
	json_decref(chains);
	json_decref(platform);
	if (running < DAEMONS)
		fprintf(stderr, "renga: the platform is not %sup\n  hint: renga up\n",
			running ? "wholly " : "");
	return status;
}

static bool
runs(const json_t *platform, enum daemon daemon)
{
	return json_is_object(json_object_get(platform, platform_names[daemon]));
}

static unsigned
count_running(const json_t *platform)
{
	unsigned n = 0;
	for (int i = 0; i < DAEMONS; i++)
		n += runs(platform, i);
	return n;
}

int
cmd_doctor(struct session *session)
{
	json_t *findings = json_array(), *platform = platform_describe();
	json_t *audit = json_pack("{s:b, s:o}", "ok", 1, "findings", findings);
	check_machine(findings);
	check_daemons(findings, platform);
	int status = runs(platform, DAEMON_ORCHESTRATOR) ? ask_server(session, audit)
							 : EXIT_DONE;
	if (status == EXIT_DONE) {
		if (!output_tree(&session->out, audit))
			doctor_print(&session->out, audit);
		status = doctor_ok(audit) ? EXIT_DONE : EXIT_OTHER;
	}
	json_decref(platform);
	json_decref(audit);
	return status;
}

static void
check_machine(json_t *findings)
{
	unsigned n_free, n_all;
	if (!platform_huge_pages(&n_free, &n_all))
		find(findings, "huge-pages", "error", "boot a kernel with hugetlbfs",
			"this kernel has no huge pages of 2 MiB");
	else if (n_all == 0)
		find(findings, "huge-pages", "error",
			"echo 512 > "
			"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
			"no huge page is reserved");
	else
		find(findings, "huge-pages", "ok", "", "%u of %u are free", n_free,
			n_all);
}

static void
check_daemons(json_t *findings, const json_t *platform)
{
	const unsigned running = count_running(platform);
	for (int i = 0; i < DAEMONS; i++) {
		const json_t *daemon = json_object_get(platform, platform_names[i]);
		if (json_is_object(daemon))
			find(findings, platform_names[i], "ok", "", "runs as process %d",
				(int)json_integer_value(json_object_get(daemon, "pid")));
		else
			find(findings, platform_names[i], running ? "error" : "warning",
				"renga up", "does not run");
	}
}

static void
find(json_t *findings, const char *check, const char *level, const char *hint,
	const char *fmt, ...)
{
	char detail[256];
	va_list args;
	va_start(args, fmt);
	vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	json_array_append_new(
		findings, json_pack("{s:s, s:s, s:s, s:s}", "check", check, "level",
				  level, "detail", detail, "hint", hint));
}

/* Adds the server's audit to ours. */
static int
ask_server(struct session *session, json_t *audit)
{
	json_t *theirs;
	if (session_get(session, "/renga/v1/doctor", &theirs))
		return session_fail(session);
	json_array_extend(
		json_object_get(audit, "findings"), json_object_get(theirs, "findings"));
	json_object_update_missing(audit, theirs);
	if (json_is_false(json_object_get(theirs, "ok")))
		json_object_set_new(audit, "ok", json_false());
	json_decref(theirs);
	return EXIT_DONE;
}
