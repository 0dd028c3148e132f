/* conn.h: one request on its way through the server, and the reply that grows with it.
 *
 * A request arrives in the I/O thread (server.c), is judged and handled in a pool thread
 * (serve.c), and its reply leaves in the I/O thread again. One thread has it at a time.
 */
#ifndef API_HTTP_CONN_H
#define API_HTTP_CONN_H

#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <microhttpd.h>
#include "api/http/deadline.h"
#include "api/http/http.h"
#include "api/http/pool.h"
#include "api/http/route.h"
#include "api/http/url.h"
#include "common/doc.h"

struct reply_header {
	char *name, *value;
};

struct reply_stream { /* of http_reply_stream */
	bool (*next)(void *arg, char **piece, size_t *len);
	void (*end)(void *arg); /* null: no stream */
	void *arg;
	char *piece; /* what was not sent yet */
	size_t len, sent;
	bool ended;
};

struct http_reply {
	unsigned status; /* 0: none yet */
	char *content_type;
	char *data;
	size_t len;
	char *etag; /* without quotes; null: none */
	struct reply_header *headers;
	unsigned n_headers;
	struct reply_stream stream;
};

void reply_clear(struct http_reply *reply);

enum conn_stage {
	CONN_ARRIVED,  /* headers are there */
	CONN_COMPLETE, /* and no body follows: a reply before this stage ends the
			  connection */
	CONN_JUDGED,   /* a pool thread let it in: the body may come */
	CONN_BODY,     /* the body comes */
	CONN_ANSWERED, /* the reply is ready */
};

struct http_conn {
	struct pool_job job; /* first */
	struct http_server *server;
	struct MHD_Connection *mhd;
	struct deadline *deadline;
	enum conn_stage stage;
	uint64_t start_ns;
	char *target;
	struct url url;
	struct route_match match;
	const struct http_api_version *api; /* that the path belongs to; null: none */
	struct http_request request;
	struct http_reply reply;
	char user[128];
	struct doc *doc; /* the parsed body */
	char *body;
	size_t body_len, body_room;
	uint64_t body_start_ms;
	unsigned body_refused; /* 413 or 503; 0: it was taken */
	uint64_t parked_ms;    /* since when its stream has nothing to send */
	TAILQ_ENTRY(http_conn) parked;
};

/* Judges what came before the body. True: receive the body, then call serve_handle().
 * False: the reply is ready. config->tables must hold all tables, the server's own too.
 */
bool serve_judge(const struct http_config *config, struct http_conn *conn);
bool serve_has_body(const struct http_conn *conn);
void serve_handle(const struct http_config *config, struct http_conn *conn);

#endif
