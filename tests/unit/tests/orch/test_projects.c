/* test_projects.c: projects and their quotas, on a fake VNF manager. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/doc.h"
#include "orchestrator/chains.h"
#include "orchestrator/project.h"
#include "orchestrator/token.h"
#include "orchestrator/vnf_scale.h"
#include "tests/orch/edge.h"
#include "tests/orch/stage.h"

#define SCALE_OUT "{\"type\": \"SCALE_OUT\"}"

static struct err err;

static const char *
set(struct stage *stage, const char *name, const char *request)
{
	json_t *json = json_loads(request, 0, NULL);
	struct faults faults = {0};
	assert_non_null(json);
	const int rc = project_put(stage->orch, name, json, &faults, &err);
	const enum err_code code = faults.n ? faults.list[0].code : err.code;
	faults_clear(&faults);
	json_decref(json);
	return rc ? err_code_name(code) : "set";
}

/* Of the chain: "accepted", or the first fault. */
static const char *
apply_in(struct stage *stage, const char *project, const char *yaml)
{
	static char text[512];
	struct chains_applied applied = {0};
	struct faults faults = {0};
	struct doc *doc;
	assert_int_equal(doc_parse(yaml, strlen(yaml), DOC_YAML, NULL, &doc, &err), 0);
	int rc = chains_apply_in(
		stage->orch, project, doc_root(doc), false, &applied, &faults, &err);
	doc_close(doc);
	json_decref(applied.body);
	snprintf(text, sizeof(text), "%s",
		!rc	   ? "accepted"
		: faults.n ? faults.list[0].text
			   : err.text);
	faults_clear(&faults);
	if (!rc) {
		memcpy(stage->occurrence, applied.occurrence, STAMP_ID);
		assert_string_equal(stage_state(stage), "COMPLETED");
	}
	return text;
}

static int
used(struct stage *stage, const char *project, const char *what)
{
	json_t *json;
	assert_int_equal(project_get(stage->orch, project, &json, &err), 0);
	const int n = (int)json_integer_value(
		json_object_get(json_object_get(json, "used"), what));
	json_decref(json);
	return n;
}

static void
test_project_limits_what_its_services_have(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(set(stage, "lab", "{\"quota\": {\"vnfs\": 1}}"), "set");
	assert_string_equal(apply_in(stage, "lab", TWO),
		"quota 'vnfs' of project 'lab' is 1: 0 used, 2 wanted");
	assert_string_equal(stage_id(stage, "edge"), "");
	assert_string_equal(
		set(stage, "lab", "{\"quota\": {\"vnfs\": 2, \"services\": 1}}"), "set");
	assert_string_equal(apply_in(stage, "lab", TWO), "accepted");
	assert_int_equal(used(stage, "lab", "vnfs"), 2);
	assert_int_equal(used(stage, "lab", "services"), 1);
	assert_int_equal(used(stage, "default", "services"), 0);
	/* whoever changes it, it is the project's */
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", SCALE_OUT), "no-resource");
	assert_string_equal(apply_in(stage, NULL, THREE),
		"quota 'vnfs' of project 'lab' is 2: 2 used, 3 wanted");
	/* others have their own */
	static const char other[] =
		"kind: Chain\nname: other\nports: {i: {driver: \"null\"}, o: {driver: "
		"\"null\"}}\npath: [i, {vnf: x, type: firewall}, o]\n";
	assert_string_equal(apply_in(stage, "lab", other),
		"quota 'services' of project 'lab' is 1: 1 used, 2 wanted");
	assert_string_equal(apply_in(stage, NULL, other), "accepted");
	assert_string_equal(set(stage, "lab", "{\"quota\": {}}"), "set");
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", SCALE_OUT), "COMPLETED");
}

static void
test_project_default_has_what_names_none(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(apply_in(stage, NULL, TWO), "accepted");
	assert_int_equal(used(stage, "default", "vnfs"), 2);
	assert_string_equal(set(stage, "default", "{\"quota\": {\"cores\": 1}}"), "set");
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", SCALE_OUT), "no-resource");
	assert_int_equal(project_delete(stage->orch, "default", &err), 0);
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", SCALE_OUT), "COMPLETED");
}

static void
test_project_of_a_token_is_that_of_its_holder(void **state)
{
	struct stage *stage = *state;
	char name[PROJECT_NAME];
	json_t *token = NULL, *request = json_pack("{s:s, s:s, s:s}", "name", "ann",
				      "role", "operator", "project", "lab");
	assert_int_equal(
		token_create(stage->orch, request, &token, &err), err_errno(ERR_INVALID));
	assert_string_equal(err.path, "project");
	json_object_set_new(request, "project", json_integer(7));
	assert_int_equal(
		token_create(stage->orch, request, &token, &err), err_errno(ERR_INVALID));
	json_object_set_new(request, "project", json_string("lab"));
	assert_string_equal(set(stage, "lab", "{\"quota\": {}}"), "set");
	assert_int_equal(token_create(stage->orch, request, &token, &err), 0);
	assert_string_equal(project_of_user(stage->orch, "ann", name), "lab");
	assert_null(project_of_user(stage->orch, "admin", name));
	assert_int_equal(project_delete(stage->orch, "lab", &err), err_errno(ERR_STATE));
	assert_int_equal(token_delete(stage->orch, "ann", &err), 0);
	assert_int_equal(project_delete(stage->orch, "lab", &err), 0);
	assert_int_equal(
		project_delete(stage->orch, "lab", &err), err_errno(ERR_NOT_FOUND));
	json_decref(token);
	json_decref(request);
}

static void
test_project_list_has_the_default_one_and_bad_ones_are_refused(void **state)
{
	struct stage *stage = *state;
	json_t *list, *before, *after;
	assert_string_equal(set(stage, "A B", "{\"quota\": {}}"), "invalid");
	assert_string_equal(set(stage, "lab", "{\"quota\": {\"vnf\": 1}}"), "invalid");
	assert_string_equal(set(stage, "lab", "{}"), "invalid");
	assert_string_equal(set(stage, "lab", "{\"quota\": {\"vnfs\": 1}}"), "set");
	assert_int_equal(project_list(stage->orch, &list, &err), 0);
	assert_int_equal(json_array_size(list), 2);
	json_decref(list);
	assert_int_equal(project_get(stage->orch, "lab", &before, &err), 0);
	usleep(2000);
	assert_string_equal(set(stage, "lab", "{\"quota\": {\"vnfs\": 2}}"), "set");
	assert_int_equal(project_get(stage->orch, "lab", &after, &err), 0);
	assert_true(json_equal(
		json_object_get(before, "created"), json_object_get(after, "created")));
	assert_false(json_equal(
		json_object_get(before, "quota"), json_object_get(after, "quota")));
	json_decref(before);
	json_decref(after);
	assert_string_equal(set(stage, "default", "{\"quota\": {\"vnfs\": 1}}"), "set");
	assert_int_equal(project_list(stage->orch, &list, &err), 0);
	assert_int_equal(json_array_size(list), 2);
	json_decref(list);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_project_limits_what_its_services_have),
		TEST(test_project_default_has_what_names_none),
		TEST(test_project_of_a_token_is_that_of_its_holder),
		TEST(test_project_list_has_the_default_one_and_bad_ones_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
