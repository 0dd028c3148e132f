/* dice.c: xorshift64*; see dice.h. */
#include "vnfs/nat/dice.h"

static uint32_t
draw(struct dice *dice)
{
	uint64_t x = dice->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	dice->state = x;
	return (uint32_t)(x * 0x2545f4914f6cdd1dull >> 32);
}

void
dice_init(struct dice *dice, uint64_t seed)
{
	*dice = (struct dice){.state = seed | 1};
	for (unsigned i = 0; i < DICE_AHEAD; i++)
		dice->ahead[i] = draw(dice);
}

uint32_t
dice_next(struct dice *dice)
{
	uint32_t *next = &dice->ahead[dice->n++ % DICE_AHEAD];
	const uint32_t random = *next;

	*next = draw(dice);
	return random;
}
