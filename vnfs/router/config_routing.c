/* config_routing.c: the part of a router's configuration that is about dynamic routing.
 */
#include <stdio.h>
#include <string.h>
#include "vnfs/router/config.h"
#include "vnfs/router/tap.h"

#define PATH 64

const struct field config_routing_fields[] = {
	{.name = "fpm",
		.type = FIELD_ENDPOINT,
		.offset = offsetof(struct config_routing, fpm),
		.dflt = "127.0.0.1:2620",
		.help = "address and port at which FRR's zebra finds this router: `fpm "
			"address` of its module dplane_fpm_nl"},
	{.name = "allow-remote",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config_routing, allow_remote),
		.dflt = "false",
		.help = "fpm may be another than a loopback address: whoever reaches it "
			"can set routes"},
	{.name = "taps",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config_routing, taps),
		.dflt = "true",
		.help = "give the kernel an interface for each connection point, by "
			"which the daemons' packets come and go"},
	{.name = "netns",
		.type = FIELD_STRING,
		.offset = offsetof(struct config_routing, netns),
		.help = "path of the network namespace that the daemons are in, in which "
			"the interfaces are made and zebra is awaited; absent: the "
			"VNF's"},
	{.name = "hold",
		.type = FIELD_DURATION,
		.offset = offsetof(struct config_routing, hold_ns),
		.dflt = "120s",
		.help = "how long routes stay that zebra does not tell of again, after "
			"it was lost"},
	{.name = "max-routes",
		.type = FIELD_UINT,
		.offset = offsetof(struct config_routing, max_routes),
		.size = sizeof(uint32_t),
		.dflt = "600000",
		.min = 1,
		.max = CONFIG_MAX_LEARNT,
		.help = "routes of daemons, at most; memory is used as they come"},
	{.name = "punt-rate",
		.type = FIELD_RATE,
		.offset = offsetof(struct config_routing, punt_rate),
		.dflt = "2k",
		.min = 1,
		.max = 1000000,
		.help = "packets a second that are handed to the daemons: of routing "
			"protocols, and as many of all else"},
	{0},
};

static bool
is_loopback(const struct net_addr *addr)
{
	static const uint8_t one[16] = {[15] = 1};

	return addr->family == 4 ? addr->bytes[0] == 127
				 : memcmp(addr->bytes, one, 16) == 0;
}

void
config_tap_name(const struct config_iface *iface, char name[TAP_NAME])
{
	snprintf(name, TAP_NAME, "%s",
		iface->tap != NULL ? iface->tap : config_cps[iface->cp - 1]);
}

static void
check_tap(const struct config *config, unsigned i, struct faults *faults)
{
	const struct config_iface *iface = &config->interfaces[i];
	char path[PATH], name[TAP_NAME], other[TAP_NAME];

	snprintf(path, sizeof(path), "interfaces[%u].tap", i);
	if (iface->tap != NULL && !config->has_routing)
		faults_add(faults, ERR_INVALID, path, "add routing: {}",
			"an interface for the kernel needs dynamic routing");
	if (iface->tap != NULL && !tap_name_is_valid(iface->tap)) {
		faults_add(faults, ERR_INVALID, path,
			"give 1 to 15 characters without / : % or spaces",
			"'%s' cannot be the name of an interface", iface->tap);
		return;
	}
	config_tap_name(iface, name);
	for (unsigned k = 0; k < i && config->has_routing; k++) {
		config_tap_name(&config->interfaces[k], other);
		if (strcmp(name, other) == 0 && iface->cp != config->interfaces[k].cp)
			faults_add(faults, ERR_INVALID, path, NULL,
				"%s is the name of interfaces[%u], too", name, k);
	}
}

void
config_check_routing(const struct config *config, struct faults *faults)
{
	const struct config_routing *routing = &config->routing;
	char text[NET_STRLEN];

	for (unsigned i = 0; i < config->n_interfaces; i++)
		check_tap(config, i, faults);
	if (!config->has_routing)
		return;
	if (routing->fpm.port == 0)
		faults_add(faults, ERR_INVALID, "routing.fpm", "zebra's default is 2620",
			"a port is missing");
	if (!routing->allow_remote && !is_loopback(&routing->fpm.addr))
		faults_add(faults, ERR_INVALID, "routing.fpm",
			"take 127.0.0.1 or ::1, or set routing.allow-remote",
			"%s is no loopback address: anybody who reaches it could set "
			"routes",
			net_addr_print(&routing->fpm.addr, text));
	if (routing->netns != NULL && routing->netns[0] != '/')
		faults_add(faults, ERR_INVALID, "routing.netns", "e.g. /run/netns/frr",
			"'%s' is no absolute path", routing->netns);
}
