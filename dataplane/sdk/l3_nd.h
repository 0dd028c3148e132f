/* l3_nd.h: Neighbour Discovery messages (RFC 4861) read and written. Pure. */
#ifndef DATAPLANE_SDK_L3_ND_H
#define DATAPLANE_SDK_L3_ND_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"

enum l3_nd_kind { L3_ND_NONE, L3_ND_SOLICIT, L3_ND_ADVERT, L3_ND_OTHER, L3_ND_BAD };

struct l3_nd {
	uint8_t target[16];
	uint8_t mac[6]; /* of the link-layer address option */
	bool has_mac;
	bool solicited, override; /* flags of an advertisement */
};

#define L3_ND_FRAME 86 /* bytes of a solicitation or advertisement with its option */

/* L3_ND_NONE: not ND. L3_ND_OTHER: router messages and redirects. L3_ND_BAD: fails the
 * checks of RFC 4861 7.1 (hop limit 255, code, checksum, target, options). Else nd is
 * filled. */
enum l3_nd_kind l3_nd_read(
	const uint8_t *frame, const struct pkt_info *info, struct l3_nd *nd);
/* Writes the frame that asks for target: to dst_mac by unicast (null: solicited-node
 * multicast). L3_ND_FRAME. */
uint32_t l3_nd_solicit(uint8_t *frame, const uint8_t mac[6], const uint8_t source[16],
	const uint8_t target[16], const uint8_t *dst_mac);
/* Writes the frame that answers: target is at mac. To dst at dst_mac; dst unspecified
 * (duplicate address detection): to all nodes, unsolicited. L3_ND_FRAME. */
uint32_t l3_nd_advert(uint8_t *frame, const uint8_t mac[6], const uint8_t target[16],
	const uint8_t dst[16], const uint8_t dst_mac[6]);

struct l3_nd_redirect {		   /* all of them borrowed */
	const uint8_t *mac;	   /* ours */
	const uint8_t *source;	   /* our link-local address */
	const uint8_t *target;	   /* the better first hop */
	const uint8_t *target_mac; /* null: not known */
};

/* Writes a redirect (RFC 4861 4.5) about frame to its source, with as much of it as fits
 * into 1280 bytes. out: room bytes, at least 14 + 1280; the Ethernet addresses are the
 * caller's. Frame length. */
uint32_t l3_nd_redirect(uint8_t *out, uint32_t room, const uint8_t *frame,
	const struct pkt_info *info, const struct l3_nd_redirect *redirect);

/* ff02::1, ff02::2 (we are a router), or solicited-node: what a router on the link
 * listens to. */
bool l3_nd_is_our_multicast(const uint8_t dst[16]);

#endif
