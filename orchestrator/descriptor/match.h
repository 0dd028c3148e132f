/* match.h: what the packets of a forwarding path are like, as a person writes it, and as
 * ETSI's rules of a network forwarding path say it. Pure.
 *
 * A match is {src?, dst?, sport?, dport?, proto?, dscp?, vlan?, src-mac?, dst-mac?,
 * ethertype?}: all that is there must hold, {} holds for every packet. Addresses are
 * prefixes, ports numbers or ranges "a-b", of both there may be a list. The host reads it
 * by common/steer_rule.h.
 */
#ifndef ORCHESTRATOR_DESCRIPTOR_MATCH_H
#define ORCHESTRATOR_DESCRIPTOR_MATCH_H

#include <stdbool.h>
#include <jansson.h>
#include "common/err.h"

/* The names of a rule's members. */
enum match_style {
	MATCH_SOL005, /* "sourceIpAddressPrefix" */
	MATCH_SOL006, /* "source-ip-address-prefix" */
};

/* Judges a match, or a list of them of which one must hold; null holds always. Adds every
 * fault. New reference to a list; null if there was a fault. */
json_t *match_read(const json_t *match, const char *path, struct faults *faults);

/* The match that a rule (NfpRule) is; adds every fault. New reference; null if there was
 * one. */
json_t *match_from_rule(const json_t *rule, enum match_style style, const char *path,
	struct faults *faults);
/* The rule that a list of matches is. New reference; null if no rule can say it. */
json_t *match_to_rule(const json_t *matches, enum match_style style);

#endif
