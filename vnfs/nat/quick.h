/* quick.h: the packets of a burst that a NAT passes on by a session that is there and
 * stays what it is: whole IPv4 packets without options, TCP in the midst of a connection
 * or UDP, with TTL left and a neighbour to go to. They are checked, looked up and
 * rewritten without more ado; all others go the long way (translate.h). Whatever passes
 * here would leave the same on the long way, byte for byte but for the numbers that
 * identifications are, and leave the same behind.
 *
 * Worker only.
 */
#ifndef VNFS_NAT_QUICK_H
#define VNFS_NAT_QUICK_H

#include "vnfs/nat/nat.h"

_Static_assert(VNF_BURST <= 32, "a burst in the bits of a word");

struct quick_rest { /* what goes the long way; bits and places as in the burst */
	uint32_t places;
	uint32_t looked_up; /* those of them that have a key and were looked up */
	session_ref refs[VNF_BURST];
};

/* Passes what it can, and tells the others. */
void quick_pass(struct nat *nat, struct vnf_burst *burst, struct quick_rest *rest);

/* For struct vnf_type: the flow cache passed them by itself, as they were passed here. */
uint64_t quick_passed(struct vnf *vnf, const struct vnf_passed *passed);
void quick_expect(struct vnf *vnf, uint64_t token);

#endif
