/* test_vnf_alone.c: VNFs that are managed by themselves, on a fake VNF manager. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "orchestrator/engine.h"
#include "orchestrator/ns.h"
#include "orchestrator/ns_update.h"
#include "orchestrator/nsd.h"
#include "orchestrator/occurrence.h"
#include "orchestrator/vnf.h"
#include "orchestrator/vnf_alone.h"
#include "orchestrator/vnf_heal.h"
#include "orchestrator/vnf_operate.h"
#include "orchestrator/vnf_port.h"
#include "orchestrator/vnf_scale.h"
#include "tests/orch/edge.h"
#include "tests/orch/edge_nsd.h"
#include "tests/orch/stage.h"

#define PORTS_(more_)                                                                    \
	"\"additionalParams\": {\"ports\": {\"left\": {\"driver\": \"af_packet\", "      \
	"\"interface\": \"lan0\"}, \"right\": {\"driver\": \"af_packet\", "              \
	"\"interface\": \"wan0\"}}" more_ "}"
#define BEGIN	 "{\"flavourId\": \"default\", " PORTS_("") "}"
#define GRACEFUL "{\"terminationType\": \"GRACEFUL\", \"gracefulTerminationTimeout\": 1}"
#define CREATE	 "{\"vnfdId\": \"renga-firewall\", \"vnfInstanceName\": \"guard\"}"

/* The state of the new VNF, or what refused it. */
static const char *
create(struct stage *stage, const char *text)
{
	static char state[32];
	struct faults faults = {0};
	struct err err = {0};
	json_t *vnf = NULL, *request = json_loads(text, 0, NULL);
	const int rc = vnf_create(stage->orch, NULL, request, &vnf, &faults, &err);
	const char *is =
		rc ? err_code_name(faults.n ? faults.list[0].code : err.code)
		   : json_string_value(json_object_get(vnf, "instantiationState"));
	strncpy(state, is, sizeof(state) - 1);
	faults_clear(&faults);
	json_decref(request);
	json_decref(vnf);
	return state;
}

static const char *
delete_vnf(struct stage *stage, const char *name)
{
	struct err err = {0};
	return vnf_delete(stage->orch, stage_id(stage, name), &err)
		       ? err_code_name(err.code)
		       : "gone";
}

static void
assert_actions(struct stage *stage, const char *expected)
{
	struct err err;
	json_t *vnf, *wanted = json_loads(expected, 0, NULL);
	assert_int_equal(vnf_get(stage->orch, stage_id(stage, "guard"), &vnf, &err), 0);
	assert_true(json_equal(json_object_get(vnf, "_actions"), wanted));
	json_decref(wanted);
	json_decref(vnf);
}

static int
setup(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	stage_open(stage);
	assert_string_equal(create(stage, CREATE), "NOT_INSTANTIATED");
	*state = stage;
	return 0;
}

static void
test_vnf_alone_lives_from_create_to_delete_and_again(void **state)
{
	struct stage *stage = *state;
	assert_actions(stage, "[\"instantiate\"]");
	for (unsigned i = 0; i < 2; i++) {
		assert_string_equal(
			stage_steps(stage_plan(stage, vnf_instantiate, "guard", BEGIN)),
			"put service guard; put vnf guard.firewall; put port left; put "
			"port right; wait vnf guard.firewall; relink service guard");
		assert_string_equal(
			stage_task(stage, vnf_instantiate, "guard", BEGIN), "COMPLETED");
		assert_int_equal(fake_count(stage->fake, VNFM_VNF), 1);
		assert_int_equal(fake_count(stage->fake, VNFM_LINK), 2);
		assert_actions(stage, "[\"operate\", \"change_vnfpkg\", \"scale\", "
				      "\"scale_to_level\", \"heal\", "
				      "\"change_ext_conn\", \"change_flavour\", "
				      "\"terminate\"]");
		assert_string_equal(
			stage_task(stage, vnf_instantiate, "guard", BEGIN), "state");
		assert_string_equal(delete_vnf(stage, "guard"), "state");
		assert_string_equal(
			stage_task(stage, vnf_terminate, "guard", i ? "{}" : GRACEFUL),
			"COMPLETED");
		assert_actions(stage, "[\"instantiate\"]");
		assert_int_equal(fake_count(stage->fake, VNFM_SERVICE), 0);
		assert_string_equal(
			stage_task(stage, vnf_terminate, "guard", "{}"), "state");
	}
	assert_string_equal(delete_vnf(stage, "guard"), "gone");
	assert_string_equal(delete_vnf(stage, "guard"), "not-found");
	assert_string_equal(create(stage, CREATE), "NOT_INSTANTIATED");
}

static void
test_vnf_alone_is_in_no_list_of_services_nor_its_descriptor(void **state)
{
	struct stage *stage = *state;
	const struct ns_page page = {.whole = true, .n = 100};
	struct err err = {0};
	struct db_vnf row = {0};
	json_t *list, *ns;
	stage_task(stage, vnf_instantiate, "guard", BEGIN);
	assert_int_equal(ns_list(stage->orch, &page, &list, &err), 0);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	assert_int_equal(nsd_list(stage->orch, &list, &err), 0);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	assert_int_equal(
		db_vnf_get(stage->orch->db, stage_id(stage, "guard"), &row, &err), 0);
	assert_int_equal(ns_get(stage->orch, row.ns_id, &ns, &err), -ENOENT);
	assert_int_equal(ns_delete(stage->orch, row.ns_id, &err), -ENOENT);
	struct operation_answer answer = {0};
	struct faults faults = {0};
	json_t *none = json_object();
	assert_int_equal(
		ns_terminate(stage->orch, row.ns_id, none, &answer, &faults, &err),
		-ENOENT);
	assert_int_equal(
		ns_update(stage->orch, row.ns_id, none, &answer, &faults, &err), -ENOENT);
	json_decref(none);
	db_vnf_clear(&row);
	assert_int_equal(nsd_delete(stage->orch, "vnf", &err), -ENOENT);
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 1);
}

static void
test_vnf_alone_is_operated_on_as_any_other(void **state)
{
	struct stage *stage = *state;
	static const struct {
		stage_task_fn *fn;
		const char *request;
	} tasks[] = {{vnf_scale, "{\"type\": \"SCALE_OUT\"}"},
		{vnf_modify, "{\"vnfConfigurableProperties\": {\"config\": {\"x\": 1}}}"},
		{vnf_heal, "{}"}, {vnf_scale, "{\"type\": \"SCALE_IN\"}"},
		{vnf_operate, "{\"changeStateTo\": \"STOPPED\"}"},
		{vnf_operate, "{\"changeStateTo\": \"STARTED\"}"},
		{vnf_port_change,
			"{\"additionalParams\": {\"ports\": {\"left\": {\"driver\": "
			"\"af_packet\", \"interface\": \"lan8\"}}}}"}};
	stage_task(stage, vnf_instantiate, "guard", BEGIN);
	for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++)
		assert_string_equal(
			stage_task(stage, tasks[i].fn, "guard", tasks[i].request),
			"COMPLETED");
	assert_string_equal(stage_task(stage, vnf_operate, "guard",
				    "{\"changeStateTo\": \"STOPPED\"}"),
		"COMPLETED");
	assert_string_equal(stage_task(stage, vnf_terminate, "guard", "{}"), "COMPLETED");
	assert_string_equal(
		stage_task(stage, vnf_instantiate, "guard", BEGIN), "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 1);
}

static void
test_vnf_alone_that_does_not_begin_can_be_tried_again_or_goes_back(void **state)
{
	struct stage *stage = *state;
	static const enum event ends[] = {EVENT_RETRY, EVENT_ROLLBACK, EVENT_FAIL};
	static const char *const states[] = {"COMPLETED", "ROLLED_BACK", "FAILED"};
	for (size_t i = 0; i < 3; i++) {
		fake_fail_put(stage->fake, VNFM_PORT, "", 1);
		assert_string_equal(stage_task(stage, vnf_instantiate, "guard", BEGIN),
			"FAILED_TEMP");
		assert_string_equal(delete_vnf(stage, "guard"), "state");
		assert_string_equal(stage_tell(stage, "vnf", ends[i]), states[i]);
		if (i == 0)
			stage_task(stage, vnf_terminate, "guard", "{}");
		assert_actions(stage, "[\"instantiate\"]");
	}
	assert_string_equal(delete_vnf(stage, "guard"), "gone");
	assert_int_equal(fake_count(stage->fake, VNFM_SERVICE), 0);
}

/* Asked for; not waited for. */
static void
begin(struct stage *stage)
{
	struct operation_answer answer = {0};
	struct faults faults = {0};
	struct err err = {0};
	json_t *request = json_loads(BEGIN, 0, NULL);
	assert_int_equal(vnf_instantiate(stage->orch, stage_id(stage, "guard"), request,
				 &answer, &faults, &err),
		0);
	json_decref(request);
	memcpy(stage->occurrence, answer.occurrence, STAMP_ID);
}

static void
cancel(struct stage *stage)
{
	struct err err;
	json_t *request = json_pack("{s:s}", "cancelMode", "GRACEFUL");
	assert_int_equal(
		occurrence_cancel(stage->orch, "vnf", stage->occurrence, request, &err),
		0);
	json_decref(request);
}

static void
test_vnf_alone_that_is_cancelled_says_so(void **state)
{
	struct stage *stage = *state;
	struct db_vnf row = {0};
	struct err err;
	json_t *occurrence;
	assert_int_equal(
		db_vnf_get(stage->orch->db, stage_id(stage, "guard"), &row, &err), 0);
	assert_true(engine_try_claim(stage->orch->engine, row.ns_id));
	begin(stage);
	cancel(stage); /* it is STARTING still */
	engine_release(stage->orch->engine, row.ns_id);
	assert_string_equal(stage_state(stage), "ROLLED_BACK");
	assert_int_equal(fake_count(stage->fake, VNFM_SERVICE), 0);
	fake_hold_ready(stage->fake, true);
	begin(stage);
	while (fake_count(stage->fake, VNFM_PORT) < 2) /* it waits for the VNF */
		usleep(1000);
	cancel(stage);
	fake_hold_ready(stage->fake, false);
	assert_string_equal(stage_state(stage), "FAILED_TEMP");
	assert_int_equal(occurrence_get(stage->orch, "vnf", stage->occurrence, false,
				 &occurrence, &err),
		0);
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(occurrence, "error"), "text")),
		"the operation was cancelled");
	json_decref(occurrence);
	db_vnf_clear(&row);
}

static void
test_vnf_alone_what_cannot_be_is_refused(void **state)
{
	struct stage *stage = *state;
	static const char *const bad[] = {"{}",
		"{\"flavourId\": \"huge\", " PORTS_("") "}", "{" PORTS_("") "}",
		"{\"flavourId\": \"default\"}",
		"{\"flavourId\": \"default\", \"additionalParams\": {\"ports\": {\"up\": "
		"{\"driver\": \"null\"}}}}",
		"{\"flavourId\": \"default\", " PORTS_(
			", \"config\": {\"wrong\": 1}") "}",
		"{\"flavourId\": \"default\", " PORTS_(", \"replicas\": 99") "}",
		"{\"flavourId\": \"default\", " PORTS_(", \"confg\": {}") "}",
		"{\"flavourId\": \"default\", " PORTS_(", \"core\": 99") "}",
		"{\"flavourId\": \"default\", " PORTS_(", \"core\": 4294967297") "}",
		"{\"flavourId\": \"default\", \"extVirtualLinks\": 1, " PORTS_("") "}"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(
			stage_task(stage, vnf_instantiate, "guard", bad[i]), "invalid");
	assert_string_equal(create(stage, "{}"), "invalid");
	assert_string_equal(create(stage, "{\"vnfdId\": \"renga-wings\"}"), "invalid");
	assert_string_equal(
		create(stage, "{\"vnfdId\": \"renga-firewall\", \"metadata\": "
			      "[]}"),
		"invalid");
	assert_string_equal(create(stage, CREATE), "exists");
	assert_string_equal(create(stage, "{\"vnfdId\": \"renga-firewall\", "
					  "\"vnfInstanceName\": \"a/b\"}"),
		"invalid");
	assert_string_equal(
		create(stage, "{\"vnfdId\": \"renga-firewall\"}"), "NOT_INSTANTIATED");
	assert_int_equal(fake_count(stage->fake, VNFM_SERVICE), 0);
}

static void
test_vnf_of_a_service_begins_and_ends_with_that(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(stage_apply(stage, TWO), "COMPLETED");
	assert_string_equal(stage_task(stage, vnf_terminate, "edge.a", "{}"), "state");
	assert_string_equal(stage_task(stage, vnf_instantiate, "edge.a", BEGIN), "state");
	assert_string_equal(delete_vnf(stage, "edge.a"), "state");
	assert_string_equal(stage_task(stage, vnf_instantiate, "guard", BEGIN), "exists");
}

#define ADD ADD_AS("addVnfInstance")
#define ADD_AS(member_)                                                                  \
	"{\"updateType\": \"ADD_VNF\", \"" member_ "\": [{\"vnfInstanceId\": "           \
	"\"$\", \"vnfProfileId\": \"g\", \"additionalParams\": {\"between\": "           \
	"[\"a\", \"b\"]}}]}"
#define WITH                                                                               \
	"{\"nsFlavourId\": \"default\", \"vnfInstanceData\": [{\"vnfInstanceId\": \"$\", " \
	"\"vnfProfileId\": \"a\"}]}"

/* Refused while it runs, given back by a rollback, kept in the end. */
static void
test_vnf_alone_becomes_part_of_a_service_that_runs(void **state)
{
	struct stage *stage = *state;
	char id[STAMP_ID];
	snprintf(id, sizeof(id), "%s", stage_id(stage, "guard"));
	stage_onboard(stage, NSD_TWO);
	stage_task(stage, vnf_instantiate, "guard", BEGIN);
	assert_string_equal(stage_task(stage, vnf_terminate, "guard", "{}"), "COMPLETED");
	stage_instantiate(stage, "edge-1");
	json_decref(
		stage_plan(stage, ns_update, "edge", stage_request(stage, ADD, "guard")));
	json_decref(stage_plan(stage, ns_update, "edge",
		stage_request(stage, ADD_AS("addVnfIstance"), "guard")));
	fake_fail_put(stage->fake, VNFM_LINK, "g-b", 1);
	assert_string_equal(
		stage_task(stage, ns_update, "edge", stage_request(stage, ADD, "guard")),
		"ROLLED_BACK");
	assert_string_equal(stage_id(stage, "guard"), id);
	assert_actions(stage, "[\"instantiate\"]");
	assert_string_equal(
		stage_task(stage, ns_update, "edge", stage_request(stage, ADD, "guard")),
		"COMPLETED");
	assert_string_equal(stage_id(stage, "edge.g"), id);
	assert_string_equal(stage_id(stage, "guard"), "");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 3);
	assert_string_equal(stage_task(stage, vnf_terminate, "edge.g", "{}"), "state");
	assert_string_equal(create(stage, CREATE), "NOT_INSTANTIATED");
}

static void
test_vnf_alone_becomes_part_of_a_service_that_begins(void **state)
{
	struct stage *stage = *state;
	struct faults faults = {0};
	struct err err = {0};
	char id[STAMP_ID];
	json_t *ns,
		*request = json_pack("{s:s, s:s}", "nsdId", "edge-1", "nsName", "edge");
	snprintf(id, sizeof(id), "%s", stage_id(stage, "guard"));
	stage_onboard(stage, NSD_TWO);
	assert_int_equal(ns_create(stage->orch, request, &ns, &faults, &err), 0);
	json_decref(ns);
	json_decref(request);
	json_decref(stage_plan(
		stage, ns_instantiate, "edge", stage_request(stage, WITH, "guard")));
	fake_fail_put(stage->fake, VNFM_PORT, "", 1);
	assert_string_equal(stage_task(stage, ns_instantiate, "edge",
				    stage_request(stage, WITH, "guard")),
		"FAILED_TEMP");
	assert_string_equal(stage_id(stage, "edge.a"), id);
	assert_string_equal(stage_tell(stage, "ns", EVENT_ROLLBACK), "ROLLED_BACK");
	assert_string_equal(stage_id(stage, "guard"), id);
	assert_string_equal(stage_task(stage, ns_instantiate, "edge",
				    stage_request(stage, WITH, "guard")),
		"COMPLETED");
	assert_string_equal(stage_id(stage, "edge.a"), id);
	assert_string_equal(stage_task(stage, ns_terminate, "edge", "{}"), "COMPLETED");
	assert_string_equal(stage_id(stage, "guard"), "");
}

static void
test_vnf_that_cannot_become_part_is_refused(void **state)
{
	struct stage *stage = *state;
	stage_onboard(stage, NSD_TWO);
	stage_instantiate(stage, "edge-1");
	assert_string_equal(
		stage_task(stage, ns_update, "edge", stage_request(stage, ADD, "edge.a")),
		"state");
	assert_string_equal(
		stage_task(stage, ns_update, "edge", stage_request(stage, ADD, "nobody")),
		"invalid");
	assert_string_equal(
		stage_task(stage, ns_update, "edge", "{\"updateType\": \"ADD_VNF\"}"),
		"invalid");
	assert_actions(stage, "[\"instantiate\"]");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 2);
}

#define TWICE(other_)                                                                    \
	"{\"nsFlavourId\": \"default\", \"vnfInstanceData\": [{\"vnfInstanceId\": "      \
	"\"$\", \"vnfProfileId\": \"a\"}, {\"vnfInstanceId\": \"" other_                 \
	"\", \"vnfProfileId\": \"a\"}]}"

/* The service that it would come out of is not taken for the one that it is in. */
static void
test_vnf_alone_becomes_part_of_a_service_once(void **state)
{
	struct stage *stage = *state;
	struct faults faults = {0};
	struct err err = {0};
	char twice[512], *at;
	json_t *ns,
		*request = json_pack("{s:s, s:s}", "nsdId", "edge-1", "nsName", "edge");
	stage_onboard(stage, NSD_TWO);
	assert_int_equal(ns_create(stage->orch, request, &ns, &faults, &err), 0);
	json_decref(ns);
	json_decref(request);
	assert_string_equal(create(stage, "{\"vnfdId\": \"renga-firewall\", "
					  "\"vnfInstanceName\": \"other\"}"),
		"NOT_INSTANTIATED");
	static const char *const odd[] = {"\"additionalParamsForVnf\": {}",
		"\"additionalParamsForVnf\": [{\"vnfProfileId\": \"a\", "
		"\"additionalParams\": []}]",
		"\"additionalParamsForNs\": []", "\"vnfInstanceData\": {}",
		"\"additionalAffinityOrAntiAffinityRule\": {}", "\"sapData\": [7]"};
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		snprintf(twice, sizeof(twice), "{\"nsFlavourId\": \"default\", %s}",
			odd[i]);
		assert_string_equal(
			stage_task(stage, ns_instantiate, "edge", twice), "invalid");
	}
	for (size_t i = 0; i < 2; i++) {
		snprintf(twice, sizeof(twice), "%s",
			stage_request(stage, TWICE("%"), "guard"));
		at = strchr(twice, '%');
		memmove(at + STAMP_ID - 1, at + 1, strlen(at));
		memcpy(at, stage_id(stage, i ? "other" : "guard"), STAMP_ID - 1);
		assert_string_equal(
			stage_task(stage, ns_instantiate, "edge", twice), "invalid");
	}
	assert_string_equal(stage_task(stage, ns_instantiate, "edge",
				    stage_request(stage, WITH, "guard")),
		"COMPLETED");
}

static void
test_vnf_alone_that_left_something_on_the_host_becomes_part_of_no_service(void **state)
{
	struct stage *stage = *state;
	stage_onboard(stage, NSD_TWO);
	fake_fail_put(stage->fake, VNFM_PORT, "", 1);
	stage_task(stage, vnf_instantiate, "guard",
		"{\"flavourId\": \"default\", \"additionalParams\": {\"ports\": {\"left\": "
		"{\"driver\": \"null\"}}}}");
	assert_string_equal(stage_tell(stage, "vnf", EVENT_FAIL), "FAILED");
	stage_instantiate(stage, "edge-1");
	assert_string_equal(
		stage_task(stage, ns_update, "edge", stage_request(stage, ADD, "guard")),
		"state");
	assert_string_equal(delete_vnf(stage, "guard"), "gone");
	assert_int_equal(fake_count(stage->fake, VNFM_SERVICE), 1);
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stage_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_vnf_alone_lives_from_create_to_delete_and_again),
		TEST(test_vnf_alone_is_in_no_list_of_services_nor_its_descriptor),
		TEST(test_vnf_alone_is_operated_on_as_any_other),
		TEST(test_vnf_alone_that_does_not_begin_can_be_tried_again_or_goes_back),
		TEST(test_vnf_alone_that_is_cancelled_says_so),
		TEST(test_vnf_alone_what_cannot_be_is_refused),
		TEST(test_vnf_of_a_service_begins_and_ends_with_that),
		TEST(test_vnf_alone_becomes_part_of_a_service_that_runs),
		TEST(test_vnf_alone_becomes_part_of_a_service_that_begins),
		TEST(test_vnf_that_cannot_become_part_is_refused),
		TEST(test_vnf_alone_becomes_part_of_a_service_once),
		TEST(test_vnf_alone_that_left_something_on_the_host_becomes_part_of_no_service),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
