/* delta.c: a walk along both lists, which looks ahead where they part; see delta.h. */
#include "vnfs/firewall/delta.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "vnfs/firewall/match.h"

struct walk {
	const struct fw_config *old, *now;
	unsigned i, j; /* places in old and now */
	struct delta *delta;
};

static void keep(struct walk *w);
static void step_over(struct walk *w);

int
delta_make(struct delta *delta, const struct fw_config *old, const struct fw_config *now)
{
	struct walk w = {.old = old, .now = now, .delta = delta};

	*delta = (struct delta){
		.from = malloc((now->n_rules + 1) * sizeof(*delta->from)),
		.to = malloc((old->n_rules + 1) * sizeof(*delta->to)),
	};
	if (delta->from == NULL || delta->to == NULL)
		return -ENOMEM;
	memset(delta->from, 0xff, (now->n_rules + 1) * sizeof(*delta->from));
	memset(delta->to, 0xff, (old->n_rules + 1) * sizeof(*delta->to));
	while (delta->n_added + delta->n_gone <= DELTA_MAX &&
		(w.i < old->n_rules || w.j < now->n_rules)) {
		keep(&w);
		step_over(&w);
	}
	return delta->n_added + delta->n_gone <= DELTA_MAX ? 0 : -E2BIG;
}

void
delta_clear(struct delta *delta)
{
	free(delta->from);
	free(delta->to);
	*delta = (struct delta){0};
}

/* Whether old rule i is new rule j. */
static bool
is_same(const struct walk *w, unsigned i, unsigned j)
{
	const struct fw_rule *a, *b;

	if (i >= w->old->n_rules || j >= w->now->n_rules)
		return false;
	a = &w->old->rules[i];
	b = &w->now->rules[j];
	return (a->action == FW_CONTINUE) == (b->action == FW_CONTINUE) &&
	       match_equal(a, b);
}

static void
keep(struct walk *w)
{
	while (is_same(w, w->i, w->j)) {
		w->delta->from[w->j] = w->i;
		w->delta->to[w->i] = w->j;
		w->i++;
		w->j++;
	}
}

/* To where the lists agree again: a rule was changed, or as few as possible were added or
 * have gone. */
static void
step_over(struct walk *w)
{
	unsigned gone = w->i < w->old->n_rules, added = w->j < w->now->n_rules;

	if (gone == 0 || added == 0) {
		gone = w->old->n_rules - w->i;
		added = w->now->n_rules - w->j;
	} else if (!is_same(w, w->i + 1, w->j + 1)) {
		for (unsigned n = 1; n <= DELTA_MAX; n++) {
			const bool without = is_same(w, w->i + n, w->j);

			if (!without && !is_same(w, w->i, w->j + n))
				continue;
			gone = without ? n : 0;
			added = without ? 0 : n;
			break;
		}
	}
	w->i += gone;
	w->j += added;
	w->delta->n_gone += gone;
	w->delta->n_added += added;
}
