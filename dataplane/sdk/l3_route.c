/* l3_route.c: the routing table; see l3_route.h. */
#include "dataplane/sdk/l3_route.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <rte_malloc.h>
#include "dataplane/sdk/l3_hopset.h"
#include "dataplane/sdk/l3_live.h"
#include "dataplane/sdk/l3_path.h"
#include "dataplane/sdk/prefix_order.h"

static int compare_prefix(const struct net_prefix *a, const struct net_prefix *b);
static int fill(struct l3_routes *table, struct l3_route_drafts *drafts, uint32_t room,
	uint32_t room_hops);
static void add_route(struct l3_routes *table, const struct l3_route_draft *draft);
static int fill_hops(
	struct l3_routes *table, struct l3_route_drafts *drafts, uint32_t room);

static int fill_fib(struct l3_routes *table, struct err *err);

int
l3_routes_create(struct l3_routes **out, struct l3_route_drafts *drafts, struct err *err)
{
	const size_t n = drafts->n;
	struct l3_routes *table = l3_routes_collect(drafts, 0, 0);

	if (table == NULL)
		return err_set(
			err, ERR_NO_RESOURCE, NULL, NULL, "no memory for %zu routes", n);
	const int rc = fill_fib(table, err);

	if (rc == 0)
		*out = table;
	else
		l3_routes_destroy(table);
	return rc;
}

struct l3_routes *
l3_routes_collect(struct l3_route_drafts *drafts, uint32_t room, uint32_t room_hops)
{
	struct l3_routes *table = calloc(1, sizeof(*table));

	if (table != NULL &&
		(drafts->no_memory || fill(table, drafts, room, room_hops) < 0)) {
		l3_routes_destroy(table);
		table = NULL;
	}
	free(drafts->list);
	free(drafts->hops);
	*drafts = (struct l3_route_drafts){0};
	return table;
}

void
l3_routes_destroy(struct l3_routes *table)
{
	if (table == NULL)
		return;
	l3_fib_destroy(table->fib);
	l3_live_close(table->live);
	rte_free(table->routes);
	free(table->prefixes);
	free(table->hops);
	free(table->before);
	free(table->past);
	free(table);
}

void
l3_routes_match(struct l3_routes *table, const struct l3_routes *old)
{
	if (old->live != NULL) {
		for (uint32_t i = 0; i < table->n; i++)
			table->before[i] = l3_live_number(old, &table->prefixes[i]);
		return;
	}
	for (uint32_t i = 0, k = 0; i < table->n; i++) {
		int order = 1;

		while (k < old->n && (order = compare_prefix(&old->prefixes[k],
					      &table->prefixes[i])) < 0)
			k++;
		table->before[i] = k < old->n && order == 0 ? k : L3_ROUTE_NEW;
	}
}

void
l3_routes_inherit(struct l3_routes *table, const struct l3_routes *old)
{
	for (uint32_t i = 0; i < table->n; i++) {
		const uint32_t before = table->before[i];

		if (before == L3_ROUTE_NEW)
			continue;
		const struct l3_route_sums sums = l3_routes_sums(old, before);

		if (sums.packets == 0)
			continue;
		if (table->past == NULL)
			table->past = calloc(table->max, sizeof(*table->past));
		if (table->past == NULL)
			return;
		table->past[i] = sums;
	}
}

struct l3_route_sums
l3_routes_sums(const struct l3_routes *table, uint32_t number)
{
	const struct l3_route *route = &table->routes[number];
	struct l3_route_sums sums = {__atomic_load_n(&route->packets, __ATOMIC_RELAXED),
		__atomic_load_n(&route->bytes, __ATOMIC_RELAXED)};

	if (table->past != NULL) {
		sums.packets += table->past[number].packets;
		sums.bytes += table->past[number].bytes;
	}
	return sums;
}

const struct l3_hop *
l3_route_choose(const struct l3_routes *table, const struct l3_route *route,
	const struct pkt_info *info)
{
	const struct l3_hop *hops = &table->hops[route->hops];

	return hops + l3_path_choose(hops, route->n_hops, l3_path_hash(info));
}

bool
l3_route_leads_by(
	const struct l3_routes *table, const struct l3_route *route, unsigned cp)
{
	if (route->kind == L3_ROUTE_CONNECTED)
		return route->cp == cp;
	for (unsigned i = 0; i < route->n_hops; i++)
		if (table->hops[route->hops + i].cp == cp)
			return true;
	return false;
}

struct l3_route *
l3_route_find(const struct l3_routes *table, uint8_t family, const uint8_t ip[16])
{
	return l3_route_of(table, l3_fib_find(table->fib, family, ip));
}

bool
l3_route_to(const struct l3_routes *table, uint8_t family, const uint8_t dst[16],
	struct l3_hop *hop)
{
	const struct l3_route *route = l3_route_find(table, family, dst);
	struct pkt_info flow = {.family = family};

	if (route == NULL)
		return false;
	const struct l3_route now = l3_route_now(route);

	if (now.kind != L3_ROUTE_CONNECTED && now.kind != L3_ROUTE_VIA)
		return false;
	memcpy(flow.dst, dst, 16);
	*hop = *l3_route_hop(table, &now, &flow, hop);
	return true;
}

static json_t *
route_to_json(const struct l3_routes *table, uint32_t number)
{
	const struct l3_route_sums sums = l3_routes_sums(table, number);
	char text[NET_STRLEN];

	return json_pack("{s:s, s:I, s:I}", "prefix",
		net_prefix_print(&table->prefixes[number], text), "packets",
		(json_int_t)sums.packets, "bytes", (json_int_t)sums.bytes);
}

json_t *
l3_routes_to_json(const struct l3_routes *table, uint32_t max)
{
	return l3_routes_describe(table, max, NULL, NULL);
}

json_t *
l3_routes_describe(
	const struct l3_routes *table, uint32_t max, l3_route_more *add, void *arg)
{
	json_t *list = json_array(), *route;

	for (uint32_t i = 0; i < table->n && json_array_size(list) < max; i++) {
		const uint8_t kind = table->routes[i].kind;

		if (table->prefixes[i].addr.family == 0 || kind == L3_ROUTE_LOCAL ||
			kind == L3_ROUTE_BROADCAST)
			continue;
		route = route_to_json(table, i);
		if (add != NULL)
			add(arg, &table->prefixes[i], route);
		json_array_append_new(list, route);
	}
	return list;
}

uint32_t
l3_routes_count(const struct l3_routes *table)
{
	return table->live != NULL ? l3_live_total(table) : table->n;
}

/* ---- drafts ---- */

/* Room for one more element of a growing array; null when there is no memory. */
static void *
grow(void *list, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return list;
	const size_t more = *room == 0 ? 64 : *room * 2;
	void *bigger = reallocarray(list, more, size);

	if (bigger != NULL)
		*room = more;
	return bigger;
}

static void
draft(struct l3_route_drafts *drafts, const struct net_prefix *prefix,
	struct l3_route route)
{
	struct l3_route_draft *list =
		grow(drafts->list, drafts->n, &drafts->room, sizeof(*list));

	if (list == NULL) {
		drafts->no_memory = true;
		return;
	}
	drafts->list = list;
	list[drafts->n++] = (struct l3_route_draft){
		.prefix = net_prefix_network(prefix), .route = route};
}

static void
draft_broadcasts(
	struct l3_route_drafts *drafts, const struct net_prefix *prefix, unsigned cp)
{
	const struct l3_route route = {.kind = L3_ROUTE_BROADCAST, .cp = (uint8_t)cp};
	const uint32_t mask = UINT32_MAX >> prefix->len;
	const uint32_t net = net_addr_v4(&prefix->addr) & ~mask;

	draft(drafts, &(struct net_prefix){net_addr_from_v4(net), 32}, route);
	draft(drafts, &(struct net_prefix){net_addr_from_v4(net | mask), 32}, route);
}

void
l3_route_draft_iface(
	struct l3_route_drafts *drafts, const struct iface_config *iface, unsigned cp)
{
	for (unsigned i = 0; i < iface->n_addresses; i++) {
		const struct net_prefix *prefix = &iface->addresses[i];
		const bool ip4 = prefix->addr.family == 4;
		const struct net_prefix self = {prefix->addr, ip4 ? 32 : 128};

		if (prefix->len < self.len)
			draft(drafts, prefix,
				(struct l3_route){
					.kind = L3_ROUTE_CONNECTED, .cp = (uint8_t)cp});
		draft(drafts, &self,
			(struct l3_route){.kind = L3_ROUTE_LOCAL, .cp = (uint8_t)cp});
		if (ip4 && prefix->len < 31)
			draft_broadcasts(drafts, prefix, cp);
	}
}

void
l3_route_draft(struct l3_route_drafts *drafts, const struct net_prefix *prefix,
	enum l3_route_kind kind, const struct l3_hop *hops, unsigned n_hops)
{
	draft(drafts, prefix,
		(struct l3_route){.kind = (uint8_t)kind,
			.hops = (uint32_t)drafts->n_hops,
			.n_hops = (uint16_t)n_hops});
	for (unsigned i = 0; i < n_hops; i++) {
		struct l3_hop *list = grow(
			drafts->hops, drafts->n_hops, &drafts->room_hops, sizeof(*list));

		if (list == NULL) {
			drafts->no_memory = true;
			return;
		}
		drafts->hops = list;
		list[drafts->n_hops++] = hops[i];
	}
}

static int
compare_prefix(const struct net_prefix *a, const struct net_prefix *b)
{
	const int order = net_addr_cmp(&a->addr, &b->addr);

	return order != 0 ? order : (int)a->len - (int)b->len;
}

/* ---- the table ---- */

static uint32_t
only_hop(const struct l3_route *route)
{
	return route->kind == L3_ROUTE_VIA && route->n_hops == 1 ? route->hops + 1 : 0;
}

static int
fill_fib(struct l3_routes *table, struct err *err)
{
	struct l3_fib_route *list = calloc(table->n + 1u, sizeof(*list));

	if (list == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL,
			"no memory for %u routes", table->n);
	for (uint32_t i = 0; i < table->n; i++)
		list[i] = (struct l3_fib_route){
			table->prefixes[i], i + 1, only_hop(&table->routes[i])};
	const int rc = l3_fib_create(&table->fib, list, table->n, err);

	free(list);
	return rc;
}

static int
fill(struct l3_routes *table, struct l3_route_drafts *drafts, uint32_t room,
	uint32_t room_hops)
{
	const size_t n = drafts->n + room + 1;
	uint32_t *order;

	table->max = (uint32_t)n;
	table->routes = rte_zmalloc("l3-routes", n * sizeof(*table->routes), 64);
	table->prefixes = calloc(n, sizeof(*table->prefixes));
	table->before = calloc(n, sizeof(*table->before));
	if (table->routes == NULL || table->prefixes == NULL || table->before == NULL)
		return -ENOMEM;
	order = prefix_order(drafts->n > 0 ? &drafts->list[0].prefix : NULL,
		sizeof(*drafts->list), (uint32_t)drafts->n);
	if (order == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < drafts->n; i++)
		add_route(table, &drafts->list[order[i]]);
	free(order);
	return fill_hops(table, drafts, room_hops);
}

/* In order; of several of one prefix that of the lowest kind stays, or the first. */
static void
add_route(struct l3_routes *table, const struct l3_route_draft *draft)
{
	const uint32_t last = table->n - 1;

	if (table->n > 0 && compare_prefix(&draft->prefix, &table->prefixes[last]) == 0) {
		if (draft->route.kind < table->routes[last].kind)
			table->routes[last] = draft->route;
		return;
	}
	table->routes[table->n] = draft->route;
	table->prefixes[table->n] = draft->prefix;
	table->before[table->n++] = L3_ROUTE_NEW;
}

/* Routes share few sets of next hops; each is kept once. */
static int
fill_hops(struct l3_routes *table, struct l3_route_drafts *drafts, uint32_t room)
{
	struct l3_hopset sets = {0};
	int rc;

	table->hops = calloc(drafts->n_hops + room + 1, sizeof(*table->hops));
	if (table->hops == NULL)
		return -ENOMEM;
	rc = l3_hopset_open(&sets, table->hops, 0, (uint32_t)drafts->n_hops + 1);
	for (uint32_t i = 0; i < table->n && rc == 0; i++) {
		struct l3_route *route = &table->routes[i];

		if (route->n_hops > 0)
			rc = l3_hopset_get(&sets, &drafts->hops[route->hops],
				route->n_hops, &route->hops);
	}
	table->n_hops = sets.n;
	l3_hopset_close(&sets);
	return rc;
}
