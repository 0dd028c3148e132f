/* balance.c: see balance.h. */
#include "orchestrator/plan/balance.h"

#include <stdio.h>
#include <string.h>

/* Cores in the order in which groups may take them, and the best for the first i VNFs in
 * k groups on the first c of these cores. */
struct search {
	const struct balance_figures *figures;
	int order[BALANCE_CORES];
	double best[BALANCE_VNFS + 1][BALANCE_CORES + 1];
	uint8_t from[BALANCE_VNFS + 1][BALANCE_VNFS + 1][BALANCE_CORES + 1];
};

#define NEVER 1e9
#define SKIP  0xff /* the core is not used */

static void keep(const struct balance_figures *figures, struct balance *balance);
static void search(
	const struct balance_figures *figures, unsigned n_groups, struct balance *best);
static void search_order(struct search *s, unsigned n_groups, struct balance *best);
static void take(const struct search *s, unsigned n_groups, struct balance *best);
static double load_of(
	const struct balance_figures *figures, size_t from, size_t to, size_t core);
static double hop(const struct balance_figures *figures, size_t vnf);
static void explain_cut(const struct balance_figures *figures, size_t core, double load,
	struct balance *balance);
static bool is_same(const struct balance *a, const struct balance *b, size_t n);
static unsigned percent(double load);

void
balance_choose(const struct balance_figures *figures, struct balance *balance)
{
	struct balance now, best, more;
	size_t core;
	keep(figures, &now);
	*balance = now;
	const double load = balance_now(figures, &core);
	if (!figures->measured) {
		snprintf(balance->why, BALANCE_TEXT,
			"no traffic has been measured yet, and one process is the cheapest way to start");
		return;
	}
	search(figures, 1, &best);
	if (now.n_groups > 1 && best.busiest < BALANCE_LOW) {
		*balance = best;
		balance->changes = true;
		snprintf(balance->why, BALANCE_TEXT,
			"core %d carries all of it at %u %%, and one process saves the hops between %u",
			figures->cores[best.cores_of[0]].id, percent(best.busiest),
			now.n_groups);
		return;
	}
	if (load < BALANCE_HIGH) {
		snprintf(balance->why, BALANCE_TEXT,
			"core %d, the busiest, is busy at %u %%, which is no reason to change",
			figures->cores[core].id, percent(load));
		return;
	}
	for (unsigned k = 2; k <= figures->n_vnfs && k <= figures->n_cores &&
			     best.busiest >= BALANCE_HIGH;
		k++) {
		search(figures, k, &more);
		if (more.busiest <= best.busiest * BALANCE_GAIN)
			best = more;
	}
	if (best.busiest <= load * BALANCE_GAIN &&
		!is_same(&best, &now, figures->n_vnfs)) {
		*balance = best;
		balance->changes = true;
		explain_cut(figures, core, load, balance);
		return;
	}
	snprintf(balance->why, BALANCE_TEXT,
		"core %d is busy at %u %%, and no other placement takes enough off it: the best leaves %u %%",
		figures->cores[core].id, percent(load), percent(best.busiest));
}

double
balance_now(const struct balance_figures *figures, size_t *busiest)
{
	double most = -1;
	for (size_t from = 0, to; from < figures->n_vnfs; from = to) {
		const unsigned group = figures->vnfs[from].group;
		for (to = from + 1; to < figures->n_vnfs; to++)
			if (figures->vnfs[to].group != group)
				break;
		const size_t core = (size_t)figures->cores_of[group];
		const double load = load_of(figures, from, to, core);
		if (load > most) {
			most = load;
			*busiest = core;
		}
	}
	return most;
}

bool
balance_is_steady(struct balance_memory *memory, const struct balance *balance)
{
	const bool same = memory->same > 0 && balance->changes &&
			  is_same(&memory->last, balance, BALANCE_VNFS);
	memory->same = !balance->changes ? 0 : same ? memory->same + 1 : 1;
	memory->last = *balance;
	if (memory->since < BALANCE_HOLD)
		memory->since++;
	if (memory->same < BALANCE_STEADY ||
		(memory->followed && memory->since < BALANCE_HOLD))
		return false;
	*memory = (struct balance_memory){.followed = true};
	return true;
}

static void
keep(const struct balance_figures *figures, struct balance *balance)
{
	size_t core;
	*balance = (struct balance){.busiest = balance_now(figures, &core)};
	for (size_t i = 0; i < figures->n_vnfs; i++) {
		balance->groups[i] = figures->vnfs[i].group;
		if (figures->vnfs[i].group >= balance->n_groups)
			balance->n_groups = figures->vnfs[i].group + 1;
	}
	memcpy(balance->cores_of, figures->cores_of, sizeof(balance->cores_of));
}

/* The best with that number of groups: with the cores in their order and in the opposite
 * one, those that serve ports last and first. */
static void
search(const struct balance_figures *figures, unsigned n_groups, struct balance *best)
{
	struct search s = {.figures = figures};
	const size_t n = figures->n_cores;
	size_t at = 0;
	*best = (struct balance){.busiest = NEVER};
	for (size_t i = 0; i < n; i++)
		if (!figures->cores[i].io)
			s.order[at++] = (int)i;
	for (size_t i = 0; i < n; i++)
		if (figures->cores[i].io)
			s.order[at++] = (int)i;
	search_order(&s, n_groups, best);
	for (size_t i = 0; i < n / 2; i++) {
		const int other = s.order[i];
		s.order[i] = s.order[n - 1 - i];
		s.order[n - 1 - i] = other;
	}
	search_order(&s, n_groups, best);
}

static void
search_order(struct search *s, unsigned n_groups, struct balance *best)
{
	const size_t n_vnfs = s->figures->n_vnfs, n_cores = s->figures->n_cores;
	double next[BALANCE_VNFS + 1][BALANCE_CORES + 1];
	for (size_t i = 0; i <= n_vnfs; i++)
		for (size_t c = 0; c <= n_cores; c++)
			s->best[i][c] = i == 0 ? 0 : NEVER;
	for (unsigned k = 1; k <= n_groups; k++) {
		for (size_t i = 0; i <= n_vnfs; i++) {
			next[i][0] = NEVER;
			for (size_t c = 1; c <= n_cores; c++) {
				next[i][c] = next[i][c - 1];
				s->from[k][i][c] = SKIP;
				for (size_t j = 0; j < i; j++) {
					double load = load_of(s->figures, j, i,
						(size_t)s->order[c - 1]);
					if (load < s->best[j][c - 1])
						load = s->best[j][c - 1];
					if (load >= next[i][c])
						continue;
					next[i][c] = load;
					s->from[k][i][c] = (uint8_t)j;
				}
			}
		}
		memcpy(s->best, next, sizeof(next));
	}
	if (s->best[n_vnfs][n_cores] < best->busiest)
		take(s, n_groups, best);
}

static void
take(const struct search *s, unsigned n_groups, struct balance *best)
{
	size_t i = s->figures->n_vnfs, c = s->figures->n_cores;
	*best = (struct balance){.busiest = s->best[i][c], .n_groups = n_groups};
	for (unsigned k = n_groups; k > 0; c--) {
		const uint8_t from = s->from[k][i][c];
		if (from == SKIP)
			continue;
		k--;
		best->cores_of[k] = s->order[c - 1];
		while (i > from)
			best->groups[--i] = k;
	}
}

/* Of a core that has those VNFs, and no others to be placed. */
static double
load_of(const struct balance_figures *figures, size_t from, size_t to, size_t core)
{
	double load = figures->cores[core].taken;
	for (size_t i = from; i < to; i++)
		load += figures->vnfs[i].load;
	if (from > 0)
		load += hop(figures, from);
	if (to < figures->n_vnfs)
		load += hop(figures, to);
	return load;
}

/* Before that VNF, on each side. */
static double
hop(const struct balance_figures *figures, size_t vnf)
{
	return figures->hz > 0 ? figures->vnfs[vnf].rate * BALANCE_HOP / 2 / figures->hz
			       : 0;
}

static void
explain_cut(const struct balance_figures *figures, size_t core, double load,
	struct balance *balance)
{
	int len = snprintf(balance->why, BALANCE_TEXT, "core %d was busy at %u %%",
		figures->cores[core].id, percent(load));
	for (size_t i = 1; i < figures->n_vnfs && len < BALANCE_TEXT; i++)
		if (balance->groups[i] != balance->groups[i - 1])
			len += snprintf(balance->why + len, BALANCE_TEXT - (size_t)len,
				"%s between %s and %s",
				balance->groups[i] == 1 ? ", so it is cut" : " and",
				figures->vnfs[i - 1].name, figures->vnfs[i].name);
	if (len < BALANCE_TEXT)
		snprintf(balance->why + len, BALANCE_TEXT - (size_t)len,
			"; no core is expected above %u %%", percent(balance->busiest));
}

static bool
is_same(const struct balance *a, const struct balance *b, size_t n)
{
	bool same = a->n_groups == b->n_groups;
	for (size_t i = 0; same && i < n; i++)
		same = a->groups[i] == b->groups[i];
	for (unsigned k = 0; same && k < a->n_groups; k++)
		same = a->cores_of[k] == b->cores_of[k];
	return same;
}

static unsigned
percent(double load)
{
	return load > 0 ? (unsigned)(load * 100 + 0.5) : 0;
}
