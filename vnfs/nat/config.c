/* config.c: the field table of the NAT and the rules between its fields. */
#include "vnfs/nat/config.h"
#include <stdio.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"

#define PATH 192

const char *const config_cps[] = {"inside", "outside", NULL};

static const struct field route_fields[] = {
	{.name = "prefix",
		.type = FIELD_PREFIX,
		.offset = offsetof(struct config_route, prefix),
		.required = true,
		.help = "hosts behind an inside router"},
	{.name = "via",
		.type = FIELD_ADDR,
		.offset = offsetof(struct config_route, via),
		.required = true,
		.help = "that router's address on the inside link"},
	{0},
};

static const struct field inside_fields[] = {
	IFACE_FIELDS(struct config_inside, l3),
	{.name = "routes",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config_inside, routes),
		.size = sizeof(struct config_route),
		.sub = route_fields,
		.list = true,
		.count = offsetof(struct config_inside, n_routes),
		.max_len = 100000,
		.help = "inside networks beside the inside link's own"},
	{0},
};

static const struct field outside_fields[] = {
	IFACE_FIELDS(struct config_outside, l3),
	{.name = "gateway",
		.type = FIELD_ADDR,
		.offset = offsetof(struct config_outside, gateway),
		.help = "next hop to everything that is neither inside nor on the "
			"outside link"},
	{0},
};

static const struct field_value mapping_values[] = {
	{"endpoint-independent", 0,
		"one outside address and port for an inside one, whoever it talks to"},
	{0},
};

static const struct field_value filtering_values[] = {
	{"endpoint-independent", CONFIG_FILTER_NONE, "anyone may send to a mapping"},
	{"address-dependent", CONFIG_FILTER_ADDRESS,
		"only hosts that the inside host has sent to"},
	{"address-and-port-dependent", CONFIG_FILTER_ADDRESS_PORT,
		"only address and port that it has sent to"},
	{0},
};

static const struct field_value proto_values[] = {
	{"tcp", PKT_PROTO_TCP, NULL},
	{"udp", PKT_PROTO_UDP, NULL},
	{0},
};

static const struct field static_fields[] = {
	{.name = "proto",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config_static, proto),
		.values = proto_values,
		.required = true,
		.help = "protocol"},
	{.name = "outside",
		.type = FIELD_ENDPOINT,
		.offset = offsetof(struct config_static, outside),
		.required = true,
		.help = "address of the pool or of the outside link, and port"},
	{.name = "inside",
		.type = FIELD_ENDPOINT,
		.offset = offsetof(struct config_static, inside),
		.required = true,
		.help = "address and port of the server"},
	{0},
};

#define TIMEOUT(row, member, value, text)                                                \
	{                                                                                \
		.name = row, .type = FIELD_DURATION,                                     \
		.offset = offsetof(struct config_timeouts, member), .dflt = value,       \
		.min = 1000000000ull, .max = 604800ull * 1000000000ull, .help = text     \
	}

static const struct field timeout_fields[] = {
	TIMEOUT("tcp-established", tcp_established, "2h4m", "idle TCP connection"),
	TIMEOUT("tcp-transitory", tcp_transitory, "4m",
		"TCP that opens, closes or was reset"),
	TIMEOUT("udp", udp, "5m", "idle UDP session"),
	TIMEOUT("icmp", icmp, "60s", "idle ICMP query"),
	{0},
};

const struct field config_fields[] = {
	{.name = "inside",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, inside),
		.size = sizeof(struct config_inside),
		.sub = inside_fields,
		.required = true,
		.help = "the side with the hosts that are translated"},
	{.name = "outside",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, outside),
		.size = sizeof(struct config_outside),
		.sub = outside_fields,
		.required = true,
		.help = "the side that sees the pool"},
	{.name = "pool",
		.type = FIELD_RANGE,
		.offset = offsetof(struct config, pool),
		.size = sizeof(struct net_range),
		.list = true,
		.count = offsetof(struct config, n_pool),
		.max_len = CONFIG_MAX_POOL,
		.help = "outside addresses of the sessions; absent: the first outside "
			"address"},
	{.name = "ports",
		.type = FIELD_PORTS,
		.offset = offsetof(struct config, ports),
		.dflt = "1024-65535",
		.help = "outside ports and ICMP identifiers of the sessions"},
	{.name = "mapping",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config, mapping),
		.values = mapping_values,
		.dflt = "endpoint-independent",
		.help = "RFC 4787 section 4.1"},
	{.name = "filtering",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config, filtering),
		.values = filtering_values,
		.dflt = "address-dependent",
		.help = "who may send to a mapping from outside, RFC 4787 section 5"},
	{.name = "hairpinning",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config, hairpinning),
		.dflt = "true",
		.help = "inside hosts reach one another by their outside addresses"},
	{.name = "static",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, statics),
		.size = sizeof(struct config_static),
		.sub = static_fields,
		.list = true,
		.count = offsetof(struct config, n_statics),
		.max_len = 65536,
		.help = "servers inside that are reached from outside"},
	{.name = "max-sessions",
		.type = FIELD_UINT,
		.offset = offsetof(struct config, max_sessions),
		.size = sizeof(uint32_t),
		.dflt = "65536",
		.min = 1,
		.max = CONFIG_MAX_SESSIONS,
		.help = "sessions at a time; 64 bytes of instance state each"},
	{.name = "max-sessions-per-host",
		.type = FIELD_UINT,
		.offset = offsetof(struct config, max_sessions_per_host),
		.size = sizeof(uint32_t),
		.dflt = "0",
		.help = "sessions of one inside host at a time; 0: no limit"},
	{.name = "timeouts",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, timeouts),
		.size = sizeof(struct config_timeouts),
		.sub = timeout_fields,
		.help = "how long idle sessions live"},
	ICMP_RATE_FIELD(struct config, icmp_rate),
	{0},
};

static void check_side(
	const struct iface_config *l3, const char *path, struct faults *faults);
static void check_outside(const struct config *config, struct faults *faults);
static void check_routes(const struct config *config, struct faults *faults);
static void check_pool(const struct config *config, struct faults *faults);
static void check_static(const struct config *config, unsigned i, struct faults *faults);
static bool owns(const struct iface_config *l3, const struct net_addr *addr);

void
config_check(const void *arg, struct faults *faults)
{
	const struct config *config = arg;

	check_side(&config->inside.l3, "inside", faults);
	check_side(&config->outside.l3, "outside", faults);
	iface_check_overlap(
		&config->inside.l3, "inside", &config->outside.l3, "outside", faults);
	check_outside(config, faults);
	check_routes(config, faults);
	check_pool(config, faults);
	if (config->ports.first == 0)
		faults_add(
			faults, ERR_INVALID, "ports", NULL, "port 0 cannot be given out");
	for (unsigned i = 0; i < config->n_statics; i++)
		check_static(config, i, faults);
}

unsigned
config_pool(const struct config *config, struct net_range *one,
	const struct net_range **ranges)
{
	if (config->n_pool > 0) {
		*ranges = config->pool;
		return config->n_pool;
	}
	*one = (struct net_range){0};
	if (config->outside.l3.n_addresses > 0)
		one->first = one->last = config->outside.l3.addresses[0].addr;
	*ranges = one;
	return 1;
}

static struct l3_hop
hop_to(enum config_cp cp, const struct net_addr *addr)
{
	struct l3_hop hop = {.cp = (uint8_t)cp, .family = addr->family};

	memcpy(hop.addr, addr->bytes, 16);
	return hop;
}

int
config_routes(const struct config *config, struct l3_routes **table, struct err *err)
{
	const struct net_prefix all = {.addr = {.family = 4}};
	struct l3_route_drafts drafts = {0};

	l3_route_draft_iface(&drafts, &config->inside.l3, CONFIG_INSIDE);
	l3_route_draft_iface(&drafts, &config->outside.l3, CONFIG_OUTSIDE);
	for (unsigned i = 0; i < config->inside.n_routes; i++) {
		const struct config_route *route = &config->inside.routes[i];
		const struct l3_hop hop = hop_to(CONFIG_INSIDE, &route->via);

		l3_route_draft(&drafts, &route->prefix, L3_ROUTE_VIA, &hop, 1);
	}
	if (config->outside.gateway.family != 0) {
		const struct l3_hop hop =
			hop_to(CONFIG_OUTSIDE, &config->outside.gateway);

		l3_route_draft(&drafts, &all, L3_ROUTE_VIA, &hop, 1);
	}
	return l3_routes_create(table, &drafts, err);
}

bool
config_same_mappings(const struct config *a, const struct config *b)
{
	struct net_range one_a, one_b;
	const struct net_range *pool_a, *pool_b;
	const unsigned n_a = config_pool(a, &one_a, &pool_a);
	const unsigned n_b = config_pool(b, &one_b, &pool_b);

	return n_a == n_b && memcmp(pool_a, pool_b, n_a * sizeof(*pool_a)) == 0 &&
	       memcmp(&a->ports, &b->ports, sizeof(a->ports)) == 0 &&
	       a->n_statics == b->n_statics &&
	       (a->n_statics == 0 || memcmp(a->statics, b->statics,
					     a->n_statics * sizeof(*a->statics)) == 0) &&
	       a->filtering == b->filtering &&
	       a->max_sessions_per_host == b->max_sessions_per_host;
}

/* ---- rules ---- */

static void
check_side(const struct iface_config *l3, const char *path, struct faults *faults)
{
	char where[PATH], text[NET_STRLEN];

	iface_check(l3, path, faults);
	snprintf(where, sizeof(where), "%s.addresses", path);
	if (l3->n_addresses == 0)
		faults_add(faults, ERR_INVALID, where, NULL, "%s needs an address", path);
	for (unsigned i = 0; i < l3->n_addresses; i++) {
		snprintf(where, sizeof(where), "%s.addresses[%u]", path, i);
		if (l3->addresses[i].addr.family != 4)
			faults_add(faults, ERR_INVALID, where, NULL,
				"%s: this NAT translates IPv4 only",
				net_prefix_print(&l3->addresses[i], text));
	}
}

static void
check_outside(const struct config *config, struct faults *faults)
{
	const struct net_addr *gateway = &config->outside.gateway;
	char text[NET_STRLEN];

	if (gateway->family == 0)
		return;
	if (!iface_config_on_link(&config->outside.l3, gateway))
		faults_add(faults, ERR_INVALID, "outside.gateway",
			"the gateway is a neighbour on the outside link",
			"%s is in no subnet of outside.addresses",
			net_addr_print(gateway, text));
	else if (owns(&config->outside.l3, gateway))
		faults_add(faults, ERR_INVALID, "outside.gateway", NULL,
			"%s is this NAT itself", net_addr_print(gateway, text));
}

static void
check_routes(const struct config *config, struct faults *faults)
{
	char path[PATH], text[NET_STRLEN];

	for (unsigned i = 0; i < config->inside.n_routes; i++) {
		const struct config_route *route = &config->inside.routes[i];

		snprintf(path, sizeof(path), "inside.routes[%u].via", i);
		if (!iface_config_on_link(&config->inside.l3, &route->via) ||
			owns(&config->inside.l3, &route->via))
			faults_add(faults, ERR_INVALID, path,
				"give a router's address on the inside link",
				"%s is no neighbour in a subnet of inside.addresses",
				net_addr_print(&route->via, text));
		snprintf(path, sizeof(path), "inside.routes[%u].prefix", i);
		if (route->prefix.addr.family != 4)
			faults_add(faults, ERR_INVALID, path, NULL,
				"this NAT translates IPv4 only");
	}
}

static bool
prefix_meets_range(const struct net_prefix *prefix, const struct net_range *range)
{
	if (prefix->addr.family != 4)
		return false;
	const uint32_t mask = prefix->len == 0 ? 0 : UINT32_MAX << (32 - prefix->len);
	const uint32_t first = net_addr_v4(&prefix->addr) & mask;

	return net_addr_v4(&range->first) <= (first | ~mask) &&
	       first <= net_addr_v4(&range->last);
}

static bool
range_has(const struct net_range *range, const struct net_addr *addr)
{
	return addr->family == 4 && net_addr_cmp(&range->first, addr) <= 0 &&
	       net_addr_cmp(addr, &range->last) <= 0;
}

static void
check_range(const struct config *config, unsigned i, struct faults *faults)
{
	const struct net_range *range = &config->pool[i];
	char path[PATH], text[NET_STRLEN], other[NET_STRLEN];

	snprintf(path, sizeof(path), "pool[%u]", i);
	net_range_print(range, text);
	if (range->first.family != 4) {
		faults_add(faults, ERR_INVALID, path, NULL,
			"%s: this NAT translates IPv4 only", text);
		return;
	}
	for (unsigned k = 0; k < config->inside.l3.n_addresses; k++)
		if (prefix_meets_range(&config->inside.l3.addresses[k], range))
			faults_add(faults, ERR_INVALID, path,
				"the pool holds addresses of the outside",
				"%s lies in the inside subnet of %s", text,
				net_prefix_print(&config->inside.l3.addresses[k], other));
	for (unsigned k = 0; k < i; k++)
		if (config->pool[k].first.family == 4 &&
			net_addr_cmp(&config->pool[k].first, &range->last) <= 0 &&
			net_addr_cmp(&range->first, &config->pool[k].last) <= 0)
			faults_add(faults, ERR_INVALID, path, NULL,
				"%s overlaps pool[%u]", text, k);
	if (range_has(range, &config->outside.gateway))
		faults_add(faults, ERR_INVALID, path, NULL, "%s holds the gateway", text);
}

static void
check_pool(const struct config *config, struct faults *faults)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < config->n_pool; i++) {
		check_range(config, i, faults);
		if (config->pool[i].first.family == 4)
			n += (uint64_t)net_addr_v4(&config->pool[i].last) -
			     net_addr_v4(&config->pool[i].first) + 1;
	}
	if (n > CONFIG_MAX_POOL)
		faults_add(faults, ERR_TOO_LARGE, "pool", NULL,
			"%llu addresses are more than %d", (unsigned long long)n,
			CONFIG_MAX_POOL);
}

static bool
in_pool(const struct config *config, const struct net_addr *addr)
{
	struct net_range one;
	const struct net_range *pool;
	const unsigned n = config_pool(config, &one, &pool);

	for (unsigned i = 0; i < n; i++)
		if (range_has(&pool[i], addr))
			return true;
	return false;
}

static bool
inside_reaches(const struct config *config, const struct net_addr *addr)
{
	if (iface_config_on_link(&config->inside.l3, addr))
		return !owns(&config->inside.l3, addr);
	for (unsigned i = 0; i < config->inside.n_routes; i++)
		if (net_prefix_contains(&config->inside.routes[i].prefix, addr))
			return true;
	return false;
}

static bool
same_endpoint(const struct net_endpoint *a, const struct net_endpoint *b)
{
	return a->port == b->port && net_addr_equal(&a->addr, &b->addr);
}

static void
check_static_pair(
	const struct config *config, unsigned i, unsigned k, struct faults *faults)
{
	const struct config_static *a = &config->statics[k], *b = &config->statics[i];
	char path[PATH], text[NET_STRLEN];

	if (a->proto != b->proto)
		return;
	snprintf(path, sizeof(path), "static[%u].outside", i);
	if (same_endpoint(&a->outside, &b->outside))
		faults_add(faults, ERR_INVALID, path, NULL,
			"%s is mapped already by static[%u]",
			net_endpoint_print(&b->outside, text), k);
	snprintf(path, sizeof(path), "static[%u].inside", i);
	if (same_endpoint(&a->inside, &b->inside))
		faults_add(faults, ERR_INVALID, path, NULL,
			"%s is mapped already by static[%u]",
			net_endpoint_print(&b->inside, text), k);
}

static void
check_static(const struct config *config, unsigned i, struct faults *faults)
{
	const struct config_static *s = &config->statics[i];
	char path[PATH], text[NET_STRLEN];

	snprintf(path, sizeof(path), "static[%u].outside", i);
	if (!in_pool(config, &s->outside.addr))
		faults_add(faults, ERR_INVALID, path, "add the address to pool",
			"%s is no address of the pool",
			net_addr_print(&s->outside.addr, text));
	snprintf(path, sizeof(path), "static[%u].inside", i);
	if (!inside_reaches(config, &s->inside.addr))
		faults_add(faults, ERR_INVALID, path,
			"give an address of an inside subnet or of inside.routes",
			"%s is no inside host", net_addr_print(&s->inside.addr, text));
	for (unsigned k = 0; k < i; k++)
		check_static_pair(config, i, k, faults);
}

static bool
owns(const struct iface_config *l3, const struct net_addr *addr)
{
	for (unsigned i = 0; i < l3->n_addresses; i++)
		if (net_addr_equal(&l3->addresses[i].addr, addr))
			return true;
	return false;
}
