/* Tests of the spread: who owns what, what stays where it is while buckets move, and pins
 * that several processes put in, some of which die meanwhile. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "dataplane/shm/spread.h"

static struct spread *spread; /* shared with children */

static int
setup(void **state)
{
	(void)state;
	spread = mmap(NULL, sizeof(*spread), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return spread == MAP_FAILED;
}

static int
teardown(void **state)
{
	(void)state;
	return munmap(spread, sizeof(*spread));
}

static uint64_t
some_flow(uint64_t i)
{
	return (i + 1) * 0x9e3779b97f4a7c15ull ^ (i << 40);
}

static void
count(unsigned owned[SPREAD_REPLICAS])
{
	memset(owned, 0, SPREAD_REPLICAS * sizeof(*owned));
	for (unsigned i = 0; i < SPREAD_BUCKETS; i++)
		owned[spread_owner(spread->buckets[i])]++;
}

static void
scale(unsigned n)
{
	uint32_t givers;

	spread_move(spread, n, &givers);
	assert_true(spread_settle(spread));
}

static void
test_spread_gives_each_replica_the_same_share(void **state)
{
	unsigned owned[SPREAD_REPLICAS];

	(void)state;
	spread_init(spread, 1, 3);
	count(owned);
	for (unsigned i = 0; i < 3; i++)
		assert_in_range(owned[i], 85, 86);
}

static void
test_spread_adding_one_moves_only_its_share(void **state)
{
	unsigned owned[SPREAD_REPLICAS];
	uint32_t givers;

	(void)state;
	spread_init(spread, 1, 1);
	for (unsigned n = 2; n <= SPREAD_REPLICAS; n++) {
		assert_in_range(spread_move(spread, n, &givers), SPREAD_BUCKETS / n,
			SPREAD_BUCKETS / n);
		assert_int_equal(givers, (1u << (n - 1)) - 1);
		spread_settle(spread);
		count(owned);
		for (unsigned i = 0; i < n; i++)
			assert_in_range(
				owned[i], SPREAD_BUCKETS / n, SPREAD_BUCKETS / n + 1);
	}
}

static void
test_spread_removing_one_moves_only_what_it_had(void **state)
{
	uint32_t givers;

	(void)state;
	spread_init(spread, 1, 4);
	assert_int_equal(spread_move(spread, 3, &givers), SPREAD_BUCKETS / 4);
	assert_int_equal(givers, 1u << 3);
	assert_true(spread_is_used(spread, 3)); /* it moves still */
	spread_settle(spread);
	assert_false(spread_is_used(spread, 3));
}

static void
test_spread_a_flow_seen_while_its_bucket_moves_stays(void **state)
{
	uint32_t givers;

	(void)state;
	spread_init(spread, 1, 1);
	spread_move(spread, 2, &givers);
	for (uint64_t pair = 0; pair < SPREAD_BUCKETS; pair++)
		assert_int_equal(spread_choose(spread, pair, some_flow(pair)), 0);
	spread_settle(spread);
	for (uint64_t pair = 0; pair < SPREAD_BUCKETS; pair++) {
		assert_int_equal(spread_choose(spread, pair, some_flow(pair)), 0);
		assert_int_equal(spread_choose(spread, pair, some_flow(pair + 1000)),
			spread_owner(spread->buckets[pair]));
	}
}

/* Over several changes: a flow stays where it was when it was pinned first. */
static void
test_spread_a_pinned_flow_stays_over_several_changes(void **state)
{
	uint32_t givers;

	(void)state;
	spread_init(spread, 1, 1);
	spread_move(spread, 2, &givers);
	spread_pin(spread, some_flow(1), 0);
	spread_settle(spread);
	scale(3);
	scale(2);
	for (uint64_t pair = 0; pair < SPREAD_BUCKETS; pair++)
		if (spread_state(spread->buckets[pair]) != SPREAD_FRESH)
			assert_int_equal(spread_choose(spread, pair, some_flow(1)), 0);
}

static void
test_spread_a_move_can_be_taken_back(void **state)
{
	uint32_t givers;

	(void)state;
	spread_init(spread, 1, 1);
	spread_move(spread, 2, &givers);
	assert_int_equal(spread_move(spread, 1, &givers), 0);
	assert_int_equal(givers, 0);
	assert_int_equal(spread_owners(spread), 1);
	assert_int_equal(spread_choose(spread, 5, some_flow(5)), 0);
}

static void
test_spread_repeated_goes_on_with_the_same_move(void **state)
{
	uint32_t givers, again;

	(void)state;
	spread_init(spread, 1, 1);
	const unsigned moving = spread_move(spread, 2, &givers);
	assert_int_equal(spread_move(spread, 2, &again), moving);
	assert_int_equal(again, givers);
	spread_settle(spread);
	assert_int_equal(spread_move(spread, 2, &again), 0);
}

static void
test_spread_without_room_for_pins_nothing_moves(void **state)
{
	uint32_t givers;
	uint64_t i = 0;

	(void)state;
	spread_init(spread, 1, 1);
	spread_move(spread, 2, &givers);
	while (spread_pin(spread, some_flow(i), 0))
		i++;
	assert_true(i > SPREAD_PINS / 2);
	assert_false(spread_settle(spread));
	assert_int_equal(spread_owners(spread), 1);
	for (uint64_t pair = 0; pair < SPREAD_BUCKETS; pair++)
		assert_int_equal(spread_choose(spread, pair, some_flow(pair + i)), 0);
}

static void
test_spread_a_released_replica_gets_nothing_any_more(void **state)
{
	uint32_t givers;

	(void)state;
	spread_init(spread, 1, 2);
	spread_move(spread, 1, &givers);
	for (uint64_t i = 0; i < 1000; i++)
		spread_pin(spread, some_flow(i), 1);
	spread_settle(spread);
	assert_int_equal(spread_choose(spread, 1, some_flow(1)), 1);
	assert_false(spread_refresh(spread));
	spread_release(spread, 1);
	assert_int_equal(spread_choose(spread, 1, some_flow(1)), 0);
	assert_true(spread_pin(spread, some_flow(1), 0)); /* its place is used again */
	assert_int_equal(spread_pinned(spread, some_flow(1)), 0);
	assert_int_equal(spread->n_pins, 1000);
	assert_true(spread_refresh(spread));
	spread_forget(spread);
	assert_int_equal(spread_pinned(spread, some_flow(1)), -1);
}

static void
pin_for_ever(unsigned replica)
{
	for (uint64_t i = 0;; i = (i + 1) % 20000)
		spread_pin(spread, some_flow(i), replica);
}

/* Four writers of the same flows, killed at random instants: each flow has one replica,
 * one place, and stays with it. */
static void
test_spread_pins_hold_good_whoever_dies(void **state)
{
	int replicas[20000];
	uint64_t taken = 0;
	pid_t pids[4];

	(void)state;
	spread_init(spread, 1, 4);
	for (unsigned round = 0; round < 10; round++) {
		for (unsigned i = 0; i < 4; i++) {
			pids[i] = fork();
			if (pids[i] == 0)
				pin_for_ever(i);
		}
		usleep(1000 + 700 * round);
		for (unsigned i = 0; i < 4; i++) {
			kill(pids[i], SIGKILL);
			waitpid(pids[i], NULL, 0);
		}
	}
	for (uint64_t i = 0; i < 20000; i++) {
		assert_true(spread_pin(spread, some_flow(i), 0));
		replicas[i] = spread_pinned(spread, some_flow(i));
		assert_in_range(replicas[i], 0, 3);
	}
	for (unsigned i = 0; i < SPREAD_PINS; i++)
		taken += spread->pins[i] != 0;
	assert_int_equal(taken, 20000);
	for (uint64_t i = 0; i < 20000; i++) {
		spread_pin(spread, some_flow(i), 3);
		assert_int_equal(spread_pinned(spread, some_flow(i)), replicas[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_spread_gives_each_replica_the_same_share),
		TEST(test_spread_adding_one_moves_only_its_share),
		TEST(test_spread_removing_one_moves_only_what_it_had),
		TEST(test_spread_a_flow_seen_while_its_bucket_moves_stays),
		TEST(test_spread_a_pinned_flow_stays_over_several_changes),
		TEST(test_spread_a_move_can_be_taken_back),
		TEST(test_spread_repeated_goes_on_with_the_same_move),
		TEST(test_spread_without_room_for_pins_nothing_moves),
		TEST(test_spread_a_released_replica_gets_nothing_any_more),
		TEST(test_spread_pins_hold_good_whoever_dies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
