/* peers.h: how many sessions a mapping has with an outside host, for address-dependent
 * filtering (RFC 4787 section 5). Private memory; worker only.
 *
 * An open-addressing table of 12-byte entries, at most three quarters full, with linear
 * probing and deletion by shifting back. The hash is keyed.
 */
#ifndef VNFS_NAT_PEERS_H
#define VNFS_NAT_PEERS_H

#include <stdbool.h>
#include <stdint.h>

struct peers;

/* Room for n pairs. Null: out of memory. */
struct peers *peers_create(uint32_t n, uint64_t seed);
void peers_destroy(struct peers *peers); /* null is fine */

/* Brings the pair's place into the cache. */
void peers_expect(const struct peers *peers, uint32_t mapping, uint32_t ip);
/* Whether the mapping has a session with ip (network order). */
bool peers_has(const struct peers *peers, uint32_t mapping, uint32_t ip);
/* One session more, one less. There are never more pairs than there is room for. */
void peers_add(struct peers *peers, uint32_t mapping, uint32_t ip);
void peers_del(struct peers *peers, uint32_t mapping, uint32_t ip);

#endif
