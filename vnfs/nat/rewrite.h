/* rewrite.h: another address and port put into a packet, with every checksum mended (RFC
 * 3022 4.1, RFC 1624). Pure.
 *
 * Checksums change incrementally, so one that was wrong stays wrong and what is not
 * translated stays protected. A UDP checksum of 0 (none) stays 0; one that comes out 0
 * becomes 0xffff.
 */
#ifndef VNFS_NAT_REWRITE_H
#define VNFS_NAT_REWRITE_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"

enum rewrite_side { REWRITE_SRC, REWRITE_DST };

/* ip: network order; port: host order, the identifier of an ICMP query; not looked at for
 * protocols without. Brings info up to date. A later fragment has only its address
 * rewritten. */
void rewrite(uint8_t *frame, struct pkt_info *info, enum rewrite_side side, uint32_t ip,
	uint16_t port);
/* Only the address. */
void rewrite_address(
	uint8_t *frame, struct pkt_info *info, enum rewrite_side side, uint32_t ip);
/* The identification of the datagram; host order. */
void rewrite_ident(uint8_t *frame, struct pkt_info *info, uint16_t id);
/* Whether the datagram needs one: it may be cut, or has been (RFC 6864 section 4). */
bool rewrite_needs_ident(const uint8_t *frame, const struct pkt_info *info);

/* What an ICMP error is about. The packet that it quotes, at info->l4 + 8, is parsed into
 * *quoted (offsets from its own start). False: the error's checksum or the quoted
 * header's is wrong, or too little is quoted. The quoted packet's own L4 checksum is not
 * looked at: it may be cut short. */
bool rewrite_quoted_parse(
	const uint8_t *frame, const struct pkt_info *info, struct pkt_info *quoted);
/* Rewrites one side of the quoted packet and the error's own side of the same host: the
 * error's destination is the quoted source, its source (side REWRITE_DST) becomes ip too.
 */
void rewrite_quoted(uint8_t *frame, struct pkt_info *info, struct pkt_info *quoted,
	enum rewrite_side side, uint32_t ip, uint16_t port);

#endif
