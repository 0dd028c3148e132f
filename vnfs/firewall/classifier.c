/* classifier.c: compiled rules, and what has changed since; see classifier.h. */
#include "vnfs/firewall/classifier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <rte_acl.h>
#include <rte_branch_prediction.h>
#include "vnfs/firewall/cascade.h"
#include "vnfs/firewall/trie.h"

#define GONE 0x80000000u /* of a place: number of the rule that is gone */

struct form { /* of one family's rules: one of these, or none if there is no entry */
	struct cascade *cascade;
	struct rte_acl_ctx *trie;
};

struct compiled { /* shared by the classifiers that changes made */
	struct form ip4, ip6;
	unsigned n_rules;
	unsigned users;
};

struct gone { /* a rule that is compiled, and no longer there */
	uint32_t
		*next; /* compiled rules behind it that may match its packets, in order */
	unsigned n;
};

struct classifier {
	struct compiled *base;
	const struct fw_config *config;
	uint32_t *places;	   /* by compiled index: ours, or GONE; null: the same */
	uint32_t added[DELTA_MAX]; /* ours, in order */
	struct gone gone[DELTA_MAX];
	unsigned n_added, n_gone;
};

static int compile(
	struct compiled **base, const struct fw_config *config, struct err *err);
static void release(struct compiled *base);

int
classifier_create(
	struct classifier **classifier, const struct fw_config *config, struct err *err)
{
	struct classifier *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL)
		return err_set(
			err, ERR_NO_RESOURCE, "rules", NULL, "no memory for the rules");
	c->config = config;
	rc = compile(&c->base, config, err);
	if (rc < 0) {
		classifier_destroy(c);
		return rc;
	}
	*classifier = c;
	return 0;
}

static int
compile_form(struct form *form, const struct fw_config *config, uint8_t family,
	struct err *err)
{
	if (cascade_create(&form->cascade, config, family) == 0)
		return 0;
	return trie_compile(&form->trie, config, family, err);
}

static int
compile(struct compiled **base, const struct fw_config *config, struct err *err)
{
	struct compiled *b = calloc(1, sizeof(*b));
	int rc;

	*base = b;
	if (b == NULL)
		return err_set(
			err, ERR_NO_RESOURCE, "rules", NULL, "no memory for the rules");
	b->users = 1;
	b->n_rules = config->n_rules;
	rc = compile_form(&b->ip4, config, 4, err);
	if (rc == 0)
		rc = compile_form(&b->ip6, config, 6, err);
	return rc;
}

void
classifier_destroy(struct classifier *c)
{
	if (c == NULL)
		return;
	release(c->base);
	for (unsigned i = 0; i < c->n_gone; i++)
		free(c->gone[i].next);
	free(c->places);
	free(c);
}

static void
release(struct compiled *base)
{
	if (base == NULL || __atomic_sub_fetch(&base->users, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	cascade_destroy(base->ip4.cascade);
	cascade_destroy(base->ip6.cascade);
	rte_acl_free(base->ip4.trie);
	rte_acl_free(base->ip6.trie);
	free(base);
}

bool
classifier_is_whole(const struct classifier *c)
{
	return c->n_added == 0 && c->n_gone == 0;
}

/* ---- changes ----------------------------------------------------------------------- */

static int place_rules(
	struct classifier *c, const struct classifier *before, const struct delta *delta);
static int list_added(struct classifier *c, const struct delta *delta);
static int keep_gone(struct classifier *c, const struct gone *old,
	const struct delta *delta, uint32_t *place);
static int list_gone(struct classifier *c, const struct classifier *before,
	const struct delta *delta, unsigned compiled);

int
classifier_derive(struct classifier **classifier, const struct classifier *before,
	const struct delta *delta, const struct fw_config *config)
{
	struct classifier *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL)
		return -ENOMEM;
	c->config = config;
	c->base = before->base;
	__atomic_add_fetch(&c->base->users, 1, __ATOMIC_RELAXED);
	rc = place_rules(c, before, delta);
	if (rc == 0)
		rc = list_added(c, delta);
	if (rc < 0) {
		classifier_destroy(c);
		return rc;
	}
	*classifier = c;
	return 0;
}

static inline uint32_t
place_of(const struct classifier *c, unsigned compiled)
{
	return c->places != NULL ? c->places[compiled] : compiled;
}

static int
place_rules(
	struct classifier *c, const struct classifier *before, const struct delta *delta)
{
	int rc = 0;

	c->places = malloc((c->base->n_rules + 1) * sizeof(*c->places));
	if (c->places == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < c->base->n_rules; i++) {
		const uint32_t old = place_of(before, i);

		c->places[i] = (old & GONE) != 0 ? old : delta->to[old];
	}
	for (unsigned i = 0; i < c->base->n_rules && rc == 0; i++) {
		const uint32_t old = place_of(before, i);

		if ((old & GONE) != 0)
			rc = keep_gone(
				c, &before->gone[old & ~GONE], delta, &c->places[i]);
		else if (c->places[i] == DELTA_NONE)
			rc = list_gone(c, before, delta, i);
	}
	return rc;
}

/* It was gone before; of the rules behind it more may be. */
static int
keep_gone(struct classifier *c, const struct gone *old, const struct delta *delta,
	uint32_t *place)
{
	struct gone *gone = &c->gone[c->n_gone];

	if (c->n_gone == DELTA_MAX)
		return -E2BIG;
	gone->next = malloc((old->n + 1) * sizeof(*gone->next));
	if (gone->next == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < old->n; i++)
		if (delta->to[old->next[i]] != DELTA_NONE)
			gone->next[gone->n++] = delta->to[old->next[i]];
	*place = GONE | c->n_gone++;
	return 0;
}

/* Those behind it that have packets in common with it, up to one that has all. */
static int
list_gone(struct classifier *c, const struct classifier *before,
	const struct delta *delta, unsigned compiled)
{
	const struct fw_rule *rule = &before->config->rules[place_of(before, compiled)];
	struct gone *gone = &c->gone[c->n_gone];

	if (c->n_gone == DELTA_MAX)
		return -E2BIG;
	gone->next = malloc((c->base->n_rules - compiled) * sizeof(*gone->next));
	if (gone->next == NULL)
		return -ENOMEM;
	c->places[compiled] = GONE | c->n_gone++;
	for (unsigned i = compiled + 1; i < c->base->n_rules; i++) {
		const uint32_t old = place_of(before, i);
		const struct fw_rule *next;

		if ((old & GONE) != 0 || delta->to[old] == DELTA_NONE)
			continue;
		next = &c->config->rules[delta->to[old]];
		if (next->action == FW_CONTINUE || !match_meets(rule, next))
			continue;
		gone->next[gone->n++] = delta->to[old];
		if (match_covers(next, rule))
			break;
	}
	return 0;
}

/* Every rule that decides and is not compiled. */
static int
list_added(struct classifier *c, const struct delta *delta)
{
	unsigned i = 0;

	(void)delta;
	for (unsigned k = 0; k < c->config->n_rules; k++) {
		while (i < c->base->n_rules && (c->places[i] & GONE) != 0)
			i++;
		if (i < c->base->n_rules && c->places[i] == k) {
			i++;
			continue;
		}
		if (c->config->rules[k].action == FW_CONTINUE)
			continue;
		if (c->n_added + c->n_gone == DELTA_MAX)
			return -E2BIG;
		c->added[c->n_added++] = k;
	}
	return 0;
}

/* ---- the worker's side ------------------------------------------------------------- */

static uint32_t change(
	const struct classifier *c, const struct match_key *key, uint32_t result);

static void
find_compiled(const struct form *form, const struct match_key *keys, unsigned n,
	uint32_t *results)
{
	const uint8_t *at[CASCADE_BURST];

	if (form->cascade != NULL) {
		cascade_find(form->cascade, keys, n, results);
	} else if (form->trie != NULL) {
		for (unsigned i = 0; i < n; i++)
			at[i] = (const uint8_t *)&keys[i];
		rte_acl_classify(form->trie, at, results, n, 1);
	} else {
		memset(results, 0, n * sizeof(*results));
	}
}

void
classifier_find(const struct classifier *c, uint8_t family, const struct match_key *keys,
	unsigned n, uint32_t *indices)
{
	uint32_t results[CASCADE_BURST];

	find_compiled(family == 4 ? &c->base->ip4 : &c->base->ip6, keys, n, results);
	if (likely(c->places == NULL)) {
		for (unsigned i = 0; i < n; i++)
			indices[i] = results[i] > 0 ? results[i] - 1 : c->base->n_rules;
		return;
	}
	for (unsigned i = 0; i < n; i++)
		indices[i] = change(c, &keys[i], results[i]);
}

static uint32_t
find_behind(
	const struct classifier *c, const struct gone *gone, const struct match_key *key)
{
	for (unsigned i = 0; i < gone->n; i++)
		if (match_rule(&c->config->rules[gone->next[i]], key, NULL))
			return gone->next[i];
	return c->config->n_rules;
}

/* What the tries say of the compiled rules, as it is now. */
static uint32_t
change(const struct classifier *c, const struct match_key *key, uint32_t result)
{
	uint32_t index = c->config->n_rules;

	if (result > 0)
		index = c->places[result - 1];
	if (result > 0 && (index & GONE) != 0)
		index = find_behind(c, &c->gone[index & ~GONE], key);
	for (unsigned i = 0; i < c->n_added && c->added[i] < index; i++)
		if (match_rule(&c->config->rules[c->added[i]], key, NULL))
			return c->added[i];
	return index;
}
