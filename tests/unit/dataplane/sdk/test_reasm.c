/* test_reasm.c: fragments in every order, repeated, overlapping, too many, too late; the
 * clock is a number and packets are never looked into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/sdk/reasm.h"
#include "tests/lib/random.h"

#define SECOND	    1000000000ull
#define PIECE	    1480u
#define DATAGRAM    65515u /* bytes behind the IPv4 header of the largest one */
#define N_PIECES    45u
#define PKT(n)	    ((struct rte_mbuf *)(uintptr_t)(0x1000 + (n)))
#define OVERLAP	    (VNF_REASON_OWN)
#define REFUSED_FOR (VNF_REASON_OWN + 1)
#define TIMEOUT	    (VNF_REASON_OWN + 2)
#define VALUE	    0x1234567890ull

_Static_assert((DATAGRAM + PIECE - 1) / PIECE == N_PIECES, "the largest datagram");

struct fixture {
	struct vnf vnf;
	struct reasm *reasm;
	unsigned holdable; /* that many more may be held */
	unsigned n_held, n_released, n_forgotten;
	unsigned n_discarded[VNF_MAX_REASONS];
};

static bool
io_hold(struct vnf *vnf, struct rte_mbuf *pkt)
{
	struct fixture *f = vnf->io_arg;

	(void)pkt;
	if (f->holdable == 0)
		return false;
	f->holdable--;
	f->n_held++;
	return true;
}

static void
io_discard(struct vnf *vnf, struct rte_mbuf *pkt, unsigned reason)
{
	struct fixture *f = vnf->io_arg;

	(void)pkt;
	f->n_held--;
	f->holdable++;
	f->n_discarded[reason]++;
}

static const struct vnf_io io = {.hold = io_hold, .discard = io_discard};

static void
on_release(void *arg, struct rte_mbuf *pkt, unsigned cp, uint64_t value)
{
	struct fixture *f = arg;

	assert_non_null(pkt);
	assert_int_equal(cp, 1);
	assert_int_equal(value, VALUE);
	f->n_held--;
	f->holdable++;
	f->n_released++;
}

static void
on_forget(void *arg, uint64_t value)
{
	assert_int_equal(value, VALUE);
	((struct fixture *)arg)->n_forgotten++;
}

static const struct reasm_ops ops = {
	on_release, on_forget, OVERLAP, REFUSED_FOR, TIMEOUT};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->vnf = (struct vnf){.now_ns = 5 * SECOND, .seed = 7, .io = &io, .io_arg = f};
	f->holdable = VNF_MAX_HELD;
	assert_int_equal(reasm_create(&f->reasm, &f->vnf, &ops, f, NULL), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	reasm_destroy(f->reasm);
	free(f);
	return 0;
}

/* A fragment of len bytes at off of datagram id from 10.0.0.<host>. */
static struct pkt_info
fragment(uint32_t id, uint8_t host, uint32_t off, uint32_t len, bool more)
{
	return (struct pkt_info){.family = 4,
		.proto = 17,
		.src = {10, 0, 0, host},
		.dst = {198, 51, 100, 1},
		.fragment = true,
		.first = off == 0,
		.more = more,
		.frag_id = id,
		.frag_off = (uint16_t)off,
		.frag_data = 34,
		.end = (uint16_t)(34 + len)};
}

static enum reasm_verdict
see(struct fixture *f, const struct pkt_info *info)
{
	uint64_t value = 0;
	const enum reasm_verdict verdict =
		reasm_see(f->reasm, 1, 0, info, PKT(info->frag_off), &value);

	if (verdict == REASM_FOLLOW)
		assert_int_equal(value, VALUE);
	if (verdict == REASM_FIRST)
		reasm_decide(f->reasm, 1, 0, info, true, VALUE);
	return verdict;
}

static enum reasm_verdict
see_piece(struct fixture *f, uint32_t id, unsigned i)
{
	const uint32_t off = i * PIECE;
	const bool more = i + 1 < N_PIECES;
	const struct pkt_info info =
		fragment(id, 1, off, more ? PIECE : DATAGRAM - off, more);

	return see(f, &info);
}

static void
shuffle(unsigned *list, unsigned n, uint64_t *random)
{
	for (unsigned i = n - 1; i > 0; i--) {
		const unsigned k = random_from(random) % (i + 1);
		const unsigned kept = list[i];

		list[i] = list[k];
		list[k] = kept;
	}
}

static void
test_45_fragments_pass_in_any_order(void **state)
{
	struct fixture *f = *state;
	uint64_t random = 1;
	unsigned order[N_PIECES];

	for (uint32_t id = 0; id < 2000; id++) {
		unsigned passed = 0;

		for (unsigned i = 0; i < N_PIECES; i++)
			order[i] = i;
		shuffle(order, N_PIECES, &random);
		f->n_released = f->n_forgotten = 0;
		for (unsigned i = 0; i < N_PIECES; i++) {
			const enum reasm_verdict verdict = see_piece(f, id, order[i]);

			passed += verdict == REASM_FIRST || verdict == REASM_FOLLOW;
			assert_true(passed > 0 || verdict == REASM_HELD);
		}
		assert_int_equal(passed + f->n_released, N_PIECES);
		assert_int_equal(f->n_forgotten, 1);
		assert_int_equal(f->n_held, 0);
		assert_int_equal(reasm_held(f->reasm), 0);
	}
}

static void
test_those_that_overlap_end_the_datagram(void **state)
{
	struct fixture *f = *state;
	const struct pkt_info second = fragment(1, 1, 1480, 1480, true);
	const struct pkt_info across = fragment(1, 1, 2952, 16, true);
	const struct pkt_info first = fragment(1, 1, 0, 1480, true);
	const struct pkt_info last = fragment(1, 1, 2968, 100, false);

	assert_int_equal(see(f, &second), REASM_HELD);
	assert_int_equal(see(f, &across), REASM_OVERLAP);
	assert_int_equal(f->n_discarded[OVERLAP], 1);
	assert_int_equal(see(f, &first), REASM_OVERLAP);
	assert_int_equal(see(f, &last), REASM_OVERLAP);
	assert_int_equal(f->n_held, 0);
}

static void
test_one_that_overlaps_after_the_first_passed_is_dropped(void **state)
{
	struct fixture *f = *state;
	const struct pkt_info first = fragment(1, 1, 0, 1480, true);
	const struct pkt_info inside = fragment(1, 1, 8, 8, true);
	const struct pkt_info second = fragment(1, 1, 1480, 20, false);

	assert_int_equal(see(f, &first), REASM_FIRST);
	assert_int_equal(see(f, &inside), REASM_OVERLAP);
	assert_int_equal(see(f, &second), REASM_OVERLAP);
	f->vnf.now_ns += 31 * SECOND;
	reasm_tick(f->reasm);
	assert_int_equal(
		f->n_forgotten, 1); /* what it was decided to is told all the same */
}

static void
test_a_repetition_is_dropped_alone(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(see_piece(f, 1, 2), REASM_HELD);
	assert_int_equal(see_piece(f, 1, 2), REASM_DUPLICATE);
	assert_int_equal(see_piece(f, 1, 0), REASM_FIRST);
	assert_int_equal(see_piece(f, 1, 0), REASM_DUPLICATE);
	assert_int_equal(see_piece(f, 1, 2), REASM_DUPLICATE);
	assert_int_equal(see_piece(f, 1, 1), REASM_FOLLOW);
	assert_int_equal(f->n_released, 1);
}

static void
test_places_and_lengths_that_cannot_be(void **state)
{
	struct fixture *f = *state;
	const struct pkt_info ragged = fragment(1, 1, 0, 20, true);
	const struct pkt_info empty = fragment(2, 1, 16, 0, false);
	const struct pkt_info last = fragment(3, 1, 800, 100, false);
	const struct pkt_info beyond = fragment(3, 1, 904, 8, true);
	const struct pkt_info far = fragment(4, 1, 1600, 8, true);
	const struct pkt_info early_end = fragment(4, 1, 800, 8, false);
	const struct pkt_info end = fragment(5, 1, 800, 8, false);
	const struct pkt_info other_end = fragment(5, 1, 400, 8, false);

	assert_int_equal(see(f, &ragged), REASM_OVERLAP);
	assert_int_equal(see(f, &empty), REASM_OVERLAP);
	assert_int_equal(see(f, &last), REASM_HELD);
	assert_int_equal(see(f, &beyond), REASM_OVERLAP);
	assert_int_equal(see(f, &far), REASM_HELD);
	assert_int_equal(see(f, &early_end), REASM_OVERLAP);
	assert_int_equal(see(f, &end), REASM_HELD);
	assert_int_equal(see(f, &other_end), REASM_OVERLAP);
}

static void
test_all_go_the_way_of_a_first_that_was_dropped(void **state)
{
	struct fixture *f = *state;
	const struct pkt_info first = fragment(1, 1, 0, 1480, true);
	const struct pkt_info second = fragment(1, 1, 1480, 1480, true);
	const struct pkt_info third = fragment(1, 1, 2960, 1480, true);
	uint64_t value;

	assert_int_equal(see(f, &second), REASM_HELD);
	assert_int_equal(reasm_see(f->reasm, 1, 0, &first, PKT(0), &value), REASM_FIRST);
	reasm_decide(f->reasm, 1, 0, &first, false, 0);
	assert_int_equal(f->n_discarded[REFUSED_FOR], 1);
	assert_int_equal(see(f, &third), REASM_REFUSED);
}

static void
test_datagrams_of_other_zones_and_sides_are_others(void **state)
{
	struct fixture *f = *state;
	const struct pkt_info first = fragment(1, 1, 0, 1480, true);
	const struct pkt_info second = fragment(1, 1, 1480, 1480, true);
	uint64_t value;

	assert_int_equal(see(f, &first), REASM_FIRST);
	assert_int_equal(reasm_see(f->reasm, 1, 7, &second, PKT(0), &value), REASM_HELD);
	assert_int_equal(reasm_see(f->reasm, 0, 0, &second, PKT(0), &value), REASM_HELD);
	assert_int_equal(see(f, &second), REASM_FOLLOW);
}

static void
test_what_waits_too_long_is_given_up(void **state)
{
	struct fixture *f = *state;
	struct pkt_info four = fragment(1, 1, 8, 8, true);
	struct pkt_info six = four;

	six.family = 6;
	assert_int_equal(see(f, &four), REASM_HELD);
	assert_int_equal(see(f, &six), REASM_HELD);
	f->vnf.now_ns += 30 * SECOND - 1;
	reasm_tick(f->reasm);
	assert_int_equal(f->n_discarded[TIMEOUT], 0);
	f->vnf.now_ns += SECOND;
	reasm_tick(f->reasm);
	assert_int_equal(f->n_discarded[TIMEOUT], 1);
	f->vnf.now_ns += 30 * SECOND;
	reasm_tick(f->reasm);
	assert_int_equal(f->n_discarded[TIMEOUT], 2);
	assert_int_equal(reasm_held(f->reasm), 0);
}

static void
test_one_source_holds_its_share_only(void **state)
{
	struct fixture *f = *state;
	unsigned held = 0;

	for (uint32_t id = 0; id < 2000; id++) {
		const struct pkt_info info = fragment(id, 1, 8, 8, true);

		held += see(f, &info) == REASM_HELD;
	}
	assert_int_equal(held, REASM_MAX_HELD_SOURCE);
	const struct pkt_info other = fragment(1, 2, 8, 8, true);

	assert_int_equal(see(f, &other), REASM_HELD);
}

static void
test_bounds_hold_for_many_sources(void **state)
{
	struct fixture *f = *state;
	unsigned held = 0;

	for (uint32_t n = 0; n < 20000; n++) {
		struct pkt_info info = fragment(n, (uint8_t)n, 8, 8, true);

		info.src[2] = (uint8_t)(n >> 8);
		held += see(f, &info) == REASM_HELD;
	}
	assert_int_equal(held, REASM_MAX_HELD);
	assert_int_equal(reasm_held(f->reasm), REASM_MAX_HELD);
	for (unsigned i = 0; i < 100; i++) {
		f->vnf.now_ns += SECOND;
		for (unsigned k = 0; k < 100; k++)
			reasm_tick(f->reasm);
	}
	assert_int_equal(f->n_held, 0);
	assert_int_equal(see_piece(f, 1, 1), REASM_HELD);
}

static void
test_one_that_cannot_be_held_may_come_again(void **state)
{
	struct fixture *f = *state;

	f->holdable = 0;
	assert_int_equal(see_piece(f, 1, 1), REASM_FULL);
	assert_int_equal(see_piece(f, 1, N_PIECES - 1), REASM_FULL);
	f->holdable = 2;
	assert_int_equal(see_piece(f, 1, 1), REASM_HELD);
	assert_int_equal(see_piece(f, 1, N_PIECES - 1), REASM_HELD);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_45_fragments_pass_in_any_order),
		TEST(test_those_that_overlap_end_the_datagram),
		TEST(test_one_that_overlaps_after_the_first_passed_is_dropped),
		TEST(test_a_repetition_is_dropped_alone),
		TEST(test_places_and_lengths_that_cannot_be),
		TEST(test_all_go_the_way_of_a_first_that_was_dropped),
		TEST(test_datagrams_of_other_zones_and_sides_are_others),
		TEST(test_what_waits_too_long_is_given_up),
		TEST(test_one_source_holds_its_share_only),
		TEST(test_bounds_hold_for_many_sources),
		TEST(test_one_that_cannot_be_held_may_come_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
