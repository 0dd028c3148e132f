/* packet_text.h: a packet as a person says it, for the question what would become of it.
 *
 *	tcp 10.0.0.5:1234 > 198.51.100.10:80
 *	udp [2001:db8::1]:53 > [2001:db8::2]:53 from left vlan 100 dscp 46
 *	icmp 10.0.0.5 > 198.51.100.10 type 3 code 4
 *
 * A protocol by name or number, the addresses, with ports where it has them; then, in any
 * order: from left|right, flags [FSRPAU], type N, code N, dscp N, vlan N, length N,
 * src-mac MAC, dst-mac MAC, fragment, ip-options. Unsaid: a SYN, an echo request, the
 * length of the headers, 0.
 */
#ifndef VNFS_FIREWALL_PACKET_TEXT_H
#define VNFS_FIREWALL_PACKET_TEXT_H

#include <stdbool.h>
#include "vnfs/firewall/match.h"

struct packet_text {
	struct match_key key;
	bool has_from; /* else key.cp is FW_LEFT */
};

/* 0, or ERR_INVALID with the word that cannot be. */
int packet_text_parse(const char *text, struct packet_text *packet, struct err *err);

#endif
