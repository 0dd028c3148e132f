/* test_affinity.c: rules of who is together and who is apart: read from each form, kept
 * by placement on made-up hosts, and judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/doc.h"
#include "orchestrator/descriptor/affinity.h"
#include "orchestrator/descriptor/affinity_form.h"
#include "orchestrator/descriptor/chain.h"
#include "orchestrator/descriptor/nsd_form.h"
#include "orchestrator/plan/placement.h"
#include "orchestrator/plan/placement_rules.h"

#define VNFS_MAX 8

/* a, b and c in a row, each with more to it. */
#define CHAIN(a_, b_, c_, more_)                                                         \
	"kind: Chain\nname: n\nports: {x: {driver: \"null\"}, y: {driver: \"null\"}}\n"  \
	"path: [x, {vnf: a, type: t" a_ "}, {vnf: b, type: t" b_                         \
	"}, {vnf: c, type: t" c_ "}, y]\n" more_ "\n"
#define ALONE ", core: dedicated"

static const char four[] = "{cores: [0, 1, 2, 3], ioCore: 0}";
static const char two[] = "{cores: [0, 1], ioCore: 0}";
static const char nodes[] =
	"{cores: [0, 1, 2, 3], ioCore: 2, nodes: [{node: 0, cores: [0, 1]}, "
	"{node: 1, cores: [2, 3]}]}";

/* Of another service: x has core 1 for itself, y runs on core 2. */
static const char others[] =
	"[{kind: vnf, object: x, ns: m, doc: {name: m.x, core: 1, tag: {dedicated: true}}},"
	" {kind: vnf, object: y, ns: m, doc: {name: m.y, core: 2}}]";

static json_t *
yaml(const char *text)
{
	struct doc *doc;
	struct err err;
	assert_int_equal(doc_parse(text, strlen(text), DOC_YAML, NULL, &doc, &err), 0);
	json_t *root = json_incref(doc_root(doc));
	doc_close(doc);
	return root;
}

static void
read_chain(const char *text, struct model *model, struct faults *faults)
{
	json_t *doc = yaml(text);
	*model = (struct model){0};
	chain_parse(doc, model, faults);
	json_decref(doc);
}

/* Objects of VNFs as a target has them, on these cores. */
static json_t *
objects_of(const struct model *model, const int *cores, const json_t *others_too)
{
	json_t *objects = json_deep_copy(others_too);
	for (size_t i = 0; i < model->n_vnfs; i++)
		json_array_append_new(
			objects, json_pack("{s:s, s:s, s:s, s:{s:s+, s:i, s:o*}}", "kind",
					 "vnf", "object", model->vnfs[i].name, "ns", "n",
					 "doc", "name", "n.", model->vnfs[i].name, "core",
					 cores[i], "tag", affinity_tag(model, i)));
	return objects;
}

/* "1 2 2", or what the judge says. */
static const char *
place(const char *chain, const char *described, const char *beside)
{
	static char text[512];
	struct model model;
	struct faults faults = {0};
	int cores[VNFS_MAX];
	json_t *host = yaml(described), *objects = yaml(beside);
	read_chain(chain, &model, &faults);
	affinity_check(&model, &faults);
	placement_choose(&model, host, objects, NULL, cores, &faults);
	json_t *all = objects_of(&model, cores, objects);
	if (!faults.n)
		placement_rules_judge(host, all, "n", &faults);
	text[0] = '\0';
	for (size_t i = 0; i < model.n_vnfs; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%d",
			i ? " " : "", cores[i]);
	if (faults.n)
		snprintf(text, sizeof(text), "%s", faults.list[0].text);
	faults_clear(&faults);
	model_clear(&model);
	json_decref(all);
	json_decref(host);
	json_decref(objects);
	return text;
}

static void
test_placement_keeps_rules_as_a_table_says(void **state)
{
	(void)state;
	static const struct {
		const char *chain, *host, *others, *placed;
	} cases[] = {
		{CHAIN("", "", "", ""), four, "[]", "1 1 1"},
		{CHAIN("", "", "", "affinity: [{vnfs: [a, b], anti: true}]"), four, "[]",
			"1 2 1"},
		{CHAIN("", "", "", "affinity: [{vnfs: [a, b, c], anti: true}]"), four,
			"[]", "1 2 3"},
		/* the core of the I/O is the last choice */
		{CHAIN("", "", "", "affinity: [{vnfs: [a, b], anti: true}]"), two, "[]",
			"1 0 1"},
		{CHAIN("", "", "", "affinity: [{vnfs: [a, b, c], anti: true}]"), two,
			"[]",
			"not enough cores for VNFs that are to be apart: 3 needed, 2 "
			"free; n.a and n.b would share core 1"},
		/* together, with a core that one of them asks for */
		{CHAIN("", "", ", cores: [3]", "affinity: [{vnfs: [a, c]}]"), four, "[]",
			"3 1 3"},
		{CHAIN("", "", "",
			 "affinity: [{vnfs: [a, c]}, {vnfs: [a, b], anti: true}]"),
			four, "[]", "1 2 1"},
		/* a core that is one VNF's alone */
		{CHAIN("", ALONE, "", ""), four, "[]", "1 2 1"},
		{CHAIN(ALONE, ALONE, ALONE, ""), four, "[]", "1 2 3"},
		{CHAIN(ALONE, "", "", ""), two, "[]", "1 0 0"},
		{CHAIN(ALONE, ALONE, "", ""), two, "[]",
			"not enough cores for VNFs that have one for themselves: 2 "
			"needed, 1 free; n.a and n.b would share core 1"},
		/* what others have */
		{CHAIN("", "", "", ""), four, others, "3 3 3"},
		{CHAIN(ALONE, "", "", ""), four, others, "3 2 2"},
		{CHAIN(", cores: [1]", "", "", ""), four, others,
			"not enough cores for VNFs that have one for themselves: 1 "
			"needed, 1 free; m.x and n.a would share core 1"},
		{CHAIN(ALONE, ALONE, "", ""), four, others,
			"not enough cores for VNFs that have one for themselves: 2 "
			"needed, 1 free; n.a and n.b would share core 3"},
		/* the node of the memory first */
		{CHAIN("", "", "", ""), nodes, "[]", "3 3 3"},
		{CHAIN("", "", "", "affinity: [{vnfs: [a, b, c], anti: true}]"), nodes,
			"[]", "3 0 1"},
		/* hosts: one is enough to be together, and not to be apart */
		{CHAIN("", "", "", "affinity: [{vnfs: [a, b], scope: host}]"), four, "[]",
			"1 1 1"},
		{CHAIN("", "", "", "affinity: [{vnfs: [a, b], scope: host, anti: true}]"),
			four, "[]",
			"VNFs cannot be apart by NFVI_NODE: 2 needed, there is 1"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(place(cases[i].chain, cases[i].host, cases[i].others),
			cases[i].placed);
}

/* It took minutes, in which nothing else was placed. */
static void
test_placement_gives_up_what_cannot_be_however_much_runs(void **state)
{
	(void)state;
	struct model model;
	struct faults faults = {0};
	int cores[18];
	char text[2048] =
		"kind: Chain\nname: n\nports: {x: {driver: \"null\"}, y: {driver: "
		"\"null\"}}\naffinity: [{vnfs: [v0, v1]}, {vnfs: [v12, v13, v14, "
		"v15, v16, v17], anti: true}]\npath: [x";
	json_t *host = yaml(four), *objects = json_array();
	for (int i = 0; i < 18; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			", {vnf: v%d, type: t}", i);
	strcat(text, ", y]\n");
	for (int i = 0; i < 3000; i++)
		json_array_append_new(
			objects, json_pack("{s:s, s:s, s:s, s:{s:s, s:i}}", "kind", "vnf",
					 "object", "o", "ns", "m", "doc", "name", "m.o",
					 "core", i % 4));
	read_chain(text, &model, &faults);
	placement_choose(&model, host, objects, NULL, cores, &faults);
	assert_int_equal(faults.n, 0);
	json_t *all = objects_of(&model, cores, objects);
	placement_rules_judge(host, all, "n", &faults);
	assert_int_equal(faults.list[0].code, ERR_NO_RESOURCE);
	faults_clear(&faults);
	model_clear(&model);
	json_decref(all);
	json_decref(objects);
	json_decref(host);
}

static void
test_affinity_faults_have_their_place(void **state)
{
	(void)state;
	static const struct {
		const char *chain, *path, *word;
	} cases[] = {
		{CHAIN("", "", "", "affinity: {a: b}"), "affinity", "list"},
		{CHAIN("", "", "", "affinity: [{vnfs: [a, b], scope: cpu}]"),
			"affinity[0].scope", "core"},
		{CHAIN("", "", "", "affinity: [{vnfs: [a]}]"), "affinity[0]", "several"},
		{CHAIN("", "", "", "affinity: [{vnfs: [a, a]}]"), "affinity[0]", "twice"},
		{CHAIN("", "", "", "affinity: [{vnfs: [a, d]}]"), "affinity[0]", "'d'"},
		{CHAIN("", "", "",
			 "affinity: [{vnfs: [a, b]}, {vnfs: [b, a], anti: true}]"),
			"affinity[1]", "together"},
		{CHAIN(", group: g", ", group: g", "",
			 "affinity: [{vnfs: [a, b], anti: true}]"),
			"affinity[0]", "process"},
		{CHAIN(ALONE, "", "", "affinity: [{vnfs: [a, b]}]"), "affinity[0]",
			"'a' has a core"},
		{CHAIN(", cores: [1]", ", cores: [2]", "", "affinity: [{vnfs: [a, b]}]"),
			"affinity[0]", "cores 1 and 2"},
		{CHAIN(", core: own", "", "", ""), "path[1].core", "dedicated"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model model;
		struct faults faults = {0};
		read_chain(cases[i].chain, &model, &faults);
		affinity_check(&model, &faults);
		assert_int_equal(faults.n, 1);
		assert_string_equal(faults.list[0].path, cases[i].path);
		if (!strstr(faults.list[0].text, cases[i].word) &&
			!strstr(faults.list[0].hint, cases[i].word))
			fail_msg("%s: %s", cases[i].word, faults.list[0].text);
		faults_clear(&faults);
		model_clear(&model);
	}
}

/* What a chain says is what its NSD says. */
static void
test_affinity_of_a_chain_is_in_its_descriptor(void **state)
{
	(void)state;
	struct model chain, nsd = {0};
	struct faults faults = {0};
	read_chain(CHAIN(ALONE, "", "",
			   "affinity: [{vnfs: [b, c], anti: true}, "
			   "{vnfs: [a, c], scope: host}]"),
		&chain, &faults);
	for (size_t i = 0; i < chain.n_vnfs; i++)
		chain.vnfs[i].vnfd = strdup("renga-t");
	chain.n_links = 0; /* not resolved */
	json_t *form = nsd_form_print(&chain, "renga-chain-n", NULL);
	nsd_form_parse(nsd_form_find(form), NULL, &nsd, &faults);
	assert_int_equal(faults.n, 0);
	assert_int_equal(json_array_size(nsd.affinity), 2);
	assert_true(affinity_apart(&nsd, 1, 2));
	assert_true(affinity_apart(&nsd, 0, 2)); /* it is alone */
	assert_false(affinity_together(&nsd, 0, 2));
	for (size_t i = 0; i < 3; i++) {
		json_t *one = affinity_tag(&chain, i), *other = affinity_tag(&nsd, i);
		assert_true(json_equal(one, other));
		json_decref(one);
		json_decref(other);
	}
	chain.n_links = 4;
	json_decref(form);
	model_clear(&chain);
	model_clear(&nsd);
}

static void
test_affinity_groups_of_a_flavour_are_as_sol006_has_them(void **state)
{
	(void)state;
	struct model model = {0};
	struct faults faults = {0};
	json_t *nsd = yaml(
		"df: [{id: d, affinity-or-anti-affinity-group: [{id: g, type: anti-affinity, "
		"scope: 'renga:core'}, {id: h, type: affinity, scope: nfvi-node}, {id: i, "
		"type: near, scope: rack}], vnf-profile: [{id: a, vnfd-id: t, "
		"affinity-or-anti-affinity-group: [{id: g}, {id: h}]}, {id: b, vnfd-id: t, "
		"affinity-or-anti-affinity-group: [g]}, {id: c, vnfd-id: t, "
		"affinity-or-anti-affinity-group: [h, j]}]}]\n");
	nsd_form_parse(nsd, NULL, &model, &faults);
	assert_true(affinity_apart(&model, 0, 1));
	assert_false(affinity_apart(&model, 0, 2));
	assert_int_equal(json_array_size(model.affinity), 2);
	assert_int_equal(faults.n, 3);
	assert_string_equal(faults.list[0].path,
		"nsd[0].df[0].affinity-or-anti-affinity-group[2].scope");
	assert_string_equal(faults.list[1].path,
		"nsd[0].df[0].affinity-or-anti-affinity-group[2].type");
	assert_string_equal(faults.list[2].path,
		"nsd[0].df[0].vnf-profile[2].affinity-or-anti-affinity-group[1]");
	faults_clear(&faults);
	model_clear(&model);
	json_decref(nsd);
}

static void
test_affinity_of_a_request_names_profiles_and_packages(void **state)
{
	(void)state;
	struct model model;
	struct faults faults = {0};
	json_t *request = yaml(
		"additionalAffinityOrAntiAffinityRule:\n"
		"- {vnfProfileId: [a, b], affinityOrAntiAffiinty: ANTI_AFFINITY, scope: "
		"RENGA:CORE}\n"
		"- {vnfdId: [renga-t], affinityOrAntiAffinity: AFFINITY, scope: NFVI_NODE}\n"
		"- {vnfProfileId: [a, b], affinityOrAntiAffinity: NEAR, scope: here}\n"
		"- {vnfInstanceId: [x], affinityOrAntiAffinity: AFFINITY, scope: ZONE}\n");
	read_chain(CHAIN("", "", "", ""), &model, &faults);
	for (size_t i = 0; i < model.n_vnfs; i++)
		model.vnfs[i].vnfd = strdup("renga-t");
	affinity_from_request(request, &model, &faults);
	assert_true(affinity_apart(&model, 0, 1));
	assert_int_equal(json_array_size(json_object_get(
				 json_array_get(model.affinity, 1), "vnfs")),
		3);
	assert_int_equal(faults.n, 3);
	assert_string_equal(
		faults.list[0].path, "additionalAffinityOrAntiAffinityRule[2].scope");
	assert_string_equal(faults.list[1].path,
		"additionalAffinityOrAntiAffinityRule[2].affinityOrAntiAffiinty");
	assert_int_equal(faults.list[2].code, ERR_UNSUPPORTED);
	faults_clear(&faults);
	model_clear(&model);
	json_decref(request);
}

/* What a request said is kept for VNFs that are still there; a descriptor says it anew.
 */
static void
test_affinity_of_a_request_outlives_a_change_of_the_service(void **state)
{
	(void)state;
	struct model before, after;
	struct faults faults = {0};
	json_t *request = yaml(
		"additionalAffinityOrAntiAffinityRule:\n"
		"- {vnfProfileId: [a, b, c], affinityOrAntiAffinity: ANTI_AFFINITY, scope: "
		"RENGA:CORE}\n");
	read_chain(CHAIN("", "", "", "affinity: [{vnfs: [a, c], scope: host}]"), &before,
		&faults);
	affinity_from_request(request, &before, &faults);
	json_t *service = json_object(), *asked = affinity_asked(&before);
	affinity_keep(service, asked);
	assert_int_equal(json_array_size(affinity_kept(service)), 1);
	read_chain("kind: Chain\nname: n\npath: [{vnf: a, type: t}, {vnf: c, type: t}, "
		   "{vnf: d, type: t}]\n",
		&after, &faults);
	assert_null(affinity_asked(&after));
	affinity_restore(&after, affinity_kept(service));
	assert_true(affinity_apart(&after, 0, 1));
	assert_false(affinity_apart(&after, 0, 2));
	json_t *again = affinity_asked(&after);
	assert_int_equal(json_array_size(again), 1);
	json_decref(again);
	json_decref(asked);
	json_decref(service);
	json_decref(request);
	model_clear(&before);
	model_clear(&after);
	faults_clear(&faults);
}

/* Further replicas find cores that rules leave them. */
static void
test_replicas_keep_to_rules(void **state)
{
	(void)state;
	static const char fw[] =
		"[{kind: vnf, object: a, ns: n, doc: {name: n.a, core: 2, tag: {apart: "
		"[b]}}}, {kind: vnf, object: b, ns: n, doc: {name: n.b, core: 3}}, "
		"{kind: vnf, object: x, ns: m, doc: {name: m.x, core: 1, tag: {dedicated: "
		"true}}}]";
	int cores[MODEL_REPLICAS];
	json_t *host = yaml(four), *objects = yaml(fw);
	placement_spread(host, objects, objects, "a", cores);
	assert_int_equal(cores[0], 2);
	assert_int_equal(cores[1], 0);
	assert_int_equal(cores[2], 2);
	json_decref(host);
	json_decref(objects);
}

static void
test_balance_is_offered_no_core_that_is_one_vnfs_alone(void **state)
{
	(void)state;
	json_t *host = yaml(four), *objects = yaml(others);
	json_t *open = placement_rules_open(host, objects, NULL);
	json_t *own = placement_rules_open(host, objects, "m");
	assert_int_equal(json_array_size(json_object_get(open, "cores")), 3);
	assert_int_equal(json_array_size(json_object_get(own, "cores")), 4);
	assert_int_equal(json_array_size(json_object_get(host, "cores")), 4);
	json_decref(open);
	json_decref(own);
	json_decref(host);
	json_decref(objects);
}

/* What a rule names is not for placement by measurement to group. */
static void
test_affinity_of_auto_services_leaves_who_is_named(void **state)
{
	(void)state;
	struct model model;
	struct faults faults = {0};
	read_chain(CHAIN("", "", "",
			   "isolation: auto\naffinity: [{vnfs: [a, c], anti: true}]"),
		&model, &faults);
	assert_int_equal(faults.n, 0);
	assert_false(model_is_free(&model, 0));
	assert_true(model_is_free(&model, 1));
	assert_false(model_is_free(&model, 2));
	model_clear(&model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_placement_keeps_rules_as_a_table_says),
		cmocka_unit_test(
			test_placement_gives_up_what_cannot_be_however_much_runs),
		cmocka_unit_test(test_affinity_faults_have_their_place),
		cmocka_unit_test(test_affinity_of_a_chain_is_in_its_descriptor),
		cmocka_unit_test(
			test_affinity_groups_of_a_flavour_are_as_sol006_has_them),
		cmocka_unit_test(test_affinity_of_a_request_names_profiles_and_packages),
		cmocka_unit_test(
			test_affinity_of_a_request_outlives_a_change_of_the_service),
		cmocka_unit_test(test_replicas_keep_to_rules),
		cmocka_unit_test(test_balance_is_offered_no_core_that_is_one_vnfs_alone),
		cmocka_unit_test(test_affinity_of_auto_services_leaves_who_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
