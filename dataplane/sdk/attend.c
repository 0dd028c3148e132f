/* attend.c: see attend.h. */
#include "dataplane/sdk/attend.h"
#include <stdlib.h>
#include <sys/epoll.h>

struct vnf_watch {
	LIST_ENTRY(vnf_watch) entry;
	struct attend *attend;
	struct loop_source *source;
	vnf_watch_fn *fn;
	void *arg;
};

static struct vnf_watch *create(struct vnf *vnf, vnf_watch_fn *fn, void *arg);
static struct vnf_watch *registered(struct vnf_watch *watch);
static loop_fd_cb on_fd;
static loop_timer_cb on_timer;

void
attend_open(struct attend *attend, struct vnf *vnf, struct loop *loop,
	void (*wake)(void *arg), void *arg)
{
	*attend = (struct attend){.vnf = vnf, .loop = loop, .wake = wake, .arg = arg};
	LIST_INIT(&attend->watches);
	vnf->attend = attend;
}

void
attend_close(struct attend *attend)
{
	if (attend->vnf == NULL)
		return;
	while (!LIST_EMPTY(&attend->watches))
		vnf_watch_end(attend->vnf, LIST_FIRST(&attend->watches));
	attend->vnf->attend = NULL;
	attend->vnf = NULL;
}

struct vnf_watch *
vnf_watch_fd(struct vnf *vnf, int fd, vnf_watch_fn *fn, void *arg)
{
	struct vnf_watch *watch = create(vnf, fn, arg);

	if (watch != NULL)
		watch->source = loop_add_fd(vnf->attend->loop, fd, EPOLLIN, on_fd, watch);
	return registered(watch);
}

struct vnf_watch *
vnf_watch_timer(struct vnf *vnf, unsigned ms, vnf_watch_fn *fn, void *arg)
{
	struct vnf_watch *watch = create(vnf, fn, arg);

	if (watch != NULL)
		watch->source =
			loop_add_timer(vnf->attend->loop, ms, ms, on_timer, watch);
	return registered(watch);
}

void
vnf_watch_end(struct vnf *vnf, struct vnf_watch *watch)
{
	if (watch == NULL || vnf->attend == NULL)
		return;
	LIST_REMOVE(watch, entry);
	loop_del(watch->source);
	free(watch);
}

void
vnf_wake(struct vnf *vnf)
{
	if (vnf->attend != NULL)
		vnf->attend->wake(vnf->attend->arg);
}

static struct vnf_watch *
create(struct vnf *vnf, vnf_watch_fn *fn, void *arg)
{
	struct vnf_watch *watch = vnf->attend != NULL ? calloc(1, sizeof(*watch)) : NULL;

	if (watch == NULL)
		return NULL;
	*watch = (struct vnf_watch){.attend = vnf->attend, .fn = fn, .arg = arg};
	LIST_INSERT_HEAD(&vnf->attend->watches, watch, entry);
	return watch;
}

/* It, or null if the loop did not take it. */
static struct vnf_watch *
registered(struct vnf_watch *watch)
{
	if (watch == NULL || watch->source != NULL)
		return watch;
	LIST_REMOVE(watch, entry);
	free(watch);
	return NULL;
}

static void
on_fd(int fd, uint32_t events, void *arg)
{
	const struct vnf_watch *watch = arg;

	(void)fd;
	(void)events;
	watch->fn(watch->attend->vnf, watch->arg);
}

static void
on_timer(void *arg)
{
	const struct vnf_watch *watch = arg;

	watch->fn(watch->attend->vnf, watch->arg);
}
