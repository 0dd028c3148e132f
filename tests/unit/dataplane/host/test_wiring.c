/* What an end is joined to while one link follows another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "dataplane/host/replicas.h"
#include "dataplane/host/wiring.h"

/* A -- B by `old`; then A -- X -- B, or a port, by what a test adds. Rings are only
 * compared. */
static struct host host;
static struct shm_slot shm[4];
static struct slot slots[4];
static struct port port;
static struct shm_doorbell bells[1];
static struct link links[WIRING_MAX + 2];
static char rings[WIRING_MAX + 2][2];

enum { A, B, X, Y };

static struct link_end
at(unsigned slot, unsigned cp)
{
	return (struct link_end){.slot = &slots[slot], .cp = cp};
}

static struct rte_ring *
ring(unsigned link, unsigned end)
{
	return (struct rte_ring *)(void *)&rings[link][end];
}

static struct link *
join(unsigned i, struct link_end a, struct link_end b, enum link_state state)
{
	links[i] = (struct link){
		.state = state, .ends = {a, b}, .rings = {ring(i, 0), ring(i, 1)}};
	LIST_INSERT_HEAD(&host.links, &links[i], entry);
	return &links[i];
}

static int
setup(void **state)
{
	(void)state;
	LIST_INIT(&host.links);
	host.bells = bells;
	LIST_INIT(&host.ports);
	port = (struct port){.mtu = 1400};
	LIST_INSERT_HEAD(&host.ports, &port, entry);
	LIST_INIT(&host.slots);
	for (unsigned i = 0; i < 4; i++) {
		shm[i] = (struct shm_slot){.index = i};
		slots[i] = (struct slot){.shm = &shm[i]};
		LIST_INSERT_HEAD(&host.slots, &slots[i], entry);
	}
	return 0;
}

static struct wiring_end
of(struct link_end end)
{
	return wiring_of(&host, &end);
}

static void
test_wiring_joins_both_ends_of_a_link(void **state)
{
	(void)state;
	join(0, at(A, 1), (struct link_end){.port = &port}, LINK_UP);
	struct wiring_end a = of(at(A, 1)), p = of((struct link_end){.port = &port});
	assert_ptr_equal(a.in, ring(0, 0));
	assert_ptr_equal(a.out.ring, ring(0, 1));
	assert_ptr_equal(a.out.consumer, &bells[0]);
	assert_int_equal(a.port_mtu, 1400);
	assert_ptr_equal(p.in, ring(0, 1));
	assert_ptr_equal(p.out.ring, ring(0, 0));
	assert_ptr_equal(p.out.consumer, &shm[A].doorbell);
	assert_int_equal(p.port_mtu, 0);
	assert_null(of(at(A, 0)).in);
}

static void
test_wiring_reads_the_link_that_leaves_and_writes_to_the_one_that_comes(void **state)
{
	(void)state;
	join(0, at(A, 1), at(B, 0), LINK_LEAVING);
	join(1, at(A, 1), at(X, 0), LINK_UP);
	join(2, at(X, 1), at(B, 0), LINK_UP);
	assert_ptr_equal(of(at(A, 1)).in, ring(0, 0));
	assert_ptr_equal(of(at(A, 1)).out.ring, ring(1, 1));
	assert_ptr_equal(of(at(A, 1)).out.consumer, &shm[X].doorbell);
	assert_ptr_equal(of(at(B, 0)).in, ring(0, 1));
	assert_ptr_equal(of(at(B, 0)).out.ring, ring(2, 0));
	assert_ptr_equal(of(at(X, 0)).in, ring(1, 1));
	assert_ptr_equal(of(at(X, 0)).out.ring, ring(1, 0));
}

static void
test_wiring_lets_a_vnf_that_is_taken_out_send_what_it_has(void **state)
{
	(void)state;
	join(0, at(A, 1), at(X, 0), LINK_LEAVING);
	join(1, at(X, 1), at(B, 0), LINK_LEAVING);
	join(2, at(A, 1), at(B, 0), LINK_UP);
	assert_true(wiring_leaves(&host, &slots[X]));
	assert_false(wiring_leaves(&host, &slots[A]));
	assert_ptr_equal(of(at(X, 1)).out.ring, ring(1, 1));
	assert_ptr_equal(of(at(X, 0)).in, ring(0, 1));
	assert_ptr_equal(of(at(A, 1)).out.ring, ring(2, 1));
}

/* B is dead. A waits for it, which is not taken out, and X, which leads elsewhere. */
static void
test_wiring_knows_who_is_taken_out_and_waits_in_vain(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		shm[i].state = SHM_SLOT_RUNNING;
	shm[A].pid = shm[X].pid = shm[Y].pid = getpid();
	join(0, at(A, 1), at(B, 0), LINK_UP);
	join(1, at(X, 1), at(A, 0), LINK_LEAVING);
	join(2, at(Y, 1), at(B, 1), LINK_LEAVING);
	assert_true(wiring_waits_in_vain(&host, &slots[Y]));
	assert_false(wiring_waits_in_vain(&host, &slots[X]));
	assert_false(wiring_waits_in_vain(&host, &slots[A]));
}

static void
test_wiring_stops_what_goes_on_by_other_links_at_an_end_that_is_given_up(void **state)
{
	(void)state;
	join(0, at(A, 1), at(B, 0), LINK_LEAVING);
	join(1, at(A, 0), at(X, 0), LINK_UP);
	assert_ptr_equal(of(at(A, 1)).in, ring(0, 0));
	assert_null(of(at(A, 1)).out.ring);
}

static void
test_wiring_reads_what_a_former_link_left_first(void **state)
{
	(void)state;
	struct link *link = join(0, at(A, 1), at(B, 0), LINK_UP);
	link->former[1] = ring(3, 0);
	assert_ptr_equal(of(at(B, 0)).former, ring(3, 0));
	assert_ptr_equal(of(at(B, 0)).in, ring(0, 1));
	assert_null(of(at(A, 1)).former);
}

static void
test_wiring_knows_no_link_that_is_cut(void **state)
{
	(void)state;
	join(0, at(A, 1), at(B, 0), LINK_CUT);
	assert_null(of(at(A, 1)).in);
	assert_null(of(at(A, 1)).out.ring);
}

/* A at a link to each of B and X, which are replicas of one VNF. */
static struct spread spread;
static struct replicas replicas;

static void
make_replica(unsigned slot, const char *of, unsigned index)
{
	shm[slot].spread = &spread;
	shm[slot].replica = index;
	slots[slot].replicas = &replicas;
	snprintf(slots[slot].of, sizeof(slots[slot].of), "%s", of);
}

static void
make_twins(void)
{
	make_replica(B, "b", 0);
	make_replica(X, "b", 1);
}

/* Two processes of a firewall and a NAT each, and a port at the firewall's outside. */
static void
make_group(void)
{
	make_replica(A, "fw", 0);
	make_replica(B, "nat", 0);
	make_replica(X, "fw", 1);
	make_replica(Y, "nat", 1);
	for (unsigned nat = B; nat <= Y; nat += Y - B) {
		shm[nat].spread_by[0] = SPREAD_BY_SOURCE;
		shm[nat].spread_by[1] = SPREAD_BY_PORT;
	}
	join(0, (struct link_end){.port = &port}, at(A, 0), LINK_UP);
	join(1, (struct link_end){.port = &port}, at(X, 0), LINK_UP);
	join(2, at(A, 1), at(B, 0), LINK_UP);
	join(3, at(A, 1), at(Y, 0), LINK_UP);
	join(4, at(X, 1), at(B, 0), LINK_UP);
	join(5, at(X, 1), at(Y, 0), LINK_UP);
}

static void
test_wiring_of_a_scaled_group_stays_within_a_process(void **state)
{
	struct wiring_end wired[WIRING_MAX];
	const struct link_end fw1 = at(X, 1), nat0 = at(B, 0);

	(void)state;
	make_group();
	assert_int_equal(wiring_list(&host, &fw1, wired), 1);
	assert_ptr_equal(wired[0].out.ring, ring(5, 1));
	assert_ptr_equal(wired[0].in, ring(5, 0));
	assert_null(wired[0].way.spread);
	assert_int_equal(wiring_list(&host, &nat0, wired), 1);
	assert_ptr_equal(wired[0].out.ring, ring(2, 0));
	assert_true(wiring_are_twins(&(struct link_end){.slot = &slots[A]},
		&(struct link_end){.slot = &slots[X]}));
	assert_false(wiring_are_twins(&(struct link_end){.slot = &slots[A]},
		&(struct link_end){.slot = &slots[Y]}));
}

static void
test_wiring_into_a_scaled_group_is_spread_as_its_nat_wants(void **state)
{
	struct wiring_end wired[WIRING_MAX];
	const struct link_end in = {.port = &port};

	(void)state;
	make_group();
	assert_int_equal(wiring_list(&host, &in, wired), 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_ptr_equal(wired[i].way.spread, &spread);
		assert_int_equal(wired[i].way.by, SPREAD_BY_SOURCE);
	}
	assert_true(replicas_by_ends(&host, &replicas));
	assert_int_equal(replicas_by(&host, &slots[B], 1), SPREAD_BY_PORT);
	assert_int_equal(replicas_by(&host, &slots[A], 1), SPREAD_BY_PAIR);
}

static void
test_wiring_joins_an_end_to_all_replicas(void **state)
{
	struct wiring_end wired[WIRING_MAX];
	const struct link_end a = at(A, 1), b = at(B, 0);

	(void)state;
	make_twins();
	join(0, at(A, 1), at(B, 0), LINK_UP);
	join(1, at(A, 1), at(X, 0), LINK_UP);
	assert_int_equal(wiring_list(&host, &a, wired), 2);
	for (unsigned i = 0; i < 2; i++) {
		const unsigned link = wired[i].way.replica; /* 0 leads to B, 1 to X */

		assert_ptr_equal(wired[i].out.ring, ring(link, 1));
		assert_ptr_equal(wired[i].in, ring(link, 0));
		assert_ptr_equal(wired[i].way.spread, &spread);
		assert_int_equal(wired[i].way.fan, 0);
	}
	assert_int_not_equal(wired[0].way.replica, wired[1].way.replica);
	assert_int_equal(wiring_list(&host, &b, wired), 1);
	assert_null(wired[0].way.spread);
	assert_ptr_equal(wired[0].out.ring, ring(0, 0));
}

/* X goes: what it still sends is read, nothing is sent to it, and B is served on. */
static void
test_wiring_reads_on_from_the_others_while_a_replica_goes(void **state)
{
	struct wiring_end wired[WIRING_MAX];
	const struct link_end a = at(A, 1);

	(void)state;
	make_twins();
	join(0, at(A, 1), at(B, 0), LINK_UP)->stays = true;
	join(1, at(A, 1), at(X, 0), LINK_LEAVING);
	assert_int_equal(wiring_list(&host, &a, wired), 2);
	assert_null(wired[0].way.spread);
	assert_ptr_equal(wired[0].out.ring, ring(0, 1));
	assert_ptr_equal(wired[0].in, ring(0, 0));
	assert_null(wired[1].out.ring);
	assert_ptr_equal(wired[1].in, ring(1, 0));
}

static void
test_wiring_knows_replicas_of_one_vnf_from_others(void **state)
{
	const struct link_end b = at(B, 0), b1 = at(B, 1), x = at(X, 0), a = at(A, 0);

	(void)state;
	make_twins();
	assert_true(wiring_are_twins(&b, &x));
	assert_false(wiring_are_twins(&b, &b));
	assert_false(wiring_are_twins(&b1, &x));
	assert_false(wiring_are_twins(&a, &x));
	assert_false(wiring_are_twins(&x, &(struct link_end){.port = &port}));
}

/* One leads to two replicas, the other to a port: each with the paths that it is for. */
static void
test_wiring_parts_paths_at_an_end(void **state)
{
	struct wiring_end wired[WIRING_MAX];
	const struct link_end a = at(A, 1);

	(void)state;
	make_twins();
	join(0, at(A, 1), at(B, 0), LINK_UP)->paths[0] = 1 << 1;
	join(1, at(A, 1), (struct link_end){.port = &port}, LINK_UP)->paths[0] = 1 << 2;
	join(2, at(A, 1), at(X, 0), LINK_UP)->paths[0] = 1 << 1;
	assert_int_equal(wiring_list(&host, &a, wired), 3);
	for (unsigned i = 0; i < 3; i++) {
		const bool to_port = wired[i].out.ring == ring(1, 1);

		assert_int_equal(wired[i].way.paths[0], to_port ? 4 : 2);
		assert_int_equal(wired[i].way.fan, to_port ? 1 : 0);
		assert_ptr_equal(wired[i].way.spread, to_port ? NULL : &spread);
		assert_non_null(wired[i].in);
	}
}

static void
test_wiring_has_links_meet_that_are_for_paths_of_their_own(void **state)
{
	const struct link_end b = at(B, 0), x = at(X, 0), a = at(A, 0);
	const uint32_t none[8] = {0}, one[8] = {2}, two[8] = {4}, both[8] = {6};

	(void)state;
	make_twins();
	assert_true(wiring_may_meet(&a, one, &b, two));
	assert_false(wiring_may_meet(&a, one, &b, both));
	assert_false(wiring_may_meet(&a, one, &b, none));
	assert_false(wiring_may_meet(&a, none, &b, none));
	assert_true(wiring_may_meet(&x, one, &b, one));
	assert_true(wiring_may_meet(&x, none, &b, none));
	assert_false(wiring_may_meet(&x, one, &b, two));
}

/* Whichever of them a packet takes. */
static void
test_wiring_has_the_smallest_mtu_where_paths_part(void **state)
{
	struct wiring_end wired[WIRING_MAX];
	const struct link_end a = at(A, 1);
	struct port wide = {.mtu = 9000};

	(void)state;
	join(0, at(A, 1), at(B, 0), LINK_UP)->paths[0] = 1 << 1;
	join(1, at(A, 1), (struct link_end){.port = &port}, LINK_UP)->paths[0] = 1 << 2;
	join(2, at(A, 1), (struct link_end){.port = &wide}, LINK_UP)->paths[0] = 1 << 3;
	assert_int_equal(wiring_list(&host, &a, wired), 3);
	assert_int_equal(wired[0].port_mtu, 1400);
}

/* Those that leave count as long as they are read. */
static void
test_wiring_knows_how_many_links_it_has_places_for(void **state)
{
	static const struct pool pool;
	struct err err;
	unsigned n = 0;

	(void)state;
	port.pool = slots[A].pool = (struct pool *)(uintptr_t)&pool;
	shm[A].n_cps = 2;
	while (n < WIRING_MAX / 2)
		join(n++, (struct link_end){.port = &port}, at(B, 0), LINK_UP);
	assert_int_equal(wiring_check_room(&host, &pool, &err), 0);
	join(n, (struct link_end){.port = &port}, at(B, 0), LINK_UP);
	assert_int_equal(
		wiring_check_room(&host, &pool, &err), err_errno(ERR_NO_RESOURCE));
	LIST_REMOVE(&links[n], entry);

	join(n++, at(A, 0), at(B, 0), LINK_LEAVING);
	join(n++, at(A, 0), at(B, 0), LINK_UP); /* follows the one before */
	join(n++, at(A, 1), at(B, 0), LINK_LEAVING);
	for (unsigned i = 0; i < SHM_MORE; i++)
		join(n++, at(A, 1), at(B, 0), LINK_UP);
	assert_int_equal(wiring_check_room(&host, &pool, &err), 0);
	links[WIRING_MAX / 2 + 1].stays = true; /* it was there before: two links */
	assert_int_equal(
		wiring_check_room(&host, &pool, &err), err_errno(ERR_NO_RESOURCE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_wiring_joins_both_ends_of_a_link, setup),
		cmocka_unit_test_setup(
			test_wiring_reads_the_link_that_leaves_and_writes_to_the_one_that_comes,
			setup),
		cmocka_unit_test_setup(
			test_wiring_lets_a_vnf_that_is_taken_out_send_what_it_has, setup),
		cmocka_unit_test_setup(
			test_wiring_knows_who_is_taken_out_and_waits_in_vain, setup),
		cmocka_unit_test_setup(
			test_wiring_stops_what_goes_on_by_other_links_at_an_end_that_is_given_up,
			setup),
		cmocka_unit_test_setup(
			test_wiring_reads_what_a_former_link_left_first, setup),
		cmocka_unit_test_setup(test_wiring_knows_no_link_that_is_cut, setup),
		cmocka_unit_test_setup(test_wiring_joins_an_end_to_all_replicas, setup),
		cmocka_unit_test_setup(
			test_wiring_reads_on_from_the_others_while_a_replica_goes, setup),
		cmocka_unit_test_setup(
			test_wiring_knows_replicas_of_one_vnf_from_others, setup),
		cmocka_unit_test_setup(
			test_wiring_of_a_scaled_group_stays_within_a_process, setup),
		cmocka_unit_test_setup(
			test_wiring_into_a_scaled_group_is_spread_as_its_nat_wants,
			setup),
		cmocka_unit_test_setup(test_wiring_parts_paths_at_an_end, setup),
		cmocka_unit_test_setup(
			test_wiring_has_links_meet_that_are_for_paths_of_their_own,
			setup),
		cmocka_unit_test_setup(
			test_wiring_has_the_smallest_mtu_where_paths_part, setup),
		cmocka_unit_test_setup(
			test_wiring_knows_how_many_links_it_has_places_for, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
