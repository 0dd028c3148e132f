/* usual.h: what most packets are, read with a few loads each: whole IPv4 packets of TCP
 * or UDP, without tags, options or faults. They are judged as all others are and in their
 * places, but nothing is written down of them that their verdict does not need. For
 * judge.c. Worker.
 */
#ifndef VNFS_FIREWALL_USUAL_H
#define VNFS_FIREWALL_USUAL_H

#include <string.h>
#include <rte_branch_prediction.h>
#include "dataplane/pkt/parse_usual.h"
#include "dataplane/sdk/session.h"
#include "vnfs/firewall/match.h"
#include "vnfs/firewall/tcp.h"

enum usual {
	USUAL_NOT, /* another packet, or one that no stack sends */
	USUAL_UDP,
	USUAL_TCP,
	USUAL_SEGMENT, /* TCP with ACK and neither SYN, FIN nor RST */
};

#define USUAL_SRC   (PKT_USUAL_L3 + 12)
#define USUAL_DST   (PKT_USUAL_L3 + 16)
#define USUAL_FLAGS (PKT_USUAL_L4 + 13)

#define USUAL_EVENT (PKT_TCP_SYN | PKT_TCP_FIN | PKT_TCP_RST | PKT_TCP_ACK)

static inline uint32_t
usual_be32(const uint8_t *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return __builtin_bswap32(word);
}

static inline enum usual
usual_look(const uint8_t *frame, uint32_t len)
{
	if (unlikely(!pkt_is_usual(frame, len) ||
		     usual_be32(frame + USUAL_SRC) == usual_be32(frame + USUAL_DST)))
		return USUAL_NOT;
	if (frame[PKT_USUAL_L3 + 9] == PKT_PROTO_UDP)
		return USUAL_UDP;
	if (likely((frame[USUAL_FLAGS] & USUAL_EVENT) == PKT_TCP_ACK))
		return USUAL_SEGMENT;
	return tcp_event(frame[USUAL_FLAGS]) != TCP_BAD ? USUAL_TCP : USUAL_NOT;
}

static inline const struct pkt_tcp *
usual_tcp(const uint8_t *frame)
{
	return (const struct pkt_tcp *)(frame + PKT_USUAL_L4);
}

/* Bytes of data of a TCP segment. */
static inline uint32_t
usual_tcp_len(const uint8_t *frame)
{
	return pkt_be16(frame + PKT_USUAL_L3 + 2) - PKT_IP4_LEN -
	       (uint32_t)(frame[PKT_USUAL_L4 + 12] >> 4) * 4;
}

static inline void
put_word(uint8_t *to, uint64_t word)
{
	memcpy(to, &word, sizeof(word));
}

/* The key of its flow, as conntrack_key() makes it; true: the sender is key.dst. */
static inline bool
usual_key(const uint8_t *frame, struct session_key6 *key)
{
	const uint64_t from = (uint64_t)usual_be32(frame + USUAL_SRC) << 16 |
			      pkt_be16(frame + PKT_USUAL_L4),
		       to = (uint64_t)usual_be32(frame + USUAL_DST) << 16 |
			    pkt_be16(frame + PKT_USUAL_L4 + 2);
	const bool swapped = from > to;
	const uint64_t low = swapped ? to : from, high = swapped ? from : to;
	uint8_t *at = (uint8_t *)key;

	_Static_assert(offsetof(struct session_key6, sport) == 32 &&
			       offsetof(struct session_key6, proto) == 38 &&
			       offsetof(struct session_key6, kind) == 39,
		"the last word of a key");
	put_word(at, __builtin_bswap32((uint32_t)(low >> 16)));
	put_word(at + 8, 0);
	put_word(at + 16, __builtin_bswap32((uint32_t)(high >> 16)));
	put_word(at + 24, 0);
	put_word(at + 32, (low & 0xffff) | (high & 0xffff) << 16 |
				  (uint64_t)frame[PKT_USUAL_L3 + 9] << 48 | 4ull << 56);
	return swapped;
}

/* What the rules see of it, as match_key() has it. */
static inline void
usual_match_key(struct match_key *key, const uint8_t *frame, unsigned cp, unsigned uses)
{
	uint64_t address = 0;

	key->proto = frame[PKT_USUAL_L3 + 9];
	key->family = 4;
	memcpy(&address, frame + USUAL_SRC, 4);
	memcpy(key->src, &address, 8);
	memset(key->src + 8, 0, 8);
	memcpy(&address, frame + USUAL_DST, 4);
	memcpy(key->dst, &address, 8);
	memset(key->dst + 8, 0, 8);
	memcpy(&key->sport, frame + PKT_USUAL_L4, 4); /* and dport */
	if (uses == 0)
		return;
	key->cp = (uint8_t)cp;
	key->tcp_flags = key->proto == PKT_PROTO_TCP ? frame[USUAL_FLAGS] : 0;
	key->dscp = frame[PKT_USUAL_L3 + 1] >> 2;
	key->bits = 0;
	if ((uses & (MATCH_USES_SIZE | MATCH_USES_MAC)) == 0)
		return;
	key->vlan = 0;
	memcpy(&key->length, frame + PKT_USUAL_L3 + 2, 2);
	memcpy(key->dst_mac, frame, sizeof(key->dst_mac));
	memcpy(key->src_mac, frame + sizeof(key->dst_mac), sizeof(key->src_mac));
}

#endif
