/* fds.c: the descriptors that a driver opened. */
#include <dirent.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "dataplane/host/fds.h"

static bool has(const struct fds *fds, int fd);
static bool is_waitable(int fd);
static bool is_tap(int fd);

void
fds_list(struct fds *fds)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	unsigned long fd;

	memset(fds, 0, sizeof(*fds));
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		fd = strtoul(entry->d_name, NULL, 10);
		if (fd < FDS_MAX && (int)fd != dirfd(dir))
			fds->bits[fd / 64] |= 1ull << fd % 64;
	}
	closedir(dir);
}

unsigned
fds_waitable_since(const struct fds *before, int *found, unsigned max)
{
	struct fds now;
	unsigned n = 0;

	fds_list(&now);
	for (int fd = 0; fd < FDS_MAX && n < max; fd++)
		if (has(&now, fd) && !has(before, fd) && is_waitable(fd))
			found[n++] = fd;
	return n;
}

static bool
has(const struct fds *fds, int fd)
{
	return fds->bits[fd / 64] >> fd % 64 & 1;
}

static bool
is_waitable(int fd)
{
	struct pollfd pollfd = {.fd = fd, .events = POLLIN};
	int domain = 0;
	socklen_t len = sizeof(domain);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0) {
		if (domain != AF_PACKET && domain != AF_XDP)
			return false;
	} else if (!is_tap(fd)) {
		return false;
	}
	return poll(&pollfd, 1, 0) >= 0 && (pollfd.revents & (POLLERR | POLLNVAL)) == 0;
}

static bool
is_tap(int fd)
{
	char link[32], target[32];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, target, sizeof(target) - 1);
	if (len < 0)
		return false;
	target[len] = '\0';
	return strcmp(target, "/dev/net/tun") == 0;
}
