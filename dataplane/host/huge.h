/* huge.h: the huge pages of this platform: are there enough, and a hugetlbfs mount of its
 * own, so that nothing is left behind by any end of the process: a mount that a dead
 * predecessor left is thrown away with its files. */
#ifndef DATAPLANE_HOST_HUGE_H
#define DATAPLANE_HOST_HUGE_H

#include "common/err.h"

/* ERR_NO_RESOURCE with the command that helps unless mib of 2 MiB pages are free. */
int huge_check(unsigned mib, struct err *err);
/* The same, but waits for them up to wait_ms. */
int huge_await(unsigned mib, unsigned wait_ms, struct err *err);
/* Makes path a fresh hugetlbfs mount that only we may enter. ERR_FORBIDDEN without the
 * right to mount. */
int huge_mount(const char *path, struct err *err);
/* Takes it away, even while processes still have pages of it mapped: they keep those
 * until they end. */
void huge_unmount(const char *path);

#endif
