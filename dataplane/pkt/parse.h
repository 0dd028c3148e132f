/* parse.h: one walk over a frame's headers, every length checked (RFC 1812 5.2.2, RFC
 * 8200 4).
 *
 * The result holds offsets from the first byte of the frame and the flow's 5-tuple.
 * Ethernet padding is not payload: lengths come from the IP header. Pure; any thread.
 */
#ifndef DATAPLANE_PKT_PARSE_H
#define DATAPLANE_PKT_PARSE_H

#include <stdbool.h>
#include <stdint.h>

enum pkt_fault { /* why a frame is malformed */
	PKT_OK = 0,
	PKT_SHORT_ETH, /* no whole Ethernet (or VLAN) header */
	PKT_SHORT_IP,  /* IP header cut short */
	PKT_BAD_VERSION,
	PKT_BAD_IHL,
	PKT_BAD_LENGTH, /* total or payload length beyond the frame, or below the headers
			 */
	PKT_BAD_IP_CSUM,
	PKT_BAD_EXT,  /* IPv6 extension headers: truncated, more than 8 or longer than 256
			 bytes */
	PKT_SHORT_L4, /* TCP/UDP/ICMP/SCTP header cut short */
	PKT_BAD_UDP_LENGTH, /* below 8, or beyond the packet */
	PKT_BAD_TCP_OFFSET, /* below 20 bytes, or beyond the packet */
	PKT_FAULTS
};

struct pkt_info {
	uint16_t eth_type; /* host order, behind any VLAN tags */
	uint16_t l3;	   /* offset of the IP (or ARP, ...) header */
	uint16_t l4; /* offset of the L4 header; of the payload if a non-first fragment */
	uint16_t end;	   /* offset behind the last byte that belongs to the IP packet */
	uint8_t family;	   /* 4, 6; 0: not IP */
	uint8_t proto;	   /* behind IPv6 extension headers */
	uint8_t n_vlans;   /* 0 to 2 */
	uint8_t ttl;	   /* or hop limit */
	bool fragment;	   /* any fragment (an IPv6 atomic fragment is none) */
	bool first;	   /* not a fragment, or the first one: the L4 header is here */
	bool more;	   /* fragments follow this one */
	bool ip_options;   /* IPv4 options present */
	bool routing0;	   /* IPv6 type 0 routing header (RFC 5095) */
	uint8_t tcp_flags; /* 0 if not TCP */
	uint8_t icmp_type, icmp_code;
	uint16_t frag_off;  /* bytes */
	uint16_t frag_data; /* of a fragment: offset of what it carries of the packet (in
			       IPv6 before any further extension headers) */
	uint32_t frag_id;
	uint32_t flow_label;   /* IPv6 */
	uint16_t sport, dport; /* host order; 0 where there is none. ICMP queries (echo,
				* timestamp, information, mask): both the identifier */
	uint8_t src[16],
		dst[16]; /* network order; IPv4 in the first four bytes, the rest 0 */
};

/* Parses len contiguous bytes of an Ethernet frame. Non-IP frames are PKT_OK with family
 * 0. On a fault the members found so far are set. L4 checksums are not looked at. */
enum pkt_fault pkt_parse(const uint8_t *frame, uint32_t len, struct pkt_info *info);

/* The same from an IP header on (as embedded in ICMP errors): the packet may be cut short
 * behind the first eight bytes of L4, total length and checksum are not held against len.
 * Offsets count from ip. */
enum pkt_fault pkt_parse_embedded(
	const uint8_t *ip, uint32_t len, uint8_t family, struct pkt_info *info);

/* "short-eth", ...: for counters and logs. */
const char *pkt_fault_name(enum pkt_fault fault);

#endif
