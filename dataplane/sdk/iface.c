/* iface.c: addresses of routed connection points: checked, looked up; see iface.h. */
#include "dataplane/sdk/iface.h"
#include <stdio.h>

static bool address_is_usable(const struct net_prefix *prefix);
static bool address_is_subnet_edge(const struct net_prefix *prefix);
static void add_addr(struct iface *iface, const struct net_prefix *prefix);
static void add_edge(struct iface *iface, const struct iface_addr *a);
static void add_link_local(struct iface *iface);
static bool match(const struct iface_addr *a, uint8_t family, const uint8_t ip[16]);

/* ---- configuration ---- */

static void
check_address(const struct net_prefix *prefix, const char *path, struct faults *faults)
{
	char text[NET_STRLEN];

	net_prefix_print(prefix, text);
	if (!address_is_usable(prefix))
		faults_add(faults, ERR_INVALID, path,
			"give a unicast address, e.g. 10.0.0.1/24",
			"%s cannot be the address of an interface", text);
	else if (address_is_subnet_edge(prefix))
		faults_add(faults, ERR_INVALID, path,
			"give the interface's own address, e.g. 10.0.0.1/24",
			"%s is its subnet's network or broadcast address", text);
}

void
iface_check(const struct iface_config *config, const char *path, struct faults *faults)
{
	char where[192];
	bool ip6 = false;

	for (unsigned i = 0; i < config->n_addresses; i++) {
		snprintf(where, sizeof(where), "%s.addresses[%u]", path, i);
		check_address(&config->addresses[i], where, faults);
		ip6 = ip6 || config->addresses[i].addr.family == 6;
	}
	snprintf(where, sizeof(where), "%s.mtu", path);
	if (config->mtu != 0 && config->mtu < (ip6 ? IFACE_MIN_MTU6 : IFACE_MIN_MTU))
		faults_add(faults, ERR_INVALID, where, NULL, "an MTU of %u is below %u%s",
			config->mtu, ip6 ? IFACE_MIN_MTU6 : IFACE_MIN_MTU,
			ip6 ? ", the least for IPv6" : "");
	snprintf(where, sizeof(where), "%s.mac", path);
	if (config->mac.bytes[0] & 1)
		faults_add(faults, ERR_INVALID, where, NULL,
			"a multicast MAC cannot be the address of an interface");
}

void
iface_check_overlap(const struct iface_config *a, const char *path_a,
	const struct iface_config *b, const char *path_b, struct faults *faults)
{
	char where[192], text_a[NET_STRLEN], text_b[NET_STRLEN];

	for (unsigned i = 0; i < b->n_addresses; i++) {
		for (unsigned j = 0; j < a->n_addresses; j++) {
			if (!net_prefix_overlaps(&a->addresses[j], &b->addresses[i]))
				continue;
			if (iface_is_link_local(b->addresses[i].addr.family,
				    b->addresses[i].addr.bytes))
				continue;
			snprintf(where, sizeof(where), "%s.addresses[%u]", path_b, i);
			faults_add(faults, ERR_INVALID, where,
				"give each interface a subnet of its own",
				"%s overlaps %s of %s",
				net_prefix_print(&b->addresses[i], text_b),
				net_prefix_print(&a->addresses[j], text_a), path_a);
		}
	}
}

bool
iface_config_owns(const struct iface_config *config, const struct net_addr *addr)
{
	for (unsigned i = 0; i < config->n_addresses; i++)
		if (net_addr_equal(&config->addresses[i].addr, addr))
			return true;
	return false;
}

bool
iface_config_on_link(const struct iface_config *config, const struct net_addr *addr)
{
	for (unsigned i = 0; i < config->n_addresses; i++)
		if (net_prefix_contains(&config->addresses[i], addr))
			return true;
	return false;
}

/* Unicast, and not of the blocks that never stand on a link (RFC 6890). */
static bool
address_is_usable(const struct net_prefix *prefix)
{
	static const uint8_t zero[15];
	const uint8_t *ip = prefix->addr.bytes;

	if (prefix->len == 0)
		return false;
	if (prefix->addr.family == 4)
		return ip[0] != 0 && ip[0] != 127 && ip[0] < 224;
	return ip[0] != 0xff && !(memcmp(ip, zero, 15) == 0 && ip[15] <= 1);
}

/* All host bits 0 or all 1 in an IPv4 subnet that has such addresses (RFC 3021: /31 has
 * not). */
static bool
address_is_subnet_edge(const struct net_prefix *prefix)
{
	if (prefix->addr.family != 4 || prefix->len >= 31 || prefix->len == 0)
		return false;
	const uint32_t host = net_addr_v4(&prefix->addr) & (UINT32_MAX >> prefix->len);

	return host == 0 || host == UINT32_MAX >> prefix->len;
}

/* ---- the interface as packets see it ---- */

bool
iface_has_mac(const struct iface_config *config)
{
	static const struct net_mac none;

	return memcmp(&config->mac, &none, sizeof(none)) != 0;
}

void
iface_init(struct iface *iface, unsigned cp, const struct iface_config *config,
	const uint8_t mac[6])
{
	const bool own = iface_has_mac(config);

	*iface = (struct iface){.present = true, .cp = (uint8_t)cp};
	memcpy(iface->mac, own ? config->mac.bytes : mac, 6);
	iface->mtu = (uint16_t)config->mtu;
	bool link_local = false;

	for (unsigned i = 0; i < config->n_addresses; i++) {
		const struct net_prefix *prefix = &config->addresses[i];

		add_addr(iface, prefix);
		link_local = link_local ||
			     iface_is_link_local(prefix->addr.family, prefix->addr.bytes);
	}
	if (iface->n6 > 0 && !link_local)
		add_link_local(iface);
}

const struct iface_addr *
iface_on_link(const struct iface *iface, uint8_t family, const uint8_t ip[16])
{
	for (unsigned i = 0; i < iface->n; i++)
		if (match(&iface->addrs[i], family, ip))
			return &iface->addrs[i];
	return NULL;
}

bool
iface_owns(const struct iface *iface, uint8_t family, const uint8_t ip[16])
{
	for (unsigned i = 0; i < iface->n; i++)
		if (iface->addrs[i].family == family &&
			iface_ip_equal(iface->addrs[i].addr, ip))
			return true;
	return false;
}

bool
iface_answers(const struct iface *iface, uint8_t family, const uint8_t ip[16])
{
	if (iface_owns(iface, family, ip))
		return true;
	for (unsigned i = 0; i < iface->n_proxies && family == 4; i++)
		if (memcmp(ip, iface->proxies[i].first.bytes, 4) >= 0 &&
			memcmp(ip, iface->proxies[i].last.bytes, 4) <= 0)
			return true;
	return false;
}

const uint8_t *
iface_source(const struct iface *iface, uint8_t family, const uint8_t dst[16])
{
	const struct iface_addr *near = iface_on_link(iface, family, dst);

	if (near != NULL)
		return near->addr;
	for (unsigned i = 0; i < iface->n; i++)
		if (iface->addrs[i].family == family &&
			!iface_is_link_local(family, iface->addrs[i].addr))
			return iface->addrs[i].addr;
	return NULL;
}

bool
iface_is_broadcast(const struct iface *iface, const uint8_t ip[16])
{
	const struct iface_addr *near = iface_on_link(iface, 4, ip);

	if (near == NULL || near->len >= 31)
		return false;
	bool zeros = true, ones = true;

	for (unsigned i = 0; i < 4; i++) {
		const uint8_t host = (uint8_t)~near->mask[i];

		zeros = zeros && (ip[i] & host) == 0;
		ones = ones && (ip[i] & host) == host;
	}
	return zeros || ones;
}

static void
add_addr(struct iface *iface, const struct net_prefix *prefix)
{
	struct iface_addr *a = &iface->addrs[iface->n++];

	a->family = prefix->addr.family;
	a->len = prefix->len;
	memcpy(a->addr, prefix->addr.bytes, 16);
	for (unsigned bit = 0; bit < prefix->len; bit++)
		a->mask[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	iface->n6 += a->family == 6;
	if (a->family == 4)
		add_edge(iface, a);
}

static void
add_edge(struct iface *iface, const struct iface_addr *a)
{
	struct iface_edge4 *edge = &iface->edges[iface->n4++];
	uint32_t mask;

	memcpy(&edge->own, a->addr, 4);
	memcpy(&mask, a->mask, 4);
	edge->first = a->len >= 31 ? edge->own : edge->own & mask;
	edge->last = a->len >= 31 ? edge->own : edge->own | ~mask;
}

/* fe80::/64 with the modified EUI-64 of the MAC (RFC 4291 appendix A). */
static void
add_link_local(struct iface *iface)
{
	const uint8_t *mac = iface->mac;
	const struct net_prefix prefix = {.len = 64,
		.addr = {.family = 6,
			.bytes = {0xfe, 0x80, [8] = mac[0] ^ 2, mac[1], mac[2], 0xff,
				0xfe, mac[3], mac[4], mac[5]}}};

	add_addr(iface, &prefix);
}

static bool
match(const struct iface_addr *a, uint8_t family, const uint8_t ip[16])
{
	uint64_t x[2], y[2], m[2];

	memcpy(x, a->addr, 16);
	memcpy(y, ip, 16);
	memcpy(m, a->mask, 16);
	return a->family == family &&
	       (((x[0] ^ y[0]) & m[0]) | ((x[1] ^ y[1]) & m[1])) == 0;
}
