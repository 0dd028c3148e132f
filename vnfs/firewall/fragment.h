/* fragment.h: fragments: which of them only an attack makes, and what those that follow
 * their first (dataplane/sdk/reasm.h) count for. Worker only.
 */
#ifndef VNFS_FIREWALL_FRAGMENT_H
#define VNFS_FIREWALL_FRAGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include "vnfs/firewall/conntrack.h"

/* Whether headers are split over fragments: a first one that does not hold them whole
 * (RFC 1858 3, RFC 7112), or a later one of TCP that begins within its header (RFC 3128).
 * fault: what pkt_parse() said. */
bool fragment_is_tiny(const struct pkt_info *packet, enum pkt_fault fault);

/* What a first fragment that passes was decided to, in a word: the account that it counts
 * for, which is held until fragment_forget(), and its flow (SESSION_NONE: none). */
uint64_t fragment_decision(
	const struct conntrack *ct, uint32_t account, session_ref ref, unsigned cp);
/* One that follows, or followed: it counts for the same account, and, as long as that
 * lives, for the flow. */
void fragment_count(const struct conntrack *ct, uint64_t decision, uint32_t bytes);
void fragment_forget(const struct conntrack *ct, uint64_t decision);

#endif
