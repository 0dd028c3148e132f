/* police.c: a rate as costs in time; see police.h. */
#include "vnfs/firewall/police.h"

#define SECOND_NS  1000000000ull
#define FRAME_MOST 1514 /* bytes: a burst lets one such frame pass */

void
police_init(struct police *police, const struct fw_police *config)
{
	const uint64_t unit_ns = SECOND_NS * (config->bits > 0 ? 8 : 1);
	const uint64_t rate = config->bits > 0 ? config->bits : config->packets;
	const uint64_t least = config->bits > 0 ? FRAME_MOST : 1;
	uint64_t burst = config->burst;

	if (burst == 0)
		burst = rate * SECOND_NS / unit_ns / 10;
	if (burst < least)
		burst = least;
	police->bytes = config->bits > 0;
	police->cost = (unit_ns << 16) / rate;
	police->burst_ns = (uint64_t)((unsigned __int128)police->cost * burst >> 16);
}
