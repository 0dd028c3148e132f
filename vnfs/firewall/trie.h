/* trie.h: rules as an rte_acl trie, one for IPv4 and one for IPv6.
 *
 * A rule becomes one entry for every combination of its values; its place in the list is
 * their priority, so the first match wins. What such a trie does not know by itself, the
 * connection point and the TCP flags, are bytes of the key like any other; ICMP type and
 * code stand in the place of the ports.
 */
#ifndef VNFS_FIREWALL_TRIE_H
#define VNFS_FIREWALL_TRIE_H

#include <stdint.h>
#include "dataplane/sdk/base.h"
#include "dataplane/pkt/parse.h"
#include "vnfs/firewall/config.h"

struct rte_acl_ctx;

/* What a packet looks like to the tries: one byte, then groups of four; big-endian. IPv4
 * uses the first four of 16. */
struct trie_key {
	uint8_t proto;
	uint8_t pad[3];
	uint8_t src[16], dst[16];
	uint16_t sport, dport; /* or ICMP type, code */
	uint8_t cp, tcp_flags; /* with the next two one field of four bytes */
	uint8_t pad2[2];
};

void trie_key(struct trie_key *key, const struct pkt_info *packet, unsigned cp);

/* The trie of all rules that can match packets of the family (4 or 6), whose results are
 * rule index + 1, or 0; null if there is none. Free with rte_acl_free(). 0, or
 * ERR_NO_RESOURCE. */
int trie_compile(struct rte_acl_ctx **trie, const struct fw_config *config,
	uint8_t family, struct err *err);

#endif
