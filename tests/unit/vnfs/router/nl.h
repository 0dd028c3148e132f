/* nl.h: netlink messages and FPM frames written, for the tests of who reads them. */
#ifndef TESTS_UNIT_VNFS_ROUTER_NL_H
#define TESTS_UNIT_VNFS_ROUTER_NL_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include "common/net.h"

struct nl { /* zero-initialise */
	uint8_t bytes[4096];
	size_t len;
	size_t frame, msg; /* where the last ones begin */
};

static inline void
nl_put(struct nl *nl, const void *data, size_t len)
{
	memcpy(nl->bytes + nl->len, data, len);
	nl->len += len;
}

/* Lengths of what is open follow. */
static inline void
nl_close(struct nl *nl)
{
	const uint32_t msg = (uint32_t)(nl->len - nl->msg);
	const uint16_t frame = (uint16_t)(nl->len - nl->frame);

	memcpy(nl->bytes + nl->msg, &msg, sizeof(msg));
	if (nl->msg == nl->frame) /* it is in none */
		return;
	nl->bytes[nl->frame + 2] = (uint8_t)(frame >> 8);
	nl->bytes[nl->frame + 3] = (uint8_t)frame;
}

static inline void
nl_frame(struct nl *nl)
{
	nl->frame = nl->len;
	nl_put(nl, (uint8_t[]){1, 1, 0, 0}, 4);
}

static inline void
nl_attr(struct nl *nl, uint16_t type, const void *value, size_t len)
{
	const struct rtattr attr = {
		.rta_len = (uint16_t)(sizeof(attr) + len), .rta_type = type};

	nl_put(nl, &attr, sizeof(attr));
	nl_put(nl, value, len);
	while (nl->len % 4 != 0)
		nl->bytes[nl->len++] = 0;
	nl_close(nl);
}

static inline void
nl_u32(struct nl *nl, uint16_t type, uint32_t value)
{
	nl_attr(nl, type, &value, sizeof(value));
}

static inline void
nl_addr(struct nl *nl, uint16_t type, const char *text)
{
	struct net_addr addr;

	if (net_addr_parse(text, &addr) != 0)
		abort();
	nl_attr(nl, type, addr.bytes, addr.family == 4 ? 4 : 16);
}

static inline void
nl_header(struct nl *nl, uint16_t type)
{
	const struct nlmsghdr header = {.nlmsg_type = type};

	nl->msg = nl->len;
	nl_put(nl, &header, sizeof(header));
}

/* type: RTM_NEWROUTE, RTM_DELROUTE; kind: RTN_*. */
static inline void
nl_route(struct nl *nl, uint16_t type, const char *text, uint8_t kind)
{
	struct net_prefix prefix;

	if (net_prefix_parse(text, &prefix) != 0)
		abort();
	const bool ip4 = prefix.addr.family == 4;
	const struct rtmsg msg = {.rtm_family = ip4 ? AF_INET : AF_INET6,
		.rtm_dst_len = prefix.len,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BGP,
		.rtm_type = kind};

	nl_header(nl, type);
	nl_put(nl, &msg, sizeof(msg));
	nl_attr(nl, RTA_DST, prefix.addr.bytes, ip4 ? 4 : 16);
}

static inline void
nl_nexthop(struct nl *nl, uint16_t type, uint8_t af, uint32_t id)
{
	const struct nhmsg msg = {.nh_family = af};

	nl_header(nl, type);
	nl_put(nl, &msg, sizeof(msg));
	nl_u32(nl, NHA_ID, id);
}

#endif
