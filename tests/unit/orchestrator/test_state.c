/* test_state.c: the life of an operation occurrence: every state with every event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "orchestrator/state.h"

#define NO STATES

/* As ETSI draws it; NO: not allowed. */
static const enum state expected[STATES][EVENTS] = {
	[STATE_STARTING] = {STATE_PROCESSING, STATE_ROLLED_BACK, NO, STATE_ROLLED_BACK,
		STATE_ROLLED_BACK, NO, NO, NO, NO},
	[STATE_PROCESSING] = {NO, NO, STATE_COMPLETED, STATE_FAILED_TEMP,
		STATE_FAILED_TEMP, NO, NO, NO, NO},
	[STATE_COMPLETED] = {NO, NO, NO, NO, NO, NO, NO, NO, NO},
	[STATE_FAILED_TEMP] = {NO, NO, NO, NO, NO, STATE_PROCESSING, STATE_ROLLING_BACK,
		STATE_PROCESSING, STATE_FAILED},
	[STATE_FAILED] = {NO, NO, NO, NO, NO, NO, NO, NO, NO},
	[STATE_ROLLING_BACK] = {NO, NO, STATE_ROLLED_BACK, STATE_FAILED_TEMP,
		STATE_FAILED_TEMP, NO, NO, NO, NO},
	[STATE_ROLLED_BACK] = {NO, NO, NO, NO, NO, NO, NO, NO, NO},
};

static void
test_state_every_state_meets_every_event_as_the_standard_says(void **state)
{
	(void)state;
	for (int s = 0; s < STATES; s++)
		for (int e = 0; e < EVENTS; e++) {
			enum state next = NO;
			int rc = state_next((enum state)s, (enum event)e, &next);
			assert_int_equal(next, expected[s][e]);
			assert_int_equal(rc == 0, expected[s][e] != NO);
		}
}

static void
test_state_final_states_allow_nothing(void **state)
{
	(void)state;
	for (int s = 0; s < STATES; s++) {
		bool dead_end = true;
		for (int e = 0; e < EVENTS; e++)
			dead_end = dead_end && expected[s][e] == NO;
		assert_int_equal(state_final((enum state)s), dead_end);
	}
}

static void
test_state_names_are_read_back(void **state)
{
	(void)state;
	for (int s = 0; s < STATES; s++)
		assert_int_equal(state_from_name(state_name((enum state)s)), s);
	assert_int_equal(state_from_name("NOSUCH"), STATES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_state_every_state_meets_every_event_as_the_standard_says),
		cmocka_unit_test(test_state_final_states_allow_nothing),
		cmocka_unit_test(test_state_names_are_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
