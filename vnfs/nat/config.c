/* config.c: the field table of the NAT, and what follows from a configuration; its rules
 * are in check.c. */
#include "vnfs/nat/config.h"
#include <string.h>
#include "dataplane/pkt/hdr.h"

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
