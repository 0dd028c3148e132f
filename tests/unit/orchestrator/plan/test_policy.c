/* test_policy.c: what policies decide, as tables of looks; the figures that they go by.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "orchestrator/plan/policy_figures.h"
#include "orchestrator/descriptor/policy_form.h"
#include "orchestrator/plan/policy_heal.h"
#include "tests/orch/models.h"

#define S 1000000000ULL

/* Busy: out at 80, in at 30, for 5 s, a cool-down of 30 s, 1 to 3 replicas. */
static const struct policy_scale usual = {POLICY_BUSY, 80, 30, 5 * S, 30 * S, 1, 3};
#define GAP -1 /* nothing is measured */

struct looks { /* one a second */
	const char *what;
	unsigned replicas;
	int scaled_s;	 /* since the last scaling, at the first look; -1: never */
	int values[10];	 /* ends with 0 */
	int at, by;	 /* the look, from 1, that decides, and what; 0: none does */
	const char *why; /* of the last look */
};

static const struct looks scaling[] = {
	{"a value between the thresholds changes nothing", 2, -1, {50, 60, 70}, 0, 0,
		"busy at 70 %, between 30 and 80"},
	{"a high one for as long as it takes", 1, -1, {90, 90, 90, 90, 90, 90}, 6, 1,
		"busy at 90 %, which is 80 or more, for 5.0 s"},
	{"is not enough a moment before", 1, -1, {90, 90, 90, 90, 90}, 0, 0,
		"busy at 90 %, which is 80 or more, for 4.0 s of 5.0 s"},
	{"the threshold itself counts", 1, -1, {80, 80, 80, 80, 80, 80}, 6, 1, NULL},
	{"a break begins the time anew", 1, -1, {90, 90, 90, 70, 90, 90, 90, 90, 90}, 0,
		0, "busy at 90 %, which is 80 or more, for 4.0 s of 5.0 s"},
	{"and so does a look that saw nothing", 1, -1,
		{90, 90, 90, 90, GAP, 90, 90, 90, 90}, 0, 0, NULL},
	{"the most replicas stay", 3, -1, {99, 99, 99, 99, 99, 99}, 0, 0,
		"busy at 99 %, but it has 3 replicas, the most"},
	{"nothing happens while it cools down", 1, 20, {90, 90, 90, 90, 90, 90}, 0, 0,
		"busy at 90 %, but it cools down for 5.0 s more"},
	{"and at once when it has, if it was so long enough", 1, 23,
		{90, 90, 90, 90, 90, 90, 90, 90}, 8, 1, NULL},
	{"a low one for as long as it takes", 2, -1, {10, 10, 10, 10, 10, 10}, 6, -1,
		"busy at 10 %, which is 30 or less, for 5.0 s"},
	{"the fewest replicas stay", 1, -1, {10, 10, 10, 10, 10, 10}, 0, 0,
		"busy at 10 %, and it has 1 replica, the fewest"},
	{"fewer than it may have are made up for", 0, -1, {10}, 0, 0, "it is stopped"},
	{"more than it may have are too many", 5, -1, {90}, 1, -2,
		"it has 5 replicas, and 1 to 3 are wanted"},
	{"but not while it cools down", 5, 10, {90}, 0, 0,
		"busy at 90 %, but it cools down for 20.0 s more"},
	{"what nobody measures is left alone", 2, -1, {GAP, GAP}, 0, 0,
		"it is not measured now"},
};

static int
run(const struct policy_scale *policy, const struct looks *looks, int *by, char *why)
{
	struct policy_scale_memory memory = {0};
	struct policy_scale_choice choice = {0};
	int at = 0;
	*by = 0;
	for (int i = 0; looks->values[i]; i++) {
		const int value = looks->values[i];
		const struct policy_sample sample = {
			looks->replicas, value != GAP, value};
		const int64_t since = looks->scaled_s < 0
					      ? POLICY_NEVER
					      : ((int64_t)looks->scaled_s + i) * 1000;
		policy_scale_choose(
			policy, &sample, since, 1000 * (i + 1), &memory, &choice);
		if (choice.by && !at) {
			at = i + 1;
			*by = choice.by;
		}
	}
	strcpy(why, choice.why);
	return at;
}

static void
test_scale_policy_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scaling) / sizeof(scaling[0]); i++) {
		const struct looks *looks = &scaling[i];
		char why[POLICY_TEXT];
		int by;
		const int at = run(&usual, looks, &by, why);
		if (at != looks->at || by != looks->by ||
			(looks->why && strcmp(why, looks->why) != 0))
			fail_msg("%s: %d at look %d, \"%s\"", looks->what, by, at, why);
	}
}

/* Two at 45 % are one at 90 %, which would scale out again. */
static void
test_scale_policy_does_not_go_forth_and_back(void **state)
{
	(void)state;
	struct policy_scale near = usual, rings = usual;
	const struct looks looks = {NULL, 2, -1, {45, 45, 45, 45, 45, 45}, 0, 0, NULL};
	char why[POLICY_TEXT];
	int by;
	near.in = rings.in = 50;
	assert_int_equal(run(&near, &looks, &by, why), 0);
	assert_string_equal(why,
		"busy at 45 %, but with one replica less 90 are expected, too near to 80");
	/* how full a ring is says nothing of another number of rings */
	rings.metric = POLICY_RING;
	assert_int_equal(run(&rings, &looks, &by, why), 6);
	assert_int_equal(by, -1);
}

/* A step by step: whatever the load, a VNF whose replicas share it comes to rest. */
static void
test_scale_policy_comes_to_rest_under_any_steady_load(void **state)
{
	(void)state;
	for (int load = 0; load <= 400; load += 7)
		for (unsigned in = 5; in < 80; in += 15) {
			struct policy_scale policy = usual;
			struct policy_scale_memory memory = {0};
			struct policy_scale_choice choice;
			unsigned n = 1, changes = 0;
			policy.in = in;
			policy.for_ns = 0;
			policy.cooldown_ns = 0;
			for (int64_t i = 1; i < 50; i++) {
				const struct policy_sample sample = {
					n, true, (double)load / n};
				policy_scale_choose(
					&policy, &sample, 0, i, &memory, &choice);
				changes += choice.by != 0;
				n = (unsigned)((int)n + choice.by);
				assert_in_range(n, policy.min, policy.max);
			}
			assert_in_range(changes, 0, 2);
		}
}

struct ills { /* looks one a second, at states written as letters: r f d s */
	const char *what;
	const char *states;
	unsigned attempts;
	int ended_s; /* since the last of them ended, at the first look */
	int at;	     /* the look that heals, from 1; 0: none */
	bool given_up;
	const char *why;
};

static const struct policy_heal often = {
	POLICY_FAILED | POLICY_DEGRADED, 5 * S, 2, 3, 600 * S};

static const struct ills healing[] = {
	{"what is well is left alone", "rrr", 0, 0, 0, false, "it is ready"},
	{"what is ill for as long as it takes is healed", "ffffff", 0, 0, 6, false,
		"it has been failed for 5.0 s: attempt 1 of 3"},
	{"not a moment before", "fffff", 0, 0, 0, false,
		"it is failed; attempt 1 of 3 comes after 4.0 s of 5.0 s"},
	{"two states that count are one illness", "dddfff", 0, 0, 6, false, NULL},
	{"who was well in between begins anew", "fffrfffff", 0, 0, 0, false, NULL},
	{"starting is no illness", "sssssssss", 0, 0, 0, false, "it is starting"},
	{"the second attempt waits twice as long", "ffffffffff", 1, 0, 0, false,
		"it is failed; attempt 2 of 3 comes after 9.0 s of 10.0 s"},
	{"and then comes", "fffffffffff", 1, 0, 11, false, NULL},
	{"for what broke again it counts from there", "rffffffffff", 1, 60, 0, false,
		"it is failed; attempt 2 of 3 comes after 9.0 s of 10.0 s"},
	{"when all attempts are used up it is given up", "ff", 3, 1, 0, true,
		"it is failed after 3 attempts within 600 s, which are all"},
};

static const char *
state_of(char letter)
{
	return letter == 'r'   ? "ready"
	       : letter == 'f' ? "failed"
	       : letter == 'd' ? "degraded"
			       : "starting";
}

static void
test_heal_policy_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(healing) / sizeof(healing[0]); i++) {
		const struct ills *ills = &healing[i];
		struct policy_heal_memory memory = {0};
		struct policy_heal_choice choice = {0};
		int at = 0;
		for (int k = 0; ills->states[k]; k++) {
			const struct policy_heal_history history = {
				ills->attempts, ((int64_t)ills->ended_s + k) * 1000};
			policy_heal_choose(&often, state_of(ills->states[k]), &history,
				1000 * (k + 1), &memory, &choice);
			at = !at && choice.act == POLICY_HEAL ? k + 1 : at;
		}
		if (at != ills->at || ills->given_up != (choice.act == POLICY_GIVE_UP) ||
			(ills->why && strcmp(choice.why, ills->why) != 0))
			fail_msg("%s: at look %d, %d, \"%s\"", ills->what, at, choice.act,
				choice.why);
	}
}

static void
test_heal_policy_is_of_the_states_that_it_names(void **state)
{
	(void)state;
	struct policy_heal policy = often;
	policy.on = POLICY_DEGRADED;
	assert_false(policy_heal_is_ill(&policy, "failed"));
	assert_true(policy_heal_is_ill(&policy, "degraded"));
}

#define STATS(packets, busy, fill)                                                       \
	"{'vnfs': [{'id': 'a', 'busy': 0.5, 'sessions': 10, 'ring': {'fill': 10, "       \
	"'size': 100}, 'cps': {'left': {'rxPackets': " #packets                          \
	"}, 'right': {'rxPackets': 0}}}, {'id': 'a~1', 'busy': " #busy                   \
	", 'sessions': 30, 'ring': {'fill': " #fill                                      \
	", 'size': 100}, 'cps': {'left': {'rxPackets': " #packets "}}}, "                \
	"{'id': 'b', 'busy': 1, 'cps': {}}]}"

static struct policy_sample
take(int metric, const char *vnf, unsigned replicas, const char *before,
	const char *after)
{
	struct policy_sample sample = {.replicas = replicas};
	json_t *a = NULL, *b;
	char text[1024];
	const char *const texts[] = {before, after};
	json_t **const docs[] = {&a, &b};
	for (int i = 0; i < 2; i++) {
		if (!texts[i])
			continue;
		strcpy(text, texts[i]);
		for (char *at = text; *at; at++)
			*at = *at == '\'' ? '"' : *at;
		*docs[i] = json_loads(text, 0, NULL);
		assert_non_null(*docs[i]);
	}
	policy_figures_take(metric, vnf, a, b, 2, &sample);
	json_decref(a);
	json_decref(b);
	return sample;
}

static void
test_figures_of_a_policy_are_those_of_a_replica(void **state)
{
	(void)state;
	static const struct {
		int metric, value;
	} means[] = {{POLICY_BUSY, 70}, {POLICY_RATE, 1000}, {POLICY_RING, 60},
		{POLICY_SESSIONS, 20}};
	for (size_t i = 0; i < 4; i++) {
		const struct policy_sample sample = take(means[i].metric, "a", 2,
			STATS(1000, 0.1, 1), STATS(3000, 0.9, 60));
		assert_true(sample.measured);
		assert_int_equal((int)(sample.value + 0.5), means[i].value);
	}
}

static void
test_figures_of_a_policy_need_all_replicas_and_for_a_rate_two_looks(void **state)
{
	(void)state;
	const char *const stats = STATS(3000, 0.9, 60);
	assert_false(take(POLICY_BUSY, "a", 3, NULL, stats).measured);
	assert_true(take(POLICY_BUSY, "a", 2, NULL, stats).measured);
	assert_false(take(POLICY_RATE, "a", 2, NULL, stats).measured);
	assert_false(take(POLICY_RATE, "a", 2, STATS(9000, 0.9, 60), stats).measured);
	assert_false(take(POLICY_SESSIONS, "b", 1, stats, stats).measured);
	assert_false(take(POLICY_BUSY, "c", 1, stats, stats).measured);
}

static int
make_catalog(void **state)
{
	(void)state;
	static const struct {
		const char *type, *vnfd, *scaling;
	} types[] = {{"firewall", "renga-firewall", "by-flow"},
		{"router", "renga-router", NULL}};
	for (size_t i = 0; i < 2; i++) {
		json_t *manifest = json_pack("{s:s, s:[s, s], s:s*}", "type",
			types[i].type, "connectionPoints", "left", "right", "scaling",
			types[i].scaling);
		add_type(types[i].vnfd, manifest);
	}
	return 0;
}

#define CHAIN                                                                            \
	"kind: Chain\nname: c\nports: {in: {driver: \"null\"}, out: {driver: "           \
	"\"null\"}}\n"
#define ONE(members) CHAIN "path: [in, {vnf: a, type: firewall, " members "}, out]\n"
#define TWO(first, second)                                                               \
	CHAIN "isolation: group\npath: [in, {vnf: a, type: firewall" first               \
	      "}, {vnf: b, type: firewall" second "}, out]\n"
#define NSD(members)                                                                         \
	"nsd: [{id: n, name: n, virtual-link-desc: [{id: v}], sapd: [{id: in, "              \
	"virtual-link-desc: v}], df: [{id: d, virtual-link-profile: [{id: p, "               \
	"virtual-link-desc-id: v}], vnf-profile: [{id: a, vnfd-id: renga-firewall, " members \
	", virtual-link-connectivity: [{virtual-link-profile-id: p, "                        \
	"constituent-cpd-id: [{constituent-cpd-id: left}]}]}]}]}]\n"

static const struct {
	const char *text, *path, *says;
} wrong[] = {
	{ONE("scale: {out: 80}"), "path[1].scale.metric", "metric"},
	{ONE("scale: {metric: bussy, out: 80}"), "path[1].scale.metric", "busy"},
	{ONE("scale: {metric: busy, out: 180}"), "path[1].scale.out", "percentage"},
	{ONE("scale: {metric: busy, out: 80, in: 80}"), "path[1].scale.in", "less than"},
	{ONE("scale: {metric: rate, out: 10k, max: 9}"), "path[1].scale.max", "8"},
	{ONE("scale: {metric: rate, out: 10k, min: 3, max: 2}"), "path[1].scale.max",
		"at least"},
	{ONE("scale: {metric: rate, out: 10k, cooldwn: 3s}"), "path[1].scale.cooldwn",
		"cooldown"},
	{ONE("replicas: 6, scale: {metric: busy, out: 80}"), "path[1].replicas",
		"1 to 4"},
	{CHAIN "path: [in, {vnf: a, type: router, scale: {metric: busy, out: 80, min: "
	       "2}}, out]\n",
		"path[1].scale", "cannot have replicas"},
	{TWO(", scale: {metric: busy, out: 80}", ", scale: {metric: rate, out: 9}"),
		"path[2].scale", "together with 'a'"},
	{TWO(", scale: {metric: busy, out: 80, min: 2}", ""), "path[2].replicas",
		"as a whole"},
	{CHAIN "isolation: group\npath: [in, {vnf: a, type: firewall, scale: {metric: "
	       "busy, out: 80}}, {vnf: b, type: router}, out]\n",
		"path[1].scale", "shares its process with 'b'"},
	{ONE("heal: {on: [faild]}"), "path[1].heal.on[0]", "failed"},
	{ONE("heal: {on: []}"), "path[1].heal.on", "some state"},
	{ONE("heal: {attempts: 0}"), "path[1].heal.attempts", "1"},
	{NSD("'renga:scale': {metric: busy, out: 80, in: 90}"),
		"nsd[0].df[0].vnf-profile[0].renga:scale.in", "less than"},
	{NSD("'renga:heal': 5"), "nsd[0].df[0].vnf-profile[0].renga:heal", ""},
	{NSD("'renga:scal': {}"), "nsd[0].df[0].vnf-profile[0].renga:scal",
		"renga:scale"},
};

static void
test_policy_faults_have_a_place_and_a_hint(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct model model;
		struct faults faults;
		bool found = false;
		compile(wrong[i].text, &model, &faults);
		for (size_t k = 0; k < faults.n; k++)
			found |= strcmp(faults.list[k].path, wrong[i].path) == 0 &&
				 (strstr(faults.list[k].text, wrong[i].says) ||
					 strstr(faults.list[k].hint, wrong[i].says));
		if (!found)
			fail_msg("%s is not said of %s; but %s: %s (%s)", wrong[i].says,
				wrong[i].path, faults.n ? faults.list[0].path : "-",
				faults.n ? faults.list[0].text : "-",
				faults.n ? faults.list[0].hint : "-");
		faults_clear(&faults);
		model_clear(&model);
	}
}

static void
test_policies_of_a_chain_are_those_of_its_nsd(void **state)
{
	(void)state;
	struct model model;
	struct faults faults;
	struct policy_vnf *list;
	size_t n;
	compile(ONE("scale: {metric: rate, out: 10k, for: 2s, cooldown: 1m, min: 2, max: "
		    "3}, heal: {on: degraded, after: 1s, attempts: 2, back-off: 3, "
		    "within: 1h}"),
		&model, &faults);
	assert_int_equal(faults.n, 0);
	assert_int_equal(model.vnfs[0].replicas, 2);
	assert_int_equal(policy_form_replicas(&model, 0, 0), 2);
	assert_int_equal(policy_form_replicas(&model, 0, 3), 3);
	assert_int_equal(policy_form_replicas(&model, 0, 7), 3);
	json_t *nsd = nsd_form_print(&model, "n", NULL);
	policy_form_list(nsd_form_find(nsd), "default", &list, &n);
	assert_int_equal(n, 1);
	assert_string_equal(list->profile, "a");
	assert_true(list->scales && list->heals);
	assert_int_equal(list->scale.metric, POLICY_RATE);
	assert_int_equal(list->scale.out, 10000);
	assert_int_equal(list->scale.in, 5000);
	assert_int_equal(list->scale.cooldown_ns / S, 60);
	assert_int_equal(list->heal.on, POLICY_DEGRADED);
	assert_int_equal(list->heal.back_off, 3);
	assert_int_equal(list->heal.within_ns / S, 3600);
	free(list);
	policy_form_list(nsd_form_find(nsd), "other", &list, &n);
	assert_null(list);
	json_decref(nsd);
	model_clear(&model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scale_policy_table),
		cmocka_unit_test(test_scale_policy_does_not_go_forth_and_back),
		cmocka_unit_test(test_scale_policy_comes_to_rest_under_any_steady_load),
		cmocka_unit_test(test_heal_policy_table),
		cmocka_unit_test(test_heal_policy_is_of_the_states_that_it_names),
		cmocka_unit_test(test_figures_of_a_policy_are_those_of_a_replica),
		cmocka_unit_test(
			test_figures_of_a_policy_need_all_replicas_and_for_a_rate_two_looks),
		cmocka_unit_test(test_policy_faults_have_a_place_and_a_hint),
		cmocka_unit_test(test_policies_of_a_chain_are_those_of_its_nsd),
	};
	return cmocka_run_group_tests(tests, make_catalog, drop_catalog);
}
