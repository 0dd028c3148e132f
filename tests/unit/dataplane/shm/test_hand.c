/* A worker may be killed between any two of its instructions: it is single-stepped here,
 * and after every step what a cleaner would find is checked. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "dataplane/shm/hand.h"

#define RING_SIZE 64
#define TOKENS	  24

struct ring_memory {
	struct rte_ring ring;
	void *slots[RING_SIZE];
};

struct stage {
	struct ring_memory in, out, returns;
	struct shm_hand hand;
};

static struct stage *stage, saved;

static void
ring_prepare(struct ring_memory *memory)
{
	memset(memory, 0, sizeof(*memory));
	memory->ring.size = RING_SIZE;
	memory->ring.mask = RING_SIZE - 1;
	memory->ring.capacity = RING_SIZE - 1;
	memory->ring.prod.head = memory->ring.prod.tail = UINT32_MAX - 7; /* wraps soon */
	memory->ring.cons = memory->ring.prod;
}

static int
stage_open(void **state)
{
	(void)state;
	stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stage == MAP_FAILED)
		return -1;
	memset(&stage->hand, 0, sizeof(stage->hand));
	ring_prepare(&stage->in);
	ring_prepare(&stage->out);
	ring_prepare(&stage->returns);
	for (uintptr_t token = 1; token <= TOKENS; token++)
		stage->in.slots[stage->in.ring.prod.tail++ & stage->in.ring.mask] =
			(void *)token;
	stage->in.ring.prod.head = stage->in.ring.prod.tail;
	return 0;
}

static int
stage_close(void **state)
{
	(void)state;
	return munmap(stage, sizeof(*stage));
}

/* Every second buffer first: as if for one output, the others for another. */
static void
reorder(void)
{
	struct shm_hand *hand = &stage->hand;
	const uint32_t n = hand_count(hand);
	struct rte_mbuf **draft = hand_draft(hand);

	for (uint32_t i = 0; i < n; i++)
		draft[i % 2 == 0 ? i / 2 : (n + 1) / 2 + i / 2] =
			hand->pkts[hand->first + i];
	hand_adopt(hand, n);
}

/* What a worker does with three bursts, some of it in two parts, one in another order. */
static void
work(void)
{
	hand_take(&stage->hand, &stage->in.ring, 8);
	hand_give(&stage->hand, &stage->out.ring, 5);
	hand_give(&stage->hand, &stage->returns.ring, 3);
	hand_take(&stage->hand, &stage->in.ring, 4);
	hand_take(&stage->hand, &stage->in.ring, 4);
	hand_give(&stage->hand, &stage->returns.ring, 1);
	hand_give(&stage->hand, &stage->out.ring, 6);
	hand_take(&stage->hand, &stage->in.ring, 8);
	reorder();
	hand_give(&stage->hand, &stage->out.ring, 9);
}

static void
count_ring(const struct ring_memory *memory, unsigned *seen)
{
	for (uint32_t i = memory->ring.cons.tail; i != memory->ring.prod.tail; i++)
		seen[(uintptr_t)memory->slots[i & memory->ring.mask]]++;
}

/* True if every token is in exactly one place once the dead worker's things are settled.
 */
static bool
all_there_once(void)
{
	unsigned seen[TOKENS + 1] = {0};

	hand_settle(&stage->hand);
	if (stage->in.ring.cons.head != stage->in.ring.cons.tail ||
		stage->out.ring.prod.head != stage->out.ring.prod.tail ||
		stage->returns.ring.prod.head != stage->returns.ring.prod.tail)
		return false;
	count_ring(&stage->in, seen);
	count_ring(&stage->out, seen);
	count_ring(&stage->returns, seen);
	for (uint32_t i = stage->hand.first; i < stage->hand.n; i++)
		seen[(uintptr_t)stage->hand.pkts[i]]++;
	for (unsigned token = 1; token <= TOKENS; token++)
		if (seen[token] != 1)
			return false;
	return true;
}

static pid_t
stopped_worker(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		work();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return pid;
}

static void
test_hand_killed_at_any_instruction_loses_and_doubles_nothing(void **state)
{
	const pid_t pid = stopped_worker();
	unsigned steps = 0;
	int status;

	(void)state;
	for (;; steps++) {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0)
			break;
		waitpid(pid, &status, 0);
		if (WIFEXITED(status))
			break;
		memcpy(&saved, stage, sizeof(saved));
		if (!all_there_once())
			fail_msg("not every buffer in one place after %u instructions",
				steps);
		memcpy(stage, &saved, sizeof(saved));
	}
	assert_true(steps > 100);
	assert_int_equal(ring_fill(&stage->returns.ring), 4);
	assert_int_equal(ring_fill(&stage->out.ring), 20);
}

static void
test_hand_take_and_give_keep_the_order(void **state)
{
	(void)state;
	work();
	assert_int_equal(hand_count(&stage->hand), 0);
	for (uint32_t i = 0; i < 5; i++)
		assert_ptr_equal(
			ring_peek(&stage->out.ring, i), (void *)(uintptr_t)(i + 1));
	assert_ptr_equal(ring_peek(&stage->returns.ring, 3), (void *)(uintptr_t)9);
}

static void
test_hand_take_stops_at_what_is_there(void **state)
{
	(void)state;
	assert_int_equal(hand_take(&stage->hand, &stage->in.ring, 100), TOKENS);
	assert_int_equal(hand_take(&stage->hand, &stage->in.ring, 100), 0);
	assert_int_equal(hand_count(&stage->hand), TOKENS);
}

static void
test_ring_peek_leaves_and_advance_takes(void **state)
{
	(void)state;
	assert_ptr_equal(ring_peek(&stage->in.ring, 2), (void *)(uintptr_t)3);
	assert_int_equal(ring_fill(&stage->in.ring), TOKENS);
	ring_advance(&stage->in.ring, 3);
	assert_int_equal(ring_fill(&stage->in.ring), TOKENS - 3);
	assert_int_equal(ring_room(&stage->in.ring), RING_SIZE - 1 - (TOKENS - 3));
	assert_ptr_equal(ring_peek(&stage->in.ring, 0), (void *)(uintptr_t)4);
}

static void
test_hand_range_of_nonsense_is_empty(void **state)
{
	uint32_t first, n;

	(void)state;
	stage->hand.n = SHM_HAND + 1;
	hand_range(&stage->hand, &first, &n);
	assert_int_equal(n, 0);
	stage->hand.first = 5;
	stage->hand.n = 0; /* between the two stores that empty it */
	hand_range(&stage->hand, &first, &n);
	assert_int_equal(first, 0);
}

static void
test_ring_parked_takes_more_and_gives_room_again_when_that_is_gone(void **state)
{
	struct rte_ring *ring = &stage->out.ring;
	struct rte_mbuf *token = (struct rte_mbuf *)1;
	const uint32_t usual = RING_SIZE / RING_PARKING - 1;

	(void)state;
	ring->capacity = usual;
	while (ring_room(ring) > 0)
		ring_put(ring, &token, 1);
	assert_int_equal(ring_fill(ring), usual);
	ring_park(ring);
	assert_int_equal(ring_room(ring), RING_SIZE - 1 - usual);
	for (int i = 0; i < 3; i++)
		ring_put(ring, &token, 1);
	ring_unpark(ring);
	assert_true(ring_is_parked(ring));
	ring->capacity = usual; /* a producer that sees it lowered early */
	assert_int_equal(ring_room(ring), 0);
	ring_park(ring);
	ring_advance(ring, 4);
	ring_unpark(ring);
	assert_false(ring_is_parked(ring));
	assert_int_equal(ring_room(ring), 1);
}

static void
test_ring_parked_is_as_usual_again_although_more_comes_than_is_taken(void **state)
{
	struct rte_ring *ring = &stage->in.ring;
	const uint32_t usual = RING_SIZE / RING_PARKING - 1;
	uint32_t taken = 0;

	(void)state;
	ring->cons.tail = SHM_BURST; /* just past where it may be as usual again */
	ring_park(ring);
	while (ring_is_parked(ring) && taken++ < 2 * RING_SIZE * RING_ROUNDS) {
		ring->prod.tail = ring->cons.tail + ring->mask; /* full at each look */
		ring_unpark(ring);
		ring_advance(ring, 1);
	}
	assert_int_equal(ring->capacity, usual);
	assert_in_range(taken, RING_SIZE * (RING_ROUNDS - 1), RING_SIZE * RING_ROUNDS);
	assert_int_equal(ring_room(ring), 0); /* until what is more has gone */
}

static void
test_ring_known_looks_at_the_producer_only_for_want_of_packets(void **state)
{
	struct rte_ring *ring = &stage->in.ring;
	uint32_t seen = ring->cons.tail;

	(void)state;
	assert_int_equal(ring_known(ring, &seen, 4), TOKENS);
	ring->prod.tail += 2;
	assert_int_equal(ring_known(ring, &seen, 4), TOKENS);
	ring_advance(ring, TOKENS - 4);
	assert_int_equal(ring_known(ring, &seen, 4), 4);
	assert_int_equal(ring_known(ring, &seen, 5), 6);
	ring_advance(ring, 6);
	assert_int_equal(ring_known(ring, &seen, 1), 0);
}

#define stage_test(f) cmocka_unit_test_setup_teardown(f, stage_open, stage_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(test_hand_killed_at_any_instruction_loses_and_doubles_nothing),
		stage_test(test_hand_take_and_give_keep_the_order),
		stage_test(test_hand_take_stops_at_what_is_there),
		stage_test(test_ring_peek_leaves_and_advance_takes),
		stage_test(test_hand_range_of_nonsense_is_empty),
		stage_test(
			test_ring_parked_takes_more_and_gives_room_again_when_that_is_gone),
		stage_test(
			test_ring_parked_is_as_usual_again_although_more_comes_than_is_taken),
		stage_test(
			test_ring_known_looks_at_the_producer_only_for_want_of_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
