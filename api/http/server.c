/* server.c: libmicrohttpd underneath. One thread moves bytes; a request is suspended
 * while a pool thread judges and handles it (serve.c), and its reply leaves when the
 * connection is resumed.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "api/http/flow.h"
#include "api/http/listen.h"
#include "common/dirs.h"
#include "common/log.h"

#define CONNECTION_MEMORY (128u << 10) /* of headers, mapped when touched */
#define GRACE_MS	  500	       /* for replies under way at the end */
#define SPARE_CONNECTIONS 16	       /* being ended for another's sake */

static void wait_for_replies(struct http_server *server);
static void fill_config(struct http_server *server, const struct http_config *config);
static int join_tables(
	struct http_server *server, const struct http_config *config, struct err *err);
static int open_socket(struct http_server *server, struct err *err);
static int load_tls(struct http_server *server, struct err *err);
static int start_daemon(struct http_server *server, struct err *err);
static void raise_descriptor_limit(unsigned connections);
static void on_log(void *cls, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

int
http_server_open(
	const struct http_config *config, struct http_server **out, struct err *err)
{
	struct http_server *server = calloc(1, sizeof(*server));
	if (server == NULL)
		return err_sys(err, ENOMEM, "cannot make an HTTP server");
	server->fd = -1;
	pthread_mutex_init(&server->handing, NULL);
	TAILQ_INIT(&server->parked);
	fill_config(server, config);
	int rc = join_tables(server, config, err);
	if (rc == 0)
		rc = load_tls(server, err);
	if (rc == 0)
		rc = pool_open(server->config.threads, 16 * server->config.threads,
			&server->pool, err);
	if (rc == 0)
		rc = deadlines_open(server->config.connections, flow_round, server,
			&server->deadlines, err);
	if (rc == 0)
		rc = open_socket(server, err);
	if (rc == 0)
		rc = start_daemon(server, err);
	if (rc != 0) {
		http_server_close(server);
		return rc;
	}
	*out = server;
	return 0;
}

const char *
http_server_address(const struct http_server *server)
{
	return server->address;
}

void
http_server_wake(struct http_server *server)
{
	flow_wake(server);
}

/* The pool ends first, as nothing may be suspended when the daemon stops. */
void
http_server_close(struct http_server *server)
{
	if (server == NULL)
		return;
	if (server->daemon != NULL)
		MHD_quiesce_daemon(server->daemon);
	pthread_mutex_lock(&server->handing);
	server->closing = true;
	pthread_mutex_unlock(&server->handing);
	flow_wake(server);
	pool_close(server->pool);
	if (server->daemon != NULL) {
		wait_for_replies(server);
		MHD_stop_daemon(server->daemon);
	}
	deadlines_close(server->deadlines);
	if (server->fd >= 0)
		close(server->fd);
	if (server->fd >= 0 && server->config.unix_path != NULL)
		unlink(server->config.unix_path);
	versions_destroy(server->versions);
	free(server->tables);
	free(server->key);
	free(server->cert);
	pthread_mutex_destroy(&server->handing);
	free(server);
}

/* What was handled before the end is still sent, as far as clients take it. */
static void
wait_for_replies(struct http_server *server)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	for (unsigned i = 0; i < GRACE_MS / 2 && atomic_load(&server->active) > 0; i++)
		nanosleep(&pause, NULL);
}

static void
fill_config(struct http_server *server, const struct http_config *config)
{
	struct http_config *c = &server->config;
	*c = *config;
	c->max_body = c->max_body != 0 ? c->max_body : 64u << 20;
	c->max_depth = c->max_depth != 0 ? c->max_depth : 64;
	c->connections = c->connections != 0 ? c->connections : 1000;
	c->timeout_s = c->timeout_s != 0 ? c->timeout_s : 30;
	c->threads = c->threads != 0 ? c->threads : 4;
	server->timeout_ms = (uint64_t)c->timeout_s * 1000;
}

static int
join_tables(struct http_server *server, const struct http_config *config, struct err *err)
{
	unsigned n = 0, n_versions = 0;
	while (config->tables[n].routes != NULL)
		n++;
	server->versions = versions_create(config->apis);
	if (server->versions == NULL)
		return err_sys(err, ENOMEM, "cannot make the routes");
	const struct http_table *own = versions_tables(server->versions, &n_versions);
	server->tables = calloc(n + n_versions + 1, sizeof(*server->tables));
	if (server->tables == NULL)
		return err_sys(err, ENOMEM, "cannot make the routes");
	memcpy(server->tables, config->tables, n * sizeof(*server->tables));
	memcpy(server->tables + n, own, n_versions * sizeof(*server->tables));
	server->config.tables = server->tables;
	return 0;
}

static int
open_socket(struct http_server *server, struct err *err)
{
	const struct http_config *config = &server->config;
	if (config->unix_path != NULL) {
		snprintf(server->address, sizeof(server->address), "%s",
			config->unix_path);
		server->fd = listen_unix(config->unix_path, err);
	} else {
		server->fd = listen_tcp(
			config->listen, server->address, sizeof(server->address), err);
	}
	return server->fd < 0 ? server->fd : 0;
}

static int
load_tls(struct http_server *server, struct err *err)
{
	const struct http_config *config = &server->config;
	if (config->tls_cert == NULL && config->tls_key == NULL)
		return 0;
	if (config->tls_cert == NULL || config->tls_key == NULL)
		return err_set(err, ERR_INVALID, NULL,
			"give both --tls-cert and --tls-key",
			"TLS needs a certificate and its key");
	int rc = dirs_read_file(config->tls_cert, 1u << 20, &server->cert, NULL, err);
	if (rc == 0)
		rc = dirs_read_file(config->tls_key, 1u << 20, &server->key, NULL, err);
	return rc;
}

static int
start_daemon(struct http_server *server, struct err *err)
{
	const struct http_config *config = &server->config;
	raise_descriptor_limit(config->connections);
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
			 MHD_USE_ERROR_LOG | (server->cert != NULL ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, server->cert},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, server->key},
		{MHD_OPTION_HTTPS_PRIORITIES, 0,
			(void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
		{MHD_OPTION_END, 0, NULL},
	};
	server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, flow_on_request, server,
		MHD_OPTION_EXTERNAL_LOGGER, on_log, server, MHD_OPTION_LISTEN_SOCKET,
		server->fd, MHD_OPTION_CONNECTION_LIMIT,
		config->connections + SPARE_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
		config->timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_NOTIFY_CONNECTION,
		flow_on_connection, server, MHD_OPTION_URI_LOG_CALLBACK, flow_on_target,
		server, MHD_OPTION_NOTIFY_COMPLETED, flow_on_completed, server,
		MHD_OPTION_ARRAY, server->cert != NULL ? tls : tls + 3, MHD_OPTION_END);
	if (server->daemon != NULL)
		return 0;
	return err_set(err, ERR_INTERNAL, NULL,
		server->cert != NULL
			? "are the certificate and the key PEM files of a pair?"
			: NULL,
		"cannot start the HTTP server on %s", server->address);
}

static void
raise_descriptor_limit(unsigned connections)
{
	struct rlimit limit;
	rlim_t wanted = connections + SPARE_CONNECTIONS + 256;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
		log_warn("few file descriptors", "limit=%ju connections=%u",
			(uintmax_t)limit.rlim_cur, connections);
}

static void
on_log(void *cls, const char *fmt, va_list args)
{
	(void)cls;
	char text[256];
	vsnprintf(text, sizeof(text), fmt, args);
	text[strcspn(text, "\n")] = '\0';
	log_debug("http", "detail=\"%s\"", text);
}
