/* shadow.h: rules that could go and nothing would change: those that an earlier one
 * covers, so that they can never match, and those that only say what a later one says
 * anyway. Looks at pairs: rules that several others cover together are not found. Pure.
 */
#ifndef VNFS_FIREWALL_SHADOW_H
#define VNFS_FIREWALL_SHADOW_H

#include <stdbool.h>
#include "vnfs/firewall/config.h"

enum shadow_kind {
	SHADOW_NONE,
	SHADOW_NEVER,	  /* `by` comes first, and does something else */
	SHADOW_REDUNDANT, /* `by` does the same: before it, or behind it */
};

struct shadow {
	enum shadow_kind kind;
	unsigned by; /* index; n_rules: the default */
};

/* That of rule i. Looks at every other rule once, at most. */
struct shadow shadow_of(const struct fw_config *config, unsigned i);

#endif
