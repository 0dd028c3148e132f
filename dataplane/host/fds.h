/* fds.h: the descriptors that a driver opened, found by comparing before and after:
 * drivers do not tell. */
#ifndef DATAPLANE_HOST_FDS_H
#define DATAPLANE_HOST_FDS_H

#include <stdint.h>

#define FDS_MAX 16384

struct fds { /* a set of descriptor numbers below FDS_MAX */
	uint64_t bits[FDS_MAX / 64];
};

/* The descriptors that this process has open. */
void fds_list(struct fds *fds);
/* Packet sockets, AF_XDP sockets and TAP queues that were opened since, at most max;
 * those in error are left out, since they can never be waited on. Returns how many. */
unsigned fds_waitable_since(const struct fds *before, int *found, unsigned max);

#endif
