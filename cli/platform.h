/* platform.h: the daemons of the platform on this machine: which of them live, starting
 * and ending them. */
#ifndef CLI_PLATFORM_H
#define CLI_PLATFORM_H

#include <sys/types.h>
#include "cli/session.h"

enum daemon { DAEMON_ORCHESTRATOR, DAEMON_VNFM, DAEMON_DATAPLANE, DAEMONS };

extern const char *const platform_names[DAEMONS]; /* "orchestrator", ... */

/* Its pid, or 0. A pid file whose number has gone to another program counts as none. */
pid_t platform_pid(enum daemon daemon);

/* Starts renga-<name> from beside this program with argv (argv[0] is filled in), its
 * output in <runtime>/log/<name>.log, and waits until it is ready. */
int platform_start(enum daemon daemon, const char **argv, struct err *err);

/* Waits until the process is gone. 0 or -ETIMEDOUT. */
int platform_wait_gone(pid_t pid, unsigned timeout_ms);

/* Free 2 MiB huge pages, and all of them. False where the kernel has none of that size.
 */
bool platform_huge_pages(unsigned *n_free, unsigned *n_all);

/* {orchestrator: {pid, address}, vnfm: {pid, socket}, dataplane: {pid}, vnfs: n}; daemons
 * that do not run are null. New reference. */
json_t *platform_describe(void);
/* The same as lines for people. */
void platform_print(const struct output *out, const json_t *platform);

#endif
