/* l3_live.c: see l3_live.h. */
#include "dataplane/sdk/l3_live.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <rte_malloc.h>
#include "dataplane/sdk/l3_hopset.h"
#include "dataplane/sdk/l3_index.h"

#define LATER	  (1u << 18)	       /* things that wait for their grace, at most */
#define LATER_ONE (L3_TRIE_LEVELS + 2) /* of one change */
#define GRACE	  3 /* turns: the one that runs, and one begun unseen by us */
#define HOPS_MIN  65536

enum later_kind { LATER_ROUTE, LATER_HOPS, LATER_GROUP4, LATER_GROUP6 };

struct later { /* to be used again */
	uint64_t turn;
	uint32_t number;
	uint8_t kind, n_hops;
};

struct l3_live {
	const uint64_t *turns;
	struct l3_index index; /* of all routes, the configured ones too */
	struct l3_hopset sets;
	uint32_t changes;
	uint32_t n_fixed; /* the configured ones: the first */
	uint32_t max;	  /* number of routes, all together */
	uint32_t *spare;  /* numbers given back */
	uint32_t n_spare, count;
	struct later *later; /* a ring */
	uint64_t later_head, later_tail;
};

static int open_live(struct l3_routes *table, const uint64_t *turns, uint32_t max);
static int fill(struct l3_routes *table);
static void reap(struct l3_routes *table);
static void keep(
	struct l3_live *live, enum later_kind kind, uint32_t number, unsigned n_hops);
static int add(struct l3_routes *table, const struct net_prefix *prefix,
	const struct l3_route *route, uint32_t *number);
static void replace(struct l3_routes *table, uint32_t number, const struct l3_route *now);
static void put_hops(struct l3_live *live, const struct l3_route *route);
static bool is_full(const struct l3_live *live);
static void changed(struct l3_live *live);

/* What was changed before is seen by all that is looked up from then on. */
static inline uint64_t
turn_now(const struct l3_live *live)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(live->turns, __ATOMIC_SEQ_CST);
}

/* ---- life ---- */

int
l3_routes_create_live(struct l3_routes **out, struct l3_route_drafts *drafts,
	uint32_t max, const uint64_t *turns, struct err *err)
{
	const uint32_t room_hops = max > HOPS_MIN ? max : HOPS_MIN;
	struct l3_routes *table = l3_routes_collect(drafts, max, room_hops);
	int rc = table != NULL ? 0 : -ENOMEM;

	if (rc == 0)
		rc = open_live(table, turns, max);
	if (rc == 0)
		rc = l3_fib_create_live(&table->fib, table->n + max, err);
	if (rc == 0)
		rc = fill(table);
	if (rc == 0) {
		*out = table;
		return 0;
	}
	l3_routes_destroy(table);
	return err_set(err, ERR_NO_RESOURCE, NULL, NULL,
		"no memory for a table with room for %u routes", max);
}

static int
open_live(struct l3_routes *table, const uint64_t *turns, uint32_t max)
{
	struct l3_live *live = calloc(1, sizeof(*live));
	const uint32_t room = max > HOPS_MIN ? max : HOPS_MIN;

	if (live == NULL)
		return -ENOMEM;
	table->live = live;
	live->turns = turns;
	live->n_fixed = table->n;
	live->max = table->n + max;
	live->spare = rte_zmalloc("l3-live", (max + 1) * sizeof(*live->spare), 64);
	live->later = rte_zmalloc("l3-live", LATER * sizeof(*live->later), 64);
	if (live->spare == NULL || live->later == NULL ||
		l3_index_open(&live->index, live->max) < 0)
		return -ENOMEM;
	return l3_hopset_open(
		&live->sets, table->hops, table->n_hops, table->n_hops + room);
}

static int
fill(struct l3_routes *table)
{
	int rc = 0;

	for (uint32_t i = 0; i < table->n && rc == 0; i++) {
		l3_index_add(&table->live->index, table->prefixes, i);
		rc = l3_fib_add(
			table->fib, &(struct l3_fib_route){table->prefixes[i], i + 1, 0});
	}
	return rc;
}

void
l3_live_close(struct l3_live *live)
{
	if (live == NULL)
		return;
	l3_index_close(&live->index);
	l3_hopset_close(&live->sets);
	rte_free(live->spare);
	rte_free(live->later);
	free(live);
}

/* ---- changes ---- */

int
l3_live_put(struct l3_routes *table, const struct net_prefix *prefix,
	const struct l3_change *change, uint32_t *number)
{
	struct l3_live *live = table->live;
	struct l3_route route = {.kind = change->kind, .cp = change->cp};
	uint32_t i = l3_index_find(&live->index, table->prefixes, prefix);
	int rc = 0;

	if (i != L3_INDEX_NONE && i < live->n_fixed)
		return -EEXIST;
	reap(table);
	if (is_full(live))
		return -EAGAIN;
	if (change->kind == L3_ROUTE_VIA) {
		route.n_hops = change->n_hops;
		rc = l3_hopset_get(
			&live->sets, change->hops, change->n_hops, &route.hops);
	}
	if (rc == 0 && i == L3_INDEX_NONE) {
		rc = add(table, prefix, &route, &i);
		if (rc < 0)
			put_hops(live, &route);
	} else if (rc == 0) {
		replace(table, i, &route);
	}
	if (rc == 0 && number != NULL)
		*number = i;
	changed(live);
	return rc == -ENOSPC && live->later_head != live->later_tail ? -EAGAIN : rc;
}

int
l3_live_del(struct l3_routes *table, const struct net_prefix *prefix)
{
	struct l3_live *live = table->live;
	const uint32_t i = l3_index_find(&live->index, table->prefixes, prefix);
	const uint8_t family = prefix->addr.family;
	struct l3_trie_freed freed;

	if (i == L3_INDEX_NONE || i < live->n_fixed)
		return -ENOENT;
	reap(table);
	if (is_full(live))
		return -EAGAIN;
	const uint32_t cover = l3_index_cover(&live->index, table->prefixes, prefix);
	const bool covered = cover != L3_INDEX_NONE;

	l3_index_del(&live->index, table->prefixes, i);
	l3_fib_del(table->fib, prefix, covered ? cover + 1 : L3_FIB_NONE,
		covered ? table->prefixes[cover].len : 0, &freed);
	for (unsigned k = 0; k < freed.n; k++)
		keep(live, family == 4 ? LATER_GROUP4 : LATER_GROUP6, freed.groups[k], 0);
	table->prefixes[i] = (struct net_prefix){0};
	keep(live, LATER_ROUTE, i, 0);
	put_hops(live, &table->routes[i]);
	live->count--;
	changed(live);
	return 0;
}

static void
changed(struct l3_live *live)
{
	__atomic_store_n(&live->changes, live->changes + 1, __ATOMIC_RELEASE);
}

const uint32_t *
l3_live_changes(const struct l3_routes *table)
{
	return table->live != NULL ? &table->live->changes : NULL;
}

uint32_t
l3_live_number(const struct l3_routes *table, const struct net_prefix *prefix)
{
	const uint32_t i = l3_index_find(&table->live->index, table->prefixes, prefix);

	return i != L3_INDEX_NONE ? i : L3_ROUTE_NEW;
}

uint32_t
l3_live_count(const struct l3_routes *table)
{
	return table->live != NULL ? table->live->count : 0;
}

uint32_t
l3_live_total(const struct l3_routes *table)
{
	return table->live->index.n;
}

static int
add(struct l3_routes *table, const struct net_prefix *prefix,
	const struct l3_route *route, uint32_t *number)
{
	struct l3_live *live = table->live;
	const bool used = live->n_spare > 0;
	const uint32_t i = used ? live->spare[live->n_spare - 1] : table->n;

	if (i >= live->max)
		return -ENOSPC;
	const uint32_t born = table->routes[i].born + used;

	table->routes[i] = *route;
	table->routes[i].born = born;
	table->prefixes[i] = *prefix;
	table->before[i] = L3_ROUTE_NEW;
	if (table->past != NULL)
		table->past[i] = (struct l3_route_sums){0};
	const int rc = l3_fib_add(table->fib, &(struct l3_fib_route){*prefix, i + 1, 0});

	if (rc < 0) {
		table->prefixes[i] = (struct net_prefix){0};
		return rc;
	}
	live->n_spare -= used;
	table->n += !used;
	live->count++;
	l3_index_add(&live->index, table->prefixes, i);
	*number = i;
	return 0;
}

static void
replace(struct l3_routes *table, uint32_t number, const struct l3_route *now)
{
	struct l3_route *route = &table->routes[number];
	const struct l3_route before = {.action = route->action};

	__atomic_store_n(&route->action, now->action, __ATOMIC_RELEASE);
	put_hops(table->live, &before);
}

/* ---- grace ---- */

static void
put_hops(struct l3_live *live, const struct l3_route *route)
{
	if (route->n_hops > 0 && l3_hopset_put(&live->sets, route->hops, route->n_hops))
		keep(live, LATER_HOPS, route->hops, route->n_hops);
}

static bool
is_full(const struct l3_live *live)
{
	return live->later_tail - live->later_head > LATER - LATER_ONE;
}

static void
keep(struct l3_live *live, enum later_kind kind, uint32_t number, unsigned n_hops)
{
	live->later[live->later_tail++ % LATER] = (struct later){.turn = turn_now(live),
		.number = number,
		.kind = (uint8_t)kind,
		.n_hops = (uint8_t)n_hops};
}

static void
release(struct l3_routes *table, const struct later *later)
{
	struct l3_live *live = table->live;

	switch ((enum later_kind)later->kind) {
	case LATER_ROUTE:
		live->spare[live->n_spare++] = later->number;
		break;
	case LATER_HOPS:
		l3_hopset_release(&live->sets, later->number, later->n_hops);
		break;
	case LATER_GROUP4:
		l3_fib_release(table->fib, 4, later->number);
		break;
	case LATER_GROUP6:
		l3_fib_release(table->fib, 6, later->number);
		break;
	}
}

static void
reap(struct l3_routes *table)
{
	struct l3_live *live = table->live;
	const uint64_t now = turn_now(live);

	while (live->later_head != live->later_tail &&
		now - live->later[live->later_head % LATER].turn >= GRACE)
		release(table, &live->later[live->later_head++ % LATER]);
}
