/* process.h: whether a process lives. */
#ifndef DATAPLANE_HOST_PROCESS_H
#define DATAPLANE_HOST_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* False for 0, and for a process of which every thread has ended, reaped or not: nothing
 * of it runs any more. */
bool process_lives(pid_t pid);

#endif
