/* port.c: port objects: one field table per driver. */
#include "orchestrator/descriptor/port.h"

#include <stdio.h>
#include <string.h>
#include "common/field.h"
#include "common/limits.h"

enum role { ROLE_SERVER, ROLE_CLIENT };
enum protocol { PROTOCOL_UDP, PROTOCOL_TCP };

struct port {
	char *driver;
	uint32_t mtu, queues;
	bool promiscuous, offloads;
	char *interface, *rx, *tx, *socket, *address, *devargs;
	int role;
	uint32_t id, flows, src_flows, dst_nets;
	uint64_t rate, size;
	struct net_addr src, dst;
	int protocol;
	struct net_mac dst_mac;
	uint64_t count, duration_ns;
	struct limits limits;
};

#define COMMON_FIELDS                                                                    \
	{.name = "driver",                                                               \
		.type = FIELD_STRING,                                                    \
		.offset = offsetof(struct port, driver),                                 \
		.required = true,                                                        \
		.help = "kind of port"},                                                 \
		{.name = "mtu",                                                          \
			.type = FIELD_UINT,                                              \
			.size = sizeof(uint32_t),                                        \
			.offset = offsetof(struct port, mtu),                            \
			.min = 68,                                                       \
			.max = 9000,                                                     \
			.dflt = "1500",                                                  \
			.help = "bytes of IP in a frame"},                               \
		{.name = "queues",                                                       \
			.type = FIELD_UINT,                                              \
			.size = sizeof(uint32_t),                                        \
			.offset = offsetof(struct port, queues),                         \
			.min = 1,                                                        \
			.max = 16,                                                       \
			.dflt = "1",                                                     \
			.help = "receive queues, each served by an I/O worker: of the "  \
				"device where it has several, else by software"},        \
		LIMITS_FIELD(struct port, limits),                                       \
	{                                                                                \
		.name = "promiscuous", .type = FIELD_BOOL,                               \
		.offset = offsetof(struct port, promiscuous), .dflt = "true",            \
		.help = "take frames to any address"                                     \
	}

#define TEXT_FIELD(name_, must_, help_)                                                  \
	{                                                                                \
		.name = #name_, .type = FIELD_STRING,                                    \
		.offset = offsetof(struct port, name_), .required = must_, .help = help_ \
	}

static const struct field_value roles[] = {
	{"server", ROLE_SERVER, "listens"},
	{"client", ROLE_CLIENT, "connects"},
	{0},
};

static const struct field_value protocols[] = {
	{"udp", PROTOCOL_UDP, ""},
	{"tcp", PROTOCOL_TCP, ""},
	{0},
};

static const struct field kernel_fields[] = {
	COMMON_FIELDS,
	TEXT_FIELD(interface, true, "name of the network interface"),
	{0},
};

static const struct field packet_fields[] = {
	COMMON_FIELDS,
	TEXT_FIELD(interface, true, "name of the network interface"),
	{.name = "offloads",
		.type = FIELD_BOOL,
		.offset = offsetof(struct port, offloads),
		.dflt = "true",
		.help = "frames that the kernel has not cut yet, and checksums that it "
			"has not computed yet, pass as they are"},
	{0},
};

static const struct field pcap_fields[] = {
	COMMON_FIELDS,
	TEXT_FIELD(rx, false, "file that packets are read from"),
	TEXT_FIELD(tx, false, "file that packets are written to"),
	{0},
};

static const struct field memif_fields[] = {
	COMMON_FIELDS,
	TEXT_FIELD(socket, true, "path of the Unix socket"),
	{.name = "role",
		.type = FIELD_ENUM,
		.offset = offsetof(struct port, role),
		.values = roles,
		.dflt = "server",
		.help = "side of the connection"},
	{.name = "id",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct port, id),
		.help = "number of the interface"},
	{0},
};

static const struct field pci_fields[] = {
	COMMON_FIELDS,
	TEXT_FIELD(address, true, "PCI address: 0000:01:00.0"),
	{0},
};

static const struct field null_fields[] = {
	COMMON_FIELDS,
	{0},
};

static const struct field_value rates[] = {
	{"max", 0, "as fast as the chain takes them"},
	{0},
};

static const struct field_value sizes[] = {
	{"imix", 0, "64, 590 and 1514 as 7:4:1"},
	{0},
};

static const struct field generator_fields[] = {
	COMMON_FIELDS,
	{.name = "rate",
		.type = FIELD_RATE,
		.offset = offsetof(struct port, rate),
		.values = rates,
		.dflt = "max",
		.min = 1,
		.help = "packets per second"},
	{.name = "size",
		.type = FIELD_SIZE,
		.offset = offsetof(struct port, size),
		.values = sizes,
		.dflt = "64",
		.min = 60,
		.max = 1514,
		.help = "bytes of a frame without FCS"},
	{.name = "flows",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct port, flows),
		.min = 1,
		.max = 100000000,
		.dflt = "1",
		.help = "number of flows"},
	{.name = "src",
		.type = FIELD_ADDR,
		.offset = offsetof(struct port, src),
		.help = "source address, the first if there are many flows"},
	{.name = "src-flows",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct port, src_flows),
		.min = 1,
		.max = 50000,
		.dflt = "50000",
		.help = "flows of one source address"},
	{.name = "dst",
		.type = FIELD_ADDR,
		.offset = offsetof(struct port, dst),
		.help = "destination address"},
	{.name = "protocol",
		.type = FIELD_ENUM,
		.offset = offsetof(struct port, protocol),
		.values = protocols,
		.dflt = "udp",
		.help = "of the packets"},
	{.name = "dst-nets",
		.type = FIELD_UINT,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct port, dst_nets),
		.min = 1,
		.max = 1 << 24,
		.dflt = "1",
		.help = "networks (/24, IPv6 /64) from that of dst on that flows go to"},
	{.name = "dst-mac",
		.type = FIELD_MAC,
		.offset = offsetof(struct port, dst_mac),
		.help = "destination MAC address"},
	{.name = "count",
		.type = FIELD_RATE,
		.offset = offsetof(struct port, count),
		.help = "packets to send; 0: no end"},
	{.name = "duration",
		.type = FIELD_DURATION,
		.offset = offsetof(struct port, duration_ns),
		.help = "how long; 0: no end"},
	{0},
};

static const struct field eal_fields[] = {
	COMMON_FIELDS,
	TEXT_FIELD(devargs, true, "device arguments of DPDK: net_ring0,..."),
	{0},
};

static const struct driver {
	const char *name;
	const struct field *fields;
	const char *claim,
		*member; /* the resource, and the member that names it; null: none */
} drivers[] = {
	{"af_packet", packet_fields, "interface", "interface"},
	{"af_xdp", kernel_fields, "interface", "interface"},
	{"tap", kernel_fields, "interface", "interface"},
	{"pcap", pcap_fields, NULL, NULL},
	{"memif", memif_fields, "memif", "socket"},
	{"pci", pci_fields, "pci", "address"},
	{"null", null_fields, NULL, NULL},
	{"generator", generator_fields, NULL, NULL},
	{"eal", eal_fields, "eal", "devargs"},
};

#define N_DRIVERS (sizeof(drivers) / sizeof(drivers[0]))

static const struct driver *find(const json_t *port);
static const char *memif_role(const json_t *port);
static int unknown_driver(const json_t *port, const char *path, struct faults *faults);

int
port_check(const json_t *port, const char *path, struct faults *faults)
{
	struct port parsed;
	if (!json_is_object(port))
		return faults_add(faults, ERR_INVALID, path,
			"write {driver: af_packet, interface: NAME}",
			"a port is an object");
	const struct driver *driver = find(port);
	if (!driver)
		return unknown_driver(port, path, faults);
	int rc = field_parse(driver->fields, port, path, &parsed, sizeof(parsed), faults);
	if (!rc)
		field_clear(driver->fields, &parsed);
	return rc;
}

char *
port_claim(const json_t *port, char *buf, size_t size)
{
	const struct driver *driver = find(port);
	const char *value =
		driver && driver->member
			? json_string_value(json_object_get(port, driver->member))
			: NULL;
	buf[0] = '\0';
	if (value && strcmp(driver->claim, "memif") == 0)
		snprintf(buf, size, "memif:%s:%lld:%s", value,
			(long long)json_integer_value(json_object_get(port, "id")),
			memif_role(port));
	else if (value)
		snprintf(buf, size, "%s:%s", driver->claim, value);
	return buf;
}

/* One service may be the server, another the client of the same interface. */
static const char *
memif_role(const json_t *port)
{
	const char *role = json_string_value(json_object_get(port, "role"));
	return role ? role : roles[ROLE_SERVER].name;
}

const char *
port_claim_member(const json_t *port)
{
	const struct driver *driver = find(port);
	return driver && driver->member ? driver->member : "";
}

static const struct driver *
find(const json_t *port)
{
	const char *name = json_string_value(json_object_get(port, "driver"));
	for (size_t i = 0; name && i < N_DRIVERS; i++)
		if (strcmp(drivers[i].name, name) == 0)
			return &drivers[i];
	return NULL;
}

static int
unknown_driver(const json_t *port, const char *path, struct faults *faults)
{
	const char *names[N_DRIVERS + 1] = {NULL};
	const json_t *given = json_object_get(port, "driver");
	char place[192], hint[200] = "";
	for (size_t i = 0; i < N_DRIVERS; i++) {
		names[i] = drivers[i].name;
		snprintf(hint + strlen(hint), sizeof(hint) - strlen(hint), "%s%s",
			i ? ", " : "drivers: ", names[i]);
	}
	const char *name = json_string_value(given);
	const char *nearest = name ? field_nearest(name, names) : NULL;
	if (nearest)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest);
	snprintf(place, sizeof(place), "%.160s.driver", path);
	if (json_is_null(given))
		return faults_add(faults, ERR_INVALID, place, "write \"null\" in quotes",
			"the driver is empty");
	if (!name)
		return faults_add(faults, ERR_INVALID, given ? place : path, hint,
			"a port needs the name of its driver");
	return faults_add(
		faults, ERR_INVALID, place, hint, "no port driver is called '%s'", name);
}
