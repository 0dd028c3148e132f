/* What a process that waits for its turn finds when the dataplane clears the slot. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <x86intrin.h>
#include <cmocka.h>
#include "dataplane/host/slot.h"
#include "tests/unit/dataplane/runtime/stage.h"

#define SINGLE_STEP 0x100 /* the trap flag: a signal after each instruction */

static const struct shm_slot *place;
static volatile unsigned n_steps, n_turns, n_unready;

/* What another process may see there. */
static void
look(int signal)
{
	(void)signal;
	n_steps++;
	if (__atomic_load_n(&place->turn, __ATOMIC_ACQUIRE) == 0)
		return;
	n_turns++;
	n_unready +=
		__atomic_load_n(&place->state, __ATOMIC_ACQUIRE) != SHM_SLOT_RESERVED;
}

static void
test_slot_is_ready_when_the_next_process_has_its_turn(void **state)
{
	struct stage *stage = stage_create();
	struct slot slot = {.shm = &stage->host.slots[0]};

	(void)state;
	place = slot.shm;
	slot.shm->state = SHM_SLOT_RUNNING;
	assert_ptr_not_equal(signal(SIGTRAP, look), SIG_ERR);
	__writeeflags(__readeflags() | SINGLE_STEP);
	slot_clear(&slot);
	__writeeflags(__readeflags() & ~(unsigned long long)SINGLE_STEP);
	signal(SIGTRAP, SIG_DFL);
	assert_true(n_steps > n_turns && n_turns > 0);
	assert_int_equal(n_unready, 0);
	stage_destroy(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slot_is_ready_when_the_next_process_has_its_turn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
