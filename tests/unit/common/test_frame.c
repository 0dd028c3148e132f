/* test_frame.c: rules of framed JSON between processes: a server on a loop, clients in
 * other threads. */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/frame.h"

static char path[64];
static struct loop *loop;
static struct frame_server *server;
static pthread_t thread;

/* echo: gives the request back; fail: an error with faults; silent: nothing to say. */
static struct frame_later *later;

static void
answer_later(void *arg)
{
	const struct err fine = {0};
	(void)arg;
	frame_answer(later, json_pack("{s:s}", "said", "later"), &fine);
}

static json_t *
handle(const json_t *request, void *arg, struct err *err)
{
	const char *op = json_string_value(json_object_get(request, "op"));
	(void)arg;
	if (strcmp(op, "echo") == 0)
		return json_deep_copy(request);
	if (strcmp(op, "later") == 0) {
		later = frame_later(server);
		loop_add_timer(loop, 50, 0, answer_later, NULL);
		return NULL;
	}
	if (strcmp(op, "silent") == 0)
		return NULL;
	struct faults faults = {0};
	faults_add(&faults, ERR_INVALID, "a.b", NULL, "bad");
	err_set(err, ERR_INVALID, "a.b", "mend it", "it is bad");
	json_t *members = json_pack("{s:o}", "faults", faults_to_json(&faults));
	faults_clear(&faults);
	return members;
}

static void *
run_loop(void *arg)
{
	(void)arg;
	loop_run(loop);
	return NULL;
}

static int
start(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/renga-frame-%d.sock", getpid());
	if (loop_create(&loop, NULL) ||
		frame_server_open(loop, path, handle, NULL, &server, NULL))
		return -1;
	return pthread_create(&thread, NULL, run_loop, NULL);
}

static int
stop(void **state)
{
	(void)state;
	loop_stop(loop);
	pthread_join(thread, NULL);
	frame_server_close(server);
	loop_destroy(loop);
	return access(path, F_OK) == 0;
}

static void
test_frame_request_gets_its_reply(void **state)
{
	(void)state;
	struct err err;
	json_t *request = json_pack("{s:s, s:i}", "op", "echo", "n", 5), *reply;
	const int fd = frame_connect(path, &err);
	assert_true(fd >= 0);
	for (int i = 0; i < 3; i++) { /* the connection is kept */
		assert_int_equal(frame_call(fd, request, 5000, &reply, &err), 0);
		assert_true(json_equal(request, reply));
		json_decref(reply);
	}
	close(fd);
	json_decref(request);
}

static void
test_frame_reply_may_have_no_members(void **state)
{
	(void)state;
	json_t *request = json_pack("{s:s}", "op", "silent"), *reply;
	assert_int_equal(frame_ask(path, request, 5000, &reply, NULL), 0);
	assert_int_equal(json_object_size(reply), 0);
	json_decref(reply);
	assert_int_equal(frame_ask(path, request, 5000, NULL, NULL), 0);
	json_decref(request);
}

static void
test_frame_answer_may_come_later_and_others_do_not_wait_for_it(void **state)
{
	(void)state;
	const char two[] = "\0\0\0\x0e{\"op\":\"later\"}\0\0\0\x0f{\"op\":\"silent\"}";
	char got[128];
	size_t n = 0;
	json_t *request = json_pack("{s:s}", "op", "echo"), *reply;
	const int fd = frame_connect(path, NULL);
	assert_int_equal(write(fd, two, sizeof(two) - 1), sizeof(two) - 1);
	assert_int_equal(frame_ask(path, request, 5000, &reply, NULL), 0);
	json_decref(reply);
	json_decref(request);
	do { /* the second is answered behind the first */
		const ssize_t more = read(fd, got + n, sizeof(got) - n);
		assert_true(more > 0);
		n += (size_t)more;
	} while (memmem(got, n, "{\"ok\"", 5) == NULL);
	assert_ptr_equal(memmem(got, n, "{\"said\"", 7), got + 4);
	close(fd);
}

static void
test_frame_answer_that_comes_too_late_is_let_go(void **state)
{
	(void)state;
	json_t *request = json_pack("{s:s}", "op", "later"), *reply;
	const int fd = frame_connect(path, NULL);
	assert_int_equal(write(fd, "\0\0\0\x0e{\"op\":\"later\"}", 18), 18);
	usleep(10000);
	close(fd);
	usleep(100000);
	assert_int_equal(frame_ask(path, request, 5000, &reply, NULL), 0);
	assert_string_equal(json_string_value(json_object_get(reply, "said")), "later");
	json_decref(reply);
	json_decref(request);
}

static void
test_frame_error_crosses_with_its_faults(void **state)
{
	(void)state;
	struct err err;
	struct faults faults = {0};
	json_t *request = json_pack("{s:s}", "op", "fail"), *reply = NULL;
	assert_int_equal(frame_ask(path, request, 5000, &reply, &err), -EINVAL);
	assert_null(reply);
	assert_string_equal(err.path, "a.b");
	assert_string_equal(err.hint, "mend it");
	assert_int_equal(
		frame_ask_faults(path, request, 5000, &reply, &faults, &err), -EINVAL);
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.list[0].text, "bad");
	faults_clear(&faults);
	json_decref(request);
}

static void
test_frame_large_request_and_reply_pass(void **state)
{
	(void)state;
	const size_t size = 8 << 20;
	char *text = malloc(size + 1);
	memset(text, 'x', size);
	text[size] = '\0';
	json_t *request = json_pack("{s:s, s:s}", "op", "echo", "text", text), *reply;
	assert_int_equal(frame_ask(path, request, 30000, &reply, NULL), 0);
	assert_true(json_equal(request, reply));
	json_decref(reply);
	json_decref(request);
	free(text);
}

/* Sends bytes as they are and returns the error code of the one reply; the server must
 * then close. */
static void
assert_refused(const void *bytes, size_t size, const char *code)
{
	char reply[4096];
	const int fd = frame_connect(path, NULL);
	assert_int_equal(send(fd, bytes, size, 0), size);
	const ssize_t n = recv(fd, reply, sizeof(reply) - 1, 0);
	assert_true(n > 4);
	reply[n] = '\0';
	assert_non_null(strstr(reply + 4, code));
	assert_int_equal(recv(fd, reply, 1, 0), 0);
	close(fd);
}

static void
test_frame_bad_frame_is_answered_once_and_closed(void **state)
{
	(void)state;
	assert_refused("\0\0\0\5{\"op\"", 9, "malformed");
	assert_refused("\0\0\0\2[]", 6, "malformed");
	assert_refused("\0\0\0\0", 4, "malformed");
	assert_refused("\xff\xff\xff\xff", 4, "too-large");
}

static void
test_frame_pieces_and_pipelined_requests_are_understood(void **state)
{
	(void)state;
	const char *json = "{\"op\":\"silent\"}";
	const uint32_t be = htonl(strlen(json));
	char two[64], reply[64];
	const size_t one = 4 + strlen(json);
	for (int i = 0; i < 2; i++) {
		memcpy(two + i * one, &be, 4);
		memcpy(two + i * one + 4, json, one - 4);
	}
	const int fd = frame_connect(path, NULL);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(send(fd, two + i, 1, 0), 1);
	assert_int_equal(send(fd, two + 8, 2 * one - 8, 0), 2 * one - 8);
	size_t got = 0;
	while (got < 2 * (4 + strlen("{\"ok\":true}"))) {
		const ssize_t n = recv(fd, reply + got, sizeof(reply) - got, 0);
		assert_true(n > 0);
		got += n;
	}
	close(fd);
}

static void
test_frame_silent_client_does_not_stop_others(void **state)
{
	(void)state;
	json_t *request = json_pack("{s:s}", "op", "silent");
	const int slow = frame_connect(path, NULL);
	assert_int_equal(send(slow, "\0\0", 2, 0), 2);
	assert_int_equal(frame_ask(path, request, 5000, NULL, NULL), 0);
	close(slow);
	json_decref(request);
}

static void
test_frame_socket_is_private_and_taken_only_from_the_dead(void **state)
{
	(void)state;
	struct err err;
	struct stat st;
	struct frame_server *second;
	struct loop *other;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	loop_create(&other, NULL);
	assert_int_equal(
		frame_server_open(other, path, handle, NULL, &second, &err), -EEXIST);
	char dead[80];
	snprintf(dead, sizeof(dead), "%s.dead", path);
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	strcpy(addr.sun_path, dead);
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(fd);
	assert_int_equal(frame_server_open(other, dead, handle, NULL, &second, &err), 0);
	frame_server_close(second);
	assert_int_equal(access(dead, F_OK), -1);
	loop_destroy(other);
}

static void
test_frame_nobody_there_is_unavailable(void **state)
{
	(void)state;
	struct err err;
	char too_long[200];
	memset(too_long, 'x', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	assert_int_equal(frame_connect("/tmp/renga-no-such.sock", &err), -ECONNREFUSED);
	assert_int_equal(frame_connect(too_long, &err), -EINVAL);
}

static void
test_frame_no_answer_is_a_timeout(void **state)
{
	(void)state;
	struct err err;
	int pair[2];
	json_t *request = json_pack("{s:s}", "op", "echo");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(frame_call(pair[0], request, 20, NULL, &err), -ETIMEDOUT);
	close(pair[1]);
	assert_int_equal(frame_call(pair[0], request, 20, NULL, &err), -ECONNREFUSED);
	close(pair[0]);
	json_decref(request);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame_request_gets_its_reply),
		cmocka_unit_test(test_frame_reply_may_have_no_members),
		cmocka_unit_test(
			test_frame_answer_may_come_later_and_others_do_not_wait_for_it),
		cmocka_unit_test(test_frame_answer_that_comes_too_late_is_let_go),
		cmocka_unit_test(test_frame_error_crosses_with_its_faults),
		cmocka_unit_test(test_frame_large_request_and_reply_pass),
		cmocka_unit_test(test_frame_bad_frame_is_answered_once_and_closed),
		cmocka_unit_test(test_frame_pieces_and_pipelined_requests_are_understood),
		cmocka_unit_test(test_frame_silent_client_does_not_stop_others),
		cmocka_unit_test(
			test_frame_socket_is_private_and_taken_only_from_the_dead),
		cmocka_unit_test(test_frame_nobody_there_is_unavailable),
		cmocka_unit_test(test_frame_no_answer_is_a_timeout),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
