/* http.h: an HTTP/1.1 JSON server in one table of routes (libmicrohttpd).
 *
 * What is written once here and nowhere else: matching, 404, 405 with Allow, the Version
 * header and api_versions (SOL013), authentication, body limits, JSON and YAML bodies,
 * ETag and If-Match, ProblemDetails for every error, request log and metrics. A handler
 * gets a parsed request, calls one service function, and answers.
 *
 * Threads: one moves bytes and never blocks; handlers run in a pool, several at once. The
 * pool grows while handlers block (to 16 times `threads`), so a long poll stops nobody.
 * Slow clients are ended by deadlines: a request must arrive within the time-out, a body
 * at 16 KiB/s or more beyond it. With all connections taken a new one ends the one that
 * has been idle the longest.
 */
#ifndef API_HTTP_HTTP_H
#define API_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>
#include "common/err.h"

#define HTTP_MAX_PARAMS 6

struct http_server;

enum http_auth { HTTP_AUTH_TOKEN, HTTP_AUTH_NONE }; /* does a route need a credential? */
enum http_role {
	HTTP_ROLE_VIEWER,
	HTTP_ROLE_OPERATOR,
	HTTP_ROLE_ADMIN
}; /* the least that may */

struct http_request {
	const char *method; /* "GET" */
	const char *path;   /* decoded, doubled slashes folded */
	const char *
		params[HTTP_MAX_PARAMS]; /* the {named} segments of the route, in order */
	const char *body;		 /* raw; null if none */
	size_t body_len;
	json_t *json; /* parsed when the route wants it; borrowed; null if there was no
			 body */
	const char *content_type; /* "" if none */
	const char *user;	  /* name of the authenticated user; "" without */
	enum http_role role;
	void *arg;  /* of the route table */
	void *conn; /* internal */
};

/* Query and header values: borrowed for the time of the request; null if absent.
 * http_query: "" if given without a value. */
const char *http_query(const struct http_request *request, const char *name);
const char *http_header(const struct http_request *request, const char *name);
/* The i-th query argument; false beyond the last. */
bool http_query_at(const struct http_request *request, unsigned i, const char **name,
	const char **value);

struct http_reply; /* filled by one of the functions below, exactly once per request */

/* JSON body; takes the reference (null: empty body). */
void http_reply_json(struct http_reply *reply, unsigned status, json_t *body);
/* Any other body; copied. */
void http_reply_data(struct http_reply *reply, unsigned status, const char *content_type,
	const void *data, size_t len);
void http_reply_empty(struct http_reply *reply, unsigned status);
/* The same as http_reply_data() with 200, but answers a Range header: 206 with a part, or
 * 416. */
void http_reply_ranges(const struct http_request *request, struct http_reply *reply,
	const char *content_type, const void *data, size_t len);
/* A body that is made piece by piece while the client reads (server-sent events). next()
 * runs in a pool thread when the piece before has been taken, and hands out a malloc'd
 * piece (len 0: nothing now; then no thread is held, and it is asked again after
 * http_server_wake() or some seconds); false ends the body. A client that went away is
 * noticed. end(arg) is called once at last.
 */
void http_reply_stream(struct http_reply *reply, unsigned status,
	const char *content_type, bool (*next)(void *arg, char **piece, size_t *len),
	void (*end)(void *arg), void *arg);
/* ProblemDetails (RFC 7807): status from err->code by the one map in problem.c; members
 * title, status, detail, errorCode, path, hint. */
void http_reply_err(struct http_reply *reply, const struct err *err);
/* The same with a status of its own, where the resource asks for another than the map
 * gives. */
void http_reply_problem(struct http_reply *reply, unsigned status, const struct err *err);
/* The same for all faults of a document: invalidParams: [{path, reason, hint}]; 422
 * unless told. */
void http_reply_faults(
	struct http_reply *reply, unsigned status, const struct faults *faults);
/* Adds a header to the answer, e.g. Location. Before or after the body. */
void http_reply_header(struct http_reply *reply, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Sets ETag from tag (quotes added) and answers 412 by itself if If-Match does not name
 * it: then returns false and the handler returns at once. 304 on If-None-Match is done by
 * the server. */
bool http_reply_etag(
	const struct http_request *request, struct http_reply *reply, const char *tag);

/* Sets ETag (null: none) and judges nothing. */
void http_reply_tag(struct http_reply *reply, const char *tag);

enum http_body {	/* what a route accepts; anything else is 415 */
	HTTP_BODY_NONE, /* a body is ignored */
	HTTP_BODY_JSON, /* application/json, application/merge-patch+json; empty is fine:
			   json null */
	HTTP_BODY_DOC, /* also application/yaml, application/x-yaml, text/yaml, text/plain
			*/
	HTTP_BODY_RAW, /* anything; not parsed */
};

struct http_route {
	const char *method;
	const char *pattern; /* "/nslcm/v1/ns_instances/{nsInstanceId}/instantiate";
				"{rest*}" may be last */
	void (*handler)(const struct http_request *request, struct http_reply *reply);
	enum http_body body;
	enum http_auth auth;
	enum http_role role;
	const char *summary; /* one line; the API description is made from these */
};

/* A table of routes ends with a null method. Several tables serve side by side; each has
 * its arg. */
struct http_table {
	const struct http_route *routes;
	void *arg;
};

struct http_api_version { /* GET /<name>/api_versions and /<name>/v1/api_versions are
			     served for each */
	const char *name; /* "nslcm" */
	const char
		*version; /* "1.3.0": what the Version header must be compatible with */
};

struct http_config {
	const char *listen;    /* "127.0.0.1:9080", "[::1]:0"; or null with unix_path */
	const char *unix_path; /* a Unix socket, mode 0600 */
	const char *tls_cert, *tls_key;	     /* PEM files; both or none */
	const struct http_table *tables;     /* ends with null routes */
	const struct http_api_version *apis; /* ends with a null name; may be null */
	/* Judges a credential: 0 and user, role; or err (ERR_UNAUTHENTICATED). scheme is
	 * "bearer" or "basic"; for basic, user_in is the user. Null: no authentication
	 * (Unix socket, mode 0600). */
	int (*authenticate)(void *arg, const char *scheme, const char *user_in,
		const char *secret, char *user, size_t user_size, enum http_role *role,
		struct err *err);
	void *auth_arg;
	/* After each answered request, for metrics and the audit log; may be null. route:
	 * its pattern. */
	void (*observe)(void *arg, const struct http_request *request, const char *route,
		unsigned status, double seconds);
	void *observe_arg;
	size_t max_body;      /* bytes; 0: 64 MiB */
	unsigned max_depth;   /* of JSON; 0: 64 */
	unsigned connections; /* 0: 1000 */
	unsigned timeout_s;   /* of an idle or slow connection; 0: 30 */
	unsigned threads;     /* 0: 4 */
};

/* Everything in config must live as long as the server. ERR_EXISTS if the address is
 * taken. */
int http_server_open(
	const struct http_config *config, struct http_server **server, struct err *err);
/* "127.0.0.1:9080" with the real port, or the path. */
const char *http_server_address(const struct http_server *server);
/* There may be something to send for streams that had nothing. Any thread. */
void http_server_wake(struct http_server *server);
/* Ends all connections; null is fine. */
void http_server_close(struct http_server *server);
/* Every route that is served, for the API description: OpenAPI 3 document; new reference.
 */
json_t *http_openapi(const struct http_config *config, const char *title);

#endif
