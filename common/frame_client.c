/* frame_client.c: the client side of framed JSON, blocking; and the wire form that both
 * sides share. */
#include "common/frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/frame_wire.h"
#include "common/json_text.h"

static int call(
	int fd, const json_t *request, int timeout_ms, json_t **reply, struct err *err);
static int take_reply(
	json_t *json, json_t **reply, struct faults *faults, struct err *err);
static int transfer(int fd, short event, char *data, size_t size, uint64_t deadline);
static int receive_frame(int fd, uint64_t deadline, char **text, size_t *len);
static int lost(int rc, int timeout_ms, struct err *err);

int
frame_connect(const char *path, struct err *err)
{
	struct sockaddr_un addr;
	const int rc = frame_address(path, &addr, err);
	if (rc)
		return rc;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, errno, "cannot connect to %s", path);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	const int error = errno;
	close(fd);
	return err_set(err, ERR_UNAVAILABLE, NULL, NULL, "nobody answers on %s: %s", path,
		strerror(error));
}

int
frame_call(int fd, const json_t *request, int timeout_ms, json_t **reply, struct err *err)
{
	json_t *json;
	const int rc = call(fd, request, timeout_ms, &json, err);
	return rc ? rc : take_reply(json, reply, NULL, err);
}

int
frame_ask(const char *path, const json_t *request, int timeout_ms, json_t **reply,
	struct err *err)
{
	return frame_ask_faults(path, request, timeout_ms, reply, NULL, err);
}

int
frame_ask_faults(const char *path, const json_t *request, int timeout_ms, json_t **reply,
	struct faults *faults, struct err *err)
{
	json_t *json;
	const int fd = frame_connect(path, err);
	if (fd < 0)
		return fd;
	const int rc = call(fd, request, timeout_ms, &json, err);
	close(fd);
	return rc ? rc : take_reply(json, reply, faults, err);
}

static int
call(int fd, const json_t *request, int timeout_ms, json_t **reply, struct err *err)
{
	const uint64_t deadline =
		timeout_ms < 0 ? UINT64_MAX : loop_now_ms() + timeout_ms;
	size_t len;
	char *out = frame_encode(request, &len), *in;
	if (!out)
		return err_sys(err, ENOMEM, "cannot ask");
	int rc = transfer(fd, POLLOUT, out, len, deadline);
	free(out);
	if (!rc)
		rc = receive_frame(fd, deadline, &in, &len);
	if (rc)
		return lost(rc, timeout_ms, err);
	*reply = json_text_read(in, len, 0, NULL);
	free(in);
	return *reply ? 0
		      : err_set(err, ERR_MALFORMED, NULL, NULL, "the peer sent no JSON");
}

static int
lost(int rc, int timeout_ms, struct err *err)
{
	if (rc == -ETIMEDOUT)
		return err_set(err, ERR_TIMEOUT, NULL, NULL, "no answer within %d ms",
			timeout_ms);
	return err_set(err, ERR_UNAVAILABLE, NULL, NULL, "the connection was lost: %s",
		strerror(-rc));
}

/* Takes the reference of json. */
static int
take_reply(json_t *json, json_t **reply, struct faults *faults, struct err *err)
{
	if (json_is_true(json_object_get(json, "ok"))) {
		json_object_del(json, "ok");
		if (reply)
			*reply = json;
		else
			json_decref(json);
		return 0;
	}
	struct err told;
	const json_t *error = json_object_get(json, "error");
	err_from_json(&told, error);
	if (faults)
		faults_from_json(faults, json_object_get(error, "faults"));
	json_decref(json);
	if (err)
		*err = told;
	return err_errno(told.code);
}

static int
receive_frame(int fd, uint64_t deadline, char **text, size_t *len)
{
	char head[FRAME_HEAD];
	int rc = transfer(fd, POLLIN, head, sizeof(head), deadline);
	if (rc)
		return rc;
	frame_complete(head, sizeof(head), len);
	if (*len > FRAME_MAX)
		return -EMSGSIZE;
	char *data = malloc(*len + 1);
	if (!data)
		return -ENOMEM;
	rc = transfer(fd, POLLIN, data, *len, deadline);
	if (rc)
		free(data);
	else
		*text = data;
	return rc;
}

/* Sends (POLLOUT) or receives (POLLIN) all of data before the deadline. */
static int
transfer(int fd, short event, char *data, size_t size, uint64_t deadline)
{
	while (size) {
		const uint64_t now = loop_now_ms();
		const int left = deadline == UINT64_MAX ? -1
				 : now < deadline	? (int)(deadline - now)
							: 0;
		const int ready =
			poll(&(struct pollfd){.fd = fd, .events = event}, 1, left);
		if (ready == 0)
			return -ETIMEDOUT;
		const ssize_t n =
			ready < 0 ? -1
			: event == POLLOUT
				? send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT)
				: recv(fd, data, size, MSG_DONTWAIT);
		if (n == 0)
			return -ECONNRESET;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			size -= n;
		}
	}
	return 0;
}

int
frame_address(const char *path, struct sockaddr_un *addr, struct err *err)
{
	*addr = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(addr->sun_path))
		return err_set(err, ERR_INVALID, NULL,
			"choose a shorter RENGA_RUNTIME_DIR",
			"the socket path %s is longer than %zu bytes", path,
			sizeof(addr->sun_path) - 1);
	strcpy(addr->sun_path, path);
	return 0;
}

char *
frame_encode(const json_t *json, size_t *size)
{
	char *data = json_text_write_behind(FRAME_HEAD, json, size);
	if (!data)
		return NULL;
	const uint32_t be = htonl((uint32_t)(*size - FRAME_HEAD));
	memcpy(data, &be, FRAME_HEAD);
	return data;
}

bool
frame_complete(const char *data, size_t size, size_t *len)
{
	uint32_t be;
	if (size < FRAME_HEAD)
		return false;
	memcpy(&be, data, FRAME_HEAD);
	*len = ntohl(be);
	return *len > FRAME_MAX || size - FRAME_HEAD >= *len;
}
