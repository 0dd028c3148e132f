/* direct.h: what of a NAT needs no sessions: whole outside addresses that stand for
 * inside hosts (static mappings without ports), and networks outside that are reached
 * without translation. Built by the control thread, then read-only.
 */
#ifndef VNFS_NAT_DIRECT_H
#define VNFS_NAT_DIRECT_H

#include <stdbool.h>
#include <stdint.h>
#include "vnfs/nat/config.h"

#define DIRECT_SLOTS 1024 /* at most a quarter full: CONFIG_MAX_POOL addresses */

struct direct_pair {	   /* network order */
	uint32_t from, to; /* from 0: none */
};

struct direct {
	unsigned n;
	struct direct_pair outward[DIRECT_SLOTS], inward[DIRECT_SLOTS];
	unsigned n_plain;
	struct {
		uint32_t net, mask; /* network order */
	} plain[CONFIG_MAX_NO_NAT];
};

void direct_init(struct direct *direct, const struct config *config);

/* The outside address that stands for the inside one, and the inside one for which an
 * outside address stands; 0: none. */
uint32_t direct_out(const struct direct *direct, uint32_t inside_ip);
uint32_t direct_in(const struct direct *direct, uint32_t outside_ip);
/* Whether an outside address is reached without translation (no-nat). */
bool direct_is_plain(const struct direct *direct, uint32_t ip);

#endif
