/* The client against a server that says what it is told to. */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>
#include "api/client/client.h"

/* ---- one connection, one request, one answer ---- */

struct stand_in {
	int listener;
	char address[96];
	const char *answer; /* null: never answers */
	char request[8192]; /* what it was asked */
	pthread_t thread;
};

static bool
is_complete(const char *request)
{
	const char *end = strstr(request, "\r\n\r\n");
	const char *length = strstr(request, "Content-Length: ");
	if (end == NULL)
		return false;
	return length == NULL || strlen(end + 4) >= strtoul(length + 16, NULL, 10);
}

static void *
serve(void *arg)
{
	struct stand_in *server = arg;
	int fd = accept(server->listener, NULL, NULL);
	size_t len = 0;
	while (!is_complete(server->request)) {
		ssize_t n = recv(
			fd, server->request + len, sizeof(server->request) - 1 - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	if (server->answer != NULL)
		send(fd, server->answer, strlen(server->answer), MSG_NOSIGNAL);
	else
		recv(fd, server->request + len, 1, 0); /* until the client gives up */
	close(fd);
	return NULL;
}

static void
start(struct stand_in *server, const char *answer)
{
	struct sockaddr_in name = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(name);
	memset(server, 0, sizeof(*server));
	server->answer = answer;
	server->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&name, len), 0);
	assert_int_equal(listen(server->listener, 4), 0);
	getsockname(server->listener, (struct sockaddr *)&name, &len);
	snprintf(server->address, sizeof(server->address), "http://127.0.0.1:%d",
		ntohs(name.sin_port));
	pthread_create(&server->thread, NULL, serve, server);
}

static void
start_unix(struct stand_in *server, const char *path, const char *answer)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	memset(server, 0, sizeof(*server));
	strcpy(name.sun_path, path);
	server->answer = answer;
	server->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
		bind(server->listener, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(listen(server->listener, 4), 0);
	snprintf(server->address, sizeof(server->address), "unix:%s", path);
	pthread_create(&server->thread, NULL, serve, server);
}

static void
stop(struct stand_in *server)
{
	pthread_join(server->thread, NULL);
	close(server->listener);
}

static struct client *
open_client(const struct stand_in *server, const char *token, const char *user)
{
	struct client_config config = {.server = server->address,
		.token = token,
		.user = user,
		.password = "secret",
		.timeout_ms = 500};
	struct client *client;
	assert_int_equal(client_open(&config, &client, NULL), 0);
	return client;
}

/* ---- the rules ---- */

static void
test_client_sends_json_and_gives_the_answer_with_its_headers(void **state)
{
	(void)state;
	struct stand_in server;
	start(&server, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
		       "Location: /things/1\r\nETag: \"e\"\r\nLink: <x>; rel=\"next\"\r\n"
		       "Content-Length: 10\r\n\r\n{\"id\":\"1\"}");
	struct client *client = open_client(&server, "sesame", NULL);
	struct client_answer answer;
	json_t *body = json_pack("{s:i}", "a", 1);
	assert_int_equal(client_json(client, "POST", "/things", body, &answer, NULL), 0);
	stop(&server);
	assert_int_equal(answer.status, 201);
	assert_string_equal(answer.location, "/things/1");
	assert_string_equal(answer.etag, "\"e\"");
	assert_string_equal(answer.link, "<x>; rel=\"next\"");
	assert_string_equal(json_string_value(json_object_get(answer.json, "id")), "1");
	assert_non_null(strstr(server.request, "POST /things HTTP/1.1\r\n"));
	assert_non_null(strstr(server.request, "Authorization: Bearer sesame\r\n"));
	assert_non_null(strstr(server.request, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(server.request, "\r\n\r\n{\"a\":1}"));
	client_answer_clear(&answer);
	json_decref(body);
	client_close(client);
}

static void
test_client_problem_becomes_the_servers_own_error(void **state)
{
	(void)state;
	static const char body[] =
		"{\"status\":422,\"detail\":\"no\",\"errorCode\":\"invalid\","
		"\"path\":\"a.b\",\"hint\":\"do\"}";
	char text[512];
	snprintf(text, sizeof(text),
		"HTTP/1.1 422 X\r\nContent-Type: application/problem+json\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		strlen(body), body);
	struct stand_in server;
	start(&server, text);
	struct client *client = open_client(&server, NULL, NULL);
	struct client_answer answer;
	struct err err;
	assert_true(client_json(client, "GET", "/x", NULL, &answer, &err) < 0);
	stop(&server);
	assert_int_equal(answer.status, 422);
	assert_non_null(answer.json);
	assert_int_equal(err.code, ERR_INVALID);
	assert_string_equal(err.text, "no");
	assert_string_equal(err.path, "a.b");
	assert_string_equal(err.hint, "do");
	client_answer_clear(&answer);
	client_close(client);
}

static void
test_client_status_without_a_problem_is_an_error_too(void **state)
{
	(void)state;
	static const struct {
		const char *answer;
		enum err_code code;
	} cases[] = {
		{"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n", ERR_NOT_FOUND},
		{"HTTP/1.1 409 X\r\nContent-Length: 0\r\n\r\n", ERR_STATE},
		{"HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n", ERR_UNAUTHENTICATED},
		{"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n", ERR_UNAVAILABLE},
		{"HTTP/1.1 418 X\r\nContent-Length: 0\r\n\r\n", ERR_INTERNAL},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stand_in server;
		struct err err;
		start(&server, cases[i].answer);
		struct client *client = open_client(&server, NULL, NULL);
		assert_true(client_json(client, "DELETE", "/x", NULL, NULL, &err) < 0);
		stop(&server);
		assert_int_equal(err.code, cases[i].code);
		assert_true(err.text[0] != '\0');
		client_close(client);
	}
}

static void
test_client_speaks_over_a_unix_socket_and_with_basic(void **state)
{
	(void)state;
	char path[64];
	snprintf(path, sizeof(path), "/tmp/renga-client-%d.sock", getpid());
	struct stand_in server;
	start_unix(&server, path, "HTTP/1.1 204 No Content\r\n\r\n");
	struct client *client = open_client(&server, NULL, "alice");
	assert_int_equal(client_json(client, "PUT", "/x", NULL, NULL, NULL), 0);
	stop(&server);
	assert_non_null(
		strstr(server.request, "Authorization: Basic YWxpY2U6c2VjcmV0\r\n"));
	unlink(path);
	client_close(client);
}

static void
test_client_tells_unreachable_from_slow(void **state)
{
	(void)state;
	struct stand_in server;
	struct err err;
	start(&server, NULL);
	struct client *client = open_client(&server, NULL, NULL);
	assert_true(client_json(client, "GET", "/x", NULL, NULL, &err) < 0);
	assert_int_equal(err.code, ERR_TIMEOUT);
	client_close(client);
	stop(&server);
	client = open_client(&server, NULL, NULL);
	assert_true(client_json(client, "GET", "/x", NULL, NULL, &err) < 0);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	client_close(client);
}

static bool
take_piece(const char *data, size_t len, void *arg)
{
	strncat(arg, data, len);
	return strstr(arg, "two") == NULL;
}

static void
test_client_streams_until_told_to_end(void **state)
{
	(void)state;
	char got[256] = "";
	struct stand_in server;
	start(&server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
		       "data: one\n\ndata: two\n\n");
	struct client *client = open_client(&server, NULL, NULL);
	assert_int_equal(client_stream(client, "/events", "7", take_piece, got, NULL), 0);
	stop(&server);
	assert_non_null(strstr(server.request, "Accept: text/event-stream\r\n"));
	assert_non_null(strstr(server.request, "Last-Event-ID: 7\r\n"));
	assert_string_equal(got, "data: one\n\ndata: two\n\n");
	client_close(client);
}

static void
test_client_refuses_what_is_no_address(void **state)
{
	(void)state;
	struct client_config config = {.server = "ftp://x"};
	struct client *client;
	struct err err;
	assert_true(client_open(&config, &client, &err) < 0);
	assert_int_equal(err.code, ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_client_sends_json_and_gives_the_answer_with_its_headers),
		cmocka_unit_test(test_client_problem_becomes_the_servers_own_error),
		cmocka_unit_test(test_client_status_without_a_problem_is_an_error_too),
		cmocka_unit_test(test_client_speaks_over_a_unix_socket_and_with_basic),
		cmocka_unit_test(test_client_tells_unreachable_from_slow),
		cmocka_unit_test(test_client_streams_until_told_to_end),
		cmocka_unit_test(test_client_refuses_what_is_no_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
