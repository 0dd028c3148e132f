/* listen.c: see listen.h. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "api/http/listen.h"

#define BACKLOG 511

static int split_address(
	const char *address, char *host, size_t size, const char **port, struct err *err);
static int open_tcp(const struct addrinfo *info, const char *address, struct err *err);
static void print_address(int fd, char *actual, size_t size);
static int fail_listen(int fd, const char *address, struct err *err);
static bool somebody_answers(const struct sockaddr_un *name);

int
listen_tcp(const char *address, char *actual, size_t size, struct err *err)
{
	char host[256];
	const char *port = NULL;
	int rc = split_address(address, host, sizeof(host), &port, err);
	if (rc != 0)
		return rc;
	const struct addrinfo hints = {.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE};
	struct addrinfo *info;
	int failed = getaddrinfo(host[0] != '\0' ? host : NULL, port, &hints, &info);
	if (failed != 0)
		return err_set(err, ERR_INVALID, "listen", "write ADDRESS:PORT",
			"'%s' is no address to listen on: %s", address,
			gai_strerror(failed));
	int fd = open_tcp(info, address, err);
	freeaddrinfo(info);
	if (fd >= 0)
		print_address(fd, actual, size);
	return fd;
}

int
listen_unix(const char *path, struct err *err)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(name.sun_path))
		return err_set(err, ERR_INVALID, "socket",
			"use a shorter run-time directory",
			"the socket path '%s' is longer than %zu bytes", path,
			sizeof(name.sun_path) - 1);
	strcpy(name.sun_path, path);
	if (somebody_answers(&name))
		return err_set(err, ERR_EXISTS, "socket", "end the other process first",
			"somebody already serves on %s", path);
	unlink(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) != 0 ||
		chmod(path, 0600) != 0 || listen(fd, BACKLOG) != 0)
		return fail_listen(fd, path, err);
	return fd;
}

static int
split_address(
	const char *address, char *host, size_t size, const char **port, struct err *err)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - address);
	if (colon == NULL || colon[1] == '\0' || len >= size)
		return err_set(err, ERR_INVALID, "listen",
			"write ADDRESS:PORT, for example "
			"127.0.0.1:9080 or [::1]:9080",
			"'%s' is no address to listen on", address);
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	memcpy(host, address, len);
	host[len] = '\0';
	*port = colon + 1;
	return 0;
}

static int
open_tcp(const struct addrinfo *info, const char *address, struct err *err)
{
	const int on = 1;
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		bind(fd, info->ai_addr, info->ai_addrlen) != 0 ||
		listen(fd, BACKLOG) != 0)
		return fail_listen(fd, address, err);
	return fd;
}

static void
print_address(int fd, char *actual, size_t size)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);
	char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";
	if (getsockname(fd, (struct sockaddr *)&name, &len) == 0)
		getnameinfo((struct sockaddr *)&name, len, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(actual, size, strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host,
		port);
}

static int
fail_listen(int fd, const char *address, struct err *err)
{
	int error = errno;
	if (fd >= 0)
		close(fd);
	if (error == EADDRINUSE)
		return err_set(err, ERR_EXISTS, "listen",
			"another process listens there: end it or choose another address",
			"the address %s is taken", address);
	return err_sys(err, error, "cannot listen on %s", address);
}

static bool
somebody_answers(const struct sockaddr_un *name)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	bool answers = connect(fd, (const struct sockaddr *)name, sizeof(*name)) == 0;
	close(fd);
	return answers;
}
