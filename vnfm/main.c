/* main.c: renga-vnfm. */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "api/http/http.h"
#include "api/southbound/server/server.h"
#include "common/child.h"
#include "common/dirs.h"
#include "common/log.h"
#include "common/priority.h"
#include "vnfm/manager.h"
#include "vnfm/token.h"

#define WATCHDOG_MS 5000
#define ASKS_MS	    2000 /* for answers under way at the end */

struct daemon {
	struct options options;
	struct loop *loop;
	struct manager manager;
	struct service *service;
	struct http_server *local, *remote;
	struct token token;
	char socket[128], pid_file[128];
	bool has_pid_file;
	atomic_bool closed; /* the servers */
};

static int serve(struct daemon *daemon);
static int open_all(struct daemon *daemon, struct err *err);
static int claim(struct daemon *daemon, struct err *err);
static int watch_signals(struct daemon *daemon, struct err *err);
static int open_servers(struct daemon *daemon, struct err *err);
static int authenticate(void *arg, const char *scheme, const char *user_in,
	const char *secret, char *user, size_t user_size, enum http_role *role,
	struct err *err);
static void close_all(struct daemon *daemon);
static void *close_servers(void *arg);
static void on_signal(int signo, void *arg);
static void on_watchdog(void *arg);
static int refuse(const struct err *err);

int
main(int argc, char **argv)
{
	static struct daemon daemon;
	struct err err = {0};
	if (options_parse(argc, argv, &daemon.options, &err) != 0) {
		fprintf(stderr, "renga-vnfm: %s%s%s\n", err.text, err.hint[0] ? ": " : "",
			err.hint);
		return 2;
	}
	switch (daemon.options.mode) {
	case OPTIONS_HELP:
		fputs(options_usage(), stdout);
		return 0;
	case OPTIONS_VERSION:
		puts("renga-vnfm " RENGA_VERSION);
		return 0;
	case OPTIONS_PRINT_LIFECYCLE:
		lifecycle_print(stdout);
		return 0;
	case OPTIONS_CHECK:
		puts("renga-vnfm: the options are fine");
		return 0;
	case OPTIONS_SERVE:
		break;
	}
	return serve(&daemon);
}

static int
serve(struct daemon *daemon)
{
	struct err err = {0};
	mallopt(M_ARENA_MAX, 2); /* many short threads, little memory */
	signal(SIGPIPE, SIG_IGN);
	log_open("renga-vnfm", daemon->options.log_level);
	int rc = open_all(daemon, &err);
	if (rc != 0) {
		refuse(&err);
	} else {
		log_info("ready", "socket=\"%s\" listen=\"%s\" cores=%u memory_mib=%u",
			daemon->socket,
			daemon->options.listen ? daemon->options.listen : "",
			daemon->options.cores.n, daemon->options.memory_mib);
		child_ready(NULL);
		priority_set(PRIORITY_KEEPER); /* a watch that comes late calls the living
						  dead */
		rc = loop_run(daemon->loop);
	}
	if (daemon->loop != NULL)
		close_all(daemon);
	log_info("end", "code=%d", rc != 0);
	return rc != 0;
}

static int
open_all(struct daemon *daemon, struct err *err)
{
	int rc = claim(daemon, err);
	if (rc == 0)
		rc = cores_stay_beside(&daemon->options.cores, err);
	if (rc == 0)
		rc = loop_create(&daemon->loop, err);
	if (rc == 0)
		rc = watch_signals(daemon, err);
	if (rc == 0)
		rc = manager_open(&daemon->manager, daemon->loop, &daemon->options, err);
	if (rc == 0) {
		daemon->service = service_create(&daemon->manager);
		rc = daemon->service != NULL
			     ? open_servers(daemon, err)
			     : err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	}
	return rc;
}

/* One renga-vnfm per run-time directory. */
static int
claim(struct daemon *daemon, struct err *err)
{
	if (geteuid() != 0)
		return err_set(err, ERR_FORBIDDEN, NULL, "run it as root, or with sudo",
			"renga-vnfm needs root: the dataplane maps huge pages and opens "
			"network devices");
	if (dirs_runtime_path(daemon->pid_file, sizeof(daemon->pid_file), "vnfm.pid") !=
			0 ||
		dirs_runtime_path(daemon->socket, sizeof(daemon->socket), "vnfm.sock") !=
			0)
		return err_set(err, ERR_INVALID, NULL, "use a shorter RENGA_RUNTIME_DIR",
			"the run-time directory's name is too long");
	if (daemon->options.socket != NULL)
		snprintf(daemon->socket, sizeof(daemon->socket), "%s",
			daemon->options.socket);
	int rc = dirs_make(dirs_runtime(), 0755, err);
	if (rc == 0)
		rc = dirs_pid_write(daemon->pid_file, err);
	daemon->has_pid_file = rc == 0;
	return rc;
}

static int
watch_signals(struct daemon *daemon, struct err *err)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (loop_add_signal(daemon->loop, signals[i], on_signal, daemon) == NULL)
			return err_set(
				err, ERR_INTERNAL, NULL, NULL, "cannot watch signals");
	if (loop_add_timer(daemon->loop, WATCHDOG_MS, WATCHDOG_MS, on_watchdog, NULL) ==
		NULL)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "cannot watch time");
	return 0;
}

static int
open_servers(struct daemon *daemon, struct err *err)
{
	static struct http_table tables[2];
	static struct http_config local, remote;
	tables[0] =
		(struct http_table){.routes = southbound_routes, .arg = daemon->service};
	local = (struct http_config){.unix_path = daemon->socket, .tables = tables};
	int rc = http_server_open(&local, &daemon->local, err);
	if (rc != 0 || daemon->options.listen == NULL)
		return rc;
	rc = token_read(daemon->options.token_file, &daemon->token, err);
	if (rc != 0)
		return rc;
	remote = (struct http_config){.listen = daemon->options.listen,
		.tls_cert = daemon->options.tls_cert,
		.tls_key = daemon->options.tls_key,
		.tables = tables,
		.authenticate = authenticate,
		.auth_arg = &daemon->token};
	return http_server_open(&remote, &daemon->remote, err);
}

static int
authenticate(void *arg, const char *scheme, const char *user_in, const char *secret,
	char *user, size_t user_size, enum http_role *role, struct err *err)
{
	(void)scheme;
	(void)user_in;
	if (!token_equal(arg, secret))
		return err_set(
			err, ERR_UNAUTHENTICATED, NULL, NULL, "the token is wrong");
	snprintf(user, user_size, "orchestrator");
	*role = HTTP_ROLE_ADMIN;
	return 0;
}

/* Handlers and answers that are still under way need the loop, so it goes on beside;
 * should an answer not come, memory is left as it is.
 */
static void
close_all(struct daemon *daemon)
{
	pthread_t closer;
	service_close(daemon->service);
	if (daemon->manager.events != NULL)
		events_close(daemon->manager.events);
	if (pthread_create(&closer, NULL, close_servers, daemon) == 0) {
		while (!atomic_load(&daemon->closed))
			loop_step(daemon->loop, 5);
		pthread_join(closer, NULL);
	}
	uint64_t until_ms = loop_now_ms() + ASKS_MS;
	while (ask_pending() > 0 && loop_now_ms() < until_ms)
		loop_step(daemon->loop, 5);
	if (daemon->has_pid_file)
		unlink(daemon->pid_file);
	if (ask_pending() > 0)
		return;
	service_destroy(daemon->service);
	if (daemon->manager.loop != NULL)
		manager_close(&daemon->manager);
	loop_destroy(daemon->loop);
}

static void *
close_servers(void *arg)
{
	struct daemon *daemon = arg;
	http_server_close(daemon->remote);
	http_server_close(daemon->local);
	atomic_store(&daemon->closed, true);
	return NULL;
}

static void
on_signal(int signo, void *arg)
{
	struct daemon *daemon = arg;
	log_info("signal", "signal=%d next=\"%s\"", signo,
		daemon->options.with_host ? "end everything"
					  : "leave everything running");
	if (daemon->options.with_host)
		manager_end(&daemon->manager);
	else
		loop_stop(daemon->loop);
}

static void
on_watchdog(void *arg)
{
	(void)arg;
	child_notify("WATCHDOG=1");
}

static int
refuse(const struct err *err)
{
	log_error("cannot start", "reason=\"%s\" hint=\"%s\"", err->text, err->hint);
	child_ready(err);
	return 1;
}
