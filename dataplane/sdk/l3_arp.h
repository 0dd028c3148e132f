/* l3_arp.h: ARP messages (RFC 826) read and written. Pure. */
#ifndef DATAPLANE_SDK_L3_ARP_H
#define DATAPLANE_SDK_L3_ARP_H

#include <stdbool.h>
#include <stdint.h>
#include "dataplane/pkt/parse.h"

struct l3_arp {
	bool request; /* else a reply */
	uint8_t sender_mac[6], sender_ip[16], target_ip[16];
};

#define L3_ARP_FRAME 42 /* bytes of a whole frame */

/* False: not a well-formed ARP message for IPv4 over Ethernet from a unicast MAC. */
bool l3_arp_read(const uint8_t *frame, const struct pkt_info *info, struct l3_arp *arp);
/* Writes the frame that asks for target: to dst_mac (null: broadcast). L3_ARP_FRAME. */
uint32_t l3_arp_request(uint8_t *frame, const uint8_t mac[6], const uint8_t source[16],
	const uint8_t target[16], const uint8_t *dst_mac);
/* Writes the frame that answers a request that was read: target_ip is at mac. */
uint32_t l3_arp_reply(uint8_t *frame, const struct l3_arp *request, const uint8_t mac[6]);

#endif
