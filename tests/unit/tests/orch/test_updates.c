/* test_updates.c: updates of a network service itself, on a fake VNF manager: another
 * version of its descriptor, VNFs that come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "db/ns_instances.h"
#include "orchestrator/deploy.h"
#include "orchestrator/ns.h"
#include "orchestrator/ns_scale.h"
#include "orchestrator/ns_update.h"
#include "orchestrator/nsd.h"
#include "orchestrator/occurrence.h"
#include "orchestrator/vnf.h"
#include "orchestrator/vnf_change.h"
#include "orchestrator/vnf_heal.h"
#include "orchestrator/vnf_operate.h"
#include "orchestrator/vnf_port.h"
#include "orchestrator/vnf_scale.h"
#include "tests/orch/edge.h"
#include "tests/orch/edge_nsd.h"
#include "tests/orch/stage.h"

#define STOP "{\"changeStateTo\": \"STOPPED\"}"
#define RULE "{\"vnfConfigurableProperties\": {\"config\": {\"rules\": [1]}}}"

static int
setup(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	stage_open(stage);
	stage_onboard(stage, NSD_TWO);
	stage_onboard(stage, NSD_THREE);
	stage_instantiate(stage, "edge-1");
	json_decref(fake_calls(stage->fake));
	*state = stage;
	return 0;
}

static const char *
update(struct stage *stage, const char *request)
{
	return stage_task(stage, ns_update, "edge", request);
}

static const char *
planned(struct stage *stage, const char *request)
{
	return stage_steps(stage_plan(stage, ns_update, "edge", request));
}

static void
assert_doc(struct stage *stage, enum vnfm_kind kind, const char *name, const char *member,
	const char *expected)
{
	json_t *doc = fake_doc(stage->fake, kind, name);
	json_t *value = json_loads(expected, JSON_DECODE_ANY, NULL);
	assert_non_null(doc);
	assert_true(json_equal(json_object_get(doc, member), value));
	json_decref(value);
	json_decref(doc);
}

static const char *
usage_of(struct stage *stage, const char *nsd)
{
	const char *state = NULL;
	struct err err;
	json_t *list, *item;
	size_t i;
	assert_int_equal(nsd_list(stage->orch, &list, &err), 0);
	json_array_foreach (list, i, item)
		if (strcmp(json_string_value(json_object_get(item, "nsdId")), nsd) == 0)
			state = strcmp(json_string_value(
					       json_object_get(item, "nsdUsageState")),
					"IN_USE") == 0
					? "IN_USE"
					: "NOT_IN_USE";
	json_decref(list);
	return state;
}

static void
assert_of(struct stage *stage, const char *nsd, const char * not )
{
	struct db_ns ns = {0};
	assert_int_equal(db_ns_get_by_name(stage->orch->db, "edge", &ns, NULL), 0);
	assert_string_equal(ns.nsd_id, nsd);
	db_ns_clear(&ns);
	assert_string_equal(usage_of(stage, nsd), "IN_USE");
	assert_string_equal(usage_of(stage, not ), "NOT_IN_USE");
}

static void
test_version_service_becomes_what_the_descriptor_says_and_back(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(planned(stage, ASSOC("edge-2", "true")),
		"put vnf edge.a; put vnf edge.c; wait vnf edge.c; relink service edge");
	assert_of(stage, "edge-1", "edge-2");
	assert_string_equal(update(stage, ASSOC("edge-2", "true")), "COMPLETED");
	assert_of(stage, "edge-2", "edge-1");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 3);
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 4);
	assert_doc(stage, VNFM_VNF, "edge.a", "config", "{\"default\": \"accept\"}");
	assert_string_equal(update(stage, ASSOC("edge-1", "true")), "COMPLETED");
	assert_of(stage, "edge-1", "edge-2");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 2);
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 3);
	assert_string_equal(stage_id(stage, "edge.c"), "");
}

static void
test_version_without_sync_is_only_noted(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(planned(stage, ASSOC("edge-2", "false")), "");
	assert_string_equal(update(stage, ASSOC("edge-2", "false")), "COMPLETED");
	assert_string_equal(stage_steps(fake_calls(stage->fake)), "");
	assert_of(stage, "edge-2", "edge-1");
	assert_string_equal(update(stage, ASSOC("edge-2", "true")), "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 3);
	assert_doc(stage, VNFM_VNF, "edge.a", "config", "{\"default\": \"accept\"}");
}

/* Package, replicas, configuration, core. */
static void
test_version_leaves_what_was_changed_since_unless_it_says_otherwise(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(stage_task(stage, vnf_modify, "edge.a", RULE), "COMPLETED");
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}"),
		"COMPLETED");
	assert_string_equal(stage_task(stage, vnf_change_package, "edge.b",
				    "{\"vnfdId\": \"renga-firewall\"}"),
		"COMPLETED");
	assert_string_equal(
		stage_task(stage, vnf_move, "edge.b", "{\"core\": 2}"), "COMPLETED");
	assert_string_equal(update(stage, ASSOC("edge-2", "true")), "COMPLETED");
	assert_doc(stage, VNFM_VNF, "edge.a", "config",
		"{\"default\": \"accept\", \"rules\": [1]}");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 4);
	assert_doc(stage, VNFM_VNF, "edge.b", "type", "\"firewall\"");
	assert_doc(stage, VNFM_VNF, "edge.b", "core", "2");
}

static void
test_version_that_it_has_already_brings_back_what_the_descriptor_says(void **state)
{
	struct stage *stage = *state;
	static const char accept[] = "{\"vnfConfigurableProperties\": {\"config\": "
				     "{\"default\": \"accept\", \"rules\": [1]}}}";
	stage_task(stage, vnf_modify, "edge.a", accept);
	assert_string_equal(update(stage, ASSOC("edge-1", "true")), "COMPLETED");
	assert_doc(stage, VNFM_VNF, "edge.a", "config",
		"{\"default\": \"drop\", \"rules\": [1]}");
}

static void
test_version_starts_a_vnf_that_is_stopped(void **state)
{
	struct stage *stage = *state;
	stage_task(stage, vnf_modify, "edge.a", RULE);
	stage_task(stage, vnf_operate, "edge.a", STOP);
	assert_string_equal(update(stage, ASSOC("edge-2", "true")), "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 3);
	assert_doc(stage, VNFM_VNF, "edge.a", "config",
		"{\"default\": \"accept\", \"rules\": [1]}");
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", STOP), "COMPLETED");
}

static void
test_version_that_fails_is_rolled_back_and_the_record_stays(void **state)
{
	struct stage *stage = *state;
	json_t *before = fake_objects(stage->fake), *after;
	fake_fail_put(stage->fake, VNFM_LINK, "c-b", 1);
	assert_string_equal(update(stage, ASSOC("edge-2", "true")), "ROLLED_BACK");
	after = fake_objects(stage->fake);
	assert_true(json_equal(before, after));
	assert_of(stage, "edge-1", "edge-2");
	assert_string_equal(stage_id(stage, "edge.c"), "");
	json_decref(before);
	json_decref(after);
}

static void
test_version_that_cannot_be_is_refused_and_changes_nothing(void **state)
{
	struct stage *stage = *state;
	stage_onboard(stage, NSD_TWO_OF("other-1", "other", "lan0", "{default: drop}"));
	assert_string_equal(update(stage, ASSOC("other-1", "true")), "invalid");
	assert_string_equal(update(stage, ASSOC("nowhere", "true")), "invalid");
	assert_string_equal(
		update(stage, "{\"updateType\": \"ASSOC_NEW_NSD_VERSION\"}"), "invalid");
	assert_string_equal(update(stage, ASSOC("edge-2", "3")), "invalid");
	char *text = strdup(NSD_TWO_OF("edge-9", "edge", "lan0", "{default: drop}"));
	memcpy(strstr(text, "- id: default"), "- id: another", 13);
	stage_onboard(stage, text);
	free(text);
	assert_string_equal(update(stage, ASSOC("edge-9", "false")), "invalid");
	assert_string_equal(update(stage, ASSOC("edge-9", "true")), "invalid");
	assert_string_equal(stage_steps(fake_calls(stage->fake)), "");
	assert_of(stage, "edge-1", "edge-2");
}

static void
test_version_of_a_chain_is_its_document(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(stage_task(stage, ns_terminate, "edge", "{}"), "COMPLETED");
	assert_int_equal(ns_delete(stage->orch, stage_id(stage, "edge"), NULL), 0);
	assert_string_equal(stage_apply(stage, TWO), "COMPLETED");
	assert_string_equal(update(stage, ASSOC("edge-2", "true")), "state");
}

/* While it is about to be of a descriptor, that can no more be deleted. */
static void
test_version_is_in_use_from_the_request_on(void **state)
{
	struct stage *stage = *state;
	fake_hold_ready(stage->fake, true);
	struct operation_answer answer = {0};
	struct faults faults = {0};
	struct err err = {0};
	json_t *request = json_loads(ASSOC("edge-2", "true"), 0, NULL);
	assert_int_equal(ns_update(stage->orch, stage_id(stage, "edge"), request, &answer,
				 &faults, &err),
		0);
	json_decref(request);
	assert_string_equal(usage_of(stage, "edge-1"), "IN_USE");
	assert_string_equal(usage_of(stage, "edge-2"), "IN_USE");
	fake_hold_ready(stage->fake, false);
	memcpy(stage->occurrence, answer.occurrence, STAMP_ID);
	assert_string_equal(stage_state(stage), "COMPLETED");
	assert_of(stage, "edge-2", "edge-1");
}

static const char *
remove_vnf(struct stage *stage, const char *name)
{
	return update(stage, stage_request(stage, REMOVE_VNF, name));
}

static void
test_vnf_comes_between_two_and_goes_again(void **state)
{
	struct stage *stage = *state;
	json_t *before = fake_objects(stage->fake), *after;
	assert_string_equal(planned(stage, ADD_C),
		"put vnf edge.c; wait vnf edge.c; relink service edge");
	assert_string_equal(update(stage, ADD_C), "COMPLETED");
	assert_string_equal(stage_steps(fake_calls(stage->fake)),
		"put vnf edge.c; relink service edge; + link a-c; + link c-b; - link a-b");
	assert_doc(stage, VNFM_VNF, "edge.a", "config", "{\"default\": \"drop\"}");
	assert_string_equal(remove_vnf(stage, "edge.c"), "COMPLETED");
	assert_string_equal(stage_id(stage, "edge.c"), "");
	after = fake_objects(stage->fake);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

/* And one with the name of its type, at the ports, against the order. */
static void
test_vnf_that_goes_may_have_time_for_its_sessions(void **state)
{
	struct stage *stage = *state;
	char request[320], id[STAMP_ID];
	snprintf(id, sizeof(id), "%s", stage_id(stage, "edge.a"));
	snprintf(request, sizeof(request),
		"{\"updateType\": \"REMOVE_VNF\", \"removeVnfInstanceId\": [\"%s\"], "
		"\"terminateVnfData\": [{\"vnfInstanceId\": \"%s\", \"terminationType\": "
		"\"GRACEFUL\", \"gracefulTerminationTimeout\": 1}]}",
		id, id);
	assert_string_equal(planned(stage, request),
		"drain vnf edge.a; relink service edge; del vnf edge.a");
	fake_set_sessions(stage->fake, 3);
	assert_string_equal(update(stage, request), "COMPLETED");
	assert_true(fake_sessions_asked(stage->fake) >= 2);
	fake_set_sessions(stage->fake, 0);
}

static void
test_vnf_comes_at_a_port_and_by_links(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(
		update(stage, ADD_VNF("\"additionalParams\": {\"between\": [\"wan\", "
				      "\"b.right\"], \"config\": {\"x\": 1}}")),
		"COMPLETED");
	assert_doc(stage, VNFM_VNF, "edge.passthrough", "config", "{\"x\": 1}");
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 4);
	assert_string_equal(
		update(stage,
			ADD_VNF("\"additionalParams\": {\"links\": [[\"lan\", "
				"\"passthrough-2.left\"], [\"passthrough-2.right\", "
				"\"a.left\"]]}")),
		"COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 4);
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 5);
}

static void
test_vnf_comes_and_goes_beside_replicas_and_other_changes(void **state)
{
	struct stage *stage = *state;
	stage_task(stage, vnf_modify, "edge.a", RULE);
	stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}");
	json_t *before = fake_objects(stage->fake), *after;
	assert_string_equal(update(stage, ADD_C), "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 4);
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 6);
	assert_string_equal(remove_vnf(stage, "edge.c"), "COMPLETED");
	after = fake_objects(stage->fake);
	assert_true(json_equal(before, after));
	assert_string_equal(remove_vnf(stage, "edge.a"), "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 2);
	json_decref(before);
	json_decref(after);
}

static void
test_vnf_of_a_group_joins_it(void **state)
{
	struct stage *stage = *state;
	struct err err;
	assert_string_equal(stage_task(stage, ns_terminate, "edge", "{}"), "COMPLETED");
	assert_int_equal(ns_delete(stage->orch, stage_id(stage, "edge"), &err), 0);
	stage_onboard(stage, NSD_GROUP);
	stage_instantiate(stage, "edge-3");
	assert_string_equal(update(stage, ADD_C), "COMPLETED");
	assert_doc(stage, VNFM_VNF, "edge.c", "group", "{\"name\": \"all\", \"n\": 3}");
	assert_doc(stage, VNFM_VNF, "edge.a", "group", "{\"name\": \"all\", \"n\": 3}");
	assert_string_equal(remove_vnf(stage, "edge.b"), "COMPLETED");
	assert_doc(stage, VNFM_VNF, "edge.a", "group", "{\"name\": \"all\", \"n\": 2}");
}

static void
test_vnf_that_comes_and_goes_leaves_all_that_its_service_says(void **state)
{
	struct stage *stage = *state;
	struct err err;
	assert_string_equal(stage_task(stage, ns_terminate, "edge", "{}"), "COMPLETED");
	assert_int_equal(ns_delete(stage->orch, stage_id(stage, "edge"), &err), 0);
	stage_onboard(stage, NSD_AUTO);
	stage_instantiate(stage, "edge-5");
	json_t *before = fake_objects(stage->fake), *after;
	assert_doc(stage, VNFM_VNF, "edge.a", "share", "50");
	assert_string_equal(update(stage, ADD_C), "COMPLETED");
	assert_doc(stage, VNFM_VNF, "edge.a", "share", "50");
	assert_doc(stage, VNFM_VNF, "edge.c", "share", "200");
	assert_doc(
		stage, VNFM_VNF, "edge.c", "group", "{\"name\": \"auto-1\", \"n\": 2}");
	assert_string_equal(remove_vnf(stage, "edge.c"), "COMPLETED");
	after = fake_objects(stage->fake);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

static void
test_vnf_comes_beside_one_that_has_a_core_for_itself(void **state)
{
	struct stage *stage = *state;
	struct err err;
	assert_string_equal(stage_task(stage, ns_terminate, "edge", "{}"), "COMPLETED");
	assert_int_equal(ns_delete(stage->orch, stage_id(stage, "edge"), &err), 0);
	stage_onboard(stage, NSD_DEDICATED);
	stage_instantiate(stage, "edge-4");
	json_t *before = fake_objects(stage->fake), *after;
	json_t *a = fake_doc(stage->fake, VNFM_VNF, "edge.a");
	assert_string_equal(update(stage, ADD_C), "COMPLETED");
	json_t *c = fake_doc(stage->fake, VNFM_VNF, "edge.c");
	assert_true(
		json_is_true(json_object_get(json_object_get(a, "tag"), "dedicated")));
	assert_false(json_equal(json_object_get(a, "core"), json_object_get(c, "core")));
	assert_string_equal(remove_vnf(stage, "edge.c"), "COMPLETED");
	after = fake_objects(stage->fake);
	assert_true(json_equal(before, after));
	json_decref(a);
	json_decref(c);
	json_decref(before);
	json_decref(after);
}

/* A rule that came with the request is shown, for as long as it is about two. */
static void
test_rules_of_the_request_are_shown_and_outlive_changes(void **state)
{
	struct stage *stage = *state;
	struct err err;
	json_t *expected = json_loads(
		"[{\"vnfProfileId\": [\"a\", \"b\"], \"affinityOrAntiAffiinty\": "
		"\"ANTI_AFFINITY\", \"affinityOrAntiAffinity\": \"ANTI_AFFINITY\", "
		"\"scope\": \"RENGA:CORE\"}]",
		0, NULL);
	stage_task(stage, ns_terminate, "edge", "{}");
	assert_string_equal(
		stage_task(stage, ns_instantiate, "edge",
			"{\"nsFlavourId\": \"default\", "
			"\"additionalAffinityOrAntiAffinityRule\": [{\"vnfProfileId\": "
			"[\"a\", \"b\"], \"affinityOrAntiAffinity\": "
			"\"ANTI_AFFINITY\", \"scope\": \"RENGA:CORE\"}]}"),
		"COMPLETED");
	for (unsigned i = 0; i < 3; i++) {
		json_t *ns;
		if (i == 1)
			update(stage, ADD_C);
		if (i == 2)
			remove_vnf(stage, "edge.b");
		assert_int_equal(
			ns_get(stage->orch, stage_id(stage, "edge"), &ns, &err), 0);
		json_t *rules =
			json_object_get(ns, "additionalAffinityOrAntiAffinityRule");
		if (i < 2)
			assert_true(json_equal(rules, expected));
		else
			assert_null(rules);
		json_decref(ns);
	}
	json_decref(expected);
}

static void
test_vnf_that_cannot_come_or_go_is_refused_and_nothing_changes(void **state)
{
	struct stage *stage = *state;
	static const char *const bad[] = {"{\"updateType\": \"INSTANTIATE_VNF\"}",
		"{\"updateType\": \"REMOVE_VNF\"}",
		"{\"updateType\": \"REMOVE_VNF\", \"removeVnfInstanceId\": [\"x\"]}",
		ADD_VNF("\"vnfProfileId\": \"c\""),
		ADD_VNF("\"vnfFlavourId\": \"huge\", \"additionalParams\": {\"between\": "
			"[\"a\", \"b\"]}"),
		ADD_VNF("\"vnfProfileId\": \"a\", \"additionalParams\": {\"between\": "
			"[\"a\", \"b\"]}"),
		ADD_VNF("\"additionalParams\": {\"between\": [\"a\", \"wan\"]}"),
		ADD_VNF("\"additionalParams\": {\"between\": [\"a\"]}"),
		ADD_VNF("\"additionalParams\": {\"between\": [\"a\", \"b\"], \"confg\": {}}"),
		ADD_VNF("\"additionalParams\": {\"links\": []}"),
		ADD_VNF("\"additionalParams\": {\"links\": [[\"lan\", "
			"\"passthrough.left\"]]}"),
		ADD_VNF("\"additionalParams\": {\"between\": [\"a\", \"b\"], \"config\": "
			"{\"wrong\": 1}}"),
		ADD_VNF("\"additionalParams\": {\"between\": [\"a\", \"b\"], \"core\": "
			"99}")};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(update(stage, bad[i]), "invalid");
	assert_string_equal(stage_steps(fake_calls(stage->fake)), "");
	assert_string_equal(remove_vnf(stage, "edge.a"), "COMPLETED");
	assert_string_equal(remove_vnf(stage, "edge.b"), "invalid");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 1);
}

#define SCALE_VNF_(rest_)                                                                \
	"{\"scaleType\": \"SCALE_VNF\", \"scaleVnfData\": [{\"vnfInstanceId\": \"$\", "  \
	"\"scaleVnfType\": \"" rest_ "}]}"
#define LEVEL_(rest_)                                                                    \
	"SCALE_TO_SCALE_LEVEL\", \"scaleToLevelData\": {\"vnfScaleInfo\": [" rest_ "]}"

/* What is of another kind than it is to be, or no number that can be. */
static void
test_request_of_another_shape_is_refused(void **state)
{
	struct stage *stage = *state;
	static const struct {
		stage_task_fn *fn;
		const char *name, *request;
	} bad[] = {{ns_scale, "edge",
			   SCALE_VNF_("SCALE_OUT\", \"scaleByStepData\": {"
				      "\"numberOfSteps\": 4294967297}")},
		{ns_scale, "edge",
			SCALE_VNF_("SCALE_OUT\", \"scaleByStepData\": {\"aspectId\": "
				   "\"wings\"}")},
		{ns_scale, "edge", SCALE_VNF_("SCALE_OUT\", \"scaleByStepData\": [1]")},
		{ns_scale, "edge", SCALE_VNF_(LEVEL_("{\"scaleLevel\": 4294967297}"))},
		{ns_scale, "edge",
			SCALE_VNF_(LEVEL_("{\"scaleLevel\": 1}, {\"scaleLevel\": 2}"))},
		{ns_scale, "edge", SCALE_VNF_("SCALE_TO_SCALE_LEVELX\"")},
		{ns_heal, "edge",
			"{\"healVnfData\": [{\"vnfInstanceId\": \"$\", "
			"\"cause\": 7}]}"},
		{ns_heal, "edge",
			"{\"healNsData\": {\"degreeHealing\": \"HEAL_RESET\", "
			"\"actionsHealing\": {}}}"},
		{ns_terminate, "edge",
			"{\"terminateVnfData\": [{\"vnfInstanceId\": \"nobody\"}]}"},
		{ns_terminate, "edge", "{\"terminateVnfData\": [\"$\"]}"},
		{ns_update, "edge",
			"{\"updateType\": \"REMOVE_VNF\", \"removeVnfInstanceId\": "
			"[\"$\"], \"terminateVnfData\": [{\"vnfInstanceId\": \"x\"}]}"},
		{ns_update, "edge",
			"{\"updateType\": \"ASSOC_NEW_NSD_VERSION\", "
			"\"assocNewNsdVersionData\": {\"newNsdId\": \"edge-1\", \"sync\": "
			"true}, \"additionalParamsForNs\": {\"ports\": [\"$\"]}}"},
		{ns_update, "edge",
			ADD_VNF("\"additionalParams\": {\"between\": [\"a\", \"b\"], "
				"\"core\": 4294967297}")},
		{vnf_modify, "edge.a", "{\"metadata\": \"x\"}"},
		{vnf_modify, "edge.a", "{\"vnfConfigurableProperties\": 5}"},
		{vnf_modify, "edge.a",
			"{\"vnfConfigurableProperties\": {\"confg\": {}}}"},
		{vnf_heal, "edge.a", "{\"vnfcInstanceId\": []}"},
		{vnf_heal, "edge.a", "{\"additionalParams\": []}"},
		{vnf_scale, "edge.a",
			"{\"type\": \"SCALE_IN\", \"numberOfSteps\": 2147483648}"},
		{vnf_port_change, "edge.a",
			"{\"extVirtualLinks\": {}, \"additionalParams\": {\"ports\": {"
			"\"left\": {\"driver\": \"null\"}}}}"},
		{vnf_change_package, "edge.a",
			"{\"vnfdId\": \"renga-firewall\", \"additionalParams\": 1}"}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(
			stage_task(stage, bad[i].fn, bad[i].name,
				stage_request(stage, bad[i].request, "edge.a")),
			"invalid");
	assert_string_equal(stage_steps(fake_calls(stage->fake)), "");
}

/* More faults than are told of one request. */
static void
test_vnfs_that_cannot_come_are_refused_however_many_they_are(void **state)
{
	struct stage *stage = *state;
	json_t *list = json_array(),
	       *request = json_pack("{s:s, s:o}", "updateType", "INSTANTIATE_VNF",
		       "instantiateVnfData", list);
	for (unsigned n = 150; n < 1000; n += 450) {
		while (json_array_size(list) < n)
			json_array_append_new(list, json_object());
		char *text = json_dumps(request, 0);
		assert_string_equal(
			update(stage, text), n == 150 ? "invalid" : "too-large");
		free(text);
	}
	json_decref(request);
}

static void
test_vnf_comes_while_another_is_stopped_is_refused(void **state)
{
	struct stage *stage = *state;
	stage_task(stage, vnf_operate, "edge.a", STOP);
	assert_string_equal(update(stage, ADD_C), "state");
	assert_string_equal(remove_vnf(stage, "edge.b"), "state");
	assert_string_equal(remove_vnf(stage, "edge.a"), "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 2);
}

static void
test_vnf_that_does_not_come_is_gone_after_the_rollback(void **state)
{
	struct stage *stage = *state;
	json_t *before = fake_objects(stage->fake), *after;
	fake_fail_put(stage->fake, VNFM_LINK, "c-b", 1);
	assert_string_equal(update(stage, ADD_C), "ROLLED_BACK");
	fake_fail_put(stage->fake, VNFM_LINK, "", 1);
	assert_string_equal(remove_vnf(stage, "edge.a"), "ROLLED_BACK");
	after = fake_objects(stage->fake);
	assert_true(json_equal(before, after));
	assert_string_equal(stage_id(stage, "edge.c"), "");
	assert_string_not_equal(stage_id(stage, "edge.a"), "");
	json_decref(before);
	json_decref(after);
}

/* "edge.a MODIFIED, edge.a~1 ADDED" of the last occurrence. */
static const char *
affected(struct stage *stage, const char *api, const char *list)
{
	static char text[256];
	struct err err;
	json_t *occurrence, *item;
	size_t i;
	*text = '\0';
	assert_int_equal(occurrence_get(stage->orch, api, stage->occurrence, false,
				 &occurrence, &err),
		0);
	json_array_foreach (
		json_object_get(json_object_get(occurrence, "resourceChanges"), list), i,
		item)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %s",
			i ? ", " : "",
			json_string_value(json_object_get(item, "vnfName")),
			json_string_value(json_object_get(item, "changeType")));
	json_decref(occurrence);
	return text;
}

/* Several steps of one are one change; a service has VNFs, which have replicas. */
static void
test_what_an_operation_changed_is_told_once(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}"),
		"COMPLETED");
	assert_string_equal(affected(stage, "vnf", "affectedVnfcs"),
		"edge.a MODIFIED, edge.a~1 ADDED");
	assert_string_equal(
		stage_task(stage, ns_scale, "edge",
			stage_request(stage,
				"{\"scaleType\": \"SCALE_VNF\", \"scaleVnfData\": "
				"[{\"vnfInstanceId\": \"$\", \"scaleVnfType\": "
				"\"SCALE_OUT\"}]}",
				"edge.a")),
		"COMPLETED");
	assert_string_equal(affected(stage, "ns", "affectedVnfs"), "edge.a SCALE");
}

static const char *
instantiate_with(struct stage *stage, enum vnfm_kind failing, const char *name)
{
	fake_fail_put(stage->fake, failing, name, 1);
	return stage_task(
		stage, ns_instantiate, "edge", "{\"nsFlavourId\": \"default\"}");
}

/* What the first try wanted is not taken for something that is there. */
static void
test_instantiation_that_was_given_up_begins_anew(void **state)
{
	struct stage *stage = *state;
	json_t *left;
	struct err err;
	stage_task(stage, ns_terminate, "edge", "{}");
	for (int i = 0; i < 2; i++) {
		assert_string_equal(
			instantiate_with(stage, VNFM_PORT, "lan"), "FAILED_TEMP");
		assert_string_equal(stage_tell(stage, "ns", EVENT_FAIL), "FAILED");
		assert_int_equal(fake_count(stage->fake, VNFM_PORT), 0);
	}
	assert_string_equal(instantiate_with(stage, VNFM_LINK, "lan-a"), "FAILED_TEMP");
	assert_string_equal(stage_tell(stage, "ns", EVENT_ROLLBACK), "ROLLED_BACK");
	assert_int_equal(fake_count(stage->fake, VNFM_SERVICE), 0);
	assert_int_equal(deploy_wanted(stage->orch->db, NULL, &left, &err), 0);
	assert_int_equal(json_array_size(left), 0);
	json_decref(left);
	assert_string_equal(instantiate_with(stage, VNFM_PORT, "lan"), "FAILED_TEMP");
	assert_string_equal(stage_tell(stage, "ns", EVENT_FAIL), "FAILED");
	fake_fail_put(stage->fake, VNFM_PORT, "lan", 0);
	assert_string_equal(stage_task(stage, ns_instantiate, "edge",
				    "{\"nsFlavourId\": \"default\"}"),
		"COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_PORT), 2);
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stage_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_version_service_becomes_what_the_descriptor_says_and_back),
		TEST(test_version_without_sync_is_only_noted),
		TEST(test_version_leaves_what_was_changed_since_unless_it_says_otherwise),
		TEST(test_version_that_it_has_already_brings_back_what_the_descriptor_says),
		TEST(test_version_starts_a_vnf_that_is_stopped),
		TEST(test_version_that_fails_is_rolled_back_and_the_record_stays),
		TEST(test_version_that_cannot_be_is_refused_and_changes_nothing),
		TEST(test_version_of_a_chain_is_its_document),
		TEST(test_version_is_in_use_from_the_request_on),
		TEST(test_vnf_comes_between_two_and_goes_again),
		TEST(test_vnf_that_goes_may_have_time_for_its_sessions),
		TEST(test_vnf_comes_at_a_port_and_by_links),
		TEST(test_vnf_comes_and_goes_beside_replicas_and_other_changes),
		TEST(test_vnf_of_a_group_joins_it),
		TEST(test_vnf_that_comes_and_goes_leaves_all_that_its_service_says),
		TEST(test_vnf_comes_beside_one_that_has_a_core_for_itself),
		TEST(test_rules_of_the_request_are_shown_and_outlive_changes),
		TEST(test_vnf_that_cannot_come_or_go_is_refused_and_nothing_changes),
		TEST(test_request_of_another_shape_is_refused),
		TEST(test_vnfs_that_cannot_come_are_refused_however_many_they_are),
		TEST(test_vnf_comes_while_another_is_stopped_is_refused),
		TEST(test_vnf_that_does_not_come_is_gone_after_the_rollback),
		TEST(test_what_an_operation_changed_is_told_once),
		TEST(test_instantiation_that_was_given_up_begins_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
