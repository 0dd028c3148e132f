/* test_flavours.c: VNFs that get a core for themselves and share one again, on a fake VNF
 * manager, whose host has three cores, of which the first serves the ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "db/objects.h"
#include "db/occurrences.h"
#include "orchestrator/ns_update.h"
#include "orchestrator/vnf.h"
#include "orchestrator/vnf_alone.h"
#include "orchestrator/vnf_change.h"
#include "orchestrator/vnf_flavour.h"
#include "orchestrator/vnf_operate.h"
#include "orchestrator/vnf_scale.h"
#include "tests/orch/edge.h"
#include "tests/orch/edge_nsd.h"
#include "tests/orch/stage.h"

#define DEDICATED "{\"newFlavourId\": \"dedicated\"}"
#define DEFAULT	  "{\"newFlavourId\": \"default\"}"
#define CHANGE_DF(flavour_)                                                              \
	"{\"updateType\": \"CHANGE_VNF_DF\", \"changeVnfFlavourData\": "                 \
	"[{\"vnfInstanceId\": \"$\", \"newFlavourId\": \"" flavour_ "\"}]}"
#define OUT "{\"type\": \"SCALE_OUT\"}"
#define ELSEWHERE(core_)                                                                 \
	"kind: Chain\nname: other\nports: {i: {driver: \"null\"}, o: {driver: "          \
	"\"null\"}}\npath: [i, {vnf: x, type: firewall" core_ "}, o]\n"

static const char *
change(struct stage *stage, const char *vnf, const char *request)
{
	return stage_task(stage, vnf_flavour_change, vnf, request);
}

/* "dedicated firewall-dedicated": its flavour, and the VDU of its first process. */
static const char *
flavour_of(struct stage *stage, const char *name)
{
	static char text[96];
	struct err err;
	json_t *vnf;
	assert_int_equal(vnf_get(stage->orch, stage_id(stage, name), &vnf, &err), 0);
	const json_t *info = json_object_get(vnf, "instantiatedVnfInfo");
	const json_t *resource =
		json_array_get(json_object_get(info, "vnfcResourceInfo"), 0);
	const char *vdu = json_string_value(json_object_get(resource, "vduId"));
	snprintf(text, sizeof(text), "%s %s",
		json_string_value(json_object_get(info, "flavourId")), vdu ? vdu : "-");
	json_decref(vnf);
	return text;
}

static bool
may_change(struct stage *stage, const char *name)
{
	struct err err;
	json_t *vnf, *action;
	size_t i;
	bool may = false;
	assert_int_equal(vnf_get(stage->orch, stage_id(stage, name), &vnf, &err), 0);
	json_array_foreach (json_object_get(vnf, "_actions"), i, action)
		may |= strcmp(json_string_value(action), "change_flavour") == 0;
	json_decref(vnf);
	return may;
}

static void
assert_objects(struct stage *stage, json_t *expected)
{
	json_t *are = fake_objects(stage->fake);
	assert_true(json_equal(are, expected));
	json_decref(are);
}

static void
test_flavour_gives_a_core_and_takes_it_back_and_nothing_else_moves(void **state)
{
	struct stage *stage = *state;
	struct db_occurrence row = {0};
	struct err err;
	stage_apply(stage, TWO);
	json_t *before = fake_objects(stage->fake);
	assert_string_equal(flavour_of(stage, "edge.a"), "default firewall");
	assert_string_equal(
		stage_steps(stage_plan(stage, vnf_flavour_change, "edge.a", DEDICATED)),
		"put vnf edge.a; wait vnf edge.a");
	assert_string_equal(change(stage, "edge.a", DEDICATED), "COMPLETED");
	assert_int_equal(
		db_occurrence_get(stage->orch->db, stage->occurrence, &row, &err), 0);
	assert_string_equal(row.operation, "CHANGE_FLAVOUR");
	assert_string_equal(row.api, "vnf");
	db_occurrence_clear(&row);
	assert_string_equal(flavour_of(stage, "edge.a"), "dedicated firewall-dedicated");
	assert_string_equal(flavour_of(stage, "edge.b"), "default passthrough");
	assert_int_equal(stage_core(stage, "edge.a"), 2);
	assert_int_equal(stage_core(stage, "edge.b"), 1);
	assert_string_equal(change(stage, "edge.a", DEDICATED), "state");
	assert_string_equal(
		stage_task(stage, vnf_move, "edge.b", "{\"core\": 2}"), "no-resource");
	assert_string_equal(change(stage, "edge.a", DEFAULT), "COMPLETED");
	assert_objects(stage, before);
	assert_string_equal(change(stage, "edge.a", DEFAULT), "state");
	json_decref(before);
}

/* A host with few cores: who shares one goes beside the ports. */
static void
test_flavour_has_others_of_the_service_make_room(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, TWO);
	assert_string_equal(
		stage_apply(stage, ELSEWHERE(", core: dedicated")), "COMPLETED");
	json_t *before = fake_objects(stage->fake);
	assert_string_equal(change(stage, "edge.a", DEDICATED), "COMPLETED");
	assert_int_equal(stage_core(stage, "edge.a"), 1);
	assert_int_equal(stage_core(stage, "edge.b"), 0);
	assert_string_equal(change(stage, "edge.b", DEDICATED), "no-resource");
	assert_string_equal(change(stage, "edge.a", DEFAULT), "COMPLETED");
	assert_objects(stage, before);
	json_decref(before);
}

static void
test_flavour_without_a_core_is_refused_and_nothing_changes(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, TWO);
	assert_string_equal(stage_apply(stage, ELSEWHERE("")), "COMPLETED");
	assert_string_equal(change(stage, "edge.a", DEDICATED), "COMPLETED");
	assert_int_equal(stage_core(stage, "edge.a"), 1);
	assert_int_equal(stage_core(stage, "edge.b"), 2);
	json_t *before = fake_objects(stage->fake);
	assert_string_equal(change(stage, "other.x", DEDICATED), "no-resource");
	assert_objects(stage, before);
	assert_string_equal(flavour_of(stage, "other.x"), "default firewall");
	json_decref(before);
}

static void
test_flavour_that_cannot_be_had_is_rolled_back_to_the_old_one(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, TWO);
	json_t *before = fake_objects(stage->fake);
	fake_fail_put(stage->fake, VNFM_VNF, "edge.a", 1);
	assert_string_equal(change(stage, "edge.a", DEDICATED), "ROLLED_BACK");
	assert_objects(stage, before);
	assert_string_equal(flavour_of(stage, "edge.a"), "default firewall");
	json_decref(before);
}

static void
test_flavour_that_is_none_is_refused(void **state)
{
	struct stage *stage = *state;
	static const char *const answers[][2] = {{"{}", "invalid"},
		{"{\"newFlavourId\": \"huge\"}", "invalid"},
		{"{\"newFlavourId\": 1}", "invalid"},
		{"{\"newFlavourId\": \"dedicated\", \"instantiationLevelId\": \"big\"}",
			"invalid"},
		{"{\"newFlavourId\": \"dedicated\", \"extVirtualLinks\": []}",
			"unsupported"}};
	struct operation_answer answer = {0};
	struct faults faults = {0};
	struct err err = {0};
	json_t *huge = json_pack("{s:s}", "newFlavourId", "huge");
	stage_apply(stage, TWO);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_string_equal(
			change(stage, "edge.a", answers[i][0]), answers[i][1]);
	vnf_flavour_change(
		stage->orch, stage_id(stage, "edge.a"), huge, &answer, &faults, &err);
	assert_string_equal(faults.list[0].path, "newFlavourId");
	assert_string_equal(faults.list[0].hint, "the package has: default, dedicated");
	assert_string_equal(change(stage, "nobody", DEDICATED), "not-found");
	db_object_del(stage->orch->db, "vnf", stage_id(stage, "edge.a"), &err);
	assert_string_equal(change(stage, "edge.a", DEDICATED), "state");
	faults_clear(&faults);
	json_decref(huge);
}

/* Each of them has a core, or none of them has. */
static void
test_flavour_of_a_scaled_vnf_is_that_of_all_its_replicas(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, TWO);
	stage_task(stage, vnf_scale, "edge.a", OUT);
	assert_string_equal(change(stage, "edge.a", DEDICATED), "COMPLETED");
	assert_int_equal(
		stage_core(stage, "edge.a") + stage_core(stage, "edge.a~1"), 1 + 2);
	assert_int_equal(stage_core(stage, "edge.b"), 0);
	assert_string_equal(change(stage, "edge.b", DEDICATED), "no-resource");
	assert_string_equal(stage_task(stage, vnf_scale, "edge.a", OUT), "no-resource");
	assert_string_equal(
		change(stage, "edge.a",
			"{\"newFlavourId\": \"default\", \"instantiationLevelId\": "
			"\"default\"}"),
		"COMPLETED");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 2);
	assert_string_equal(flavour_of(stage, "edge.a"), "default firewall");
}

static void
test_flavour_of_whoever_shares_a_process_takes_the_others_along(void **state)
{
	struct stage *stage = *state;
	stage_onboard(stage, NSD_GROUP);
	stage_instantiate(stage, "edge-3");
	stage_apply(stage, ELSEWHERE(", cores: [1]"));
	json_t *before = fake_objects(stage->fake);
	assert_int_equal(stage_core(stage, "edge.a"), 1);
	assert_string_equal(change(stage, "edge.a", DEDICATED), "COMPLETED");
	assert_int_equal(stage_core(stage, "edge.a"), 2);
	assert_int_equal(stage_core(stage, "edge.b"), 2);
	assert_string_equal(change(stage, "edge.a", DEFAULT), "COMPLETED");
	assert_string_equal(
		stage_task(stage, vnf_move, "edge.a", "{\"core\": 1}"), "COMPLETED");
	assert_objects(stage, before);
	json_decref(before);
}

/* Which is not for who has a core for itself. */
static void
test_flavour_leaves_placement_by_measurement_and_comes_back_to_it(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, TWO "isolation: auto\n");
	json_t *before = fake_objects(stage->fake);
	assert_string_equal(change(stage, "edge.a", DEDICATED), "COMPLETED");
	json_t *a = fake_doc(stage->fake, VNFM_VNF, "edge.a"),
	       *b = fake_doc(stage->fake, VNFM_VNF, "edge.b");
	assert_null(json_object_get(a, "group"));
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(b, "group"), "n")), 1);
	json_decref(a);
	json_decref(b);
	assert_string_equal(change(stage, "edge.a", DEFAULT), "COMPLETED");
	assert_objects(stage, before);
	json_decref(before);
}

static void
test_flavour_changes_in_a_service_with_paths(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, PATHS);
	assert_string_equal(
		stage_task(stage, ns_update, "edge", OTHER_PATHS), "COMPLETED");
	json_t *before = fake_objects(stage->fake);
	assert_string_equal(
		stage_steps(stage_plan(stage, vnf_flavour_change, "edge.b", DEDICATED)),
		"put vnf edge.b; wait vnf edge.b");
	assert_string_equal(change(stage, "edge.b", DEDICATED), "COMPLETED");
	assert_string_equal(change(stage, "edge.b", DEFAULT), "COMPLETED");
	assert_objects(stage, before);
	json_decref(before);
}

static void
test_flavour_is_not_changed_while_a_vnf_of_the_service_is_stopped(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, TWO);
	assert_true(may_change(stage, "edge.a"));
	change(stage, "edge.a", DEDICATED);
	stage_task(stage, vnf_operate, "edge.a", "{\"changeStateTo\": \"STOPPED\"}");
	assert_false(may_change(stage, "edge.a"));
	assert_false(may_change(stage, "edge.b"));
	assert_string_equal(flavour_of(stage, "edge.a"), "dedicated -");
	assert_string_equal(change(stage, "edge.a", DEFAULT), "state");
	assert_string_equal(change(stage, "edge.b", DEDICATED), "state");
	stage_task(stage, vnf_operate, "edge.a", "{\"changeStateTo\": \"STARTED\"}");
	assert_true(may_change(stage, "edge.b"));
	assert_string_equal(flavour_of(stage, "edge.a"), "dedicated firewall-dedicated");
}

/* As with all that a document says. */
static void
test_flavour_of_a_chain_is_what_its_document_says_when_it_is_applied(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, TWO);
	json_t *before = fake_objects(stage->fake);
	change(stage, "edge.a", DEDICATED);
	assert_string_equal(stage_apply(stage, TWO), "COMPLETED");
	assert_objects(stage, before);
	assert_string_equal(
		stage_apply(stage,
			EDGE "path: [lan, {vnf: a, type: firewall, core: dedicated},"
			     " {vnf: b, type: passthrough}, wan]\n"),
		"COMPLETED");
	assert_string_equal(flavour_of(stage, "edge.a"), "dedicated firewall-dedicated");
	assert_int_equal(stage_core(stage, "edge.a"), 2);
	json_decref(before);
}

static void
test_flavour_of_a_descriptor_is_kept_until_a_version_says_another(void **state)
{
	struct stage *stage = *state;
	struct db_occurrence row = {0};
	struct err err;
	stage_onboard(stage, NSD_TWO);
	stage_onboard(stage, NSD_THREE);
	stage_onboard(stage, NSD_DEDICATED);
	stage_instantiate(stage, "edge-1");
	assert_string_equal(
		stage_task(stage, ns_update, "edge",
			stage_request(stage, CHANGE_DF("dedicated"), "edge.a")),
		"COMPLETED");
	assert_int_equal(
		db_occurrence_get(stage->orch->db, stage->occurrence, &row, &err), 0);
	assert_string_equal(row.operation, "UPDATE");
	db_occurrence_clear(&row);
	assert_string_equal(flavour_of(stage, "edge.a"), "dedicated firewall-dedicated");
	stage_task(stage, ns_update, "edge", ASSOC("edge-2", "true"));
	assert_string_equal(flavour_of(stage, "edge.a"), "dedicated firewall-dedicated");
	assert_string_equal(flavour_of(stage, "edge.c"), "default passthrough");
	stage_task(stage, ns_update, "edge", ASSOC("edge-4", "true"));
	assert_string_equal(flavour_of(stage, "edge.a"), "dedicated firewall-dedicated");
	stage_task(stage, ns_update, "edge",
		stage_request(stage, CHANGE_DF("default"), "edge.a"));
	assert_string_equal(flavour_of(stage, "edge.a"), "default firewall");
	stage_task(stage, ns_update, "edge", ASSOC("edge-4", "true"));
	assert_string_equal(flavour_of(stage, "edge.a"), "dedicated firewall-dedicated");
	stage_task(stage, ns_update, "edge", ASSOC("edge-1", "true"));
	assert_string_equal(flavour_of(stage, "edge.a"), "default firewall");
}

static void
test_flavour_is_chosen_when_a_vnf_comes(void **state)
{
	struct stage *stage = *state;
	stage_onboard(stage, NSD_TWO);
	stage_instantiate(stage, "edge-1");
	assert_string_equal(
		stage_task(stage, ns_update, "edge",
			ADD_VNF("\"vnfProfileId\": \"c\", \"vnfFlavourId\": "
				"\"dedicated\", \"additionalParams\": {\"between\": "
				"[\"a\", \"b\"]}")),
		"COMPLETED");
	assert_string_equal(
		flavour_of(stage, "edge.c"), "dedicated passthrough-dedicated");
	assert_int_not_equal(stage_core(stage, "edge.c"), stage_core(stage, "edge.a"));
	assert_string_equal(
		stage_task(stage, ns_update, "edge",
			ADD_VNF("\"vnfProfileId\": \"d\", \"vnfFlavourId\": \"huge\", "
				"\"additionalParams\": {\"between\": [\"c\", \"b\"]}")),
		"invalid");
}

static void
test_flavour_of_a_vnf_alone_is_that_of_the_request_and_then_another(void **state)
{
	struct stage *stage = *state;
	struct faults faults = {0};
	struct err err = {0};
	json_t *vnf, *request = json_pack("{s:s, s:s}", "vnfdId", "renga-firewall",
			     "vnfInstanceName", "guard");
	assert_int_equal(vnf_create(stage->orch, NULL, request, &vnf, &faults, &err), 0);
	json_decref(request);
	json_decref(vnf);
	assert_string_equal(change(stage, "guard", DEDICATED), "state");
	assert_string_equal(
		stage_task(stage, vnf_instantiate, "guard",
			"{\"flavourId\": \"dedicated\", \"additionalParams\": "
			"{\"ports\": {\"left\": {\"driver\": \"null\"}, \"right\": "
			"{\"driver\": \"null\"}}}}"),
		"COMPLETED");
	assert_string_equal(flavour_of(stage, "guard"), "dedicated firewall-dedicated");
	assert_string_equal(change(stage, "guard", DEFAULT), "COMPLETED");
	assert_string_equal(flavour_of(stage, "guard"), "default firewall");
	stage_apply(stage, ELSEWHERE(", cores: [1]"));
	assert_string_equal(change(stage, "guard", DEDICATED), "COMPLETED");
	assert_int_equal(stage_core(stage, "guard.firewall"), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_flavour_gives_a_core_and_takes_it_back_and_nothing_else_moves),
		TEST(test_flavour_has_others_of_the_service_make_room),
		TEST(test_flavour_without_a_core_is_refused_and_nothing_changes),
		TEST(test_flavour_that_cannot_be_had_is_rolled_back_to_the_old_one),
		TEST(test_flavour_that_is_none_is_refused),
		TEST(test_flavour_of_a_scaled_vnf_is_that_of_all_its_replicas),
		TEST(test_flavour_of_whoever_shares_a_process_takes_the_others_along),
		TEST(test_flavour_leaves_placement_by_measurement_and_comes_back_to_it),
		TEST(test_flavour_changes_in_a_service_with_paths),
		TEST(test_flavour_is_not_changed_while_a_vnf_of_the_service_is_stopped),
		TEST(test_flavour_of_a_chain_is_what_its_document_says_when_it_is_applied),
		TEST(test_flavour_of_a_descriptor_is_kept_until_a_version_says_another),
		TEST(test_flavour_is_chosen_when_a_vnf_comes),
		TEST(test_flavour_of_a_vnf_alone_is_that_of_the_request_and_then_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
