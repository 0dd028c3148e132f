/* option.c: see option.h. */
#include "vnfs/firewall/option.h"

#include "dataplane/pkt/hdr.h"

enum { /* RFC 791 3.1 */
	END = 0,
	NOP = 1,
	RECORD_ROUTE = 7,
	TIMESTAMP = 68,
	LOOSE_ROUTE = 131,
	STRICT_ROUTE = 137,
};

static enum option_verdict
of_type(uint8_t type, const struct fw_ip_options *policy)
{
	int action = policy->other;

	if (type == LOOSE_ROUTE || type == STRICT_ROUTE)
		return policy->source_route == FW_DROP ? OPTION_SOURCE_ROUTE
						       : OPTION_PASS;
	if (type == RECORD_ROUTE)
		action = policy->record_route;
	else if (type == TIMESTAMP)
		action = policy->timestamp;
	return action == FW_DROP ? OPTION_REFUSED : OPTION_PASS;
}

enum option_verdict
option_look(const uint8_t *frame, const struct pkt_info *packet,
	const struct fw_ip_options *policy)
{
	const uint32_t end = packet->l3 + (frame[packet->l3] & 0x0fu) * 4;

	for (uint32_t at = packet->l3 + PKT_IP4_LEN; at < end && frame[at] != END;) {
		enum option_verdict verdict;

		if (frame[at] == NOP) {
			at++;
			continue;
		}
		if (at + 1 >= end || frame[at + 1] < 2 || at + frame[at + 1] > end)
			return OPTION_REFUSED;
		verdict = of_type(frame[at], policy);
		if (verdict != OPTION_PASS)
			return verdict;
		at += frame[at + 1];
	}
	return OPTION_PASS;
}
