/* values.h: what the lists of a rule come to in one address family: `not-` lists taken
 * out, "any" as a value. Pure.
 */
#ifndef VNFS_FIREWALL_VALUES_H
#define VNFS_FIREWALL_VALUES_H

#include <stdbool.h>
#include <stdint.h>
#include "vnfs/firewall/config.h"

#define VALUES_MAX 4096 /* of one list, when others are taken out of it */

struct prefix_values {
	const struct net_prefix *list;
	unsigned n;
	struct net_prefix *owned; /* null: the rule's own */
};

struct range_values {
	const struct net_ports *list;
	unsigned n;
	struct net_ports *owned;
};

struct values {
	struct prefix_values src, dst;
	struct range_values proto, sport, dport;
};

/* Those of a rule in the family (4 or 6). 0; -E2BIG if a list would be longer than
 * VALUES_MAX; -ENOMEM. In any case free with values_clear(). */
int values_of(struct values *values, const struct fw_rule *rule, uint8_t family);
void values_clear(struct values *values);

/* Whether nothing can match; how many combinations there are, all members of the rule
 * taken together. */
bool values_none(const struct values *values);
uint64_t values_combinations(const struct values *values, const struct fw_rule *rule);

/* Whether a range of protocols is ICMP (or ICMPv6) alone, so that type and code stand in
 * the place of ports. */
bool values_is_icmp(const struct net_ports *proto);

#endif
