/* frame.c: see frame.h. */
#include "bench/lib/frame.h"
#include <arpa/inet.h>
#include <endian.h>
#include <string.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

#define LEN  60
#define LEN6 78 /* the smallest that holds TCP, and a word more */

static uint8_t *write_ip4(const struct frame *frame, uint8_t *p, uint32_t len);
static uint8_t *write_ip6(const struct frame *frame, uint8_t *p, uint32_t len);
static void write_l4(const struct frame *frame, uint8_t *p, uint32_t len);

void
frame_write(const struct frame *frame, struct rte_mbuf *pkt)
{
	uint8_t *p = rte_pktmbuf_mtod(pkt, uint8_t *);
	const uint32_t len = frame->family == 6 ? LEN6 : LEN;
	struct pkt_info info;

	memset(p, 0, len);
	*(struct pkt_eth *)p =
		(struct pkt_eth){{2, 0, 0, 0, 0xff, frame->to_cp}, {2, 0, 0, 0, 0, 1},
			htons(frame->family == 4 ? PKT_ETH_IPV4 : PKT_ETH_IPV6)};
	uint8_t *l4 = frame->family == 4
			      ? write_ip4(frame, p + PKT_ETH_LEN, len - PKT_ETH_LEN)
			      : write_ip6(frame, p + PKT_ETH_LEN, len - PKT_ETH_LEN);

	write_l4(frame, l4, (uint32_t)(p + len - l4));
	pkt->data_len = (uint16_t)len;
	pkt->pkt_len = len;
	if (pkt_parse(p, len, &info) == PKT_OK)
		csum_l4_set(p, &info);
}

static uint8_t *
write_ip4(const struct frame *frame, uint8_t *p, uint32_t len)
{
	*(struct pkt_ip4 *)p = (struct pkt_ip4){.ver_ihl = 0x45,
		.total_len = htons((uint16_t)len),
		.ttl = 64,
		.proto = frame->proto,
		.src = htonl((uint32_t)frame->src[0]),
		.dst = htonl((uint32_t)frame->dst[0])};
	csum_ip4_set(p);
	return p + PKT_IP4_LEN;
}

static uint8_t *
write_ip6(const struct frame *frame, uint8_t *p, uint32_t len)
{
	struct pkt_ip6 ip = {.vtc_flow = htonl(6u << 28),
		.payload_len = htons((uint16_t)(len - PKT_IP6_LEN)),
		.next = frame->proto,
		.hop_limit = 64};
	const uint64_t words[4] = {htobe64(frame->src[0]), htobe64(frame->src[1]),
		htobe64(frame->dst[0]), htobe64(frame->dst[1])};

	memcpy(p, &ip, sizeof(ip));
	memcpy(p + 8, words, sizeof(words));
	return p + PKT_IP6_LEN;
}

_Static_assert(LEN - PKT_ETH_LEN - PKT_IP4_LEN - PKT_TCP_LEN == FRAME_TCP_DATA,
	"what is behind the headers");

static void
write_l4(const struct frame *frame, uint8_t *p, uint32_t len)
{
	const uint32_t seq = (frame->tcp_flags & PKT_TCP_SYN) != 0 ? 1 : 2,
		       ack = (frame->tcp_flags & PKT_TCP_ACK) != 0 ? 2 : 0;

	if (frame->proto == PKT_PROTO_TCP)
		*(struct pkt_tcp *)p = (struct pkt_tcp){.sport = htons(frame->sport),
			.dport = htons(frame->dport),
			.seq = htonl(frame->seq != 0 ? frame->seq : seq),
			.ack = htonl(frame->ack != 0 ? frame->ack : ack),
			.off = 5 << 4,
			.flags = frame->tcp_flags,
			.window = htons(65535)};
	else
		*(struct pkt_udp *)p = (struct pkt_udp){.sport = htons(frame->sport),
			.dport = htons(frame->dport),
			.len = htons((uint16_t)len)};
}
