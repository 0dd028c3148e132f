/* main.c: renga-dataplane, from the command line to the last free. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <rte_eal.h>
#include "common/child.h"
#include "common/dirs.h"
#include "common/frame.h"
#include "common/log.h"
#include "common/priority.h"
#include "dataplane/host/control.h"
#include "dataplane/host/eal.h"
#include "dataplane/host/host.h"
#include "dataplane/host/huge.h"
#include "dataplane/host/leftovers.h"
#include "dataplane/host/linkwatch.h"
#include "dataplane/host/options.h"
#include "dataplane/host/relink.h"
#include "dataplane/host/stats.h"

#define ASK_TIMEOUT_MS 30000
#define PULSE_MS       (2 * PULSE_MOVES_MS)
#define SAMPLE_MS      1000
#define WATCHDOG_MS    5000

static int ask(const struct options *options);
static int check(struct options *options);
static int run(struct options *options);
static int serve(struct host *host, const char *path, struct err *err);
static int socket_path(
	const struct options *options, char *path, size_t size, struct err *err);
static void on_signal(int signo, void *arg);
static void on_pulse(void *arg);
static void on_sample(void *arg);
static void on_links(void *arg);
static void on_watchdog(void *arg);
static int refuse(const struct err *err);

int
main(int argc, char **argv)
{
	struct options options;
	struct err err = {0};

	log_open("renga-dataplane", LOG_LEVEL_INFO);
	if (options_parse(argc, argv, &options, &err) < 0) {
		refuse(&err);
		return 2;
	}
	log_set_level(options.log_level);
	switch (options.what) {
	case OPTIONS_HELP:
		fputs(options_help(), stdout);
		return 0;
	case OPTIONS_VERSION:
		puts("renga-dataplane " RENGA_VERSION);
		return 0;
	case OPTIONS_ASK:
		return ask(&options);
	case OPTIONS_CHECK:
		return check(&options);
	case OPTIONS_RUN:
		break;
	}
	return run(&options);
}

/* The reply goes to stdout; an error object to stderr. */
static int
ask(const struct options *options)
{
	json_t *request = json_loads(options->ask, 0, NULL);
	json_t *reply = NULL;
	struct err err = {0};
	char path[128];
	int rc;

	if (request == NULL)
		rc = err_set(&err, ERR_MALFORMED, "--ask", "'{\"op\": \"hello\"}'",
			"the request is no JSON");
	else
		rc = socket_path(options, path, sizeof(path), &err);
	if (rc == 0)
		rc = frame_ask(path, request, ASK_TIMEOUT_MS, &reply, &err);
	if (rc < 0)
		reply = err_to_json(&err);
	json_dumpf(reply, rc == 0 ? stdout : stderr, JSON_INDENT(2));
	fputc('\n', rc == 0 ? stdout : stderr);
	json_decref(reply);
	json_decref(request);
	return rc == 0 ? 0 : 1;
}

static int
check(struct options *options)
{
	struct err err = {0};

	if (eal_settle_cores(options, &err) < 0 ||
		huge_check(options->memory_mib, &err) < 0)
		return refuse(&err);
	puts("the dataplane can start");
	return 0;
}

static int
run(struct options *options)
{
	static struct host host;
	struct err err = {0};
	char path[128], pid_file[128];
	int rc = eal_settle_cores(options, &err);

	if (rc == 0)
		rc = socket_path(options, path, sizeof(path), &err);
	if (rc == 0)
		rc = dirs_make(dirs_runtime(), 0755, &err);
	if (rc < 0 ||
		dirs_runtime_path(pid_file, sizeof(pid_file), "dataplane.pid") < 0 ||
		dirs_pid_write(pid_file, &err) < 0)
		return refuse(&err);
	host.options = options;
	host.n_workers = options->io_cores.n;
	rc = loop_create(&host.loop, &err);
	if (rc == 0)
		rc = eal_start(options, &host.shm, &err);
	if (rc == 0) {
		rc = host_open(&host, &err);
		if (rc == 0)
			rc = serve(&host, path, &err);
		host_close(&host);
		eal_stop();
	}
	loop_destroy(host.loop);
	remove(pid_file);
	return rc < 0 ? refuse(&err) : 0;
}

static int
serve(struct host *host, const char *path, struct err *err)
{
	struct frame_server *server = NULL;
	struct linkwatch *links = NULL;
	int rc;

	if (loop_add_signal(host->loop, SIGTERM, on_signal, host->loop) == NULL ||
		loop_add_signal(host->loop, SIGINT, on_signal, host->loop) == NULL ||
		loop_add_timer(host->loop, PULSE_MS, PULSE_MS, on_pulse, host->pulse) ==
			NULL ||
		loop_add_timer(host->loop, SAMPLE_MS, SAMPLE_MS, on_sample, host) ==
			NULL ||
		loop_add_timer(host->loop, WATCHDOG_MS, WATCHDOG_MS, on_watchdog, NULL) ==
			NULL)
		return err_set(
			err, ERR_INTERNAL, NULL, NULL, "cannot watch signals and time");
	rc = linkwatch_start(host->loop, on_links, host, &links, err);
	if (rc == 0)
		rc = frame_server_open(
			host->loop, path, control_answer, host, &server, err);
	if (rc < 0) {
		linkwatch_stop(links);
		return rc;
	}
	log_info("dataplane ready", "memory_mib=%u io_core=%u generation=%lu",
		host->options->memory_mib, host->options->io_cores.cpus[0],
		host->shm->generation);
	child_ready(NULL);
	if (priority_set(PRIORITY_KEEPER) < 0)
		log_warn("no priority over other work", "next=\"slower beside it\"");
	rc = loop_run(host->loop);
	frame_server_close(server);
	linkwatch_stop(links);
	log_info("dataplane ends", "%s", "");
	return rc < 0 ? err_sys(err, -rc, "the event loop failed") : 0;
}

static int
socket_path(const struct options *options, char *path, size_t size, struct err *err)
{
	int n;

	if (options->socket != NULL)
		n = snprintf(path, size, "%s", options->socket) < (int)size ? 0 : -1;
	else
		n = dirs_runtime_path(path, size, "dataplane.sock");
	return n < 0 ? err_set(err, ERR_INVALID, "--socket", NULL, "the path is too long")
		     : 0;
}

static void
on_signal(int signo, void *arg)
{
	(void)signo;
	loop_stop(arg);
}

static void
on_pulse(void *arg)
{
	struct pulse *pulse = arg;

	__atomic_store_n(&pulse->control, pulse->control + 1, __ATOMIC_RELEASE);
}

/* The look is for what an earlier one could not do. */
static void
on_sample(void *arg)
{
	stats_sample(arg);
	leftovers_sweep(rte_eal_get_runtime_dir());
	relink_tidy(arg);
	control_port_look(arg);
}

static void
on_links(void *arg)
{
	control_port_look(arg);
}

static void
on_watchdog(void *arg)
{
	(void)arg;
	child_notify("WATCHDOG=1");
}

/* One line for a person, and the error for whoever started us. */
static int
refuse(const struct err *err)
{
	log_error("dataplane refuses", "path=%s reason=\"%s\" hint=\"%s\"", err->path,
		err->text, err->hint);
	child_ready(err);
	return 1;
}
