/* The life of a VNF's process: the table of states and events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "vnfm/lifecycle.h"

static void
expect(enum lifecycle_state from, enum lifecycle_event event, enum lifecycle_state to,
	enum lifecycle_report report)
{
	struct lifecycle_step step = lifecycle_step(from, event);
	if (step.next != to || step.report != report)
		fail_msg("%s + %s: %s (%s)", lifecycle_state_name(from),
			lifecycle_event_name(event), lifecycle_state_name(step.next),
			lifecycle_report_name(step.report));
}

static void
test_lifecycle_ready_means_told_not_started(void **state)
{
	(void)state;
	expect(LIFECYCLE_ABSENT, LIFECYCLE_PUT, LIFECYCLE_STARTING, LIFECYCLE_QUIET);
	expect(LIFECYCLE_STARTING, LIFECYCLE_TOLD, LIFECYCLE_READY,
		LIFECYCLE_REPORT_READY);
	for (unsigned e = 0; e < LIFECYCLE_EVENTS; e++)
		if (e != LIFECYCLE_TOLD)
			assert_int_not_equal(lifecycle_step(LIFECYCLE_STARTING, e).next,
				LIFECYCLE_READY);
}

static void
test_lifecycle_death_is_replaced_and_told(void **state)
{
	(void)state;
	expect(LIFECYCLE_READY, LIFECYCLE_DIED, LIFECYCLE_DEGRADED,
		LIFECYCLE_REPORT_DIED);
	expect(LIFECYCLE_READY, LIFECYCLE_HUNG, LIFECYCLE_DEGRADED,
		LIFECYCLE_REPORT_HUNG);
	expect(LIFECYCLE_DEGRADED, LIFECYCLE_TOLD, LIFECYCLE_READY,
		LIFECYCLE_REPORT_READY);
}

static void
test_lifecycle_crash_loop_and_refusal_fail_until_put_again(void **state)
{
	(void)state;
	expect(LIFECYCLE_DEGRADED, LIFECYCLE_LOOP, LIFECYCLE_FAILED,
		LIFECYCLE_REPORT_FAILED);
	expect(LIFECYCLE_STARTING, LIFECYCLE_REFUSED, LIFECYCLE_FAILED,
		LIFECYCLE_REPORT_FAILED);
	expect(LIFECYCLE_FAILED, LIFECYCLE_DIED, LIFECYCLE_FAILED, LIFECYCLE_QUIET);
	expect(LIFECYCLE_FAILED, LIFECYCLE_PUT, LIFECYCLE_STARTING, LIFECYCLE_QUIET);
}

static void
test_lifecycle_a_lost_dataplane_starts_everything_anew(void **state)
{
	(void)state;
	expect(LIFECYCLE_READY, LIFECYCLE_LOST, LIFECYCLE_DEGRADED, LIFECYCLE_QUIET);
	expect(LIFECYCLE_STARTING, LIFECYCLE_LOST, LIFECYCLE_STARTING, LIFECYCLE_QUIET);
	expect(LIFECYCLE_FAILED, LIFECYCLE_LOST, LIFECYCLE_STARTING, LIFECYCLE_QUIET);
}

static void
test_lifecycle_stopping_ends_only_in_absent(void **state)
{
	(void)state;
	for (unsigned s = 0; s < LIFECYCLE_STATES; s++)
		if (s != LIFECYCLE_ABSENT)
			expect(s, LIFECYCLE_DELETE, LIFECYCLE_STOPPING, LIFECYCLE_QUIET);
	for (unsigned e = 0; e < LIFECYCLE_EVENTS; e++)
		expect(LIFECYCLE_STOPPING, e,
			e == LIFECYCLE_GONE ? LIFECYCLE_ABSENT : LIFECYCLE_STOPPING,
			LIFECYCLE_QUIET);
}

static void
test_lifecycle_absent_wakes_by_put_alone(void **state)
{
	(void)state;
	for (unsigned e = 0; e < LIFECYCLE_EVENTS; e++)
		expect(LIFECYCLE_ABSENT, e,
			e == LIFECYCLE_PUT ? LIFECYCLE_STARTING : LIFECYCLE_ABSENT,
			LIFECYCLE_QUIET);
}

static void
test_lifecycle_prints_every_state_as_a_row(void **state)
{
	(void)state;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	lifecycle_print(out);
	fclose(out);
	for (unsigned s = 0; s < LIFECYCLE_STATES; s++) {
		char row[32];
		snprintf(row, sizeof(row), "\n| %s |", lifecycle_state_name(s));
		assert_non_null(strstr(text, row));
	}
	assert_non_null(strstr(text, "degraded (vnf-died)"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lifecycle_ready_means_told_not_started),
		cmocka_unit_test(test_lifecycle_death_is_replaced_and_told),
		cmocka_unit_test(
			test_lifecycle_crash_loop_and_refusal_fail_until_put_again),
		cmocka_unit_test(test_lifecycle_a_lost_dataplane_starts_everything_anew),
		cmocka_unit_test(test_lifecycle_stopping_ends_only_in_absent),
		cmocka_unit_test(test_lifecycle_absent_wakes_by_put_alone),
		cmocka_unit_test(test_lifecycle_prints_every_state_as_a_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
