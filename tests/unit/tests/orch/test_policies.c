/* test_policies.c: policies carried out on a fake VNF manager: VNFs are scaled by what is
 * measured and healed when they fail, beside users, and after restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "db/alarms.h"
#include "db/events.h"
#include "db/policies.h"
#include "orchestrator/chains.h"
#include "orchestrator/engine.h"
#include "orchestrator/ns.h"
#include "orchestrator/ns_update.h"
#include "orchestrator/vnf.h"
#include "orchestrator/vnf_heal.h"
#include "orchestrator/vnf_scale.h"
#include "tests/orch/edge.h"
#include "tests/orch/edge_nsd.h"
#include "tests/orch/stage.h"

#define WITH(policies)                                                                   \
	EDGE "path: [lan, {vnf: a, type: firewall, " policies                            \
	     "}, {vnf: b, type: passthrough}, wan]\n"
#define SCALE(more) WITH("scale: {metric: sessions, out: 80, in: 30, for: 0s, " more "}")
#define HEAL	    WITH("heal: {after: 0s, attempts: 2, back-off: 1}")

static int
setup(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	setenv("RENGA_POLICY_MS", "10", 1);
	stage_open(stage);
	fake_set_sessions(stage->fake, 50);
	*state = stage;
	return 0;
}

/* A member of what is told of a policy of edge.a: "now"; "" if it is not there. */
static const char *
told(struct stage *stage, const char *policy, const char *member)
{
	static char text[512];
	struct err err;
	json_t *chain;
	assert_int_equal(chains_get(stage->orch, "edge", &chain, &err), 0);
	const json_t *of = json_object_get(
		json_array_get(json_object_get(chain, "policies"), 0), policy);
	const json_t *value = json_object_get(of, member);
	if (json_is_string(value))
		snprintf(text, sizeof(text), "%s", json_string_value(value));
	else if (value)
		snprintf(
			text, sizeof(text), "%lld", (long long)json_integer_value(value));
	else
		text[0] = '\0';
	json_decref(chain);
	return text;
}

/* Waits until it says so. */
static void
until(struct stage *stage, const char *policy, const char *member, const char *word)
{
	for (int i = 0; i < 2000; i++) {
		if (strstr(told(stage, policy, member), word))
			return;
		usleep(5000);
	}
	fail_msg("'%s' is not in %s: '%s'", word, member, told(stage, policy, member));
}

static int
replicas(struct stage *stage)
{
	int64_t n = -1;
	struct err err;
	engine_drain(stage->orch->engine);
	assert_int_equal(
		db_policy_replicas(stage->orch->db, stage_id(stage, "edge.a"), &n, &err),
		0);
	return (int)n;
}

static void
until_replicas(struct stage *stage, int n)
{
	for (int i = 0; i < 2000 && replicas(stage) != n; i++)
		usleep(5000);
	assert_int_equal(replicas(stage), n);
}

/* Events of a type; *last: the detail of the newest, new reference. */
static size_t
events(struct stage *stage, const char *type, json_t **last)
{
	struct db_event *rows;
	struct err err;
	size_t n, found = 0;
	assert_int_equal(db_event_list(stage->orch->db, 0, 10000, &rows, &n, &err), 0);
	if (last)
		*last = NULL;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].type, type) != 0)
			continue;
		found++;
		if (last) {
			json_decref(*last);
			*last = json_incref(rows[i].detail);
		}
	}
	db_events_free(rows, n);
	return found;
}

static void
test_scale_policy_goes_out_to_its_most_and_back(void **state)
{
	struct stage *stage = *state;
	struct db_occurrence row = {0};
	struct err err;
	json_t *detail;
	assert_string_equal(
		stage_apply(stage, SCALE("cooldown: 0s, max: 3")), "COMPLETED");
	until(stage, "scale", "now", "50 sessions a replica, between 30 and 80");
	fake_set_sessions(stage->fake, 100);
	until_replicas(stage, 3);
	until(stage, "scale", "now", "has 3 replicas, the most");
	assert_int_equal(events(stage, "auto-scale", &detail), 2);
	assert_string_equal(json_string_value(json_object_get(detail, "reason")),
		"100 sessions a replica, which is 80 or more, for 0.0 s");
	assert_int_equal(json_integer_value(json_object_get(detail, "to")), 3);
	assert_int_equal(db_occurrence_get(stage->orch->db,
				 json_string_value(json_object_get(detail, "occurrence")),
				 &row, &err),
		0);
	assert_true(row.automatic);
	assert_string_equal(row.operation, "SCALE");
	assert_string_equal(row.state, "COMPLETED");
	db_occurrence_clear(&row);
	json_decref(detail);
	fake_set_sessions(stage->fake, 1);
	until_replicas(stage, 1);
	until(stage, "scale", "now", "has 1 replica, the fewest");
	assert_int_equal(
		vnf_get(stage->orch, stage_id(stage, "edge.a"), &detail, &err), 0);
	const json_t *policy =
		json_object_get(json_object_get(detail, "policies"), "scale");
	assert_string_equal(
		json_string_value(json_object_get(policy, "metric")), "sessions");
	const json_t *last = json_object_get(policy, "last");
	assert_true(json_is_true(json_object_get(last, "automatic")));
	assert_string_equal(json_string_value(json_object_get(last, "reason")),
		"1 sessions a replica, which is 30 or less, for 0.0 s");
	json_decref(detail);
}

static void
test_scale_policy_cools_down_over_a_restart(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, SCALE("cooldown: 1h"));
	fake_set_sessions(stage->fake, 100);
	until_replicas(stage, 2);
	until(stage, "scale", "now", "but it cools down for 3");
	stage_restart(stage);
	until(stage, "scale", "now", "but it cools down for 3");
	assert_int_equal(replicas(stage), 2);
	assert_int_equal(events(stage, "auto-scale", NULL), 1);
}

static void
test_scale_policy_leaves_what_a_user_scaled_until_it_has_cooled_down(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, SCALE("cooldown: 1h"));
	fake_set_sessions(stage->fake, 1);
	until(stage, "scale", "now", "the fewest");
	assert_string_equal(
		stage_task(stage, vnf_scale, "edge.a", "{\"type\": \"SCALE_OUT\"}"),
		"COMPLETED");
	until(stage, "scale", "now", "1 sessions a replica, but it cools down");
	assert_int_equal(replicas(stage), 2);
	assert_int_equal(events(stage, "auto-scale", NULL), 0);
}

static void
test_scale_policy_waits_for_the_operation_of_a_user(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, SCALE("cooldown: 0s, max: 2"));
	fake_fail_put(stage->fake, VNFM_VNF, "edge.b", 1);
	assert_string_equal(stage_task(stage, vnf_heal, "edge.b", "{}"), "FAILED_TEMP");
	fake_set_sessions(stage->fake, 100);
	until(stage, "scale", "now", "of this service, which is FAILED_TEMP");
	assert_int_equal(replicas(stage), 1);
	assert_string_equal(stage_tell(stage, "vnf", EVENT_RETRY), "COMPLETED");
	until_replicas(stage, 2);
}

static void
test_scale_policy_that_fails_cools_down_too(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, SCALE("cooldown: 1h"));
	fake_fail_put(stage->fake, VNFM_VNF, "edge.a~1", 99);
	fake_set_sessions(stage->fake, 100);
	until(stage, "scale", "now", "cools down");
	assert_int_equal(replicas(stage), 1);
	assert_int_equal(events(stage, "auto-scale", NULL), 1);
}

static void
test_scale_policy_that_is_refused_says_so_once(void **state)
{
	struct stage *stage = *state;
	json_t *detail;
	assert_string_equal(stage_apply(stage, SCALE("cooldown: 0s")), "COMPLETED");
	fake_set_room(stage->fake, 2, 1000);
	fake_set_sessions(stage->fake, 100);
	until(stage, "scale", "now", "it was refused: ");
	usleep(50000); /* some more looks */
	assert_int_equal(events(stage, "auto-scale", NULL), 0);
	assert_int_equal(events(stage, "auto-scale-refused", &detail), 1);
	assert_string_equal(json_string_value(json_object_get(detail, "reason")),
		"100 sessions a replica, which is 80 or more, for 0.0 s");
	json_decref(detail);
}

static void
test_scale_policy_that_changes_is_followed_and_its_number_is_kept(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, SCALE("cooldown: 0s"));
	fake_set_sessions(stage->fake, 100);
	until_replicas(stage, 4);
	assert_string_equal(stage_apply(stage, SCALE("cooldown: 0s")), "nothing");
	fake_set_sessions(stage->fake, 50);
	assert_string_equal(stage_apply(stage, SCALE("cooldown: 1h")), "nothing");
	until(stage, "scale", "cooldown", "1h");
	assert_string_equal(
		stage_apply(stage, SCALE("cooldown: 0s, max: 2")), "COMPLETED");
	assert_int_equal(replicas(stage), 2);
	assert_string_equal(stage_apply(stage, TWO), "COMPLETED");
	assert_int_equal(replicas(stage), 1);
	for (int i = 0; i < 2000 && *told(stage, "scale", "now"); i++)
		usleep(5000);
	assert_string_equal(told(stage, "scale", "now"), "");
}

#define NSD_WITH(id_, max_)                                                              \
	NSD(id_, "edge", "lan0", "{id: l2}", NSD_LINK("l2"),                             \
		NSD_VNF("a", "firewall", "l1", "l2",                                     \
			"      renga:scale: {metric: sessions, out: 80, for: 0s, "       \
			"cooldown: 0s, max: " max_ "}\n")                                \
			NSD_VNF("b", "passthrough", "l2", "l9", ""))

static void
test_scale_policy_of_a_vnf_profile_is_that_of_its_version(void **state)
{
	struct stage *stage = *state;
	struct err err;
	json_t *ns;
	size_t n = 0;
	stage_onboard(stage, NSD_WITH("edge-1", "2"));
	stage_onboard(stage, NSD_WITH("edge-2", "3"));
	stage_instantiate(stage, "edge-1");
	fake_set_sessions(stage->fake, 100);
	until_replicas(stage, 2);
	for (int i = 0; i < 2000 && n == 0; i++) { /* the end of that look */
		assert_int_equal(
			ns_get(stage->orch, stage_id(stage, "edge"), &ns, &err), 0);
		n = json_array_size(json_object_get(ns, "policies"));
		json_decref(ns);
		usleep(5000);
	}
	assert_int_equal(n, 1);
	assert_string_equal(stage_task(stage, ns_update, "edge", ASSOC("edge-2", "true")),
		"COMPLETED");
	until_replicas(stage, 3);
}

static void
test_heal_policy_heals_what_failed(void **state)
{
	struct stage *stage = *state;
	json_t *detail;
	assert_string_equal(stage_apply(stage, HEAL), "COMPLETED");
	until(stage, "heal", "now", "it is ready");
	fake_set_state(stage->fake, "edge.a", "degraded");
	until(stage, "heal", "now", "it is degraded");
	fake_set_state(stage->fake, "edge.a", "failed");
	until(stage, "heal", "attemptsMade", "1");
	until(stage, "heal", "now", "it is ready");
	assert_int_equal(events(stage, "auto-heal", &detail), 1);
	assert_string_equal(json_string_value(json_object_get(detail, "reason")),
		"it has been failed for 0.0 s: attempt 1 of 2");
	json_decref(detail);
}

static void
test_heal_policy_waits_for_the_dataplane(void **state)
{
	struct stage *stage = *state;
	stage_apply(stage, HEAL);
	fake_set_dataplane(stage->fake, "starting");
	fake_set_state(stage->fake, "edge.a", "failed");
	until(stage, "heal", "now", "it waits: the dataplane is starting");
	assert_string_equal(told(stage, "heal", "attemptsMade"), "0");
	fake_set_dataplane(stage->fake, NULL);
	until(stage, "heal", "now", "it is ready");
	assert_string_equal(told(stage, "heal", "attemptsMade"), "1");
}

static void
test_heal_policy_raises_an_alarm_when_its_attempts_are_used_up(void **state)
{
	struct stage *stage = *state;
	struct db_alarm alarm = {0};
	struct err err;
	stage_apply(stage, HEAL);
	fake_fail_put(stage->fake, VNFM_VNF, "edge.a", 99);
	fake_set_state(stage->fake, "edge.a", "failed");
	until(stage, "heal", "now", "2 attempts within 600 s, which are all");
	assert_int_equal(events(stage, "auto-heal", NULL), 2);
	stage_restart(stage);
	until(stage, "heal", "now", "which are all");
	assert_int_equal(events(stage, "auto-heal", NULL), 2);
	assert_int_equal(events(stage, "auto-heal-failed", NULL), 1);
	assert_int_equal(db_alarm_get_open(stage->orch->db, stage_id(stage, "edge.a"),
				 &alarm, &err),
		0);
	assert_string_equal(alarm.fault, "auto-heal-failed");
	db_alarm_clear(&alarm);
	/* the service is free for others */
	fake_fail_put(stage->fake, VNFM_VNF, "", 0);
	assert_string_equal(stage_task(stage, vnf_heal, "edge.a", "{}"), "COMPLETED");
	until(stage, "heal", "now", "it is ready");
}

int
main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, stage_teardown)
	const struct CMUnitTest tests[] = {
		ONE(test_scale_policy_goes_out_to_its_most_and_back),
		ONE(test_scale_policy_cools_down_over_a_restart),
		ONE(test_scale_policy_leaves_what_a_user_scaled_until_it_has_cooled_down),
		ONE(test_scale_policy_waits_for_the_operation_of_a_user),
		ONE(test_scale_policy_that_fails_cools_down_too),
		ONE(test_scale_policy_that_is_refused_says_so_once),
		ONE(test_scale_policy_that_changes_is_followed_and_its_number_is_kept),
		ONE(test_scale_policy_of_a_vnf_profile_is_that_of_its_version),
		ONE(test_heal_policy_heals_what_failed),
		ONE(test_heal_policy_waits_for_the_dataplane),
		ONE(test_heal_policy_raises_an_alarm_when_its_attempts_are_used_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
