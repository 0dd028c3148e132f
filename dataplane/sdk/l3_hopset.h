/* l3_hopset.h: sets of next hops in one array, each kept once and counted: many routes
 * share few sets. A reader has the number of a set's first hop and how many there are.
 *
 * One writer; readers see a set's hops from its making until it is released.
 */
#ifndef DATAPLANE_SDK_L3_HOPSET_H
#define DATAPLANE_SDK_L3_HOPSET_H

#include <stdint.h>
#include "dataplane/sdk/l3_stack.h"

#define L3_HOPSET_MAX 64 /* next hops of one set */

struct l3_hopset {
	struct l3_hop *hops;
	uint32_t first, n, max; /* the sets' hops are from first to n; room for max */
	uint32_t *refs;		/* by number of the first hop */
	uint32_t *next;		/* with the same hash, or of the same size and free */
	uint32_t *chains;	/* by hash: number of the first hop + 1 */
	uint32_t mask;
	uint32_t free[L3_HOPSET_MAX + 1]; /* by size: number + 1 */
};

/* hops: max of them, the caller's; those before first are no sets. 0 or -ENOMEM. */
int l3_hopset_open(
	struct l3_hopset *sets, struct l3_hop *hops, uint32_t first, uint32_t max);
void l3_hopset_close(struct l3_hopset *sets); /* zeroed is fine; the hops stay */

/* The set of these n hops (1 to L3_HOPSET_MAX), in this order, with one more user:
 * *number is its first hop's. 0, or -ENOSPC. */
int l3_hopset_get(
	struct l3_hopset *sets, const struct l3_hop *hops, unsigned n, uint32_t *number);
/* One user less. True: nobody new comes to it; it is to be released after the grace. */
bool l3_hopset_put(struct l3_hopset *sets, uint32_t number, unsigned n);
/* No reader looks at it any more. */
void l3_hopset_release(struct l3_hopset *sets, uint32_t number, unsigned n);

#endif
