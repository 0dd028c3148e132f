/* steady.h: which packets of a burst the flow cache may pass by itself, and what the
 * firewall does with those that it did: vnf_steady(). Worker. */
#ifndef VNFS_FIREWALL_STEADY_H
#define VNFS_FIREWALL_STEADY_H

#include "vnfs/firewall/judge_parts.h"

/* When verdicts were given: says of each packet that passes by a flow both ends agreed
 * to, by a datagram's direction that is there, or by a rule that sees nothing else of it
 * than the flow cache does. */
void steady_say(const struct judge *judge);

/* For struct vnf_type. TCP is looked at, packet by packet, for its windows. */
uint64_t steady_passed(struct vnf *vnf, const struct vnf_passed *passed);
void steady_expect(struct vnf *vnf, uint64_t token);
bool steady_look(struct vnf *vnf, uint64_t token, const uint8_t *frame, uint32_t len);

#endif
