/* reject.c: answers to rejected packets; see reject.h. */
#include "vnfs/firewall/reject.h"

#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

#define OUR_TTL 64

static bool reset_wanted(const struct pkt_info *packet);
static uint32_t build_reset(
	uint8_t *out, const uint8_t *frame, const struct pkt_info *packet);
static void answer_ethernet(
	uint8_t *out, const uint8_t *frame, const struct pkt_info *packet);

static enum icmp_error
icmp_kind(const struct pkt_info *packet, enum fw_reject with)
{
	if (with == FW_REJECT_USUAL)
		return packet->proto == PKT_PROTO_UDP ? ICMP_PORT : ICMP_PROHIBITED;
	return with == FW_REJECT_PORT ? ICMP_PORT : ICMP_PROHIBITED;
}

static bool
answers_with_reset(const struct pkt_info *packet, enum fw_reject with)
{
	return packet->proto == PKT_PROTO_TCP && with == FW_REJECT_USUAL;
}

void
reject_limit_init(struct reject_limit *limit, const struct icmp_rate *rate, uint64_t seed)
{
	struct icmp_rate total = {.per_destination = rate->total, .total = rate->total};

	icmp_limit_init(&limit->icmp, rate, seed);
	icmp_limit_init(&limit->rst, &total, seed);
}

bool
reject_wanted(const uint8_t *frame, const struct pkt_info *packet, enum fw_reject with,
	struct reject_limit *limit, uint64_t now_ns)
{
	bool reset = answers_with_reset(packet, with);

	if (!icmp_error_allowed(frame, packet, icmp_kind(packet, with)) ||
		(reset && !reset_wanted(packet)))
		return false;
	return icmp_limit_take(reset ? &limit->rst : &limit->icmp, packet->src, now_ns);
}

uint32_t
reject_build(uint8_t *out, const uint8_t *frame, const struct pkt_info *packet,
	enum fw_reject with)
{
	uint32_t ahead = packet->l3 - PKT_ETH_LEN; /* of VLAN tags */
	uint32_t len;

	if (answers_with_reset(packet, with))
		len = build_reset(out, frame, packet);
	else
		len = ahead + icmp_error_build(out + ahead, REJECT_ROOM - ahead, frame,
				      packet, icmp_kind(packet, with), 0, packet->dst);
	answer_ethernet(out, frame, packet);
	return len;
}

/* Not for a RST; and a fragment without ACK does not say how long its segment is. */
static bool
reset_wanted(const struct pkt_info *packet)
{
	if ((packet->tcp_flags & PKT_TCP_RST) != 0)
		return false;
	return !packet->fragment || (packet->tcp_flags & PKT_TCP_ACK) != 0;
}

static struct pkt_tcp reset_to(const uint8_t *frame, const struct pkt_info *packet);

static uint32_t
build_reset(uint8_t *out, const uint8_t *frame, const struct pkt_info *packet)
{
	struct pkt_info answer = *packet;
	uint8_t *ip = out + packet->l3;

	if (packet->family == 4) {
		struct pkt_ip4 ip4 = {.ver_ihl = 0x45,
			.total_len = htons(PKT_IP4_LEN + PKT_TCP_LEN),
			.frag_off = htons(PKT_IP4_DF),
			.ttl = OUR_TTL,
			.proto = PKT_PROTO_TCP};

		memcpy(&ip4.src, packet->dst, sizeof(ip4.src));
		memcpy(&ip4.dst, packet->src, sizeof(ip4.dst));
		memcpy(ip, &ip4, sizeof(ip4));
		csum_ip4_set(ip);
		answer.l4 = packet->l3 + PKT_IP4_LEN;
	} else {
		struct pkt_ip6 ip6 = {.vtc_flow = htonl(6u << 28),
			.payload_len = htons(PKT_TCP_LEN),
			.next = PKT_PROTO_TCP,
			.hop_limit = OUR_TTL};

		memcpy(ip6.src, packet->dst, sizeof(ip6.src));
		memcpy(ip6.dst, packet->src, sizeof(ip6.dst));
		memcpy(ip, &ip6, sizeof(ip6));
		answer.l4 = packet->l3 + PKT_IP6_LEN;
	}
	answer.end = answer.l4 + PKT_TCP_LEN;
	answer.fragment = false;
	memcpy(answer.src, packet->dst, sizeof(answer.src));
	memcpy(answer.dst, packet->src, sizeof(answer.dst));
	*(struct pkt_tcp *)(out + answer.l4) = reset_to(frame, packet);
	csum_l4_set(out, &answer);
	return answer.end;
}

/* RFC 9293 3.5.2: the sequence number that was acknowledged; without one, zero, and an
 * acknowledgement of all that the segment held. */
static struct pkt_tcp
reset_to(const uint8_t *frame, const struct pkt_info *packet)
{
	const struct pkt_tcp *tcp = (const struct pkt_tcp *)(frame + packet->l4);
	uint32_t len = packet->end - packet->l4 - (tcp->off >> 4) * 4;
	struct pkt_tcp reset = {.sport = tcp->dport,
		.dport = tcp->sport,
		.off = PKT_TCP_LEN / 4 << 4,
		.flags = PKT_TCP_RST};

	if ((tcp->flags & PKT_TCP_ACK) != 0) {
		reset.seq = tcp->ack;
		return reset;
	}
	len += (tcp->flags & PKT_TCP_SYN) != 0;
	len += (tcp->flags & PKT_TCP_FIN) != 0;
	reset.flags |= PKT_TCP_ACK;
	reset.ack = htonl(ntohl(tcp->seq) + len);
	return reset;
}

/* The link layer's header of the frame, its addresses exchanged. */
static void
answer_ethernet(uint8_t *out, const uint8_t *frame, const struct pkt_info *packet)
{
	const struct pkt_eth *eth = (const struct pkt_eth *)frame;
	struct pkt_eth *to = (struct pkt_eth *)out;

	memcpy(out, frame, packet->l3);
	memcpy(to->dst, eth->src, sizeof(to->dst));
	memcpy(to->src, eth->dst, sizeof(to->src));
}
