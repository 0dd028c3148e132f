/* Tests of the worker: its loop in a thread of its own, over a slot in plain memory. */
#include <errno.h>
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
	struct shm_slot *slot;
	struct worker worker;
	struct vnf vnf;
	pthread_t thread;
	bool running;
	int result;
	const unsigned *target; /* in use [worker] */
	unsigned ticks;
	bool holds; /* all packets */
};

static void
process(struct vnf *vnf, struct vnf_burst *burst)
{
	const struct fixture *f = vnf->self;

	for (unsigned i = 0; i < burst->n; i++)
		burst->verdicts[i] = f->holds && vnf_hold(vnf, burst->pkts[i])
					     ? VNF_HOLD
					     : VNF_FORWARD(*f->target);
}

static void *
swap(struct vnf *vnf, void *built)
{
	struct fixture *f = vnf->self;
	const unsigned *before = f->target;

	f->target = built;
	return (void *)(uintptr_t)before;
}

static void
tick(struct vnf *vnf)
{
	struct fixture *f = vnf->self;

	__atomic_add_fetch(&f->ticks, 1, __ATOMIC_RELAXED);
}

static const struct vnf_type type = {.api = VNF_API_VERSION,
	.process = process,
	.swap = swap,
	.tick = tick,
	.tick_idle_ms = 5};

static void *
run(void *arg)
{
	struct fixture *f = arg;

	crew_run(&(struct crew){.workers = {&f->worker}, .n = 1});
	f->result = f->worker.result;
	return NULL;
}

static int
setup(void **state)
{
	static const unsigned to_1 = 1;
	struct fixture *f = calloc(1, sizeof(*f));

	f->stage = stage_create();
	f->slot = &f->stage->host.slots[0];
	f->slot->yield_budget_ns = 20000;
	f->target = &to_1;
	f->vnf.type = &type;
	f->vnf.self = f;
	worker_open(&f->worker, &f->stage->host, f->slot, &f->vnf);
	f->running = pthread_create(&f->thread, NULL, run, f) == 0;
	*state = f;
	return f->running ? 0 : -1;
}

static int
end(struct fixture *f)
{
	if (f->running)
		pthread_join(f->thread, NULL);
	f->running = false;
	return f->result;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	worker_stop(&f->worker, WORKER_ABANDON);
	end(f);
	stage_destroy(f->stage);
	free(f);
	return 0;
}

static void
test_worker_wakes_for_packets_and_moves_them(void **state)
{
	struct fixture *f = *state;

	assert_true(reaches(&f->slot->state, SHM_SLOT_RUNNING));
	assert_true(reaches(&f->slot->doorbell.asleep, 1));
	stage_feed(f->stage, &f->stage->in[0], 100, 0);
	doorbell_ring(&f->slot->doorbell);
	assert_true(reaches(&f->stage->out[1].ring.prod.tail, 100));
	assert_ptr_equal(stage_pop(&f->stage->out[1]), &f->stage->pkts[0]);
}

static void
test_worker_counts_the_cycles_of_bursts(void **state)
{
	struct fixture *f = *state;
	const struct histogram *bursts = &f->slot->counters.burst_tsc;

	assert_true(reaches(&f->slot->state, SHM_SLOT_RUNNING));
	assert_int_equal(bursts->n, 0);
	stage_feed(f->stage, &f->stage->in[0], 100, 0);
	doorbell_ring(&f->slot->doorbell);
	assert_true(reaches(&f->stage->out[1].ring.prod.tail, 100));
	worker_stop(&f->worker, WORKER_ABANDON);
	end(f);
	assert_in_range(bursts->n, 4, 100); /* 32 packets at most in each */
	assert_int_equal(bursts->sum, f->slot->counters.busy_tsc);
	assert_true(histogram_quantile(bursts, 0.99) <= bursts->max);
}

static void
test_worker_takes_over_wiring_and_acknowledges_it(void **state)
{
	struct fixture *f = *state;

	f->slot->wiring[1] = f->slot->wiring[0];
	f->slot->wiring[1].out[1] = f->slot->wiring[0].out[2];
	f->slot->wiring[1].port_mtu[1] = 1400;
	__atomic_store_n(&f->slot->wiring_gen, 1, __ATOMIC_RELEASE);
	doorbell_ring(&f->slot->doorbell);
	assert_true(reaches(&f->slot->wiring_ack, 1));
	assert_int_equal(f->vnf.port_mtu[1], 1400);
	stage_feed(f->stage, &f->stage->in[0], 1, 0);
	doorbell_ring(&f->slot->doorbell);
	assert_true(reaches(&f->stage->out[2].ring.prod.tail, 1));
}

static void
test_worker_swaps_a_configuration_between_bursts(void **state)
{
	static unsigned to_2 = 2;
	struct fixture *f = *state;
	const unsigned *before = f->target;
	struct err err;
	void *replaced;

	assert_int_equal(worker_swap(&f->worker, &to_2, &replaced, &err), 0);
	assert_ptr_equal(replaced, before);
	stage_feed(f->stage, &f->stage->in[0], 3, 0);
	doorbell_ring(&f->slot->doorbell);
	assert_true(reaches(&f->stage->out[2].ring.prod.tail, 3));
}

static void
test_worker_ticks_while_asleep(void **state)
{
	struct fixture *f = *state;

	assert_true(reaches(&f->ticks, 3));
	assert_true(f->slot->heartbeat >= 3);
}

/* Nobody takes what it gives back: its successor cannot have its turn from it. */
static void
test_worker_that_cannot_drain_passes_no_turn(void **state)
{
	struct fixture *f = *state;

	f->holds = true;
	stage_feed(f->stage, &f->stage->in[0], 1, 0);
	doorbell_ring(&f->slot->doorbell);
	assert_true(reaches(&f->stage->in[0].ring.cons.tail, 1));
	f->stage->returns.ring.capacity = 0;
	f->worker.exchange.outs[EXCHANGE_RETURNS].room = 0;
	worker_stop(&f->worker, WORKER_HAND_OVER);
	assert_int_equal(end(f), -EBUSY);
	assert_int_equal(f->slot->turn, 0);
	assert_int_equal(f->slot->state, SHM_SLOT_RUNNING);
}

static void
test_worker_drains_in_order_when_it_is_stopped(void **state)
{
	struct fixture *f = *state;

	assert_true(reaches(&f->slot->state, SHM_SLOT_RUNNING));
	worker_stop(&f->worker, WORKER_DRAIN);
	assert_int_equal(end(f), 0);
	assert_int_equal(f->slot->state, SHM_SLOT_DRAINED);
	assert_int_equal(hand_count(&f->slot->hand), 0);
}

static void
test_worker_ends_with_the_dataplane(void **state)
{
	struct fixture *f = *state;

	assert_true(reaches(&f->slot->state, SHM_SLOT_RUNNING));
	__atomic_store_n(&f->stage->host.shutdown, 1, __ATOMIC_RELEASE);
	assert_int_equal(end(f), -ECONNABORTED);
}

static void
test_worker_ticks_when_it_is_asked(void **state)
{
	struct fixture *f = *state;

	assert_true(reaches(&f->slot->state, SHM_SLOT_RUNNING));
	for (uint32_t n = 1; n <= 20; n++) { /* more often than by the clock */
		const uint32_t before = __atomic_load_n(&f->ticks, __ATOMIC_RELAXED);

		worker_wake(&f->worker);
		assert_true(reaches(&f->worker.tick_done, n));
		assert_true(reaches(&f->ticks, before + 1));
	}
}

static void
test_worker_ends_when_another_dataplane_took_its_memory(void **state)
{
	struct fixture *f = *state;

	assert_true(reaches(&f->slot->state, SHM_SLOT_RUNNING));
	__atomic_store_n(&f->stage->host.generation, 2, __ATOMIC_RELEASE);
	assert_int_equal(end(f), -ECONNABORTED);
}

static void
test_worker_clock_follows_the_tsc(void **state)
{
	struct shm_host host = {.tsc_hz = 2600000000u};

	(void)state;
	assert_in_range(worker_clock_ns(&host, 2600000000ull * 86400), 86399999900000ull,
		86400000000000ull);
}

#define worker_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		worker_test(test_worker_wakes_for_packets_and_moves_them),
		worker_test(test_worker_takes_over_wiring_and_acknowledges_it),
		{.name = "cycles of each burst are counted [COM-9]",
			.test_func = test_worker_counts_the_cycles_of_bursts,
			.setup_func = setup,
			.teardown_func = teardown},
		{.name = "a configuration is swapped between two bursts [COM-6]",
			.test_func = test_worker_swaps_a_configuration_between_bursts,
			.setup_func = setup,
			.teardown_func = teardown},
		worker_test(test_worker_ticks_while_asleep),
		worker_test(test_worker_ticks_when_it_is_asked),
		worker_test(test_worker_that_cannot_drain_passes_no_turn),
		worker_test(test_worker_drains_in_order_when_it_is_stopped),
		worker_test(test_worker_ends_with_the_dataplane),
		worker_test(test_worker_ends_when_another_dataplane_took_its_memory),
		cmocka_unit_test(test_worker_clock_follows_the_tsc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
