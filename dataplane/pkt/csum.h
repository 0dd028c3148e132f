/* csum.h: Internet checksums: full (RFC 1071) and incremental (RFC 1624 eqn. 3). Pure;
 * any thread.
 *
 * All 16-bit values are as they stand in the packet (network order loaded natively). Sums
 * are not complemented until csum_finish().
 */
#ifndef DATAPLANE_PKT_CSUM_H
#define DATAPLANE_PKT_CSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"

/* Adds len bytes (odd lengths padded with zero) to a running sum. */
uint32_t csum_add(uint32_t sum, const void *data, size_t len);
/* Folds and complements. */
uint16_t csum_finish(uint32_t sum);
/* The same of a sum of 32-bit words. */
static inline uint16_t
csum_finish_wide(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

/* Pseudo-header sum of family 4 or 6: addresses as in the packet, proto, L4 length in
 * host order. */
uint32_t csum_pseudo(
	uint8_t family, const void *src, const void *dst, uint8_t proto, uint32_t l4_len);

/* Incremental: the checksum after a 16-bit, 32-bit or longer (even length) field changed.
 */
static inline uint16_t
csum_update16(uint16_t csum, uint16_t before, uint16_t after)
{
	uint32_t sum = (uint16_t)~csum + (uint16_t)~before + (uint32_t)after;

	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

static inline uint16_t
csum_update32(uint16_t csum, uint32_t before, uint32_t after)
{
	csum = csum_update16(csum, (uint16_t)before, (uint16_t)after);
	return csum_update16(csum, (uint16_t)(before >> 16), (uint16_t)(after >> 16));
}

uint16_t csum_update(uint16_t csum, const void *before, const void *after, size_t len);

/* Writes the IPv4 header checksum. ip: start of the header. */
void csum_ip4_set(void *ip);
/* Writes the TCP, UDP, ICMP or ICMPv6 checksum of the packet that info describes (not a
 * fragment). A UDP checksum that comes out 0 is written as 0xffff. */
void csum_l4_set(uint8_t *frame, const struct pkt_info *info);
/* Whether the L4 checksum is right; UDP/IPv4 checksum 0 (none) is right; fragments and
 * other protocols: true. */
bool csum_l4_ok(const uint8_t *frame, const struct pkt_info *info);
/* A TCP or UDP checksum field that holds just the pseudo-header's sum is one that a
 * sender left to offload (packets from a local veth, TAP): computes and writes the real
 * one. True if it did. */
bool csum_l4_complete(uint8_t *frame, const struct pkt_info *info);

#endif
