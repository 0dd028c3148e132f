/* l3_arp.c: ARP messages; see l3_arp.h. */
#include "dataplane/sdk/l3_arp.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"

#define ETHERNET 1
#define REQUEST	 1
#define REPLY	 2

_Static_assert(L3_ARP_FRAME == PKT_ETH_LEN + PKT_ARP_LEN, "Ethernet and ARP");

static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static struct pkt_arp *write_head(
	uint8_t *frame, const uint8_t *dst, const uint8_t *src, uint16_t op);

bool
l3_arp_read(const uint8_t *frame, const struct pkt_info *info, struct l3_arp *arp)
{
	static const uint8_t none[6];
	const struct pkt_arp *p = (const struct pkt_arp *)(frame + info->l3);

	if (info->end - info->l3 < PKT_ARP_LEN || p->hw_type != htons(ETHERNET) ||
		p->proto_type != htons(PKT_ETH_IPV4) || p->hw_len != 6 ||
		p->proto_len != 4)
		return false;
	if (p->op != htons(REQUEST) && p->op != htons(REPLY))
		return false;
	if ((p->sender_mac[0] & 1) || memcmp(p->sender_mac, none, 6) == 0)
		return false;
	*arp = (struct l3_arp){.request = p->op == htons(REQUEST)};
	memcpy(arp->sender_mac, p->sender_mac, 6);
	memcpy(arp->sender_ip, &p->sender_ip, 4);
	memcpy(arp->target_ip, &p->target_ip, 4);
	return true;
}

uint32_t
l3_arp_request(uint8_t *frame, const uint8_t mac[6], const uint8_t source[16],
	const uint8_t target[16], const uint8_t *dst_mac)
{
	struct pkt_arp *arp =
		write_head(frame, dst_mac != NULL ? dst_mac : broadcast, mac, REQUEST);

	memcpy(arp->sender_mac, mac, 6);
	memcpy(&arp->sender_ip, source, 4);
	memset(arp->target_mac, 0, 6);
	memcpy(&arp->target_ip, target, 4);
	return L3_ARP_FRAME;
}

uint32_t
l3_arp_reply(uint8_t *frame, const struct l3_arp *request, const uint8_t mac[6])
{
	struct pkt_arp *arp = write_head(frame, request->sender_mac, mac, REPLY);

	memcpy(arp->sender_mac, mac, 6);
	memcpy(&arp->sender_ip, request->target_ip, 4);
	memcpy(arp->target_mac, request->sender_mac, 6);
	memcpy(&arp->target_ip, request->sender_ip, 4);
	return L3_ARP_FRAME;
}

static struct pkt_arp *
write_head(uint8_t *frame, const uint8_t *dst, const uint8_t *src, uint16_t op)
{
	struct pkt_eth *eth = (struct pkt_eth *)frame;
	struct pkt_arp *arp = (struct pkt_arp *)(eth + 1);

	memcpy(eth->dst, dst, 6);
	memcpy(eth->src, src, 6);
	eth->type = htons(PKT_ETH_ARP);
	arp->hw_type = htons(ETHERNET);
	arp->proto_type = htons(PKT_ETH_IPV4);
	arp->hw_len = 6;
	arp->proto_len = 4;
	arp->op = htons(op);
	return arp;
}
