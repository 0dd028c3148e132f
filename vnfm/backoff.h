/* backoff.h: how soon what died is started again, and when to give up. Pure; times in ms.
 */
#ifndef VNFM_BACKOFF_H
#define VNFM_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#define BACKOFF_DEATHS 5 /* so many within the window are a crash loop */

struct backoff {
	unsigned streak; /* deaths since it was last well for a whole window */
	uint64_t deaths_ms[BACKOFF_DEATHS];
};

/* Notes a death. since_ms: when it became well, 0: never. One that was well for a whole
 * window starts over; with a window of 0 everyone who was ever well does. Returns the
 * wait before the next start: 0, 100, 200, 400 ... 5,000. */
uint64_t backoff_died(
	struct backoff *backoff, uint64_t window_ms, uint64_t since_ms, uint64_t now_ms);
/* After a death was noted: is this a crash loop? */
bool backoff_is_loop(const struct backoff *backoff, uint64_t window_ms, uint64_t now_ms);

#endif
