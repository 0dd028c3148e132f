/* The server as its clients see it: each test speaks HTTP over a socket of its own. */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "api/http/http.h"
#include "api/http/query.h"

static struct http_server *server;
static int port;
static pthread_mutex_t gate =
	PTHREAD_MUTEX_INITIALIZER; /* held: blocking handlers wait */

/* ---- a small resource ---- */

static void
get_things(const struct http_request *request, struct http_reply *reply)
{
	static const struct query_rules rules = {.page = 2};
	query_reply(request, reply, &rules,
		json_pack("[{s:s}, {s:s}, {s:s}]", "id", "a", "id", "b", "id", "c"));
}

static void
post_thing(const struct http_request *request, struct http_reply *reply)
{
	http_reply_header(reply, "Location", "/test/v1/things/%s", "x");
	http_reply_json(reply, 201,
		request->json != NULL ? json_deep_copy(request->json) : json_null());
}

static void
get_thing(const struct http_request *request, struct http_reply *reply)
{
	if (http_reply_etag(request, reply, "v1"))
		http_reply_json(reply, 200, json_pack("{s:s}", "id", request->params[0]));
}

static void
delete_thing(const struct http_request *request, struct http_reply *reply)
{
	(void)request;
	http_reply_empty(reply, 204);
}

static void
get_file(const struct http_request *request, struct http_reply *reply)
{
	http_reply_ranges(request, reply, "application/octet-stream", "0123456789", 10);
}

static void
get_user(const struct http_request *request, struct http_reply *reply)
{
	http_reply_json(reply, 200, json_pack("{s:s}", "user", request->user));
}

static void
get_nothing(const struct http_request *request, struct http_reply *reply)
{
	(void)request;
	(void)reply;
}

static void
get_blocked(const struct http_request *request, struct http_reply *reply)
{
	(void)request;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	http_reply_empty(reply, 204);
}

static bool
next_piece(void *arg, char **piece, size_t *len)
{
	int *n = arg;
	if (++*n > 3)
		return false;
	*len = (size_t)asprintf(piece, "data: %d\n\n", *n);
	return true;
}

static void
get_stream(const struct http_request *request, struct http_reply *reply)
{
	(void)request;
	http_reply_stream(reply, 200, "text/event-stream", next_piece, free,
		calloc(1, sizeof(int)));
}

/* Says hello, and then something whenever there is news. */
static atomic_int news, readers;

static bool
next_news(void *arg, char **piece, size_t *len)
{
	int *seen = arg;
	const int now = atomic_load(&news);
	if (*seen == now)
		return true;
	*len = (size_t)asprintf(piece, "data: %d\n\n", now);
	*seen = now;
	return true;
}

static void
end_news(void *arg)
{
	atomic_fetch_sub(&readers, 1);
	free(arg);
}

static void
get_news(const struct http_request *request, struct http_reply *reply)
{
	(void)request;
	int *seen = malloc(sizeof(*seen));
	*seen = -1;
	atomic_fetch_add(&readers, 1);
	http_reply_stream(reply, 200, "text/event-stream", next_news, end_news, seen);
}

static const struct http_route routes[] = {
	{"GET", "/test/v1/things", get_things, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "things"},
	{"POST", "/test/v1/things", post_thing, HTTP_BODY_JSON, HTTP_AUTH_TOKEN,
		HTTP_ROLE_OPERATOR, "make one"},
	{"GET", "/test/v1/things/{id}", get_thing, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "one"},
	{"PATCH", "/test/v1/things/{id}", get_thing, HTTP_BODY_JSON, HTTP_AUTH_TOKEN,
		HTTP_ROLE_OPERATOR, "change one"},
	{"DELETE", "/test/v1/things/{id}", delete_thing, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_ADMIN, "end one"},
	{"PUT", "/test/v1/documents", post_thing, HTTP_BODY_DOC, HTTP_AUTH_TOKEN,
		HTTP_ROLE_OPERATOR, "YAML or JSON"},
	{"GET", "/test/v1/file", get_file, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "bytes"},
	{"GET", "/test/v1/user", get_user, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "who am I"},
	{"GET", "/test/v1/nothing", get_nothing, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "a handler that forgets to answer"},
	{"GET", "/test/v1/blocked", get_blocked, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "waits"},
	{"GET", "/test/v1/stream", get_stream, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "events"},
	{"GET", "/test/v1/news", get_news, HTTP_BODY_NONE, HTTP_AUTH_TOKEN,
		HTTP_ROLE_VIEWER, "events that are waited for"},
	{"GET", "/healthz", delete_thing, HTTP_BODY_NONE, HTTP_AUTH_NONE,
		HTTP_ROLE_VIEWER, "health"},
	{0},
};
static const struct http_table tables[] = {{.routes = routes}, {0}};
static const struct http_api_version apis[] = {{"test", "1.3.0"}, {0}};

static int
authenticate(void *arg, const char *scheme, const char *user_in, const char *secret,
	char *user, size_t user_size, enum http_role *role, struct err *err)
{
	(void)arg;
	bool basic = strcmp(scheme, "basic") == 0 && strcmp(user_in, "alice") == 0;
	*role = strcmp(secret, "look") == 0 ? HTTP_ROLE_VIEWER : HTTP_ROLE_ADMIN;
	snprintf(user, user_size, "%s", basic ? user_in : "token");
	if (strcmp(secret, "look") == 0 || strcmp(secret, "sesame") == 0)
		return 0;
	return err_set(err, ERR_UNAUTHENTICATED, NULL, NULL, "no such credential");
}

static int
open_server(void **state)
{
	(void)state;
	static const struct http_config config = {.listen = "127.0.0.1:0",
		.tables = tables,
		.apis = apis,
		.authenticate = authenticate,
		.max_body = 4096,
		.max_depth = 8,
		.timeout_s = 1,
		.connections = 20,
		.threads = 1};
	struct err err = {0};
	if (http_server_open(&config, &server, &err) != 0) {
		print_message("%s\n", err.text);
		return -1;
	}
	port = atoi(strrchr(http_server_address(server), ':') + 1);
	return 0;
}

static int
close_server(void **state)
{
	(void)state;
	http_server_close(server);
	return 0;
}

/* ---- a client that sends what it is told ---- */

static int
dial(void)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	return fd;
}

static void
put_text(int fd, const char *text)
{
	size_t len = strlen(text);
	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* All that comes until the server closes, or within ms. Static storage. */
static const char *
hear(int fd, int ms)
{
	static char answer[16384];
	size_t len = 0;
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	while (len < sizeof(answer) - 1 && poll(&wait, 1, ms) > 0) {
		ssize_t n = recv(fd, answer + len, sizeof(answer) - 1 - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	answer[len] = '\0';
	return answer;
}

/* Fails unless the text comes within some seconds. */
static void
hear_until(int fd, const char *text)
{
	char got[4096] = "";
	size_t len = 0;
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	while (strstr(got, text) == NULL) {
		assert_int_equal(poll(&wait, 1, 20000), 1);
		ssize_t n = recv(fd, got + len, sizeof(got) - 1 - len, 0);
		assert_true(n > 0);
		len += (size_t)n;
		got[len] = '\0';
	}
}

/* One request with a credential; head: further header lines. */
static const char *
ask_with(const char *credential, const char *method, const char *target, const char *head,
	const char *body)
{
	static char request[40000];
	snprintf(request, sizeof(request),
		"%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s%s%s%s"
		"Content-Length: %zu\r\n\r\n%s",
		method, target, credential != NULL ? "Authorization: " : "",
		credential != NULL ? credential : "", credential != NULL ? "\r\n" : "",
		head, strlen(body), body);
	int fd = dial();
	put_text(fd, request);
	const char *answer = hear(fd, 5000);
	close(fd);
	return answer;
}

static const char *
ask(const char *method, const char *target, const char *head, const char *body)
{
	return ask_with("Bearer sesame", method, target, head, body);
}

static void
expect(const char *answer, int status, const char *needle)
{
	if (strncmp(answer, "HTTP/1.1 ", 9) != 0 || atoi(answer + 9) != status ||
		(needle != NULL && strstr(answer, needle) == NULL))
		fail_msg("expected %d and \"%s\" in:\n%s", status,
			needle != NULL ? needle : "", answer);
}

static void
expect_problem(const char *answer, int status)
{
	char member[32];
	snprintf(member, sizeof(member), "\"status\":%d", status);
	expect(answer, status, member);
	expect(answer, status, "Content-Type: application/problem+json");
	expect(answer, status, "\"detail\":\"");
}

/* ---- the rules ---- */

static void
test_server_answers_json(void **state)
{
	(void)state;
	expect(ask("GET", "/test/v1/things/7", "", ""), 200, "{\"id\":\"7\"}");
	expect(ask("GET", "//test//v1/things/7", "", ""), 200, "{\"id\":\"7\"}");
}

static void
test_server_hands_on_a_parsed_body(void **state)
{
	(void)state;
	const char *type = "Content-Type: application/json\r\n";
	expect(ask("POST", "/test/v1/things", type, "{\"a\": [1]}"), 201, "{\"a\":[1]}");
	expect(ask("POST", "/test/v1/things", type, ""), 201, "null");
	expect(ask("POST", "/test/v1/things", type, "{}"), 201,
		"Location: /test/v1/things/x");
	expect(ask("PUT", "/test/v1/documents", "Content-Type: text/yaml\r\n",
		       "a:\n- 1\n"),
		201, "{\"a\":[1]}");
}

static void
test_server_takes_a_chunked_body(void **state)
{
	(void)state;
	int fd = dial();
	put_text(fd, "POST /test/v1/things HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
		     "Authorization: Bearer sesame\r\nTransfer-Encoding: chunked\r\n\r\n"
		     "3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n");
	expect(hear(fd, 3000), 201, "[1,2]");
	close(fd);
}

static void
test_server_keeps_a_connection(void **state)
{
	(void)state;
	int fd = dial();
	for (int i = 0; i < 3; i++) {
		put_text(fd, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
		expect(hear(fd, 300), 204, NULL);
	}
	close(fd);
}

static void
test_server_unknown_path_is_404(void **state)
{
	(void)state;
	expect_problem(ask("GET", "/test/v1/nowhere", "", ""), 404);
	expect_problem(ask("GET", "/", "", ""), 404);
}

static void
test_server_wrong_method_is_405_with_allow_on_every_path(void **state)
{
	(void)state;
	for (const struct http_route *r = routes; r->method != NULL; r++) {
		const char *answer = ask("TRACE", r->pattern, "", "");
		expect_problem(answer, 405);
		expect(answer, 405, "\r\nAllow: ");
	}
	expect(ask("PUT", "/test/v1/things", "", ""), 405,
		"Allow: GET, HEAD, POST, OPTIONS");
	expect_problem(ask("POST", "/test/api_versions", "", ""), 405);
}

static void
test_server_answers_head_and_options(void **state)
{
	(void)state;
	const char *answer = ask("HEAD", "/test/v1/things/7", "", "");
	expect(answer, 200, "Content-Length: 10");
	assert_null(strstr(answer, "{\"id\""));
	expect(ask("OPTIONS", "/test/v1/things", "", ""), 204,
		"Allow: GET, HEAD, POST, OPTIONS");
}

static void
test_server_api_versions_need_no_credential(void **state)
{
	(void)state;
	static const char *const paths[] = {"/test/api_versions", "/test/v1/api_versions",
		"/test/api-versions", NULL};
	for (const char *const *path = paths; *path != NULL; path++)
		expect(ask_with(NULL, "GET", *path, "", ""), 200,
			"\"version\":\"1.3.0\"");
}

static void
test_server_version_header(void **state)
{
	(void)state;
	expect(ask("GET", "/test/v1/things/7", "Version: 1.3.0\r\n", ""), 200,
		"Version: 1.3.0");
	expect(ask("GET", "/test/v1/things/7", "", ""), 200, "Version: 1.3.0");
	expect(ask("GET", "/test/v1/nowhere", "", ""), 404, "Version: 1.3.0");
	expect_problem(ask("GET", "/test/v1/things/7", "Version: 9.0.0\r\n", ""), 406);
}

static void
test_server_missing_credential_is_401_and_says_how(void **state)
{
	(void)state;
	const char *answer = ask_with(NULL, "GET", "/test/v1/things/7", "", "");
	expect_problem(answer, 401);
	expect(answer, 401, "WWW-Authenticate: Bearer");
	expect(answer, 401, "WWW-Authenticate: Basic");
	expect_problem(ask_with("Bearer wrong", "GET", "/test/v1/things", "", ""), 401);
	expect_problem(ask_with(NULL, "GET", "/test/v1/nowhere", "", ""), 401);
	expect(ask_with(NULL, "GET", "/healthz", "", ""), 204, NULL);
}

static void
test_server_malformed_credential_is_400(void **state)
{
	(void)state;
	expect_problem(ask_with("Bear xyz", "GET", "/test/v1/things/7", "", ""), 400);
	expect_problem(ask_with("Basic ???", "GET", "/test/v1/things/7", "", ""), 400);
}

static void
test_server_basic_credential_names_the_user(void **state)
{
	(void)state;
	expect(ask_with("Basic YWxpY2U6c2VzYW1l", "GET", "/test/v1/user", "", ""), 200,
		"alice");
}

static void
test_server_role_too_low_is_403(void **state)
{
	(void)state;
	expect(ask_with("Bearer look", "GET", "/test/v1/things/7", "", ""), 200, NULL);
	expect_problem(
		ask_with("Bearer look", "DELETE", "/test/v1/things/7", "", ""), 403);
}

static void
test_server_body_too_large_is_413(void **state)
{
	(void)state;
	static char body[8192];
	memset(body, ' ', sizeof(body) - 1);
	expect_problem(ask("POST", "/test/v1/things", "", body), 413);
}

static void
test_server_chunked_body_too_large_is_413(void **state)
{
	(void)state;
	char piece[2100] = "800\r\n";
	memset(piece + 5, ' ', 2048);
	strcpy(piece + 5 + 2048, "\r\n");
	int fd = dial();
	put_text(fd,
		"POST /test/v1/things HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
		"Authorization: Bearer sesame\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 4; i++)
		put_text(fd, piece);
	put_text(fd, "0\r\n\r\n");
	expect_problem(hear(fd, 3000), 413);
	close(fd);
}

static void
test_server_long_target_is_414(void **state)
{
	(void)state;
	static char target[20000];
	memset(target, 'a', sizeof(target) - 1);
	target[0] = '/';
	expect_problem(ask("GET", target, "", ""), 414);
}

static void
test_server_other_media_type_is_415(void **state)
{
	(void)state;
	expect_problem(ask("POST", "/test/v1/things", "Content-Type: application/xml\r\n",
			       "<a/>"),
		415);
	expect_problem(
		ask("POST", "/test/v1/things",
			"Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
			"x"),
		415);
}

static void
test_server_bad_body_is_400(void **state)
{
	(void)state;
	expect_problem(ask("POST", "/test/v1/things", "", "{\"a\": }"), 400);
	expect_problem(ask("POST", "/test/v1/things", "", "{\"a\": 1, \"a\": 2}"), 400);
	expect_problem(ask("POST", "/test/v1/things", "", "[[[[[[[[[]]]]]]]]]"), 413);
	expect_problem(ask("GET", "/test/v1/things?a=%zz", "", ""), 400);
}

static void
test_server_etag_and_conditions(void **state)
{
	(void)state;
	const char *path = "/test/v1/things/7";
	expect(ask("GET", path, "", ""), 200, "ETag: \"v1\"");
	expect(ask("GET", path, "If-None-Match: \"v1\"\r\n", ""), 304, "ETag: \"v1\"");
	expect(ask("GET", path, "If-None-Match: \"v0\"\r\n", ""), 200, NULL);
	expect(ask("PATCH", path, "If-Match: \"v1\"\r\n", "{}"), 200, NULL);
	expect_problem(ask("PATCH", path, "If-Match: \"v0\"\r\n", "{}"), 412);
}

static void
test_server_accept_that_rules_all_out_is_406(void **state)
{
	(void)state;
	expect_problem(
		ask("GET", "/test/v1/things/7", "Accept: text/plain\r\n", ""), 406);
	expect(ask("GET", "/test/v1/things/7", "Accept: text/html, */*\r\n", ""), 200,
		NULL);
}

static void
test_server_byte_ranges(void **state)
{
	(void)state;
	expect(ask("GET", "/test/v1/file", "", ""), 200, "Accept-Ranges: bytes");
	expect(ask("GET", "/test/v1/file", "Range: bytes=2-4\r\n", ""), 206,
		"\r\n\r\n234");
	expect(ask("GET", "/test/v1/file", "Range: bytes=2-4\r\n", ""), 206,
		"Content-Range: bytes 2-4/10");
	expect_problem(ask("GET", "/test/v1/file", "Range: bytes=10-\r\n", ""), 416);
}

static void
test_server_pages_a_collection(void **state)
{
	(void)state;
	expect(ask("GET", "/test/v1/things", "", ""), 200,
		"Link: </test/v1/things?nextpage_opaque_marker=2.b>; rel=\"next\"");
	expect_problem(
		ask("GET", "/test/v1/things?nextpage_opaque_marker=x", "", ""), 400);
	expect_problem(ask("GET", "/test/v1/things?filter=(eq,nothere,1)", "", ""), 400);
}

static void
test_server_handler_without_an_answer_is_500(void **state)
{
	(void)state;
	expect_problem(ask("GET", "/test/v1/nothing", "", ""), 500);
}

static void
test_server_streams_pieces(void **state)
{
	(void)state;
	const char *answer = ask("GET", "/test/v1/stream", "", "");
	expect(answer, 200, "text/event-stream");
	expect(answer, 200, "data: 3\n\n");
}

static void
test_server_waiting_streams_take_no_thread(void **state)
{
	(void)state;
	int streams[18]; /* more than there may be threads */
	atomic_store(&news, 0);
	for (int i = 0; i < 18; i++) {
		streams[i] = dial();
		put_text(streams[i], "GET /test/v1/news HTTP/1.1\r\nHost: h\r\n"
				     "Authorization: Bearer sesame\r\n\r\n");
		hear_until(streams[i], "data: 0\n\n");
	}
	expect(ask("GET", "/test/v1/things/7", "", ""), 200, NULL);
	atomic_store(&news, 1);
	http_server_wake(server);
	for (int i = 0; i < 18; i++)
		hear_until(streams[i], "data: 1\n\n");
	for (int i = 0; i < 17; i++)
		close(streams[i]); /* the last one waits when the server ends */
	for (int i = 0; i < 100 && atomic_load(&readers) > 1; i++) {
		const struct timespec pause = {.tv_nsec = 100000000};
		nanosleep(&pause, NULL);
	}
	assert_int_equal(atomic_load(&readers), 1);
}

static void
test_server_blocked_handlers_stop_nobody(void **state)
{
	(void)state;
	int blocked[8];
	pthread_mutex_lock(&gate);
	for (int i = 0; i < 8; i++) {
		blocked[i] = dial();
		put_text(blocked[i], "GET /test/v1/blocked HTTP/1.1\r\nHost: h\r\n"
				     "Authorization: Bearer sesame\r\n\r\n");
	}
	expect(ask("GET", "/test/v1/things/7", "", ""), 200, NULL);
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < 8; i++) {
		expect(hear(blocked[i], 300), 204, NULL);
		close(blocked[i]);
	}
}

static void
test_server_idle_connections_make_room_for_new_ones(void **state)
{
	(void)state;
	int idle[30];
	for (int i = 0; i < 30; i++)
		idle[i] = dial();
	expect(ask("GET", "/healthz", "", ""), 204, NULL);
	for (int i = 0; i < 30; i++)
		close(idle[i]);
}

static void
test_server_ends_a_request_that_drips(void **state)
{
	(void)state;
	int fd = dial();
	put_text(fd, "GET /healthz HTTP/1.1\r\nHost: h\r\nX: ");
	bool ended = false;
	for (int i = 0; i < 40 && !ended; i++) {
		const struct timespec pause = {.tv_nsec = 100000000};
		nanosleep(&pause, NULL);
		ended = send(fd, "x", 1, MSG_NOSIGNAL) < 0;
	}
	assert_true(ended);
	close(fd);
}

static void
test_server_ends_a_body_that_drips(void **state)
{
	(void)state;
	int fd = dial();
	put_text(fd, "POST /test/v1/things HTTP/1.1\r\nHost: h\r\n"
		     "Authorization: Bearer sesame\r\nContent-Length: 4000\r\n\r\n");
	bool ended = false;
	for (int i = 0; i < 50 && !ended; i++) {
		const struct timespec pause = {.tv_nsec = 100000000};
		nanosleep(&pause, NULL);
		ended = send(fd, " ", 1, MSG_NOSIGNAL) < 0;
	}
	assert_true(ended);
	close(fd);
}

static void
test_server_second_on_an_address_is_refused(void **state)
{
	(void)state;
	struct http_config config = {
		.listen = http_server_address(server), .tables = tables, .threads = 1};
	struct http_server *second;
	struct err err = {0};
	assert_true(http_server_open(&config, &second, &err) < 0);
	assert_int_equal(err.code, ERR_EXISTS);
}

static void
test_server_replaces_a_dead_unix_socket_and_respects_a_living_one(void **state)
{
	(void)state;
	char path[64];
	snprintf(path, sizeof(path), "/tmp/renga-http-%d.sock", getpid());
	struct http_config config = {.unix_path = path, .tables = tables, .threads = 1};
	struct http_server *first, *second;
	struct err err = {0};
	fclose(fopen(path, "w"));
	assert_int_equal(http_server_open(&config, &first, &err), 0);
	assert_true(http_server_open(&config, &second, &err) < 0);
	assert_int_equal(err.code, ERR_EXISTS);
	http_server_close(first);
	assert_int_equal(access(path, F_OK), -1);
}

static void
test_openapi_has_every_route(void **state)
{
	(void)state;
	const struct http_config config = {.tables = tables};
	json_t *doc = http_openapi(&config, "Test");
	json_t *paths = json_object_get(doc, "paths");
	for (const struct http_route *r = routes; r->method != NULL; r++)
		assert_non_null(json_object_get(paths, r->pattern));
	assert_non_null(
		json_object_get(json_object_get(paths, "/test/v1/things"), "post"));
	json_decref(doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_server_answers_json),
		cmocka_unit_test(test_server_hands_on_a_parsed_body),
		cmocka_unit_test(test_server_takes_a_chunked_body),
		cmocka_unit_test(test_server_keeps_a_connection),
		cmocka_unit_test(test_server_unknown_path_is_404),
		cmocka_unit_test(
			test_server_wrong_method_is_405_with_allow_on_every_path),
		cmocka_unit_test(test_server_answers_head_and_options),
		cmocka_unit_test(test_server_api_versions_need_no_credential),
		cmocka_unit_test(test_server_version_header),
		cmocka_unit_test(test_server_missing_credential_is_401_and_says_how),
		cmocka_unit_test(test_server_malformed_credential_is_400),
		cmocka_unit_test(test_server_basic_credential_names_the_user),
		cmocka_unit_test(test_server_role_too_low_is_403),
		cmocka_unit_test(test_server_body_too_large_is_413),
		cmocka_unit_test(test_server_chunked_body_too_large_is_413),
		cmocka_unit_test(test_server_long_target_is_414),
		cmocka_unit_test(test_server_other_media_type_is_415),
		cmocka_unit_test(test_server_bad_body_is_400),
		cmocka_unit_test(test_server_etag_and_conditions),
		cmocka_unit_test(test_server_accept_that_rules_all_out_is_406),
		cmocka_unit_test(test_server_byte_ranges),
		cmocka_unit_test(test_server_pages_a_collection),
		cmocka_unit_test(test_server_handler_without_an_answer_is_500),
		cmocka_unit_test(test_server_streams_pieces),
		cmocka_unit_test(test_server_waiting_streams_take_no_thread),
		cmocka_unit_test(test_server_blocked_handlers_stop_nobody),
		cmocka_unit_test(test_server_idle_connections_make_room_for_new_ones),
		cmocka_unit_test(test_server_ends_a_request_that_drips),
		cmocka_unit_test(test_server_ends_a_body_that_drips),
		cmocka_unit_test(test_server_second_on_an_address_is_refused),
		cmocka_unit_test(
			test_server_replaces_a_dead_unix_socket_and_respects_a_living_one),
		cmocka_unit_test(test_openapi_has_every_route),
	};
	return cmocka_run_group_tests(tests, open_server, close_server);
}
