/* ruleset.c: rule sets: two tries and a list; see ruleset.h. */
#include "vnfs/firewall/ruleset.h"

#include <stdlib.h>
#include <string.h>
#include <rte_acl.h>
#include "vnfs/firewall/trie.h"

static int make_rules(
	struct ruleset *set, const struct fw_config *config, struct err *err);
static int list_passing(struct ruleset *set, struct err *err);

int
ruleset_create(struct ruleset **ruleset, const struct fw_config *config,
	struct accounts *accounts, struct err *err)
{
	struct ruleset *set = calloc(1, sizeof(*set));
	int rc;

	if (set == NULL)
		return err_set(
			err, ERR_NO_RESOURCE, "rules", NULL, "no memory for the rules");
	set->accounts = accounts;
	set->config = config;
	rc = make_rules(set, config, err);
	if (rc == 0)
		rc = list_passing(set, err);
	if (rc == 0)
		rc = trie_compile(&set->acl4, config, 4, err);
	if (rc == 0)
		rc = trie_compile(&set->acl6, config, 6, err);
	if (rc < 0) {
		ruleset_destroy(set);
		return rc;
	}
	*ruleset = set;
	return 0;
}

void
ruleset_destroy(struct ruleset *set)
{
	if (set == NULL)
		return;
	rte_acl_free(set->acl4);
	rte_acl_free(set->acl6);
	for (unsigned i = 0; i < set->n_acquired; i++)
		accounts_release(set->accounts, set->rules[i].account);
	free(set->passing);
	free(set->rules);
	free(set->names);
	free(set);
}

static void
set_action(struct ruleset_rule *rule, const struct fw_rule *from)
{
	rule->action = from->action;
	rule->reject_with = from->reject_with;
	rule->log = from->log;
	if (from->has_police)
		police_init(&rule->police, &from->police);
}

static int
make_rules(struct ruleset *set, const struct fw_config *config, struct err *err)
{
	set->n_rules = config->n_rules;
	set->rules = calloc(config->n_rules + 1, sizeof(*set->rules));
	set->names = calloc(config->n_rules + 1, sizeof(*set->names));
	for (unsigned i = 0; i <= config->n_rules; i++) {
		struct ruleset_rule *rule = &set->rules[i];
		bool dflt = i == config->n_rules;

		if (set->rules == NULL || set->names == NULL)
			break;
		rule->name = fw_rule_name(config, i, set->names[i]);
		if (rule->name != set->names[i])
			rule->name = strncpy(set->names[i], rule->name, FW_NAME_SIZE - 1);
		rule->tag = account_tag(rule->name);
		rule->action = config->dflt;
		if (!dflt)
			set_action(rule, &config->rules[i]);
		if (accounts_acquire(set->accounts, rule->name, &rule->account) < 0)
			break;
		set->n_acquired++;
	}
	if (set->n_acquired <= config->n_rules)
		return err_set(err, ERR_NO_RESOURCE, "rules", NULL,
			"no memory for %u rules", config->n_rules);
	return 0;
}

static int
list_passing(struct ruleset *set, struct err *err)
{
	set->passing = calloc(set->n_rules + 1, sizeof(*set->passing));
	if (set->passing == NULL)
		return err_set(err, ERR_NO_RESOURCE, "rules", NULL,
			"no memory for %u rules", set->n_rules);
	for (unsigned i = 0; i < set->n_rules; i++) {
		set->uses |= match_uses(&set->config->rules[i]);
		if (set->rules[i].action == FW_CONTINUE)
			set->passing[set->n_passing++] = i;
	}
	return 0;
}

/* ---- the worker's side ---- */

struct batch { /* the packets of one family */
	struct match_key keys[VNF_BURST];
	const uint8_t *at[VNF_BURST];
	uint8_t packet[VNF_BURST];
	unsigned n;
};

static void match(const struct ruleset *set, const struct rte_acl_ctx *acl,
	const struct batch *batch, const struct ruleset_rule **rules);

void
ruleset_match(const struct ruleset *set, unsigned cp,
	const struct pkt_info *const *packets, const uint8_t *const *frames, unsigned n,
	const struct ruleset_rule **rules)
{
	struct batch batches[2];

	batches[0].n = batches[1].n = 0;
	for (unsigned i = 0; i < n; i++) {
		struct batch *batch = &batches[packets[i]->family == 6];

		match_key(&batch->keys[batch->n], packets[i],
			frames != NULL ? frames[i] : NULL, cp, set->uses);
		batch->at[batch->n] = (const uint8_t *)&batch->keys[batch->n];
		batch->packet[batch->n++] = i;
	}
	match(set, set->acl4, &batches[0], rules);
	match(set, set->acl6, &batches[1], rules);
}

static void
match(const struct ruleset *set, const struct rte_acl_ctx *acl, const struct batch *batch,
	const struct ruleset_rule **rules)
{
	uint32_t results[VNF_BURST] = {0};

	if (acl != NULL && batch->n > 0)
		rte_acl_classify(acl, (const uint8_t **)(uintptr_t)batch->at, results,
			batch->n, 1);
	for (unsigned i = 0; i < batch->n; i++) {
		unsigned index = results[i] > 0 ? results[i] - 1 : set->n_rules;

		rules[batch->packet[i]] = &set->rules[index];
	}
}

const struct ruleset_rule *
ruleset_passed(const struct ruleset *set, unsigned cp, const struct pkt_info *packet,
	const uint8_t *frame, const struct ruleset_rule *rule, unsigned *at)
{
	struct match_key key;

	if (*at >= set->n_passing)
		return NULL;
	match_key(&key, packet, frame, cp, ~0u);
	while (*at < set->n_passing) {
		const unsigned i = set->passing[(*at)++];

		if (&set->rules[i] >= rule)
			break;
		if (match_rule(&set->config->rules[i], &key, NULL))
			return &set->rules[i];
	}
	*at = set->n_passing;
	return NULL;
}
