/* config.c: the field table of the router and the rules between its fields. */
#include "vnfs/router/config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dataplane/sdk/l3_live.h"
#include "dataplane/sdk/l3_path.h"
#include "dataplane/sdk/prefix_order.h"

#define PATH 192

const char *const config_cps[] = {"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8",
	"p9", "p10", "p11", "p12", "p13", "p14", "p15", NULL};

const struct field_value config_cp_values[] = {
	{"p0", 1, NULL},
	{"p1", 2, NULL},
	{"p2", 3, NULL},
	{"p3", 4, NULL},
	{"p4", 5, NULL},
	{"p5", 6, NULL},
	{"p6", 7, NULL},
	{"p7", 8, NULL},
	{"p8", 9, NULL},
	{"p9", 10, NULL},
	{"p10", 11, NULL},
	{"p11", 12, NULL},
	{"p12", 13, NULL},
	{"p13", 14, NULL},
	{"p14", 15, NULL},
	{"p15", 16, NULL},
	{0},
};

static const struct field_value action_values[] = {
	{"forward", CONFIG_FORWARD, "to the next hops of `via`"},
	{"blackhole", CONFIG_BLACKHOLE, "dropped silently"},
	{"unreachable", CONFIG_UNREACHABLE, "dropped, host unreachable to the sender"},
	{"prohibit", CONFIG_PROHIBIT,
		"dropped, administratively prohibited to the sender"},
	{0},
};

static const struct field_value reverse_path_values[] = {
	{"off", IFACE_REVERSE_OFF, "any"},
	{"loose", IFACE_REVERSE_LOOSE, "those that there is a route to"},
	{"strict", IFACE_REVERSE_STRICT, "those whose route leads back by it"},
	{0},
};

static const struct field iface_fields[] = {
	{.name = "cp",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config_iface, cp),
		.values = config_cp_values,
		.required = true,
		.help = "connection point"},
	IFACE_FIELDS(struct config_iface, l3),
	{.name = "reverse-path",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config_iface, reverse_path),
		.values = reverse_path_values,
		.dflt = "off",
		.help = "which sources may come in by it"},
	{.name = "proxy-arp",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config_iface, proxy_arp),
		.dflt = "false",
		.help = "answer ARP for what is reached by another interface"},
	{.name = "tap",
		.type = FIELD_STRING,
		.offset = offsetof(struct config_iface, tap),
		.help = "with routing: name of the kernel's interface; absent: that of "
			"the connection point"},
	{0},
};

static const struct field route_fields[] = {
	{.name = "prefix",
		.type = FIELD_PREFIX,
		.offset = offsetof(struct config_route, prefix),
		.required = true,
		.help = "destinations"},
	{.name = "via",
		.type = FIELD_ADDR,
		.offset = offsetof(struct config_route, via),
		.size = sizeof(struct net_addr),
		.list = true,
		.count = offsetof(struct config_route, n_via),
		.max_len = CONFIG_MAX_VIA,
		.help = "next hops; several share the load by flow"},
	{.name = "weights",
		.type = FIELD_UINT,
		.offset = offsetof(struct config_route, weights),
		.size = sizeof(uint32_t),
		.list = true,
		.count = offsetof(struct config_route, n_weights),
		.max_len = CONFIG_MAX_VIA,
		.min = 1,
		.max = L3_PATH_MAX_WEIGHT,
		.help = "shares of the next hops, one for each; absent: equal"},
	{.name = "cp",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config_route, cp),
		.values = config_cp_values,
		.help = "connection point of link-local next hops"},
	{.name = "action",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config_route, action),
		.values = action_values,
		.dflt = "forward",
		.help = "what happens to packets"},
	{0},
};

const struct field config_fields[] = {
	{.name = "interfaces",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, interfaces),
		.size = sizeof(struct config_iface),
		.sub = iface_fields,
		.list = true,
		.count = offsetof(struct config, n_interfaces),
		.max_len = 16,
		.required = true,
		.help = "connection points that take part, each with its addresses"},
	{.name = "routes",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, routes),
		.size = sizeof(struct config_route),
		.sub = route_fields,
		.list = true,
		.count = offsetof(struct config, n_routes),
		.max_len = CONFIG_MAX_ROUTES,
		.help = "beside those to the interfaces' own subnets"},
	{.name = "neighbours",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, neighbours),
		.size = sizeof(struct config_neighbour),
		.sub = config_neighbour_fields,
		.list = true,
		.count = offsetof(struct config, n_neighbours),
		.max_len = CONFIG_MAX_STATIC,
		.help = "neighbours whose MACs are known beforehand and never asked for"},
	ICMP_RATE_FIELD(struct config, icmp_rate),
	{.name = "redirects",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config, redirects),
		.dflt = "false",
		.help = "tell neighbours of better first hops on their own links"},
	{.name = "routing",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, routing),
		.size = sizeof(struct config_routing),
		.sub = config_routing_fields,
		.present = true,
		.present_offset = offsetof(struct config, has_routing),
		.help = "takes routes of routing daemons (FRR) beside the configured "
			"ones, which win"},
	{0},
};

static void draft_route(struct l3_route_drafts *drafts, const struct config *config,
	const struct config_route *route);
static int via_cp(const struct config *config, const struct config_route *route,
	const struct net_addr *via);
static void check_interfaces(const struct config *config, struct faults *faults);
static void check_route(const struct config *config, unsigned i, struct faults *faults);
static void check_duplicates(const struct config *config, struct faults *faults);

void
config_check(const void *arg, struct faults *faults)
{
	const struct config *config = arg;

	if (config->n_interfaces == 0)
		faults_add(faults, ERR_INVALID, "interfaces",
			"give it one with an address",
			"a router without interfaces routes nothing");
	check_interfaces(config, faults);
	for (unsigned i = 0; i < config->n_routes; i++)
		check_route(config, i, faults);
	check_duplicates(config, faults);
	config_check_neighbours(config, faults);
	config_check_routing(config, faults);
}

int
config_routes(const struct config *config, const uint64_t *turns,
	struct l3_routes **table, struct err *err)
{
	struct l3_route_drafts drafts = {0};

	for (unsigned i = 0; i < config->n_interfaces; i++)
		l3_route_draft_iface(&drafts, &config->interfaces[i].l3,
			(unsigned)config->interfaces[i].cp - 1);
	for (unsigned i = 0; i < config->n_routes; i++)
		draft_route(&drafts, config, &config->routes[i]);
	if (config->has_routing)
		return l3_routes_create_live(
			table, &drafts, config->routing.max_routes, turns, err);
	return l3_routes_create(table, &drafts, err);
}

static void
draft_route(struct l3_route_drafts *drafts, const struct config *config,
	const struct config_route *route)
{
	static const enum l3_route_kind kinds[] = {[CONFIG_FORWARD] = L3_ROUTE_VIA,
		[CONFIG_BLACKHOLE] = L3_ROUTE_BLACKHOLE,
		[CONFIG_UNREACHABLE] = L3_ROUTE_UNREACHABLE,
		[CONFIG_PROHIBIT] = L3_ROUTE_PROHIBIT};
	struct l3_hop hops[CONFIG_MAX_VIA];

	for (unsigned i = 0; i < route->n_via; i++) {
		hops[i].cp = (uint8_t)via_cp(config, route, &route->via[i]);
		hops[i].family = route->via[i].family;
		hops[i].weight = route->n_weights > 0 ? (uint16_t)route->weights[i] : 1;
		memcpy(hops[i].addr, route->via[i].bytes, 16);
	}
	l3_route_draft(drafts, &route->prefix, kinds[route->action], hops, route->n_via);
}

/* The connection point on whose link a next hop of the route is, or -1. */
static int
via_cp(const struct config *config, const struct config_route *route,
	const struct net_addr *via)
{
	if (route->cp != CONFIG_NO_CP)
		return route->cp - 1;
	if (iface_is_link_local(via->family, via->bytes))
		return -1;
	for (unsigned i = 0; i < config->n_interfaces; i++)
		if (iface_config_on_link(&config->interfaces[i].l3, via))
			return config->interfaces[i].cp - 1;
	return -1;
}

static void
check_interfaces(const struct config *config, struct faults *faults)
{
	char path[PATH], other[PATH];

	for (unsigned i = 0; i < config->n_interfaces; i++) {
		snprintf(path, sizeof(path), "interfaces[%u]", i);
		iface_check(&config->interfaces[i].l3, path, faults);
		for (unsigned j = 0; j < i; j++) {
			snprintf(other, sizeof(other), "interfaces[%u]", j);
			iface_check_overlap(&config->interfaces[j].l3, other,
				&config->interfaces[i].l3, path, faults);
			if (config->interfaces[j].cp == config->interfaces[i].cp)
				faults_add(faults, ERR_INVALID, path,
					"give each connection point one entry with all "
					"its addresses",
					"%s has an interface already, %s",
					config_cps[config->interfaces[i].cp - 1], other);
		}
	}
}

/* Whether the router has that address itself. */
static bool
is_own(const struct config *config, const struct net_addr *addr)
{
	for (unsigned i = 0; i < config->n_interfaces; i++)
		for (unsigned k = 0; k < config->interfaces[i].l3.n_addresses; k++)
			if (net_addr_equal(
				    &config->interfaces[i].l3.addresses[k].addr, addr))
				return true;
	return false;
}

enum via_fault { VIA_GOOD, VIA_FAMILY, VIA_OWN, VIA_LINK_LOCAL, VIA_OFF_LINK };

static enum via_fault
judge_via(const struct config *config, const struct config_route *route,
	const struct net_addr *via)
{
	if (via->family != route->prefix.addr.family)
		return VIA_FAMILY;
	if (is_own(config, via))
		return VIA_OWN;
	if (iface_is_link_local(via->family, via->bytes) && route->cp == CONFIG_NO_CP)
		return VIA_LINK_LOCAL;
	return via_cp(config, route, via) < 0 ? VIA_OFF_LINK : VIA_GOOD;
}

static void
check_via(const struct config *config, unsigned i, unsigned k, struct faults *faults)
{
	static const struct {
		const char *text, *hint;
	} said[] = {[VIA_FAMILY] = {"is not of the family of the prefix", NULL},
		[VIA_OWN] = {"is this router itself", "give the neighbour's address"},
		[VIA_LINK_LOCAL] = {"is link-local, on which link is not said",
			"add cp: p<n> to the route"},
		[VIA_OFF_LINK] = {"is in no interface's subnet",
			"a next hop must be a neighbour on one of the interfaces"}};
	const struct config_route *route = &config->routes[i];
	const enum via_fault fault = judge_via(config, route, &route->via[k]);
	char path[PATH], text[NET_STRLEN];

	if (fault == VIA_GOOD)
		return;
	snprintf(path, sizeof(path), "routes[%u].via[%u]", i, k);
	faults_add(faults, ERR_INVALID, path, said[fault].hint, "next hop %s %s",
		net_addr_print(&route->via[k], text), said[fault].text);
}

static const char *
member_path(char path[PATH], unsigned i, const char *member)
{
	snprintf(path, PATH, "routes[%u].%s", i, member);
	return path;
}

static void
check_route(const struct config *config, unsigned i, struct faults *faults)
{
	const struct config_route *route = &config->routes[i];
	char path[PATH];

	for (unsigned k = 0; k < route->n_via; k++)
		check_via(config, i, k, faults);
	if (route->action == CONFIG_FORWARD && route->n_via == 0)
		faults_add(faults, ERR_INVALID, member_path(path, i, "via"),
			"give via, or action: blackhole | unreachable | prohibit",
			"the route has no next hop");
	if (route->action != CONFIG_FORWARD && route->n_via > 0)
		faults_add(faults, ERR_INVALID, member_path(path, i, "via"),
			"drop via or action", "a route that drops has no next hop");
	if (route->n_weights > 0 && route->n_weights != route->n_via)
		faults_add(faults, ERR_INVALID, member_path(path, i, "weights"),
			"give one weight for each of via", "%u weights for %u next hops",
			route->n_weights, route->n_via);
	if (route->cp != CONFIG_NO_CP && config_iface_of(config, route->cp) == NULL)
		faults_add(faults, ERR_INVALID, member_path(path, i, "cp"), NULL,
			"%s has no interface", config_cps[route->cp - 1]);
}

static bool
is_same(const struct net_prefix *a, const struct net_prefix *b)
{
	return a->len == b->len && net_addr_equal(&a->addr, &b->addr);
}

static void
add_duplicate(const struct net_prefix *prefix, unsigned i, unsigned first,
	struct faults *faults)
{
	char path[PATH], text[NET_STRLEN];

	faults_add(faults, ERR_INVALID, member_path(path, i, "prefix"),
		"give several next hops as via: [a, b]",
		"%s has a route already, routes[%u]", net_prefix_print(prefix, text),
		first);
}

static void
check_duplicates(const struct config *config, struct faults *faults)
{
	const unsigned n = config->n_routes;
	struct net_prefix *networks = calloc(n + 1u, sizeof(*networks));
	uint32_t *order = NULL;

	for (unsigned i = 0; i < n && networks != NULL; i++)
		networks[i] = net_prefix_network(&config->routes[i].prefix);
	if (networks != NULL)
		order = prefix_order(networks, sizeof(*networks), n);
	if (order == NULL)
		faults_add(faults, ERR_NO_RESOURCE, "routes", NULL, "out of memory");
	for (unsigned i = 1; i < n && order != NULL; i++)
		if (is_same(&networks[order[i - 1]], &networks[order[i]]))
			add_duplicate(
				&networks[order[i]], order[i], order[i - 1], faults);
	free(order);
	free(networks);
}
