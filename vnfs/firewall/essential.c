/* essential.c: see essential.h. */
#include "vnfs/firewall/essential.h"

#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/conntrack.h"

#define TOO_BIG		  2
#define PARAMETER_PROBLEM 4

bool
essential_neighbour_discovery(const struct pkt_info *packet)
{
	if (packet->family != 6 || packet->proto != PKT_PROTO_ICMPV6)
		return false;
	if (packet->icmp_type >= 133 && packet->icmp_type <= 136)
		return packet->ttl == 255 && packet->icmp_code == 0;
	if ((packet->icmp_type >= 130 && packet->icmp_type <= 132) ||
		packet->icmp_type == 143)
		return packet->ttl == 1;
	return false;
}

bool
essential_error(const uint8_t *frame, const struct pkt_info *packet)
{
	struct session_key6 key;
	struct track track;

	if (packet->family != 6 || packet->proto != PKT_PROTO_ICMPV6)
		return false;
	if (packet->icmp_type != TOO_BIG &&
		(packet->icmp_type != PARAMETER_PROBLEM || packet->icmp_code < 1 ||
			packet->icmp_code > 2))
		return false;
	conntrack_key(frame, packet, &track, &key);
	return track.kind == TRACK_ERROR;
}
