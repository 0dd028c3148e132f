/* test_paths.c: forwarding paths: descriptors of both forms become links, numbers and a
 * steering; faults have places; a running service comes from its paths to others. */
#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "orchestrator/descriptor/match.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/plan/target.h"
#include "orchestrator/plan/target_paths.h"
#include "tests/orch/models.h"

#define HEAD                                                                             \
	"kind: Chain\nname: c\n"                                                         \
	"ports: {lan: {driver: \"null\"}, wan: {driver: \"null\"}}\n"                    \
	"vnfs: [{vnf: a, type: firewall}, {vnf: b, type: firewall},"                     \
	" {vnf: r, type: router}]\npaths:\n"
#define WEB                                                                              \
	"- {name: web, match: {proto: tcp, dport: [80, 443]}, path: [lan, a, b, r, wan]}\n"
#define REST "- {name: rest, path: [lan, a, r.p0, r.p1, wan]}\n"

static int
make_catalog(void **state)
{
	static const struct {
		const char *type, *vnfd, *cps;
	} types[] = {{"firewall", "renga-firewall", "[\"left\", \"right\"]"},
		{"router", "renga-router", "[\"p0\", \"p1\", \"p2\"]"}};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *manifest = json_pack("{s:s, s:o}", "type", types[i].type,
			"connectionPoints", json_loads(types[i].cps, 0, NULL));
		add_type(types[i].vnfd, manifest);
	}
	return 0;
}

static void
compile_good(const char *text, struct model *model)
{
	struct faults faults;
	compile(text, model, &faults);
	for (size_t i = 0; i < faults.n; i++)
		print_error("%s: %s\n", faults.list[i].path, faults.list[i].text);
	assert_int_equal(faults.n, 0);
}

/* "lan-a:1,2 a-b:1": the links and the numbers of the paths that take them. */
static const char *
links_of(const json_t *objects)
{
	static char text[512];
	size_t i, k;
	json_t *object, *number;
	*text = '\0';
	json_array_foreach ((json_t *)objects, i, object) {
		const json_t *doc = json_object_get(object, "doc");
		if (strcmp(json_string_value(json_object_get(object, "kind")), "link") !=
			0)
			continue;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			*text ? " " : "",
			json_string_value(json_object_get(doc, "name")));
		json_array_foreach (json_object_get(doc, "paths"), k, number)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%c%d",
				k ? ',' : ':', (int)json_integer_value(number));
	}
	return text;
}

static json_t *
objects_of(const char *text, const json_t *before)
{
	static const char *const ids[] = {"va", "vb", "vr"};
	static const int cores[] = {1, 1, 1};
	struct model model;
	compile_good(text, &model);
	const struct target_service service = {"n", "c", ids, cores};
	target_number_paths(&model, before);
	json_t *objects = target_make(&model, &service);
	model_clear(&model);
	return objects;
}

static json_t *
service_doc(const json_t *objects)
{
	return json_object_get(target_find(objects, "service", "n"), "doc");
}

static void
assert_json(const json_t *json, const char *text)
{
	json_t *expected = json_loads(text, 0, NULL);
	if (!expected || !json_equal(json, expected))
		fail_msg("%s is not %s", json_dumps(json, JSON_ENCODE_ANY), text);
	json_decref(expected);
}

static void
test_hops_that_paths_share_are_one_link_with_several_numbers(void **state)
{
	(void)state;
	json_t *objects = objects_of(HEAD WEB REST, NULL);
	assert_string_equal(links_of(objects), "lan-a:1,2 a-b:1 b-r:1 r-wan:1,2 a-r:2");
	assert_json(json_object_get(service_doc(objects), "steer"),
		"[{\"match\": {\"proto\": \"tcp\", \"dport\": [80, 443]}, \"symmetric\": "
		"true, \"to\": [{\"path\": 1, \"weight\": 100}]},"
		" {\"match\": {}, \"symmetric\": true, \"to\": [{\"path\": 2, "
		"\"weight\": 100}]}]");
	assert_json(json_object_get(json_array_get(target_paths(objects), 1), "path"),
		"[\"lan\", \"a.left\", \"a.right\", \"r.p0\", \"r.p1\", \"wan\"]");
	json_decref(objects);
}

static void
test_paths_with_an_equal_match_share_its_flows_by_weight(void **state)
{
	(void)state;
	json_t *objects = objects_of(HEAD
		"- {name: x, match: [{proto: udp, dport: 53}, {proto: icmp}], path: [lan, a, wan]}\n"
		"- {name: y, weight: 300, match: {proto: udp, dport: 53}, path: [lan, b, wan]}\n"
		"- {name: z, symmetric: false, path: [lan, r, wan]}\n",
		NULL);
	assert_json(json_object_get(service_doc(objects), "steer"),
		"[{\"match\": {\"proto\": \"udp\", \"dport\": 53}, \"symmetric\": true, \"to\": [{\"path\": "
		"1, \"weight\": 100}, {\"path\": 2, \"weight\": 300}]},"
		" {\"match\": {\"proto\": \"icmp\"}, \"symmetric\": true, \"to\": "
		"[{\"path\": 1, \"weight\": 100}]},"
		" {\"match\": {}, \"symmetric\": false, \"to\": [{\"path\": 3, "
		"\"weight\": 100}]}]");
	json_decref(objects);
}

static void
test_paths_keep_their_numbers_and_those_that_went_are_not_given_again(void **state)
{
	(void)state;
	json_t *before = objects_of(HEAD WEB REST, NULL);
	json_t *after = objects_of(HEAD
		"- {name: new, match: {proto: udp, dport: 1}, path: [lan, b, wan]}\n" REST,
		before);
	assert_string_equal(links_of(after), "lan-b:3 b-wan:3 lan-a:2 a-r:2 r-wan:2");
	json_decref(before);
	json_decref(after);
}

/* Each fault, "PLACE: WORD", is among those of the text, and there are no others. */
static void
faults_are(const char *text, const char *const *expected, size_t n)
{
	struct model model;
	struct faults faults;
	compile(text, &model, &faults);
	for (size_t i = 0; faults.n != n && i < faults.n; i++)
		print_error("%s: %s\n", faults.list[i].path, faults.list[i].text);
	assert_int_equal(faults.n, n);
	for (size_t i = 0; i < n; i++) {
		const char *word = strstr(expected[i], ": ");
		const size_t len = (size_t)(word - expected[i]);
		assert_int_equal(strlen(faults.list[i].path), len);
		assert_memory_equal(faults.list[i].path, expected[i], len);
		if (!strstr(faults.list[i].text, word + 2))
			fail_msg("no '%s' in '%s'", word + 2, faults.list[i].text);
	}
	faults_clear(&faults);
	model_clear(&model);
}

#define FAULTS(text, ...)                                                                \
	do {                                                                             \
		static const char *const expected[] = {__VA_ARGS__};                     \
		faults_are(text, expected, sizeof(expected) / sizeof(expected[0]));      \
	} while (0)

static void
test_faults_of_paths_are_all_told_with_their_places(void **state)
{
	(void)state;
	FAULTS(HEAD
		"- {name: x, match: {proto: udp, dport: 9}, path: [lan, a, nobody, wan]}\n"
		"- {name: x, match: {proto: udp, dport: 70000, wrong: 1}, path: [lan, a.lift, "
		"a.right, wan]}\n"
		"- {name: y, match: {proto: udp, dport: 1}, path: [lan, a, b, a, wan]}\n"
		"- {name: z, weight: 0, match: {proto: udp, dport: 2}, path: [a, b]}\n",
		"paths[1].match.dport: port", "paths[1].match.wrong: unknown",
		"paths[3].weight: 1", "paths[0].path[2]: nobody", "paths[1].name: twice",
		"paths[1].path[1]: lift", "paths[2].path[3]: twice",
		"paths[3].path[0]: begins", "paths[3].path[1]: ends");
	FAULTS(HEAD "- {name: x, path: [lan, a.left, a.left, wan]}\n",
		"paths[0].path[2]: comes and leaves");
	FAULTS(HEAD "- {name: x, path: [lan, a.left, wan]}\n",
		"paths[0].path[1]: leaves");
	FAULTS(HEAD "- {name: x, path: [lan, a, lan]}\n", "paths[0].path[2]: twice");
	FAULTS(HEAD "- {name: x, path: [lan, {vnf: a, type: firewall}, wan]}\n",
		"paths[0].path[1]: name");
}

static void
test_matches_that_could_never_be_taken_are_refused(void **state)
{
	(void)state;
	FAULTS(HEAD REST WEB, "paths[1]: takes everything");
	FAULTS(HEAD REST "- {name: z, symmetric: false, path: [lan, b, wan]}\n",
		"paths[1]: shared");
}

static void
test_paths_part_in_a_group_too(void **state)
{
	(void)state;
	struct model model;
	compile_good("isolation: group\n" HEAD WEB REST, &model);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(model.vnfs[i].group, "all");
	model_clear(&model);
	compile_good("isolation: auto\n" HEAD WEB REST, &model);
	for (size_t i = 0; i < 3; i++)
		assert_true(model_is_free(&model, i));
	model_clear(&model);
}

static void
test_chain_has_paths_or_links_or_a_path(void **state)
{
	(void)state;
	FAULTS(HEAD REST "links: [[lan, a.left]]\n", "paths: one form");
	FAULTS(HEAD "  {}\n", "paths: list");
}

static void
test_255_paths_are_the_most(void **state)
{
	(void)state;
	char *text = malloc(64 * 300);
	struct model model;
	struct faults faults;
	for (unsigned n = 255; n <= 256; n++) {
		strcpy(text, HEAD);
		for (unsigned i = 0; i < n; i++)
			sprintf(text + strlen(text),
				"- {name: p%u, match: {proto: udp, dport: %u}, path: [lan, a, b, r, "
				"wan]}\n",
				i, i + 1);
		compile(text, &model, &faults);
		assert_int_equal(faults.n, n - 255);
		faults_clear(&faults);
		model_clear(&model);
	}
	free(text);
}

static void
test_chain_with_paths_printed_as_nsd_is_the_same_service(void **state)
{
	(void)state;
	static const char *const ids[] = {"va", "vb", "vr"};
	static const int cores[] = {1, 1, 1};
	struct model model, again = {0};
	struct faults faults = {0};
	compile_good(HEAD
		"- {name: web, weight: 7, match: {proto: tcp, dport: \"80-90\", src: "
		"10.0.0.0/8, dscp: 10, vlan: 5, src-mac: \"02:00:00:00:00:01\", "
		"ethertype: ipv4}, path: [lan, a, b, r, wan]}\n"
		"- {name: two, match: {proto: udp, dport: [1, 2]}, path: [lan, b, wan]}\n" REST,
		&model);
	json_t *nsd = nsd_form_print(&model, "c-1.0", NULL);
	nsd_form_parse(nsd_form_find(nsd), "default", &again, &faults);
	check_model(&again, &catalog, true, &faults);
	for (size_t i = 0; i < faults.n; i++)
		print_error("%s: %s\n", faults.list[i].path, faults.list[i].text);
	assert_int_equal(faults.n, 0);
	again.name = strdup("c");
	target_number_paths(&model, NULL);
	target_number_paths(&again, NULL);
	const struct target_service service = {"n", "c", ids, cores};
	json_t *a = target_make(&model, &service), *b = target_make(&again, &service);
	assert_int_equal(json_array_size(json_object_get(
				 json_array_get(json_object_get(nsd, "nsd"), 0), "sapd")),
		2);
	json_array_set(json_object_get(nsd, "nsd"), 0, json_null());
	if (!json_equal(a, b))
		fail_msg("%s\nis not\n%s", json_dumps(b, 0), json_dumps(a, 0));
	json_decref(a);
	json_decref(b);
	json_decref(nsd);
	model_clear(&model);
	model_clear(&again);
}

#define NSD                                                                                  \
	"nsd:\n- id: n\n  sapd: [{id: lan, virtual-link-desc: x}, {id: wan, "                \
	"virtual-link-desc: y}]\n  virtual-link-desc: [{id: x}, {id: y}]\n"                  \
	"  df:\n  - id: default\n"                                                           \
	"    virtual-link-profile: [{id: px, virtual-link-desc-id: x}, {id: py, "            \
	"virtual-link-desc-id: y}]\n    vnf-profile:\n"                                      \
	"    - {id: a, vnfd-id: renga-firewall, virtual-link-connectivity: ["                \
	"{virtual-link-profile-id: px, constituent-cpd-id: [{constituent-cpd-id: "           \
	"left}]}, {virtual-link-profile-id: py, constituent-cpd-id: "                        \
	"[{constituent-cpd-id: right}]}]}\n  vnffgd:\n"                                      \
	"  - id: g\n    vnf-profile-id: [a]\n    nfp-position-element:\n"                    \
	"    - {id: in, desc: {ns: {sap-cpd-id: lan}}}\n"                                    \
	"    - {id: via, desc: {vnf-profile: {vnf-profile-id: a}}}\n"                        \
	"    - {id: back, desc: {vnf-profile: {vnf-profile-id: a}, vnf: {cpd-id: right}}}\n" \
	"    - {id: forth, desc: {vnf-profile: {vnf-profile-id: a}, vnf: {cpd-id: left}}}\n" \
	"    - {id: out, desc: {ns: {sap-cpd-id: wan}}}\n    nfpd:\n"

static void
test_faults_of_forwarding_graphs_have_places(void **state)
{
	(void)state;
	struct model model;
	compile_good(NSD "    - {id: p, nfp-rule: {protocol: UDP}, position-desc: [{id: "
			 "\"0\", nfp-position-element-id: [in, via]}, {id: \"1\", "
			 "nfp-position-element-id: [out]}]}\n",
		&model);
	assert_int_equal(model.n_links, 2);
	assert_string_equal(model.paths[0].graph, "g");
	model_clear(&model);
	FAULTS(NSD "    - {id: p, nfp-rule: {protocl: UDP, dscp: x, extended-criteria: "
		   "{}}, renga:weight: 0, position-desc: [{id: \"0\", "
		   "nfp-position-element-id: [in, vai, out]}]}\n",
		"nsd[0].vnffgd[0].nfpd[0].renga:weight: weight",
		"nsd[0].vnffgd[0].nfpd[0].nfp-rule.protocl: unknown",
		"nsd[0].vnffgd[0].nfpd[0].nfp-rule.dscp: understood",
		"nsd[0].vnffgd[0].nfpd[0].nfp-rule.extended-criteria: bits",
		"nsd[0].vnffgd[0].nfpd[0].position-desc[0].nfp-position-element-id[1]: "
		"vai");
}

static void
test_what_follows_on_a_path_is_on_one_virtual_link(void **state)
{
	(void)state;
	FAULTS(NSD
		"    - {id: p, position-desc: [{id: \"0\", nfp-position-element-id: [in, "
		"back, forth, out]}]}\n",
		"nsd[0].vnffgd[0].nfpd[0].position-desc[0].nfp-position-element-id[1]: "
		"common",
		"nsd[0].vnffgd[0].nfpd[0].position-desc[0].nfp-position-element-id[3]: "
		"common");
}

static void
test_rules_of_sol005_are_matches_and_back(void **state)
{
	(void)state;
	struct faults faults = {0};
	json_t *rule = json_loads(
		"{\"etherDestinationAddress\": \"02:00:00:00:00:01\", \"etherType\": "
		"\"IPV4\", \"vlanTag\": [\"7\"], \"protocol\": \"TCP\", \"dscp\": "
		"\"001010\", \"sourcePortRange\": \"1-2\", "
		"\"destinationIpAddressPrefix\": \"10.0.0.0/8\"}",
		0, NULL);
	json_t *match = match_from_rule(rule, MATCH_SOL005, "nfpRule", &faults);
	assert_json(match, "[{\"dst-mac\": \"02:00:00:00:00:01\", \"ethertype\": "
			   "\"ipv4\", \"vlan\": 7, \"proto\": \"tcp\", \"dscp\": 10, "
			   "\"sport\": \"1-2\", \"dst\": \"10.0.0.0/8\"}]");
	json_t *again = match_to_rule(match, MATCH_SOL005);
	assert_true(json_equal(again, rule));
	json_decref(again);
	json_decref(match);
	json_decref(rule);
	rule = json_loads(
		"{\"protocol\": \"UDP\", \"destinationPortRange\": {\"lowerPort\": 80, \"upperPort\": "
		"90}}",
		0, NULL);
	match = match_from_rule(rule, MATCH_SOL005, "nfpRule", &faults);
	assert_json(match, "[{\"proto\": \"udp\", \"dport\": \"80-90\"}]");
	json_decref(match);
	json_decref(rule);
	assert_int_equal(faults.n, 0);
	rule = json_loads("{\"protocol\": \"X\", \"sourcePortRange\": \"2-1\"}", 0, NULL);
	assert_null(match_from_rule(rule, MATCH_SOL005, "nfpRule", &faults));
	json_decref(rule);
	assert_int_equal(faults.n, 2);
	rule = json_loads("{\"vlanTag\": [\"any\"]}", 0, NULL);
	assert_null(match_from_rule(rule, MATCH_SOL005, "nfpRule", &faults));
	json_decref(rule);
	assert_string_equal(faults.list[2].path, "nfpRule.vlanTag");
	assert_string_equal(faults.list[0].path, "nfpRule.sourcePortRange");
	assert_string_equal(faults.list[1].path, "nfpRule.protocol");
	faults_clear(&faults);
}

/* "relink; put service; ..." of the plan from one text to another; then: what the first
 * relink leaves of the links that the second one changes. */
static void
plans(const char *from, const char *to, const char *expected)
{
	char text[512] = "";
	size_t i;
	json_t *step, *before = objects_of(from, NULL), *after = objects_of(to, before);
	json_t *steps = plan_make(before, after);
	json_array_foreach (steps, i, step) {
		const char *action = json_string_value(json_object_get(step, "action"));
		const json_t *links =
			json_object_get(json_object_get(step, "wanted"), "links");
		const char *id;
		json_t *link;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %s",
			i ? "; " : "", action,
			json_string_value(json_object_get(step, "kind")));
		json_object_foreach ((json_t *)links, id, link) {
			char *numbers =
				json_dumps(json_object_get(link, "paths"), JSON_COMPACT);
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
				" %s%s", id + 2, numbers ? numbers : "-");
			free(numbers);
		}
	}
	assert_string_equal(text, expected);
	json_decref(steps);
	json_decref(before);
	json_decref(after);
}

#define PLAIN                                                                            \
	"kind: Chain\nname: c\n"                                                         \
	"ports: {lan: {driver: \"null\"}, wan: {driver: \"null\"}}\n"                    \
	"vnfs: [{vnf: a, type: firewall}, {vnf: b, type: firewall},"                     \
	" {vnf: r, type: router}]\n"                                                     \
	"links: [[lan, a.left], [a.right, b.left], [b.right, r.p0], [r.p1, wan]]\n"
#define ALL "- {name: all, path: [lan, a, b, r, wan]}\n"
#define DNS "- {name: dns, match: {proto: udp, dport: 53}, path: [lan, a, r, wan]}\n"

static void
test_plan_of_a_path_that_comes_has_its_links_first(void **state)
{
	(void)state;
	plans(HEAD ALL, HEAD DNS ALL,
		"relink service lan-a[1,2] a-r[2] r-wan[1,2]; put service");
}

static void
test_plan_of_a_path_that_goes_keeps_its_links_until_nothing_is_sent_there(void **state)
{
	(void)state;
	plans(HEAD DNS ALL, HEAD ALL,
		"put service; relink service lan-a[2] r-wan[2] a-r-");
}

static void
test_plan_of_paths_that_replace_others_has_both_for_a_moment(void **state)
{
	(void)state;
	plans(HEAD "- {name: x, path: [lan, a, b, r, wan]}\n",
		HEAD "- {name: y, path: [lan, r, a, b, wan]}\n",
		"relink service lan-r[2] r-a[2] a-b[1,2] b-wan[2]; put service; "
		"relink service a-b[2] lan-a- b-r- r-wan-");
}

static void
test_plan_of_other_weights_or_rules_is_one_put(void **state)
{
	(void)state;
	plans(HEAD DNS ALL,
		HEAD
		"- {name: dns, match: {proto: udp, dport: 54}, weight: 3, path: [lan, a, r, "
		"wan]}\n" ALL,
		"put service");
}

static void
test_plan_of_a_path_that_goes_another_way_is_one_relink(void **state)
{
	(void)state;
	plans(HEAD DNS ALL,
		HEAD
		"- {name: dns, match: {proto: udp, dport: 53}, path: [lan, b, r, wan]}\n" ALL,
		"put service; relink service lan-b[1] b-r[1,2] lan-a[2] a-r-");
}

static void
test_plan_of_the_first_paths_steers_first_and_of_the_last_ones_last(void **state)
{
	(void)state;
	plans(PLAIN, HEAD DNS ALL,
		"put service; relink service lan-a[1,2] a-r[1] r-wan[1,2] a-b[2] b-r[2]");
	plans(HEAD DNS ALL, PLAIN,
		"relink service lan-a- a-b- b-r- r-wan- a-r-; put service");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_hops_that_paths_share_are_one_link_with_several_numbers),
		cmocka_unit_test(
			test_paths_with_an_equal_match_share_its_flows_by_weight),
		cmocka_unit_test(
			test_paths_keep_their_numbers_and_those_that_went_are_not_given_again),
		cmocka_unit_test(test_faults_of_paths_are_all_told_with_their_places),
		cmocka_unit_test(test_matches_that_could_never_be_taken_are_refused),
		cmocka_unit_test(test_paths_part_in_a_group_too),
		cmocka_unit_test(test_chain_has_paths_or_links_or_a_path),
		cmocka_unit_test(test_255_paths_are_the_most),
		cmocka_unit_test(
			test_chain_with_paths_printed_as_nsd_is_the_same_service),
		cmocka_unit_test(test_faults_of_forwarding_graphs_have_places),
		cmocka_unit_test(test_what_follows_on_a_path_is_on_one_virtual_link),
		cmocka_unit_test(test_rules_of_sol005_are_matches_and_back),
		cmocka_unit_test(test_plan_of_a_path_that_comes_has_its_links_first),
		cmocka_unit_test(
			test_plan_of_a_path_that_goes_keeps_its_links_until_nothing_is_sent_there),
		cmocka_unit_test(
			test_plan_of_paths_that_replace_others_has_both_for_a_moment),
		cmocka_unit_test(test_plan_of_other_weights_or_rules_is_one_put),
		cmocka_unit_test(test_plan_of_a_path_that_goes_another_way_is_one_relink),
		cmocka_unit_test(
			test_plan_of_the_first_paths_steers_first_and_of_the_last_ones_last),
	};
	return cmocka_run_group_tests(tests, make_catalog, drop_catalog);
}
