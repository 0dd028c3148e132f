/* fragment.h: later fragments follow their first (RFC 1858, RFC 3128).
 *
 * Only the first fragment of a packet has the ports that rules look at. When it is
 * accepted it is remembered here by addresses and identification for as long as the
 * receiver would wait (30 s, IPv6 60 s: RFC 8200 4.5), and the others pass with it. What
 * comes before its first one, or when the memory is full, is dropped. The memory is
 * private: a successor of this process knows none of them. Worker only.
 */
#ifndef VNFS_FIREWALL_FRAGMENT_H
#define VNFS_FIREWALL_FRAGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/sdk/base.h"
#include "dataplane/pkt/parse.h"
#include "vnfs/firewall/account.h"

#define FRAGMENT_PACKETS 4096 /* fragmented packets remembered at a time */

struct fragments;

/* 0, or ERR_NO_RESOURCE. */
int fragments_create(struct fragments **fragments, const struct accounts *accounts,
	uint64_t seed, uint64_t now_ns, struct err *err);
void fragments_destroy(struct fragments *fragments);

/* Whether a fragment, of any offset, is one that only an attack makes: TCP whose ports or
 * flags are not all in the first (RFC 1858 3.2). */
bool fragment_is_tiny(const struct pkt_info *packet);

/* The first fragment was accepted, its bytes counted on account. */
void fragments_accept(struct fragments *fragments, const struct pkt_info *packet,
	uint16_t zone, unsigned cp, uint32_t account, uint64_t now_ns);
/* Whether a later fragment passes, and where it counts. */
bool fragments_follow(const struct fragments *fragments, const struct pkt_info *packet,
	uint16_t zone, unsigned cp, uint32_t *account);

/* Forgets those whose time has come; bounded work. True: there may be more. */
bool fragments_expire(struct fragments *fragments, uint64_t now_ns);

#endif
