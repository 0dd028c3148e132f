/* rib.c: see rib.h. */
#include "vnfs/router/rib.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <rte_malloc.h>
#include "dataplane/sdk/l3_hopset.h"
#include "dataplane/sdk/l3_index.h"
#include "vnfs/router/nexthops.h"

#define MAX_TABLES 3
#define SLICE	   4096 /* routes looked at in one go */
#define MAIN_TABLE 254	/* RT_TABLE_MAIN */

struct rib_route {
	uint32_t hops; /* of the rib's own sets */
	uint32_t nexthop;
	uint32_t session;
	uint16_t n_hops;
	uint8_t kind, cp, protocol;
};

struct rib_table {
	struct l3_routes *routes;
	uint32_t cps;
};

struct rib {
	pthread_mutex_t lock; /* of tables, and of all that rib_attach() reads */
	rib_resolver *resolve;
	void *arg;
	uint32_t max, session;
	struct net_prefix *prefixes; /* by number; family 0: none */
	struct rib_route *routes;
	struct l3_index index;
	struct l3_hop *hops;
	struct l3_hopset sets;
	uint32_t *spare;
	uint32_t n_spare, n_used, n_stale;
	uint32_t cursor; /* of a sweep */
	struct rib_table tables[MAX_TABLES];
	unsigned n_tables;
	struct nexthops nexthops;
	struct rib_counts counts;
};

struct wish { /* a route as a message wants it */
	struct l3_change change;
	struct l3_hop hops[L3_HOPSET_MAX];
	uint32_t nexthop;
	uint8_t protocol;
};

static int take_route(struct rib *rib, const struct netlink_route *route);
static int take_nexthop(struct rib *rib, const struct netlink_nexthop *nexthop);
static bool make_wish(struct rib *rib, const struct netlink_route *route,
	const struct netlink_hop *hops, unsigned n, struct wish *wish);
static int put(struct rib *rib, const struct net_prefix *prefix, const struct wish *wish);
static int put_tables(
	struct rib *rib, const struct net_prefix *prefix, const struct l3_change *change);
static int put_table(const struct rib_table *table, const struct net_prefix *prefix,
	const struct l3_change *change, const struct l3_routes *before);
static struct l3_change change_of(const struct rib *rib, uint32_t number);
static void forget(struct rib *rib, uint32_t number);
static int del(struct rib *rib, uint32_t number);
static bool drop(struct rib *rib, bool stale_only);

/* ---- life ---- */

int
rib_open(
	struct rib **out, uint32_t max, rib_resolver *resolve, void *arg, struct err *err)
{
	struct rib *rib = calloc(1, sizeof(*rib));

	if (rib == NULL)
		goto fail;
	pthread_mutex_init(&rib->lock, NULL);
	rib->max = max;
	rib->resolve = resolve;
	rib->arg = arg;
	const uint32_t room = max < 65536 ? 65536 : max;

	rib->prefixes = rte_zmalloc("rib", (max + 1) * sizeof(*rib->prefixes), 64);
	rib->routes = rte_zmalloc("rib", (max + 1) * sizeof(*rib->routes), 64);
	rib->spare = rte_zmalloc("rib", (max + 1) * sizeof(*rib->spare), 64);
	rib->hops = rte_zmalloc("rib", room * sizeof(*rib->hops), 64);
	if (rib->prefixes == NULL || rib->routes == NULL || rib->spare == NULL ||
		rib->hops == NULL || l3_index_open(&rib->index, max) < 0 ||
		l3_hopset_open(&rib->sets, rib->hops, 0, room) < 0)
		goto fail;
	*out = rib;
	return 0;
fail:
	rib_close(rib);
	return err_set(err, ERR_NO_RESOURCE, "routing.max-routes", NULL,
		"no memory for %u routes", max);
}

void
rib_close(struct rib *rib)
{
	if (rib == NULL)
		return;
	nexthops_clear(&rib->nexthops);
	l3_hopset_close(&rib->sets);
	l3_index_close(&rib->index);
	rte_free(rib->prefixes);
	rte_free(rib->routes);
	rte_free(rib->spare);
	rte_free(rib->hops);
	pthread_mutex_destroy(&rib->lock);
	free(rib);
}

void
rib_attach(struct rib *rib, struct l3_routes *table, uint32_t cps,
	const struct l3_routes *before)
{
	const struct rib_table entry = {.routes = table, .cps = cps};

	pthread_mutex_lock(&rib->lock);
	if (before != NULL)
		l3_routes_match(table, before);
	for (uint32_t i = 0; i < rib->n_used; i++) {
		const struct l3_change change = change_of(rib, i);

		if (rib->prefixes[i].addr.family != 0 &&
			put_table(&entry, &rib->prefixes[i], &change, before) < 0)
			rib->counts.refused++;
	}
	if (rib->n_tables < MAX_TABLES)
		rib->tables[rib->n_tables++] = entry;
	pthread_mutex_unlock(&rib->lock);
}

void
rib_match(struct rib *rib, struct l3_routes *table, const struct l3_routes *before)
{
	pthread_mutex_lock(&rib->lock);
	l3_routes_match(table, before);
	pthread_mutex_unlock(&rib->lock);
}

void
rib_detach(struct rib *rib, const struct l3_routes *table)
{
	pthread_mutex_lock(&rib->lock);
	for (unsigned i = 0; i < rib->n_tables; i++)
		if (rib->tables[i].routes == table)
			rib->tables[i--] = rib->tables[--rib->n_tables];
	pthread_mutex_unlock(&rib->lock);
}

/* ---- messages ---- */

void
rib_begin(struct rib *rib)
{
	rib->session++;
	rib->n_stale = rib->index.n;
	nexthops_clear(&rib->nexthops);
}

int
rib_take(struct rib *rib, const struct netlink_msg *msg)
{
	int rc = 0;

	if (pthread_mutex_trylock(&rib->lock) != 0)
		return -EAGAIN;
	switch (msg->kind) {
	case NETLINK_BAD:
		rib->counts.malformed++;
		break;
	case NETLINK_ROUTE_ADD:
		rc = take_route(rib, &msg->route);
		break;
	case NETLINK_ROUTE_DEL: {
		const uint32_t i =
			l3_index_find(&rib->index, rib->prefixes, &msg->route.prefix);

		if (msg->route.table == MAIN_TABLE && i != L3_INDEX_NONE)
			rc = del(rib, i);
		break;
	}
	case NETLINK_NEXTHOP_ADD:
		rc = take_nexthop(rib, &msg->nexthop);
		break;
	case NETLINK_NEXTHOP_DEL:
		nexthops_del(&rib->nexthops, msg->nexthop.id);
		break;
	case NETLINK_OTHER:
		break;
	}
	pthread_mutex_unlock(&rib->lock);
	return rc;
}

/* A route that cannot be followed here takes the place of the former one all the same. */
static int
take_route(struct rib *rib, const struct netlink_route *route)
{
	const uint32_t i = l3_index_find(&rib->index, rib->prefixes, &route->prefix);
	struct netlink_hop told[NETLINK_HOPS];
	const struct netlink_hop *hops = route->hops;
	struct netlink_route by_object;
	unsigned n = route->n_hops;
	struct wish wish;
	bool blackhole;

	if (route->table != MAIN_TABLE) {
		rib->counts.ignored++;
		return 0;
	}
	if (route->nexthop != 0 &&
		nexthops_resolve(&rib->nexthops, route->nexthop, told, &n, &blackhole)) {
		hops = told;
		if (blackhole) {
			by_object = *route;
			by_object.action = NETLINK_BLACKHOLE;
			route = &by_object;
		}
	}
	if (make_wish(rib, route, hops, n, &wish))
		return put(rib, &route->prefix, &wish);
	rib->counts.ignored++;
	return i != L3_INDEX_NONE ? del(rib, i) : 0;
}

/* Routes that were told with the object follow its change. */
static int
take_nexthop(struct rib *rib, const struct netlink_nexthop *nexthop)
{
	bool used = false;
	int rc = nexthops_put(&rib->nexthops, nexthop, &used);

	for (uint32_t i = 0; i < rib->n_used && used && rc == 0; i++) {
		const struct rib_route *r = &rib->routes[i];

		if (rib->prefixes[i].addr.family == 0 || r->nexthop == 0 ||
			r->session != rib->session ||
			!nexthops_has(&rib->nexthops, r->nexthop, nexthop->id))
			continue;
		const struct netlink_route route = {.prefix = rib->prefixes[i],
			.table = MAIN_TABLE,
			.protocol = r->protocol,
			.nexthop = r->nexthop};

		rc = take_route(rib, &route);
	}
	if (rc == -ENOMEM)
		rib->counts.refused++;
	return rc == -EAGAIN ? rc : 0;
}

/* ---- what is wanted ---- */

/* Neither forwarded to nor from. */
static bool
is_no_destination(const struct net_prefix *prefix)
{
	const uint8_t *ip = prefix->addr.bytes;

	if (prefix->addr.family == 4)
		return prefix->len >= 4 && ip[0] >= 224;
	return iface_is_link_local(6, ip) || (prefix->len >= 8 && ip[0] == 0xff);
}

/* Adds a next hop to the wish; what cannot be mixed is left out. */
static void
add_hop(struct wish *wish, enum rib_hop what, const struct l3_hop *hop, bool host)
{
	struct l3_change *change = &wish->change;

	if (what == RIB_HOP_VIA && change->n_hops < L3_HOPSET_MAX) {
		change->kind = L3_ROUTE_VIA;
		wish->hops[change->n_hops++] = *hop;
	} else if (what == RIB_HOP_LINK && change->n_hops == 0) {
		change->kind = L3_ROUTE_CONNECTED;
		change->cp = hop->cp;
	} else if (what == RIB_HOP_LOCAL && host && change->kind == L3_ROUTE_NOTHING) {
		change->kind = L3_ROUTE_LOCAL; /* the daemon's own address */
	}
}

/* False: nothing that can be followed here. */
static bool
make_wish(struct rib *rib, const struct netlink_route *route,
	const struct netlink_hop *hops, unsigned n, struct wish *wish)
{
	static const uint8_t kinds[] = {[NETLINK_FORWARD] = L3_ROUTE_NOTHING,
		[NETLINK_LOCAL] = L3_ROUTE_LOCAL,
		[NETLINK_BLACKHOLE] = L3_ROUTE_BLACKHOLE,
		[NETLINK_UNREACHABLE] = L3_ROUTE_UNREACHABLE,
		[NETLINK_PROHIBIT] = L3_ROUTE_PROHIBIT};
	const bool host =
		route->prefix.len == (route->prefix.addr.family == 4 ? 32 : 128);

	wish->change =
		(struct l3_change){.kind = kinds[route->action], .hops = wish->hops};
	wish->nexthop = route->nexthop;
	wish->protocol = route->protocol;
	if (is_no_destination(&route->prefix))
		return false;
	for (unsigned i = 0; i < n && route->action == NETLINK_FORWARD; i++) {
		struct l3_hop hop = {0};
		const enum rib_hop what = rib->resolve(rib->arg, &hops[i], &hop);

		hop.weight = hops[i].weight;
		add_hop(wish, what, &hop, host);
	}
	if (wish->change.kind == L3_ROUTE_VIA)
		wish->change.cp = 0;
	return wish->change.kind != L3_ROUTE_NOTHING;
}

/* ---- changes ---- */

/* The tables first: what they put off is asked for again as a whole. */
static int
put(struct rib *rib, const struct net_prefix *prefix, const struct wish *wish)
{
	uint32_t i = l3_index_find(&rib->index, rib->prefixes, prefix), set = 0;
	const struct l3_change *change = &wish->change;
	const bool new = i == L3_INDEX_NONE;

	if ((new && rib->n_spare == 0 && rib->n_used == rib->max) ||
		(change->n_hops > 0 && l3_hopset_get(&rib->sets, change->hops,
					       change->n_hops, &set) < 0)) {
		rib->counts.refused++;
		return 0;
	}
	const int rc = put_tables(rib, prefix, change);

	if (rc < 0) {
		if (change->n_hops > 0 && l3_hopset_put(&rib->sets, set, change->n_hops))
			l3_hopset_release(&rib->sets, set, change->n_hops);
		return rc;
	}
	if (new) {
		i = rib->n_spare > 0 ? rib->spare[--rib->n_spare] : rib->n_used++;
		rib->prefixes[i] = *prefix;
		l3_index_add(&rib->index, rib->prefixes, i);
	} else {
		forget(rib, i);
	}
	rib->routes[i] = (struct rib_route){.hops = set,
		.n_hops = change->n_hops,
		.nexthop = wish->nexthop,
		.session = rib->session,
		.kind = change->kind,
		.cp = change->cp,
		.protocol = wish->protocol};
	rib->counts.updates++;
	return 0;
}

/* What is known of a route is about to change: it is not stale, and its hops are let go.
 */
static void
forget(struct rib *rib, uint32_t number)
{
	const struct rib_route *r = &rib->routes[number];

	rib->n_stale -= r->session != rib->session;
	if (r->n_hops > 0 && l3_hopset_put(&rib->sets, r->hops, r->n_hops))
		l3_hopset_release(&rib->sets, r->hops, r->n_hops);
}

static int
del(struct rib *rib, uint32_t number)
{
	const struct net_prefix prefix = rib->prefixes[number];

	for (unsigned k = 0; k < rib->n_tables; k++)
		if (l3_live_del(rib->tables[k].routes, &prefix) == -EAGAIN)
			return -EAGAIN;
	l3_index_del(&rib->index, rib->prefixes, number);
	forget(rib, number);
	rib->prefixes[number] = (struct net_prefix){0};
	rib->spare[rib->n_spare++] = number;
	rib->counts.updates++;
	return 0;
}

static int
put_tables(
	struct rib *rib, const struct net_prefix *prefix, const struct l3_change *change)
{
	for (unsigned k = 0; k < rib->n_tables; k++) {
		const int rc = put_table(&rib->tables[k], prefix, change,
			k > 0 ? rib->tables[k - 1].routes : NULL);

		if (rc == -EAGAIN)
			return rc;
		if (rc < 0)
			rib->counts.refused++;
	}
	return 0;
}

/* 0 if it is there, or a configured one is, or none of its links is; else as
 * l3_live_put(). before: the table whose counters go on. */
static int
put_table(const struct rib_table *table, const struct net_prefix *prefix,
	const struct l3_change *change, const struct l3_routes *before)
{
	struct l3_hop hops[L3_HOPSET_MAX];
	struct l3_change fit = *change;
	uint32_t number;

	fit.hops = hops;
	fit.n_hops = 0;
	for (unsigned i = 0; i < change->n_hops; i++)
		if (table->cps >> change->hops[i].cp & 1)
			hops[fit.n_hops++] = change->hops[i];
	if ((change->kind == L3_ROUTE_VIA && fit.n_hops == 0) ||
		(change->kind == L3_ROUTE_CONNECTED && !(table->cps >> change->cp & 1)))
		return l3_live_del(table->routes, prefix) == -EAGAIN ? -EAGAIN : 0;
	const int rc = l3_live_put(table->routes, prefix, &fit, &number);

	if (rc == 0 && before != NULL && before->live != NULL &&
		table->routes->before[number] == L3_ROUTE_NEW)
		table->routes->before[number] = l3_live_number(before, prefix);
	return rc == -EEXIST ? 0 : rc;
}

static struct l3_change
change_of(const struct rib *rib, uint32_t number)
{
	const struct rib_route *r = &rib->routes[number];

	return (struct l3_change){.kind = r->kind,
		.cp = r->cp,
		.n_hops = r->n_hops,
		.hops = &rib->hops[r->hops]};
}

bool
rib_sweep(struct rib *rib)
{
	return rib->n_stale == 0 || drop(rib, true);
}

bool
rib_clear(struct rib *rib)
{
	return rib->index.n == 0 || drop(rib, false);
}

static bool
drop(struct rib *rib, bool stale_only)
{
	if (pthread_mutex_trylock(&rib->lock) != 0)
		return false;
	const uint32_t end =
		rib->n_used - rib->cursor > SLICE ? rib->cursor + SLICE : rib->n_used;
	bool put_off = false;

	for (; rib->cursor < end && !put_off; rib->cursor += !put_off)
		if (rib->prefixes[rib->cursor].addr.family != 0 &&
			(!stale_only || rib->routes[rib->cursor].session != rib->session))
			put_off = del(rib, rib->cursor) == -EAGAIN;
	const bool done = rib->cursor >= rib->n_used;

	if (done)
		rib->cursor = 0;
	pthread_mutex_unlock(&rib->lock);
	return done;
}

/* ---- looking inside ---- */

uint32_t
rib_count(const struct rib *rib)
{
	return rib->index.n;
}

uint32_t
rib_count_stale(const struct rib *rib)
{
	return rib->n_stale;
}

const struct rib_counts *
rib_counts(const struct rib *rib)
{
	return &rib->counts;
}

static json_t *
hop_to_json(const struct l3_hop *hop, const char *const *cps)
{
	struct net_addr addr = {.family = hop->family};
	char text[NET_STRLEN];

	memcpy(addr.bytes, hop->addr, sizeof(addr.bytes));
	net_addr_print(&addr, text);
	return iface_is_link_local(hop->family, hop->addr)
		       ? json_sprintf("%s%%%s", text, cps[hop->cp])
		       : json_string(text);
}

void
rib_describe(const struct rib *rib, const struct net_prefix *prefix,
	const char *const *cps, json_t *route)
{
	const uint32_t i = l3_index_find(&rib->index, rib->prefixes, prefix);

	if (i == L3_INDEX_NONE)
		return;
	const struct rib_route *r = &rib->routes[i];
	json_t *via = json_array();

	for (unsigned k = 0; k < r->n_hops; k++)
		json_array_append_new(via, hop_to_json(&rib->hops[r->hops + k], cps));
	json_object_set_new(
		route, "protocol", json_string(netlink_protocol_name(r->protocol)));
	json_object_set_new(route, "via", via);
	if (r->session != rib->session)
		json_object_set_new(route, "stale", json_true());
}
