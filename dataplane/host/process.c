/* process.c: whether a process lives. */
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "dataplane/host/process.h"

/* A pidfd becomes readable when the last thread has ended; the state in /proc tells of
 * the first thread only. */
bool
process_lives(pid_t pid)
{
	struct pollfd pollfd = {.events = POLLIN};
	bool ended;

	if (pid <= 0)
		return false;
	pollfd.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pollfd.fd < 0)
		return false;
	ended = poll(&pollfd, 1, 0) == 1;
	close(pollfd.fd);
	return !ended;
}
