/* A doorbell never loses a ring, and costs nothing while nobody sleeps. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "dataplane/shm/doorbell.h"

#define ROUNDS 20000

struct table { /* two players, each with a bell, and the ball between them */
	struct shm_doorbell bells[2];
	uint32_t ball;
	uint32_t slept_through;
};

struct player {
	struct table *table;
	unsigned side;
};

/* Waits for the ball as a worker waits for a packet, then plays it back. */
static void *
play(void *arg)
{
	const struct player *player = arg;
	struct table *table = player->table;
	struct shm_doorbell *bell = &table->bells[player->side];
	uint32_t ball;

	for (ball = player->side; ball < ROUNDS; ball += 2) {
		while (__atomic_load_n(&table->ball, __ATOMIC_ACQUIRE) != ball) {
			doorbell_arm(bell);
			if (__atomic_load_n(&table->ball, __ATOMIC_ACQUIRE) == ball)
				doorbell_disarm(bell);
			else if (!doorbell_wait(bell, 5000000000ull))
				table->slept_through++;
		}
		__atomic_store_n(&table->ball, ball + 1, __ATOMIC_RELEASE);
		doorbell_ring(&table->bells[!player->side]);
	}
	return NULL;
}

static void
test_doorbell_loses_no_ring(void **state)
{
	struct table table = {0};
	struct player players[2] = {{&table, 0}, {&table, 1}};
	pthread_t other;

	(void)state;
	assert_int_equal(pthread_create(&other, NULL, play, &players[1]), 0);
	play(&players[0]);
	pthread_join(other, NULL);
	assert_int_equal(table.ball, ROUNDS);
	assert_int_equal(table.slept_through, 0);
}

struct stray { /* a wake that comes late: its ring was seen without sleeping */
	struct shm_doorbell *bell;
	bool over;
};

static void *
wake_late(void *arg)
{
	struct stray *stray = arg;

	while (!__atomic_load_n(&stray->over, __ATOMIC_ACQUIRE))
		if (syscall(SYS_futex, &stray->bell->asleep, FUTEX_WAKE, 1, NULL, NULL,
			    0) == 0)
			sched_yield();
	return NULL;
}

static void
test_doorbell_woken_by_a_late_wake_has_not_waited_in_vain(void **state)
{
	struct shm_doorbell bell = {0};
	struct stray stray = {.bell = &bell};
	pthread_t other;

	(void)state;
	assert_int_equal(pthread_create(&other, NULL, wake_late, &stray), 0);
	doorbell_arm(&bell);
	assert_true(doorbell_wait(&bell, 60000000000ull));
	__atomic_store_n(&stray.over, true, __ATOMIC_RELEASE);
	pthread_join(other, NULL);
	assert_int_equal(bell.asleep, 0);
}

static void
test_doorbell_wait_ends_by_itself_when_nobody_rings(void **state)
{
	struct shm_doorbell bell = {0};

	(void)state;
	doorbell_arm(&bell);
	assert_false(doorbell_wait(&bell, 1000000));
	assert_int_equal(bell.asleep, 0);
}

static void
test_doorbell_rung_before_the_wait_is_not_waited_for(void **state)
{
	struct shm_doorbell bell = {0};

	(void)state;
	doorbell_arm(&bell);
	doorbell_ring(&bell);
	assert_true(doorbell_wait(&bell, 5000000000ull));
}

static void
test_doorbell_of_one_awake_is_not_rung(void **state)
{
	struct shm_doorbell bell = {0};

	(void)state;
	doorbell_ring(&bell);
	assert_int_equal(bell.rings, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_doorbell_loses_no_ring),
		cmocka_unit_test(
			test_doorbell_woken_by_a_late_wake_has_not_waited_in_vain),
		cmocka_unit_test(test_doorbell_wait_ends_by_itself_when_nobody_rings),
		cmocka_unit_test(test_doorbell_rung_before_the_wait_is_not_waited_for),
		cmocka_unit_test(test_doorbell_of_one_awake_is_not_rung),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
