/* config.c: the field table of the NAT, and what follows from a configuration; its rules
 * are in check.c. */
#include "vnfs/nat/config.h"
#include <stdio.h>
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

static const struct field_value tcp_filtering_values[] = {
	{"same", CONFIG_FILTER_SAME, "as `filtering` says"},
	{"endpoint-independent", CONFIG_FILTER_NONE, "anyone may open a connection"},
	{"address-dependent", CONFIG_FILTER_ADDRESS,
		"only hosts that the inside host has sent to"},
	{"address-and-port-dependent", CONFIG_FILTER_ADDRESS_PORT,
		"only address and port that it has sent to"},
	{0},
};

static const struct field_value refresh_values[] = {
	{"both", CONFIG_REFRESH_BOTH, "packets of either direction"},
	{"outbound", CONFIG_REFRESH_OUTBOUND, "only what inside hosts send"},
	{0},
};

static const struct field_value syn_values[] = {
	{"reject", CONFIG_SYN_REJECT,
		"after 6 seconds, by an ICMP error, unless the inside host sent a SYN too"},
	{"silent", CONFIG_SYN_SILENT, "never"},
	{0},
};

static const struct field_value proto_values[] = {
	{"any", 0, "all: a whole outside address for an inside one"},
	{"tcp", PKT_PROTO_TCP, NULL},
	{"udp", PKT_PROTO_UDP, NULL},
	{0},
};

static int parse_end(const struct field *field, const json_t *json, const char *path,
	void *out, struct faults *faults);
static json_t *print_end(const struct field *field, const void *in);

#define END_FIELD(row, member, text)                                                     \
	{                                                                                \
		.name = row, .type = FIELD_CUSTOM,                                       \
		.offset = offsetof(struct config_static, member),                        \
		.size = sizeof(struct config_end), .parse = parse_end,                   \
		.print = print_end, .syntax = "ADDRESS | ADDRESS:PORT[-PORT]",           \
		.required = true, .help = text                                           \
	}

static const struct field static_fields[] = {
	{.name = "proto",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config_static, proto),
		.values = proto_values,
		.dflt = "any",
		.help = "protocol"},
	END_FIELD("outside", outside, "address of the pool, and port or ports"),
	END_FIELD("inside", inside, "address of the server, and port or as many ports"),
	{0},
};

#define TIMEOUT(row, member, value, text)                                                \
	{                                                                                \
		.name = row, .type = FIELD_DURATION,                                     \
		.offset = offsetof(struct config_timeouts, member), .dflt = value,       \
		.min = 1000000000ull, .max = 604800ull * 1000000000ull, .help = text     \
	}

static const struct field_value transitory_values[] = {
	{"same", 0, "as tcp-transitory"},
	{0},
};

#define TRANSITORY(row, member, text)                                                    \
	{                                                                                \
		.name = row, .type = FIELD_DURATION,                                     \
		.offset = offsetof(struct config_timeouts, member),                      \
		.values = transitory_values, .dflt = "same", .min = 1000000000ull,       \
		.max = 604800ull * 1000000000ull, .help = text                           \
	}

static const struct field timeout_fields[] = {
	TIMEOUT("tcp-established", tcp_established, "2h4m", "idle TCP connection"),
	TIMEOUT("tcp-transitory", tcp_transitory, "4m",
		"TCP that opens, closes or was reset"),
	TRANSITORY("tcp-opening", tcp_opening, "TCP that opens"),
	TRANSITORY("tcp-closing", tcp_closing,
		"TCP that both sides have closed, or that was reset"),
	TIMEOUT("udp", udp, "5m", "idle UDP session"),
	TIMEOUT("icmp", icmp, "60s", "idle ICMP query"),
	TIMEOUT("other", other, "5m", "idle flow of another protocol"),
	{0},
};

static const struct field rest_fields[] = {
	{.name = "time",
		.type = FIELD_DURATION,
		.offset = offsetof(struct config_rest, time),
		.dflt = "120s",
		.max = 86400ull * 1000000000ull,
		.help = "how long; 0: not at all"},
	{.name = "max",
		.type = FIELD_UINT,
		.offset = offsetof(struct config_rest, max),
		.size = sizeof(uint32_t),
		.dflt = "16384",
		.max = 1u << 24,
		.help = "ports that rest at a time; those beyond are free at once"},
	{0},
};

static const struct field blocks_fields[] = {
	{.name = "size",
		.type = FIELD_UINT,
		.offset = offsetof(struct config_blocks, size),
		.size = sizeof(uint32_t),
		.dflt = "0",
		.max = 32768,
		.help = "ports of a block, 64 or more; 0: ports are given out one by "
			"one"},
	{.name = "max-per-host",
		.type = FIELD_UINT,
		.offset = offsetof(struct config_blocks, max_per_host),
		.size = sizeof(uint32_t),
		.dflt = "4",
		.min = 1,
		.max = CONFIG_MAX_BLOCKS,
		.help = "blocks of one inside host"},
	{0},
};

static const struct field log_fields[] = {
	{.name = "mappings",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config_log, mappings),
		.dflt = "false",
		.help = "mappings made and ended, without destinations; with "
			"port-blocks: the blocks instead"},
	{.name = "sessions",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config_log, sessions),
		.dflt = "false",
		.help = "sessions made and ended, with their destinations"},
	{.name = "rate",
		.type = FIELD_UINT,
		.offset = offsetof(struct config_log, rate),
		.size = sizeof(uint32_t),
		.dflt = "1000",
		.min = 1,
		.max = 100000,
		.help = "lines a second; those that this is too few for are counted"},
	{0},
};

static const struct field_value mss_values[] = {
	{"off", 0, "left as it is"},
	{"auto", CONFIG_MSS_AUTO, "what the smaller MTU of both sides has room for"},
	{0},
};

#define LIMIT(row, member, text)                                                         \
	{                                                                                \
		.name = row, .type = FIELD_UINT,                                         \
		.offset = offsetof(struct config, member), .size = sizeof(uint32_t),     \
		.dflt = "0", .help = text                                                \
	}

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
	{.name = "port-parity",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config, port_parity),
		.dflt = "false",
		.help = "even ports map to even ones, odd to odd ones, while there are "
			"such"},
	{.name = "port-overlapping",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config, port_overlapping),
		.dflt = "false",
		.help = "when no port is free, sessions to different destinations share "
			"one (RFC 7857 section 3)"},
	{.name = "port-rest",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, port_rest),
		.size = sizeof(struct config_rest),
		.sub = rest_fields,
		.help = "freed ports are not given out for a while (RFC 6888 REQ-8)"},
	{.name = "port-blocks",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, port_blocks),
		.size = sizeof(struct config_blocks),
		.sub = blocks_fields,
		.help = "an inside host is given ports by the block"},
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
	{.name = "tcp-filtering",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config, tcp_filtering),
		.values = tcp_filtering_values,
		.dflt = "same",
		.help = "the same for TCP alone"},
	{.name = "refresh",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config, refresh),
		.values = refresh_values,
		.dflt = "both",
		.help = "what keeps a UDP mapping alive, RFC 4787 section 4.3"},
	{.name = "unsolicited-syn",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config, unsolicited_syn),
		.values = syn_values,
		.dflt = "reject",
		.help = "how a connection attempt from outside that nobody waits for is "
			"answered, RFC 5382 section 4.3"},
	{.name = "hairpinning",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config, hairpinning),
		.dflt = "true",
		.help = "inside hosts reach one another by their outside addresses"},
	{.name = "other-protocols",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config, other_protocols),
		.dflt = "true",
		.help = "GRE, ESP, SCTP and others are translated by address: one inside "
			"host for each outside one"},
	{.name = "tcp-mss",
		.type = FIELD_SIZE,
		.offset = offsetof(struct config, tcp_mss),
		.values = mss_values,
		.dflt = "off",
		.min = 88,
		.max = IFACE_MAX_MTU,
		.help = "largest segment size that TCP connections may agree upon"},
	{.name = "static",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, statics),
		.size = sizeof(struct config_static),
		.sub = static_fields,
		.list = true,
		.count = offsetof(struct config, n_statics),
		.max_len = CONFIG_MAX_STATICS,
		.help = "servers inside that are reached from outside, by a port, ports "
			"or an address"},
	{.name = "no-nat",
		.type = FIELD_PREFIX,
		.offset = offsetof(struct config, no_nat),
		.size = sizeof(struct net_prefix),
		.list = true,
		.count = offsetof(struct config, n_no_nat),
		.max_len = CONFIG_MAX_NO_NAT,
		.help = "outside networks that are reached, and reach inside, without "
			"translation"},
	{.name = "max-sessions",
		.type = FIELD_UINT,
		.offset = offsetof(struct config, max_sessions),
		.size = sizeof(uint32_t),
		.dflt = "65536",
		.min = 1,
		.max = CONFIG_MAX_SESSIONS,
		.help = "sessions at a time; 64 bytes of instance state each"},
	LIMIT("max-sessions-per-host", max_sessions_per_host,
		"sessions of one inside host at a time; 0: no limit"),
	LIMIT("max-ports-per-host", max_ports_per_host,
		"outside ports and identifiers of one inside host at a time; 0: no "
		"limit"),
	LIMIT("max-new-sessions-per-host", max_new_sessions_per_host,
		"sessions that one inside host may open in a second; 0: no limit"),
	{.name = "timeouts",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, timeouts),
		.size = sizeof(struct config_timeouts),
		.sub = timeout_fields,
		.help = "how long idle sessions live"},
	{.name = "log",
		.type = FIELD_STRUCT,
		.offset = offsetof(struct config, log),
		.size = sizeof(struct config_log),
		.sub = log_fields,
		.help = "what is told in the log (RFC 6888 section 4)"},
	ICMP_RATE_FIELD(struct config, icmp_rate),
	{0},
};

/* ---- ends of static mappings ---- */

static bool
read_end(const char *text, struct config_end *end)
{
	const char *colon = strrchr(text, ':');
	char host[NET_STRLEN];

	if (net_addr_parse(text, &end->addr) == 0)
		return true;
	if (colon == NULL || (size_t)(colon - text) >= sizeof(host))
		return false;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	return net_addr_parse(host, &end->addr) == 0 &&
	       net_ports_parse(colon + 1, &end->ports) == 0 && end->ports.first > 0;
}

static int
parse_end(const struct field *field, const json_t *json, const char *path, void *out,
	struct faults *faults)
{
	const char *text = json_string_value(json);
	struct config_end end = {0};

	(void)field;
	if (text == NULL || !read_end(text, &end))
		return faults_add(faults, ERR_INVALID, path, NULL,
			"must be an address, or an address with ports, like "
			"203.0.113.2:8080 or 203.0.113.2:8000-8100");
	*(struct config_end *)out = end;
	return 0;
}

static json_t *
print_end(const struct field *field, const void *in)
{
	const struct config_end *end = in;
	char text[NET_STRLEN], ports[NET_STRLEN];

	(void)field;
	net_addr_print(&end->addr, text);
	if (end->ports.first == 0)
		return json_string(text);
	return json_sprintf("%s:%s", text, net_ports_print(&end->ports, ports));
}

/* ---- what follows from it ---- */

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

bool
config_range_has(const struct net_range *range, const struct net_addr *addr)
{
	return addr->family == 4 && net_addr_cmp(&range->first, addr) <= 0 &&
	       net_addr_cmp(addr, &range->last) <= 0;
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
	       a->filtering == b->filtering && a->tcp_filtering == b->tcp_filtering &&
	       a->port_rest.max == b->port_rest.max &&
	       a->port_blocks.size == b->port_blocks.size &&
	       config_has_hosts(a) == config_has_hosts(b);
}

int
config_filtering(const struct config *config, uint8_t proto)
{
	return proto == PKT_PROTO_TCP && config->tcp_filtering != CONFIG_FILTER_SAME
		       ? config->tcp_filtering
		       : config->filtering;
}

bool
config_has_hosts(const struct config *config)
{
	return config->max_sessions_per_host > 0 || config->max_ports_per_host > 0 ||
	       config->max_new_sessions_per_host > 0 || config->port_blocks.size > 0;
}

uint32_t
config_static_ports(const struct config *config)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < config->n_statics; i++) {
		const struct net_ports *ports = &config->statics[i].outside.ports;

		if (ports->first > 0)
			n += (uint32_t)ports->last - ports->first + 1;
	}
	return n;
}
