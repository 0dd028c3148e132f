/* netns.c: see netns.h. */
#include "vnfs/router/netns.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

struct visit {
	const char *path;
	netns_fn *fn;
	void *arg;
	struct err *err;
	int rc;
};

static int
enter(const char *path, struct err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "cannot open the network namespace %s", path);
	const int rc = setns(fd, CLONE_NEWNET) == 0
			       ? 0
			       : err_sys(err, errno,
					 "cannot enter the network namespace %s", path);

	close(fd);
	return rc;
}

static void *
run(void *arg)
{
	struct visit *visit = arg;

	if (visit->path != NULL)
		visit->rc = enter(visit->path, visit->err);
	if (visit->rc == 0)
		visit->rc = visit->fn(visit->arg, visit->err);
	return NULL;
}

int
netns_run(const char *path, netns_fn *fn, void *arg, struct err *err)
{
	struct visit visit = {.path = path, .fn = fn, .arg = arg, .err = err};
	pthread_t thread;
	const int rc = pthread_create(&thread, NULL, run, &visit);

	if (rc != 0)
		return err_sys(err, rc, "cannot start a thread");
	pthread_join(thread, NULL);
	return visit.rc;
}
