/* check.c: the rules between the fields of a NAT's configuration; see check.h. */
#include "vnfs/nat/check.h"
#include <stdio.h>
#include "vnfs/nat/config.h"

#define PATH 192

static void check_side(
	const struct iface_config *l3, const char *path, struct faults *faults);
static void check_outside(const struct config *config, struct faults *faults);
static void check_routes(const struct config *config, struct faults *faults);
static void check_pool(const struct config *config, struct faults *faults);
static void check_static(const struct config *config, unsigned i, struct faults *faults);
static bool owns(const struct iface_config *l3, const struct net_addr *addr);

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
	for (unsigned i = 0; i < config->n_statics; i++)
		check_static(config, i, faults);
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
