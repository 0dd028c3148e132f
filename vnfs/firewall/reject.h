/* reject.h: the answer to a rejected packet: a TCP RST (RFC 9293 3.5.2, 3.10.7.1), else
 * ICMP unreachable (port for UDP, administratively prohibited for the rest: RFC
 * 1812 5.2.7.1, RFC 4443 3.1), or the ICMP error that the rule says. The firewall has no
 * address of its own, so it answers in the name of the destination. Pure.
 */
#ifndef VNFS_FIREWALL_REJECT_H
#define VNFS_FIREWALL_REJECT_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"
#include "dataplane/sdk/icmp.h"
#include "vnfs/firewall/config.h"

#define REJECT_ROOM 1400 /* bytes that an answer takes at most */

struct reject_limit {
	struct icmp_limit icmp; /* per destination and in total */
	struct icmp_limit rst;	/* in total: a host may well knock at many ports */
};

void reject_limit_init(
	struct reject_limit *limit, const struct icmp_rate *rate, uint64_t seed);

/* Whether an answer may be sent: not to an ICMP error, a RST, multicast or broadcast, a
 * source that is no one host, and not beyond the limit, of which it takes its part. */
bool reject_wanted(const uint8_t *frame, const struct pkt_info *packet,
	enum fw_reject with, struct reject_limit *limit, uint64_t now_ns);

/* Writes the answer to frame, with its VLAN tags, into out (REJECT_ROOM bytes). Its
 * length. */
uint32_t reject_build(uint8_t *out, const uint8_t *frame, const struct pkt_info *packet,
	enum fw_reject with);

#endif
