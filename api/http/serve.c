/* serve.c: judging and handling one request, in a pool thread. What every resource shares
 * is here: order of the checks, credentials, versions, bodies, conditional replies.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "api/http/auth.h"
#include "api/http/body.h"
#include "api/http/conn.h"
#include "api/http/match.h"
#include "api/http/versions.h"
#include "common/log.h"
#include "common/loop.h"

static bool check_target(const struct http_config *config, struct http_conn *conn);
static bool check_credential(const struct http_config *config, struct http_conn *conn);
static bool check_version(struct http_conn *conn);
static bool check_route(struct http_conn *conn);
static bool check_role(struct http_conn *conn);
static bool check_body_headers(const struct http_config *config, struct http_conn *conn);
static bool body_is_ready(const struct http_config *config, struct http_conn *conn);
static void finish(const struct http_config *config, struct http_conn *conn);
static bool is_read(const struct http_conn *conn);
static void check_conditions(struct http_conn *conn);
static void refuse(struct http_conn *conn, unsigned status, enum err_code code,
	const char *hint, const char *text);

bool
serve_judge(const struct http_config *config, struct http_conn *conn)
{
	struct http_request *request = &conn->request;
	request->path = conn->target;
	request->user = conn->user;
	request->role = HTTP_ROLE_ADMIN;
	const char *type = http_header(request, "Content-Type");
	request->content_type = type != NULL ? type : "";

	if (check_target(config, conn) && check_credential(config, conn) &&
		check_version(conn) && check_route(conn) && check_role(conn) &&
		check_body_headers(config, conn)) {
		if (serve_has_body(conn))
			return true;
		serve_handle(config, conn);
		return false;
	}
	finish(config, conn);
	return false;
}

void
serve_handle(const struct http_config *config, struct http_conn *conn)
{
	if (body_is_ready(config, conn))
		conn->match.route->handler(&conn->request, &conn->reply);
	if (conn->reply.status == 0)
		refuse(conn, 500, ERR_INTERNAL, NULL, "the resource gave no answer");
	finish(config, conn);
}

bool
serve_has_body(const struct http_conn *conn)
{
	const char *length = http_header(&conn->request, "Content-Length");
	return http_header(&conn->request, "Transfer-Encoding") != NULL ||
	       (length != NULL && strspn(length, "0") != strlen(length));
}

const char *
http_query(const struct http_request *request, const char *name)
{
	const struct http_conn *conn = request->conn;
	return url_arg(&conn->url, name);
}

bool
http_query_at(const struct http_request *request, unsigned i, const char **name,
	const char **value)
{
	const struct http_conn *conn = request->conn;
	if (i >= conn->url.n_args)
		return false;
	*name = conn->url.args[i].name;
	*value = conn->url.args[i].value;
	return true;
}

const char *
http_header(const struct http_request *request, const char *name)
{
	const struct http_conn *conn = request->conn;
	return MHD_lookup_connection_value(conn->mhd, MHD_HEADER_KIND, name);
}

static bool
check_target(const struct http_config *config, struct http_conn *conn)
{
	struct err err = {0};
	if (strlen(conn->target) > URL_MAX_LEN) {
		refuse(conn, 414, ERR_TOO_LARGE,
			"shorten the filter or use several requests",
			"the request target is longer than 8192 bytes");
		return false;
	}
	if (url_parse(conn->target, &conn->url, &err) != 0) {
		http_reply_err(&conn->reply, &err);
		return false;
	}
	conn->request.path = conn->url.path;
	conn->api = versions_of(config->apis, &conn->url);
	route_find(config->tables, conn->request.method, &conn->url, &conn->match);
	memcpy(conn->request.params, conn->match.params, sizeof(conn->request.params));
	conn->request.arg = conn->match.arg;
	return true;
}

static bool
check_credential(const struct http_config *config, struct http_conn *conn)
{
	if (config->authenticate == NULL || conn->match.path_public ||
		(conn->match.route != NULL && conn->match.route->auth == HTTP_AUTH_NONE))
		return true;
	struct err err = {0};
	struct auth_credential credential;
	int rc = auth_parse(
		http_header(&conn->request, "Authorization"), &credential, &err);
	if (rc == 0)
		rc = config->authenticate(config->auth_arg, credential.scheme,
			credential.user, credential.secret, conn->user,
			sizeof(conn->user), &conn->request.role, &err);
	explicit_bzero(&credential, sizeof(credential));
	if (rc == 0)
		return true;
	http_reply_err(&conn->reply, &err);
	if (err.code == ERR_UNAUTHENTICATED) {
		http_reply_header(
			&conn->reply, "WWW-Authenticate", "Bearer realm=\"renga\"");
		http_reply_header(
			&conn->reply, "WWW-Authenticate", "Basic realm=\"renga\"");
	}
	return false;
}

static bool
check_version(struct http_conn *conn)
{
	const char *wanted = http_header(&conn->request, "Version");
	if (wanted == NULL || conn->api == NULL ||
		match_version(wanted, conn->api->version))
		return true;
	struct err err;
	err_set(&err, ERR_UNSUPPORTED, NULL, "GET .../api_versions names what is served",
		"version %s is not served here, but %s is", wanted, conn->api->version);
	http_reply_problem(&conn->reply, 406, &err);
	return false;
}

static bool
check_route(struct http_conn *conn)
{
	struct err err;
	if (conn->match.route != NULL)
		return true;
	if (!conn->match.path_known) {
		err_set(&err, ERR_NOT_FOUND, NULL, NULL, "there is no resource %s",
			conn->url.path);
		http_reply_err(&conn->reply, &err);
		return false;
	}
	if (strcmp(conn->request.method, "OPTIONS") == 0) {
		http_reply_empty(&conn->reply, 204);
	} else {
		err_set(&err, ERR_UNSUPPORTED, NULL, NULL, "%s is not a method of %s",
			conn->request.method, conn->url.path);
		http_reply_problem(&conn->reply, 405, &err);
	}
	http_reply_header(&conn->reply, "Allow", "%s", conn->match.allow);
	return false;
}

static bool
check_role(struct http_conn *conn)
{
	static const char *const names[] = {"viewer", "operator", "admin"};
	enum http_role least = conn->match.route->role;
	if (conn->match.route->auth == HTTP_AUTH_NONE || conn->request.role >= least)
		return true;
	struct err err;
	err_set(&err, ERR_FORBIDDEN, NULL,
		"ask an administrator for a token with that role",
		"this needs the role %s, and %s has %s", names[least],
		conn->user[0] != '\0' ? conn->user : "the user",
		names[conn->request.role]);
	http_reply_err(&conn->reply, &err);
	return false;
}

static bool
check_body_headers(const struct http_config *config, struct http_conn *conn)
{
	enum http_body kind = conn->match.route->body;
	if (!serve_has_body(conn) || kind == HTTP_BODY_NONE)
		return true;
	const char *length = http_header(&conn->request, "Content-Length");
	if (length != NULL && strtoull(length, NULL, 10) > config->max_body) {
		conn->body_refused = 413;
		return body_is_ready(config, conn);
	}
	const char *encoding = http_header(&conn->request, "Content-Encoding");
	if ((encoding == NULL || strcasecmp(encoding, "identity") == 0) &&
		body_accepts(kind, conn->request.content_type))
		return true;
	refuse(conn, 415, ERR_UNSUPPORTED,
		kind == HTTP_BODY_JSON ? "send application/json"
				       : "send application/json or application/yaml",
		"the media type of the body is not taken here");
	return false;
}

/* Parses it; false: the reply says why not. */
static bool
body_is_ready(const struct http_config *config, struct http_conn *conn)
{
	struct err err = {0};
	struct http_request *request = &conn->request;
	if (conn->body_refused != 0) {
		if (conn->body_refused == 413)
			err_set(&err, ERR_TOO_LARGE, NULL, NULL,
				"the body is larger than %zu bytes", config->max_body);
		else
			err_set(&err, ERR_UNAVAILABLE, NULL, "repeat the request later",
				"there is no room for this body now");
		http_reply_err(&conn->reply, &err);
		return false;
	}
	request->body = conn->body;
	request->body_len = conn->body_len;
	if (body_parse(conn->match.route->body, request->content_type, conn->body,
		    conn->body_len, config->max_depth, &conn->doc, &err) != 0) {
		http_reply_err(&conn->reply, &err);
		return false;
	}
	request->json = conn->doc != NULL ? doc_root(conn->doc) : NULL;
	return true;
}

/* What is added to every reply. */
static void
finish(const struct http_config *config, struct http_conn *conn)
{
	struct http_reply *reply = &conn->reply;
	check_conditions(conn);
	if (conn->api != NULL)
		http_reply_header(reply, "Version", "%s", conn->api->version);
	if (reply->etag != NULL && reply->status < 400)
		http_reply_header(reply, "ETag", "\"%s\"", reply->etag);
	if (reply->status == 503)
		http_reply_header(reply, "Retry-After", "1");
	double seconds = (double)(loop_now_ns() - conn->start_ns) / 1e9;
	const char *route = conn->match.route != NULL ? conn->match.route->pattern : "";
	log_debug("request", "method=%s path=\"%s\" status=%u user=%s ms=%.3f",
		conn->request.method, conn->request.path, reply->status, conn->user,
		seconds * 1e3);
	if (config->observe != NULL)
		config->observe(config->observe_arg, &conn->request, route, reply->status,
			seconds);
}

/* 304 and 406 for what was read. */
static void
check_conditions(struct http_conn *conn)
{
	struct http_reply *reply = &conn->reply;
	if (!is_read(conn) || reply->status != 200)
		return;
	const char *none = http_header(&conn->request, "If-None-Match");
	if (none != NULL && reply->etag != NULL && match_etag(none, reply->etag, true)) {
		http_reply_empty(reply, 304);
		return;
	}
	if (reply->content_type == NULL ||
		match_accept(http_header(&conn->request, "Accept"), reply->content_type))
		return;
	struct err err;
	err_set(&err, ERR_UNSUPPORTED, NULL, NULL,
		"this resource is %s, which Accept rules out", reply->content_type);
	http_reply_problem(reply, 406, &err);
}

static bool
is_read(const struct http_conn *conn)
{
	return strcmp(conn->request.method, "GET") == 0 ||
	       strcmp(conn->request.method, "HEAD") == 0;
}

static void
refuse(struct http_conn *conn, unsigned status, enum err_code code, const char *hint,
	const char *text)
{
	struct err err;
	err_set(&err, code, NULL, hint, "%s", text);
	http_reply_problem(&conn->reply, status, &err);
}
