/* match.h: what a packet looks like to the rules, and one rule held against it, or
 * against another rule.
 *
 * Compiled rules (trie.h) look at the same key. This is the plain way: for the few rules
 * that are not compiled yet, and to say why a rule does not match. Pure.
 */
#ifndef VNFS_FIREWALL_MATCH_H
#define VNFS_FIREWALL_MATCH_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"
#include "vnfs/firewall/config.h"

enum match_bits { MATCH_FRAGMENT = 1, MATCH_OPTIONS = 2 };

/* One byte, then groups of four; big-endian. IPv4 uses the first four of 16. */
struct match_key {
	uint8_t proto;
	uint8_t family;
	uint8_t pad[2];
	uint8_t src[16], dst[16];
	uint16_t sport, dport; /* or ICMP type, code */
	uint8_t cp, tcp_flags, dscp, bits;
	uint16_t vlan, length;
	uint8_t src_mac[6], dst_mac[6];
};

/* What of a key the rules look at, besides protocol, addresses and ports. */
enum match_uses {
	MATCH_USES_META = 1,  /* cp, tcp_flags, dscp, bits */
	MATCH_USES_FRAME = 2, /* of these dscp, which is read from the frame */
	MATCH_USES_SIZE = 4,  /* vlan, length */
	MATCH_USES_MAC = 8,
};

/* That of a rule. */
unsigned match_uses(const struct fw_rule *rule);

/* The key of a packet that came in by cp. frame null: not at hand; what would be read
 * from it is 0. Of members that are not in uses, some are not written. */
void match_key(struct match_key *key, const struct pkt_info *packet, const uint8_t *frame,
	unsigned cp, unsigned uses);

/* Whether the rule matches; if not, *because (or null) is the name of the first member
 * that does not. The key has all members. */
bool match_rule(
	const struct fw_rule *rule, const struct match_key *key, const char **because);

/* Whether both look for the same packets, by the same words. */
bool match_equal(const struct fw_rule *a, const struct fw_rule *b);
/* Whether there may be packets that both match: false is certain. */
bool match_meets(const struct fw_rule *a, const struct fw_rule *b);
/* Whether every packet that `inner` matches is matched by `outer`: true is certain. */
bool match_covers(const struct fw_rule *outer, const struct fw_rule *inner);

#endif
