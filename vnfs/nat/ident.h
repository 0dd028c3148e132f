/* ident.h: the identification of datagrams that leave with an outside address: unique for
 * each address pair and protocol, as those of several inside hosts, each unique by
 * itself, would meet (RFC 6864 5.3.1, RFC 4787 REQ-14). Atomic datagrams need none.
 * Worker only.
 *
 * A counter for each of many buckets of pairs; pairs that share one only use it up
 * sooner.
 */
#ifndef VNFS_NAT_IDENT_H
#define VNFS_NAT_IDENT_H

#include <stdint.h>

#define IDENT_BUCKETS 4096

struct ident {
	uint64_t secret;
	uint16_t next[IDENT_BUCKETS];
};

void ident_init(struct ident *ident, uint64_t seed);

/* The next one of a pair (network order) and protocol. */
static inline uint16_t
ident_next(struct ident *ident, uint32_t src, uint32_t dst, uint8_t proto)
{
	const uint64_t key = ((uint64_t)src << 32 | dst) ^ (uint64_t)proto << 24;
	const uint64_t hash = (key ^ ident->secret) * 0x9e3779b97f4a7c15ull;

	return ident->next[hash >> 52]++;
}

#endif
