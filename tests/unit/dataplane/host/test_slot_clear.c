/* What a process that waits for its turn finds when the dataplane clears the slot. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/host/slot.h"
#include "tests/unit/dataplane/runtime/stage.h"

#define TURNS 3000

static struct shm_slot *place;
static uint32_t n_unready, seen;

/* A successor for each turn, that has come the moment before. */
static void *
watch(void *arg)
{
	uint32_t turn = 0;

	(void)arg;
	while (turn < TURNS) {
		const uint32_t now = __atomic_load_n(&place->turn, __ATOMIC_ACQUIRE);

		if (now == turn)
			continue;
		turn = now;
		n_unready += __atomic_load_n(&place->state, __ATOMIC_ACQUIRE) !=
			     SHM_SLOT_RESERVED;
		__atomic_store_n(&seen, turn, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void
test_slot_is_ready_when_the_next_process_has_its_turn(void **state)
{
	struct stage *stage = stage_create();
	struct slot slot = {.shm = &stage->host.slots[0]};
	pthread_t watcher;

	(void)state;
	place = slot.shm;
	assert_int_equal(pthread_create(&watcher, NULL, watch, NULL), 0);
	for (unsigned i = 0; i < TURNS; i++) {
		place->state = SHM_SLOT_RUNNING;
		assert_int_equal(slot_clear(&slot), 0);
		while (__atomic_load_n(&seen, __ATOMIC_ACQUIRE) != place->turn)
			sched_yield();
	}
	pthread_join(watcher, NULL);
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
