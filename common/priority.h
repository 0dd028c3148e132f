/* priority.h: how the threads that carry packets, those that keep watch over them, and
 * work that can wait are scheduled.
 *
 * A worker that yields its core to the next stage of a chain wants it back as soon as
 * that stage has done a burst. Among ordinary tasks the kernel may let any busy neighbour
 * run for milliseconds in between: it charges a yield like a whole slice, divided by the
 * weight of the task. So workers are tasks with a short slice and a large weight, which
 * is also how services that share a core get their shares
 * (docs/adr/0009-shares-of-a-core.md); and on request they are real-time tasks, of which
 * a yield goes just to the next (docs/adr/0007-real-time-workers.md).
 */
#ifndef COMMON_PRIORITY_H
#define COMMON_PRIORITY_H

enum priority {
	PRIORITY_NORMAL,
	PRIORITY_START,	 /* becomes a worker soon: as heavy as one, but never real-time */
	PRIORITY_WORKER, /* carries packets */
	PRIORITY_KEEPER, /* supervises and answers, in short pieces: before the workers */
};

/* Of the calling thread; threads and processes that it starts are normal again. With
 * RENGA_PRIORITY=realtime in the environment workers and keepers are SCHED_RR: for
 * machines whose cores are given to the platform, since saturated workers leave other
 * tasks just the kernel's reserve. 0, or -EPERM where the system does not allow it:
 * everything works without, slower on a busy machine. */
int priority_set(enum priority priority);

/* Work of seconds that nobody waits for, in a thread of its own: from now on it gets what
 * nobody else wants. */
int priority_set_background(void);
/* Work that somebody waits for: this thread gives way, in short slices, but has as large
 * a share as any other that carries no packets. */
int priority_set_low(void);
/* If what nobody waits for takes too long (both cores are busy for good): thread `tid` of
 * this process is given a small part of a core after all. */
int priority_hurry(int tid);

#endif
