/* delta.h: what has changed between two lists of rules, as far as matching goes: each new
 * rule is an old one in its order, or added; the old ones that are left over are gone.
 * Pure.
 */
#ifndef VNFS_FIREWALL_DELTA_H
#define VNFS_FIREWALL_DELTA_H

#include <stdbool.h>
#include <stdint.h>
#include "vnfs/firewall/config.h"

#define DELTA_MAX  64 /* rules added and gone, together */
#define DELTA_NONE UINT32_MAX

struct delta {
	uint32_t *from; /* by new index: the old one, or DELTA_NONE; null: nothing is
			   known */
	uint32_t *to;	/* by old index: the new one, or DELTA_NONE */
	unsigned n_added, n_gone;
};

/* What a rule does may differ, but for whether it says continue. 0; -E2BIG: more than
 * DELTA_MAX; -ENOMEM. In any case free with delta_clear(). */
int delta_make(
	struct delta *delta, const struct fw_config *old, const struct fw_config *now);
void delta_clear(struct delta *delta);

#endif
