/* check.c: the rules between the fields of a NAT's configuration; see check.h. */
#include "vnfs/nat/check.h"
#include <stdio.h>
#include "vnfs/nat/check_static.h"
#include "vnfs/nat/config.h"

#define PATH		192
#define LAST_WELL_KNOWN 1023
#define SMALLEST_BLOCK	64

static void check_side(
	const struct iface_config *l3, const char *path, struct faults *faults);
static void check_outside(const struct config *config, struct faults *faults);
static void check_routes(const struct config *config, struct faults *faults);
static void check_pool(const struct config *config, struct faults *faults);
static void check_no_nat(const struct config *config, struct faults *faults);

void
check_config(const void *arg, struct faults *faults)
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
	check_blocks(config, faults);
	check_no_nat(config, faults);
	check_statics(config, faults);
}

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
	else if (iface_config_owns(&config->outside.l3, gateway))
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
			iface_config_owns(&config->inside.l3, &route->via))
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

/* Addresses that no host can have: of none, loopback, multicast, reserved (RFC 6890). */
static bool
is_nobodys(const struct net_range *range)
{
	const uint32_t first = net_addr_v4(&range->first),
		       last = net_addr_v4(&range->last);

	return first >> 24 == 0 || (first <= 0x7fffffff && last >= 0x7f000000) ||
	       last >> 24 >= 224;
}

/* Network number and broadcast address of an outside subnet. */
static bool
has_broadcast(const struct config *config, const struct net_range *range)
{
	for (unsigned k = 0; k < config->outside.l3.n_addresses; k++) {
		const struct net_prefix *prefix = &config->outside.l3.addresses[k];

		if (prefix->addr.family != 4 || prefix->len > 30)
			continue;
		const uint32_t host = UINT32_MAX >> prefix->len;
		const uint32_t first = net_addr_v4(&prefix->addr) & ~host;
		const struct net_addr ends[] = {
			net_addr_from_v4(first), net_addr_from_v4(first | host)};

		if (config_range_has(range, &ends[0]) ||
			config_range_has(range, &ends[1]))
			return true;
	}
	return false;
}

static void
check_range_inside(const struct config *config, const struct net_range *range,
	const char *path, struct faults *faults)
{
	char text[NET_STRLEN], other[NET_STRLEN];

	net_range_print(range, text);
	for (unsigned k = 0; k < config->inside.l3.n_addresses; k++)
		if (prefix_meets_range(&config->inside.l3.addresses[k], range))
			faults_add(faults, ERR_INVALID, path,
				"the pool holds addresses of the outside",
				"%s lies in the inside subnet of %s", text,
				net_prefix_print(&config->inside.l3.addresses[k], other));
	for (unsigned k = 0; k < config->inside.n_routes; k++)
		if (prefix_meets_range(&config->inside.routes[k].prefix, range))
			faults_add(faults, ERR_INVALID, path,
				"the pool holds addresses of the outside",
				"%s lies in inside.routes[%u], %s", text, k,
				net_prefix_print(
					&config->inside.routes[k].prefix, other));
}

static void
check_range(const struct config *config, unsigned i, struct faults *faults)
{
	const struct net_range *range = &config->pool[i];
	char path[PATH], text[NET_STRLEN];

	snprintf(path, sizeof(path), "pool[%u]", i);
	net_range_print(range, text);
	if (range->first.family != 4) {
		faults_add(faults, ERR_INVALID, path, NULL,
			"%s: this NAT translates IPv4 only", text);
		return;
	}
	check_range_inside(config, range, path, faults);
	if (is_nobodys(range))
		faults_add(faults, ERR_INVALID, path, NULL,
			"%s holds addresses that no host can have", text);
	if (has_broadcast(config, range))
		faults_add(faults, ERR_INVALID, path, NULL,
			"%s holds the network's number or broadcast address of an "
			"outside subnet",
			text);
	for (unsigned k = 0; k < i; k++)
		if (config->pool[k].first.family == 4 &&
			net_addr_cmp(&config->pool[k].first, &range->last) <= 0 &&
			net_addr_cmp(&range->first, &config->pool[k].last) <= 0)
			faults_add(faults, ERR_INVALID, path, NULL,
				"%s overlaps pool[%u]", text, k);
	if (config_range_has(range, &config->outside.gateway))
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

static void
check_no_nat(const struct config *config, struct faults *faults)
{
	char path[PATH], text[NET_STRLEN], other[NET_STRLEN];

	for (unsigned i = 0; i < config->n_no_nat; i++) {
		const struct net_prefix *prefix = &config->no_nat[i];

		snprintf(path, sizeof(path), "no-nat[%u]", i);
		net_prefix_print(prefix, text);
		if (prefix->addr.family != 4)
			faults_add(faults, ERR_INVALID, path, NULL,
				"%s: this NAT translates IPv4 only", text);
		for (unsigned k = 0; k < config->inside.l3.n_addresses; k++)
			if (net_prefix_overlaps(&config->inside.l3.addresses[k], prefix))
				faults_add(faults, ERR_INVALID, path,
					"give networks of the outside",
					"%s overlaps the inside subnet of %s", text,
					net_prefix_print(
						&config->inside.l3.addresses[k], other));
		for (unsigned k = 0; k < config->n_pool; k++)
			if (prefix_meets_range(prefix, &config->pool[k]))
				faults_add(faults, ERR_INVALID, path, NULL,
					"%s holds addresses of pool[%u]", text, k);
	}
}

void
check_blocks(const struct config *config, struct faults *faults)
{
	const uint32_t size = config->port_blocks.size;
	const uint32_t first = config->ports.first > LAST_WELL_KNOWN ||
					       config->ports.last <= LAST_WELL_KNOWN
				       ? config->ports.first
				       : LAST_WELL_KNOWN + 1;

	if (size == 0)
		return;
	if (size < SMALLEST_BLOCK)
		faults_add(faults, ERR_INVALID, "port-blocks.size", NULL,
			"%u is less than %d", size, SMALLEST_BLOCK);
	else if (config->ports.last - first + 1 < size)
		faults_add(faults, ERR_INVALID, "port-blocks.size", "a wider `ports`",
			"there is no block of %u ports from %u to %u", size, first,
			config->ports.last);
}
