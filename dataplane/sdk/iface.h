/* iface.h: a routed connection point: its addresses, MAC and MTU. Pure; any thread.
 *
 * An address is its family (4, 6) and 16 bytes in network order, an IPv4 one in the first
 * four with the rest 0: as in struct pkt_info and struct net_addr, so that one piece of
 * code serves both families.
 */
#ifndef DATAPLANE_SDK_IFACE_H
#define DATAPLANE_SDK_IFACE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "common/err.h"
#include "common/field.h"
#include "common/net.h"

#define IFACE_ADDRS	  16 /* of one interface, both families together */
#define IFACE_DEFAULT_MTU 1500
#define IFACE_MIN_MTU	  68   /* RFC 791 */
#define IFACE_MIN_MTU6	  1280 /* RFC 8200 5 */
#define IFACE_MAX_MTU	  9600

/* ---- configuration: members that every routed VNF has ---- */

struct iface_config {
	struct net_prefix *addresses; /* host bits kept */
	unsigned n_addresses;
	struct net_mac mac; /* zero: the platform's */
	uint32_t mtu;	    /* 0: the port's, else IFACE_DEFAULT_MTU */
};

/* Rows for the field table of `config_type`, whose member `m` is a struct iface_config.
 */
#define IFACE_FIELDS(config_type, m)                                                     \
	{.name = "addresses",                                                            \
		.type = FIELD_PREFIX,                                                    \
		.offset = offsetof(config_type, m.addresses),                            \
		.size = sizeof(struct net_prefix),                                       \
		.list = true,                                                            \
		.count = offsetof(config_type, m.n_addresses),                           \
		.max_len = IFACE_ADDRS,                                                  \
		.required = true,                                                        \
		.help = "own addresses with the length of their subnets, IPv4 and "      \
			"IPv6"},                                                         \
		{.name = "mac",                                                          \
			.type = FIELD_MAC,                                               \
			.offset = offsetof(config_type, m.mac),                          \
			.dflt = "auto",                                                  \
			.help = "own MAC address; auto: one made by the platform"},      \
	{                                                                                \
		.name = "mtu", .type = FIELD_UINT,                                       \
		.offset = offsetof(config_type, m.mtu), .size = sizeof(uint32_t),        \
		.max = IFACE_MAX_MTU,                                                    \
		.help = "largest IP packet; absent or 0: that of the port its link "     \
			"ends in, else 1500"                                             \
	}

/* Adds what is wrong with one interface; path is that of its struct ("interfaces[0]"). */
void iface_check(
	const struct iface_config *config, const char *path, struct faults *faults);
/* Adds a fault for each address of b (at path_b) whose subnet overlaps one of a (at
 * path_a). */
void iface_check_overlap(const struct iface_config *a, const char *path_a,
	const struct iface_config *b, const char *path_b, struct faults *faults);
/* Whether addr is one of its addresses. */
bool iface_config_owns(const struct iface_config *config, const struct net_addr *addr);
/* Whether addr lies in one of the subnets. */
bool iface_config_on_link(const struct iface_config *config, const struct net_addr *addr);

/* ---- the interface as packets see it ---- */

struct iface_addr {
	uint8_t family, len;
	uint8_t addr[16], mask[16];
};

struct iface_edge4 { /* IPv4, as in the packet: an own address, and its subnet's number
			and broadcast (a /31 or /32 has none: the address again) */
	uint32_t own, first, last;
};

enum iface_reverse_path {     /* sources that may come in by an interface (RFC 3704) */
	IFACE_REVERSE_OFF,    /* any */
	IFACE_REVERSE_LOOSE,  /* those with a route */
	IFACE_REVERSE_STRICT, /* those whose route leads back by it */
};

struct iface {
	bool present;
	bool proxy_arp;	      /* answers ARP for what it has a route to elsewhere */
	uint8_t reverse_path; /* enum iface_reverse_path */
	uint8_t cp;
	uint8_t mac[6];
	uint16_t mtu;	/* 0: not told */
	unsigned n, n6; /* addresses, and how many of them are IPv6 */
	unsigned n4;	/* edges */
	struct iface_edge4 edges[IFACE_ADDRS];
	struct iface_addr
		addrs[IFACE_ADDRS + 1]; /* the link-local one is made, and stands last */
	const struct net_range
		*proxies; /* IPv4 addresses answered for beside our own; borrowed */
	unsigned n_proxies;
};

/* Whether it is told which MAC to have. */
bool iface_has_mac(const struct iface_config *config);

/* mac: the platform's, used when the configuration has none. With an IPv6 address comes a
 * link-local one (RFC 4291 appendix A), unless one is configured. */
void iface_init(struct iface *iface, unsigned cp, const struct iface_config *config,
	const uint8_t mac[6]);

/* The address that is on link with ip (its subnet holds it), or null. */
const struct iface_addr *iface_on_link(
	const struct iface *iface, uint8_t family, const uint8_t ip[16]);
bool iface_owns(const struct iface *iface, uint8_t family, const uint8_t ip[16]);
/* Owned, or one that the interface answers ARP for. */
bool iface_answers(const struct iface *iface, uint8_t family, const uint8_t ip[16]);
/* The address to send from towards dst: on link with it if there is one, else the first
 * of the family that is not link-local (RFC 6724 in small). Null: the interface has none.
 */
const uint8_t *iface_source(
	const struct iface *iface, uint8_t family, const uint8_t dst[16]);
/* An IPv4 directed broadcast, or the network's own number, of a subnet of the interface.
 */
bool iface_is_broadcast(const struct iface *iface, const uint8_t ip[16]);

/* Of an interface: what is configured, else the port's, else the default. */
static inline uint16_t
iface_mtu(const struct iface *iface, uint16_t port_mtu)
{
	if (iface->mtu != 0)
		return iface->mtu;
	return port_mtu != 0 ? port_mtu : IFACE_DEFAULT_MTU;
}

/* An own IPv4 address, or one that iface_is_broadcast() knows: nobody sends from it. */
static inline bool
iface_is_edge4(const struct iface *iface, const uint8_t ip[4])
{
	uint32_t word;

	memcpy(&word, ip, 4);
	for (unsigned i = 0; i < iface->n4; i++)
		if (word == iface->edges[i].own || word == iface->edges[i].first ||
			word == iface->edges[i].last)
			return true;
	return false;
}

static inline bool
iface_ip_equal(const uint8_t a[16], const uint8_t b[16])
{
	uint64_t x[2], y[2];

	memcpy(x, a, 16);
	memcpy(y, b, 16);
	return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

/* fe80::/10 */
static inline bool
iface_is_link_local(uint8_t family, const uint8_t ip[16])
{
	return family == 6 && ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
}

#endif
