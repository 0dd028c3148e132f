/* trie.h: rules as an rte_acl trie, one for IPv4 and one for IPv6: the form for any
 * number of rules. It is made of entries (entry.h); their priority makes the first match
 * win. A trie has just the fields that they have: a field costs each packet.
 */
#ifndef VNFS_FIREWALL_TRIE_H
#define VNFS_FIREWALL_TRIE_H

#include <stdint.h>
#include "dataplane/sdk/base.h"
#include "vnfs/firewall/config.h"
#include "vnfs/firewall/match.h"

struct rte_acl_ctx;

/* The trie of all rules that decide and can match packets of the family (4 or 6), whose
 * results are rule index + 1, or 0; null if there is none. Its keys are struct match_key,
 * of which it reads what the rules use. Free with rte_acl_free(). 0, or ERR_NO_RESOURCE.
 */
int trie_compile(struct rte_acl_ctx **trie, const struct fw_config *config,
	uint8_t family, struct err *err);

#endif
