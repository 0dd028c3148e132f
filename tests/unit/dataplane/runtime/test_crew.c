/* Tests of the crew: two workers in one thread, the second fed by the first. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>
#include "dataplane/runtime/crew.h"
#include "dataplane/shm/doorbell.h"
#include "tests/unit/dataplane/runtime/stage.h"

struct fixture {
	struct stage *stage;
	struct shm_slot *slots[2];
	struct vnf vnfs[2];
	struct worker workers[2];
	struct crew crew;
	pthread_t thread;
	bool running;
};

/* From connection point 0 to 1. */
static void
process(struct vnf *vnf, struct vnf_burst *burst)
{
	(void)vnf;
	for (unsigned i = 0; i < burst->n; i++)
		burst->verdicts[i] = VNF_FORWARD(1);
}

static const struct vnf_type type = {.api = VNF_API_VERSION, .process = process};

static void *
run(void *arg)
{
	crew_run(&((struct fixture *)arg)->crew);
	return NULL;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct shm_wiring *second;

	f->stage = stage_create();
	for (unsigned i = 0; i < 2; i++)
		f->slots[i] = &f->stage->host.slots[i];
	f->slots[0]->yield_budget_ns = 20000;
	*f->slots[1] = *f->slots[0];
	second = &f->slots[1]->wiring[0];
	f->slots[0]->wiring[0].out[1].consumer = &f->slots[1]->doorbell;
	second->in[0].ring = f->slots[0]->wiring[0].out[1].ring;
	second->in[1].ring = second->in[2].ring = NULL;
	second->out[1] = second->out[2];
	second->out[0].ring = second->out[2].ring = NULL;
	for (unsigned i = 0; i < 2; i++) {
		f->vnfs[i].type = &type;
		worker_open(&f->workers[i], &f->stage->host, f->slots[i], &f->vnfs[i]);
		f->crew.workers[f->crew.n++] = &f->workers[i];
	}
	f->running = pthread_create(&f->thread, NULL, run, f) == 0;
	*state = f;
	return f->running ? 0 : -1;
}

static void
end(struct fixture *f)
{
	if (f->running)
		pthread_join(f->thread, NULL);
	f->running = false;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	crew_stop(&f->crew, WORKER_ABANDON);
	end(f);
	stage_destroy(f->stage);
	free(f);
	return 0;
}

static bool
both_asleep(const struct fixture *f)
{
	return reaches(&f->slots[0]->doorbell.asleep, 1) &&
	       reaches(&f->slots[1]->doorbell.asleep, 1);
}

static void
test_crew_passes_packets_from_one_to_the_next(void **state)
{
	struct fixture *f = *state;

	assert_true(both_asleep(f));
	stage_feed(f->stage, &f->stage->in[0], 100, 0);
	doorbell_ring(&f->slots[0]->doorbell);
	assert_true(reaches(&f->stage->out[2].ring.prod.tail, 100));
	for (unsigned i = 0; i < 100; i++)
		assert_ptr_equal(stage_pop(&f->stage->out[2]), &f->stage->pkts[i]);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(f->slots[i]->counters.cps[0].rx_packets, 100);
		assert_int_equal(f->slots[i]->counters.cps[1].tx_packets, 100);
	}
	assert_int_equal(f->slots[1]->doorbell.rings, 0); /* nobody had to wake it */
}

static void
test_crew_wakes_at_the_doorbell_of_any(void **state)
{
	struct fixture *f = *state;

	for (unsigned round = 0; round < 20; round++) {
		assert_true(both_asleep(f));
		stage_feed(f->stage, &f->stage->out[1], 1, 0);
		doorbell_ring(&f->slots[1]->doorbell);
		assert_true(reaches(&f->stage->out[2].ring.prod.tail, round + 1));
	}
	assert_true(f->slots[1]->doorbell.rings > 0);
}

static void
test_crew_ends_when_all_have_drained(void **state)
{
	struct fixture *f = *state;

	assert_true(reaches(&f->slots[1]->state, SHM_SLOT_RUNNING));
	crew_stop(&f->crew, WORKER_DRAIN);
	end(f);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(f->workers[i].result, 0);
		assert_int_equal(f->slots[i]->state, SHM_SLOT_DRAINED);
	}
}

static void
test_crew_goes_on_without_one_that_ended(void **state)
{
	struct fixture *f = *state;

	assert_true(both_asleep(f));
	worker_stop(&f->workers[0], WORKER_HAND_OVER);
	assert_true(reaches(&f->slots[0]->turn, 1));
	/* from here on the slot is another process's */
	const struct shm_slot_counters before = f->slots[0]->counters;

	stage_feed(f->stage, &f->stage->out[1], 3, 0);
	doorbell_ring(&f->slots[1]->doorbell);
	assert_true(reaches(&f->stage->out[2].ring.prod.tail, 3));
	doorbell_disarm(&f->slots[0]->doorbell);
	assert_true(reaches(&f->slots[1]->doorbell.asleep, 1));
	assert_int_equal(f->slots[0]->doorbell.asleep, 0);
	assert_memory_equal(&f->slots[0]->counters, &before, sizeof(before));
	assert_int_equal(f->slots[0]->state, SHM_SLOT_RESERVED);
}

#define crew_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		crew_test(test_crew_passes_packets_from_one_to_the_next),
		crew_test(test_crew_wakes_at_the_doorbell_of_any),
		crew_test(test_crew_ends_when_all_have_drained),
		crew_test(test_crew_goes_on_without_one_that_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
