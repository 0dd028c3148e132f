/* random.h: numbers at random, the same ones in each run of a test (xorshift64). */
#ifndef TESTS_LIB_RANDOM_H
#define TESTS_LIB_RANDOM_H

#include <stdint.h>

/* state: not 0. */
static inline uint32_t
random_from(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 16);
}

/* Of one sequence for each test program. One thread. */
static inline uint32_t
random32(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15ull;

	return random_from(&state);
}

/* Below n. */
static inline uint32_t
random_below(uint32_t n)
{
	return random32() % n;
}

#endif
