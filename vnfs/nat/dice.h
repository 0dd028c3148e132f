/* dice.h: random numbers of a NAT, drawn ahead, so that what they will choose can be
 * fetched before. Hard to guess from outside is enough (RFC 6056). Worker only.
 */
#ifndef VNFS_NAT_DICE_H
#define VNFS_NAT_DICE_H

#include <stdint.h>

#define DICE_AHEAD 32 /* power of two */

struct dice {
	uint64_t state;
	uint32_t ahead[DICE_AHEAD];
	uint32_t n; /* given so far */
};

void dice_init(struct dice *dice, uint64_t seed);
uint32_t dice_next(struct dice *dice);
/* What dice_next() gives after i others; i < DICE_AHEAD. */
static inline uint32_t
dice_later(const struct dice *dice, uint32_t i)
{
	return dice->ahead[(dice->n + i) % DICE_AHEAD];
}

#endif
