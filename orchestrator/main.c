/* main.c: renga-orchestrator: the NFVO daemon. Puts the parts together: options, store,
 * driver of the VNF manager, REST API; ends on SIGTERM and leaves every service running.
 */
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sodium.h>
#include "api/northbound/northbound.h"
#include "api/southbound/client/remote.h"
#include "api/webhook/webhook.h"
#include "common/child.h"
#include "common/dirs.h"
#include "common/log.h"
#include "common/loop.h"
#include "orchestrator/courier.h"
#include "orchestrator/orch.h"
#include "orchestrator/settings.h"
#include "orchestrator/token.h"

#define PATH_SIZE	512
#define NOTIFY_PAUSE_MS 500  /* after the first failure */
#define WATCHDOG_MS	3000 /* a third of what the unit allows */

struct daemon {
	struct loop *loop;
	struct vnfm vnfm;
	struct orch *orch;
	struct northbound *northbound;
	struct webhook *webhook;
	char pid_file[PATH_SIZE], address_file[PATH_SIZE];
};

static int start(struct daemon *daemon, const struct settings *settings, struct err *err);
static int open_loop(struct daemon *daemon, struct err *err);
static int open_orch(
	struct daemon *daemon, const struct settings *settings, struct err *err);
static int open_api(
	struct daemon *daemon, const struct settings *settings, struct err *err);
static void stop(struct daemon *daemon);
static void on_signal(int signo, void *arg);
static void on_watchdog(void *arg);
static int fail(const struct err *err);

int
main(int argc, char **argv)
{
	struct settings settings;
	struct daemon daemon = {0};
	struct err err;
	/* A thread's own heap would cost more than the contention that it saves. */
	mallopt(M_ARENA_MAX, 2);
	const enum settings_wish wish = settings_read(argc, argv, &settings, &err);
	if (wish == SETTINGS_HELP || wish == SETTINGS_VERSION)
		return 0;
	if (wish == SETTINGS_WRONG)
		return fail(&err);
	log_open("renga-orchestrator", settings.log_level);
	if (wish == SETTINGS_CHECK) {
		log_info("configuration is good", "listen=%s db=%s vnfm=%s",
			settings.listen, settings.db, settings.vnfm);
		settings_clear(&settings);
		return 0;
	}
	if (sodium_init() < 0 || start(&daemon, &settings, &err)) {
		stop(&daemon);
		settings_clear(&settings);
		return fail(&err);
	}
	loop_run(daemon.loop);
	log_info("ending; services go on running", "%s", "");
	stop(&daemon);
	settings_clear(&settings);
	return 0;
}

static int
start(struct daemon *daemon, const struct settings *settings, struct err *err)
{
	int rc = dirs_make(dirs_runtime(), 0755, err);
	if (!rc)
		rc = dirs_make(dirs_state(), 0750, err);
	if (!rc && dirs_runtime_path(daemon->pid_file, PATH_SIZE, "orchestrator.pid"))
		rc = err_set(err, ERR_INVALID, NULL, NULL,
			"the run-time directory is too long");
	if (!rc)
		rc = dirs_pid_write(daemon->pid_file, err);
	if (rc)
		daemon->pid_file[0] = '\0'; /* not ours */
	if (!rc)
		rc = open_loop(daemon, err);
	if (!rc)
		rc = open_orch(daemon, settings, err);
	if (!rc)
		rc = open_api(daemon, settings, err);
	if (!rc)
		child_ready(NULL);
	return rc;
}

/* Signals first, so that the threads that follow leave them to the loop. */
static int
open_loop(struct daemon *daemon, struct err *err)
{
	signal(SIGPIPE, SIG_IGN);
	int rc = loop_create(&daemon->loop, err);
	if (!rc && (!loop_add_signal(daemon->loop, SIGTERM, on_signal, daemon) ||
			   !loop_add_signal(daemon->loop, SIGINT, on_signal, daemon)))
		rc = err_set(err, ERR_INTERNAL, NULL, NULL, "cannot wait for signals");
	if (!rc && !loop_add_timer(
			   daemon->loop, WATCHDOG_MS, WATCHDOG_MS, on_watchdog, NULL))
		rc = err_set(err, ERR_INTERNAL, NULL, NULL, "cannot watch time");
	return rc;
}

static int
open_orch(struct daemon *daemon, const struct settings *settings, struct err *err)
{
	char token_file[PATH_SIZE];
	if (dirs_state_path(token_file, sizeof(token_file), "admin.token"))
		return err_set(
			err, ERR_INVALID, NULL, NULL, "the state directory is too long");
	int rc = remote_open(settings->vnfm, &daemon->vnfm, err);
	if (!rc)
		rc = orch_open(settings->db, &daemon->vnfm, &daemon->orch, err);
	daemon->webhook = webhook_create();
	if (!rc && !daemon->webhook)
		rc = err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	if (!rc)
		rc = courier_open(daemon->orch, &webhook_driver, daemon->webhook,
			NOTIFY_PAUSE_MS, err);
	if (!rc)
		rc = token_admin_file(daemon->orch, token_file, err);
	return rc;
}

static int
open_api(struct daemon *daemon, const struct settings *settings, struct err *err)
{
	const struct northbound_config config = {.listen = settings->listen,
		.tls_cert = settings->tls_cert,
		.tls_key = settings->tls_key,
		.orch = daemon->orch};
	char url[256];
	int rc = northbound_open(&config, &daemon->northbound, err);
	if (rc)
		return rc;
	snprintf(url, sizeof(url), "http%s://%s", settings->tls_cert ? "s" : "",
		northbound_address(daemon->northbound));
	log_info("serving", "url=%s db=%s vnfm=%s", url, settings->db, settings->vnfm);
	if (dirs_runtime_path(daemon->address_file, PATH_SIZE, "orchestrator.addr"))
		return err_set(err, ERR_INVALID, NULL, NULL,
			"the run-time directory is too long");
	return dirs_write_file(daemon->address_file, 0644, url, strlen(url), err);
}

static void
stop(struct daemon *daemon)
{
	northbound_close(daemon->northbound);
	const bool all = orch_close(daemon->orch);
	if (*daemon->address_file)
		unlink(daemon->address_file);
	if (*daemon->pid_file)
		unlink(daemon->pid_file);
	/* A long poll cannot be interrupted; the store is in order at any moment. */
	if (!all)
		_exit(0);
	webhook_destroy(daemon->webhook);
	if (daemon->vnfm.driver)
		daemon->vnfm.driver->close(daemon->vnfm.self);
	loop_destroy(daemon->loop);
}

static void
on_signal(int signo, void *arg)
{
	struct daemon *daemon = arg;
	(void)signo;
	loop_stop(daemon->loop);
}

static void
on_watchdog(void *arg)
{
	(void)arg;
	child_notify("WATCHDOG=1");
}

static int
fail(const struct err *err)
{
	log_error(err->text, "code=%s path=\"%s\" hint=\"%s\"", err_code_name(err->code),
		err->path, err->hint);
	child_ready(err);
	return err->code == ERR_INVALID ? 2 : 1;
}
