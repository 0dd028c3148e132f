/* random.h: numbers that are the same for the same seed. */
#ifndef TESTS_MALFORMED_RANDOM_H
#define TESTS_MALFORMED_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline struct random
random_of(uint64_t seed)
{
	return (struct random){seed * 0x9e3779b97f4a7c15ull + 0x2545f4914f6cdd1dull};
}

static inline uint32_t
random32(struct random *random)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 7;
	random->state ^= random->state << 17;
	return (uint32_t)(random->state >> 24);
}

/* 0 to n - 1; n > 0. */
static inline uint32_t
random_below(struct random *random, uint32_t n)
{
	return random32(random) % n;
}

/* Once in n times. */
static inline bool
random_one_in(struct random *random, uint32_t n)
{
	return random32(random) % n == 0;
}

#endif
