/* test_model.c: random sequences of operations, of which any step may fail, beside a
 * model that is too simple to be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "db/occurrences.h"
#include "orchestrator/deploy.h"
#include "orchestrator/ns_scale.h"
#include "orchestrator/ns_update.h"
#include "orchestrator/vnf.h"
#include "orchestrator/vnf_change.h"
#include "orchestrator/vnf_heal.h"
#include "orchestrator/vnf_operate.h"
#include "orchestrator/vnf_scale.h"
#include "tests/lib/random.h"
#include "tests/orch/edge.h"
#include "tests/orch/edge_nsd.h"
#include "tests/orch/stage.h"

#define LATER(type_)                                                                     \
	"{\"scaleType\": \"SCALE_VNF\", \"scaleVnfData\": [{\"vnfInstanceId\": \"$\", "  \
	"\"scaleVnfType\": \"" type_ "\"}], \"scaleTime\": \"2999-01-01T00:00:00Z\"}"

#define SEQUENCES  12
#define OPERATIONS 40
#define STEPS	   8 /* which of them fails */

/* What the chain, or the service of a descriptor, is: lan, a (one or more replicas, or
 * stopped), maybe c, b, wan. */
struct simple {
	bool exists, longer, stopped, drop, of_nsd;
	unsigned replicas;
};

/* A service of a descriptor changes its version instead of being applied, and instead of
 * being deleted it gets or loses c. */
enum {
	APPLY_TWO,
	APPLY_THREE,
	DELETE,
	MODIFY,
	OUT,
	IN,
	STOP,
	START,
	HEAL,
	UPGRADE,
	KINDS
};

static const char *
foresee_update(struct simple *m, unsigned kind)
{
	if (kind == DELETE && m->stopped)
		return "state";
	m->longer = kind == DELETE ? !m->longer : kind == APPLY_THREE;
	m->stopped = false;
	return "COMPLETED";
}

/* What the operation would make of it, and the answer if no step fails. */
static const char *
foresee(struct simple *m, unsigned kind)
{
	const struct simple was = *m;
	if (m->of_nsd && kind <= DELETE)
		return foresee_update(m, kind);
	if (kind == APPLY_TWO || kind == APPLY_THREE) {
		*m = (struct simple){
			.exists = true, .longer = kind == APPLY_THREE, .replicas = 1};
		return memcmp(m, &was, sizeof(was)) == 0 ? "nothing" : "COMPLETED";
	}
	if (!m->exists)
		return "not-found";
	if (kind == DELETE)
		*m = (struct simple){0};
	else if (kind == START && !m->stopped)
		return "state";
	else if (kind == START)
		m->stopped = false;
	else if (m->stopped)
		return "state";
	else if (kind == STOP)
		m->stopped = true;
	else if (kind == MODIFY)
		m->drop = true;
	else if ((kind == OUT && m->replicas == 8) || (kind == IN && m->replicas == 1))
		return "invalid";
	else if (kind == OUT || kind == IN)
		m->replicas += kind == OUT ? 1 : -1;
	return "COMPLETED";
}

static const char *
update(struct stage *stage, unsigned kind, bool longer)
{
	static const char *const versions[] = {[APPLY_TWO] = ASSOC("edge-1", "true"),
		[APPLY_THREE] = ASSOC("edge-2", "true")};
	if (kind != DELETE)
		return stage_task(stage, ns_update, "edge", versions[kind]);
	return stage_task(stage, ns_update, "edge",
		stage_request(stage, longer ? REMOVE_VNF : ADD_C, "edge.c"));
}

/* Asked for ahead of its time, which then comes. */
static const char *
scale_later(struct stage *stage, bool out)
{
	int64_t due = 0;
	struct err err;
	const char *got = stage_task(stage, ns_scale, "edge",
		stage_request(
			stage, out ? LATER("SCALE_OUT") : LATER("SCALE_IN"), "edge.a"));
	if (strcmp(got, "STARTING") != 0)
		return got;
	stage_come(stage, stage->occurrence, 1);
	for (int i = 0; i < 5000 && due != INT64_MAX; i++) {
		assert_int_equal(db_occurrence_next_due(stage->orch->db, &due, &err), 0);
		usleep(1000);
	}
	assert_true(due == INT64_MAX);
	for (int i = 0; i < 5000 && strcmp(stage_state(stage), "PROCESSING") == 0; i++)
		usleep(1000); /* it is accepted, and about to be given to the engine */
	return stage_state(stage);
}

static const char *
operate(struct stage *stage, const struct simple *m, unsigned kind)
{
	static const struct {
		stage_task_fn *fn;
		const char *request;
	} tasks[KINDS] = {
		[MODIFY] = {vnf_modify, "{\"vnfConfigurableProperties\": {\"config\": "
					"{\"default\": \"drop\"}}}"},
		[OUT] = {vnf_scale, "{\"type\": \"SCALE_OUT\"}"},
		[IN] = {vnf_scale, "{\"type\": \"SCALE_IN\"}"},
		[STOP] = {vnf_operate, "{\"changeStateTo\": \"STOPPED\"}"},
		[START] = {vnf_operate, "{\"changeStateTo\": \"STARTED\"}"},
		[HEAL] = {vnf_heal, "{}"},
		[UPGRADE] = {vnf_change_package, "{\"vnfdId\": \"renga-firewall\"}"},
	};
	if (m->of_nsd && kind <= DELETE)
		return update(stage, kind, m->longer);
	if (m->of_nsd && (kind == OUT || kind == IN))
		return scale_later(stage, kind == OUT);
	if (kind == APPLY_TWO || kind == APPLY_THREE)
		return stage_apply(stage, kind == APPLY_TWO ? TWO : THREE);
	if (kind == DELETE)
		return stage_delete(stage, "edge");
	return stage_task(stage, tasks[kind].fn, "edge.a", tasks[kind].request);
}

static void
compare(struct stage *stage, const struct simple *m)
{
	json_t *objects, *host = fake_objects(stage->fake), *object;
	struct err err;
	size_t i;
	const size_t a = m->exists && !m->stopped ? m->replicas : 0;
	assert_int_equal(fake_count(stage->fake, VNFM_SERVICE), m->exists);
	assert_int_equal(
		fake_count(stage->fake, VNFM_VNF), m->exists ? a + 1 + m->longer : 0);
	assert_int_equal(fake_count(stage->fake, VNFM_LINK),
		m->exists ? 2 * a + 1 + m->longer : 0);
	json_t *doc = fake_doc(stage->fake, VNFM_VNF, "edge.a");
	if (a)
		assert_int_equal(
			json_object_size(json_object_get(doc, "config")), m->drop);
	json_decref(doc);
	assert_int_equal(deploy_wanted(stage->orch->db, NULL, &objects, &err), 0);
	assert_int_equal(json_array_size(objects), json_object_size(host));
	json_array_foreach (objects, i, object) {
		char key[160];
		snprintf(key, sizeof(key), "%s:%s",
			json_string_value(json_object_get(object, "kind")),
			json_string_value(json_object_get(object, "object")));
		assert_true(json_equal(
			json_object_get(host, key), json_object_get(object, "doc")));
	}
	json_decref(objects);
	json_decref(host);
}

static void
instantiate(struct stage *stage, struct simple *m)
{
	stage_onboard(stage, NSD_TWO_OF("edge-1", "edge", "lan0", "{}"));
	stage_onboard(stage, NSD_THREE_OF("{}"));
	stage_instantiate(stage, "edge-1");
	*m = (struct simple){.exists = true, .replicas = 1, .of_nsd = true};
}

/* Returns how many operations were rolled back. */
static unsigned
play(uint64_t seed, bool of_nsd)
{
	unsigned undone = 0;
	uint64_t random = seed;
	struct stage stage = {0};
	struct simple model = {0};
	stage_open(&stage);
	if (of_nsd)
		instantiate(&stage, &model);
	for (unsigned i = 0; i < OPERATIONS; i++) {
		const unsigned kind = random_from(&random) % KINDS;
		const unsigned nth = random_from(&random) % (2 * STEPS);
		struct simple then = model;
		const char *expected = foresee(&then, kind);
		fake_fail_nth(stage.fake, nth < STEPS ? nth : 0);
		const char *got = operate(&stage, &model, kind);
		const bool failed = fake_fail_nth(stage.fake, 0) && nth && nth < STEPS;
		if (failed && kind == HEAL) {
			assert_string_equal(got, "FAILED_TEMP");
			got = stage_tell(&stage, "vnf", EVENT_RETRY);
		} else if (failed) {
			expected = "ROLLED_BACK";
			undone++;
			then = model;
		}
		assert_string_equal(got, expected);
		if (strcmp(got, "COMPLETED") == 0)
			model = then;
		compare(&stage, &model);
	}
	stage_close(&stage);
	return undone;
}

static void
test_model_agrees_with_random_operations_of_which_any_step_fails(void **state)
{
	unsigned undone = 0;
	(void)state;
	for (uint64_t seed = 1; seed <= SEQUENCES; seed++)
		undone += play(seed, seed % 3 == 0);
	assert_true(undone > SEQUENCES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_model_agrees_with_random_operations_of_which_any_step_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
