/* test_descriptor.c: the two forms of a descriptor compile to one checked model; faults
 * have places and hints. */
#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "orchestrator/descriptor/flavour.h"
#include "tests/orch/models.h"

static int
make_catalog(void **state)
{
	(void)state;
	add_type("renga-firewall", json_pack("{s:s, s:[s, s]}", "type", "firewall",
					   "connectionPoints", "left", "right"));
	add_type("renga-router", json_pack("{s:s, s:[s, s, s]}", "type", "router",
					 "connectionPoints", "p0", "p1", "p2"));
	return 0;
}

/* The text has exactly one fault, at that place, with that word in its text or hint. */
static void
one_fault(const char *text, const char *path, const char *word)
{
	struct model model;
	struct faults faults;
	compile(text, &model, &faults);
	for (size_t i = 0; faults.n != 1 && i < faults.n; i++)
		print_error("%s: %s\n", faults.list[i].path, faults.list[i].text);
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.list[0].path, path);
	if (!strstr(faults.list[0].text, word) && !strstr(faults.list[0].hint, word))
		fail_msg("'%s' is neither in '%s' nor in '%s'", word, faults.list[0].text,
			faults.list[0].hint);
	faults_clear(&faults);
	model_clear(&model);
}

#define HEAD                                                                             \
	"kind: Chain\nname: c\nports: {in: {driver: \"null\"}, out: {driver: "           \
	"\"null\"}}\n"

static void
test_chain_path_joins_first_and_second_connection_points(void **state)
{
	(void)state;
	struct model model;
	struct faults faults;
	compile(HEAD
		"path: [in, {vnf: fw, type: firewall}, {vnf: rt, type: router}, out]\n",
		&model, &faults);
	assert_int_equal(faults.n, 0);
	assert_int_equal(model.n_links, 3);
	assert_string_equal(model.links[1].name, "fw-rt");
	assert_string_equal(model.links[1].ends[0].cp, "right");
	assert_string_equal(model.links[1].ends[1].cp, "p0");
	assert_string_equal(model.links[2].ends[0].cp, "p1");
	assert_int_equal(model.links[2].ends[1].sap, 1);
	model_clear(&model);
}

static void
test_chain_graph_links_what_it_names(void **state)
{
	(void)state;
	struct model model;
	struct faults faults;
	compile(HEAD "vnfs: [{vnf: rt, type: router, cores: 3, state-size: 1M}]\n"
		     "links: [[in, rt.p2], [rt.p0, out]]\n",
		&model, &faults);
	assert_int_equal(faults.n, 0);
	assert_string_equal(model.links[0].ends[1].cp, "p2");
	assert_int_equal(model.vnfs[0].core, 3);
	assert_int_equal(model.vnfs[0].state_size, 1 << 20);
	model_clear(&model);
}

static void
test_chain_faults_have_a_place_and_a_hint(void **state)
{
	(void)state;
	one_fault("kind: Chian\nname: c\n", "kind", "Chain");
	one_fault(HEAD "path: [in, {vnf: x, type: firewal}, out]\n", "path[1].type",
		"'firewall'");
	one_fault(HEAD "path: [in, {vnf: x, type: firewall}, ot]\n", "path[2]", "'out'");
	one_fault(HEAD "path: [in, {vnf: x, typ: firewall, type: firewall}, out]\n",
		"path[1].typ", "type");
	one_fault(HEAD "vnfs: [{vnf: x, type: firewall}]\nlinks: [[in, x.lift], "
		       "[x.right, out]]\n",
		"links[0][1]", "'x.left'");
	one_fault(HEAD "vnfs: [{vnf: x, type: firewall}]\nlinks: [[in, x.left], [x.left, "
		       "out]]\n",
		"links[1][0]", "twice");
	one_fault(HEAD "path: [in, {vnf: x, type: firewall}]\n", "ports.out",
		"not connected");
	one_fault(HEAD "path: [in, {vnf: X, type: firewall}, out]\n", "path[1]",
		"small letters");
	one_fault(
		HEAD "path: [in, {vnf: in, type: firewall}, out]\n", "path[1]", "twice");
	one_fault(HEAD "path: [in, {vnf: x, type: firewall, replicas: 2}, out]\n",
		"path[1].replicas", "replicas");
	one_fault(HEAD
		"path: [in, {vnf: x, type: firewall, group: g, replicas: 2}, out]\n",
		"path[1].replicas", "replicas");
	one_fault("kind: Chain\nname: Bad_Name\nports: {in: {driver: \"null\"}}\n"
		  "path: [in, {vnf: x, type: firewall}]\n",
		"name", "Bad_Name");
	one_fault("kind: Chain\nname: c\nports: {in: {driver: af_packt, interface: e}}\n"
		  "path: [in, {vnf: x, type: firewall}]\n",
		"ports.in.driver", "'af_packet'");
	one_fault("kind: Chain\nname: c\nports: {in: {driver: tap}}\n"
		  "path: [in, {vnf: x, type: firewall}]\n",
		"ports.in.interface", "interface");
	one_fault("kind: Chain\nname: c\nports: {a: {driver: tap, interface: t},"
		  " b: {driver: af_xdp, interface: t}}\npath: [a, {vnf: x, type: "
		  "firewall}, b]\n",
		"ports.b", "same interface");
}

static void
test_chain_printed_as_nsd_is_the_same_model(void **state)
{
	(void)state;
	struct model model, again;
	struct faults faults;
	compile(HEAD "buffers: 4k\npath: [in, {vnf: fw, type: firewall, config: "
		     "{default: drop},"
		     " cores: [1], group: g}, {vnf: rt, type: router}, out]\n",
		&model, &faults);
	assert_int_equal(faults.n, 0);
	json_t *nsd = nsd_form_print(&model, "c-1.0", NULL);
	again = (struct model){0};
	nsd_form_parse(nsd_form_find(nsd), "default", &again, &faults);
	check_model(&again, &catalog, true, &faults);
	assert_int_equal(faults.n, 0);
	assert_int_equal(again.n_vnfs, 2);
	assert_int_equal(again.n_links, 3);
	assert_int_equal(again.buffers, 4096);
	assert_int_equal(again.vnfs[0].core, 1);
	assert_string_equal(again.vnfs[0].group, "g");
	assert_null(again.vnfs[1].group);
	assert_string_equal(again.vnfs[1].type, "router");
	assert_true(json_equal(again.vnfs[0].config, model.vnfs[0].config));
	json_decref(nsd);
	model_clear(&again);
	model_clear(&model);
}

static void
test_chain_in_isolation_of_groups_is_one_but_for_those_that_name_theirs(void **state)
{
	(void)state;
	struct model model;
	struct faults faults;
	compile(HEAD
		"isolation: group\npath: [in, {vnf: a, type: firewall}, {vnf: b, type: "
		"firewall, group: g}, {vnf: c, type: firewall}, out]\n",
		&model, &faults);
	assert_int_equal(faults.n, 0);
	assert_string_equal(model.vnfs[0].group, "all");
	assert_string_equal(model.vnfs[1].group, "g");
	assert_string_equal(model.vnfs[2].group, "all");
	model_clear(&model);
}

/* fw, nat and rt ask for nothing; the others for what placement leaves alone. */
static void
test_isolation_auto_leaves_what_is_asked_for(void **state)
{
	(void)state;
	struct model model, again = {0};
	struct faults faults;
	compile(HEAD
		"isolation: auto\npath: [in, {vnf: a, type: firewall}, {vnf: b, type: "
		"firewall, isolation: process}, {vnf: c, type: firewall, cores: [1]}, "
		"{vnf: d, type: firewall, group: g}, {vnf: e, type: firewall}, out]\n",
		&model, &faults);
	assert_int_equal(faults.n, 0);
	model.vnfs[4].replicas = 2;
	for (size_t i = 0; i < model.n_vnfs; i++)
		assert_int_equal(model_is_free(&model, i), i == 0);
	/* and as an NSD it says the same */
	json_t *nsd = nsd_form_print(&model, "id", NULL);
	nsd_form_parse(nsd_form_find(nsd), NULL, &again, &faults);
	assert_int_equal(faults.n, 0);
	assert_int_equal(again.isolation, MODEL_AUTO_GROUPS);
	assert_int_equal(again.n_vnfs, model.n_vnfs);
	for (size_t i = 0; i < again.n_vnfs; i++)
		assert_int_equal(model_is_free(&again, i), i == 0);
	assert_true(again.vnfs[1].alone);
	json_decref(nsd);
	model_clear(&again);
	model_clear(&model);
}

static void
test_isolation_is_refused_where_it_makes_no_sense(void **state)
{
	(void)state;
	one_fault(HEAD
		"isolation: automatic\npath: [in, {vnf: a, type: firewall}, out]\n",
		"isolation", "auto");
	one_fault(HEAD "path: [in, {vnf: a, type: firewall, isolation: group}, out]\n",
		"path[1].isolation", "process");
	one_fault(HEAD
		"path: [in, {vnf: a, type: firewall, group: g, isolation: process}, "
		"out]\n",
		"path[1]", "one of the two");
	one_fault(HEAD "path: [in, {vnf: a, type: firewall, group: auto-1}, out]\n",
		"path[1]", "another name");
}

#define NSD_HEAD                                                                         \
	"nsd:\n- id: n\n  sapd: [{id: lan, virtual-link-desc: a}]\n"                     \
	"  virtual-link-desc: [{id: a}]\n  df:\n  - id: default\n"                       \
	"    virtual-link-profile: [{id: pa, virtual-link-desc-id: a}]\n    "            \
	"vnf-profile:\n"

#define NSD_FLAVOUR(flavour_)                                                            \
	NSD_HEAD "    - {id: fw, vnfd-id: renga-firewall, " flavour_                     \
		 ", virtual-link-connectivity: [{virtual-link-profile-id: pa, "          \
		 "constituent-cpd-id: [{constituent-cpd-id: left}]}]}\n"

/* Each member in which there is no end of parts; what they are does not matter. */
static void
test_service_of_too_many_parts_is_refused_unread(void **state)
{
	(void)state;
	static const char *const chain[] = {"path", "vnfs", "links", "paths", "affinity"};
	static const char *const nsd[] = {"virtual-link-desc", "sapd", "vnffgd"};
	json_t *many = json_array();
	for (int i = 0; i < 1000; i++)
		json_array_append_new(many, json_object());
	for (size_t i = 0; i < 8; i++) {
		const char *member = i < 5 ? chain[i] : nsd[i - 5];
		struct model model = {0};
		struct faults faults = {0};
		json_t *doc = i < 5 ? json_pack("{s:O, s:s, s:s}", member, many, "kind",
					      "Chain", "name", "c")
				    : json_pack("{s:O, s:[{s:s}]}", member, many, "df",
					      "id", "d");
		if (i < 5)
			chain_parse(doc, &model, &faults);
		else
			nsd_form_parse(doc, NULL, &model, &faults);
		assert_true(faults.n > 0 && faults.n < 100);
		assert_int_equal(model.n_vnfs + model.n_links + model.n_paths, 0);
		bool told = false;
		for (size_t j = 0; j < faults.n; j++)
			told |= strcmp(err_code_name(faults.list[j].code), "too-large") ==
				0;
		assert_true(told);
		faults_clear(&faults);
		model_clear(&model);
		json_decref(doc);
	}
	json_decref(many);
}

static void
test_nsd_faults_have_a_place_and_a_hint(void **state)
{
	(void)state;
	one_fault(NSD_HEAD
		"    - {id: fw, vnfd-id: renga-firewal, virtual-link-connectivity:"
		" [{virtual-link-profile-id: pa, constituent-cpd-id:"
		" [{constituent-cpd-id: left}]}]}\n",
		"nsd[0].df[0].vnf-profile[0].vnfd-id", "'renga-firewall'");
	one_fault(NSD_HEAD
		"    - {id: fw, vnfd-id: renga-firewall, virtual-link-connectivity:"
		" [{virtual-link-profile-id: pa, constituent-cpd-id:"
		" [{constituent-cpd-id: left}]}], renga:confg: {}}\n",
		"nsd[0].df[0].vnf-profile[0].renga:confg", "renga:config");
	one_fault("nsd: [{id: n}]\n", "nsd[0].df", "flavour");
	one_fault(NSD_FLAVOUR("flavour-id: huge"),
		"nsd[0].df[0].vnf-profile[0].flavour-id", "default, dedicated");
	one_fault(NSD_FLAVOUR("flavour-id: default, renga:core: dedicated"),
		"nsd[0].df[0].vnf-profile[0].renga:core", "otherwise");
	/* what would be too much for any sum */
	one_fault(
		"nsd:\n- id: n\n  renga:buffers: 7560000000000000\n  df: [{id: default}]\n",
		"nsd[0].renga:buffers", "unit");
	one_fault("nsd:\n- id: n\n  renga:buffers: 16k\n  df: [{id: default}]\n",
		"nsd[0].renga:buffers", "unit");
	one_fault("nsd:\n- id: n\n  vnffgd: {}\n  df: [{id: default}]\n", "nsd[0].vnffgd",
		"id: NAME");
	one_fault(NSD_HEAD
		"    - {id: fw, vnfd-id: renga-firewall, virtual-link-connectivity:"
		" [{virtual-link-profile-id: pa, constituent-cpd-id:"
		" [{constituent-cpd-id: left}]}], renga:state-size: -1}\n",
		"nsd[0].df[0].vnf-profile[0].renga:state-size", "unit");
	one_fault(NSD_HEAD
		"    - {id: fw, vnfd-id: renga-firewall, virtual-link-connectivity:"
		" [{virtual-link-profile-id: pa, constituent-cpd-id:"
		" [{constituent-cpd-id: left}]}], renga:cores: [4294967297]}\n",
		"nsd[0].df[0].vnf-profile[0].renga:cores", "[1]");
	one_fault(HEAD "path: [in, {vnf: a, type: firewall, state-size: 1000T}, out]\n",
		"path[1].state-size", "");
	one_fault("nsd:\n- id: n\n  renga:isolation: none\n  df: [{id: default}]\n",
		"nsd[0].renga:isolation", "process");
}

/* SOL006: what a VDU computes with belongs to it, so that each flavour has its own. */
static void
test_vnfd_has_a_vdu_and_a_df_for_each_flavour(void **state)
{
	(void)state;
	static const char expected[] =
		"{\"virtual-compute-desc\": [{\"id\": \"default\", \"virtual-cpu\": "
		"{\"num-virtual-cpu\": 1, \"pinning\": {\"policy\": \"dynamic\"}}}, "
		"{\"id\": \"dedicated\", \"virtual-cpu\": {\"num-virtual-cpu\": 1, "
		"\"pinning\": {\"policy\": \"static\"}}}], \"int-virtual-link-desc\": "
		"[{\"id\": \"left\"}], \"vdu\": [{\"id\": \"fw\", \"name\": \"fw\", "
		"\"virtual-compute-desc\": \"default\", \"int-cpd\": [{\"id\": \"left\", "
		"\"int-virtual-link-desc\": \"left\"}]}, {\"id\": \"fw-dedicated\", "
		"\"name\": \"fw\", \"virtual-compute-desc\": \"dedicated\", \"int-cpd\": "
		"[{\"id\": \"left\", \"int-virtual-link-desc\": \"left\"}]}], "
		"\"ext-cpd\": [{\"id\": \"left\", \"int-virtual-link-desc\": \"left\"}]}";
	json_t *vnfd = json_object(), *cps = json_pack("[s]", "left"),
	       *wanted = json_loads(expected, 0, NULL);
	flavour_print(vnfd, "fw", cps, 8);
	json_t *df = json_incref(json_object_get(vnfd, "df"));
	json_object_del(vnfd, "df");
	assert_non_null(wanted);
	assert_true(json_equal(vnfd, wanted));
	assert_int_equal(json_array_size(df), 2);
	json_decref(wanted);
	wanted = json_loads(
		"{\"id\": \"dedicated\", \"description\": \"has a core that no other VNF "
		"and no port uses\", \"vdu-profile\": [{\"id\": \"fw-dedicated\", "
		"\"min-number-of-instances\": 1, \"max-number-of-instances\": 8}], "
		"\"instantiation-level\": [{\"id\": \"default\", \"vdu-level\": "
		"[{\"vdu-id\": \"fw-dedicated\", \"number-of-instances\": 1}]}], "
		"\"default-instantiation-level\": \"default\", \"scaling-aspect\": "
		"[{\"id\": \"replicas\", \"name\": \"replicas\", \"max-scale-level\": "
		"7}]}",
		0, NULL);
	assert_non_null(wanted);
	assert_true(json_equal(json_array_get(df, 1), wanted));
	json_decref(wanted);
	json_decref(df);
	json_decref(cps);
	json_decref(vnfd);
}

static void
test_sap_without_a_port_is_named(void **state)
{
	(void)state;
	struct model model;
	struct faults faults;
	compile(NSD_HEAD
		"    - {id: fw, vnfd-id: renga-firewall, virtual-link-connectivity:"
		" [{virtual-link-profile-id: pa, constituent-cpd-id:"
		" [{constituent-cpd-id: left}]}]}\n",
		&model, &faults);
	assert_int_equal(faults.n, 0);
	check_model(&model, &catalog, true, &faults);
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.list[0].text, "SAP 'lan' has no port");
	faults_clear(&faults);
	model_clear(&model);
}

static void
test_interface_that_the_host_has_not_is_named(void **state)
{
	(void)state;
	struct model model;
	struct faults faults;
	json_t *host = json_pack("{s:[s, s]}", "interfaces", "eth0", "lan0");
	compile("kind: Chain\nname: c\nports: {in: {driver: af_packet, interface: "
		"lan1}}\n"
		"path: [in, {vnf: x, type: firewall}]\n",
		&model, &faults);
	check_interfaces(&model, host, &faults);
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.list[0].path, "ports.in.interface");
	assert_non_null(strstr(faults.list[0].hint, "'lan0'"));
	faults_clear(&faults);
	model_clear(&model);
	json_decref(host);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_chain_path_joins_first_and_second_connection_points),
		cmocka_unit_test(test_chain_graph_links_what_it_names),
		cmocka_unit_test(test_chain_faults_have_a_place_and_a_hint),
		cmocka_unit_test(test_chain_printed_as_nsd_is_the_same_model),
		cmocka_unit_test(
			test_chain_in_isolation_of_groups_is_one_but_for_those_that_name_theirs),
		cmocka_unit_test(test_isolation_auto_leaves_what_is_asked_for),
		cmocka_unit_test(test_isolation_is_refused_where_it_makes_no_sense),
		cmocka_unit_test(test_service_of_too_many_parts_is_refused_unread),
		cmocka_unit_test(test_nsd_faults_have_a_place_and_a_hint),
		cmocka_unit_test(test_vnfd_has_a_vdu_and_a_df_for_each_flavour),
		cmocka_unit_test(test_sap_without_a_port_is_named),
		cmocka_unit_test(test_interface_that_the_host_has_not_is_named),
	};
	return cmocka_run_group_tests(tests, make_catalog, drop_catalog);
}
