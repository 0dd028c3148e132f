/* errors.h: ICMP errors through a NAT (RFC 5508 section 4): they go to who sent the
 * packet that they quote, which is given back the ends that it had there. They make, keep
 * alive and end nothing. Worker only.
 */
#ifndef VNFS_NAT_ERRORS_H
#define VNFS_NAT_ERRORS_H

#include "vnfs/nat/nat.h"

bool errors_is(const struct pkt_info *info);
/* The verdict on an error from outside, about what an inside host sent; or from inside,
 * about what came from outside. */
vnf_verdict errors_in(struct nat *nat, struct l3_pkt *pkt);
vnf_verdict errors_out(struct nat *nat, struct l3_pkt *pkt);

#endif
