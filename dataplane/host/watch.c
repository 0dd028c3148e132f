/* watch.c: a thread that waits on descriptors for sleeping I/O workers. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/priority.h"
#include "dataplane/host/watch.h"
#include "dataplane/shm/doorbell.h"

#define EVENTS 16

struct watch {
	struct shm_doorbell *bells;
	int epoll;
	int end; /* readable: the thread should end */
	pthread_t thread;
};

static int start_thread(struct watch *watch);
static void *run(void *arg);
static void handle(const struct watch *watch, const struct epoll_event *event);
static uint64_t pack(int fd, unsigned worker);

int
watch_start(struct shm_doorbell *bells, struct watch **out, struct err *err)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	struct epoll_event event = {.events = EPOLLIN};
	int error;

	if (watch == NULL)
		return err_sys(err, ENOMEM, "cannot watch ports");
	watch->bells = bells;
	watch->epoll = epoll_create1(EPOLL_CLOEXEC);
	watch->end = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	event.data.u64 = pack(watch->end, 0);
	if (watch->epoll >= 0 && watch->end >= 0 &&
		epoll_ctl(watch->epoll, EPOLL_CTL_ADD, watch->end, &event) == 0) {
		error = start_thread(watch);
		if (error == 0) {
			*out = watch;
			return 0;
		}
	} else {
		error = errno;
	}
	close(watch->epoll);
	close(watch->end);
	free(watch);
	return err_sys(err, error, "cannot watch ports");
}

void
watch_stop(struct watch *watch)
{
	if (watch == NULL)
		return;
	eventfd_write(watch->end, 1);
	pthread_join(watch->thread, NULL);
	close(watch->epoll);
	close(watch->end);
	free(watch);
}

int
watch_add(struct watch *watch, int fd, unsigned worker, struct err *err)
{
	struct epoll_event event = {.events = EPOLLONESHOT, .data.u64 = pack(fd, worker)};

	if (epoll_ctl(watch->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return err_sys(err, errno, "cannot watch the port's descriptor %d", fd);
	return 0;
}

void
watch_del(struct watch *watch, int fd)
{
	epoll_ctl(watch->epoll, EPOLL_CTL_DEL, fd, NULL);
}

void
watch_arm(struct watch *watch, int fd, unsigned worker)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLONESHOT, .data.u64 = pack(fd, worker)};

	epoll_ctl(watch->epoll, EPOLL_CTL_MOD, fd, &event);
}

/* The thread takes no signals: they are for the control thread's loop. */
static int
start_thread(struct watch *watch)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&watch->thread, NULL, run, watch);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static void *
run(void *arg)
{
	struct watch *watch = arg;
	struct epoll_event events[EVENTS];
	int n;

	priority_set(PRIORITY_KEEPER); /* it wakes the worker */
	for (;;) {
		n = epoll_wait(watch->epoll, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			if (events[i].data.u64 == pack(watch->end, 0))
				return NULL;
			handle(watch, &events[i]);
		}
	}
}

/* An error (the interface went down) is taken from the socket, else it would be reported
 * for ever. */
static void
handle(const struct watch *watch, const struct epoll_event *event)
{
	const int fd = (int)(event->data.u64 & UINT32_MAX);
	int error;
	socklen_t len = sizeof(error);

	if (event->events & EPOLLIN)
		doorbell_ring(&watch->bells[event->data.u64 >> 32]);
	else
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
}

/* Not a pointer to anything of the port: an event may be under way when the port is
 * closed. */
static uint64_t
pack(int fd, unsigned worker)
{
	return (uint64_t)worker << 32 | (uint32_t)fd;
}
