/* flow.c: a request is suspended while a pool thread judges and handles it (serve.c); its
 * reply leaves when the connection is resumed. So the I/O thread only moves bytes.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "api/http/flow.h"
#include "common/loop.h"

#define SLOWEST	  16   /* bytes per ms that a body must move at */
#define BODIES	  4    /* of the largest size in memory at a time */
#define BODY_ROOM 4096 /* the least that is allocated */
#define PARKED_MS 5000 /* until a stream is asked again by itself */

static enum MHD_Result hand_over(
	struct http_conn *conn, void (*run)(struct pool_job *job));
static void run_judge(struct pool_job *job);
static void run_handle(struct pool_job *job);
static enum MHD_Result take_body(struct http_conn *conn, const char *data, size_t *size);
static bool make_room(struct http_conn *conn, size_t size);
static void limit_body_time(struct http_conn *conn);
static enum MHD_Result send_reply(struct http_conn *conn);
static struct MHD_Response *make_response(struct http_conn *conn);
static ssize_t read_stream(void *cls, uint64_t position, char *buf, size_t max);
static void run_stream(struct pool_job *job);
static void take_piece(struct reply_stream *stream);
static unsigned count_wakes(struct http_server *server);
static bool is_gone(const struct http_conn *conn);
static bool park(struct http_conn *conn, unsigned wakes);

void
flow_on_connection(void *cls, struct MHD_Connection *mhd, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	struct http_server *server = cls;
	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		deadline_del(*context);
		return;
	}
	int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)
			 ->connect_fd;
	*context = deadline_add(server->deadlines, fd, server->timeout_ms);
}

/* The request line is there. */
void *
flow_on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
	struct http_server *server = cls;
	struct http_conn *conn = calloc(1, sizeof(*conn));
	if (conn == NULL)
		return NULL;
	atomic_fetch_add(&server->active, 1);
	conn->server = server;
	conn->mhd = mhd;
	conn->start_ns = loop_now_ns();
	conn->target = strdup(target);
	conn->deadline = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
				 ->socket_context;
	return conn;
}

void
flow_on_completed(void *cls, struct MHD_Connection *mhd, void **context,
	enum MHD_RequestTerminationCode code)
{
	struct http_server *server = cls;
	struct http_conn *conn = *context;
	(void)mhd;
	(void)code;
	if (conn == NULL)
		return;
	*context = NULL;
	deadline_set_idle(conn->deadline, server->timeout_ms);
	atomic_fetch_sub(&server->body_bytes, conn->body_room);
	atomic_fetch_sub(&server->active, 1);
	reply_clear(&conn->reply);
	doc_close(conn->doc);
	url_clear(&conn->url);
	free(conn->body);
	free(conn->target);
	free(conn);
}

enum MHD_Result
flow_on_request(void *cls, struct MHD_Connection *mhd, const char *url,
	const char *method, const char *version, const char *data, size_t *size,
	void **context)
{
	struct http_conn *conn = *context;
	(void)cls;
	(void)mhd;
	(void)url;
	(void)version;
	if (conn == NULL || conn->target == NULL)
		return MHD_NO;
	switch (conn->stage) {
	case CONN_ARRIVED:
		conn->request.method = method;
		conn->request.conn = conn;
		if (serve_has_body(conn))
			return hand_over(conn, run_judge);
		conn->stage = CONN_COMPLETE;
		return MHD_YES;
	case CONN_COMPLETE:
		return hand_over(conn, run_judge);
	case CONN_JUDGED:
		conn->stage = CONN_BODY;
		conn->body_start_ms = loop_now_ms();
		limit_body_time(conn);
		return MHD_YES;
	case CONN_BODY:
		return *size > 0 ? take_body(conn, data, size)
				 : hand_over(conn, run_handle);
	case CONN_ANSWERED:
		return send_reply(conn);
	}
	return MHD_NO;
}

void
flow_wake(struct http_server *server)
{
	struct http_conn *conn;
	pthread_mutex_lock(&server->handing);
	server->wakes++;
	while ((conn = TAILQ_FIRST(&server->parked)) != NULL) {
		TAILQ_REMOVE(&server->parked, conn, parked);
		pool_submit(server->pool, &conn->job);
	}
	pthread_mutex_unlock(&server->handing);
}

void
flow_round(void *arg)
{
	struct http_server *server = arg;
	const uint64_t now_ms = loop_now_ms();
	struct http_conn *conn, *next;
	pthread_mutex_lock(&server->handing);
	for (conn = TAILQ_FIRST(&server->parked); conn != NULL; conn = next) {
		const bool gone = is_gone(conn);
		next = TAILQ_NEXT(conn, parked);
		if (!gone && now_ms - conn->parked_ms < PARKED_MS)
			continue;
		TAILQ_REMOVE(&server->parked, conn, parked);
		conn->reply.stream.ended = gone;
		if (gone)
			MHD_resume_connection(conn->mhd);
		else
			pool_submit(server->pool, &conn->job);
	}
	pthread_mutex_unlock(&server->handing);
}

/* Nobody watches the socket of a suspended connection. */
static bool
is_gone(const struct http_conn *conn)
{
	struct pollfd socket = {.fd = MHD_get_connection_info(
					conn->mhd, MHD_CONNECTION_INFO_CONNECTION_FD)
					      ->connect_fd,
		.events = POLLRDHUP};
	return poll(&socket, 1, 0) > 0;
}

static enum MHD_Result
hand_over(struct http_conn *conn, void (*run)(struct pool_job *job))
{
	struct http_server *server = conn->server;
	pthread_mutex_lock(&server->handing);
	bool open = !server->closing;
	if (open) {
		deadline_stop(conn->deadline);
		MHD_suspend_connection(conn->mhd);
		conn->job.run = run;
		pool_submit(server->pool, &conn->job);
	}
	pthread_mutex_unlock(&server->handing);
	return open ? MHD_YES : MHD_NO;
}

static void
run_judge(struct pool_job *job)
{
	struct http_conn *conn = (struct http_conn *)job;
	bool body = serve_judge(&conn->server->config, conn);
	conn->stage = body ? CONN_JUDGED : CONN_ANSWERED;
	MHD_resume_connection(conn->mhd);
}

static void
run_handle(struct pool_job *job)
{
	struct http_conn *conn = (struct http_conn *)job;
	serve_handle(&conn->server->config, conn);
	conn->stage = CONN_ANSWERED;
	MHD_resume_connection(conn->mhd);
}

/* What a route ignores or what is too much is read and forgotten, until the deadline. */
static enum MHD_Result
take_body(struct http_conn *conn, const char *data, size_t *size)
{
	struct http_server *server = conn->server;
	size_t len = *size;
	*size = 0;
	if (conn->match.route->body == HTTP_BODY_NONE || conn->body_refused != 0)
		return MHD_YES;
	if (conn->body_len + len > server->config.max_body)
		conn->body_refused = 413;
	else if (!make_room(conn, conn->body_len + len + 1))
		conn->body_refused = 503;
	if (conn->body_refused != 0)
		return MHD_YES;
	memcpy(conn->body + conn->body_len, data, len);
	conn->body_len += len;
	conn->body[conn->body_len] = '\0';
	limit_body_time(conn);
	return MHD_YES;
}

/* Doubles, as long as all bodies together stay within bounds. */
static bool
make_room(struct http_conn *conn, size_t size)
{
	struct http_server *server = conn->server;
	size_t room = conn->body_room != 0 ? conn->body_room : BODY_ROOM;
	while (room < size)
		room *= 2;
	if (room == conn->body_room)
		return true;
	size_t more = room - conn->body_room;
	size_t all = atomic_fetch_add(&server->body_bytes, more) + more;
	conn->body_room = room;
	if (all > 2 * BODIES * (server->config.max_body + BODY_ROOM))
		return false;
	char *body = realloc(conn->body, room);
	if (body != NULL)
		conn->body = body;
	return body != NULL;
}

/* The more has come, the more time it has. */
static void
limit_body_time(struct http_conn *conn)
{
	uint64_t due_ms =
		conn->body_start_ms + conn->server->timeout_ms + conn->body_len / SLOWEST;
	uint64_t now_ms = loop_now_ms();
	deadline_set_busy(conn->deadline, due_ms > now_ms ? due_ms - now_ms : 1);
}

static enum MHD_Result
send_reply(struct http_conn *conn)
{
	struct http_reply *reply = &conn->reply;
	struct MHD_Response *response = make_response(conn);
	if (response == NULL)
		return MHD_NO;
	if (reply->content_type != NULL)
		MHD_add_response_header(response, "Content-Type", reply->content_type);
	for (unsigned i = 0; i < reply->n_headers; i++)
		MHD_add_response_header(
			response, reply->headers[i].name, reply->headers[i].value);
	enum MHD_Result rc = MHD_queue_response(conn->mhd, reply->status, response);
	MHD_destroy_response(response);
	return rc;
}

static struct MHD_Response *
make_response(struct http_conn *conn)
{
	struct http_reply *reply = &conn->reply;
	uint64_t timeout_ms = conn->server->timeout_ms;
	if (reply->stream.end != NULL)
		return MHD_create_response_from_callback(
			MHD_SIZE_UNKNOWN, 4096, read_stream, conn, NULL);
	deadline_set_busy(conn->deadline, timeout_ms + reply->len / SLOWEST);
	return MHD_create_response_from_buffer(
		reply->len, reply->data, MHD_RESPMEM_PERSISTENT);
}

/* In the I/O thread: hands on what there is, or suspends until a pool thread has more. */
static ssize_t
read_stream(void *cls, uint64_t position, char *buf, size_t max)
{
	struct http_conn *conn = cls;
	struct reply_stream *stream = &conn->reply.stream;
	(void)position;
	if (stream->sent < stream->len) {
		size_t len = stream->len - stream->sent;
		len = len < max ? len : max;
		memcpy(buf, stream->piece + stream->sent, len);
		stream->sent += len;
		return (ssize_t)len;
	}
	if (stream->ended || hand_over(conn, run_stream) != MHD_YES)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return 0;
}

static void
run_stream(struct pool_job *job)
{
	struct http_conn *conn = (struct http_conn *)job;
	struct reply_stream *stream = &conn->reply.stream;
	unsigned wakes;
	do {
		wakes = count_wakes(conn->server);
		take_piece(stream);
		if (stream->len == 0 && !stream->ended && park(conn, wakes))
			return; /* another thread may have it now */
	} while (stream->len == 0 && !stream->ended);
	deadline_set_busy(
		conn->deadline, conn->server->timeout_ms + stream->len / SLOWEST);
	MHD_resume_connection(conn->mhd);
}

static void
take_piece(struct reply_stream *stream)
{
	free(stream->piece);
	stream->piece = NULL;
	stream->len = stream->sent = 0;
	stream->ended = !stream->next(stream->arg, &stream->piece, &stream->len);
}

static unsigned
count_wakes(struct http_server *server)
{
	pthread_mutex_lock(&server->handing);
	const unsigned wakes = server->wakes;
	pthread_mutex_unlock(&server->handing);
	return wakes;
}

/* Leaves the connection suspended, in nobody's hands. False: there was a wake since
 * `wakes` was read, so that it must look again, or the server ends, and the stream does.
 */
static bool
park(struct http_conn *conn, unsigned wakes)
{
	struct http_server *server = conn->server;
	pthread_mutex_lock(&server->handing);
	const bool quiet = server->wakes == wakes && !server->closing;
	conn->reply.stream.ended = server->closing;
	if (quiet) {
		conn->parked_ms = loop_now_ms();
		TAILQ_INSERT_TAIL(&server->parked, conn, parked);
	}
	pthread_mutex_unlock(&server->handing);
	return quiet;
}
