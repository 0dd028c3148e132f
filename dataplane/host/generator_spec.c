/* generator_spec.c: what a generator is asked for. */
#include <stddef.h>
#include "dataplane/host/generator_spec.h"
#include "dataplane/host/traffic.h"
#include "dataplane/pkt/hdr.h"

#define SIZE_MIN 60 /* of a frame without FCS */

static const struct field_value rates[] = {
	{"max", 0, "as fast as the chain takes them"},
	{0},
};

static const struct field_value sizes[] = {
	{"imix", 0, "64, 590 and 1514 as 7:4:1"},
	{0},
};

static const struct field_value protocols[] = {
	{"udp", PKT_PROTO_UDP, NULL},
	{"tcp", PKT_PROTO_TCP, "segments with ACK set, of no connection"},
	{0},
};

const struct field generator_fields[] = {
	DRIVER_COMMON_FIELDS,
	{.name = "rate",
		.type = FIELD_RATE,
		.offset = offsetof(struct generator_spec, rate),
		.values = rates,
		.dflt = "max",
		.min = 1,
		.help = "packets per second"},
	{.name = "size",
		.type = FIELD_SIZE,
		.offset = offsetof(struct generator_spec, size),
		.values = sizes,
		.dflt = "64",
		.min = SIZE_MIN,
		.max = TRAFFIC_FRAME_MAX,
		.help = "bytes of a frame without FCS"},
	{.name = "flows",
		.type = FIELD_UINT,
		.offset = offsetof(struct generator_spec, flows),
		.size = sizeof(uint32_t),
		.dflt = "1",
		.min = 1,
		.max = 100000000,
		.help = "flows that take turns"},
	{.name = "src",
		.type = FIELD_ADDR,
		.offset = offsetof(struct generator_spec, src),
		.dflt = "10.0.0.10",
		.help = "source address, the first if there are many flows"},
	{.name = "src-flows",
		.type = FIELD_UINT,
		.offset = offsetof(struct generator_spec, src_flows),
		.size = sizeof(uint32_t),
		.dflt = "50000",
		.min = 1,
		.max = TRAFFIC_PORTS,
		.help = "flows of one source address"},
	{.name = "dst",
		.type = FIELD_ADDR,
		.offset = offsetof(struct generator_spec, dst),
		.dflt = "198.51.100.10",
		.help = "destination address"},
	{.name = "dst-nets",
		.type = FIELD_UINT,
		.offset = offsetof(struct generator_spec, dst_nets),
		.size = sizeof(uint32_t),
		.dflt = "1",
		.min = 1,
		.max = 1 << 24,
		.help = "networks (/24, IPv6 /64) from that of dst on that flows go to"},
	{.name = "protocol",
		.type = FIELD_ENUM,
		.offset = offsetof(struct generator_spec, protocol),
		.values = protocols,
		.dflt = "udp",
		.help = "transport protocol"},
	{.name = "dst-mac",
		.type = FIELD_MAC,
		.offset = offsetof(struct generator_spec, dst_mac),
		.dflt = "02:52:47:00:00:00",
		.help = "destination MAC address"},
	{.name = "count",
		.type = FIELD_RATE,
		.offset = offsetof(struct generator_spec, count),
		.dflt = "0",
		.help = "ends after that many packets; 0: never"},
	{.name = "duration",
		.type = FIELD_DURATION,
		.offset = offsetof(struct generator_spec, duration_ns),
		.dflt = "0",
		.help = "ends after that time; 0: never"},
	{0},
};
