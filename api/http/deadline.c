/* deadline.c: a list under one lock, walked once a second while it is not empty. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include "api/http/deadline.h"
#include "common/log.h"

#define ROUND_MS 1000

struct deadline {
	struct deadlines *owner;
	int fd;
	bool idle, ended;
	uint64_t due_ms; /* CLOCK_MONOTONIC; 0: none */
	uint64_t since_ms;
	TAILQ_ENTRY(deadline) entry;
};

TAILQ_HEAD(deadline_list, deadline);

struct deadlines {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	struct deadline_list list;
	unsigned n, most;
	void (*round)(void *arg);
	void *arg;
	bool closing;
};

static void *sweep_main(void *arg);
static void sweep(struct deadlines *deadlines);
static void make_room(struct deadlines *deadlines);
static void end_connection(struct deadline *deadline);
static void set(struct deadline *deadline, bool idle, uint64_t timeout_ms);
static uint64_t now_ms(void);

int
deadlines_open(unsigned most, void (*round)(void *arg), void *arg, struct deadlines **out,
	struct err *err)
{
	struct deadlines *deadlines = calloc(1, sizeof(*deadlines));
	if (deadlines == NULL)
		return err_sys(err, ENOMEM, "cannot watch connections");
	deadlines->most = most;
	deadlines->round = round;
	deadlines->arg = arg;
	TAILQ_INIT(&deadlines->list);
	pthread_mutex_init(&deadlines->lock, NULL);
	pthread_condattr_t clock;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&deadlines->changed, &clock);
	pthread_condattr_destroy(&clock);
	int rc = pthread_create(&deadlines->thread, NULL, sweep_main, deadlines);
	if (rc != 0) {
		free(deadlines);
		return err_sys(err, rc, "cannot start a thread");
	}
	*out = deadlines;
	return 0;
}

void
deadlines_close(struct deadlines *deadlines)
{
	if (deadlines == NULL)
		return;
	pthread_mutex_lock(&deadlines->lock);
	deadlines->closing = true;
	pthread_cond_signal(&deadlines->changed);
	pthread_mutex_unlock(&deadlines->lock);
	pthread_join(deadlines->thread, NULL);
	pthread_cond_destroy(&deadlines->changed);
	pthread_mutex_destroy(&deadlines->lock);
	free(deadlines);
}

struct deadline *
deadline_add(struct deadlines *deadlines, int fd, uint64_t timeout_ms)
{
	struct deadline *deadline = calloc(1, sizeof(*deadline));
	if (deadline == NULL)
		return NULL;
	*deadline = (struct deadline){.owner = deadlines, .fd = fd};
	pthread_mutex_lock(&deadlines->lock);
	if (deadlines->n >= deadlines->most)
		make_room(deadlines);
	TAILQ_INSERT_TAIL(&deadlines->list, deadline, entry);
	if (deadlines->n++ == 0)
		pthread_cond_signal(&deadlines->changed);
	pthread_mutex_unlock(&deadlines->lock);
	deadline_set_idle(deadline, timeout_ms);
	return deadline;
}

void
deadline_del(struct deadline *deadline)
{
	if (deadline == NULL)
		return;
	struct deadlines *deadlines = deadline->owner;
	pthread_mutex_lock(&deadlines->lock);
	TAILQ_REMOVE(&deadlines->list, deadline, entry);
	deadlines->n--;
	pthread_mutex_unlock(&deadlines->lock);
	free(deadline);
}

void
deadline_set_idle(struct deadline *deadline, uint64_t timeout_ms)
{
	set(deadline, true, timeout_ms);
}

void
deadline_set_busy(struct deadline *deadline, uint64_t timeout_ms)
{
	set(deadline, false, timeout_ms);
}

void
deadline_stop(struct deadline *deadline)
{
	set(deadline, false, 0);
}

static void *
sweep_main(void *arg)
{
	struct deadlines *deadlines = arg;
	pthread_mutex_lock(&deadlines->lock);
	while (!deadlines->closing) {
		if (deadlines->n == 0) {
			pthread_cond_wait(&deadlines->changed, &deadlines->lock);
			continue;
		}
		uint64_t next_ms = now_ms() + ROUND_MS;
		struct timespec until = {.tv_sec = (time_t)(next_ms / 1000),
			.tv_nsec = (long)(next_ms % 1000) * 1000000};
		if (pthread_cond_timedwait(
			    &deadlines->changed, &deadlines->lock, &until) != ETIMEDOUT)
			continue;
		sweep(deadlines);
		pthread_mutex_unlock(&deadlines->lock);
		deadlines->round(deadlines->arg);
		pthread_mutex_lock(&deadlines->lock);
	}
	pthread_mutex_unlock(&deadlines->lock);
	return NULL;
}

static void
sweep(struct deadlines *deadlines)
{
	uint64_t now = now_ms();
	struct deadline *deadline;
	TAILQ_FOREACH (deadline, &deadlines->list, entry)
		if (deadline->due_ms != 0 && deadline->due_ms <= now)
			end_connection(deadline);
}

/* The list is in order of arrival: the oldest that brings no request goes. */
static void
make_room(struct deadlines *deadlines)
{
	struct deadline *deadline, *oldest = NULL;
	TAILQ_FOREACH (deadline, &deadlines->list, entry)
		if (deadline->idle && !deadline->ended &&
			(oldest == NULL || deadline->since_ms < oldest->since_ms))
			oldest = deadline;
	if (oldest == NULL)
		return;
	log_debug("too many connections", "connections=%u ended=oldest", deadlines->n);
	end_connection(oldest);
}

static void
end_connection(struct deadline *deadline)
{
	deadline->ended = true;
	deadline->due_ms = 0;
	shutdown(deadline->fd, SHUT_RDWR);
}

static void
set(struct deadline *deadline, bool idle, uint64_t timeout_ms)
{
	if (deadline == NULL)
		return;
	pthread_mutex_lock(&deadline->owner->lock);
	deadline->idle = idle;
	deadline->since_ms = now_ms();
	if (!deadline->ended)
		deadline->due_ms = timeout_ms == 0 ? 0 : deadline->since_ms + timeout_ms;
	pthread_mutex_unlock(&deadline->owner->lock);
}

static uint64_t
now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
