/* config_neighbours.c: neighbours that are configured: fields, rules, and their form for
 * packets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vnfs/router/config.h"

const struct field config_neighbour_fields[] = {
	{.name = "cp",
		.type = FIELD_ENUM,
		.offset = offsetof(struct config_neighbour, cp),
		.values = config_cp_values,
		.required = true,
		.help = "connection point on whose link it is"},
	{.name = "address",
		.type = FIELD_ADDR,
		.offset = offsetof(struct config_neighbour, address),
		.required = true,
		.help = "its address"},
	{.name = "mac",
		.type = FIELD_MAC,
		.offset = offsetof(struct config_neighbour, mac),
		.required = true,
		.help = "its MAC"},
	{0},
};

static void check_neighbour(
	const struct config *config, unsigned i, struct faults *faults);
static void check_twice(const struct config *config, struct faults *faults);

void
config_check_neighbours(const struct config *config, struct faults *faults)
{
	for (unsigned i = 0; i < config->n_neighbours; i++)
		check_neighbour(config, i, faults);
	check_twice(config, faults);
}

const struct config_iface *
config_iface_of(const struct config *config, int cp)
{
	for (unsigned i = 0; i < config->n_interfaces; i++)
		if (config->interfaces[i].cp == cp)
			return &config->interfaces[i];
	return NULL;
}

struct l3_static *
config_statics(const struct config *config)
{
	struct l3_static *list = calloc(config->n_neighbours + 1u, sizeof(*list));

	for (unsigned i = 0; i < config->n_neighbours && list != NULL; i++) {
		const struct config_neighbour *n = &config->neighbours[i];

		list[i].cp = (uint8_t)(n->cp - 1);
		list[i].family = n->address.family;
		memcpy(list[i].addr, n->address.bytes, 16);
		memcpy(list[i].mac, n->mac.bytes, 6);
	}
	return list;
}

static bool
is_own(const struct iface_config *iface, const struct net_addr *addr)
{
	for (unsigned i = 0; i < iface->n_addresses; i++)
		if (net_addr_equal(&iface->addresses[i].addr, addr))
			return true;
	return false;
}

static bool
mac_is_one_host(const struct net_mac *mac)
{
	static const struct net_mac none;

	return !(mac->bytes[0] & 1) && memcmp(mac, &none, sizeof(none)) != 0;
}

static void
check_neighbour(const struct config *config, unsigned i, struct faults *faults)
{
	const struct config_neighbour *n = &config->neighbours[i];
	const struct config_iface *iface = config_iface_of(config, n->cp);
	char path[64], text[NET_STRLEN];

	net_addr_print(&n->address, text);
	snprintf(path, sizeof(path), "neighbours[%u].cp", i);
	if (iface == NULL)
		faults_add(faults, ERR_INVALID, path, NULL, "%s has no interface",
			config_cps[n->cp - 1]);
	snprintf(path, sizeof(path), "neighbours[%u].address", i);
	if (iface != NULL && is_own(&iface->l3, &n->address))
		faults_add(faults, ERR_INVALID, path, "give the neighbour's address",
			"%s is this router itself", text);
	else if (iface != NULL &&
		 !iface_is_link_local(n->address.family, n->address.bytes) &&
		 !iface_config_on_link(&iface->l3, &n->address))
		faults_add(faults, ERR_INVALID, path, NULL, "%s is in no subnet of %s",
			text, config_cps[n->cp - 1]);
	snprintf(path, sizeof(path), "neighbours[%u].mac", i);
	if (!mac_is_one_host(&n->mac))
		faults_add(faults, ERR_INVALID, path, "give the neighbour's own MAC",
			"that is no MAC of one host");
}

static void
check_twice(const struct config *config, struct faults *faults)
{
	char path[64], text[NET_STRLEN];

	for (unsigned i = 1; i < config->n_neighbours; i++) {
		const struct config_neighbour *n = &config->neighbours[i];

		for (unsigned j = 0; j < i; j++) {
			if (config->neighbours[j].cp != n->cp ||
				!net_addr_equal(
					&config->neighbours[j].address, &n->address))
				continue;
			snprintf(path, sizeof(path), "neighbours[%u].address", i);
			faults_add(faults, ERR_INVALID, path, NULL,
				"%s is given already, neighbours[%u]",
				net_addr_print(&n->address, text), j);
			break;
		}
	}
}
