/* config.h: the configuration of a NAT: its struct and field table, and what follows from
 * it. Pure. */
#ifndef VNFS_NAT_CONFIG_H
#define VNFS_NAT_CONFIG_H

#include "dataplane/sdk/base.h"
#include "dataplane/sdk/icmp.h"
#include "dataplane/sdk/iface.h"
#include "dataplane/sdk/l3_route.h"

enum config_cp { CONFIG_INSIDE, CONFIG_OUTSIDE };

#define CONFIG_MAX_POOL	    256 /* addresses */
#define CONFIG_MAX_SESSIONS (16u << 20)

struct config_route {
	struct net_prefix prefix;
	struct net_addr via;
};

struct config_inside {
	struct iface_config l3;
	struct config_route *routes;
	unsigned n_routes;
};

struct config_outside {
	struct iface_config l3;
	struct net_addr gateway; /* family 0: none */
};

enum config_filtering {
	CONFIG_FILTER_NONE, /* endpoint-independent */
	CONFIG_FILTER_ADDRESS,
	CONFIG_FILTER_ADDRESS_PORT,
};

struct config_static {
	int proto; /* as in the IP header */
	struct net_endpoint outside, inside;
};

struct config_timeouts {
	uint64_t tcp_established, tcp_transitory, udp, icmp; /* ns */
};

struct config {
	struct config_inside inside;
	struct config_outside outside;
	struct net_range *pool; /* none: the first outside address */
	unsigned n_pool;
	struct net_ports ports;
	int mapping;
	int filtering;
	bool hairpinning;
	struct config_static *statics;
	unsigned n_statics;
	uint32_t max_sessions;
	uint32_t max_sessions_per_host; /* 0: no limit */
	struct config_timeouts timeouts;
	struct icmp_rate icmp_rate;
};

extern const struct field config_fields[];
extern const char *const config_cps[]; /* inside, outside, null */

/* The ranges that sessions take their outside addresses from. *one is room for the
 * default. */
unsigned config_pool(const struct config *config, struct net_range *one,
	const struct net_range **ranges);
/* The routing table of a checked configuration. 0, or ERR_NO_RESOURCE. */
int config_routes(const struct config *config, struct l3_routes **table, struct err *err);
/* Whether both give every session the same outside address and port. */
bool config_same_mappings(const struct config *a, const struct config *b);

#endif
