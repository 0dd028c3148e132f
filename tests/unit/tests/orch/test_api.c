/* test_api.c: the REST API, served on a loopback port, over a fake VNF manager. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "api/client/client.h"
#include "api/northbound/northbound.h"
#include "common/log.h"
#include "db/subscriptions.h"
#include "orchestrator/engine.h"
#include "orchestrator/token.h"
#include "orchestrator/watch.h"
#include "tests/orch/fake.h"

#define CHAIN                                                                            \
	"kind: Chain\nname: edge\n"                                                      \
	"ports:\n  lan: {driver: af_packet, interface: lan0}\n"                          \
	"  wan: {driver: af_packet, interface: wan0}\n"                                  \
	"path:\n- lan\n- {vnf: fw, type: firewall, config: {default: drop}}\n- wan\n"

#define NSD                                                                              \
	"nsd:\n- id: pair-1.0\n  name: pair\n  version: '1.0'\n  designer: test\n"       \
	"  vnfd-id: [renga-firewall]\n"                                                  \
	"  sapd:\n  - {id: lan, virtual-link-desc: vl-lan}\n"                            \
	"  - {id: wan, virtual-link-desc: vl-wan}\n"                                     \
	"  virtual-link-desc: [{id: vl-lan}, {id: vl-wan}]\n"                            \
	"  df:\n  - id: default\n    virtual-link-profile:\n"                            \
	"    - {id: p-lan, virtual-link-desc-id: vl-lan}\n"                              \
	"    - {id: p-wan, virtual-link-desc-id: vl-wan}\n"                              \
	"    vnf-profile:\n    - id: fw\n      vnfd-id: renga-firewall\n"                \
	"      renga:config: {default: drop, rules: []}\n"                               \
	"      virtual-link-connectivity:\n"                                             \
	"      - virtual-link-profile-id: p-lan\n"                                       \
	"        constituent-cpd-id: [{constituent-base-element-id: fw, "                \
	"constituent-cpd-id: left}]\n"                                                   \
	"      - virtual-link-profile-id: p-wan\n"                                       \
	"        constituent-cpd-id: [{constituent-base-element-id: fw, "                \
	"constituent-cpd-id: right}]\n"                                                  \
	"    ns-instantiation-level:\n"                                                  \
	"    - {id: big, vnf-to-level-mapping: [{vnf-profile-id: fw, "                   \
	"number-of-instances: 2}]}\n"                                                    \
	"    scaling-aspect:\n    - id: capacity\n      ns-scale-level:\n"               \
	"      - {id: '0', vnf-to-level-mapping: [{vnf-profile-id: fw, "                 \
	"number-of-instances: 1}]}\n"                                                    \
	"      - {id: '1', vnf-to-level-mapping: [{vnf-profile-id: fw, "                 \
	"number-of-instances: 2}]}\n"                                                    \
	"      - {id: '2', vnf-to-level-mapping: [{vnf-profile-id: fw, "                 \
	"number-of-instances: 4}]}\n"

struct fixture {
	struct fake *fake;
	struct orch *orch;
	struct northbound *northbound;
	struct client *client;
	char url[128], token_file[64], secret[TOKEN_SECRET];
	struct client_answer answer; /* of the last call */
};

static void
read_secret(struct fixture *f)
{
	FILE *file = fopen(f->token_file, "r");
	assert_non_null(file);
	assert_non_null(fgets(f->secret, sizeof(f->secret), file));
	fclose(file);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;
	log_set_level(LOG_LEVEL_ERROR);
	f->fake = fake_create();
	const struct vnfm vnfm = fake_vnfm(f->fake);
	assert_int_equal(orch_open(":memory:", &vnfm, &f->orch, &err), 0);
	assert_true(watch_wait_connected(f->orch->watch, 5000));
	snprintf(f->token_file, sizeof(f->token_file), "/tmp/test_api.%d.token",
		(int)getpid());
	assert_int_equal(token_admin_file(f->orch, f->token_file, &err), 0);
	read_secret(f);
	const struct northbound_config config = {
		.listen = "127.0.0.1:0", .orch = f->orch};
	assert_int_equal(northbound_open(&config, &f->northbound, &err), 0);
	snprintf(f->url, sizeof(f->url), "http://%s", northbound_address(f->northbound));
	const struct client_config client = {.server = f->url, .token = f->secret};
	assert_int_equal(client_open(&client, &f->client, &err), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	client_answer_clear(&f->answer);
	client_close(f->client);
	northbound_close(f->northbound);
	while (!orch_close(f->orch)) /* a busy machine: the thread is on its way */
		usleep(1000);
	fake_destroy(f->fake);
	unlink(f->token_file);
	free(f);
	return 0;
}

static unsigned
call(struct fixture *f, const char *method, const char *path, const char *type,
	const char *body)
{
	struct err err;
	client_answer_clear(&f->answer);
	(void)client_data(f->client, method, path, type, body, body ? strlen(body) : 0,
		&f->answer, &err);
	return f->answer.status;
}

static unsigned
get(struct fixture *f, const char *path)
{
	return call(f, "GET", path, NULL, NULL);
}

static unsigned
post(struct fixture *f, const char *path, const char *json)
{
	return call(f, "POST", path, "application/json", json);
}

static const char *
text(const json_t *object, const char *member)
{
	const char *value = json_string_value(json_object_get(object, member));
	return value ? value : "";
}

static void
apply(struct fixture *f)
{
	assert_int_equal(
		call(f, "POST", "/renga/v1/chains", "application/yaml", CHAIN), 202);
	engine_drain(f->orch->engine);
}

static void
test_api_needs_a_credential_but_for_health(void **state)
{
	struct fixture *f = *state;
	struct client *nobody;
	struct client_answer answer = {0};
	struct err err;
	const struct client_config config = {.server = f->url};
	assert_int_equal(client_open(&config, &nobody, &err), 0);
	assert_int_equal(
		client_json(nobody, "GET", "/renga/v1/chains", NULL, &answer, &err),
		err_errno(ERR_UNAUTHENTICATED));
	assert_int_equal(answer.status, 401);
	client_answer_clear(&answer);
	static const char *const open_paths[] = {
		"/healthz", "/readyz", "/nslcm/api_versions"};
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
			client_json(nobody, "GET", open_paths[i], NULL, &answer, &err),
			0);
		client_answer_clear(&answer);
	}
	client_close(nobody);
}

static void
test_api_apply_answers_202_with_the_occurrence(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(
		call(f, "POST", "/renga/v1/chains", "application/yaml", CHAIN), 202);
	assert_non_null(f->answer.location);
	assert_string_equal(text(f->answer.json, "lcmOperationType"), "INSTANTIATE");
	char *location = strdup(f->answer.location);
	engine_drain(f->orch->engine);
	assert_int_equal(get(f, location), 200);
	assert_string_equal(text(f->answer.json, "operationState"), "COMPLETED");
	assert_true(json_array_size(json_object_get(f->answer.json, "stepTimings")) >= 6);
	free(location);
	assert_int_equal(
		call(f, "POST", "/renga/v1/chains", "application/yaml", CHAIN), 200);
	assert_string_equal(text(f->answer.json, "state"), "INSTANTIATED");
}

static void
test_api_task_with_dry_run_answers_200_with_its_steps(void **state)
{
	struct fixture *f = *state;
	char path[160];
	apply(f);
	assert_int_equal(get(f, "/vnflcm/v1/vnf_instances"), 200);
	snprintf(path, sizeof(path), "/vnflcm/v1/vnf_instances/%s/heal?dryRun=true",
		text(json_array_get(f->answer.json, 0), "id"));
	assert_int_equal(post(f, path, "{}"), 200);
	assert_string_equal(text(f->answer.json, "operation"), "HEAL");
	assert_int_equal(json_array_size(json_object_get(f->answer.json, "steps")), 2);
	assert_int_equal(get(f, "/vnflcm/v1/vnf_lcm_op_occs"), 200);
	assert_int_equal(json_array_size(f->answer.json), 0);
}

static void
test_api_vnf_links_name_what_is_legal_now(void **state)
{
	struct fixture *f = *state;
	char path[160], one[128];
	apply(f);
	assert_int_equal(get(f, "/vnflcm/v1/vnf_instances"), 200);
	snprintf(one, sizeof(one), "/vnflcm/v1/vnf_instances/%s",
		text(json_array_get(f->answer.json, 0), "id"));
	snprintf(path, sizeof(path), "%s/operate", one);
	assert_int_equal(get(f, one), 200);
	const json_t *links = json_object_get(f->answer.json, "_links");
	assert_non_null(json_object_get(links, "scaleToLevel"));
	assert_non_null(json_object_get(links, "heal"));
	assert_int_equal(post(f, path, "{\"changeStateTo\": \"STOPPED\"}"), 202);
	engine_drain(f->orch->engine);
	assert_int_equal(get(f, one), 200);
	links = json_object_get(f->answer.json, "_links");
	assert_null(json_object_get(links, "heal"));
	assert_non_null(json_object_get(links, "operate"));
	assert_int_equal(post(f, path, "{\"changeStateTo\": \"STOPPED\"}"), 409);
	assert_int_equal(call(f, "PUT", path, "application/json", "{}"), 405);
}

static void
test_api_chain_shows_wanted_and_actual(void **state)
{
	struct fixture *f = *state;
	apply(f);
	assert_int_equal(get(f, "/renga/v1/chains/edge"), 200);
	const json_t *vnf = json_array_get(json_object_get(f->answer.json, "vnfs"), 0);
	assert_string_equal(text(vnf, "vnf"), "fw");
	assert_string_equal(text(vnf, "state"), "ready");
	assert_string_equal(
		text(json_object_get(f->answer.json, "wanted"), "name"), "edge");
	assert_non_null(json_object_get(f->answer.json, "actual"));
	assert_int_equal(get(f, "/renga/v1/chains/nosuch"), 404);
	assert_int_equal(call(f, "DELETE", "/renga/v1/chains/edge", NULL, NULL), 202);
	engine_drain(f->orch->engine);
	assert_int_equal(get(f, "/renga/v1/chains/edge"), 404);
}

static void
test_api_bad_chain_is_422_with_every_fault_and_its_line(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(call(f, "POST", "/renga/v1/chains", "application/yaml",
				 "kind: Chain\nname: bad\nports: {in: {driver: "
				 "af_pakket}}\npath:\n"
				 "- in\n- {vnf: x, type: firewal}\n"),
		422);
	const json_t *params = json_object_get(f->answer.json, "invalidParams");
	assert_int_equal(json_array_size(params), 2);
	assert_string_equal(text(json_array_get(params, 0), "path"), "ports.in.driver");
	assert_non_null(strstr(text(json_array_get(params, 0), "hint"), "af_packet"));
	assert_string_equal(text(json_array_get(params, 1), "path"), "path[1].type");
	assert_non_null(strstr(text(json_array_get(params, 1), "reason"), "(line 6)"));
	assert_int_equal(
		call(f, "POST", "/renga/v1/chains", "application/yaml", "a: [b"), 400);
	assert_int_equal(get(f, "/renga/v1/chains"), 200);
	assert_int_equal(json_array_size(f->answer.json), 0);
}

static void
test_api_vnf_instance_tells_where_it_runs(void **state)
{
	struct fixture *f = *state;
	apply(f);
	assert_int_equal(get(f, "/vnflcm/v1/vnf_instances?all_fields"), 200);
	const json_t *vnf = json_array_get(f->answer.json, 0);
	const json_t *info = json_object_get(vnf, "instantiatedVnfInfo");
	assert_string_equal(text(vnf, "vnfInstanceName"), "edge.fw");
	assert_string_equal(text(info, "vnfState"), "STARTED");
	const json_t *vnfc = json_array_get(json_object_get(info, "vnfcResourceInfo"), 0);
	const json_t *metadata = json_object_get(vnfc, "metadata");
	assert_int_equal(json_integer_value(json_object_get(metadata, "pid")), 4711);
	assert_int_equal(json_integer_value(json_object_get(metadata, "core")), 1);
	assert_int_equal(
		get(f, "/vnflcm/v1/vnf_instances?filter=(eq,vnfInstanceName,other)"),
		200);
	assert_int_equal(json_array_size(f->answer.json), 0);
	assert_int_equal(get(f, "/vnflcm/v1/vnf_instances?filter=(eq,nosuch,1)"), 400);
}

static void
test_api_patch_of_a_configuration_is_an_occurrence(void **state)
{
	struct fixture *f = *state;
	char path[128];
	apply(f);
	get(f, "/vnflcm/v1/vnf_instances");
	snprintf(path, sizeof(path), "/vnflcm/v1/vnf_instances/%s",
		text(json_array_get(f->answer.json, 0), "id"));
	assert_int_equal(call(f, "PATCH", path, "application/merge-patch+json",
				 "{\"vnfConfigurableProperties\": {\"config\": "
				 "{\"stateful\": false}}}"),
		202);
	char *location = strdup(f->answer.location);
	engine_drain(f->orch->engine);
	assert_int_equal(get(f, location), 200);
	assert_string_equal(text(f->answer.json, "operation"), "MODIFY_INFO");
	assert_string_equal(text(f->answer.json, "operationState"), "COMPLETED");
	free(location);
	assert_int_equal(
		call(f, "PATCH", path, "application/merge-patch+json",
			"{\"vnfConfigurableProperties\": {\"config\": {\"wrong\": 1}}}"),
		422);
	assert_int_equal(get(f, path), 200);
	const json_t *config = json_object_get(
		json_object_get(f->answer.json, "vnfConfigurableProperties"), "config");
	assert_string_equal(text(config, "default"), "drop");
	assert_true(json_is_false(json_object_get(config, "stateful")));
}

/* Creates and onboards the NSD and an instance; its path in `path`. */
static void
create_ns(struct fixture *f, char *path, size_t size)
{
	char nsd[160];
	assert_int_equal(post(f, "/nsd/v1/ns_descriptors", "{}"), 201);
	snprintf(nsd, sizeof(nsd), "%s/nsd_content", f->answer.location);
	assert_int_equal(call(f, "PUT", nsd, "application/yaml", NSD), 204);
	assert_int_equal(post(f, "/nslcm/v1/ns_instances",
				 "{\"nsdId\": \"pair-1.0\", \"nsName\": \"one\","
				 " \"nsDescription\": \"\"}"),
		201);
	snprintf(path, size, "%s", f->answer.location);
}

static void
test_api_etsi_life_of_a_service(void **state)
{
	struct fixture *f = *state;
	char ns[128], task[160];
	create_ns(f, ns, sizeof(ns));
	assert_int_equal(get(f, ns), 200);
	const json_t *links = json_object_get(f->answer.json, "_links");
	assert_non_null(json_object_get(links, "instantiate"));
	assert_null(json_object_get(links, "terminate"));
	snprintf(task, sizeof(task), "%s/instantiate", ns);
	assert_int_equal(post(f, task, "{\"nsFlavourId\": \"default\"}"), 422);
	assert_non_null(strstr(f->answer.text, "SAP 'lan' has no port"));
	assert_int_equal(
		post(f, task,
			"{\"nsFlavourId\": \"default\", \"additionalParamsForNs\": "
			"{\"ports\":"
			" {\"lan\": {\"driver\": \"af_packet\", \"interface\": \"lan0\"},"
			" \"wan\": {\"driver\": \"null\"}}}, \"additionalParamsForVnf\":"
			" [{\"vnfProfileId\": \"fw\", \"additionalParams\":"
			" {\"config\": {\"default\": \"accept\"}}}]}"),
		202);
	engine_drain(f->orch->engine);
	json_t *doc = fake_doc(f->fake, VNFM_VNF, "one.fw");
	assert_string_equal(text(json_object_get(doc, "config"), "default"), "accept");
	assert_non_null(json_object_get(json_object_get(doc, "config"), "rules"));
	json_decref(doc);
	assert_int_equal(get(f, ns), 200);
	assert_string_equal(text(f->answer.json, "nsState"), "INSTANTIATED");
	assert_int_equal(call(f, "DELETE", ns, NULL, NULL), 409);
	snprintf(task, sizeof(task), "%s/terminate", ns);
	assert_int_equal(post(f, task, "{}"), 202);
	engine_drain(f->orch->engine);
	assert_int_equal(call(f, "DELETE", ns, NULL, NULL), 204);
	assert_int_equal(get(f, ns), 404);
}

/* What those who subscribed are told of it has a problem too. */
static void
assert_told_of_failure(struct fixture *f)
{
	size_t i, n = 0;
	json_t *letter;
	assert_int_equal(get(f, "/renga/v1/notifications"), 200);
	json_array_foreach (f->answer.json, i, letter) {
		const json_t *told = json_object_get(letter, "notification");
		const json_t *error = json_object_get(told, "error");
		if (strcmp(text(told, "operationState"), "FAILED_TEMP") != 0)
			continue;
		n++;
		assert_int_equal(
			json_integer_value(json_object_get(error, "status")), 409);
		assert_non_null(text(error, "detail"));
		assert_string_equal(text(error, "step"), "put port");
	}
	assert_int_equal(n, 1);
}

static void
test_api_failed_instantiation_waits_for_a_decision(void **state)
{
	struct fixture *f = *state;
	const struct db_subscription to = {.id = "s",
		.api = "nslcm",
		.callback = "http://127.0.0.1:9/",
		.created = ""};
	char ns[128], task[200];
	create_ns(f, ns, sizeof(ns));
	assert_int_equal(db_subscription_insert(f->orch->db, &to, NULL), 0);
	fake_fail_put(f->fake, VNFM_PORT, "lan", 1);
	snprintf(task, sizeof(task), "%s/instantiate", ns);
	static const char request[] =
		"{\"nsFlavourId\": \"default\", \"additionalParamsForNs\": {\"ports\": "
		"{\"lan\":"
		" {\"driver\": \"null\"}, \"wan\": {\"driver\": \"null\"}}}}";
	assert_int_equal(post(f, task, request), 202);
	char *op = strdup(f->answer.location);
	engine_drain(f->orch->engine);
	assert_int_equal(get(f, op), 200);
	assert_string_equal(text(f->answer.json, "operationState"), "FAILED_TEMP");
	const json_t *error = json_object_get(f->answer.json, "error");
	assert_string_equal(text(error, "step"), "put port");
	assert_int_equal(json_integer_value(json_object_get(error, "status")), 409);
	assert_told_of_failure(f);
	assert_int_equal(get(f, op), 200);
	assert_non_null(
		json_object_get(json_object_get(f->answer.json, "_links"), "retry"));
	assert_null(json_object_get(json_object_get(f->answer.json, "_links"), "cancel"));
	assert_int_equal(post(f, task, request), 409);
	snprintf(task, sizeof(task), "%s/retry", op);
	assert_int_equal(post(f, task, ""), 202);
	engine_drain(f->orch->engine);
	assert_int_equal(get(f, op), 200);
	assert_string_equal(text(f->answer.json, "operationState"), "COMPLETED");
	assert_int_equal(post(f, task, ""), 409);
	free(op);
}

static void
test_api_descriptor_in_use_or_enabled_cannot_be_deleted(void **state)
{
	struct fixture *f = *state;
	char ns[128], nsd[160];
	create_ns(f, ns, sizeof(ns));
	assert_int_equal(get(f, "/nsd/v1/ns_descriptors"), 200);
	const json_t *info = json_array_get(f->answer.json, 0);
	assert_string_equal(text(info, "nsdUsageState"), "IN_USE");
	snprintf(nsd, sizeof(nsd), "/nsd/v1/ns_descriptors/%s", text(info, "id"));
	assert_int_equal(call(f, "DELETE", nsd, NULL, NULL), 409);
	assert_int_equal(call(f, "DELETE", ns, NULL, NULL), 204);
	assert_int_equal(call(f, "DELETE", nsd, NULL, NULL), 409);
	assert_int_equal(call(f, "PATCH", nsd, "application/merge-patch+json",
				 "{\"nsdOperationalState\": \"DISABLED\"}"),
		200);
	assert_int_equal(call(f, "PATCH", nsd, "application/merge-patch+json",
				 "{\"nsdOperationalState\": \"DISABLED\"}"),
		409);
	assert_int_equal(call(f, "DELETE", nsd, NULL, NULL), 204);
}

/* An operation of the service, and its state when it has ended. */
static const char *
ns_task(struct fixture *f, const char *ns, const char *task, const char *body)
{
	char path[160];
	snprintf(path, sizeof(path), "%s/%s", ns, task);
	if (post(f, path, body) != 202)
		return "refused";
	snprintf(path, sizeof(path), "%s", f->answer.location);
	engine_drain(f->orch->engine);
	get(f, path);
	return text(f->answer.json, "operationState");
}

/* Level of the only aspect of the service; -1: at none. */
static int
level_of(struct fixture *f, const char *ns)
{
	assert_int_equal(get(f, ns), 200);
	const json_t *status =
		json_array_get(json_object_get(f->answer.json, "nsScaleStatus"), 0);
	return status ? atoi(text(status, "nsScaleLevelId")) : -1;
}

static void
instantiate_big(struct fixture *f, char *ns, size_t size)
{
	create_ns(f, ns, size);
	assert_string_equal(
		ns_task(f, ns, "instantiate",
			"{\"nsFlavourId\": \"default\", \"nsInstantiationLevelId\": "
			"\"big\", \"additionalParamsForNs\": {\"ports\": {\"lan\": "
			"{\"driver\": \"null\"}, \"wan\": {\"driver\": \"null\"}}}}"),
		"COMPLETED");
}

#define BY_STEPS(direction, n)                                                           \
	"{\"scaleType\": \"SCALE_NS\", \"scaleNsData\": {\"scaleNsByStepsData\": "       \
	"{\"scalingDirection\": \"" direction                                            \
	"\", \"aspectId\": \"capacity\", \"numberOfSteps\": " n "}}}"

#define TO_LEVEL(level_)                                                                  \
	"{\"scaleType\": \"SCALE_NS\", \"scaleNsData\": {\"scaleNsToLevelData\": {"       \
	"\"nsScaleInfo\": [{\"nsScalingAspectId\": \"size\", \"nsScaleLevelId\": " level_ \
	"}]}}}"

static void
test_api_ns_is_scaled_by_the_aspects_and_levels_of_its_descriptor(void **state)
{
	struct fixture *f = *state;
	char ns[128], one[256];
	instantiate_big(f, ns, sizeof(ns));
	assert_int_equal(level_of(f, ns), 1);
	assert_string_equal(
		ns_task(f, ns, "scale", BY_STEPS("SCALE_OUT", "1")), "COMPLETED");
	assert_int_equal(level_of(f, ns), 2);
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 4);
	assert_string_equal(
		ns_task(f, ns, "scale", BY_STEPS("SCALE_OUT", "1")), "refused");
	assert_int_equal(f->answer.status, 422);
	static const char *const bad[] = {BY_STEPS("SCALE_IN", "0"),
		BY_STEPS("SCALE_IN", "-1"), BY_STEPS("SCALE_IN", "4294967297"),
		BY_STEPS("SCALE_IN", "\"x\""), TO_LEVEL("\"x\""), TO_LEVEL("4294967297"),
		"[]"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_string_equal(ns_task(f, ns, "scale", bad[i]), "refused");
		assert_int_equal(f->answer.status, 422);
	}
	assert_string_equal(
		ns_task(f, ns, "scale", BY_STEPS("SCALE_IN", "2")), "COMPLETED");
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 1);
	assert_string_equal(
		ns_task(f, ns, "scale",
			"{\"scaleType\": \"SCALE_NS\", \"scaleNsData\": "
			"{\"scaleNsToLevelData\": {\"nsInstantiationLevel\": \"big\"}}}"),
		"COMPLETED");
	assert_int_equal(level_of(f, ns), 1);
	get(f, "/vnflcm/v1/vnf_instances");
	snprintf(one, sizeof(one),
		"{\"scaleType\": \"SCALE_VNF\", \"scaleVnfData\": [{\"vnfInstanceId\": "
		"\"%s\", \"scaleVnfType\": \"SCALE_OUT\"}]}",
		text(json_array_get(f->answer.json, 0), "id"));
	assert_string_equal(ns_task(f, ns, "scale", one), "COMPLETED");
	assert_string_equal(ns_task(f, ns, "scale",
				    "{\"scaleType\": \"SCALE_NS\", \"scaleNsData\": "
				    "{\"vnfInstanceToBeAdded\": []}}"),
		"refused");
	assert_non_null(strstr(f->answer.text, "ADD_VNF"));
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 3);
	assert_int_equal(level_of(f, ns), -1);
	assert_string_equal(
		ns_task(f, ns, "scale", BY_STEPS("SCALE_OUT", "1")), "refused");
	assert_int_equal(f->answer.status, 409);
	assert_string_equal(ns_task(f, ns, "scale", "{}"), "refused");
}

/* One that is asked for ahead of its time is an occurrence with a link to cancel it. */
static void
cancel_of_later(struct fixture *f, const char *ns)
{
	char op[160], path[200];
	snprintf(path, sizeof(path), "%s/terminate", ns);
	assert_int_equal(
		post(f, path, "{\"terminationTime\": \"2999-01-01T00:00:00+01:00\"}"),
		202);
	snprintf(op, sizeof(op), "%s", f->answer.location);
	assert_int_equal(get(f, op), 200);
	assert_string_equal(text(f->answer.json, "operationState"), "STARTING");
	assert_string_equal(
		text(f->answer.json, "startTime"), "2998-12-31T23:00:00.000Z");
	assert_non_null(
		json_object_get(json_object_get(f->answer.json, "_links"), "cancel"));
	assert_int_equal(get(f, "/nslcm/v1/ns_lcm_op_occs?filter=(eq,operationState,"
				"STARTING)"),
		200);
	assert_int_equal(json_array_size(f->answer.json), 1);
	snprintf(path, sizeof(path), "%s/cancel", op);
	assert_int_equal(post(f, path, "{\"cancelMode\": \"GRACEFUL\"}"), 202);
	assert_int_equal(get(f, op), 200);
	assert_string_equal(text(f->answer.json, "operationState"), "ROLLED_BACK");
	assert_int_equal(post(f, path, "{\"cancelMode\": \"GRACEFUL\"}"), 409);
}

static void
test_api_ns_ends_gracefully_when_its_sessions_have(void **state)
{
	struct fixture *f = *state;
	char ns[128], path[160];
	instantiate_big(f, ns, sizeof(ns));
	static const char graceful[] = "{\"terminationType\": \"GRACEFUL\", "
				       "\"gracefulTerminationTimeout\": 1}";
	snprintf(path, sizeof(path), "%s/terminate?dryRun=true", ns);
	assert_int_equal(post(f, path, graceful), 200);
	const json_t *steps = json_object_get(f->answer.json, "steps");
	assert_int_equal(json_array_size(steps), 2);
	assert_string_equal(text(json_array_get(steps, 0), "action"), "drain");
	assert_string_equal(
		ns_task(f, ns, "terminate", "{\"terminationType\": \"SOMEHOW\"}"),
		"refused");
	assert_int_equal(f->answer.status, 422);
	assert_string_equal(
		ns_task(f, ns, "terminate", "{\"terminationTime\": \"tomorrow\"}"),
		"refused");
	assert_int_equal(f->answer.status, 422);
	cancel_of_later(f, ns);
	const unsigned asked = fake_sessions_asked(f->fake);
	fake_set_sessions(f->fake, 3);
	assert_string_equal(ns_task(f, ns, "terminate", graceful), "COMPLETED");
	assert_true(fake_sessions_asked(f->fake) >= asked + 3);
	assert_int_equal(fake_count(f->fake, VNFM_SERVICE), 0);
}

static void
test_api_capacity_is_told_of_the_host(void **state)
{
	struct fixture *f = *state;
	apply(f);
	assert_int_equal(get(f, "/nfvici/v1/nfvi_capacity_infos"), 200);
	const json_t *info = json_array_get(f->answer.json, 0);
	assert_string_equal(text(info, "vimId"), "local");
	assert_int_equal(
		json_array_size(json_object_get(info, "capacityMeasurements")), 4);
	assert_int_equal(get(f, "/nfvici/v1/nfvi_capacity_infos/local"), 200);
	assert_int_equal(get(f, "/nfvici/v1/nfvi_capacity_infos/nowhere"), 404);
	assert_int_equal(get(f, "/nfvici/v1/api_versions"), 200);
	fake_set_down(f->fake, true);
	assert_int_equal(get(f, "/nfvici/v1/nfvi_capacity_infos"), 503);
	fake_set_down(f->fake, false);
}

static void
test_api_ns_update_operates_on_a_vnf_of_it(void **state)
{
	struct fixture *f = *state;
	char ns[128], id[64], body[320];
	instantiate_big(f, ns, sizeof(ns));
	get(f, "/vnflcm/v1/vnf_instances");
	snprintf(id, sizeof(id), "%s", text(json_array_get(f->answer.json, 0), "id"));
	snprintf(body, sizeof(body),
		"{\"updateType\": \"OPERATE_VNF\", \"operateVnfData\": "
		"[{\"vnfInstanceId\": \"%s\", \"changeStateTo\": \"STOPPED\"}]}",
		id);
	assert_string_equal(ns_task(f, ns, "update", body), "COMPLETED");
	assert_string_equal(text(f->answer.json, "lcmOperationType"), "UPDATE");
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 0);
	assert_string_equal(ns_task(f, ns, "update", body), "refused");
	assert_int_equal(f->answer.status, 409);
	snprintf(body, sizeof(body),
		"{\"updateType\": \"OPERATE_VNF\", \"operateVnfData\": "
		"[{\"vnfInstanceId\": \"%s\", \"changeStateTo\": \"STARTED\"}]}",
		id);
	assert_string_equal(ns_task(f, ns, "update", body), "COMPLETED");
	snprintf(body, sizeof(body),
		"{\"updateType\": \"MODIFY_VNF_INFORMATION\", \"modifyVnfInfoData\": "
		"[{\"vnfInstanceId\": \"%s\", \"vnfConfigurableProperties\": "
		"{\"config\": {\"default\": \"accept\"}}}]}",
		id);
	assert_string_equal(ns_task(f, ns, "update", body), "COMPLETED");
	assert_string_equal(
		ns_task(f, ns, "update", "{\"updateType\": \"ADD_SAP\"}"), "refused");
	assert_int_equal(f->answer.status, 422);
}

static bool
has_link(struct fixture *f, const char *path, const char *name)
{
	assert_int_equal(get(f, path), 200);
	return json_object_get(json_object_get(f->answer.json, "_links"), name) != NULL;
}

/* As a client of SOL003 alone does it. */
static void
test_api_vnf_by_itself_lives_by_its_links(void **state)
{
	struct fixture *f = *state;
	char vnf[128];
	assert_int_equal(post(f, "/vnflcm/v1/vnf_instances",
				 "{\"vnfdId\": \"renga-firewall\", "
				 "\"vnfInstanceDescription\": \"a guard\"}"),
		201);
	snprintf(vnf, sizeof(vnf), "%s", f->answer.location);
	assert_string_equal(
		text(f->answer.json, "instantiationState"), "NOT_INSTANTIATED");
	assert_string_equal(text(f->answer.json, "vnfInstanceDescription"), "a guard");
	assert_true(has_link(f, vnf, "instantiate"));
	assert_false(has_link(f, vnf, "terminate"));
	assert_string_equal(ns_task(f, vnf, "instantiate", "{}"), "refused");
	assert_int_equal(f->answer.status, 422);
	assert_string_equal(
		ns_task(f, vnf, "instantiate",
			"{\"flavourId\": \"default\", \"extVirtualLinks\": [{\"id\": "
			"\"x\", \"resourceId\": \"lan0\", \"extCps\": [{\"cpdId\": "
			"\"left\"}]}], \"additionalParams\": {\"ports\": {\"left\": "
			"{\"driver\": \"null\"}, \"right\": {\"driver\": \"null\"}}}}"),
		"COMPLETED");
	assert_string_equal(text(f->answer.json, "operation"), "INSTANTIATE");
	assert_true(has_link(f, vnf, "terminate"));
	assert_true(has_link(f, vnf, "changeExtConn"));
	assert_true(has_link(f, vnf, "changeFlavour"));
	assert_false(has_link(f, vnf, "instantiate"));
	assert_int_equal(get(f, "/nslcm/v1/ns_instances"), 200);
	assert_int_equal(json_array_size(f->answer.json), 0);
	assert_int_equal(call(f, "DELETE", vnf, NULL, NULL), 409);
	assert_string_equal(
		ns_task(f, vnf, "change_flavour", "{\"newFlavourId\": \"x\"}"),
		"refused");
	assert_int_equal(f->answer.status, 422);
	assert_string_equal(
		ns_task(f, vnf, "terminate", "{\"terminationType\": \"FORCEFUL\"}"),
		"COMPLETED");
	assert_int_equal(call(f, "DELETE", vnf, NULL, NULL), 204);
	assert_int_equal(get(f, vnf), 404);
}

static void
test_api_statistics_have_the_contracts_shape(void **state)
{
	struct fixture *f = *state;
	char path[128];
	apply(f);
	get(f, "/renga/v1/chains/edge");
	snprintf(path, sizeof(path), "/renga/v1/stats/ns/%s",
		text(f->answer.json, "nsInstanceId"));
	char *vnf =
		strdup(text(json_array_get(json_object_get(f->answer.json, "vnfs"), 0),
			"vnfInstanceId"));
	assert_int_equal(get(f, path), 200);
	const json_t *buffers = json_object_get(f->answer.json, "buffers");
	assert_int_equal(json_integer_value(json_object_get(buffers, "pool")), 1000);
	snprintf(path, sizeof(path), "/renga/v1/stats/vnf/%s", vnf);
	assert_int_equal(get(f, path), 200);
	const json_t *left =
		json_object_get(json_object_get(f->answer.json, "cps"), "left");
	assert_int_equal(json_integer_value(json_object_get(left, "rxPackets")), 7);
	free(vnf);
	assert_int_equal(get(f, "/metrics"), 200);
	assert_non_null(
		strstr(f->answer.text, "renga_vnf_packets_total{ns=\"edge\",vnf=\"edge."
				       "fw\",type=\"firewall\",cp=\"left\","
				       "direction=\"rx\"} 7\n"));
	assert_non_null(strstr(f->answer.text, "renga_http_requests_total{"));
	assert_non_null(
		strstr(f->answer.text, "renga_operations_total{type=\"INSTANTIATE\""));
}

static void
test_api_roles_are_held_to(void **state)
{
	struct fixture *f = *state;
	struct client *viewer;
	struct client_answer answer = {0};
	struct err err;
	assert_int_equal(
		post(f, "/renga/v1/tokens", "{\"name\": \"eve\", \"role\": \"viewer\"}"),
		201);
	const struct client_config config = {
		.server = f->url, .token = text(f->answer.json, "token")};
	assert_int_equal(client_open(&config, &viewer, &err), 0);
	assert_int_equal(
		client_json(viewer, "GET", "/renga/v1/chains", NULL, &answer, &err), 0);
	client_answer_clear(&answer);
	assert_int_equal(
		client_json(viewer, "DELETE", "/renga/v1/chains/x", NULL, &answer, &err),
		err_errno(ERR_FORBIDDEN));
	client_answer_clear(&answer);
	assert_int_equal(call(f, "DELETE", "/renga/v1/tokens/eve", NULL, NULL), 204);
	assert_int_equal(
		client_json(viewer, "GET", "/renga/v1/chains", NULL, &answer, &err),
		err_errno(ERR_UNAUTHENTICATED));
	client_answer_clear(&answer);
	client_close(viewer);
}

static void
test_api_serves_without_a_vnfm(void **state)
{
	struct fixture *f = *state;
	apply(f);
	fake_set_down(f->fake, true);
	assert_int_equal(get(f, "/healthz"), 200);
	assert_int_equal(get(f, "/readyz"), 503);
	assert_int_equal(get(f, "/renga/v1/chains"), 200);
	const json_t *chain = json_array_get(f->answer.json, 0);
	assert_string_equal(
		text(json_array_get(json_object_get(chain, "vnfs"), 0), "state"),
		"unknown");
	assert_int_equal(
		call(f, "POST", "/renga/v1/chains", "application/yaml", CHAIN), 503);
	assert_int_equal(get(f, "/renga/v1/vnf_types/firewall"), 200);
	assert_int_equal(get(f, "/renga/v1/hosts"), 200);
	assert_string_equal(
		text(json_array_get(f->answer.json, 0), "state"), "unreachable");
	assert_int_equal(get(f, "/renga/v1/doctor"), 200);
	assert_true(json_is_false(json_object_get(f->answer.json, "ok")));
}

static void
test_api_known_paths_answer_405_unknown_ones_404(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(call(f, "PUT", "/renga/v1/chains", NULL, NULL), 405);
	assert_int_equal(call(f, "DELETE", "/nslcm/v1/ns_instances", NULL, NULL), 405);
	assert_int_equal(get(f, "/renga/v1/nothing"), 404);
	assert_int_equal(get(f, "/openapi.json"), 200);
	assert_non_null(json_object_get(
		json_object_get(f->answer.json, "paths"), "/renga/v1/chains/{name}"));
	const json_t *scale = json_object_get(json_object_get(f->answer.json, "paths"),
		"/vnflcm/v1/vnf_instances/{vnfInstanceId}/scale");
	assert_non_null(
		strstr(text(json_object_get(scale, "post"), "summary"), "dryRun"));
}

static void
test_api_packages_and_types_are_on_board_from_the_start(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(get(f, "/vnfpkgm/v1/vnf_packages/renga-firewall"), 200);
	assert_string_equal(text(f->answer.json, "usageState"), "NOT_IN_USE");
	assert_int_equal(get(f, "/vnfpkgm/v1/vnf_packages/renga-firewall/vnfd"), 200);
	assert_non_null(strstr(f->answer.text, "renga-firewall"));
	assert_non_null(strstr(f->answer.text, "id: firewall-dedicated"));
	assert_int_equal(get(f, "/renga/v1/vnf_types"), 200);
	assert_int_equal(json_array_size(f->answer.json), 2);
	assert_int_equal(get(f, "/renga/v1/vnf_types/firewal"), 404);
	assert_non_null(strstr(text(f->answer.json, "hint"), "firewall"));
	assert_int_equal(get(f, "/renga/v1/events"), 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_api_needs_a_credential_but_for_health),
		TEST(test_api_apply_answers_202_with_the_occurrence),
		TEST(test_api_task_with_dry_run_answers_200_with_its_steps),
		TEST(test_api_vnf_links_name_what_is_legal_now),
		TEST(test_api_chain_shows_wanted_and_actual),
		TEST(test_api_bad_chain_is_422_with_every_fault_and_its_line),
		TEST(test_api_vnf_instance_tells_where_it_runs),
		TEST(test_api_patch_of_a_configuration_is_an_occurrence),
		TEST(test_api_etsi_life_of_a_service),
		TEST(test_api_failed_instantiation_waits_for_a_decision),
		TEST(test_api_descriptor_in_use_or_enabled_cannot_be_deleted),
		TEST(test_api_ns_is_scaled_by_the_aspects_and_levels_of_its_descriptor),
		TEST(test_api_ns_ends_gracefully_when_its_sessions_have),
		TEST(test_api_capacity_is_told_of_the_host),
		TEST(test_api_ns_update_operates_on_a_vnf_of_it),
		TEST(test_api_vnf_by_itself_lives_by_its_links),
		TEST(test_api_statistics_have_the_contracts_shape),
		TEST(test_api_roles_are_held_to),
		TEST(test_api_serves_without_a_vnfm),
		TEST(test_api_known_paths_answer_405_unknown_ones_404),
		TEST(test_api_packages_and_types_are_on_board_from_the_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
