/* test_vnffg.c: forwarding graphs of a running service come, go and change, on a fake VNF
 * manager. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "orchestrator/chains.h"
#include "orchestrator/metrics.h"
#include "orchestrator/ns.h"
#include "orchestrator/ns_update.h"
#include "orchestrator/occurrence.h"
#include "orchestrator/vnf_operate.h"
#include "orchestrator/vnf_scale.h"
#include "tests/orch/edge.h"
#include "tests/orch/edge_nsd.h"
#include "tests/orch/stage.h"

#define VNFS                                                                             \
	"vnfs: [{vnf: a, type: firewall}, {vnf: b, type: passthrough},"                  \
	" {vnf: c, type: firewall}]\n"
#define ALL "- {name: all, path: [lan, a, b, c, wan]}\n"
#define WEB "- {name: web, match: {proto: tcp, dport: 80}, path: [lan, a, c, wan]}\n"

#define UPDATE(nfp_)                                                                     \
	"{\"updateType\": \"UPDATE_VNFFG\", \"updateVnffg\": [{\"vnffgInfoId\": "        \
	"\"paths\", " nfp_ "}]}"

static int
setup(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	stage_open(stage);
	assert_string_equal(
		stage_apply(stage, EDGE VNFS "paths:\n" WEB ALL), "COMPLETED");
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
calls(struct stage *stage)
{
	return stage_steps(fake_calls(stage->fake));
}

/* "lan-a:[1,2] a-c:[1]", of those that are named. */
static void
assert_paths(struct stage *stage, const char *link, const char *expected)
{
	json_t *doc = fake_doc(stage->fake, VNFM_LINK, link);
	char *paths = json_dumps(json_object_get(doc, "paths"), JSON_COMPACT);
	assert_string_equal(paths ? paths : "gone", expected);
	free(paths);
	json_decref(doc);
}

/* What the host is told to steer by: "{\"dport\":80}:1*100 {}:2*100". */
static void
assert_steer(struct stage *stage, const char *expected)
{
	char text[512] = "";
	json_t *doc = fake_doc(stage->fake, VNFM_SERVICE, "edge"), *entry, *to;
	size_t i, k;
	json_array_foreach (json_object_get(doc, "steer"), i, entry) {
		char *match = json_dumps(json_object_get(entry, "match"), JSON_COMPACT);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			"%s%s:", i ? " " : "", match);
		free(match);
		json_array_foreach (json_object_get(entry, "to"), k, to)
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
				"%s%d*%d", k ? "+" : "",
				(int)json_integer_value(json_object_get(to, "path")),
				(int)json_integer_value(json_object_get(to, "weight")));
	}
	assert_string_equal(text, expected);
	json_decref(doc);
}

/* The VnffgInfo of that graph; borrowed from *ns. */
static json_t *
graph_info(struct stage *stage, const char *graph, json_t **ns)
{
	struct err err;
	size_t i;
	json_t *info;
	assert_int_equal(ns_get(stage->orch, stage_id(stage, "edge"), ns, &err), 0);
	json_array_foreach (json_object_get(*ns, "vnffgInfo"), i, info)
		if (strcmp(json_string_value(json_object_get(info, "vnffgdId")), graph) ==
			0)
			return info;
	return NULL;
}

static const char *
affected(struct stage *stage)
{
	static char text[256];
	struct err err;
	json_t *occurrence, *item;
	size_t i;
	*text = '\0';
	assert_int_equal(occurrence_get(stage->orch, "ns", stage->occurrence, false,
				 &occurrence, &err),
		0);
	json_array_foreach (
		json_object_get(
			json_object_get(occurrence, "resourceChanges"), "affectedVnffgs"),
		i, item)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %s",
			i ? ", " : "",
			json_string_value(json_object_get(item, "vnffgdId")),
			json_string_value(json_object_get(item, "changeType")));
	json_decref(occurrence);
	return text;
}

static void
test_chain_with_paths_steers_what_it_links(void **state)
{
	struct stage *stage = *state;
	assert_paths(stage, "lan-a", "[1,2]");
	assert_paths(stage, "a-c", "[1]");
	assert_paths(stage, "a-b", "[2]");
	assert_steer(stage, "{\"proto\":\"tcp\",\"dport\":80}:1*100 {}:2*100");
	assert_string_equal(stage_apply(stage, EDGE VNFS "paths:\n" WEB ALL), "nothing");
}

static void
test_chain_applied_again_converges_its_paths(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(
		stage_apply(stage, EDGE VNFS
			"paths:\n"
			"- {name: dns, match: {proto: udp, dport: 53}, path: [lan, c, wan]}\n" ALL),
		"COMPLETED");
	assert_string_equal(affected(stage), "paths MODIFY");
	assert_steer(stage, "{\"proto\":\"udp\",\"dport\":53}:3*100 {}:2*100");
	assert_paths(stage, "lan-c", "[3]");
	assert_paths(stage, "a-c", "gone");
	assert_paths(stage, "lan-a", "[2]");
}

static void
test_graph_is_told_with_its_paths(void **state)
{
	struct stage *stage = *state;
	json_t *ns, *info = graph_info(stage, "paths", &ns);
	assert_non_null(info);
	assert_int_equal(json_array_size(json_object_get(info, "vnfInstanceId")), 3);
	assert_int_equal(
		json_array_size(json_object_get(info, "nsVirtualLinkInfoId")), 5);
	const json_t *nfp = json_array_get(json_object_get(info, "nfpInfo"), 0);
	json_t *rule = json_loads("{\"protocol\": \"TCP\", \"destinationPortRange\": "
				  "\"80\"}",
		0, NULL);
	assert_string_equal(json_string_value(json_object_get(nfp, "nfpName")), "web");
	assert_true(json_equal(json_object_get(nfp, "nfpRule"), rule));
	assert_int_equal(json_array_size(json_object_get(nfp, "nsCpHandle")), 6);
	json_decref(rule);
	json_decref(ns);
}

static void
test_chain_is_told_with_the_figures_of_its_paths(void **state)
{
	struct stage *stage = *state;
	struct err err;
	json_t *chain;
	assert_int_equal(chains_get(stage->orch, "edge", &chain, &err), 0);
	const json_t *path = json_array_get(json_object_get(chain, "paths"), 1);
	assert_string_equal(json_string_value(json_object_get(path, "name")), "all");
	assert_int_equal(json_integer_value(json_object_get(path, "packets")), 7);
	json_decref(chain);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	assert_int_equal(metrics_write(stage->orch, out, &err), 0);
	fclose(out);
	assert_non_null(
		strstr(text, "renga_path_packets_total{ns=\"edge\",path=\"all\"} 7\n"));
	assert_non_null(
		strstr(text, "renga_path_bytes_total{ns=\"edge\",path=\"web\"} 0\n"));
	free(text);
}

static void
test_update_changes_weight_and_rule_by_one_put(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(update(stage, UPDATE("\"nfp\": [{\"nfpInfoId\": \"web\", "
						 "\"weight\": 7, \"nfpRule\": "
						 "{\"sourceIpAddressPrefix\": "
						 "\"10.0.0.0/8\"}}]")),
		"COMPLETED");
	assert_string_equal(calls(stage), "put service edge");
	assert_string_equal(affected(stage), "paths MODIFY");
	assert_steer(stage, "{\"src\":\"10.0.0.0/8\"}:1*7 {}:2*100");
	assert_string_equal(
		stage_apply(stage, EDGE VNFS "paths:\n" WEB ALL), "COMPLETED");
	assert_steer(stage, "{\"proto\":\"tcp\",\"dport\":80}:1*100 {}:2*100");
}

static void
test_update_adds_a_path_before_what_takes_the_rest(void **state)
{
	struct stage *stage = *state;
	char request[512];
	assert_string_equal(
		stage_steps(stage_plan(stage, ns_update, "edge",
			UPDATE("\"nfp\": [{\"nfpName\": \"dns\", \"match\": {\"proto\": \"udp\", \"dport\": "
			       "53}, \"path\": [\"lan\", \"b\", \"wan\"]}]"))),
		"relink service edge; put service edge");
	assert_string_equal(calls(stage), "");
	snprintf(request, sizeof(request),
		UPDATE("\"nfp\": [{\"nfpName\": \"dns\", \"match\": {\"proto\": \"udp\", \"dport\": 53}, "
		       "\"nsCpHandle\": [{\"nsSapInstanceId\": \"x/lan\"}, "
		       "{\"vnfInstanceId\": \"%s\"}, {\"nsSapInstanceId\": \"x/wan\"}]}]"),
		stage_id(stage, "edge.b"));
	assert_string_equal(update(stage, request), "COMPLETED");
	assert_steer(stage,
		"{\"proto\":\"tcp\",\"dport\":80}:1*100 {\"proto\":\"udp\",\"dport\":53}:3*100 "
		"{}:2*100");
	assert_paths(stage, "lan-b", "[3]");
}

static void
test_update_removes_and_disables_paths(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(update(stage, UPDATE("\"nfp\": [{\"nfpInfoId\": \"web\", "
						 "\"nfpState\": \"DISABLED\"}]")),
		"COMPLETED");
	assert_steer(stage, "{}:2*100");
	assert_paths(stage, "a-c", "[1]");
	assert_string_equal(
		update(stage, UPDATE("\"nfpInfoId\": [\"edge/web\"]")), "COMPLETED");
	assert_paths(stage, "a-c", "gone");
	assert_paths(stage, "lan-a", "[2]");
	assert_string_equal(update(stage, UPDATE("\"nfpInfoId\": [\"all\"]")), "invalid");
	assert_int_equal(fake_count(stage->fake, VNFM_VNF), 3);
}

static void
test_update_that_fails_leaves_all_as_it_was(void **state)
{
	struct stage *stage = *state;
	json_t *before = fake_objects(stage->fake);
	fake_fail_put(stage->fake, VNFM_SERVICE, "", 1);
	assert_string_equal(
		update(stage,
			UPDATE("\"nfpInfoId\": [\"web\"], \"nfp\": [{\"nfpName\": "
			       "\"dns\", \"match\": {\"proto\": \"udp\", \"dport\": 53}, \"path\": "
			       "[\"lan\", \"b\", \"wan\"]}]")),
		"ROLLED_BACK");
	json_t *after = fake_objects(stage->fake);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

static void
test_update_goes_along_with_replicas(void **state)
{
	struct stage *stage = *state;
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}"),
		"COMPLETED");
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.c", "{\"type\": \"SCALE_OUT\"}"),
		"COMPLETED");
	json_t *before = fake_objects(stage->fake);
	assert_paths(stage, "a-c~11", "[1]");
	assert_string_equal(
		update(stage, UPDATE("\"nfpInfoId\": [\"web\"]")), "COMPLETED");
	assert_paths(stage, "a-c~11", "gone");
	assert_paths(stage, "lan-a~1", "[2]");
	assert_string_equal(
		update(stage, UPDATE("\"nfp\": [{\"nfpName\": \"web\", \"match\": "
				     "{\"proto\": \"tcp\", \"dport\": 80}, \"path\": "
				     "[\"lan\", \"a\", \"c\", \"wan\"]}]")),
		"COMPLETED");
	json_t *after = fake_objects(stage->fake);
	json_object_del(before, "service:x");
	assert_int_equal(json_object_size(before), json_object_size(after));
	assert_paths(stage, "a-c~11", "[1]");
	json_decref(before);
	json_decref(after);
}

static void
test_update_of_what_is_not_there_is_refused(void **state)
{
	struct stage *stage = *state;
	static const char *const bad[] = {
		"{\"updateType\": \"UPDATE_VNFFG\"}",
		"{\"updateType\": \"UPDATE_VNFFG\", \"updateVnffg\": [{\"vnffgInfoId\": "
		"\"nobody\"}]}",
		"{\"updateType\": \"ADD_VNFFG\", \"addVnffg\": [{\"vnffgdId\": "
		"\"nobody\"}]}",
		"{\"updateType\": \"REMOVE_VNFFG\", \"removeVnffgId\": [\"paths\"]}",
		UPDATE("\"nfp\": [{\"nfpInfoId\": \"web\", \"wieght\": 1}]"),
		UPDATE("\"nfp\": [{\"weight\": 1}]"),
		UPDATE("\"nfp\": [{\"nfpName\": \"x\", \"match\": {\"proto\": \"udp\", \"dport\": 1}, "
		       "\"path\": [\"lan\", \"nobody\", \"wan\"]}]"),
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(update(stage, bad[i]), "invalid");
	assert_string_equal(update(stage, "{\"updateType\": \"ADD_VNFFG\", \"addVnffg\": "
					  "[{\"vnffgdId\": \"paths\"}]}"),
		"exists");
	stage_task(stage, vnf_operate, "edge.b", "{\"changeStateTo\": \"STOPPED\"}");
	assert_string_equal(update(stage, UPDATE("\"nfpInfoId\": [\"web\"]")), "state");
	json_decref(fake_calls(stage->fake));
}

#define GRAPH(id_, vnf_, rule_)                                                          \
	"  - id: g-" id_ "\n    nfp-position-element:\n"                                 \
	"    - {id: in, desc: {ns: {sap-cpd-id: lan}}}\n"                                \
	"    - {id: via, desc: {vnf-profile: {vnf-profile-id: " vnf_ "}}}\n"             \
	"    - {id: out, desc: {ns: {sap-cpd-id: wan}}}\n    nfpd:\n"                    \
	"    - {id: " id_ rule_ ", position-desc: [{id: \"0\", "                         \
	"nfp-position-element-id: [in, via, out]}]}\n"

#define GRAPHS(id_, rule_)                                                               \
	NSD(id_, "edge", "lan0", "", "",                                                 \
		NSD_VNF("a", "firewall", "l1", "l9", "")                                 \
			NSD_VNF("b", "passthrough", "l1", "l9", ""))                     \
	"  vnffgd:\n" GRAPH("rest", "a", "") GRAPH("web", "b", ", nfp-rule: " rule_)

static void
test_graphs_of_a_descriptor_come_and_go(void **state)
{
	struct stage *stage = *state;
	json_t *ns;
	stage_delete(stage, "edge");
	stage_onboard(stage, GRAPHS("edge-1", "{protocol: TCP}"));
	stage_instantiate(stage, "edge-1");
	assert_steer(stage, "{\"proto\":\"tcp\"}:1*100 {}:2*100");
	assert_string_equal(update(stage, "{\"updateType\": \"REMOVE_VNFFG\", "
					  "\"removeVnffgId\": [\"g-web\"]}"),
		"COMPLETED");
	assert_string_equal(affected(stage), "g-web DELETE");
	assert_steer(stage, "{}:2*100");
	assert_paths(stage, "lan-b", "gone");
	assert_null(graph_info(stage, "g-web", &ns));
	json_decref(ns);
	assert_string_equal(
		update(stage, "{\"updateType\": \"ADD_VNFFG\", \"addVnffg\": "
			      "[{\"vnffgdId\": \"g-web\", \"vnffgName\": \"again\"}]}"),
		"COMPLETED");
	assert_string_equal(affected(stage), "g-web ADD");
	assert_steer(stage, "{\"proto\":\"tcp\"}:1*100 {}:2*100");
	assert_paths(stage, "lan-b", "[1]");
	json_t *info = graph_info(stage, "g-web", &ns);
	assert_string_equal(
		json_string_value(json_object_get(info, "vnffgName")), "again");
	json_decref(ns);
}

/* A weight that was changed since stays. */
static void
test_vnfs_come_into_paths_and_leave_them(void **state)
{
	struct stage *stage = *state;
	char request[256];
	json_t *ns;
	stage_delete(stage, "edge");
	stage_onboard(stage, GRAPHS("edge-1", "{protocol: TCP}"));
	stage_instantiate(stage, "edge-1");
	assert_string_equal(
		update(stage, "{\"updateType\": \"UPDATE_VNFFG\", \"updateVnffg\": "
			      "[{\"vnffgInfoId\": \"g-web\", \"nfp\": [{\"nfpInfoId\": "
			      "\"web\", \"weight\": 5}]}]}"),
		"COMPLETED");
	assert_string_equal(
		update(stage,
			"{\"updateType\": \"INSTANTIATE_VNF\", \"instantiateVnfData\": "
			"[{\"vnfdId\": \"renga-passthrough\", \"vnfProfileId\": \"c\", "
			"\"additionalParams\": {\"between\": [\"b\", \"lan\"]}}]}"),
		"COMPLETED");
	assert_steer(stage, "{\"proto\":\"tcp\"}:1*5 {}:2*100");
	assert_paths(stage, "c-b", "[1]");
	assert_paths(stage, "lan-a", "[2]");
	snprintf(request, sizeof(request),
		"{\"updateType\": \"REMOVE_VNF\", \"removeVnfInstanceId\": [\"%s\"]}",
		stage_id(stage, "edge.c"));
	assert_string_equal(update(stage, request), "COMPLETED");
	assert_paths(stage, "lan-b", "[1]");
	assert_steer(stage, "{\"proto\":\"tcp\"}:1*5 {}:2*100");
	snprintf(request, sizeof(request),
		"{\"updateType\": \"REMOVE_VNF\", \"removeVnfInstanceId\": [\"%s\"]}",
		stage_id(stage, "edge.b"));
	assert_string_equal(update(stage, request), "invalid");
	assert_non_null(graph_info(stage, "g-web", &ns));
	json_decref(ns);
}

/* Where both versions say the same of forwarding graphs, those stay as they are wanted.
 */
static void
test_another_version_keeps_paths_unless_it_has_others(void **state)
{
	struct stage *stage = *state;
	stage_delete(stage, "edge");
	stage_onboard(stage, GRAPHS("edge-1", "{protocol: TCP}"));
	stage_onboard(stage, GRAPHS("edge-2", "{protocol: TCP}"));
	stage_onboard(stage, GRAPHS("edge-3", "{protocol: UDP}"));
	stage_instantiate(stage, "edge-1");
	update(stage, "{\"updateType\": \"UPDATE_VNFFG\", \"updateVnffg\": "
		      "[{\"vnffgInfoId\": \"g-web\", \"nfp\": [{\"nfpInfoId\": "
		      "\"web\", \"weight\": 5}]}]}");
	assert_string_equal(update(stage, ASSOC("edge-2", "true")), "COMPLETED");
	assert_steer(stage, "{\"proto\":\"tcp\"}:1*5 {}:2*100");
	assert_string_equal(update(stage, ASSOC("edge-3", "true")), "COMPLETED");
	assert_steer(stage, "{\"proto\":\"udp\"}:1*100 {}:2*100");
}

int
main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, stage_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_chain_with_paths_steers_what_it_links),
		TEST(test_chain_applied_again_converges_its_paths),
		TEST(test_graph_is_told_with_its_paths),
		TEST(test_chain_is_told_with_the_figures_of_its_paths),
		TEST(test_update_changes_weight_and_rule_by_one_put),
		TEST(test_update_adds_a_path_before_what_takes_the_rest),
		TEST(test_update_removes_and_disables_paths),
		TEST(test_update_that_fails_leaves_all_as_it_was),
		TEST(test_update_goes_along_with_replicas),
		TEST(test_update_of_what_is_not_there_is_refused),
		TEST(test_graphs_of_a_descriptor_come_and_go),
		TEST(test_vnfs_come_into_paths_and_leave_them),
		TEST(test_another_version_keeps_paths_unless_it_has_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
