/* l3_path.h: which of several next hops a flow takes: weighted rendezvous hashing (Thaler
 * and Ravishankar; RFC 2991). Pure; any thread.
 *
 * Each next hop draws a number for the flow and the best one has it. So a flow keeps its
 * way whatever the order of the next hops and over restarts; when a next hop leaves, only
 * its own flows move, in shares, to those that stay; when one comes, only its share moves
 * to it. Nothing is stored.
 */
#ifndef DATAPLANE_SDK_L3_PATH_H
#define DATAPLANE_SDK_L3_PATH_H

#include <stdint.h>
#include "dataplane/pkt/parse.h"
#include "dataplane/sdk/l3_stack.h"

#define L3_PATH_MAX_WEIGHT 256

/* Of the flow: the same for all its packets, fragments included, and over restarts. IPv4:
 * addresses, protocol and ports; IPv6: addresses, protocol and flow label, or ports where
 * the label is 0 (RFC 6437 2, RFC 6438); of fragments without a label no ports. */
uint32_t l3_path_hash(const struct pkt_info *info);
/* The number (below n) of the hop that a flow of that hash takes; n is at least 1. */
unsigned l3_path_choose(const struct l3_hop *hops, unsigned n, uint32_t hash);

#endif
