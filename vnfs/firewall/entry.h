/* entry.h: rules as entries of one value or range for each field, which is what compiled
 * forms (trie.h, cascade.h) are made of.
 *
 * A rule becomes one entry for every combination of its values; the connection point and
 * the TCP flags are bytes of the key like any other; ICMP type and code stand in the
 * place of the ports. Entries have just those fields that one of the rules looks at,
 * besides protocol, addresses and ports. They are rules of rte_acl; userdata is the
 * rule's index + 1, priority falls along the list.
 */
#ifndef VNFS_FIREWALL_ENTRY_H
#define VNFS_FIREWALL_ENTRY_H

#include <stdint.h>
#include <rte_acl.h>
#include "vnfs/firewall/config.h"
#include "vnfs/firewall/match.h"

enum entry_field { /* in the order of their places in the key */
	ENTRY_PROTO,
	ENTRY_SRC, /* the first of four words */
	ENTRY_DST = ENTRY_SRC + 4,
	ENTRY_SPORT = ENTRY_DST + 4,
	ENTRY_DPORT,
	ENTRY_CP,
	ENTRY_TCP_FLAGS,
	ENTRY_DSCP,
	ENTRY_BITS,
	ENTRY_VLAN,
	ENTRY_LENGTH,
	ENTRY_MAC, /* the first of three words: source, then destination */
	ENTRY_FIELDS = ENTRY_MAC + 3
};

RTE_ACL_RULE_DEF(entry, ENTRY_FIELDS);

struct entry_layout { /* the fields of all entries of one family */
	struct rte_acl_field_def defs[ENTRY_FIELDS];
	unsigned n;
	uint8_t at[ENTRY_FIELDS]; /* index in defs, or ENTRY_ABSENT */
	uint64_t n_entries;
};

#define ENTRY_ABSENT UINT8_MAX

/* What the rules that decide and can match packets of the family (4 or 6) come to. 0;
 * -E2BIG, -ENOMEM. */
int entry_survey(
	struct entry_layout *layout, const struct fw_config *config, uint8_t family);

/* Calls fn with each entry, by the order of the rules, until it returns something else
 * than 0, which is returned. 0, or as entry_survey(). */
typedef int entry_fn(void *arg, const struct entry *entry);
int entry_each(const struct entry_layout *layout, const struct fw_config *config,
	uint8_t family, entry_fn *fn, void *arg);

#endif
