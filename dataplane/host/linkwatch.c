/* linkwatch.c: a socket that tells of changes of network interfaces. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include "dataplane/host/linkwatch.h"

struct linkwatch {
	int fd;
	struct loop_source *source;
	void (*changed)(void *arg);
	void *arg;
};

static void on_readable(int fd, uint32_t events, void *arg);

int
linkwatch_start(struct loop *loop, void (*changed)(void *arg), void *arg,
	struct linkwatch **out, struct err *err)
{
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
	struct linkwatch *watch = malloc(sizeof(*watch));
	int error;

	if (watch == NULL)
		return err_sys(err, ENOMEM, "cannot watch interfaces");
	*watch = (struct linkwatch){.changed = changed, .arg = arg};
	watch->fd = socket(
		AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (watch->fd >= 0 &&
		bind(watch->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		watch->source = loop_add_fd(loop, watch->fd, EPOLLIN, on_readable, watch);
	if (watch->source != NULL) {
		*out = watch;
		return 0;
	}
	error = errno;
	linkwatch_stop(watch);
	return err_sys(err, error, "cannot watch interfaces");
}

void
linkwatch_stop(struct linkwatch *watch)
{
	if (watch == NULL)
		return;
	loop_del(watch->source);
	if (watch->fd >= 0)
		close(watch->fd);
	free(watch);
}

/* Also when more came than the socket keeps: something has changed. */
static void
on_readable(int fd, uint32_t events, void *arg)
{
	struct linkwatch *watch = arg;
	char message[8192];
	ssize_t n;

	(void)events;
	do
		n = recv(fd, message, sizeof(message), MSG_DONTWAIT);
	while (n > 0 || (n < 0 && (errno == EINTR || errno == ENOBUFS)));
	watch->changed(watch->arg);
}
