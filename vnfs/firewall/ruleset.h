/* ruleset.h: the rules of one configuration, as the worker needs them: which of them
 * decides (classifier.h), and what it does then. A rule set never changes; another one
 * takes its place as a whole, and its rules go on with the accounts of their names.
 */
#ifndef VNFS_FIREWALL_RULESET_H
#define VNFS_FIREWALL_RULESET_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/sdk/base.h"
#include "dataplane/pkt/parse.h"
#include "dataplane/sdk/vnf.h"
#include "vnfs/firewall/account.h"
#include "vnfs/firewall/classifier.h"
#include "vnfs/firewall/config.h"
#include "vnfs/firewall/police.h"

struct ruleset_rule { /* what the worker needs of a rule: half a cache line */
	uint32_t account;
	uint32_t tag;		     /* account_tag() of its name */
	const char *name;	     /* lives as long as the rule set */
	const struct police *police; /* null: it has no rate */
	uint8_t action;		     /* enum fw_action */
	uint8_t reject_with;	     /* enum fw_reject */
	bool log;
	bool plain; /* accept or drop, and nothing else: no log, no rate */
};

struct ruleset {
	struct classifier *classifier;
	const struct fw_config *config;
	const struct accounts *accounts;
	struct rule_list *list;	    /* owns what follows; a refined rule set shares it */
	struct ruleset_rule *rules; /* n_rules, and the default behind them */
	unsigned n_rules;
	unsigned uses;		 /* enum match_uses: what the rules look at */
	const unsigned *passing; /* indices of the rules that say continue */
	unsigned n_passing;
};

/* The rules of a checked configuration, with their accounts acquired. before: the rule
 * set in use, or null: if little has changed the tries of that one serve on, which takes
 * milliseconds; else all is compiled, which may take seconds for many thousand rules. The
 * configurations must outlive the rule sets. Control thread, or one that builds. 0, or
 * ERR_NO_RESOURCE. */
int ruleset_create(struct ruleset **ruleset, const struct fw_config *config,
	struct accounts *accounts, const struct ruleset *before, struct err *err);
/* The same rules with all of them compiled; *refined is null if they are already. Any
 * thread, while the rule set is in use. 0, or ERR_NO_RESOURCE. */
int ruleset_refine(
	struct ruleset **refined, const struct ruleset *ruleset, struct err *err);
/* Control thread, or one that refines. Null is fine. */
void ruleset_destroy(struct ruleset *ruleset);

struct ruleset_batch { /* packets of one family */
	struct match_key keys[VNF_BURST];
	uint8_t packet[VNF_BURST]; /* which: indices of rules[] */
	unsigned n;
};

/* The rules that decide those, in rules[]. Worker. */
void ruleset_decide(const struct ruleset *ruleset, uint8_t family,
	const struct ruleset_batch *batch, const struct ruleset_rule **rules);

/* For each of n <= VNF_BURST packets (IP, not a later fragment) that came in by cp: the
 * rule that decides it, in rules[]. frames null: they are not at hand. Worker. */
void ruleset_match(const struct ruleset *ruleset, unsigned cp,
	const struct pkt_info *const *packets, const uint8_t *const *frames, unsigned n,
	const struct ruleset_rule **rules);

/* Of the rules before `rule` that say continue, the next at or behind *at (0 at first) of
 * those that match the packet; null: no more. Worker. */
const struct ruleset_rule *ruleset_passed(const struct ruleset *ruleset, unsigned cp,
	const struct pkt_info *packet, const uint8_t *frame,
	const struct ruleset_rule *rule, unsigned *at);

#endif
