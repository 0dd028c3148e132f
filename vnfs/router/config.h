/* config.h: the configuration of a router: its struct, field table and rules. Pure. */
#ifndef VNFS_ROUTER_CONFIG_H
#define VNFS_ROUTER_CONFIG_H

#include "dataplane/sdk/base.h"
#include "dataplane/sdk/icmp.h"
#include "dataplane/sdk/iface.h"
#include "dataplane/sdk/l3_route.h"

#define CONFIG_MAX_ROUTES 1000000
#define CONFIG_MAX_VIA	  16 /* next hops of one route */
#define CONFIG_NO_CP	  0  /* a connection point's value is its index + 1 */

struct config_iface {
	int cp;
	struct iface_config l3;
};

enum config_action {
	CONFIG_FORWARD,
	CONFIG_BLACKHOLE,
	CONFIG_UNREACHABLE,
	CONFIG_PROHIBIT
};

struct config_route {
	struct net_prefix prefix;
	struct net_addr *via;
	unsigned n_via;
	uint32_t *weights; /* one for each of via, or none */
	unsigned n_weights;
	int cp; /* of link-local next hops */
	int action;
};

struct config {
	struct config_iface *interfaces;
	unsigned n_interfaces;
	struct config_route *routes;
	unsigned n_routes;
	struct icmp_rate icmp_rate;
};

extern const struct field config_fields[];
extern const char *const config_cps[]; /* p0 ... p15, null-ended */

/* Adds every fault that the table cannot see. */
void config_check(const void *config, struct faults *faults);
/* The routing table of a checked configuration. 0, or ERR_NO_RESOURCE. */
int config_routes(const struct config *config, struct l3_routes **table, struct err *err);

#endif
