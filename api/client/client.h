/* client.h: one JSON request to an HTTP server and its answer (libcurl).
 *
 * A client belongs to one thread at a time; it keeps its connection.
 */
#ifndef API_CLIENT_CLIENT_H
#define API_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>
#include "common/err.h"

struct client;

struct client_config {
	const char *server;	     /* "http://127.0.0.1:9080", "https://...", or
					"unix:/run/renga/vnfm.sock" */
	const char *token;	     /* Bearer; null: none */
	const char *user, *password; /* Basic; null: none */
	const char *ca_file;	     /* for https; null: the system's */
	unsigned timeout_ms;	     /* of a whole request; 0: 30,000 */
};

int client_open(
	const struct client_config *config, struct client **client, struct err *err);
void client_close(struct client *client); /* null is fine */
/* Of the requests from now on; 0: 30,000. */
void client_set_timeout(struct client *client, unsigned timeout_ms);

struct client_answer {
	unsigned status;
	char *location; /* null without; freed by client_answer_clear */
	char *etag;
	char *link; /* paging */
	char *content_type;
	json_t *json; /* the body if it was JSON, else null */
	char *text;   /* the raw body, NUL-ended */
	size_t text_len;
};

/* body: borrowed, sent as application/json; null: none. 0 when the server answered 2xx.
 * Else negative errno with err: the ProblemDetails of the answer, or ERR_UNAVAILABLE /
 * ERR_TIMEOUT. answer may be null; if not, it is filled whenever there was an HTTP
 * answer, and must be cleared. */
int client_json(struct client *client, const char *method, const char *path,
	const json_t *body, struct client_answer *answer, struct err *err);
/* The same with any body. */
int client_data(struct client *client, const char *method, const char *path,
	const char *content_type, const void *data, size_t len,
	struct client_answer *answer, struct err *err);
void client_answer_clear(struct client_answer *answer);

/* Called with each piece of a streamed body; return false to end. */
typedef bool client_stream_cb(const char *data, size_t len, void *arg);
/* GET of server-sent events, without a time-out. last_id: of the last event that was
 * seen; null: none. 0 when either side ended it. */
int client_stream(struct client *client, const char *path, const char *last_id,
	client_stream_cb *cb, void *arg, struct err *err);

#endif
