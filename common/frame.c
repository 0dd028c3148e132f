/* frame.c: the server side of framed JSON: connections on an event loop, each with a
 * buffer in and out. */
#include "common/frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/frame_wire.h"
#include "common/json_text.h"
#include "common/log.h"

#define BACKLOG		64
#define MAX_CONNECTIONS 256
#define ACCEPT_PAUSE_MS 100
#define READ_SIZE	16384

struct conn {
	LIST_ENTRY(conn) entry;
	struct frame_server *server;
	struct loop_source *source;
	int fd;
	char *in;
	size_t in_len, in_size;
	char *out; /* a reply on its way; null: ready for the next request */
	size_t out_len, out_sent;
	bool closing;		   /* once out is sent */
	struct frame_later *later; /* the answer that is awaited; null: none */
};

struct frame_later {
	struct conn *conn; /* null: gone */
};

LIST_HEAD(conns, conn);

struct frame_server {
	struct loop *loop;
	struct loop_source *source, *resume;
	int fd;
	char *path;
	frame_handler *handler;
	void *arg;
	struct conns conns;
	unsigned n_conns;
	struct conn *asking; /* whose request the handler has */
};

static int listen_on(const char *path, struct err *err);
static int bind_path(int fd, const char *path, struct err *err);
static void on_connect(int fd, uint32_t events, void *arg);
static void pause_accept(struct frame_server *server);
static void resume_accept(void *arg);
static void open_conn(struct frame_server *server, int fd);
static void on_conn(int fd, uint32_t events, void *arg);
static int receive(struct conn *conn);
static int answer_all(struct conn *conn);
static int answer(struct conn *conn, const char *text, size_t len);
static json_t *reply_to(
	struct frame_server *server, const char *text, size_t len, bool *bad);
static int reply(struct conn *conn, json_t *json);
static void go_on(struct conn *conn, int rc);
static json_t *reply_ok(json_t *members);
static json_t *reply_err(const struct err *err, json_t *members);
static int send_out(struct conn *conn);
static void close_conn(struct conn *conn);

int
frame_server_open(struct loop *loop, const char *path, frame_handler *handler, void *arg,
	struct frame_server **out, struct err *err)
{
	struct frame_server *server = calloc(1, sizeof(*server));
	if (!server)
		return err_sys(err, ENOMEM, "cannot listen on %s", path);
	*server = (struct frame_server){
		.loop = loop, .fd = -1, .handler = handler, .arg = arg};
	int rc = listen_on(path, err);
	if (rc < 0)
		goto fail;
	server->fd = rc;
	server->path = strdup(path);
	server->source = loop_add_fd(loop, server->fd, EPOLLIN, on_connect, server);
	if (!server->path || !server->source) {
		rc = err_sys(err, errno, "cannot listen on %s", path);
		goto fail;
	}
	*out = server;
	return 0;
fail:
	frame_server_close(server);
	return rc;
}

void
frame_server_close(struct frame_server *server)
{
	if (!server)
		return;
	while (!LIST_EMPTY(&server->conns))
		close_conn(LIST_FIRST(&server->conns));
	loop_del(server->source);
	loop_del(server->resume);
	if (server->fd >= 0)
		close(server->fd);
	if (server->path)
		unlink(server->path);
	free(server->path);
	free(server);
}

struct frame_later *
frame_later(struct frame_server *server)
{
	struct frame_later *later = calloc(1, sizeof(*later));
	if (!later)
		return NULL;
	later->conn = server->asking;
	later->conn->later = later;
	return later;
}

void
frame_answer(struct frame_later *later, json_t *members, const struct err *err)
{
	struct conn *conn = later->conn;
	free(later);
	if (!conn) {
		json_decref(members);
		return;
	}
	conn->later = NULL;
	json_t *json = err->code ? reply_err(err, members) : reply_ok(members);
	int rc = reply(conn, json);
	json_decref(json);
	if (!rc)
		rc = answer_all(conn);
	go_on(conn, rc);
}

/* A listening descriptor, or a negative errno. */
static int
listen_on(const char *path, struct err *err)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_sys(err, errno, "cannot listen on %s", path);
	int rc = bind_path(fd, path, err);
	if (!rc && listen(fd, BACKLOG) < 0)
		rc = err_sys(err, errno, "cannot listen on %s", path);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

static int
bind_path(int fd, const char *path, struct err *err)
{
	struct sockaddr_un addr;
	int rc = frame_address(path, &addr, err);
	if (rc)
		return rc;
	fchmod(fd, 0600); /* the file made by bind() takes it over */
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return err_sys(err, errno, "cannot listen on %s", path);
	const int other = frame_connect(path, NULL);
	if (other >= 0) {
		close(other);
		return err_set(err, ERR_EXISTS, NULL, NULL,
			"another process answers on %s", path);
	}
	unlink(path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return err_sys(err, errno, "cannot listen on %s", path);
	return 0;
}

static void
on_connect(int fd, uint32_t events, void *arg)
{
	struct frame_server *server = arg;
	(void)events;
	if (server->n_conns >= MAX_CONNECTIONS) {
		pause_accept(server);
		return;
	}
	const int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client >= 0) {
		open_conn(server, client);
	} else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
		log_warn("cannot accept a connection", "path=%s error=\"%s\"",
			server->path, strerror(errno));
		pause_accept(server);
	}
}

/* Whoever waits in the backlog is taken when a descriptor has become free. */
static void
pause_accept(struct frame_server *server)
{
	server->resume =
		loop_add_timer(server->loop, ACCEPT_PAUSE_MS, 0, resume_accept, server);
	if (server->resume)
		loop_mod_fd(server->source, 0);
}

static void
resume_accept(void *arg)
{
	struct frame_server *server = arg;
	server->resume = NULL;
	loop_mod_fd(server->source, EPOLLIN);
}

static void
open_conn(struct frame_server *server, int fd)
{
	struct conn *conn = calloc(1, sizeof(*conn));
	struct loop_source *source =
		conn ? loop_add_fd(server->loop, fd, EPOLLIN, on_conn, conn) : NULL;
	if (!source) {
		free(conn);
		close(fd);
		return;
	}
	*conn = (struct conn){.server = server, .source = source, .fd = fd};
	LIST_INSERT_HEAD(&server->conns, conn, entry);
	server->n_conns++;
}

static void
on_conn(int fd, uint32_t events, void *arg)
{
	struct conn *conn = arg;
	int rc = 0;
	(void)fd;
	if (events & (EPOLLERR | EPOLLHUP) && !(events & EPOLLIN))
		rc = -EPIPE;
	if (!rc && events & EPOLLOUT)
		rc = send_out(conn);
	if (!rc && events & EPOLLIN && !conn->out && !conn->later)
		rc = receive(conn);
	if (!rc)
		rc = answer_all(conn);
	go_on(conn, rc);
}

/* Waits for what comes next, or closes. */
static void
go_on(struct conn *conn, int rc)
{
	if (rc || (conn->closing && !conn->out))
		close_conn(conn);
	else
		loop_mod_fd(conn->source, conn->out	? EPOLLOUT
					  : conn->later ? 0
							: EPOLLIN);
}

static int
receive(struct conn *conn)
{
	if (conn->in_size - conn->in_len < READ_SIZE) {
		const size_t size = 2 * conn->in_size + READ_SIZE;
		char *in = realloc(conn->in, size);
		if (!in)
			return -ENOMEM;
		conn->in = in;
		conn->in_size = size;
	}
	const ssize_t n =
		recv(conn->fd, conn->in + conn->in_len, conn->in_size - conn->in_len, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	conn->in_len += n;
	return n == 0 ? -EPIPE : 0;
}

/* Answers what has arrived in full, as long as each reply could be sent. */
static int
answer_all(struct conn *conn)
{
	size_t done = 0, len;
	int rc = 0;
	if (!conn->in)
		return 0;
	while (!rc && !conn->out && !conn->closing && !conn->later &&
		frame_complete(conn->in + done, conn->in_len - done, &len)) {
		rc = answer(conn, conn->in + done + FRAME_HEAD, len);
		done += FRAME_HEAD + len;
	}
	if (!done)
		return rc;
	conn->in_len = conn->closing ? 0 : conn->in_len - done;
	memmove(conn->in, conn->in + done, conn->in_len);
	if (!conn->in_len) { /* a large request is not held on to */
		free(conn->in);
		conn->in = NULL;
		conn->in_size = 0;
	}
	return rc;
}

static int
answer(struct conn *conn, const char *text, size_t len)
{
	conn->server->asking = conn;
	json_t *json = reply_to(conn->server, text, len, &conn->closing);
	const int rc = conn->later ? 0 : reply(conn, json);
	json_decref(json);
	return rc;
}

static json_t *
reply_to(struct frame_server *server, const char *text, size_t len, bool *bad)
{
	struct err err = {0};
	json_error_t where;
	if (len > FRAME_MAX) {
		*bad = true;
		err_set(&err, ERR_TOO_LARGE, NULL, NULL,
			"the frame has %zu bytes, at most %u are allowed", len,
			FRAME_MAX);
		return reply_err(&err, NULL);
	}
	json_t *request = json_text_read(text, len, 0, &where);
	if (!json_is_object(request)) {
		*bad = true;
		err_set(&err, ERR_MALFORMED, NULL, NULL,
			"the frame holds no JSON object: %s",
			request ? "it is something else" : where.text);
		json_decref(request);
		return reply_err(&err, NULL);
	}
	json_t *members = server->handler(request, server->arg, &err);
	json_decref(request);
	return err.code ? reply_err(&err, members) : reply_ok(members);
}

static json_t *
reply_ok(json_t *members)
{
	json_t *json = members ? members : json_object();
	json_object_set_new(json, "ok", json_true());
	return json;
}

static json_t *
reply_err(const struct err *err, json_t *members)
{
	json_t *error = err_to_json(err);
	json_object_update_missing(error, members);
	json_decref(members);
	return json_pack("{s:b, s:o}", "ok", 0, "error", error);
}

static int
reply(struct conn *conn, json_t *json)
{
	conn->out = frame_encode(json, &conn->out_len);
	conn->out_sent = 0;
	return conn->out ? send_out(conn) : -ENOMEM;
}

static int
send_out(struct conn *conn)
{
	while (conn->out_sent < conn->out_len) {
		const ssize_t n = send(conn->fd, conn->out + conn->out_sent,
			conn->out_len - conn->out_sent, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		conn->out_sent += n;
	}
	free(conn->out);
	conn->out = NULL;
	return 0;
}

static void
close_conn(struct conn *conn)
{
	LIST_REMOVE(conn, entry);
	if (conn->later)
		conn->later->conn = NULL;
	conn->server->n_conns--;
	loop_del(conn->source);
	close(conn->fd);
	free(conn->in);
	free(conn->out);
	free(conn);
}
