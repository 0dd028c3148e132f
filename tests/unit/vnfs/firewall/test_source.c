/* test_source.c: limits of sources against a plain count of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "vnfs/firewall/source.h"

#define SOURCES 5000u
#define FLOWS	20000u
#define MOST	5u
#define SECOND	1000000000ull

static void
address(uint32_t n, uint8_t addr[16])
{
	memset(addr, 0, 16);
	memcpy(addr, &n, sizeof(n));
}

static void
test_source_counts_as_a_plain_count_does(void **state)
{
	struct sources *sources = sources_create(FLOWS, 7);
	static unsigned count[SOURCES];
	struct source_limits limits;
	uint8_t addr[16];

	(void)state;
	source_limits_of(&limits, MOST, 0);
	srandom(3);
	for (unsigned step = 0; step < 400000; step++) {
		const uint32_t n = (uint32_t)random() % SOURCES;

		address(n, addr);
		if (random() % 2 == 0) {
			const enum source_verdict verdict =
				source_take(sources, 4, addr, &limits, step);

			assert_int_equal(verdict,
				count[n] < MOST ? SOURCE_COUNTED : SOURCE_TOO_MANY);
			count[n] += verdict == SOURCE_COUNTED;
		} else if (count[n] > 0) {
			source_give(sources, 4, addr);
			count[n]--;
		}
	}
	sources_destroy(sources);
}

static void
test_source_rate_is_that_of_the_clock(void **state)
{
	struct sources *sources = sources_create(64, 7);
	struct source_limits limits;
	uint8_t addr[16];
	unsigned begun = 0;

	(void)state;
	source_limits_of(&limits, 0, 100);
	address(1, addr);
	for (unsigned ms = 1000; ms < 11000; ms++) { /* three tries a millisecond */
		for (unsigned i = 0; i < 3; i++) {
			if (source_take(sources, 4, addr, &limits, ms * 1000000ull) ==
				SOURCE_COUNTED) {
				source_give(sources, 4, addr);
				begun++;
			}
		}
	}
	assert_in_range(begun, 10 * 100 + 99, 10 * 100 + 101); /* and the first burst */
	sources_destroy(sources);
}

static void
test_source_without_a_place_is_not_limited(void **state)
{
	struct sources *sources = sources_create(1000, 7);
	struct source_limits limits;
	unsigned counted = 0, not_counted = 0;
	uint8_t addr[16];

	(void)state;
	source_limits_of(&limits, 1, 0);
	for (uint32_t n = 0; n < 100000; n++) {
		enum source_verdict verdict;

		address(n, addr);
		verdict = source_take(sources, 4, addr, &limits, SECOND);
		assert_true(verdict == SOURCE_COUNTED || verdict == SOURCE_NOT_COUNTED);
		counted += verdict == SOURCE_COUNTED;
		not_counted += verdict == SOURCE_NOT_COUNTED;
	}
	assert_in_range(counted, 1900, 2048); /* the places that there are */
	assert_int_equal(counted + not_counted, 100000);
	sources_destroy(sources);
}

/* Sources that have ended all their flows leave their places to others. */
static void
test_source_places_are_used_again(void **state)
{
	struct sources *sources = sources_create(1000, 7);
	struct source_limits limits;
	uint8_t addr[16];

	(void)state;
	source_limits_of(&limits, 1, 10);
	for (uint32_t n = 0; n < 100000; n++) {
		address(n, addr);
		assert_int_equal(
			source_take(sources, 4, addr, &limits, SECOND), SOURCE_COUNTED);
		source_give(sources, 4, addr);
	}
	sources_destroy(sources);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{.name = "flows of each source are counted as a plain count does [FW-9]",
			.test_func = test_source_counts_as_a_plain_count_does},
		{.name = "a source begins flows at its rate [FW-9]",
			.test_func = test_source_rate_is_that_of_the_clock},
		{.name = "a hundred thousand sources take no more room than there is [FW-9]",
			.test_func = test_source_without_a_place_is_not_limited},
		{.name = "places of sources that have ended are used again [FW-9]",
			.test_func = test_source_places_are_used_again},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
