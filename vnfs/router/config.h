/* config.h: the configuration of a router: its struct, field table and rules. Pure. */
#ifndef VNFS_ROUTER_CONFIG_H
#define VNFS_ROUTER_CONFIG_H

#include "dataplane/sdk/base.h"
#include "dataplane/sdk/icmp.h"
#include "dataplane/sdk/iface.h"
#include "dataplane/sdk/l3_route.h"

#define CONFIG_MAX_ROUTES 1000000
#define CONFIG_MAX_VIA	  16	  /* next hops of one route */
#define CONFIG_MAX_STATIC 1024	  /* configured neighbours */
#define CONFIG_MAX_LEARNT 2000000 /* routes of daemons */
#define CONFIG_NO_CP	  0	  /* a connection point's value is its index + 1 */

struct config_iface {
	int cp;
	struct iface_config l3;
	int reverse_path; /* enum iface_reverse_path */
	bool proxy_arp;
	char *tap; /* name of the kernel's interface; null: the connection point's */
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

struct config_neighbour {
	int cp;
	struct net_addr address;
	struct net_mac mac;
};

struct config_routing { /* by daemons */
	struct net_endpoint fpm;
	bool allow_remote;
	bool taps;
	char *netns; /* null: ours */
	uint64_t hold_ns;
	uint32_t max_routes;
	uint64_t punt_rate; /* packets a second */
};

struct config {
	struct config_iface *interfaces;
	unsigned n_interfaces;
	struct config_route *routes;
	unsigned n_routes;
	struct config_neighbour *neighbours;
	unsigned n_neighbours;
	struct icmp_rate icmp_rate;
	bool redirects;
	bool has_routing;
	struct config_routing routing;
};

extern const struct field config_fields[];
extern const struct field config_neighbour_fields[];
extern const struct field config_routing_fields[];
extern const char *const config_cps[]; /* p0 ... p15, null-ended */
extern const struct field_value config_cp_values[];

/* Adds every fault that the table cannot see. */
void config_check(const void *config, struct faults *faults);
/* The part of it for neighbours. */
void config_check_neighbours(const struct config *config, struct faults *faults);
/* The part of it for dynamic routing. */
void config_check_routing(const struct config *config, struct faults *faults);
/* The name of the kernel's interface, 16 bytes with NUL. */
void config_tap_name(const struct config_iface *iface, char name[16]);
/* The interface of a connection point, by its value; null: it has none. */
const struct config_iface *config_iface_of(const struct config *config, int cp);
/* The configured neighbours of a checked configuration, malloc'd; null: no memory. */
struct l3_static *config_statics(const struct config *config);
/* The routing table of a checked configuration: with routing a live one, whose grace is
 * counted in turns. 0, or ERR_NO_RESOURCE. */
int config_routes(const struct config *config, const uint64_t *turns,
	struct l3_routes **table, struct err *err);

#endif
