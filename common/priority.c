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

/* The kernel's, of nice values -20 to 19. */
static const uint32_t weights[] = {88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705,
	14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277, 1024,
	820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18,
	15};

/* As in linux/sched/types.h, which cannot be included beside sched.h. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static uint32_t weight_of(int nice);
static bool is_realtime(void);
static int set_realtime(enum priority priority);
static int set_ordinary(int nice, uint64_t slice_ns);
static int set(int tid, const struct attributes *attributes);

int
priority_set(enum priority priority)
{
	if (is_realtime())
		return set_realtime(priority);
	if (priority == PRIORITY_WORKER)
		return priority_set_share(PRIORITY_SHARE);
	return set_ordinary(priority == PRIORITY_NORMAL ? 0 : WORKER_NICE, 0);
}

int
priority_set_share(unsigned share)
{
	return is_realtime() ? set_realtime(PRIORITY_WORKER)
			     : set_ordinary(priority_nice(share), WORKER_SLICE_NS);
}

int
priority_nice(unsigned share)
{
	const uint32_t wanted = weight_of(WORKER_NICE) * share / PRIORITY_SHARE;
	int nice = -20;

	/* the nearest, by ratio */
	while (nice < 19 && (uint64_t)wanted * wanted <
				    (uint64_t)weight_of(nice) * weight_of(nice + 1))
		nice++;
	return nice;
}

unsigned
priority_budget(unsigned share, unsigned budget)
{
	const uint32_t weight =
		weight_of(is_realtime() ? WORKER_NICE : priority_nice(share));
	const uint64_t wanted = (uint64_t)budget * share * weight_of(WORKER_NICE) /
				((uint64_t)PRIORITY_SHARE * weight);

	return wanted == 0 ? 1 : (unsigned)wanted;
}

int
priority_set_background(void)
{
	return set(0, &(struct attributes){.policy = SCHED_IDLE});
}

int
priority_set_low(void)
{
	return priority_hurry(0);
}

int
priority_hurry(int tid)
{
	return set(tid, &(struct attributes){.policy = SCHED_BATCH, .nice = HURRY_NICE});
}

static uint32_t
weight_of(int nice)
{
	return weights[nice + 20];
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
