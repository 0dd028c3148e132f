/* test_netlink.c: route and next hop messages: what they say, and whatever else comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include "tests/unit/vnfs/router/nl.h"
#include "vnfs/router/netlink.h"

static struct netlink_msg
read_one(const struct nl *nl)
{
	struct netlink_msg msg;

	assert_int_equal(netlink_read(nl->bytes, nl->len, &msg), nl->len);
	return msg;
}

static void
assert_addr(const uint8_t got[16], const char *text)
{
	struct net_addr addr;

	assert_int_equal(net_addr_parse(text, &addr), 0);
	assert_memory_equal(got, addr.bytes, 16);
}

static void
test_one_next_hop(void **state)
{
	struct nl nl = {0};

	(void)state;
	nl_route(&nl, RTM_NEWROUTE, "10.1.0.0/16", RTN_UNICAST);
	nl_addr(&nl, RTA_GATEWAY, "192.0.2.1");
	nl_u32(&nl, RTA_OIF, 7);
	const struct netlink_msg msg = read_one(&nl);

	assert_int_equal(msg.kind, NETLINK_ROUTE_ADD);
	assert_int_equal(msg.route.prefix.len, 16);
	assert_addr(msg.route.prefix.addr.bytes, "10.1.0.0");
	assert_int_equal(msg.route.table, RT_TABLE_MAIN);
	assert_string_equal(netlink_protocol_name(msg.route.protocol), "bgp");
	assert_int_equal(msg.route.n_hops, 1);
	assert_int_equal(msg.route.hops[0].ifindex, 7);
	assert_addr(msg.route.hops[0].addr, "192.0.2.1");
}

static void
test_several_next_hops_have_weights(void **state)
{
	struct {
		struct rtnexthop path;
		struct rtattr attr;
		uint8_t addr[4];
	} paths[2] = {{{sizeof(paths[0]), 0, 0, 3}, {8, RTA_GATEWAY}, {192, 0, 2, 1}},
		{{sizeof(paths[0]), 0, 2, 4}, {8, RTA_GATEWAY}, {192, 0, 2, 2}}};
	struct nl nl = {0};

	(void)state;
	nl_route(&nl, RTM_NEWROUTE, "10.1.0.0/16", RTN_UNICAST);
	nl_attr(&nl, RTA_MULTIPATH, paths, sizeof(paths));
	const struct netlink_msg msg = read_one(&nl);

	assert_int_equal(msg.route.n_hops, 2);
	assert_int_equal(msg.route.hops[0].weight, 1);
	assert_int_equal(msg.route.hops[1].weight, 3);
	assert_int_equal(msg.route.hops[1].ifindex, 4);
	assert_addr(msg.route.hops[1].addr, "192.0.2.2");
	paths[1].path.rtnh_len = 60; /* beyond its end */
	nl = (struct nl){0};
	nl_route(&nl, RTM_NEWROUTE, "10.1.0.0/16", RTN_UNICAST);
	nl_attr(&nl, RTA_MULTIPATH, paths, sizeof(paths));
	assert_int_equal(read_one(&nl).kind, NETLINK_BAD);
}

static void
test_ipv4_by_an_ipv6_next_hop(void **state)
{
	struct {
		uint16_t family;
		uint8_t addr[16];
	} via = {AF_INET6, {0xfe, 0x80, [15] = 1}};
	struct nl nl = {0};

	(void)state;
	nl_route(&nl, RTM_NEWROUTE, "10.1.0.0/16", RTN_UNICAST);
	nl_attr(&nl, RTA_VIA, &via, sizeof(via));
	nl_u32(&nl, RTA_OIF, 7);
	const struct netlink_msg msg = read_one(&nl);

	assert_int_equal(msg.route.hops[0].family, 6);
	assert_addr(msg.route.hops[0].addr, "fe80::1");
}

static void
test_routes_that_drop(void **state)
{
	static const struct {
		uint8_t type;
		enum netlink_action action;
	} cases[] = {{RTN_BLACKHOLE, NETLINK_BLACKHOLE},
		{RTN_UNREACHABLE, NETLINK_UNREACHABLE}, {RTN_PROHIBIT, NETLINK_PROHIBIT},
		{RTN_LOCAL, NETLINK_LOCAL}};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct nl nl = {0};

		nl_route(&nl, RTM_NEWROUTE, "2001:db8::/32", cases[i].type);
		assert_int_equal(read_one(&nl).route.action, cases[i].action);
	}
}

static void
test_next_hop_objects(void **state)
{
	const struct nexthop_grp members[] = {{.id = 3}, {.id = 4, .weight = 9}};
	struct nl nl = {0};

	(void)state;
	nl_nexthop(&nl, RTM_NEWNEXTHOP, AF_INET6, 5);
	nl_addr(&nl, NHA_GATEWAY, "fe80::5");
	nl_u32(&nl, NHA_OIF, 2);
	struct netlink_msg msg = read_one(&nl);

	assert_int_equal(msg.kind, NETLINK_NEXTHOP_ADD);
	assert_int_equal(msg.nexthop.id, 5);
	assert_addr(msg.nexthop.hop.addr, "fe80::5");
	nl = (struct nl){0};
	nl_nexthop(&nl, RTM_NEWNEXTHOP, AF_UNSPEC, 6);
	nl_attr(&nl, NHA_GROUP, members, sizeof(members));
	msg = read_one(&nl);
	assert_int_equal(msg.nexthop.n_members, 2);
	assert_int_equal(msg.nexthop.members[0].weight, 1);
	assert_int_equal(msg.nexthop.members[1].id, 4);
	assert_int_equal(msg.nexthop.members[1].weight, 10);
	nl = (struct nl){0};
	nl_nexthop(&nl, RTM_DELNEXTHOP, AF_UNSPEC, 6);
	assert_int_equal(read_one(&nl).kind, NETLINK_NEXTHOP_DEL);
}

static void
test_what_does_not_hold_together(void **state)
{
	struct nl nl = {0}, bad;
	struct netlink_msg msg;

	(void)state;
	nl_route(&nl, RTM_NEWROUTE, "10.1.0.0/16", RTN_UNICAST);
	nl_addr(&nl, RTA_GATEWAY, "192.0.2.1");
	assert_int_equal(netlink_read(nl.bytes, 15, &msg), -EBADMSG);
	assert_int_equal(netlink_read(nl.bytes, nl.len - 1, &msg), -EBADMSG);
	bad = nl;
	bad.bytes[sizeof(struct nlmsghdr) + 1] = 33; /* a prefix of /33 */
	assert_int_equal(read_one(&bad).kind, NETLINK_BAD);
	bad = nl;
	bad.bytes[nl.len - 8] = 9; /* an attribute beyond the end */
	assert_int_equal(read_one(&bad).kind, NETLINK_BAD);
	bad = nl;
	bad.bytes[nl.len - 8] = 3; /* one that is shorter than its header */
	assert_int_equal(read_one(&bad).kind, NETLINK_BAD);
	bad = nl;
	bad.bytes[nl.len - 8] = 7; /* a gateway of three bytes */
	assert_int_equal(read_one(&bad).kind, NETLINK_BAD);
	memset(bad.bytes, 0, sizeof(bad.bytes));
	assert_int_equal(netlink_read(bad.bytes, 100, &msg), -EBADMSG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "a route with one next hop", .test_func = test_one_next_hop},
		{.name = "several next hops have weights",
			.test_func = test_several_next_hops_have_weights},
		{.name = "IPv4 by an IPv6 next hop (RFC 8950)",
			.test_func = test_ipv4_by_an_ipv6_next_hop},
		{.name = "blackhole, unreachable, prohibit, local",
			.test_func = test_routes_that_drop},
		{.name = "next hop objects and groups",
			.test_func = test_next_hop_objects},
		{.name = "what does not hold together is told",
			.test_func = test_what_does_not_hold_together},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
