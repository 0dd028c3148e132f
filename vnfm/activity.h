/* activity.h: what a process is doing, as the kernel sees it (/proc). */
#ifndef VNFM_ACTIVITY_H
#define VNFM_ACTIVITY_H

#include <sys/types.h>
#include "vnfm/vigil.h"

/* Of all threads of pid, or of its thread tid alone (0: all). -ENOENT if it is gone. */
int activity_read(pid_t pid, pid_t tid, struct activity *activity);

#endif
