/* fault.h: named instants at which a test can let the process die, to prove that nothing
 * is lost whichever instant it is.
 *
 * Only in a build with `make FAULT_POINTS=1`; else a point costs nothing. The environment
 * says where: RENGA_FAULT=name:count kills the process (SIGKILL) when it passes the point
 * of that name for the count-th time. docs/faults.md lists them.
 */
#ifndef COMMON_FAULT_H
#define COMMON_FAULT_H

#ifdef RENGA_FAULT_POINTS
#define FAULT_POINT(name) fault_point(name)
#else
#define FAULT_POINT(name) ((void)0)
#endif

/* Behind FAULT_POINT(). Any thread; a point that several threads pass is counted once for
 * each. */
void fault_point(const char *name);

#endif
