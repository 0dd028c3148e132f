/* frame.h: frames for the bench: Ethernet, IPv4 or IPv6, TCP, UDP or something else, of
 * 60 bytes (64 with the FCS), all checksums right. */
#ifndef BENCH_LIB_FRAME_H
#define BENCH_LIB_FRAME_H

#include <stdint.h>
#include <rte_mbuf.h>

struct frame { /* addresses and ports in host order; IPv6 by its high and low half */
	uint8_t family; /* 4 or 6 */
	uint8_t proto;
	uint8_t tcp_flags;
	uint8_t to_cp; /* the VNF's MAC there is the destination */
	uint16_t sport, dport;
	uint64_t src[2], dst[2]; /* IPv4: src[0] */
	uint32_t seq, ack;	 /* of TCP; 0: those of a connection's first packets */
};

#define FRAME_TCP_DATA 6 /* bytes of data in a TCP segment by IPv4 */

void frame_write(const struct frame *frame, struct rte_mbuf *pkt);

#endif
