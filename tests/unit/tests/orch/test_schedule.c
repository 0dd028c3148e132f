/* test_schedule.c: operations asked for ahead of their time, on a fake VNF manager: they
 * lock nothing, begin when they are due, and are judged again then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "db/ns_instances.h"
#include "db/occurrences.h"
#include "orchestrator/engine.h"
#include "orchestrator/ns.h"
#include "orchestrator/ns_scale.h"
#include "orchestrator/occurrence.h"
#include "orchestrator/stamp.h"
#include "orchestrator/vnf_scale.h"
#include "tests/orch/edge.h"
#include "tests/orch/edge_nsd.h"
#include "tests/orch/stage.h"

#define LATER 3600000 /* ms: not while the test runs */

#define OUT                                                                              \
	"{\"scaleType\": \"SCALE_VNF\", \"scaleVnfData\": [{\"vnfInstanceId\": \"$\", "  \
	"\"scaleVnfType\": \"SCALE_OUT\"}], \"scaleTime\": \"@\"}"
#define END   "{\"terminationTime\": \"@\"}"
#define BEGIN "{\"nsFlavourId\": \"default\", \"startTime\": \"@\"}"

static int
setup(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	stage_open(stage);
	stage_onboard(stage, NSD_TWO);
	stage_instantiate(stage, "edge-1");
	*state = stage;
	return 0;
}

/* Has it done in ms; the id of the occurrence, or the error. */
static const char *
in(struct stage *stage, stage_task_fn *fn, const char *request, int64_t ms)
{
	static char answer[STAMP_ID];
	char time[STAMP_TIME], text[512];
	const char *with_vnf = stage_request(stage, request, "edge.a");
	const size_t before = strcspn(with_vnf, "@");
	stamp_time_at(stamp_us() / 1000 + ms, time);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)before, with_vnf, time,
		with_vnf + before + 1);
	const char *state = stage_task(stage, fn, "edge", text);
	if (strcmp(state, "STARTING") != 0)
		return state;
	snprintf(answer, sizeof(answer), "%s", stage->occurrence);
	return answer;
}

static const char *
later(struct stage *stage, stage_task_fn *fn, const char *request)
{
	return in(stage, fn, request, LATER);
}

static const char *
state_of(struct stage *stage, const char *id)
{
	snprintf(stage->occurrence, STAMP_ID, "%s", id);
	return stage_state(stage);
}

static void
until(struct stage *stage, const char *id, const char *state)
{
	for (int i = 0; i < 2000 && strcmp(state_of(stage, id), state) != 0; i++)
		usleep(5000);
	assert_string_equal(state_of(stage, id), state);
}

static json_t *
resource(struct stage *stage, const char *id)
{
	struct err err;
	json_t *occurrence;
	assert_int_equal(
		occurrence_get(stage->orch, "ns", id, true, &occurrence, &err), 0);
	return occurrence;
}

static const char *
text(const json_t *object, const char *member)
{
	const char *value = json_string_value(json_object_get(object, member));
	return value ? value : "";
}

static void
test_scheduled_operation_is_seen_and_locks_nothing_until_it_is_due(void **state)
{
	struct stage *stage = *state;
	char id[STAMP_ID];
	snprintf(id, sizeof(id), "%s", later(stage, ns_scale, OUT));
	json_t *seen = resource(stage, id), *only = json_pack("[s]", "cancel");
	assert_string_equal(text(seen, "operationState"), "STARTING");
	assert_string_equal(text(seen, "lcmOperationType"), "SCALE");
	assert_true(stamp_since_ms(text(seen, "startTime")) < 0);
	assert_true(json_equal(json_object_get(seen, "_actions"), only));
	assert_string_equal(
		text(json_object_get(seen, "operationParams"), "scaleType"), "SCALE_VNF");
	json_decref(seen);
	json_decref(only);
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}"),
		"COMPLETED");
	stage_come(stage, id, 0);
	until(stage, id, "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 4); /* edge.a three times */
}

static void
test_scheduled_operation_survives_a_restart(void **state)
{
	struct stage *stage = *state;
	char id[STAMP_ID];
	snprintf(id, sizeof(id), "%s", later(stage, ns_scale, OUT));
	stage_restart(stage);
	assert_string_equal(state_of(stage, id), "STARTING");
	stage_come(stage, id, 0);
	until(stage, id, "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 3);
}

static void
test_scheduled_operations_that_are_due_at_once_take_turns(void **state)
{
	struct stage *stage = *state;
	char out[STAMP_ID], end[STAMP_ID];
	snprintf(out, sizeof(out), "%s", later(stage, ns_scale, OUT));
	snprintf(end, sizeof(end), "%s", later(stage, ns_terminate, END));
	fake_hold_ready(stage->fake, true);
	stage_come(stage, out, 2);
	stage_come(stage, end, 1);
	for (int i = 0; i < 2000 && fake_count(stage->fake, VNFM_VNF) < 3; i++)
		usleep(5000);
	usleep(50000);
	struct db_occurrence row = {0};
	struct err err;
	assert_int_equal(db_occurrence_get(stage->orch->db, end, &row, &err), 0);
	assert_string_equal(row.state, "STARTING");
	db_occurrence_clear(&row);
	fake_hold_ready(stage->fake, false);
	until(stage, end, "COMPLETED");
	until(stage, out, "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_SERVICE), 0);
}

static void
test_scheduled_instantiation_begins_by_itself_and_may_be_cancelled(void **state)
{
	struct stage *stage = *state;
	struct err err;
	char never[STAMP_ID], soon[STAMP_ID];
	assert_string_equal(stage_task(stage, ns_terminate, "edge", "{}"), "COMPLETED");
	snprintf(never, sizeof(never), "%s", later(stage, ns_instantiate, BEGIN));
	snprintf(soon, sizeof(soon), "%s", later(stage, ns_instantiate, BEGIN));
	assert_int_equal(fake_count(stage->fake, VNFM_SERVICE), 0);
	stage_come(stage, soon, 0);
	until(stage, soon, "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 2);
	/* cancelled, it is not rolled back: it has made nothing */
	json_t *request = json_pack("{s:s}", "cancelMode", "GRACEFUL");
	assert_int_equal(occurrence_cancel(stage->orch, "ns", never, request, &err), 0);
	assert_string_equal(state_of(stage, never), "ROLLED_BACK");
	assert_int_equal(occurrence_cancel(stage->orch, "ns", never, request, &err),
		err_errno(ERR_STATE));
	json_decref(request);
	assert_string_not_equal(stage_id(stage, "edge.a"), "");
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}"),
		"COMPLETED");
}

static void
test_scheduled_operation_of_a_service_that_is_deleted_ends_with_it(void **state)
{
	struct stage *stage = *state;
	struct err err;
	char id[STAMP_ID];
	stage_task(stage, ns_terminate, "edge", "{}");
	snprintf(id, sizeof(id), "%s", later(stage, ns_instantiate, BEGIN));
	assert_int_equal(ns_delete(stage->orch, stage_id(stage, "edge"), &err), 0);
	assert_string_equal(state_of(stage, id), "ROLLED_BACK");
	json_t *seen = resource(stage, id);
	assert_string_equal(text(json_object_get(seen, "error"), "text"),
		"the network service was deleted");
	assert_int_equal(json_array_size(json_object_get(seen, "_actions")), 0);
	json_decref(seen);
}

static void
test_scheduled_operation_of_a_chain_that_is_deleted_ends_with_it(void **state)
{
	struct stage *stage = *state;
	char id[STAMP_ID];
	stage_task(stage, ns_terminate, "edge", "{}");
	struct err err;
	assert_int_equal(ns_delete(stage->orch, stage_id(stage, "edge"), &err), 0);
	assert_string_equal(stage_apply(stage, TWO), "COMPLETED");
	snprintf(id, sizeof(id), "%s", later(stage, ns_scale, OUT));
	assert_string_equal(stage_delete(stage, "edge"), "COMPLETED");
	assert_string_equal(state_of(stage, id), "ROLLED_BACK");
}

static void
test_scheduled_operation_is_judged_when_it_is_asked_for_and_when_it_is_due(void **state)
{
	struct stage *stage = *state;
	char id[STAMP_ID];
	assert_string_equal(
		later(stage, ns_scale, "{\"scaleType\": \"X\", \"scaleTime\": \"@\"}"),
		"invalid");
	assert_string_equal(later(stage, ns_instantiate, BEGIN), "state");
	snprintf(id, sizeof(id), "%s", later(stage, ns_scale, OUT));
	assert_string_equal(stage_task(stage, ns_terminate, "edge", "{}"), "COMPLETED");
	stage_come(stage, id, 0);
	until(stage, id, "ROLLED_BACK");
	json_t *seen = resource(stage, id);
	assert_string_equal(text(json_object_get(seen, "error"), "text"),
		"service 'edge' is not instantiated");
	json_decref(seen);
}

static void
test_scheduled_operation_waits_for_the_vnfm(void **state)
{
	struct stage *stage = *state;
	char id[STAMP_ID];
	snprintf(id, sizeof(id), "%s", later(stage, ns_scale, OUT));
	fake_set_down(stage->fake, true);
	stage_come(stage, id, 0);
	usleep(50000); /* some looks */
	assert_string_equal(state_of(stage, id), "STARTING");
	fake_set_down(stage->fake, false);
	until(stage, id, "COMPLETED");
}

static void
test_scheduled_operation_begins_by_itself_at_its_time(void **state)
{
	struct stage *stage = *state;
	struct db_occurrence *rows;
	struct err err;
	size_t n;
	in(stage, ns_scale, OUT, 200); /* or at once, if the machine is that slow */
	for (int i = 0; i < 2000 && fake_count(stage->fake, VNFM_VNF) < 3; i++)
		usleep(5000);
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 3);
	assert_int_equal(db_occurrence_list_scheduled(stage->orch->db,
				 stage_id(stage, "edge"), &rows, &n, &err),
		0);
	assert_int_equal(n, 0);
	db_occurrences_free(rows, n);
}

static void
test_a_time_that_is_past_is_now_whatever_its_zone(void **state)
{
	struct stage *stage = *state;
	static const struct {
		const char *time, *utc;
	} same[] = {{"2026-11-29T21:00:00+02:00", "2026-11-29T19:00:00Z"},
		{"2026-11-29T21:00:00.500-03:30", "2026-11-30T00:30:00.500Z"},
		{"2026-11-29T21:00:00.001Z", "2026-11-29T21:00:00.001+00:00"}};
	for (size_t i = 0; i < 3; i++) {
		char utc[STAMP_TIME];
		assert_int_equal(stamp_ms(same[i].time), stamp_ms(same[i].utc));
		assert_int_equal(stamp_ms(stamp_time_at(stamp_ms(same[i].time), utc)),
			stamp_ms(same[i].time));
	}
	static const char *const none[] = {"2026-11-29", "2026-11-29T21:00:00",
		"2026-11-29T21:00:00+ab:cd", "2026-11-29T21:00:00+99:00",
		"2026-11-29T21:00:00+01:75", " 2026-11-29T21:00:00Z"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(stamp_is_time(none[i]));
	assert_string_equal(in(stage, ns_terminate, END, -1000), "COMPLETED");
}

int
main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, stage_teardown)
	const struct CMUnitTest tests[] = {
		ONE(test_scheduled_operation_is_seen_and_locks_nothing_until_it_is_due),
		ONE(test_scheduled_operation_survives_a_restart),
		ONE(test_scheduled_operations_that_are_due_at_once_take_turns),
		ONE(test_scheduled_instantiation_begins_by_itself_and_may_be_cancelled),
		ONE(test_scheduled_operation_of_a_service_that_is_deleted_ends_with_it),
		ONE(test_scheduled_operation_of_a_chain_that_is_deleted_ends_with_it),
		ONE(test_scheduled_operation_is_judged_when_it_is_asked_for_and_when_it_is_due),
		ONE(test_scheduled_operation_waits_for_the_vnfm),
		ONE(test_scheduled_operation_begins_by_itself_at_its_time),
		ONE(test_a_time_that_is_past_is_now_whatever_its_zone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
