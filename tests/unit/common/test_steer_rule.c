/* test_steer_rule.c: rules of the members `steer` and `paths`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/steer_rule.h"

static int
parse(const char *text, struct steer_rules *rules, struct faults *faults)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	const int rc = steer_rules_parse(json, "steer", rules, faults);

	assert_non_null(json);
	json_decref(json);
	return rc;
}

static void
test_steer_rule_reads_all_members(void **state)
{
	struct faults faults = {0};
	struct steer_rules rules;
	const struct steer_match *match;

	(void)state;
	assert_int_equal(
		parse("[{\"match\": {\"src\": \"10.0.0.0/8\", \"dst\": [\"2001:db8::/32\", "
		      "\"10.1.0.0/16\"], \"sport\": \"1024-65535\", \"dport\": [80, 443], "
		      "\"proto\": \"tcp\", \"dscp\": 46, \"vlan\": 7, \"src-mac\": "
		      "\"02:00:00:00:00:01\", \"ethertype\": \"0x0800\"}, \"symmetric\": "
		      "true, \"to\": [{\"path\": 1}, {\"path\": 255, \"weight\": 1000}]}]",
			&rules, &faults),
		0);
	assert_int_equal(rules.n, 1);
	match = &rules.list[0].match;
	assert_int_equal(match->n_dst, 2);
	assert_int_equal(match->dport[1].first, 443);
	assert_int_equal(match->proto, 6);
	assert_int_equal(match->dscp, 46);
	assert_int_equal(match->vlan, 7);
	assert_int_equal(match->ethertype, 0x0800);
	assert_true(match->has_src_mac && !match->has_dst_mac);
	assert_true(rules.list[0].symmetric);
	assert_int_equal(rules.list[0].to[0].weight, 100);
	assert_int_equal(rules.list[0].to[1].path, 255);
	steer_rules_clear(&rules);
}

static void
test_steer_rule_none_is_an_empty_list(void **state)
{
	struct faults faults = {0};
	struct steer_rules rules;

	(void)state;
	assert_int_equal(parse("null", &rules, &faults), 0);
	assert_int_equal(parse("[]", &rules, &faults), 0);
	assert_int_equal(rules.n, 0);
}

static void
test_steer_rule_names_every_fault_and_its_place(void **state)
{
	static const struct {
		const char *rule, *path;
	} cases[] = {
		{"{\"match\": {}, \"to\": [{\"path\": 0}]}", "steer[0].to[0].path"},
		{"{\"match\": {}, \"to\": [{\"path\": 256}]}", "steer[0].to[0].path"},
		{"{\"match\": {}, \"to\": [{\"path\": 1, \"weight\": 1001}]}",
			"steer[0].to[0].weight"},
		{"{\"match\": {}, \"to\": []}", "steer[0].to"},
		{"{\"match\": {}, \"to\": [{\"path\": 1}, {\"path\": 1}]}",
			"steer[0].to"},
		{"{\"match\": {}}", "steer[0].to"},
		{"{\"match\": {\"srcc\": 1}, \"to\": [{\"path\": 1}]}",
			"steer[0].match.srcc"},
		{"{\"match\": {\"dport\": 80}, \"to\": [{\"path\": 1}]}",
			"steer[0].match"},
		{"{\"match\": {\"dport\": 80, \"proto\": \"icmp\"}, \"to\": [{\"path\": "
		 "1}]}",
			"steer[0].match"},
		{"{\"match\": {\"proto\": \"tpc\"}, \"to\": [{\"path\": 1}]}",
			"steer[0].match.proto"},
		{"{\"match\": {\"dscp\": 64}, \"to\": [{\"path\": 1}]}",
			"steer[0].match.dscp"},
		{"{\"match\": {\"vlan\": 4095}, \"to\": [{\"path\": 1}]}",
			"steer[0].match.vlan"},
		{"{\"match\": {\"src-mac\": \"auto\"}, \"to\": [{\"path\": 1}]}",
			"steer[0].match"},
		{"{\"match\": {\"ethertype\": \"arp\", \"proto\": 6}, \"to\": [{\"path\": "
		 "1}]}",
			"steer[0].match"},
		{"{\"match\": {\"src\": \"10.0.0.0/8\", \"dst\": \"::/0\"}, \"to\": "
		 "[{\"path\": 1}]}",
			"steer[0].match"},
		{"7", "steer[0]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct faults faults = {0};
		struct steer_rules rules;
		char text[512];

		snprintf(text, sizeof(text), "[%s]", cases[i].rule);
		assert_true(parse(text, &rules, &faults) < 0);
		assert_string_equal(faults.list[0].path, cases[i].path);
		faults_clear(&faults);
	}
}

static void
test_steer_rule_paths_of_a_link_are_different_numbers(void **state)
{
	static const char *const bad[] = {
		"[]", "3", "[0]", "[256]", "[1, 1]", "[\"a\"]", "{}"};
	struct faults faults = {0};
	uint32_t paths[8];
	json_t *json = json_loads("[1, 200]", 0, NULL);

	(void)state;
	assert_int_equal(steer_paths_parse(json, "paths", paths, &faults), 0);
	for (unsigned path = 1; path <= STEER_PATH_MAX; path++)
		assert_int_equal(steer_paths_have(paths, path), path == 1 || path == 200);
	json_decref(json);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json = json_loads(bad[i], JSON_DECODE_ANY, NULL);
		assert_true(steer_paths_parse(json, "paths", paths, &faults) < 0);
		assert_int_equal(faults.n, i + 1);
		assert_string_equal(faults.list[i].path, "paths");
		json_decref(json);
	}
	faults_clear(&faults);
}

/* So that flows stay: those of a path whose match gets another port, too. */
static void
test_steer_rule_goes_on_from_one_that_is_like_it(void **state)
{
	json_t *former = json_loads(
		"[{\"match\": {\"vlan\": 1}, \"to\": [{\"path\": 1}, {\"path\": 2}]}, "
		"{\"match\": {\"vlan\": 2}, \"to\": [{\"path\": 3}, {\"path\": 4}]}, "
		"{\"match\": {}, \"to\": [{\"path\": 3}, {\"path\": 4}]}]",
		0, NULL);
	json_t *rules = json_loads(
		"[{\"match\": {}, \"to\": [{\"path\": 4}, {\"path\": 5}]}, "
		"{\"match\": {\"vlan\": 9}, \"to\": [{\"path\": 4}, {\"path\": 3, \"weight\": "
		"7}]}, "
		"{\"match\": {\"vlan\": 8}, \"to\": [{\"path\": 3}, {\"path\": 4}]}, "
		"{\"match\": {\"vlan\": 7}, \"to\": [{\"path\": 1}]}, "
		"{\"match\": {\"vlan\": 1}, \"symmetric\": true, \"to\": [{\"path\": 2}, "
		"{\"path\": 1}]}]",
		0, NULL);
	static const int wanted[] = {2, 1, -1, -1, 0};
	int *like = steer_rules_like(rules, former);

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(like[i], wanted[i]);
	free(like);
	like = steer_rules_like(rules, NULL);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(like[i], -1);
	free(like);
	json_decref(rules);
	json_decref(former);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steer_rule_reads_all_members),
		cmocka_unit_test(test_steer_rule_none_is_an_empty_list),
		cmocka_unit_test(test_steer_rule_names_every_fault_and_its_place),
		cmocka_unit_test(test_steer_rule_paths_of_a_link_are_different_numbers),
		cmocka_unit_test(test_steer_rule_goes_on_from_one_that_is_like_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
