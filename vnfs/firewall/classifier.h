/* classifier.h: which rule of a configuration decides, for bursts of packets.
 *
 * All rules compiled, to a cascade of tables (cascade.h) or, where that would be too
 * large, to a trie (trie.h); or those of an earlier configuration with what has changed
 * since: an added rule is looked at before the compiled ones are believed, and where they
 * name one that is gone, the rules behind it that meet it are looked at in order.
 * Either way the answer is that of a walk along the list. Compiling takes seconds for
 * many thousand rules; taking in a change takes a millisecond, and the compiled form can
 * follow later. Never changes.
 */
#ifndef VNFS_FIREWALL_CLASSIFIER_H
#define VNFS_FIREWALL_CLASSIFIER_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/sdk/base.h"
#include "vnfs/firewall/config.h"
#include "vnfs/firewall/delta.h"
#include "vnfs/firewall/match.h"

struct classifier;

/* Compiles all rules. The configuration must outlive the classifier. 0, or
 * ERR_NO_RESOURCE. */
int classifier_create(
	struct classifier **classifier, const struct fw_config *config, struct err *err);
/* The same compiled rules, for a configuration that delta leads to from the one of
 * `before`. 0; -E2BIG if there are too many changes since they were compiled; -ENOMEM. */
int classifier_derive(struct classifier **classifier, const struct classifier *before,
	const struct delta *delta, const struct fw_config *config);
/* Null is fine. */
void classifier_destroy(struct classifier *classifier);

/* Whether all rules are compiled. */
bool classifier_is_whole(const struct classifier *classifier);

/* For each of n <= 32 keys of one family: the index of the rule that decides, n_rules if
 * none does. Worker. */
void classifier_find(const struct classifier *classifier, uint8_t family,
	const struct match_key *keys, unsigned n, uint32_t *indices);

#endif
