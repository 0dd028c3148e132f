/* packet.h: what can be done to a frame: given addresses that lead far, answered, quoted
 * in an ICMP error, cut into fragments, or spoilt. Whatever bytes it has. */
#ifndef TESTS_MALFORMED_PACKET_H
#define TESTS_MALFORMED_PACKET_H

#include <stdbool.h>
#include <stdint.h>
#include "tests/lib/harness.h"
#include "tests/malformed/random.h"
#include "tests/malformed/stage.h"

/* Addresses and ports of side (which has some) instead of those that an IP packet has,
 * and the MAC of the VNF's connection point cp. */
void packet_address(struct harness_frame *frame, unsigned cp,
	const struct stage_side *side, struct random *random);
/* What the receiver of an IP packet may answer: ends exchanged, TCP flags that fit. */
void packet_answer(struct harness_frame *frame, struct random *random);
/* An ICMP error to the sender of an IP packet, about it. False: it is none. */
bool packet_error(struct harness_frame *frame, struct random *random);
/* ARP and ND requests become their answers. False: it is none. */
bool packet_neighbour(struct harness_frame *frame);
/* Up to n fragments of an IP packet, now and then overlapping, and in any order. Number
 * of them; 0: not to be cut. */
unsigned packet_fragments(const struct harness_frame *frame, struct harness_frame *out,
	unsigned n, struct random *random);
/* One mutation: bytes or bits changed, cut or lengthened, a length field changed, options
 * or headers put in, made a fragment, or continued as another frame. */
void packet_spoil(struct harness_frame *frame, const struct harness_frame *other,
	struct random *random);
/* Checksums made right, as far as the headers hold together. */
void packet_mend(struct harness_frame *frame, bool l4);

#endif
