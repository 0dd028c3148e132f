/* shadow.c: see shadow.h. */
#include "vnfs/firewall/shadow.h"

#include "vnfs/firewall/match.h"

static bool decides_alike(const struct fw_rule *a, const struct fw_rule *b);
static bool says_alike(const struct fw_rule *rule, int dflt);
static struct shadow look_ahead(const struct fw_config *config, unsigned i);

struct shadow
shadow_of(const struct fw_config *config, unsigned i)
{
	const struct fw_rule *rule = &config->rules[i];

	for (unsigned k = 0; k < i; k++) {
		const struct fw_rule *first = &config->rules[k];

		if (first->action == FW_CONTINUE || !match_covers(first, rule))
			continue;
		return (struct shadow){
			decides_alike(first, rule) ? SHADOW_REDUNDANT : SHADOW_NEVER, k};
	}
	return look_ahead(config, i);
}

/* Up to the first that decides otherwise for one of its packets. A rule that logs, counts
 * on, or has a rate does more than decide. */
static struct shadow
look_ahead(const struct fw_config *config, unsigned i)
{
	const struct fw_rule *rule = &config->rules[i];

	if (rule->action == FW_CONTINUE)
		return (struct shadow){0};
	for (unsigned k = i + 1; k < config->n_rules; k++) {
		const struct fw_rule *next = &config->rules[k];

		if (!match_meets(next, rule))
			continue;
		if (!decides_alike(next, rule))
			return (struct shadow){0};
		if (match_covers(next, rule))
			return (struct shadow){SHADOW_REDUNDANT, k};
	}
	return says_alike(rule, config->dflt)
		       ? (struct shadow){SHADOW_REDUNDANT, config->n_rules}
		       : (struct shadow){0};
}

static bool
decides_alike(const struct fw_rule *a, const struct fw_rule *b)
{
	return a->action == b->action && a->reject_with == b->reject_with &&
	       a->log == b->log && !a->has_police && !b->has_police;
}

static bool
says_alike(const struct fw_rule *rule, int dflt)
{
	return rule->action == dflt && !rule->log && !rule->has_police;
}
