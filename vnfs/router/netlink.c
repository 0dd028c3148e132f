/* netlink.c: see netlink.h. */
#include "vnfs/router/netlink.h"
#include <errno.h>
#include <string.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#define ALIGN(len) (((len) + 3u) & ~(size_t)3)

struct attr {
	uint16_t type;
	size_t len; /* of the value */
	const uint8_t *value;
};

struct attrs { /* what is left of a list of them */
	const uint8_t *at;
	size_t len;
	bool broken;
};

static enum netlink_kind read_route(
	const uint8_t *body, size_t len, bool add, struct netlink_route *route);
static enum netlink_kind read_nexthop(
	const uint8_t *body, size_t len, bool add, struct netlink_nexthop *nexthop);

int
netlink_read(const uint8_t *buf, size_t len, struct netlink_msg *msg)
{
	struct nlmsghdr header;

	if (len < sizeof(header))
		return -EBADMSG;
	memcpy(&header, buf, sizeof(header));
	if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > len)
		return -EBADMSG;
	const uint8_t *body = buf + sizeof(header);
	const size_t body_len = header.nlmsg_len - sizeof(header);
	const bool add =
		header.nlmsg_type == RTM_NEWROUTE || header.nlmsg_type == RTM_NEWNEXTHOP;

	memset(msg, 0, sizeof(*msg));
	if (header.nlmsg_type == RTM_NEWROUTE || header.nlmsg_type == RTM_DELROUTE)
		msg->kind = read_route(body, body_len, add, &msg->route);
	else if (header.nlmsg_type == RTM_NEWNEXTHOP ||
		 header.nlmsg_type == RTM_DELNEXTHOP)
		msg->kind = read_nexthop(body, body_len, add, &msg->nexthop);
	return ALIGN(header.nlmsg_len) < len ? (int)ALIGN(header.nlmsg_len) : (int)len;
}

const char *
netlink_protocol_name(uint8_t protocol)
{
	static const char *const names[256] = {[RTPROT_KERNEL] = "kernel",
		[RTPROT_BOOT] = "boot",
		[RTPROT_STATIC] = "static",
		[RTPROT_ZEBRA] = "zebra",
		[RTPROT_BIRD] = "bird",
		[RTPROT_BABEL] = "babel",
		[RTPROT_BGP] = "bgp",
		[RTPROT_ISIS] = "isis",
		[RTPROT_OSPF] = "ospf",
		[RTPROT_RIP] = "rip",
		[190] = "ripng",
		[191] = "nhrp",
		[RTPROT_EIGRP] = "eigrp",
		[193] = "ldp",
		[194] = "sharp",
		[195] = "pbr",
		[196] = "static",
		[197] = "openfabric"};

	return names[protocol] != NULL ? names[protocol] : "other";
}

/* ---- attributes ---- */

/* False: none is left, or the rest is broken. */
static bool
next_attr(struct attrs *attrs, struct attr *attr)
{
	struct rtattr header;

	if (attrs->len < sizeof(header)) {
		attrs->broken = attrs->len > 0;
		return false;
	}
	memcpy(&header, attrs->at, sizeof(header));
	if (header.rta_len < sizeof(header) || header.rta_len > attrs->len) {
		attrs->broken = true;
		return false;
	}
	const size_t step =
		ALIGN(header.rta_len) < attrs->len ? ALIGN(header.rta_len) : attrs->len;

	*attr = (struct attr){.type = header.rta_type & NLA_TYPE_MASK,
		.len = header.rta_len - sizeof(header),
		.value = attrs->at + sizeof(header)};
	attrs->at += step;
	attrs->len -= step;
	return true;
}

static bool
read_u32(const struct attr *attr, uint32_t *out)
{
	if (attr->len != sizeof(*out))
		return false;
	memcpy(out, attr->value, sizeof(*out));
	return true;
}

/* 4, 6; 0: another. */
static uint8_t
family_of(unsigned af)
{
	return af == AF_INET ? 4 : af == AF_INET6 ? 6 : 0;
}

static bool
read_gateway(const uint8_t *value, size_t len, uint8_t family, struct netlink_hop *hop)
{
	if (family == 0 || len != (family == 4 ? 4 : 16))
		return false;
	hop->family = family;
	memset(hop->addr, 0, sizeof(hop->addr));
	memcpy(hop->addr, value, len);
	return true;
}

/* RTA_VIA: a family, then an address. */
static bool
read_via(const struct attr *attr, struct netlink_hop *hop)
{
	uint16_t af;

	if (attr->len < sizeof(af))
		return false;
	memcpy(&af, attr->value, sizeof(af));
	return read_gateway(
		attr->value + sizeof(af), attr->len - sizeof(af), family_of(af), hop);
}

/* ---- routes ---- */

/* One of RTA_MULTIPATH: its header, then its own attributes. Its length, or 0. */
static size_t
read_path(const uint8_t *at, size_t len, uint8_t family, struct netlink_hop *hop)
{
	struct rtnexthop header;
	struct attr attr;

	if (len < sizeof(header))
		return 0;
	memcpy(&header, at, sizeof(header));
	if (header.rtnh_len < sizeof(header) || header.rtnh_len > len)
		return 0;
	struct attrs attrs = {
		at + sizeof(header), header.rtnh_len - sizeof(header), false};

	*hop = (struct netlink_hop){.weight = (uint16_t)(header.rtnh_hops + 1),
		.ifindex = (uint32_t)header.rtnh_ifindex};
	while (next_attr(&attrs, &attr)) {
		if (attr.type == RTA_GATEWAY &&
			!read_gateway(attr.value, attr.len, family, hop))
			return 0;
		if (attr.type == RTA_VIA && !read_via(&attr, hop))
			return 0;
	}
	const size_t step = ALIGN(header.rtnh_len);

	return attrs.broken ? 0 : step < len ? step : len;
}

static bool
read_multipath(const struct attr *attr, uint8_t family, struct netlink_route *route)
{
	const uint8_t *at = attr->value;
	size_t len = attr->len;

	route->n_hops = 0;
	while (len > 0) {
		struct netlink_hop hop;
		const size_t step = read_path(at, len, family, &hop);

		if (step == 0)
			return false;
		if (route->n_hops < NETLINK_HOPS)
			route->hops[route->n_hops++] = hop;
		at += step;
		len -= step;
	}
	return true;
}

static bool
read_destination(const struct attr *attr, struct net_prefix *prefix)
{
	if (attr->len != (prefix->addr.family == 4 ? 4 : 16))
		return false;
	memcpy(prefix->addr.bytes, attr->value, attr->len);
	return true;
}

/* hop: of a route with one next hop. */
static bool
read_route_attr(
	const struct attr *attr, struct netlink_route *route, struct netlink_hop *hop)
{
	const uint8_t family = route->prefix.addr.family;

	switch (attr->type) {
	case RTA_DST:
		return read_destination(attr, &route->prefix);
	case RTA_GATEWAY:
		return read_gateway(attr->value, attr->len, family, hop);
	case RTA_VIA:
		return read_via(attr, hop);
	case RTA_OIF:
		return read_u32(attr, &hop->ifindex);
	case RTA_TABLE:
		return read_u32(attr, &route->table);
	case RTA_NH_ID:
		return read_u32(attr, &route->nexthop);
	case RTA_MULTIPATH:
		return read_multipath(attr, family, route);
	default:
		return true;
	}
}

static enum netlink_action
action_of(uint8_t type)
{
	switch (type) {
	case RTN_LOCAL:
		return NETLINK_LOCAL;
	case RTN_BLACKHOLE:
		return NETLINK_BLACKHOLE;
	case RTN_UNREACHABLE:
		return NETLINK_UNREACHABLE;
	case RTN_PROHIBIT:
		return NETLINK_PROHIBIT;
	default:
		return NETLINK_FORWARD;
	}
}

static enum netlink_kind
read_route(const uint8_t *body, size_t len, bool add, struct netlink_route *route)
{
	struct netlink_hop hop = {.weight = 1};
	struct rtmsg header;
	struct attr attr;

	if (len < sizeof(header))
		return NETLINK_BAD;
	memcpy(&header, body, sizeof(header));
	route->prefix.addr.family = family_of(header.rtm_family);
	if (route->prefix.addr.family == 0 || header.rtm_type == RTN_MULTICAST)
		return NETLINK_OTHER;
	if (header.rtm_dst_len > (route->prefix.addr.family == 4 ? 32 : 128))
		return NETLINK_BAD;
	route->prefix.len = header.rtm_dst_len;
	route->table = header.rtm_table;
	route->protocol = header.rtm_protocol;
	route->action = action_of(header.rtm_type);
	struct attrs attrs = {body + sizeof(header), len - sizeof(header), false};

	while (next_attr(&attrs, &attr))
		if (!read_route_attr(&attr, route, &hop))
			return NETLINK_BAD;
	if (attrs.broken)
		return NETLINK_BAD;
	if (route->n_hops == 0 && (hop.family != 0 || hop.ifindex != 0))
		route->hops[route->n_hops++] = hop;
	route->prefix = net_prefix_network(&route->prefix);
	return add ? NETLINK_ROUTE_ADD : NETLINK_ROUTE_DEL;
}

/* ---- next hops ---- */

static bool
read_group(const struct attr *attr, struct netlink_nexthop *nexthop)
{
	const size_t n = attr->len / sizeof(struct nexthop_grp);

	if (attr->len % sizeof(struct nexthop_grp) != 0 || n == 0)
		return false;
	for (size_t i = 0; i < n && i < NETLINK_HOPS; i++) {
		struct nexthop_grp member;

		memcpy(&member, attr->value + i * sizeof(member), sizeof(member));
		nexthop->members[nexthop->n_members++] = (struct netlink_member){
			.id = member.id, .weight = (uint16_t)(member.weight + 1)};
	}
	return true;
}

static bool
read_nexthop_attr(
	const struct attr *attr, uint8_t family, struct netlink_nexthop *nexthop)
{
	switch (attr->type) {
	case NHA_ID:
		return read_u32(attr, &nexthop->id);
	case NHA_GROUP:
		nexthop->n_members = 0;
		return read_group(attr, nexthop);
	case NHA_BLACKHOLE:
		nexthop->blackhole = true;
		return true;
	case NHA_OIF:
		return read_u32(attr, &nexthop->hop.ifindex);
	case NHA_GATEWAY:
		return read_gateway(attr->value, attr->len, family, &nexthop->hop);
	default:
		return true;
	}
}

static enum netlink_kind
read_nexthop(const uint8_t *body, size_t len, bool add, struct netlink_nexthop *nexthop)
{
	struct nhmsg header;
	struct attr attr;

	if (len < sizeof(header))
		return NETLINK_BAD;
	memcpy(&header, body, sizeof(header));
	struct attrs attrs = {body + sizeof(header), len - sizeof(header), false};

	nexthop->hop.weight = 1;
	while (next_attr(&attrs, &attr))
		if (!read_nexthop_attr(&attr, family_of(header.nh_family), nexthop))
			return NETLINK_BAD;
	if (attrs.broken || nexthop->id == 0)
		return NETLINK_BAD;
	return add ? NETLINK_NEXTHOP_ADD : NETLINK_NEXTHOP_DEL;
}
