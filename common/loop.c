/* loop.c: an event loop for one thread. Every source is a descriptor in one epoll set:
 * timers are timerfds, signals signalfds, processes pidfds; what differs is in the table
 * of kinds.
 */
#include "common/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUND 64 /* events taken at a time */

enum kind { KIND_FD, KIND_TIMER, KIND_SIGNAL, KIND_EXIT, KIND_WAKE };

struct loop_source {
	LIST_ENTRY(loop_source) entry;
	struct loop *loop;
	enum kind kind;
	int fd;
	bool dead; /* deleted; freed when the round is over */
	bool once;
	pid_t pid;
	void *arg;
	union {
		loop_fd_cb *fd;
		loop_timer_cb *timer;
		loop_signal_cb *signal;
		loop_exit_cb *exit;
	} cb;
};

struct post {
	STAILQ_ENTRY(post) entry;
	loop_post_cb *cb;
	void *arg;
};

LIST_HEAD(sources, loop_source);
STAILQ_HEAD(posts, post);

struct loop {
	int epoll_fd;
	struct loop_source *wake; /* an eventfd: something was posted, or stop */
	struct sources living, dead;
	_Atomic bool stopped;
	pthread_mutex_t lock; /* guards posts */
	struct posts posts;
};

static struct loop_source *add(
	struct loop *loop, enum kind kind, int fd, uint32_t events, void *arg);
static struct loop_source *add_own(struct loop *loop, enum kind kind, int fd, void *arg);
static int dispatch(struct loop_source *source, uint32_t events);
static int on_fd(struct loop_source *source, uint32_t events);
static int on_timer(struct loop_source *source, uint32_t events);
static int on_signal(struct loop_source *source, uint32_t events);
static int on_exit_of(struct loop_source *source, uint32_t events);
static int on_wake(struct loop_source *source, uint32_t events);
static int wait_status(const siginfo_t *info);
static void free_dead(struct loop *loop);
static void wake(struct loop *loop);

static int (*const handlers[])(struct loop_source *source, uint32_t events) = {
	[KIND_FD] = on_fd,
	[KIND_TIMER] = on_timer,
	[KIND_SIGNAL] = on_signal,
	[KIND_EXIT] = on_exit_of,
	[KIND_WAKE] = on_wake,
};

int
loop_create(struct loop **out, struct err *err)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	if (!loop)
		return err_sys(err, ENOMEM, "cannot make an event loop");
	pthread_mutex_init(&loop->lock, NULL);
	STAILQ_INIT(&loop->posts);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd >= 0)
		loop->wake = add_own(
			loop, KIND_WAKE, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), NULL);
	if (!loop->wake) {
		const int error = errno;
		loop_destroy(loop);
		return err_sys(err, error, "cannot make an event loop");
	}
	*out = loop;
	return 0;
}

void
loop_destroy(struct loop *loop)
{
	if (!loop)
		return;
	while (!LIST_EMPTY(&loop->living))
		loop_del(LIST_FIRST(&loop->living));
	free_dead(loop);
	while (!STAILQ_EMPTY(&loop->posts)) {
		struct post *post = STAILQ_FIRST(&loop->posts);
		STAILQ_REMOVE_HEAD(&loop->posts, entry);
		free(post);
	}
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}

int
loop_run(struct loop *loop)
{
	while (!atomic_load(&loop->stopped)) {
		const int rc = loop_step(loop, -1);
		if (rc < 0)
			return rc;
	}
	atomic_store(&loop->stopped, false);
	return 0;
}

void
loop_stop(struct loop *loop)
{
	atomic_store(&loop->stopped, true);
	wake(loop);
}

int
loop_step(struct loop *loop, int timeout_ms)
{
	struct epoll_event events[ROUND];
	int calls = 0;
	const int n = epoll_wait(loop->epoll_fd, events, ROUND, timeout_ms);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++)
		calls += dispatch(events[i].data.ptr, events[i].events);
	free_dead(loop);
	return calls;
}

static int
dispatch(struct loop_source *source, uint32_t events)
{
	return source->dead ? 0 : handlers[source->kind](source, events);
}

static int
on_fd(struct loop_source *source, uint32_t events)
{
	source->cb.fd(source->fd, events, source->arg);
	return 1;
}

static int
on_timer(struct loop_source *source, uint32_t events)
{
	uint64_t expired;
	(void)events;
	if (read(source->fd, &expired, sizeof(expired)) != sizeof(expired))
		return 0;
	source->cb.timer(source->arg);
	if (source->once)
		loop_del(source);
	return 1;
}

static int
on_signal(struct loop_source *source, uint32_t events)
{
	struct signalfd_siginfo info;
	(void)events;
	if (read(source->fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	source->cb.signal(info.ssi_signo, source->arg);
	return 1;
}

static int
on_exit_of(struct loop_source *source, uint32_t events)
{
	siginfo_t info = {0};
	(void)events;
	const bool ours = waitid(P_PIDFD, source->fd, &info, WEXITED | WNOHANG) == 0;
	if (source->cb.exit)
		source->cb.exit(source->pid, ours ? wait_status(&info) : -1, source->arg);
	loop_del(source);
	return 1;
}

/* As wait(2) would give it. */
static int
wait_status(const siginfo_t *info)
{
	if (info->si_code == CLD_EXITED)
		return (info->si_status & 0xff) << 8;
	return info->si_status | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

/* Runs what was posted so far; what these post in turn waits for the next round. */
static int
on_wake(struct loop_source *source, uint32_t events)
{
	struct loop *loop = source->loop;
	struct posts posts = STAILQ_HEAD_INITIALIZER(posts);
	uint64_t count;
	int calls = 0;
	(void)events;
	if (read(source->fd, &count, sizeof(count)) != sizeof(count))
		return 0;
	pthread_mutex_lock(&loop->lock);
	STAILQ_CONCAT(&posts, &loop->posts);
	pthread_mutex_unlock(&loop->lock);
	while (!STAILQ_EMPTY(&posts)) {
		struct post *post = STAILQ_FIRST(&posts);
		STAILQ_REMOVE_HEAD(&posts, entry);
		post->cb(post->arg);
		free(post);
		calls++;
	}
	return calls;
}

static void
free_dead(struct loop *loop)
{
	while (!LIST_EMPTY(&loop->dead)) {
		struct loop_source *source = LIST_FIRST(&loop->dead);
		LIST_REMOVE(source, entry);
		free(source);
	}
}

int
loop_post(struct loop *loop, loop_post_cb *cb, void *arg)
{
	struct post *post = malloc(sizeof(*post));
	if (!post)
		return -ENOMEM;
	*post = (struct post){.cb = cb, .arg = arg};
	pthread_mutex_lock(&loop->lock);
	STAILQ_INSERT_TAIL(&loop->posts, post, entry);
	pthread_mutex_unlock(&loop->lock);
	wake(loop);
	return 0;
}

/* Fails only when the counter is full, and then the loop is awake anyway. */
static void
wake(struct loop *loop)
{
	const uint64_t one = 1;
	const ssize_t written = write(loop->wake->fd, &one, sizeof(one));
	(void)written;
}

struct loop_source *
loop_add_fd(struct loop *loop, int fd, uint32_t epoll_events, loop_fd_cb *cb, void *arg)
{
	struct loop_source *source = add(loop, KIND_FD, fd, epoll_events, arg);
	if (source)
		source->cb.fd = cb;
	return source;
}

struct loop_source *
loop_add_timer(struct loop *loop, uint64_t first_ms, uint64_t repeat_ms,
	loop_timer_cb *cb, void *arg)
{
	const struct itimerspec when = {
		.it_value = {first_ms / 1000, first_ms ? first_ms % 1000 * 1000000 : 1},
		.it_interval = {repeat_ms / 1000, repeat_ms % 1000 * 1000000},
	};
	struct loop_source *source = add_own(loop, KIND_TIMER,
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), arg);
	if (!source)
		return NULL;
	timerfd_settime(source->fd, 0, &when, NULL);
	source->once = !repeat_ms;
	source->cb.timer = cb;
	return source;
}

struct loop_source *
loop_add_signal(struct loop *loop, int signo, loop_signal_cb *cb, void *arg)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, signo);
	errno = pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (errno)
		return NULL;
	struct loop_source *source = add_own(
		loop, KIND_SIGNAL, signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), arg);
	if (source)
		source->cb.signal = cb;
	return source;
}

struct loop_source *
loop_add_exit(struct loop *loop, pid_t pid, loop_exit_cb *cb, void *arg)
{
	struct loop_source *source = add_own(loop, KIND_EXIT, pidfd_open(pid, 0), arg);
	if (!source)
		return NULL;
	source->pid = pid;
	source->cb.exit = cb;
	return source;
}

/* A descriptor of our own making, or -1 and errno when that failed. */
static struct loop_source *
add_own(struct loop *loop, enum kind kind, int fd, void *arg)
{
	if (fd < 0)
		return NULL;
	struct loop_source *source = add(loop, kind, fd, EPOLLIN, arg);
	if (!source)
		close(fd);
	return source;
}

static struct loop_source *
add(struct loop *loop, enum kind kind, int fd, uint32_t events, void *arg)
{
	struct loop_source *source = malloc(sizeof(*source));
	if (!source)
		return NULL;
	*source = (struct loop_source){.loop = loop, .kind = kind, .fd = fd, .arg = arg};
	struct epoll_event event = {.events = events, .data.ptr = source};
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		free(source);
		return NULL;
	}
	LIST_INSERT_HEAD(&loop->living, source, entry);
	return source;
}

int
loop_mod_fd(struct loop_source *source, uint32_t epoll_events)
{
	struct epoll_event event = {.events = epoll_events, .data.ptr = source};
	if (epoll_ctl(source->loop->epoll_fd, EPOLL_CTL_MOD, source->fd, &event) < 0)
		return -errno;
	return 0;
}

void
loop_del(struct loop_source *source)
{
	if (!source || source->dead)
		return;
	epoll_ctl(source->loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
	if (source->kind != KIND_FD)
		close(source->fd);
	source->dead = true;
	LIST_REMOVE(source, entry);
	LIST_INSERT_HEAD(&source->loop->dead, source, entry);
}

uint64_t
loop_now_ms(void)
{
	return loop_now_ns() / 1000000;
}

uint64_t
loop_now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
