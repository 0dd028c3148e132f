/* test_operations.c: operations on VNFs and services, on a fake VNF manager: stopped and
 * started, healed, scaled to a level; and what a dry run says of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/doc.h"
#include "db/occurrences.h"
#include "db/vnf_instances.h"
#include "orchestrator/chains.h"
#include "orchestrator/engine.h"
#include "orchestrator/ns.h"
#include "orchestrator/ns_update.h"
#include "orchestrator/occurrence.h"
#include "orchestrator/vnf.h"
#include "orchestrator/vnf_change.h"
#include "orchestrator/vnf_heal.h"
#include "orchestrator/vnf_operate.h"
#include "orchestrator/vnf_port.h"
#include "orchestrator/vnf_scale.h"
#include "tests/orch/edge.h"
#include "tests/orch/stage.h"

#define GROUPED                                                                          \
	EDGE "isolation: group\n"                                                        \
	     "path: [lan, {vnf: a, type: firewall}, {vnf: b, type: firewall}, wan]\n"
#define STOP  "{\"changeStateTo\": \"STOPPED\"}"
#define START "{\"changeStateTo\": \"STARTED\"}"

static int
setup(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	stage_open(stage);
	assert_string_equal(stage_apply(stage, TWO), "COMPLETED");
	json_decref(fake_calls(stage->fake));
	*state = stage;
	return 0;
}

static void
test_operate_stopped_vnf_leaves_with_its_links_and_comes_back(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", STOP), "COMPLETED");
	assert_string_equal(stage_steps(fake_calls(stage->fake)),
		"relink service edge; - link a-b; - link lan-a; del vnf edge.a");
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 1);
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", START), "COMPLETED");
	assert_string_equal(stage_steps(fake_calls(stage->fake)),
		"put vnf edge.a; relink service edge; + link a-b; + link lan-a");
	assert_string_equal(stage_apply(stage, TWO), "nothing");
}

static void
test_operate_neighbours_that_are_both_stopped_meet_again(void **state)
{
	struct stage *stage = *state;
	static const char *const order[][2] = {
		{"edge.a", "edge.b"}, {"edge.b", "edge.a"}};
	for (size_t i = 0; i < 2; i++) {
		stage_task(stage, vnf_operate, "edge.a", STOP);
		stage_task(stage, vnf_operate, "edge.b", STOP);
		assert_int_equal(fake_count(stage->fake, VNFM_LINK), 0);
		for (size_t k = 0; k < 2; k++)
			assert_string_equal(
				stage_task(stage, vnf_operate, order[i][k], START),
				"COMPLETED");
		assert_int_equal(fake_count(stage->fake, VNFM_LINK), 3);
		assert_int_equal(fake_count(stage->fake, VNFM_VNF), 2);
	}
	assert_string_equal(stage_apply(stage, TWO), "nothing");
}

static void
test_operate_in_the_state_that_is_asked_for_is_refused(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", START), "state");
	stage_task(stage, vnf_operate, "edge.a", STOP);
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", STOP), "state");
	assert_string_equal(stage_task(stage, vnf_heal, "edge.a", "{}"), "state");
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}"),
		"state");
	assert_string_equal(stage_task(stage, vnf_change_package, "edge.a",
				    "{\"vnfdId\": \"renga-firewall\"}"),
		"state");
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", "{}"), "invalid");
	assert_string_equal(stage_task(stage, vnf_operate, "nobody", STOP), "not-found");
}

/* Its rollback was cancelled, and it was given up: the next document begins anew. */
static void
test_chain_that_could_not_begin_begins_with_the_next_document(void **state)
{
	struct stage *stage = *state;
	struct chains_applied applied;
	struct db_occurrence row = {0};
	struct faults faults = {0};
	struct err err = {0};
	struct doc *doc;
	json_t *chain, *force = json_pack("{s:s}", "cancelMode", "FORCEFUL");
	stage_delete(stage, "edge");
	fake_hold_ready(stage->fake, true);
	assert_int_equal(doc_parse(THREE, strlen(THREE), DOC_YAML, NULL, &doc, &err), 0);
	assert_int_equal(
		chains_apply(stage->orch, doc_root(doc), false, &applied, &faults, &err),
		0);
	doc_close(doc);
	memcpy(stage->occurrence, applied.occurrence, STAMP_ID);
	assert_int_equal(
		db_occurrence_get(stage->orch->db, applied.occurrence, &row, &err), 0);
	row.undo_on_failure = false;
	assert_int_equal(db_occurrence_update(stage->orch->db, &row, &err), 0);
	db_occurrence_clear(&row);
	assert_int_equal(
		occurrence_cancel(stage->orch, "ns", applied.occurrence, force, &err), 0);
	json_decref(force);
	assert_string_equal(stage_state(stage), "FAILED_TEMP");
	assert_string_equal(stage_tell(stage, "ns", EVENT_FAIL), "FAILED");
	fake_hold_ready(stage->fake, false);
	assert_string_equal(stage_apply(stage, TWO), "COMPLETED");
	assert_int_equal(chains_get(stage->orch, "edge", &chain, &err), 0);
	assert_string_equal(
		json_string_value(json_object_get(chain, "state")), "INSTANTIATED");
	assert_int_equal(json_array_size(json_object_get(chain, "vnfs")), 2);
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 2);
	json_decref(chain);
	assert_string_equal(stage_apply(stage, TWO), "nothing");
	assert_string_equal(stage_delete(stage, "edge"), "COMPLETED");
}

/* Of the group that a VNF's document names. */
static json_int_t
group_size(struct stage *stage, const char *name)
{
	json_t *doc = fake_doc(stage->fake, VNFM_VNF, name);
	const json_int_t n =
		json_integer_value(json_object_get(json_object_get(doc, "group"), "n"));
	json_decref(doc);
	return n;
}

static void
test_operate_leaves_a_group_of_the_others_and_comes_back_into_it(void **state)
{
	struct stage *stage = *state;
	stage_delete(stage, "edge");
	stage_apply(stage, GROUPED);
	assert_int_equal(group_size(stage, "edge.b"), 2);
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", STOP), "COMPLETED");
	assert_int_equal(group_size(stage, "edge.b"), 1);
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", START), "COMPLETED");
	assert_int_equal(group_size(stage, "edge.a"), 2);
	assert_int_equal(group_size(stage, "edge.b"), 2);
	assert_string_equal(stage_apply(stage, GROUPED), "nothing");
}

static void
test_operate_of_a_scaled_vnf_takes_all_replicas(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}"),
		"COMPLETED");
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", STOP), "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 1);
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 1);
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", START), "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 3);
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 5);
}

static void
test_operate_stopped_vnf_is_stopped_for_whoever_looks_and_after_a_restart(void **state)
{
	struct stage *stage = *state;
	struct err err;
	json_t *vnf;
	stage_task(stage, vnf_operate, "edge.a", STOP);
	stage_restart(stage);
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 1);
	assert_int_equal(vnf_get(stage->orch, stage_id(stage, "edge.a"), &vnf, &err), 0);
	assert_string_equal(
		json_string_value(json_object_get(
			json_object_get(vnf, "instantiatedVnfInfo"), "vnfState")),
		"STOPPED");
	json_t *only = json_pack("[s]", "operate");
	assert_true(json_equal(json_object_get(vnf, "_actions"), only));
	json_decref(only);
	json_decref(vnf);
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", START), "COMPLETED");
}

static void
test_operate_apply_of_the_chain_starts_what_is_stopped(void **state)
{
	struct stage *stage = *state;
	stage_task(stage, vnf_operate, "edge.a", STOP);
	assert_string_equal(stage_apply(stage, TWO), "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 2);
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", START), "state");
}

static void
test_operate_stop_that_fails_leaves_the_vnf_running(void **state)
{
	struct stage *stage = *state;
	fake_fail_put(stage->fake, VNFM_LINK, "", 1);
	assert_string_equal(
		stage_task(stage, vnf_operate, "edge.a", STOP), "ROLLED_BACK");
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 3);
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", START), "state");
	assert_string_equal(stage_apply(stage, TWO), "nothing");
}

static void
test_operate_graceful_stop_waits_for_sessions_and_not_for_ever(void **state)
{
	struct stage *stage = *state;
	static const char stop[] = "{\"changeStateTo\": \"STOPPED\", \"stopType\": "
				   "\"GRACEFUL\", \"gracefulStopTimeout\": 1}";
	assert_string_equal(stage_steps(stage_plan(stage, vnf_operate, "edge.a", stop)),
		"drain vnf edge.a; relink service edge; del vnf edge.a");
	fake_set_sessions(stage->fake, 3);
	assert_string_equal(stage_task(stage, vnf_operate, "edge.a", stop), "COMPLETED");
	assert_int_equal(fake_sessions_asked(stage->fake) >= 2, true);
	fake_set_sessions(stage->fake, 0);
}

/* Asks as soon as the VNF may be operated on, for seconds at most. */
static void
operate_soon(struct stage *stage, const char *name, const char *text, char *occurrence)
{
	json_t *request = json_loads(text, 0, NULL);
	struct operation_answer answer = {0};
	struct faults faults = {0};
	struct err err;
	unsigned tries = 0;
	while (vnf_operate(stage->orch, stage_id(stage, name), request, &answer, &faults,
		       &err) &&
		++tries < 5000)
		usleep(1000);
	assert_true(tries < 5000);
	memcpy(occurrence, answer.occurrence, STAMP_ID);
	json_decref(request);
}

static void
configure(void *arg)
{
	assert_string_equal(
		stage_task(arg, vnf_modify, "edge.a",
			"{\"vnfConfigurableProperties\": {\"config\": {\"default\": "
			"\"drop\"}}}"),
		"COMPLETED");
}

/* It would bring back the configuration that it had read before. */
static void
test_upgrade_of_what_changes_meanwhile_is_refused(void **state)
{
	struct stage *stage = *state;
	static const char same[] = "{\"vnfdId\": \"renga-firewall\"}";
	fake_on_check(stage->fake, configure, stage);
	assert_string_equal(
		stage_task(stage, vnf_change_package, "edge.a", same), "state");
	assert_string_equal(
		stage_task(stage, vnf_change_package, "edge.a", same), "COMPLETED");
	json_t *doc = fake_doc(stage->fake, VNFM_VNF, "edge.a");
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(doc, "config"), "default")),
		"drop");
	json_decref(doc);
}

/* More of them than there are workers at first. */
static void
test_operate_operations_that_drain_keep_no_other_waiting(void **state)
{
	struct stage *stage = *state;
	static const char stop[] = "{\"changeStateTo\": \"STOPPED\", \"stopType\": "
				   "\"GRACEFUL\", \"gracefulStopTimeout\": 3600}";
	struct chains_applied applied;
	struct faults faults = {0};
	struct err err;
	char text[256], name[8], occurrence[STAMP_ID];
	fake_set_sessions(stage->fake, 3);
	for (unsigned i = 0; i < 6; i++) {
		struct doc *doc;
		snprintf(text, sizeof(text),
			"kind: Chain\nname: d%u\nports: {lan: {driver: 'null'}, wan: "
			"{driver: 'null'}}\npath: [lan, {vnf: a, type: firewall}, wan]\n",
			i);
		snprintf(name, sizeof(name), "d%u.a", i);
		assert_int_equal(
			doc_parse(text, strlen(text), DOC_YAML, NULL, &doc, &err), 0);
		assert_int_equal(chains_apply(stage->orch, doc_root(doc), false, &applied,
					 &faults, &err),
			0);
		doc_close(doc);
		operate_soon(stage, name, stop, occurrence);
	}
	operate_soon(stage, "edge.a", STOP, occurrence);
	operate_soon(stage, "edge.a", START, occurrence);
	fake_set_sessions(stage->fake, 0);
	engine_drain(stage->orch->engine);
}

static void
test_heal_gives_each_process_a_successor_one_after_the_other(void **state)
{
	struct stage *stage = *state;
	char one[96];
	stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}");
	json_decref(fake_calls(stage->fake));
	assert_string_equal(stage_steps(stage_plan(stage, vnf_heal, "edge.a", "{}")),
		"put vnf edge.a; wait vnf edge.a; put vnf edge.a~1; wait vnf edge.a~1");
	assert_string_equal(stage_steps(fake_calls(stage->fake)), "");
	assert_string_equal(stage_task(stage, vnf_heal, "edge.a", "{}"), "COMPLETED");
	assert_string_equal(
		stage_steps(fake_calls(stage->fake)), "put vnf edge.a; put vnf edge.a~1");
	snprintf(one, sizeof(one), "{\"vnfcInstanceId\": [\"%s~1\"]}",
		stage_id(stage, "edge.a"));
	assert_string_equal(stage_task(stage, vnf_heal, "edge.a", one), "COMPLETED");
	assert_string_equal(stage_steps(fake_calls(stage->fake)), "put vnf edge.a~1");
	json_t *doc = fake_doc(stage->fake, VNFM_VNF, "edge.a~1");
	assert_int_equal(json_integer_value(json_object_get(doc, "revision")), 2);
	json_decref(doc);
	assert_string_equal(stage_task(stage, vnf_heal, "edge.a",
				    "{\"vnfcInstanceId\": [\"nobody\"]}"),
		"invalid");
}

static void
test_heal_that_fails_is_not_rolled_back_and_can_be_tried_again(void **state)
{
	struct stage *stage = *state;
	fake_fail_put(stage->fake, VNFM_VNF, "edge.a", 1);
	assert_string_equal(stage_task(stage, vnf_heal, "edge.a", "{}"), "FAILED_TEMP");
	assert_string_equal(stage_task(stage, vnf_heal, "edge.a", "{}"), "state");
	assert_string_equal(stage_tell(stage, "vnf", EVENT_ROLLBACK), "not-found");
	assert_string_equal(stage_tell(stage, "vnf", EVENT_CONTINUE), "COMPLETED");
}

static void
test_heal_of_a_service_restores_what_it_is_wanted_to_have(void **state)
{
	struct stage *stage = *state;
	static const char restore[] =
		"{\"healNsData\": {\"degreeHealing\": \"HEAL_RESTORE\"}}";
	static const char reset[] =
		"{\"healNsData\": {\"degreeHealing\": \"HEAL_RESET\"}}";
	char one[128];
	fake_forget(stage->fake);
	assert_string_equal(stage_task(stage, ns_heal, "edge", restore), "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 2);
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 3);
	assert_string_equal(stage_apply(stage, TWO), "nothing");
	assert_non_null(strstr(stage_steps(stage_plan(stage, ns_heal, "edge", reset)),
		"wait vnf edge.b"));
	assert_null(strstr(
		stage_steps(stage_plan(stage, ns_heal, "edge", restore)), "wait vnf"));
	snprintf(one, sizeof(one), "{\"healVnfData\": [{\"vnfInstanceId\": \"%s\"}]}",
		stage_id(stage, "edge.b"));
	assert_string_equal(stage_steps(stage_plan(stage, ns_heal, "edge", one)),
		"put vnf edge.b; wait vnf edge.b");
	assert_string_equal(stage_task(stage, ns_heal, "edge", "{}"), "invalid");
	assert_string_equal(stage_task(stage, ns_heal, "edge",
				    "{\"healVnfData\": [{\"vnfInstanceId\": \"x\"}]}"),
		"invalid");
}

static void
test_scale_to_level_counts_the_replicas_beside_the_first(void **state)
{
	struct stage *stage = *state;
	static const char two_more[] = "{\"scaleInfo\": [{\"aspectId\": \"replicas\", "
				       "\"scaleLevel\": 2}]}";
	assert_string_equal(
		stage_task(stage, vnf_scale_to_level, "edge.a", two_more), "COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 4);
	assert_string_equal(
		stage_steps(stage_plan(stage, vnf_scale_to_level, "edge.a", two_more)),
		"");
	assert_string_equal(stage_task(stage, vnf_scale_to_level, "edge.a",
				    "{\"instantiationLevelId\": \"default\"}"),
		"COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 2);
	static const char *const bad[] = {"{}", "{\"instantiationLevelId\": \"huge\"}",
		"{\"scaleInfo\": [{\"aspectId\": \"wings\", \"scaleLevel\": 1}]}",
		"{\"scaleInfo\": [{\"aspectId\": \"replicas\", \"scaleLevel\": 8}]}",
		"{\"scaleInfo\": []}"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(
			stage_task(stage, vnf_scale_to_level, "edge.a", bad[i]),
			"invalid");
}

#define PORT(cp_, interface_)                                                            \
	"{\"additionalParams\": {\"ports\": {\"" cp_ "\": {\"driver\": \"af_packet\", "  \
	"\"interface\": \"" interface_ "\"}}}}"

static void
assert_told(struct stage *stage, const char *interface)
{
	struct err err;
	json_t *vnf;
	assert_int_equal(vnf_get(stage->orch, stage_id(stage, "edge.a"), &vnf, &err), 0);
	const json_t *cps =
		json_object_get(json_object_get(vnf, "instantiatedVnfInfo"), "extCpInfo");
	assert_int_equal(json_array_size(cps), 1);
	const json_t *cp = json_array_get(cps, 0);
	assert_string_equal(json_string_value(json_object_get(cp, "cpdId")), "left");
	assert_string_equal(
		json_string_value(json_object_get(
			json_object_get(json_object_get(cp, "metadata"), "port"),
			"interface")),
		interface);
	json_decref(vnf);
}

static void
assert_ports(struct stage *stage, const char *lan)
{
	json_t *doc = fake_doc(stage->fake, VNFM_PORT, "lan");
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(doc, "spec"), "interface")),
		lan);
	json_decref(doc);
	assert_int_equal(fake_count(stage->fake, VNFM_PORT), 2);
	assert_int_equal(fake_count(stage->fake, VNFM_LINK), 3);
}

static void
test_port_of_another_device_is_there_before_the_old_one_goes(void **state)
{
	struct stage *stage = *state;
	static const char *const lans[] = {"lan8", "lan0"};
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(
			stage_task(stage, vnf_port_change, "edge.a",
				i ? PORT("left", "lan0") : PORT("left", "lan8")),
			"COMPLETED");
		assert_string_equal(stage_steps(fake_calls(stage->fake)),
			"put port lan; relink service edge; + link lan-a; del port lan");
		assert_ports(stage, lans[i]);
		assert_told(stage, lans[i]);
	}
	assert_string_equal(stage_apply(stage, TWO), "nothing");
}

static void
test_port_of_the_same_device_ends_first(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(
		stage_task(stage, vnf_port_change, "edge.a",
			"{\"additionalParams\": {\"ports\": {\"left\": {\"driver\": "
			"\"af_packet\", \"interface\": \"lan0\", \"mtu\": 9000}}}}"),
		"COMPLETED");
	assert_string_equal(stage_steps(fake_calls(stage->fake)),
		"del link lan-a; del port lan; put port lan; relink service edge; + link "
		"lan-a");
}

/* Whatever changes the service next leaves a port alone that has changed over, and a
 * document changes it in the same way. */
static void
test_port_that_changed_over_stays_with_what_comes_next(void **state)
{
	struct stage *stage = *state;
	stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}");
	stage_task(stage, vnf_port_change, "edge.a", PORT("left", "lan8"));
	json_decref(fake_calls(stage->fake));
	stage_task(stage, vnf_operate, "edge.a", STOP);
	assert_string_equal(
		stage_task(stage, vnf_port_change, "edge.a", PORT("left", "lan9")),
		"state");
	stage_task(stage, vnf_operate, "edge.a", START);
	stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_IN\"}");
	assert_ports(stage, "lan8");
	assert_null(strstr(stage_steps(fake_calls(stage->fake)), "port"));
	assert_string_equal(stage_apply(stage, TWO), "COMPLETED");
	assert_non_null(
		strstr(stage_steps(fake_calls(stage->fake)), "put port lan; relink"));
	assert_ports(stage, "lan0");
}

static void
test_port_that_changed_over_stays_when_paths_change(void **state)
{
	struct stage *stage = *state;
	stage_delete(stage, "edge");
	stage_apply(stage, PATHS);
	assert_string_equal(
		stage_task(stage, vnf_port_change, "edge.a", PORT("left", "lan8")),
		"COMPLETED");
	assert_string_equal(
		stage_task(stage, ns_update, "edge", OTHER_PATHS), "COMPLETED");
	json_t *objects = fake_objects(stage->fake), *link;
	const char *id;
	unsigned n = 0;
	json_object_foreach (objects, id, link) {
		const char *at = json_string_value(
			json_object_get(json_object_get(link, "a"), "port"));
		char key[160];
		if (!at)
			continue;
		snprintf(key, sizeof(key), "port:%s", at);
		assert_non_null(json_object_get(objects, key));
		n++;
	}
	assert_true(n > 0);
	json_decref(objects);
}

static void
test_port_that_cannot_be_is_refused_and_one_that_fails_is_taken_back(void **state)
{
	struct stage *stage = *state;
	json_t *before = fake_objects(stage->fake), *after;
	static const struct {
		const char *request, *answer;
	} bad[] = {{"{}", "invalid"}, {PORT("right", "lan8"), "invalid"},
		{PORT("nowhere", "lan8"), "invalid"},
		{PORT("left", "wan0"), "invalid"}, /* of the service's other port */
		{"{\"additionalParams\": {\"ports\": {\"left\": {\"driver\": "
		 "\"wings\"}}}}",
			"invalid"},
		{"{\"extVirtualLinks\": [{\"id\": \"x\", \"extCps\": [{\"cpdId\": "
		 "\"right\"}]}], \"additionalParams\": {\"ports\": {\"left\": "
		 "{\"driver\": \"null\"}}}}",
			"invalid"}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(
			stage_task(stage, vnf_port_change, "edge.a", bad[i].request),
			bad[i].answer);
	assert_string_equal(stage_steps(fake_calls(stage->fake)), "");
	fake_fail_put(stage->fake, VNFM_LINK, "lan-a", 1);
	assert_string_equal(
		stage_task(stage, vnf_port_change, "edge.a", PORT("left", "lan8")),
		"ROLLED_BACK");
	after = fake_objects(stage->fake);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

/* Every task with its request: it tells its steps, and nothing has happened. */
static void
test_dry_run_of_every_operation_plans_and_does_nothing(void **state)
{
	struct stage *stage = *state;
	static const struct {
		stage_task_fn *fn;
		const char *name, *request, *steps;
	} tasks[] = {
		{vnf_modify, "edge.a",
			"{\"vnfConfigurableProperties\": {\"config\": {\"default\": "
			"\"drop\"}}}",
			"put vnf edge.a"},
		{vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}",
			"put vnf edge.a; put vnf edge.a~1; wait vnf edge.a~1; "
			"relink service edge; spread vnf edge.a"},
		{vnf_change_package, "edge.a", "{\"vnfdId\": \"renga-firewall\"}",
			"put vnf edge.a; wait vnf edge.a"},
		{vnf_move, "edge.a", "{\"core\": 2}", "put vnf edge.a; wait vnf edge.a"},
		{vnf_heal, "edge.a", "{}", "put vnf edge.a; wait vnf edge.a"},
		{vnf_port_change, "edge.a", PORT("left", "lan8"),
			"put port lan; relink service edge; del port lan"},
		{vnf_operate, "edge.a", STOP, "relink service edge; del vnf edge.a"},
	};
	for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++)
		assert_string_equal(stage_steps(stage_plan(stage, tasks[i].fn,
					    tasks[i].name, tasks[i].request)),
			tasks[i].steps);
	assert_string_equal(stage_steps(fake_calls(stage->fake)), "");
	assert_string_equal(stage_apply(stage, TWO), "nothing");
}

static void
test_grant_refused_changes_nothing(void **state)
{
	struct stage *stage = *state;
	fake_set_room(stage->fake, 3, 1000); /* two are taken */
	assert_string_equal(stage_apply(stage, THREE), "COMPLETED");
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}"),
		"no-resource");
	assert_string_equal(stage_apply(stage, TWO), "COMPLETED");
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}"),
		"COMPLETED");
	json_decref(fake_calls(stage->fake));
	assert_string_equal(
		stage_apply(stage,
			"kind: Chain\nname: other\nports:\n"
			"  lan: {driver: \"null\"}\n  wan: {driver: \"null\"}\n"
			"path: [lan, {vnf: x, type: firewall}, wan]\n"),
		"no-resource");
	assert_string_equal(stage_steps(fake_calls(stage->fake)), "");
	assert_string_equal(stage_id(stage, "other"), "");
	assert_string_equal(
		stage_task(stage, vnf_heal, "edge.a", "{\"cause\": \"x\"}"), "COMPLETED");
}

static void
test_grant_counts_memory_that_configurations_need(void **state)
{
	struct stage *stage = *state;
	static const char big[] =
		EDGE "path: [lan, {vnf: a, type: firewall, config: {state: 104857600}},"
		     " {vnf: b, type: passthrough}, wan]\n";
	stage_delete(stage, "edge");
	fake_set_room(stage->fake, 96, 110); /* buffers need 31 */
	assert_string_equal(stage_apply(stage, big), "no-resource");
	fake_set_room(stage->fake, 96, 140);
	assert_string_equal(stage_apply(stage, big), "COMPLETED");
	fake_set_room(stage->fake, 96, 90);
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}"),
		"no-resource");
}

/* Another NS of the chain's descriptor. */
static void
make_twin(struct stage *stage)
{
	json_t *request =
		json_pack("{s:s, s:s}", "nsdId", "renga-chain-edge", "nsName", "twin");
	json_t *ns = NULL;
	struct faults faults = {0};
	struct err err;
	assert_int_equal(ns_create(stage->orch, request, &ns, &faults, &err), 0);
	json_decref(ns);
	json_decref(request);
}

/* An operation that was accepted has what it has not made yet. */
static void
test_grant_gives_the_last_slot_once(void **state)
{
	struct stage *stage = *state;
	static const char other[] =
		"kind: Chain\nname: other\nports:\n  in: {driver: \"null\"}\n"
		"  out: {driver: \"null\"}\npath: [in, {vnf: x, type: firewall},"
		" {vnf: y, type: firewall}, out]\n";
	char waiting[STAMP_ID];
	make_twin(stage);
	fake_set_room(stage->fake, 5, 1000); /* two are taken */
	fake_fail_put(stage->fake, VNFM_SERVICE, "twin", 1);
	assert_string_equal(
		stage_task(stage, ns_instantiate, "twin",
			"{\"nsFlavourId\": \"default\", \"additionalParamsForNs\": "
			"{\"ports\": {\"lan\": {\"driver\": \"null\"}, "
			"\"wan\": {\"driver\": \"null\"}}}}"),
		"FAILED_TEMP");
	memcpy(waiting, stage->occurrence, sizeof(waiting));
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 2);
	assert_string_equal(stage_apply(stage, other), "no-resource");
	memcpy(stage->occurrence, waiting, sizeof(waiting));
	assert_string_equal(stage_tell(stage, "ns", EVENT_ROLLBACK), "ROLLED_BACK");
	assert_string_equal(stage_apply(stage, other), "COMPLETED");
}

/* Of three cores one does the I/O, and one is a VNF's alone. */
static void
test_grant_keeps_a_core_for_the_vnf_that_has_it(void **state)
{
	struct stage *stage = *state;
	static const char alone[] =
		EDGE "path: [lan, {vnf: a, type: firewall, core: dedicated},"
		     " {vnf: b, type: passthrough}, wan]\n";
	static const char other[] =
		"kind: Chain\nname: other\nports: {i: {driver: \"null\"}, o: {driver: "
		"\"null\"}}\npath: [i, {vnf: x, type: firewall, core: dedicated}, o]\n";
	stage_delete(stage, "edge");
	assert_string_equal(stage_apply(stage, alone), "COMPLETED");
	assert_int_equal(stage_core(stage, "edge.a"), 1);
	assert_int_equal(stage_core(stage, "edge.b"), 2);
	assert_string_equal(
		stage_task(stage, vnf_move, "edge.b", "{\"core\": 1}"), "no-resource");
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}"),
		"no-resource");
	assert_string_equal(stage_apply(stage, other), "no-resource");
	assert_string_equal(
		stage_task(stage, vnf_move, "edge.b", "{\"core\": 0}"), "COMPLETED");
	assert_string_equal(stage_apply(stage, other), "COMPLETED");
	assert_int_equal(stage_core(stage, "other.x"), 2);
}

struct rival {
	struct orch *orch;
	char name[16];
	pthread_t thread;
	bool accepted;
};

static void *
rival_thread(void *arg)
{
	struct rival *rival = arg;
	struct chains_applied applied = {0};
	struct faults faults = {0};
	struct err err;
	json_t *chain = json_pack(
		"{s:s, s:s, s:{s:{s:s}, s:{s:s}}, s:[s, {s:s, s:s}, s]}", "kind", "Chain",
		"name", rival->name, "ports", "i", "driver", "null", "o", "driver",
		"null", "path", "i", "vnf", "x", "type", "firewall", "o");
	rival->accepted =
		chains_apply(rival->orch, chain, false, &applied, &faults, &err) == 0;
	if (!rival->accepted)
		assert_int_equal(faults.list[0].code, ERR_NO_RESOURCE);
	faults_clear(&faults);
	json_decref(chain);
	return NULL;
}

static void
test_grant_of_many_at_once_gives_each_slot_once(void **state)
{
	struct stage *stage = *state;
	struct rival rivals[8];
	unsigned accepted = 0;
	fake_set_room(stage->fake, 5, 1000); /* two are taken */
	for (unsigned i = 0; i < 8; i++) {
		rivals[i] = (struct rival){.orch = stage->orch};
		snprintf(rivals[i].name, sizeof(rivals[i].name), "rival%u", i);
		assert_int_equal(
			pthread_create(&rivals[i].thread, NULL, rival_thread, &rivals[i]),
			0);
	}
	for (unsigned i = 0; i < 8; i++) {
		pthread_join(rivals[i].thread, NULL);
		accepted += rivals[i].accepted;
	}
	assert_int_equal(accepted, 3);
	engine_drain(stage->orch->engine);
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stage_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_operate_stopped_vnf_leaves_with_its_links_and_comes_back),
		TEST(test_operate_neighbours_that_are_both_stopped_meet_again),
		TEST(test_operate_in_the_state_that_is_asked_for_is_refused),
		TEST(test_chain_that_could_not_begin_begins_with_the_next_document),
		TEST(test_operate_leaves_a_group_of_the_others_and_comes_back_into_it),
		TEST(test_operate_of_a_scaled_vnf_takes_all_replicas),
		TEST(test_operate_stopped_vnf_is_stopped_for_whoever_looks_and_after_a_restart),
		TEST(test_operate_apply_of_the_chain_starts_what_is_stopped),
		TEST(test_operate_stop_that_fails_leaves_the_vnf_running),
		TEST(test_operate_graceful_stop_waits_for_sessions_and_not_for_ever),
		TEST(test_upgrade_of_what_changes_meanwhile_is_refused),
		TEST(test_operate_operations_that_drain_keep_no_other_waiting),
		TEST(test_heal_gives_each_process_a_successor_one_after_the_other),
		TEST(test_heal_that_fails_is_not_rolled_back_and_can_be_tried_again),
		TEST(test_heal_of_a_service_restores_what_it_is_wanted_to_have),
		TEST(test_scale_to_level_counts_the_replicas_beside_the_first),
		TEST(test_grant_refused_changes_nothing),
		TEST(test_grant_counts_memory_that_configurations_need),
		TEST(test_grant_gives_the_last_slot_once),
		TEST(test_grant_of_many_at_once_gives_each_slot_once),
		TEST(test_grant_keeps_a_core_for_the_vnf_that_has_it),
		TEST(test_port_of_another_device_is_there_before_the_old_one_goes),
		TEST(test_port_of_the_same_device_ends_first),
		TEST(test_port_that_changed_over_stays_with_what_comes_next),
		TEST(test_port_that_changed_over_stays_when_paths_change),
		TEST(test_port_that_cannot_be_is_refused_and_one_that_fails_is_taken_back),
		TEST(test_dry_run_of_every_operation_plans_and_does_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
