/* fragments.h: fragments through a NAT (RFC 4787 REQ-14): all of a datagram get the
 * addresses and the identification that its first one got, in whatever order they come.
 * Worker only, but for open and close.
 */
#ifndef VNFS_NAT_FRAGMENTS_H
#define VNFS_NAT_FRAGMENTS_H

#include "vnfs/nat/nat.h"

/* 0, or ERR_NO_RESOURCE. */
int fragments_open(struct nat *nat, struct err *err);
void fragments_close(struct nat *nat);
/* The verdict on a fragment; translate: what decides about a whole packet. */
vnf_verdict fragments_pass(struct nat *nat, struct translate_pkt *work,
	vnf_verdict (*translate)(struct nat *, struct translate_pkt *));

#endif
