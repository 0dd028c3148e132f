/* cascade.h: rules as a cascade of tables: the form for up to some thousand rules whose
 * values are not too many.
 *
 * Recursive flow classification (P. Gupta and N. McKeown, "Packet Classification on
 * Multiple Fields", 1999): the key is cut into chunks of 8 or 16 bits; a table says for
 * each value of a chunk which class it is in, that is, which entries (entry.h) it agrees
 * with. Two classes are taken together by a further table, row by column, until one is
 * left, which is the answer. A lookup is a fixed number of loads that do not wait for
 * each other, about a dozen for addresses, ports and protocol: half of what a trie takes
 * that walks from byte to byte, and more than that where wildcards make it several tries.
 * Chunks that no entry looks at have no table. What an entry behind one that matches
 * everything else could add is no difference, so it makes no class.
 *
 * The tables grow with the product of what the fields hold, so for some rules they would
 * be too large: then there is no cascade, and a trie serves. Never changes.
 */
#ifndef VNFS_FIREWALL_CASCADE_H
#define VNFS_FIREWALL_CASCADE_H

#include <stdint.h>
#include "vnfs/firewall/config.h"
#include "vnfs/firewall/match.h"

#define CASCADE_MAX_ENTRIES 4096
#define CASCADE_BURST	    32

struct cascade;

/* All rules that decide and can match packets of the family (4 or 6); null if there is
 * none. 0; -E2BIG: a trie is to be made; -ENOMEM. Any thread. */
int cascade_create(
	struct cascade **cascade, const struct fw_config *config, uint8_t family);
/* Null is fine. */
void cascade_destroy(struct cascade *cascade);

/* For each of n <= CASCADE_BURST keys the index of the first rule that matches + 1, or 0.
 * Worker. */
void cascade_find(const struct cascade *cascade, const struct match_key *keys, unsigned n,
	uint32_t *results);

#endif
