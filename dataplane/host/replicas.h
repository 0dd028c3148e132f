/* replicas.h: the slots that are replicas of one scaled VNF, or of all VNFs of a scaled
 * group, and what sends to each of them: their spread (dataplane/shm/spread.h). Control
 * thread only.
 *
 * A group is scaled as one: what has come into one of its processes stays there. Between
 * VNFs of a group only the links of replicas of the same index carry packets, and who
 * sends into it chooses as the first of its VNFs on the way wants that minds: a NAT.
 *
 * A change of who owns what goes in three requests (southbound.md, section 2): move, then
 * the VNFs pin their sessions, then settle. Each may be repeated.
 */
#ifndef DATAPLANE_HOST_REPLICAS_H
#define DATAPLANE_HOST_REPLICAS_H

#include "dataplane/host/host.h"

struct replicas {
	LIST_ENTRY(replicas) entry;
	char of[160]; /* id of the VNF: that of replica 0; or of a group, with its service
		       */
	struct spread *spread;
	unsigned n_slots;
};

/* Makes a slot one of them, with as many owners as `n` if all are new; if replica 0 works
 * already it stays the only owner. One that comes to a group or leaves it goes along only
 * while nobody shares its flows: until then it stays with those that do. ERR_STATE: it is
 * another replica. ERR_NO_RESOURCE. */
int replicas_join(struct host *host, struct slot *slot, const struct slot_want *want,
	struct err *err);
/* Of a slot that ends, and that no link has any more. */
void replicas_leave(struct host *host, struct slot *slot);

/* Those that a VNF, which has replica 0 of them, belongs to. */
struct replicas *replicas_of(const struct host *host, const char *vnf);
/* The next slot of that index after one; null: the first. */
struct slot *replicas_next(const struct host *host, const struct replicas *replicas,
	unsigned index, const struct slot *after);
/* How who sends to a connection point of one of them chooses. */
enum spread_by replicas_by(const struct host *host, const struct slot *slot, unsigned cp);
/* Whether somebody who sends to them looks for one end of a flow alone. */
bool replicas_by_ends(const struct host *host, const struct replicas *replicas);
/* Whether a link between two of them carries nothing, as they are of different processes
 * of a group. */
bool replicas_are_across(const struct slot *a, const struct slot *b);

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
