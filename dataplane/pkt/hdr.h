/* hdr.h: header layouts and numbers, as on the wire. Members are big-endian where wider
 * than a byte. */
#ifndef DATAPLANE_PKT_HDR_H
#define DATAPLANE_PKT_HDR_H

#include <stdint.h>

#define PKT_ETH_IPV4 0x0800
#define PKT_ETH_ARP  0x0806
#define PKT_ETH_VLAN 0x8100
#define PKT_ETH_QINQ 0x88a8
#define PKT_ETH_IPV6 0x86dd

#define PKT_PROTO_HOPOPTS 0
#define PKT_PROTO_ICMP	  1
#define PKT_PROTO_TCP	  6
#define PKT_PROTO_UDP	  17
#define PKT_PROTO_ROUTING 43
#define PKT_PROTO_FRAG	  44
#define PKT_PROTO_GRE	  47
#define PKT_PROTO_ESP	  50
#define PKT_PROTO_AH	  51
#define PKT_PROTO_ICMPV6  58
#define PKT_PROTO_NONE	  59
#define PKT_PROTO_DSTOPTS 60
#define PKT_PROTO_SCTP	  132

#define PKT_TCP_FIN 0x01
#define PKT_TCP_SYN 0x02
#define PKT_TCP_RST 0x04
#define PKT_TCP_PSH 0x08
#define PKT_TCP_ACK 0x10
#define PKT_TCP_URG 0x20
#define PKT_TCP_CWR 0x80

#define PKT_IP4_DF   0x4000 /* in host order of frag_off */
#define PKT_IP4_MF   0x2000
#define PKT_IP4_FRAG 0x1fff

#define PKT_ETH_LEN  14
#define PKT_IP4_LEN  20
#define PKT_IP6_LEN  40
#define PKT_UDP_LEN  8
#define PKT_TCP_LEN  20
#define PKT_ICMP_LEN 8
#define PKT_ARP_LEN  28

struct pkt_eth {
	uint8_t dst[6];
	uint8_t src[6];
	uint16_t type;
} __attribute__((packed));

struct pkt_vlan {
	uint16_t tci;
	uint16_t type;
} __attribute__((packed));

struct pkt_arp { /* RFC 826, Ethernet and IPv4 */
	uint16_t hw_type;
	uint16_t proto_type;
	uint8_t hw_len;
	uint8_t proto_len;
	uint16_t op; /* 1 request, 2 reply */
	uint8_t sender_mac[6];
	uint32_t sender_ip;
	uint8_t target_mac[6];
	uint32_t target_ip;
} __attribute__((packed));

struct pkt_ip4 { /* RFC 791 */
	uint8_t ver_ihl;
	uint8_t tos;
	uint16_t total_len;
	uint16_t id;
	uint16_t frag_off;
	uint8_t ttl;
	uint8_t proto;
	uint16_t csum;
	uint32_t src;
	uint32_t dst;
} __attribute__((packed));

struct pkt_ip6 { /* RFC 8200 */
	uint32_t vtc_flow;
	uint16_t payload_len;
	uint8_t next;
	uint8_t hop_limit;
	uint8_t src[16];
	uint8_t dst[16];
} __attribute__((packed));

struct pkt_ip6_frag {
	uint8_t next;
	uint8_t reserved;
	uint16_t off_flags; /* offset in 8-byte units << 3, M in bit 0 */
	uint32_t id;
} __attribute__((packed));

struct pkt_tcp { /* RFC 9293 */
	uint16_t sport;
	uint16_t dport;
	uint32_t seq;
	uint32_t ack;
	uint8_t off; /* data offset in the upper four bits */
	uint8_t flags;
	uint16_t window;
	uint16_t csum;
	uint16_t urgent;
} __attribute__((packed));

struct pkt_udp { /* RFC 768 */
	uint16_t sport;
	uint16_t dport;
	uint16_t len;
	uint16_t csum;
} __attribute__((packed));

struct pkt_icmp { /* RFC 792, RFC 4443: same first eight bytes */
	uint8_t type;
	uint8_t code;
	uint16_t csum;
	union {
		struct {
			uint16_t id;
			uint16_t seq;
		} echo;
		struct {
			uint16_t unused;
			uint16_t mtu;
		} frag_needed;
		uint32_t rest;
	};
} __attribute__((packed));

#endif
