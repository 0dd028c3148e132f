/* test_plan.c: placement, and the steps from one set of objects to another. */
#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "orchestrator/plan/merge.h"
#include "orchestrator/plan/placement.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/plan/replicas.h"
#include "orchestrator/plan/target.h"

static json_t *
parse(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);
	assert_non_null(json);
	return json;
}

static const char service[] =
	"[{\"kind\": \"service\", \"object\": \"n\", \"ns\": \"n\", \"doc\": {\"name\": "
	"\"s\"}},"
	" {\"kind\": \"vnf\", \"object\": \"v\", \"ns\": \"n\", \"doc\": {\"name\": "
	"\"s.a\","
	"  \"type\": \"firewall\", \"core\": 1, \"config\": {}}},"
	" {\"kind\": \"port\", \"object\": \"n/p\", \"ns\": \"n\", \"doc\": {\"name\": "
	"\"p\","
	"  \"spec\": {\"driver\": \"null\"}}},"
	" {\"kind\": \"link\", \"object\": \"n/l\", \"ns\": \"n\", \"doc\": {\"name\": "
	"\"l\","
	"  \"a\": {\"port\": \"n/p\"}, \"b\": {\"vnf\": \"v\", \"cp\": \"left\"}}}]";

/* The plan from `actual` to `target` reads "put vnf s.a; wait vnf s.a; ". */
static void
plans(const json_t *actual, const json_t *target, const char *expected)
{
	char text[512] = "";
	size_t i;
	json_t *step, *steps = plan_make(actual, target);
	json_array_foreach (steps, i, step) {
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s %s; ",
			json_string_value(json_object_get(step, "action")),
			json_string_value(json_object_get(step, "kind")),
			json_string_value(json_object_get(step, "name")));
	}
	assert_string_equal(text, expected);
	json_decref(steps);
}

static void
set(json_t *objects, const char *kind, const char *id, const char *member,
	const char *json)
{
	json_object_set_new(json_object_get(target_find(objects, kind, id), "doc"),
		member, json_loads(json, JSON_DECODE_ANY, NULL));
}

static void
test_plan_from_nothing_starts_vnfs_first_and_opens_the_door_last(void **state)
{
	(void)state;
	json_t *none = json_array(), *all = parse(service);
	plans(none, all,
		"put service s; put vnf s.a; put port p; wait vnf s.a; put link l; ");
	plans(all, none, "del service s; ");
	plans(all, all, "");
	json_decref(none);
	json_decref(all);
}

/* Without links nothing passes it; a VNF that is there may not have become ready. */
static void
test_plan_of_what_was_given_up_ends_what_is_not_wanted_and_waits_for_the_rest(
	void **state)
{
	json_t *actual = parse(service), *target = parse(service);
	json_t *more = parse("[{\"kind\": \"vnf\", \"object\": \"w\", \"ns\": \"n\", "
			     "\"doc\": {\"name\": \"s.w\"}}, {\"kind\": \"port\", "
			     "\"object\": \"n/q\", \"ns\": \"n\", \"doc\": {\"name\": "
			     "\"q\", \"spec\": {\"driver\": \"null\"}}}]");
	(void)state;
	json_array_remove(actual, 3);
	json_array_extend(actual, more);
	plans(actual, target, "del vnf s.w; del port q; wait vnf s.a; put link l; ");
	set(target, "port", "n/p", "spec", "{\"driver\": \"tap\"}");
	plans(actual, target,
		"del port p; del vnf s.w; del port q; put port p; wait vnf s.a; "
		"put link l; ");
	json_decref(more);
	json_decref(actual);
	json_decref(target);
}

static void
test_plan_opens_from_the_inside_out_and_to_generators_last(void **state)
{
	static const char more[] =
		"[{\"kind\": \"port\", \"object\": \"n/g\", \"ns\": \"n\", \"doc\": "
		"{\"name\": \"g\", \"spec\": {\"driver\": \"generator\"}}},"
		" {\"kind\": \"link\", \"object\": \"n/k\", \"ns\": \"n\", \"doc\": "
		"{\"name\": \"k\", \"a\": {\"port\": \"n/g\"}, \"b\": {\"vnf\": \"v\", "
		"\"cp\": \"right\"}}},"
		" {\"kind\": \"link\", \"object\": \"n/i\", \"ns\": \"n\", \"doc\": "
		"{\"name\": \"i\", \"a\": {\"vnf\": \"v\", \"cp\": \"x\"}, \"b\": "
		"{\"vnf\": \"v\", \"cp\": \"y\"}}}]";
	json_t *none = json_array(), *all = parse(more), *rest = parse(service);

	(void)state;
	json_array_extend(all, rest);
	plans(none, all,
		"put service s; put vnf s.a; put port g; put port p; put link i; wait vnf s.a; "
		"put link l; put link k; ");
	json_decref(none);
	json_decref(all);
	json_decref(rest);
}

static void
test_plan_opens_the_doors_to_both_sides_at_once(void **state)
{
	static const char more[] =
		"[{\"kind\": \"port\", \"object\": \"n/q\", \"ns\": \"n\", \"doc\": "
		"{\"name\": \"q\", \"spec\": {\"driver\": \"null\"}}},"
		" {\"kind\": \"link\", \"object\": \"n/k\", \"ns\": \"n\", \"doc\": "
		"{\"name\": \"k\", \"a\": {\"port\": \"n/q\"}, \"b\": {\"vnf\": \"v\", "
		"\"cp\": \"right\"}}}]";
	json_t *none = json_array(), *all = parse(service), *rest = parse(more);

	(void)state;
	json_array_extend(all, rest);
	plans(none, all,
		"put service s; put vnf s.a; put port p; put port q; wait vnf s.a; "
		"relink service s; ");
	json_t *steps = plan_make(none, all);
	const json_t *last = json_array_get(steps, json_array_size(steps) - 1);
	assert_int_equal(json_object_size(json_object_get(
				 json_object_get(last, "wanted"), "links")),
		2);
	json_decref(steps);
	json_decref(none);
	json_decref(all);
	json_decref(rest);
}

static void
test_plan_of_a_changed_config_is_one_put_that_knows_the_old_one(void **state)
{
	(void)state;
	json_t *was = parse(service), *is = parse(service);
	set(is, "vnf", "v", "config", "{\"default\": \"drop\"}");
	plans(was, is, "put vnf s.a; ");
	json_t *steps = plan_make(was, is);
	const json_t *before = json_object_get(json_array_get(steps, 0), "before");
	assert_int_equal(json_object_size(json_object_get(before, "config")), 0);
	json_decref(steps);
	json_decref(was);
	json_decref(is);
}

static void
test_plan_of_a_moved_vnf_waits_for_it(void **state)
{
	(void)state;
	json_t *was = parse(service), *is = parse(service);
	set(is, "vnf", "v", "core", "0");
	plans(was, is, "put vnf s.a; wait vnf s.a; ");
	set(is, "vnf", "v", "type", "\"nat\"");
	plans(was, is, "del link l; put vnf s.a; wait vnf s.a; relink service s; ");
	json_decref(was);
	json_decref(is);
}

static void
test_plan_of_a_changed_port_makes_it_and_its_link_anew(void **state)
{
	(void)state;
	json_t *was = parse(service), *is = parse(service);
	set(is, "port", "n/p", "spec", "{\"driver\": \"tap\"}");
	plans(was, is, "del link l; del port p; put port p; relink service s; ");
	json_t *steps = plan_make(was, is);
	const json_t *before = json_object_get(json_array_get(steps, 3), "before");
	assert_true(
		json_is_null(json_object_get(json_object_get(before, "links"), "n/l")));
	json_decref(steps);
	json_decref(was);
	json_decref(is);
}

/* A second VNF behind the first, and the port moves to it. */
static json_t *
longer(void)
{
	static const char more[] =
		"[{\"kind\": \"vnf\", \"object\": \"w\", \"ns\": \"n\", \"doc\": {\"name\": "
		"\"s.b\", \"type\": \"nat\", \"core\": 1, \"config\": {}}},"
		" {\"kind\": \"link\", \"object\": \"n/k\", \"ns\": \"n\", \"doc\": "
		"{\"name\": \"k\", \"a\": {\"vnf\": \"w\", \"cp\": \"right\"}, \"b\": "
		"{\"vnf\": \"v\", \"cp\": \"left\"}}}]";
	json_t *all = parse(service), *rest = parse(more);
	json_array_extend(all, rest);
	json_decref(rest);
	set(all, "link", "n/l", "b", "{\"vnf\": \"w\", \"cp\": \"left\"}");
	return all;
}

static void
test_plan_of_a_running_service_relinks_once_between_what_comes_and_what_goes(void **state)
{
	(void)state;
	json_t *was = parse(service), *is = longer();
	plans(was, is, "put vnf s.b; wait vnf s.b; relink service s; ");
	plans(is, was, "relink service s; del vnf s.b; ");
	json_decref(was);
	json_decref(is);
}

static void
test_plan_relink_tells_what_was_and_what_shall_be(void **state)
{
	(void)state;
	json_t *was = parse(service), *is = longer();
	json_t *steps = plan_make(was, is), *step = json_array_get(steps, 2);
	const json_t *wanted = json_object_get(json_object_get(step, "wanted"), "links");
	const json_t *before = json_object_get(json_object_get(step, "before"), "links");
	assert_string_equal(json_string_value(json_object_get(step, "object")), "n");
	assert_int_equal(json_object_size(wanted), 2);
	assert_int_equal(json_object_size(before), 2);
	assert_true(json_is_null(json_object_get(before, "n/k")));
	assert_true(json_equal(json_object_get(before, "n/l"),
		json_object_get(target_find(was, "link", "n/l"), "doc")));
	assert_true(json_equal(json_object_get(wanted, "n/l"),
		json_object_get(target_find(is, "link", "n/l"), "doc")));
	json_decref(steps);
	json_decref(was);
	json_decref(is);
}

static void
test_plan_of_a_port_that_takes_over_a_device_ends_the_other_first(void **state)
{
	(void)state;
	json_t *was = parse(service), *is;
	set(was, "port", "n/p", "spec", "{\"driver\": \"tap\", \"interface\": \"t0\"}");
	is = json_deep_copy(was);
	json_object_set_new(target_find(is, "port", "n/p"), "object", json_string("n/q"));
	set(is, "port", "n/q", "name", "\"q\"");
	set(is, "link", "n/l", "a", "{\"port\": \"n/q\"}");
	plans(was, is, "del link l; del port p; put port q; relink service s; ");
	set(is, "port", "n/q", "spec", "{\"driver\": \"tap\", \"interface\": \"t1\"}");
	plans(was, is, "put port q; relink service s; del port p; ");
	json_decref(was);
	json_decref(is);
}

/* Two VNFs of two replicas each become one of one each. */
static void
test_plan_sends_no_new_flows_to_what_goes_before_it_waits_for_the_old(void **state)
{
	(void)state;
	static const int cores[REPLICAS_MAX] = {1, 2};
	json_t *was = parse(service), *is, *steps;
	json_array_append_new(was, parse("{\"kind\": \"vnf\", \"object\": \"w\", \"ns\": "
					 "\"n\", \"doc\": {\"name\": \"s.b\", \"type\": "
					 "\"firewall\", \"core\": 1, \"config\": {}}}"));
	replicas_set(was, "v", 2, cores);
	replicas_set(was, "w", 2, cores);
	is = json_deep_copy(was);
	replicas_set(is, "v", 1, cores);
	replicas_set(is, "w", 1, cores);
	plans(was, is,
		"put vnf s.a; put vnf s.b; spread vnf s.a; spread vnf s.b; spread vnf s.a; "
		"spread vnf s.b; relink service s; del vnf s.a~1; del vnf s.b~1; ");
	steps = plan_make(was, is);
	for (size_t i = 2; i < 6; i++)
		assert_int_equal(
			json_is_true(json_object_get(
				json_object_get(json_array_get(steps, i), "wanted"),
				"begin")),
			i < 4);
	json_decref(steps);
	json_decref(was);
	json_decref(is);
}

static void
place(const char *host_text, const char *objects_text, const char *ns, int asked,
	int *cores, struct faults *faults)
{
	struct model_vnf vnfs[2] = {
		{.name = "a", .core = asked}, {.name = "b", .core = -1}};
	const struct model model = {.vnfs = vnfs, .n_vnfs = 2};
	json_t *host = parse(host_text), *objects = parse(objects_text);
	placement_choose(&model, host, objects, ns, cores, faults);
	json_decref(host);
	json_decref(objects);
}

#define HOST3 "{\"cores\": [0, 1, 2], \"ioCore\": 0}"
#define ON(core, ns, name)                                                               \
	"{\"kind\": \"vnf\", \"object\": \"x\", \"ns\": \"" ns                           \
	"\", \"doc\": {\"name\": \"" name "\", \"core\": " #core "}}"

static void
test_placement_keeps_a_chain_together_and_off_the_io_core(void **state)
{
	(void)state;
	int cores[2];
	struct faults faults = {0};
	place(HOST3, "[]", NULL, -1, cores, &faults);
	assert_int_equal(cores[0], 1);
	assert_int_equal(cores[1], 1);
	place("{\"cores\": [0], \"ioCore\": 0}", "[]", NULL, -1, cores, &faults);
	assert_int_equal(cores[0], 0);
	assert_int_equal(faults.n, 0);
}

static void
test_placement_spreads_chains_by_load(void **state)
{
	(void)state;
	int cores[2];
	struct faults faults = {0};
	place(HOST3, "[" ON(1, "n", "s.x") "]", NULL, -1, cores, &faults);
	assert_int_equal(cores[0], 2);
	assert_int_equal(cores[1], 2);
}

static void
test_placement_leaves_running_vnfs_where_they_are(void **state)
{
	(void)state;
	int cores[2];
	struct faults faults = {0};
	place(HOST3, "[" ON(2, "n", "s.a") "]", "n", -1, cores, &faults);
	assert_int_equal(cores[0], 2);
	assert_int_equal(cores[1], 2);
}

static void
test_placement_honours_a_core_and_refuses_one_that_is_not_there(void **state)
{
	(void)state;
	int cores[2];
	struct faults faults = {0};
	place(HOST3, "[]", NULL, 2, cores, &faults);
	assert_int_equal(cores[0], 2);
	assert_int_equal(cores[1], 1);
	place(HOST3, "[]", NULL, 7, cores, &faults);
	assert_int_equal(faults.n, 1);
	faults_clear(&faults);
}

static void
test_placement_keeps_a_group_on_one_core(void **state)
{
	(void)state;
	struct model_vnf vnfs[3] = {{.name = "a", .core = -1, .group = (char *)"g"},
		{.name = "b", .core = 0}, {.name = "c", .core = 2, .group = (char *)"g"}};
	const struct model model = {.vnfs = vnfs, .n_vnfs = 3};
	json_t *host = parse(HOST3), *objects = parse("[]");
	struct faults faults = {0};
	int cores[3];
	placement_choose(&model, host, objects, NULL, cores, &faults);
	assert_int_equal(faults.n, 0);
	assert_int_equal(cores[0], 2);
	assert_int_equal(cores[1], 0);
	assert_int_equal(cores[2], 2);
	vnfs[0].core = 1;
	snprintf(vnfs[2].core_path, sizeof(vnfs[2].core_path), "path[3].cores");
	placement_choose(&model, host, objects, NULL, cores, &faults);
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.list[0].path, "path[3].cores");
	faults_clear(&faults);
	json_decref(host);
	json_decref(objects);
}

static void
test_merge_patch_replaces_adds_and_removes(void **state)
{
	(void)state;
	json_t *target = parse("{\"a\": {\"b\": 1, \"c\": 2}, \"l\": [1]}");
	json_t *patch = parse("{\"a\": {\"b\": null, \"d\": 3}, \"l\": [2, 3]}");
	json_t *expected = parse("{\"a\": {\"c\": 2, \"d\": 3}, \"l\": [2, 3]}");
	json_t *merged = merge_patch(target, patch);
	assert_true(json_equal(merged, expected));
	json_decref(merged);
	json_decref(expected);
	json_decref(patch);
	json_decref(target);
}

#define IN(name, group)                                                                       \
	"{\"kind\": \"vnf\", \"object\": \"x\", \"ns\": \"n\", \"doc\": {\"name\": \"s." name \
	"\", \"core\": 1, \"group\": {\"name\": \"" group "\", \"n\": 1}}}"

/* The groups that the VNFs a to d have, of which c has a core of its own. */
static void
groups(const char *objects_text, const char *wanted)
{
	struct model_vnf vnfs[4] = {{.name = "a", .core = -1}, {.name = "b", .core = -1},
		{.name = "c", .core = 2}, {.name = "d", .core = -1}};
	struct model model = {.vnfs = vnfs, .n_vnfs = 4, .isolation = MODEL_AUTO_GROUPS};
	json_t *objects = parse(objects_text);
	char text[64] = "";
	placement_group(&model, objects, "n");
	for (size_t i = 0; i < 4; i++) {
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ",
			vnfs[i].group ? vnfs[i].group : "-");
		free(vnfs[i].group);
	}
	assert_string_equal(text, wanted);
	json_decref(objects);
}

static void
test_placement_keeps_the_groups_that_it_chose(void **state)
{
	(void)state;
	groups("[]", "auto-1 auto-1 - auto-1 ");
	groups("[" IN("a", "auto-1") ", " IN("b", "auto-2") "]",
		"auto-1 auto-2 - auto-2 ");
	groups("[" IN("d", "auto-2") ", " IN("b", "auto-1") "]",
		"auto-1 auto-1 - auto-2 ");
	/* the document has another order now: groups are runs of it */
	groups("[" IN("a", "auto-1") ", " IN("b", "auto-2") ", " IN("d", "auto-1") "]",
		"auto-1 auto-2 - auto-2 ");
	groups("[" IN("a", "mine") "]", "auto-1 auto-1 - auto-1 ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_plan_from_nothing_starts_vnfs_first_and_opens_the_door_last),
		cmocka_unit_test(
			test_plan_opens_from_the_inside_out_and_to_generators_last),
		cmocka_unit_test(
			test_plan_of_what_was_given_up_ends_what_is_not_wanted_and_waits_for_the_rest),
		cmocka_unit_test(test_plan_opens_the_doors_to_both_sides_at_once),
		cmocka_unit_test(
			test_plan_of_a_changed_config_is_one_put_that_knows_the_old_one),
		cmocka_unit_test(test_plan_of_a_moved_vnf_waits_for_it),
		cmocka_unit_test(test_plan_of_a_changed_port_makes_it_and_its_link_anew),
		cmocka_unit_test(
			test_plan_of_a_running_service_relinks_once_between_what_comes_and_what_goes),
		cmocka_unit_test(test_plan_relink_tells_what_was_and_what_shall_be),
		cmocka_unit_test(
			test_plan_of_a_port_that_takes_over_a_device_ends_the_other_first),
		cmocka_unit_test(
			test_plan_sends_no_new_flows_to_what_goes_before_it_waits_for_the_old),
		cmocka_unit_test(
			test_placement_keeps_a_chain_together_and_off_the_io_core),
		cmocka_unit_test(test_placement_spreads_chains_by_load),
		cmocka_unit_test(test_placement_leaves_running_vnfs_where_they_are),
		cmocka_unit_test(
			test_placement_honours_a_core_and_refuses_one_that_is_not_there),
		cmocka_unit_test(test_placement_keeps_a_group_on_one_core),
		cmocka_unit_test(test_merge_patch_replaces_adds_and_removes),
		cmocka_unit_test(test_placement_keeps_the_groups_that_it_chose),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
