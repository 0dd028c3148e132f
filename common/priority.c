/* priority.c: see priority.h. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include "common/priority.h"

int
priority_set(enum priority priority)
{
	const char *wish = getenv("RENGA_PRIORITY");
	const struct sched_param param = {.sched_priority = priority};
	const int policy = priority == PRIORITY_NORMAL ? SCHED_OTHER : SCHED_RR;
	if (!wish || strcmp(wish, "realtime") != 0)
		return 0;
	return sched_setscheduler(0, policy | SCHED_RESET_ON_FORK, &param) ? -errno : 0;
}
