/* group.h: VNFs that share a process. Loop thread only; no I/O.
 *
 * A document with `group: {name, n}` is one of n of its service that say the same, and
 * want the same core. As long as fewer do, the group is being put together or changed,
 * and nothing is started for it. A VNF without a group is its only member.
 */
#ifndef VNFM_GROUP_H
#define VNFM_GROUP_H

#include "vnfm/wanted.h"

#define GROUP_MAX 16 /* VNFs of one process */

struct group {
	struct object *members[GROUP_MAX]; /* in the order in which they were put */
	unsigned n;
	bool whole;
};

/* The group that a VNF's document names. */
struct group group_of(const struct wanted *wanted, const struct object *vnf);
/* Another VNF that has that process, or null. */
struct object *group_companion(
	const struct wanted *wanted, const struct object *vnf, pid_t pid);
/* Not all members of its group are in one process, or others are in it too. */
bool group_is_misplaced(const struct wanted *wanted, const struct object *vnf);

#endif
