/* l3_martian.h: addresses that no packet may come from or go to (RFC 1812 5.3.7, RFC
 * 6890, RFC 4291 2.5, 2.7), our own and our subnets' broadcast addresses among them.
 * Worker only.
 */
#ifndef DATAPLANE_SDK_L3_MARTIAN_H
#define DATAPLANE_SDK_L3_MARTIAN_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"
#include "dataplane/sdk/iface.h"

/* What wants a closer look, by a byte of an address: 1. */
struct l3_martian {
	uint8_t first[256]; /* IPv4: no unicast, or loopback */
	uint8_t ours[256];  /* the interfaces' own and broadcast addresses: a source whose
			       byte is not among them is none of them, without a search */
	unsigned n_ifaces;  /* behind the last one that is present */
};

void l3_martian_init(struct l3_martian *martian, const struct iface *ifaces, unsigned n);
bool l3_martian_destination(const struct pkt_info *info);
/* Of any source. */
bool l3_martian_source_slow(const struct l3_martian *martian, const struct iface *ifaces,
	unsigned n, const struct pkt_info *info);

/* Of IPv4 addresses the last byte is the other one, 0. */
static inline uint8_t
l3_martian_byte(const uint8_t ip[16])
{
	return ip[3] ^ ip[15];
}

static inline bool
l3_martian_may_be_ours(const struct l3_martian *martian, const uint8_t ip[16])
{
	return martian->ours[l3_martian_byte(ip)];
}

/* Whether an IPv4 packet from src to dst (four bytes each) wants a closer look: at a
 * martian, multicast, or an address that may be ours. */
static inline bool
l3_martian_wants_look4(
	const struct l3_martian *martian, const uint8_t *src, const uint8_t *dst)
{
	return (martian->first[src[0]] | martian->first[dst[0]] |
		       martian->ours[src[3]]) != 0;
}

/* The closer look: whether it is one. */
bool l3_martian_is4(const struct l3_martian *martian, const struct iface *ifaces,
	const uint8_t src[4], const uint8_t dst[4]);

/* ifaces, n: as given to init. */
static inline bool
l3_martian_source(const struct l3_martian *martian, const struct iface *ifaces,
	unsigned n, const struct pkt_info *info)
{
	const uint8_t first = info->src[0];

	if (info->family == 4 && first != 0 && first != 127 && first < 224 &&
		!l3_martian_may_be_ours(martian, info->src))
		return false;
	return l3_martian_source_slow(martian, ifaces, n, info);
}

#endif
