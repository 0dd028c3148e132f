/* ruleset.c: rules with their accounts, and what finds the one that decides; see
 * ruleset.h. */
#include "vnfs/firewall/ruleset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <rte_prefetch.h>
#include "vnfs/firewall/delta.h"

/* Bytes of n rules, in whole cache lines. */
#define RULES_ROOM(n) (((n) * sizeof(struct ruleset_rule) + 63) / 64 * 64)

_Static_assert(sizeof(struct ruleset_rule) == 32, "two rules share a cache line");

struct rule_list {
	struct ruleset_rule *rules;
	unsigned n_rules, n_acquired;
	char (*names)[FW_NAME_SIZE];
	unsigned *passing;
	struct police *police; /* of the rules that have a rate */
	unsigned n_passing, n_police, uses;
	struct accounts *accounts;
	unsigned users; /* rule sets */
};

static int no_memory(struct err *err);
static int classify(struct ruleset *set, const struct ruleset *before,
	const struct delta *delta, struct err *err);
static int list_create(struct rule_list **list, const struct fw_config *config,
	struct accounts *accounts, const struct ruleset *before,
	const struct delta *delta, struct err *err);
static void list_release(struct rule_list *list);
static void use_list(struct ruleset *set, struct rule_list *list);

int
ruleset_create(struct ruleset **ruleset, const struct fw_config *config,
	struct accounts *accounts, const struct ruleset *before, struct err *err)
{
	struct ruleset *set = calloc(1, sizeof(*set));
	struct rule_list *list = NULL;
	struct delta delta = {0};
	int rc;

	if (set == NULL)
		return no_memory(err);
	set->config = config;
	if (before != NULL && delta_make(&delta, before->config, config) < 0)
		before = NULL;
	rc = list_create(&list, config, accounts, before, &delta, err);
	if (list != NULL)
		use_list(set, list);
	if (rc == 0)
		rc = classify(set, before, &delta, err);
	delta_clear(&delta);
	if (rc < 0) {
		ruleset_destroy(set);
		return rc;
	}
	*ruleset = set;
	return 0;
}

int
ruleset_refine(struct ruleset **refined, const struct ruleset *ruleset, struct err *err)
{
	struct ruleset *set;
	int rc;

	*refined = NULL;
	if (classifier_is_whole(ruleset->classifier))
		return 0;
	set = calloc(1, sizeof(*set));
	if (set == NULL)
		return no_memory(err);
	set->config = ruleset->config;
	__atomic_add_fetch(&ruleset->list->users, 1, __ATOMIC_RELAXED);
	use_list(set, ruleset->list);
	rc = classify(set, NULL, NULL, err);
	if (rc < 0) {
		ruleset_destroy(set);
		return rc;
	}
	*refined = set;
	return 0;
}

void
ruleset_destroy(struct ruleset *set)
{
	if (set == NULL)
		return;
	classifier_destroy(set->classifier);
	list_release(set->list);
	free(set);
}

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_NO_RESOURCE, "rules", NULL, "no memory for the rules");
}

/* With the tries of the rule set before it, if they serve. */
static int
classify(struct ruleset *set, const struct ruleset *before, const struct delta *delta,
	struct err *err)
{
	if (before != NULL && classifier_derive(&set->classifier, before->classifier,
				      delta, set->config) == 0)
		return 0;
	return classifier_create(&set->classifier, set->config, err);
}

static void
use_list(struct ruleset *set, struct rule_list *list)
{
	set->list = list;
	set->rules = list->rules;
	set->n_rules = list->n_rules;
	set->passing = list->passing;
	set->n_passing = list->n_passing;
	set->uses = list->uses;
	set->accounts = list->accounts;
}

/* ---- the list ---------------------------------------------------------------------- */

static int make_rule(struct rule_list *list, const struct fw_config *config, unsigned i,
	const struct ruleset_rule *before);
static const struct ruleset_rule *namesake(const struct fw_config *config, unsigned i,
	const struct ruleset *before, const struct delta *delta);
static unsigned count_police(const struct fw_config *config);

/* On failure *list may be set, to be released. */
static int
list_create(struct rule_list **out, const struct fw_config *config,
	struct accounts *accounts, const struct ruleset *before,
	const struct delta *delta, struct err *err)
{
	struct rule_list *list = calloc(1, sizeof(*list));
	const unsigned n = config->n_rules;

	*out = list;
	if (list == NULL)
		return no_memory(err);
	list->users = 1;
	list->accounts = accounts;
	list->n_rules = n;
	list->rules = aligned_alloc(64, RULES_ROOM(n + 1));
	list->names = malloc((n + 1) * sizeof(*list->names));
	list->passing = malloc((n + 1) * sizeof(*list->passing));
	list->police = malloc((count_police(config) + 1) * sizeof(*list->police));
	if (list->rules == NULL || list->names == NULL || list->passing == NULL ||
		list->police == NULL)
		return no_memory(err);
	for (unsigned i = 0; i <= n; i++)
		if (make_rule(list, config, i, namesake(config, i, before, delta)) < 0)
			return no_memory(err);
	return 0;
}

static unsigned
count_police(const struct fw_config *config)
{
	unsigned n = 0;

	for (unsigned i = 0; i < config->n_rules; i++)
		n += config->rules[i].has_police;
	return n;
}

/* The rule of that name in the rule set before, if it is where it is looked for: then its
 * account need not be searched for. Null: it is not. */
static const struct ruleset_rule *
namesake(const struct fw_config *config, unsigned i, const struct ruleset *before,
	const struct delta *delta)
{
	const bool named = i < config->n_rules && config->rules[i].name != NULL;
	const struct ruleset_rule *old;

	if (before == NULL)
		return NULL;
	if (i == config->n_rules)
		return &before->rules[before->n_rules];
	if (!named)
		return i < before->n_rules && before->config->rules[i].name == NULL
			       ? &before->rules[i]
			       : NULL;
	if (delta->from[i] == DELTA_NONE)
		return NULL;
	old = &before->rules[delta->from[i]];
	return strcmp(old->name, config->rules[i].name) == 0 ? old : NULL;
}

static void
list_release(struct rule_list *list)
{
	if (list == NULL || __atomic_sub_fetch(&list->users, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (unsigned i = 0; i < list->n_acquired; i++)
		accounts_release(list->accounts, list->rules[i].account);
	free(list->passing);
	free(list->police);
	free(list->rules);
	free(list->names);
	free(list);
}

static void set_action(
	struct rule_list *list, struct ruleset_rule *rule, const struct fw_rule *from);

/* before: a rule of its name, or null. */
static int
make_rule(struct rule_list *list, const struct fw_config *config, unsigned i,
	const struct ruleset_rule *before)
{
	struct ruleset_rule *rule = &list->rules[i];

	*rule = (struct ruleset_rule){0};
	if (before != NULL && before->name[0] != '\0' &&
		(i == config->n_rules || config->rules[i].name == NULL))
		rule->name =
			memcpy(list->names[i], before->name, strlen(before->name) + 1);
	else
		rule->name = fw_rule_name(config, i, list->names[i]);
	rule->action = config->dflt;
	if (i < config->n_rules) {
		set_action(list, rule, &config->rules[i]);
		list->uses |= match_uses(&config->rules[i]);
		if (rule->action == FW_CONTINUE)
			list->passing[list->n_passing++] = i;
	}
	rule->plain = (rule->action == FW_ACCEPT || rule->action == FW_DROP) &&
		      !rule->log && rule->police == NULL;
	if (before != NULL) {
		rule->account = before->account;
		rule->tag = before->tag;
		accounts_share(list->accounts, rule->account);
	} else {
		rule->tag = account_tag(rule->name);
		if (accounts_acquire(list->accounts, rule->name, &rule->account) < 0)
			return -ENOMEM;
	}
	list->n_acquired++;
	return 0;
}

static void
set_action(struct rule_list *list, struct ruleset_rule *rule, const struct fw_rule *from)
{
	rule->action = from->action;
	rule->reject_with = from->reject_with;
	rule->log = from->log;
	if (!from->has_police)
		return;
	police_init(&list->police[list->n_police], &from->police);
	rule->police = &list->police[list->n_police++];
}

/* ---- the worker's side ------------------------------------------------------------- */

void
ruleset_match(const struct ruleset *set, unsigned cp,
	const struct pkt_info *const *packets, const uint8_t *const *frames, unsigned n,
	const struct ruleset_rule **rules)
{
	struct ruleset_batch batches[2];

	batches[0].n = batches[1].n = 0;
	for (unsigned i = 0; i < n; i++) {
		struct ruleset_batch *batch = &batches[packets[i]->family == 6];

		match_key(&batch->keys[batch->n], packets[i],
			frames != NULL ? frames[i] : NULL, cp, set->uses);
		batch->packet[batch->n++] = i;
	}
	ruleset_decide(set, 4, &batches[0], rules);
	ruleset_decide(set, 6, &batches[1], rules);
}

void
ruleset_decide(const struct ruleset *set, uint8_t family,
	const struct ruleset_batch *batch, const struct ruleset_rule **rules)
{
	uint32_t indices[VNF_BURST];

	if (batch->n == 0)
		return;
	classifier_find(set->classifier, family, batch->keys, batch->n, indices);
	for (unsigned i = 0; i < batch->n; i++) {
		rules[batch->packet[i]] = &set->rules[indices[i]];
		rte_prefetch0(&set->rules[indices[i]]);
	}
	for (unsigned i = 0; i < batch->n; i++)
		rte_prefetch0(account_at(set->accounts, set->rules[indices[i]].account));
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
