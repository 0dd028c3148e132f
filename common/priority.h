/* priority.h: how the threads that carry packets, and those that keep watch over them,
 * are scheduled.
 *
 * A worker that yields its core to the next stage of a chain wants it back as soon as
 * that stage has done a burst. Among ordinary tasks the kernel may let any busy neighbour
 * run for milliseconds in between; among real-time tasks of one priority a yield goes
 * just to the next of them (docs/adr/0007-real-time-workers.md has the figures). Workers
 * sleep when there is nothing to do, and the kernel keeps a share of every core for
 * ordinary tasks.
 */
#ifndef COMMON_PRIORITY_H
#define COMMON_PRIORITY_H

enum priority {
	PRIORITY_NORMAL,
	PRIORITY_WORKER, /* carries packets; SCHED_RR */
	PRIORITY_KEEPER, /* supervises and answers, in short pieces: before the workers */
};

/* Of the calling thread; threads and processes that it starts are normal again. Does
 * something only with RENGA_PRIORITY=realtime in the environment: for machines whose
 * cores are given to the platform, since saturated workers leave other tasks just the
 * kernel's reserve. 0, or -EPERM where the system does not allow it: everything works
 * without, slower on a busy machine. */
int priority_set(enum priority priority);

#endif
