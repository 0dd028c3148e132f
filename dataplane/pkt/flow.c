/* flow.c: see flow.h. */
#include "dataplane/pkt/flow.h"
#include <string.h>
#include "dataplane/pkt/hdr.h"

#define ICMP_HEADER   8
#define ICMP6_ND_FROM 133 /* router solicitation to redirect (RFC 4861) */
#define ICMP6_ND_TO   137

/* Odd constants without a pattern, for a keyed multiplication hash. */
#define K1 0x9e3779b97f4a7c15ull
#define K2 0xc2b2ae3d27d4eb4full
#define K3 0x165667b19e3779f9ull
#define K4 0xd6e8feb86659fd93ull

static bool is_error(const struct pkt_info *info);
static bool is_neighbour_discovery(const struct pkt_info *info);
static void take(const struct pkt_info *info, bool quoted, struct pkt_flow *flow);
static bool has_ports(uint8_t proto);
static uint64_t mix(uint64_t a, uint64_t b);
static uint64_t hash_address(const uint8_t addr[16], uint64_t seed);

bool
pkt_flow_of(const uint8_t *frame, uint32_t len, struct pkt_flow *flow)
{
	struct pkt_info info;

	return pkt_parse(frame, len, &info) == PKT_OK &&
	       pkt_flow_of_parsed(frame, &info, flow);
}

bool
pkt_flow_of_parsed(
	const uint8_t *frame, const struct pkt_info *info, struct pkt_flow *flow)
{
	const uint32_t at = info->l4 + ICMP_HEADER;
	struct pkt_info quoted;

	if (info->family == 0 || is_neighbour_discovery(info))
		return false;
	take(info, false, flow);
	if (!is_error(info) || at >= info->end)
		return true;
	if (pkt_parse_embedded(frame + at, info->end - at, info->family, &quoted) ==
		PKT_OK)
		take(&quoted, true, flow);
	return true;
}

/* Sums over the two ends are the same whichever stands first. */
struct pkt_flow_key
pkt_flow_key(const struct pkt_flow *flow, uint64_t seed)
{
	const uint64_t a = hash_address(flow->addrs[0], seed);
	const uint64_t b = hash_address(flow->addrs[1], seed);
	struct pkt_flow_key key = {.pair = mix(a + b, seed ^ K3)};

	if (flow->fragment)
		key.flow = mix(key.pair ^ K4, seed ^ K2);
	else if (has_ports(flow->proto))
		key.flow = mix(mix(a ^ flow->ports[0], seed ^ K4) +
				       mix(b ^ flow->ports[1], seed ^ K4) + flow->proto,
			seed ^ K2);
	else
		key.flow = mix(
			key.pair ^ ((uint64_t)(flow->ports[0] | flow->ports[1]) << 8) ^
				flow->proto,
			seed ^ K1);
	return key;
}

struct pkt_flow_key
pkt_flow_source_key(const struct pkt_flow *flow, uint64_t seed)
{
	const unsigned end = flow->quoted ? 1 : 0;
	const uint64_t address = hash_address(flow->addrs[end], seed);
	struct pkt_flow_key key = {.pair = mix(address, seed ^ K3)};
	uint16_t port = flow->ports[end];

	if (!has_ports(flow->proto))
		port = flow->ports[0] | flow->ports[1];
	if (flow->fragment)
		key.flow = mix(key.pair ^ K4, seed ^ K2);
	else
		key.flow = mix(key.pair ^ (uint64_t)port << 8 ^ flow->proto, seed ^ K1);
	return key;
}

struct pkt_flow
pkt_flow_back(const struct pkt_flow *flow)
{
	struct pkt_flow back = *flow;

	for (unsigned i = 0; i < 2; i++) {
		back.ports[i] = flow->ports[!i];
		memcpy(back.addrs[i], flow->addrs[!i], sizeof(back.addrs[i]));
	}
	return back;
}

uint16_t
pkt_flow_target_port(const struct pkt_flow *flow)
{
	if (flow->fragment)
		return 0;
	return flow->ports[flow->quoted ? 0 : 1];
}

static bool
is_error(const struct pkt_info *info)
{
	if (!info->first || info->fragment)
		return false;
	if (info->family == 6)
		return info->proto == PKT_PROTO_ICMPV6 && info->icmp_type < 128;
	return info->proto == PKT_PROTO_ICMP &&
	       (info->icmp_type == 3 || info->icmp_type == 4 || info->icmp_type == 5 ||
		       info->icmp_type == 11 || info->icmp_type == 12);
}

static bool
is_neighbour_discovery(const struct pkt_info *info)
{
	return info->family == 6 && info->proto == PKT_PROTO_ICMPV6 &&
	       info->icmp_type >= ICMP6_ND_FROM && info->icmp_type <= ICMP6_ND_TO;
}

static void
take(const struct pkt_info *info, bool quoted, struct pkt_flow *flow)
{
	flow->proto = info->proto;
	flow->fragment = info->fragment;
	flow->quoted = quoted;
	flow->ports[0] = info->sport;
	flow->ports[1] = info->dport;
	memcpy(flow->addrs[0], info->src, sizeof(flow->addrs[0]));
	memcpy(flow->addrs[1], info->dst, sizeof(flow->addrs[1]));
}

static bool
has_ports(uint8_t proto)
{
	return proto == PKT_PROTO_TCP || proto == PKT_PROTO_UDP ||
	       proto == PKT_PROTO_SCTP;
}

static uint64_t
mix(uint64_t a, uint64_t b)
{
	const unsigned __int128 product = (unsigned __int128)(a ^ K1) * (b ^ K2);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t
hash_address(const uint8_t addr[16], uint64_t seed)
{
	uint64_t words[2];

	memcpy(words, addr, sizeof(words));
	return mix(mix(words[0], seed) ^ words[1], seed ^ K4);
}
