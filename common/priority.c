/* priority.c: see priority.h. */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "common/priority.h"

#define WORKER_NICE	-10
#define WORKER_SLICE_NS 100000 /* the shortest that the kernel takes */
#define HURRY_NICE	10

/* As in linux/sched/types.h, which cannot be included beside sched.h. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static bool is_realtime(void);
static int set_realtime(enum priority priority);
static int set_batch(int tid, int nice);
static int set_ordinary(int nice, uint64_t slice_ns);
static int set(int tid, const struct attributes *attributes);

int
priority_set(enum priority priority)
{
	if (is_realtime())
		return set_realtime(priority);
	return set_ordinary(priority == PRIORITY_NORMAL ? 0 : WORKER_NICE,
		priority == PRIORITY_WORKER ? WORKER_SLICE_NS : 0);
}

int
priority_set_background(void)
{
	return set(0, &(struct attributes){.policy = SCHED_IDLE});
}

int
priority_set_low(void)
{
	return set_batch(0, 0);
}

int
priority_hurry(int tid)
{
	return set_batch(tid, HURRY_NICE);
}

/* Nothing is preempted for it, and its slices are short. */
static int
set_batch(int tid, int nice)
{
	return set(tid,
		&(struct attributes){
			.policy = SCHED_BATCH, .nice = nice, .runtime = WORKER_SLICE_NS});
}

static bool
is_realtime(void)
{
	const char *wish = getenv("RENGA_PRIORITY");

	return wish != NULL && strcmp(wish, "realtime") == 0;
}

static int
set_realtime(enum priority priority)
{
	static const int levels[] = {[PRIORITY_WORKER] = 1, [PRIORITY_KEEPER] = 2};
	const struct sched_param param = {.sched_priority = levels[priority]};
	const int policy = levels[priority] == 0 ? SCHED_OTHER : SCHED_RR;

	return sched_setscheduler(0, policy | SCHED_RESET_ON_FORK, &param) ? -errno : 0;
}

/* The slice without the weight is still worth having. */
static int
set_ordinary(int nice, uint64_t slice_ns)
{
	struct attributes attributes = {.policy = SCHED_OTHER,
		.flags = 1 /* SCHED_FLAG_RESET_ON_FORK */,
		.nice = nice,
		.runtime = slice_ns};
	const int rc = set(0, &attributes);

	if (rc != -EPERM && rc != -EACCES)
		return rc;
	attributes.nice = 0;
	set(0, &attributes);
	return -EPERM;
}

static int
set(int tid, const struct attributes *wanted)
{
	struct attributes attributes = *wanted;

	attributes.size = sizeof(attributes);
	return syscall(SYS_sched_setattr, tid, &attributes, 0) < 0 ? -errno : 0;
}
