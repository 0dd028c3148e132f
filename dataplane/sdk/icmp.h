/* icmp.h: ICMP and ICMPv6 errors, when they may be sent and what they hold, and echo
 * replies. Pure; time is an argument. Sources: RFC 792, RFC 1191, RFC 1812 4.3.2 and 5.2,
 * RFC 4443.
 */
#ifndef DATAPLANE_SDK_ICMP_H
#define DATAPLANE_SDK_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/field.h"
#include "dataplane/pkt/parse.h"

enum icmp_error {	 /* IPv4	IPv6 */
	ICMP_NO_ROUTE,	 /* 3/0		1/0 */
	ICMP_HOST,	 /* 3/1		1/3: the next hop does not answer */
	ICMP_TOO_BIG,	 /* 3/4		2/0: with the MTU */
	ICMP_PROHIBITED, /* 3/13	1/1 */
	ICMP_TTL,	 /* 11/0	3/0 */
	ICMP_PROTO,	 /* 3/2		4/1: nobody here speaks that protocol */
	ICMP_PORT,	 /* 3/3		1/4 */
	ICMP_REDIRECT,	 /* 5/1		-: for a host; IPv6: l3_nd_redirect() */
	ICMP_PARAMETER,	 /* 12/0		-: IPv4 options that do not hold together */
	ICMP_ERRORS
};

#define ICMP_QUOTE4 576	 /* bytes of the whole IPv4 packet (RFC 1812 4.3.2.3) */
#define ICMP_QUOTE6 1280 /* and of the IPv6 one (RFC 4443 2.4 c) */

/* Whether an error may answer this packet (RFC 1812 4.3.2.7, RFC 4443 2.4 e): not for
 * ICMP errors, ND and redirects, multicast and broadcast (IP or link layer; ICMP_TOO_BIG
 * of IPv6 may), later fragments, and sources that are not one host. */
bool icmp_error_allowed(
	const uint8_t *frame, const struct pkt_info *info, enum icmp_error kind);

/* Writes an error about frame into out (room bytes, at least 14 + 1280): Ethernet header
 * without its addresses, IP from src, ICMP, as much of the packet as fits. rest, in
 * host order: of ICMP_TOO_BIG the MTU, of ICMP_REDIRECT the gateway, of ICMP_PARAMETER
 * the offset in the packet; else 0. Frame length. */
uint32_t icmp_error_build(uint8_t *out, uint32_t room, const uint8_t *frame,
	const struct pkt_info *info, enum icmp_error kind, uint32_t rest,
	const uint8_t src[16]);

/* Whether info is an echo request, and a whole one. */
bool icmp_is_echo_request(const struct pkt_info *info);
/* Makes the request its own reply: from the address that was asked, with a fresh TTL. The
 * Ethernet header is the caller's; info is brought up to date. */
void icmp_echo_reply(uint8_t *frame, struct pkt_info *info);

/* ---- rate limit: token buckets, per destination and in total (RFC 1812 4.3.2.8, RFC
 * 4443 2.4 f) ---- */

struct icmp_rate {		  /* per second */
	uint32_t per_destination; /* also its burst */
	uint32_t total;
};

extern const struct field icmp_rate_fields[];

/* Row for the field table of `config_type`, whose member `m` is a struct icmp_rate. */
#define ICMP_RATE_FIELD(config_type, m)                                                  \
	{                                                                                \
		.name = "icmp-rate", .type = FIELD_STRUCT,                               \
		.offset = offsetof(config_type, m), .size = sizeof(struct icmp_rate),    \
		.sub = icmp_rate_fields,                                                 \
		.help = "limit of the ICMP errors that are sent"                         \
	}

#define ICMP_BUCKETS 256

struct icmp_bucket {
	uint64_t time_ns; /* when it was looked at */
	uint64_t credit;  /* in 2^-32 packets */
};

struct icmp_limit {
	struct icmp_rate rate;
	struct icmp_bucket total;
	struct icmp_bucket buckets[ICMP_BUCKETS]; /* by hash: strangers may share one */
	uint64_t seed;
};

/* Full buckets. */
void icmp_limit_init(
	struct icmp_limit *limit, const struct icmp_rate *rate, uint64_t seed);
/* Takes a token for an error to dst. False: none is left. */
bool icmp_limit_take(struct icmp_limit *limit, const uint8_t dst[16], uint64_t now_ns);

#endif
