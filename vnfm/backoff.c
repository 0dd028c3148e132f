/* backoff.c: see backoff.h. */
#include "vnfm/backoff.h"

#define FIRST_MS 100
#define MOST_MS	 5000

uint64_t
backoff_died(
	struct backoff *backoff, uint64_t window_ms, uint64_t since_ms, uint64_t now_ms)
{
	if (since_ms != 0 && now_ms - since_ms >= window_ms)
		*backoff = (struct backoff){0};
	backoff->deaths_ms[backoff->streak % BACKOFF_DEATHS] = now_ms;
	unsigned doublings = backoff->streak++;
	if (doublings == 0)
		return 0;
	uint64_t wait_ms =
		doublings < 8 ? (uint64_t)FIRST_MS << (doublings - 1) : MOST_MS;
	return wait_ms < MOST_MS ? wait_ms : MOST_MS;
}

/* The oldest of the last BACKOFF_DEATHS is the one that the next death will overwrite. */
bool
backoff_is_loop(const struct backoff *backoff, uint64_t window_ms, uint64_t now_ms)
{
	if (backoff->streak < BACKOFF_DEATHS)
		return false;
	uint64_t oldest_ms = backoff->deaths_ms[backoff->streak % BACKOFF_DEATHS];
	return now_ms - oldest_ms <= window_ms;
}
