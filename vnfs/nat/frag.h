/* frag.h: what the first fragment of a datagram was translated to, for those that follow
 * it (RFC 4787 REQ-14). Time is an argument; worker only, but for create and destroy.
 *
 * Fragments that come before their first are not kept: they are dropped under their own
 * reason.
 */
#ifndef VNFS_NAT_FRAG_H
#define VNFS_NAT_FRAG_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/sdk/base.h"
#include "dataplane/pkt/parse.h"

#define FRAG_CAPACITY	1024		     /* datagrams at a time */
#define FRAG_TIMEOUT_NS (30 * 1000000000ull) /* RFC 4787 section 11 */

struct frags;

/* 0, or ERR_NO_RESOURCE. */
int frags_create(struct frags **frags, uint64_t seed, struct err *err);
void frags_destroy(struct frags *frags); /* null is fine */

/* The first fragment, before it is rewritten, that came in by cp: its inside or outside
 * address becomes ip. */
void frags_remember(struct frags *frags, unsigned cp, const struct pkt_info *info,
	uint32_t ip, uint64_t now_ns);
/* The same for a later one. False: its first has not been seen. */
bool frags_find(struct frags *frags, unsigned cp, const struct pkt_info *info,
	uint64_t now_ns, uint32_t *ip);
void frags_expire(struct frags *frags, uint64_t now_ns);

#endif
