/* replicas.h: the slots that are replicas of one scaled VNF, and what sends to each of
 * them: their spread (dataplane/shm/spread.h). Control thread only.
 *
 * A change of who owns what goes in three requests (southbound.md, section 2): move, then
 * the VNFs pin their sessions, then settle. Each may be repeated.
 */
#ifndef DATAPLANE_HOST_REPLICAS_H
#define DATAPLANE_HOST_REPLICAS_H

#include "dataplane/host/host.h"

struct replicas {
	LIST_ENTRY(replicas) entry;
	char of[64]; /* id of the VNF: that of replica 0 */
	struct spread *spread;
	unsigned n_slots;
};

/* Makes a slot one of them, with as many owners as `n` if all are new; if replica 0 works
 * already it stays the only owner. Does nothing if it is one. ERR_STATE: it is of
 * another VNF. ERR_NO_RESOURCE. */
int replicas_join(struct host *host, struct slot *slot, const char *of, unsigned index,
	unsigned n, struct err *err);
/* Of a slot that ends, and that no link has any more. */
void replicas_leave(struct host *host, struct slot *slot);

struct replicas *replicas_find(const struct host *host, const char *of);
struct slot *replicas_slot(
	const struct host *host, const struct replicas *replicas, unsigned index);

/* Has replicas 0 to n - 1 share all flows. When it returns 0, every packet that is sent
 * to a bucket that moves is pinned, and the givers (bits) have seen all that were sent
 * before; *moving 0: there is nothing to do. ERR_UNAVAILABLE: a replica that is
 * concerned does not run; ERR_TIMEOUT: one does not work off its packets. force: one
 * that does not run is not waited for, and named in no bit. */
int replicas_move(struct host *host, struct replicas *replicas, unsigned n, bool force,
	unsigned *moving, uint32_t *givers, struct err *err);
/* After the givers have pinned their sessions. ERR_NO_RESOURCE: they are too many, and
 * all is as it was before. */
int replicas_settle(struct host *host, struct replicas *replicas, struct err *err);
/* The sessions of a replica that owns nothing any more are given up. */
int replicas_release(
	struct host *host, struct replicas *replicas, unsigned index, struct err *err);

#endif
