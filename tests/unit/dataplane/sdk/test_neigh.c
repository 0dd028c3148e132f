/* test_neigh.c: resolution, what waits for it, ageing; the clock is a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/sdk/neigh.h"

#define SECOND 1000000000ull
#define PKT(n) ((struct rte_mbuf *)(uintptr_t)(0x1000 + (n))) /* never looked into */

struct fixture {
	struct neigh *neigh;
	void *region;
	uint64_t now;
	unsigned n_multicast, n_unicast, n_resolved, n_failed, n_full;
	struct rte_mbuf *last;
};

static const uint8_t ip[16] = {10, 0, 0, 9}, mac[6] = {2, 0, 0, 0, 0, 9};

static void
on_solicit(void *arg, const struct neigh_record *record)
{
	struct fixture *f = arg;

	if (record->state == NEIGH_PROBE)
		f->n_unicast++;
	else
		f->n_multicast++;
}

static void
on_resolved(void *arg, const struct neigh_record *record, struct rte_mbuf *pkt)
{
	struct fixture *f = arg;

	assert_memory_equal(record->mac, mac, 6);
	f->n_resolved++;
	f->last = pkt;
}

static void
on_failed(void *arg, const struct neigh_record *record, struct rte_mbuf *pkt, bool full)
{
	struct fixture *f = arg;

	(void)record;
	f->n_failed += !full;
	f->n_full += full;
	f->last = pkt;
}

static const struct neigh_ops ops = {on_solicit, on_resolved, on_failed};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->now = 5 * SECOND;
	assert_int_equal(posix_memalign(&f->region, 64, neigh_region_size()), 0);
	memset(f->region, 0, neigh_region_size());
	assert_int_equal(neigh_open(&f->neigh, f->region, 7, &ops, f, NULL), 0);
	neigh_adopt(f->neigh, f->now);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	neigh_close(f->neigh);
	free(f->region);
	free(f);
	return 0;
}

/* Time passes, with a tick every 100 ms. */
static void
pass(struct fixture *f, uint64_t ns)
{
	for (const uint64_t end = f->now + ns; f->now < end;) {
		f->now += SECOND / 10;
		neigh_tick(f->neigh, f->now);
	}
}

static void
test_neigh_packets_wait_in_order_until_resolved(void **state)
{
	struct fixture *f = *state;

	assert_null(neigh_find(f->neigh, 0, 4, ip));
	assert_true(neigh_hold(f->neigh, 0, 4, ip, PKT(1), f->now));
	assert_true(neigh_hold(f->neigh, 0, 4, ip, PKT(2), f->now));
	assert_int_equal(f->n_multicast, 1);
	assert_int_equal(neigh_held(f->neigh), 2);
	assert_true(neigh_learn(f->neigh, 0, 4, ip, mac, false, true, f->now));
	assert_int_equal(f->n_resolved, 2);
	assert_ptr_equal(f->last, PKT(2));
	assert_memory_equal(neigh_find(f->neigh, 0, 4, ip), mac, 6);
	assert_int_equal(neigh_held(f->neigh), 0);
}

static void
test_neigh_gives_up_after_three_tries_a_second_apart(void **state)
{
	struct fixture *f = *state;

	neigh_hold(f->neigh, 0, 4, ip, PKT(1), f->now);
	pass(f, SECOND / 2);
	assert_int_equal(f->n_multicast, 1);
	pass(f, 2 * SECOND);
	assert_int_equal(f->n_multicast, 3);
	assert_int_equal(f->n_failed, 0);
	pass(f, 2 * SECOND);
	assert_int_equal(f->n_multicast, 3);
	assert_int_equal(f->n_failed, 1);
	assert_int_equal(neigh_count(f->neigh), 0);
}

static void
test_neigh_the_oldest_makes_room_for_the_newest(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < NEIGH_HELD_EACH; i++)
		assert_true(neigh_hold(f->neigh, 0, 4, ip, PKT(i), f->now));
	assert_true(neigh_hold(f->neigh, 0, 4, ip, PKT(99), f->now));
	assert_int_equal(f->n_full, 1);
	assert_ptr_equal(f->last, PKT(0));
	assert_int_equal(neigh_held(f->neigh), NEIGH_HELD_EACH);
}

static void
test_neigh_bounds_what_waits_in_total(void **state)
{
	struct fixture *f = *state;
	uint8_t other[16] = {10, 0, 1};

	for (unsigned i = 0; i < NEIGH_HELD; i++) {
		other[3] = (uint8_t)(i / NEIGH_HELD_EACH);
		assert_true(neigh_hold(f->neigh, 0, 4, other, PKT(i), f->now));
	}
	assert_false(neigh_hold(f->neigh, 0, 4, ip, PKT(1000), f->now));
	assert_int_equal(neigh_held(f->neigh), NEIGH_HELD);
}

static void
test_neigh_a_scan_leaves_room_for_those_that_exist(void **state)
{
	struct fixture *f = *state;
	uint8_t other[16] = {10, 1};

	for (unsigned i = 0; i < NEIGH_CAPACITY; i++) {
		other[2] = (uint8_t)(i >> 8);
		other[3] = (uint8_t)i;
		neigh_hold(f->neigh, 0, 4, other, NULL, f->now);
	}
	assert_int_equal(neigh_count(f->neigh), NEIGH_CAPACITY / 2);
	assert_true(neigh_learn(f->neigh, 0, 4, ip, mac, true, false, f->now));
}

static void
test_neigh_hearsay_updates_but_does_not_add(void **state)
{
	struct fixture *f = *state;
	const uint8_t moved[6] = {2, 0, 0, 0, 0, 7};

	assert_false(neigh_learn(f->neigh, 0, 4, ip, mac, false, false, f->now));
	assert_int_equal(neigh_count(f->neigh), 0);
	assert_true(neigh_learn(f->neigh, 0, 4, ip, mac, true, false, f->now));
	assert_true(neigh_learn(f->neigh, 0, 4, ip, moved, false, false, f->now));
	assert_memory_equal(neigh_find(f->neigh, 0, 4, ip), moved, 6);
}

static void
test_neigh_used_ones_are_asked_again_by_unicast_and_kept_meanwhile(void **state)
{
	struct fixture *f = *state;

	neigh_learn(f->neigh, 0, 4, ip, mac, true, true, f->now);
	pass(f, 29 * SECOND);
	assert_non_null(neigh_find(f->neigh, 0, 4, ip));
	assert_int_equal(f->n_unicast, 0);
	pass(f, 2 * SECOND);
	assert_in_range(f->n_unicast, 1, 2);
	assert_non_null(neigh_find(f->neigh, 0, 4, ip));
	neigh_learn(f->neigh, 0, 4, ip, mac, false, true, f->now);
	pass(f, 20 * SECOND);
	assert_in_range(f->n_unicast, 1, 2);
	assert_int_equal(f->n_multicast, 0);
}

static void
test_neigh_one_that_stopped_answering_is_forgotten(void **state)
{
	struct fixture *f = *state;

	neigh_learn(f->neigh, 0, 4, ip, mac, true, true, f->now);
	neigh_find(f->neigh, 0, 4, ip);
	pass(f, 36 * SECOND);
	assert_int_equal(f->n_unicast, 3);
	assert_null(neigh_find(f->neigh, 0, 4, ip));
}

static void
test_neigh_unused_ones_age_without_being_asked(void **state)
{
	struct fixture *f = *state;

	neigh_learn(f->neigh, 0, 4, ip, mac, true, true, f->now);
	pass(f, NEIGH_UNUSED_NS - 2 * SECOND);
	assert_int_equal(neigh_count(f->neigh), 1);
	pass(f, 4 * SECOND);
	assert_int_equal(neigh_count(f->neigh), 0);
	assert_int_equal(f->n_unicast + f->n_multicast, 0);
}

static void
test_neigh_connection_points_and_families_do_not_mix(void **state)
{
	struct fixture *f = *state;

	neigh_learn(f->neigh, 0, 4, ip, mac, true, true, f->now);
	assert_null(neigh_find(f->neigh, 1, 4, ip));
	assert_null(neigh_find(f->neigh, 0, 6, ip));
}

static void
test_neigh_known_ones_survive_a_restart_and_unresolved_ones_do_not(void **state)
{
	struct fixture *f = *state;
	const uint8_t other[16] = {10, 0, 0, 8};

	neigh_learn(f->neigh, 0, 4, ip, mac, true, true, f->now);
	neigh_hold(f->neigh, 0, 4, other, PKT(1), f->now);
	neigh_close(f->neigh);
	assert_int_equal(neigh_open(&f->neigh, f->region, 8, &ops, f, NULL), 0);
	neigh_adopt(f->neigh, f->now);
	assert_memory_equal(neigh_find(f->neigh, 0, 4, ip), mac, 6);
	assert_int_equal(neigh_count(f->neigh), 1);
	assert_int_equal(neigh_held(f->neigh), 0);
}

static bool
keep_none(void *arg, const struct neigh_record *record)
{
	(void)arg;
	(void)record;
	return false;
}

static void
test_neigh_purge_fails_what_waits(void **state)
{
	struct fixture *f = *state;

	neigh_hold(f->neigh, 0, 4, ip, PKT(1), f->now);
	neigh_purge(f->neigh, keep_none);
	assert_int_equal(f->n_failed, 1);
	assert_int_equal(neigh_count(f->neigh), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static bool
keep_all(void *arg, const struct neigh_record *record)
{
	(void)arg;
	(void)record;
	return true;
}

static void
test_neigh_static_is_never_asked_aged_or_changed(void **state)
{
	static const uint8_t other[6] = {2, 0, 0, 0, 0, 10};
	struct fixture *f = *state;

	neigh_hold(f->neigh, 0, 4, ip, PKT(1), f->now);
	neigh_begin_static(f->neigh);
	assert_true(neigh_set_static(f->neigh, 0, 4, ip, mac, f->now));
	assert_int_equal(f->n_resolved, 1);
	neigh_learn(f->neigh, 0, 4, ip, other, true, true, f->now);
	for (unsigned i = 0; i < 100; i++) {
		assert_memory_equal(neigh_find(f->neigh, 0, 4, ip), mac, 6);
		pass(f, 60 * SECOND);
	}
	assert_int_equal(f->n_multicast, 1); /* before it was static */
	assert_int_equal(f->n_unicast, 0);
	neigh_purge(f->neigh, keep_all);
	assert_non_null(neigh_find(f->neigh, 0, 4, ip));
	neigh_begin_static(f->neigh); /* another configuration, without it */
	neigh_purge(f->neigh, keep_all);
	assert_null(neigh_find(f->neigh, 0, 4, ip));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_neigh_packets_wait_in_order_until_resolved),
		TEST(test_neigh_gives_up_after_three_tries_a_second_apart),
		TEST(test_neigh_the_oldest_makes_room_for_the_newest),
		TEST(test_neigh_bounds_what_waits_in_total),
		TEST(test_neigh_a_scan_leaves_room_for_those_that_exist),
		TEST(test_neigh_hearsay_updates_but_does_not_add),
		TEST(test_neigh_used_ones_are_asked_again_by_unicast_and_kept_meanwhile),
		TEST(test_neigh_one_that_stopped_answering_is_forgotten),
		TEST(test_neigh_unused_ones_age_without_being_asked),
		TEST(test_neigh_connection_points_and_families_do_not_mix),
		TEST(test_neigh_known_ones_survive_a_restart_and_unresolved_ones_do_not),
		TEST(test_neigh_purge_fails_what_waits),
		TEST(test_neigh_static_is_never_asked_aged_or_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
