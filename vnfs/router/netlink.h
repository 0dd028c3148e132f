/* netlink.h: route and next-hop messages of a routing daemon read (RFC 3549;
 * linux/rtnetlink.h, linux/nexthop.h). Pure; nothing beyond the given bytes is looked at.
 */
#ifndef VNFS_ROUTER_NETLINK_H
#define VNFS_ROUTER_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "dataplane/sdk/base.h"

#define NETLINK_HOPS 64 /* next hops of one route, members of one group: at most */

enum netlink_kind {
	NETLINK_OTHER, /* of no interest here */
	NETLINK_BAD,   /* a route or next hop that does not hold together */
	NETLINK_ROUTE_ADD,
	NETLINK_ROUTE_DEL,
	NETLINK_NEXTHOP_ADD,
	NETLINK_NEXTHOP_DEL,
};

struct netlink_hop {
	uint8_t family;	 /* of addr: 4, 6; 0: none, destinations are on the link itself */
	uint16_t weight; /* from 1 */
	uint32_t ifindex; /* 0: not said */
	uint8_t addr[16];
};

enum netlink_action {
	NETLINK_FORWARD,
	NETLINK_LOCAL,
	NETLINK_BLACKHOLE,
	NETLINK_UNREACHABLE,
	NETLINK_PROHIBIT
};

struct netlink_route {
	struct net_prefix prefix;
	uint32_t table;
	uint8_t protocol; /* RTPROT_* */
	enum netlink_action action;
	uint32_t nexthop; /* number of the next hop object that is meant; 0: hops */
	unsigned n_hops;
	struct netlink_hop hops[NETLINK_HOPS];
};

struct netlink_member { /* of a group */
	uint32_t id;
	uint16_t weight;
};

struct netlink_nexthop {
	uint32_t id;
	bool blackhole;
	unsigned n_members; /* 0: it is one next hop, hop */
	struct netlink_member members[NETLINK_HOPS];
	struct netlink_hop hop;
};

struct netlink_msg {
	enum netlink_kind kind;
	union {
		struct netlink_route route; /* of a DEL: prefix and table */
		struct netlink_nexthop nexthop;
	};
};

/* Reads the message at buf, and returns its length with padding. -EBADMSG: no whole
 * message is there. */
int netlink_read(const uint8_t *buf, size_t len, struct netlink_msg *msg);
/* The name of a RTPROT_* number as `ip route` has it ("bgp"), else "other". */
const char *netlink_protocol_name(uint8_t protocol);

#endif
