/* config.h: the configuration of a NAT: its struct and field table, and what follows from
 * it. Pure. */
#ifndef VNFS_NAT_CONFIG_H
#define VNFS_NAT_CONFIG_H

#include "dataplane/sdk/base.h"
#include "dataplane/sdk/icmp.h"
#include "dataplane/sdk/iface.h"
#include "dataplane/sdk/l3_route.h"

enum config_cp { CONFIG_INSIDE, CONFIG_OUTSIDE };

#define CONFIG_MAX_POOL	    256	  /* addresses */
#define CONFIG_MAX_STATICS  65536 /* entries, and ports of all together */
#define CONFIG_MAX_NO_NAT   64
#define CONFIG_MAX_BLOCKS   16 /* port blocks of a host */
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
	CONFIG_FILTER_SAME, /* tcp_filtering: as filtering says */
};

enum config_refresh { CONFIG_REFRESH_BOTH, CONFIG_REFRESH_OUTBOUND };
enum config_syn { CONFIG_SYN_REJECT, CONFIG_SYN_SILENT };

struct config_end { /* of a static mapping; ports 0-0: the whole address */
	struct net_addr addr;
	struct net_ports ports;
};

struct config_static {
	int proto; /* as in the IP header; 0: all, for whole addresses */
	struct config_end outside, inside;
};

struct config_timeouts { /* ns */
	uint64_t tcp_established, tcp_transitory, udp, icmp, other;
	uint64_t tcp_opening, tcp_closing; /* 0: tcp_transitory */
};

struct config_rest {
	uint64_t time; /* ns */
	uint32_t max;
};

struct config_blocks {
	uint32_t size; /* ports; 0: no blocks */
	uint32_t max_per_host;
};

struct config_log {
	bool mappings, sessions;
	uint32_t rate; /* lines a second */
};

#define CONFIG_MSS_AUTO 1

struct config {
	struct config_inside inside;
	struct config_outside outside;
	struct net_range *pool; /* none: the first outside address */
	unsigned n_pool;
	struct net_ports ports;
	bool port_parity, port_overlapping;
	struct config_rest port_rest;
	struct config_blocks port_blocks;
	int mapping;
	int filtering, tcp_filtering;
	int refresh;
	int unsolicited_syn;
	bool hairpinning;
	bool other_protocols;
	uint64_t tcp_mss; /* 0: off */
	struct config_static *statics;
	unsigned n_statics;
	struct net_prefix *no_nat;
	unsigned n_no_nat;
	uint32_t max_sessions;
	uint32_t max_sessions_per_host; /* 0: no limit, like the next two */
	uint32_t max_ports_per_host;
	uint32_t max_new_sessions_per_host; /* a second */
	struct config_timeouts timeouts;
	struct config_log log;
	struct icmp_rate icmp_rate;
};

extern const struct field config_fields[];
extern const char *const config_cps[]; /* inside, outside, null */

/* The ranges that sessions take their outside addresses from. *one is room for the
 * default. */
unsigned config_pool(const struct config *config, struct net_range *one,
	const struct net_range **ranges);
bool config_range_has(const struct net_range *range, const struct net_addr *addr);
/* The routing table of a checked configuration. 0, or ERR_NO_RESOURCE. */
int config_routes(const struct config *config, struct l3_routes **table, struct err *err);
/* Whether both give every session the same outside address and port. */
bool config_same_mappings(const struct config *a, const struct config *b);
/* enum config_filtering of a protocol. */
int config_filtering(const struct config *config, uint8_t proto);
/* Whether anything is limited, or kept, per inside host. */
bool config_has_hosts(const struct config *config);
/* Ports of all static mappings together; whole addresses have none. */
uint32_t config_static_ports(const struct config *config);

#endif
