/* police.h: the rate of a rule: so many packets, or bits, a second, with a burst.
 *
 * It is kept as a time (the generic cell rate algorithm): each packet moves it on by what
 * the packet costs at that rate, and one that would move it further ahead of the clock
 * than the burst lasts is beyond the rate, and moves nothing. The time is the account's,
 * so a rate goes on when rules are replaced. Worker, but for police_init().
 */
#ifndef VNFS_FIREWALL_POLICE_H
#define VNFS_FIREWALL_POLICE_H

#include <stdbool.h>
#include <stdint.h>
#include "vnfs/firewall/config.h"

struct police {
	uint64_t cost;	   /* ns of a packet, or of a byte, times 2^16; 0: no rate */
	uint64_t burst_ns; /* how far the time may be ahead */
	bool bytes;
};

void police_init(struct police *police, const struct fw_police *config);

/* Whether a packet of so many bytes is within the rate, of which it then takes its part.
 */
static inline bool
police_take(
	const struct police *police, uint64_t *time_ns, uint32_t bytes, uint64_t now_ns)
{
	const uint64_t from = *time_ns > now_ns ? *time_ns : now_ns;
	const uint64_t cost = police->cost * (police->bytes ? bytes : 1) >> 16;

	if (from + cost - now_ns > police->burst_ns)
		return false;
	*time_ns = from + cost;
	return true;
}

#endif
