/* test_crashes.c: an orchestrator that is killed at any moment of any operation.
 *
 * An operation runs once, and after every commit of the store and every call of the VNF
 * manager, which is all that a death leaves behind, both are copied. Each copy is then
 * gone on with: the operation has to end, the host has to hold what the store says, which
 * is what was before the operation or what is after it, and no step is done twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>
#include "db/internal.h"
#include "db/occurrences.h"
#include "db/steps.h"
#include "orchestrator/deploy.h"
#include "orchestrator/engine.h"
#include "orchestrator/ns_update.h"
#include "orchestrator/ns_scale.h"
#include "orchestrator/stamp.h"
#include "orchestrator/vnf.h"
#include "orchestrator/vnf_alone.h"
#include "orchestrator/vnf_change.h"
#include "orchestrator/vnf_flavour.h"
#include "orchestrator/vnf_heal.h"
#include "orchestrator/vnf_operate.h"
#include "orchestrator/vnf_port.h"
#include "orchestrator/vnf_scale.h"
#include "tests/orch/edge.h"
#include "tests/orch/edge_nsd.h"
#include "tests/orch/stage.h"

#define OUT "{\"type\": \"SCALE_OUT\"}"
#define IN  "{\"type\": \"SCALE_IN\"}"
#define OUT_LATER                                                                        \
	"{\"scaleType\": \"SCALE_VNF\", \"scaleVnfData\": [{\"vnfInstanceId\": \"$\", "  \
	"\"scaleVnfType\": \"SCALE_OUT\"}], \"scaleTime\": \"@\"}"
#define STOP  "{\"changeStateTo\": \"STOPPED\"}"
#define START "{\"changeStateTo\": \"STARTED\"}"
#define DROP  "{\"vnfConfigurableProperties\": {\"config\": {\"default\": \"drop\"}}}"

#define MOMENTS 160

struct moment { /* that the orchestrator may have died at */
	char db[128];
	struct fake *fake;
};

struct story {
	struct stage stage;
	pthread_mutex_t lock;
	bool recording;
	struct moment moments[MOMENTS];
	unsigned n;
};

static void
record(struct story *story, bool in_call)
{
	sqlite3 *copy;
	char sql[200];
	pthread_mutex_lock(&story->lock);
	if (story->recording && story->n < MOMENTS) {
		struct moment *moment = &story->moments[story->n];
		snprintf(moment->db, sizeof(moment->db), "%s.%u", story->stage.db,
			story->n++);
		moment->fake = fake_clone(story->stage.fake, in_call);
		unlink(moment->db);
		snprintf(sql, sizeof(sql), "PRAGMA synchronous=OFF; VACUUM INTO '%s'",
			moment->db);
		sqlite3_open(story->stage.db, &copy);
		if (sqlite3_exec(copy, sql, NULL, NULL, NULL) != SQLITE_OK)
			abort(); /* not a thread of cmocka's */
		sqlite3_close(copy);
	}
	pthread_mutex_unlock(&story->lock);
}

static void
on_call(void *arg)
{
	record(arg, true);
}

static int
on_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
	(void)handle;
	(void)name;
	(void)pages;
	record(arg, false);
	return SQLITE_OK;
}

static void
begin_story(struct story *story)
{
	story->recording = true;
	fake_watch(story->stage.fake, on_call, story);
	sqlite3_wal_hook(story->stage.orch->db->handle, on_commit, story);
}

static void
end_story(struct story *story)
{
	pthread_mutex_lock(&story->lock);
	story->recording = false;
	pthread_mutex_unlock(&story->lock);
	fake_watch(story->stage.fake, NULL, NULL);
}

/* {"<kind>:<id>": document} that the store wants; new reference. */
static json_t *
wanted(struct stage *stage)
{
	json_t *list, *object, *all = json_object();
	struct err err;
	size_t i;
	char key[160];
	assert_int_equal(deploy_wanted(stage->orch->db, NULL, &list, &err), 0);
	json_array_foreach (list, i, object) {
		snprintf(key, sizeof(key), "%s:%s",
			json_string_value(json_object_get(object, "kind")),
			json_string_value(json_object_get(object, "object")));
		json_object_set(all, key, json_object_get(object, "doc"));
	}
	json_decref(list);
	return all;
}

/* The times at which steps were begun that were done; new reference. */
static json_t *
begun(struct db *db, const char *occurrence)
{
	json_t *times = json_array();
	struct db_step *rows;
	struct err err;
	size_t n;
	assert_int_equal(db_step_list(db, occurrence, &rows, &n, &err), 0);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			times, json_integer(strcmp(rows[i].state, "done") == 0
						    ? (json_int_t)rows[i].started_us
						    : 0));
	db_steps_free(rows, n);
	return times;
}

/* The state in which the operation ended there; "" if it was never accepted. Static. */
static const char *
end_of(struct stage *stage, const char *occurrence)
{
	static char state[32];
	struct db_occurrence *rows, row = {0};
	struct err err;
	size_t n = 1;
	int64_t due = 0;
	for (unsigned ms = 0; (n > 0 || due != INT64_MAX) && ms < 5000; ms++) {
		assert_int_equal(db_occurrence_next_due(stage->orch->db, &due, &err), 0);
		assert_int_equal(
			db_occurrence_list_unfinished(stage->orch->db, &rows, &n, &err),
			0);
		db_occurrences_free(rows, n);
		if (n > 0 || due != INT64_MAX)
			usleep(1000);
	}
	assert_int_equal(n, 0);
	engine_drain(stage->orch->engine);
	state[0] = '\0';
	if (db_occurrence_get(stage->orch->db, occurrence, &row, NULL) == 0)
		snprintf(state, sizeof(state), "%s", row.state);
	db_occurrence_clear(&row);
	return state;
}

static void
go_on(struct story *story, struct moment *moment, const json_t *before,
	const json_t *after)
{
	const char *occurrence = story->stage.occurrence;
	struct stage stage = {0};
	struct db *db;
	struct err err;
	assert_int_equal(db_open(moment->db, &db, &err), 0);
	json_t *done = begun(db, occurrence);
	db_close(db);
	stage_open_on(&stage, moment->db, moment->fake);
	const char *state = end_of(&stage, occurrence);
	const bool completed = strcmp(state, "COMPLETED") == 0;
	json_t *is = wanted(&stage), *host = fake_objects(stage.fake);
	json_t *now = begun(stage.orch->db, occurrence), *time;
	size_t i;
	if (!completed && *state)
		assert_string_equal(state, "ROLLED_BACK");
	assert_int_equal(json_equal(is, before), !completed);
	if (completed && after)
		assert_true(json_equal(is, after));
	assert_true(json_equal(host, is));
	json_array_foreach (done, i, time)
		if (completed && json_integer_value(time))
			assert_true(json_equal(time, json_array_get(now, i)));
	json_decref(done);
	json_decref(now);
	json_decref(is);
	json_decref(host);
	stage_close(&stage);
}

/* What is applied (and scaled, or stopped) first, or a service of a descriptor; then the
 * operation, on "edge.a" or what is named. */
struct scene {
	const char *first;
	bool alone; /* or a VNF by itself */
	bool of_nsd;
	stage_task_fn *prepare;
	const char *prepare_request;
	const char *apply; /* or: */
	stage_task_fn *task;
	const char *on, *request,
		*fails; /* name of a link that cannot be made at first */
	bool fails_vnf; /* it is that of a VNF */
	bool later;	/* in a moment: its time comes for @ */
	const char *end;
};

static void
instantiate(struct stage *stage)
{
	stage_onboard(stage, NSD_TWO);
	stage_onboard(stage, NSD_THREE);
	stage_instantiate(stage, "edge-1");
}

/* Begins by itself. */
static const char *
task_later(struct stage *stage, const struct scene *scene)
{
	char time[STAMP_TIME], text[512];
	const char *request = stage_request(stage, scene->request, "edge.a");
	const size_t before = strcspn(request, "@");
	stamp_time_at(stamp_us() / 1000 + 100, time);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)before, request, time,
		request + before + 1);
	stage_task(stage, scene->task, scene->on, text);
	return end_of(stage, stage->occurrence);
}

static void
create_vnf(struct stage *stage)
{
	struct faults faults = {0};
	struct err err = {0};
	json_t *vnf, *request = json_pack("{s:s, s:s}", "vnfdId", "renga-firewall",
			     "vnfInstanceName", "edge.a");
	assert_int_equal(vnf_create(stage->orch, NULL, request, &vnf, &faults, &err), 0);
	json_decref(request);
	json_decref(vnf);
}

static void
play(const struct scene *scene)
{
	struct story story = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct stage *stage = &story.stage;
	const char *end;
	stage_open(stage);
	if (scene->first)
		stage_apply(stage, scene->first);
	if (scene->of_nsd)
		instantiate(stage);
	if (scene->alone)
		create_vnf(stage);
	if (scene->prepare)
		assert_string_equal(stage_task(stage, scene->prepare, "edge.a",
					    scene->prepare_request),
			"COMPLETED");
	json_t *before = wanted(stage);
	if (scene->fails)
		fake_fail_put(stage->fake, scene->fails_vnf ? VNFM_VNF : VNFM_LINK,
			scene->fails, 1);
	begin_story(&story);
	if (scene->apply)
		end = stage_apply(stage, scene->apply);
	else if (scene->later)
		end = task_later(stage, scene);
	else if (scene->task)
		end = stage_task(stage, scene->task, scene->on ? scene->on : "edge.a",
			stage_request(stage, scene->request, "edge.a"));
	else
		end = stage_delete(stage, "edge");
	end_story(&story);
	assert_string_equal(end, scene->end);
	assert_in_range(story.n, 5, MOMENTS - 1);
	json_t *after =
		scene->fails ? NULL : wanted(stage); /* what fails once may work */
	for (unsigned i = 0; i < story.n; i++)
		go_on(&story, &story.moments[i], before, after);
	json_decref(before);
	json_decref(after);
	stage_close(stage);
}

#define STORY(name_, ...)                                                                \
	static void name_(void **state)                                                  \
	{                                                                                \
		static const struct scene scene = {__VA_ARGS__};                         \
		(void)state;                                                             \
		play(&scene);                                                            \
	}

STORY(test_crash_in_instantiate, .apply = TWO, .end = "COMPLETED")
STORY(test_crash_in_terminate, .first = TWO, .end = "COMPLETED")
STORY(test_crash_in_update_with_one_vnf_more, .first = TWO, .apply = THREE,
	.end = "COMPLETED")
STORY(test_crash_in_update_with_one_vnf_less, .first = THREE, .apply = TWO,
	.end = "COMPLETED")
STORY(test_crash_in_update_with_another_type, .first = TWO, .apply = RETYPED,
	.end = "COMPLETED")
STORY(test_crash_in_modify, .first = TWO, .task = vnf_modify, .request = DROP,
	.end = "COMPLETED")
STORY(test_crash_in_scale_out, .first = TWO, .task = vnf_scale, .request = OUT,
	.end = "COMPLETED")
STORY(test_crash_in_scale_in, .first = TWO, .prepare = vnf_scale, .prepare_request = OUT,
	.task = vnf_scale, .request = IN, .end = "COMPLETED")
STORY(test_crash_in_change_of_package, .first = TWO, .task = vnf_change_package,
	.request = "{\"vnfdId\": \"renga-firewall\"}", .end = "COMPLETED")
STORY(test_crash_in_move, .first = TWO, .task = vnf_move, .request = "{\"core\": 2}",
	.end = "COMPLETED")
#define DEDICATED "{\"newFlavourId\": \"dedicated\"}"
#define WITH_C_DEDICATED                                                                 \
	EDGE "path: [lan, {vnf: a, type: firewall}, {vnf: c, type: passthrough, core: "  \
	     "dedicated}, {vnf: b, type: passthrough}, wan]\n"
STORY(test_crash_in_change_of_flavour, .first = WITH_C_DEDICATED,
	.task = vnf_flavour_change, .request = DEDICATED, .end = "COMPLETED")
STORY(test_crash_in_rollback_of_change_of_flavour, .first = WITH_C_DEDICATED,
	.task = vnf_flavour_change, .request = DEDICATED, .fails = "edge.b",
	.fails_vnf = true, .end = "ROLLED_BACK")
STORY(test_crash_in_heal, .first = TWO, .task = vnf_heal, .request = "{}",
	.end = "COMPLETED")
STORY(test_crash_in_stop, .first = TWO, .task = vnf_operate, .request = STOP,
	.end = "COMPLETED")
STORY(test_crash_in_start, .first = TWO, .prepare = vnf_operate, .prepare_request = STOP,
	.task = vnf_operate, .request = START, .end = "COMPLETED")
STORY(test_crash_in_change_of_version, .of_nsd = true, .task = ns_update, .on = "edge",
	.request = ASSOC("edge-2", "true"), .end = "COMPLETED")
STORY(test_crash_in_rollback_of_change_of_version, .of_nsd = true, .task = ns_update,
	.on = "edge", .request = ASSOC("edge-2", "true"), .fails = "c-b",
	.end = "ROLLED_BACK")
STORY(test_crash_in_update_that_brings_a_vnf, .of_nsd = true, .task = ns_update,
	.on = "edge", .request = ADD_C, .end = "COMPLETED")
STORY(test_crash_in_update_that_removes_a_vnf, .of_nsd = true, .task = ns_update,
	.on = "edge", .request = REMOVE_VNF, .end = "COMPLETED")
STORY(test_crash_in_update_of_paths, .first = PATHS, .task = ns_update, .on = "edge",
	.request = OTHER_PATHS, .end = "COMPLETED")
STORY(test_crash_in_rollback_of_update_of_paths, .first = PATHS, .task = ns_update,
	.on = "edge", .request = OTHER_PATHS, .fails = "lan-b", .end = "ROLLED_BACK")
STORY(test_crash_in_scale_that_was_asked_for_ahead_of_its_time, .of_nsd = true,
	.task = ns_scale, .on = "edge", .request = OUT_LATER, .later = true,
	.end = "COMPLETED")
STORY(test_crash_in_change_of_port, .first = TWO, .task = vnf_port_change,
	.request = "{\"additionalParams\": {\"ports\": {\"left\": {\"driver\": "
		   "\"af_packet\", \"interface\": \"lan8\"}}}}",
	.end = "COMPLETED")
#define BEGIN_ALONE                                                                      \
	"{\"flavourId\": \"default\", \"additionalParams\": {\"ports\": {\"left\": "     \
	"{\"driver\": \"null\"}, \"right\": {\"driver\": \"null\"}}}}"
STORY(test_crash_in_instantiate_of_a_vnf_alone, .alone = true, .task = vnf_instantiate,
	.request = BEGIN_ALONE, .end = "COMPLETED")
STORY(test_crash_in_terminate_of_a_vnf_alone, .alone = true, .prepare = vnf_instantiate,
	.prepare_request = BEGIN_ALONE, .task = vnf_terminate, .request = "{}",
	.end = "COMPLETED")
STORY(test_crash_in_rollback_of_instantiate, .apply = TWO, .fails = "b-wan",
	.end = "ROLLED_BACK")
STORY(test_crash_in_rollback_of_update, .first = TWO, .apply = THREE, .fails = "c-b",
	.end = "ROLLED_BACK")
STORY(test_crash_in_rollback_of_scale, .first = TWO, .task = vnf_scale, .request = OUT,
	.fails = "lan-a~1", .end = "ROLLED_BACK")

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crash_in_instantiate),
		cmocka_unit_test(test_crash_in_terminate),
		cmocka_unit_test(test_crash_in_update_with_one_vnf_more),
		cmocka_unit_test(test_crash_in_update_with_one_vnf_less),
		cmocka_unit_test(test_crash_in_update_with_another_type),
		cmocka_unit_test(test_crash_in_modify),
		cmocka_unit_test(test_crash_in_scale_out),
		cmocka_unit_test(test_crash_in_scale_in),
		cmocka_unit_test(test_crash_in_change_of_package),
		cmocka_unit_test(test_crash_in_move),
		cmocka_unit_test(test_crash_in_change_of_flavour),
		cmocka_unit_test(test_crash_in_rollback_of_change_of_flavour),
		cmocka_unit_test(test_crash_in_heal),
		cmocka_unit_test(test_crash_in_stop),
		cmocka_unit_test(test_crash_in_start),
		cmocka_unit_test(test_crash_in_change_of_version),
		cmocka_unit_test(test_crash_in_rollback_of_change_of_version),
		cmocka_unit_test(test_crash_in_update_that_brings_a_vnf),
		cmocka_unit_test(test_crash_in_update_that_removes_a_vnf),
		cmocka_unit_test(test_crash_in_update_of_paths),
		cmocka_unit_test(test_crash_in_rollback_of_update_of_paths),
		cmocka_unit_test(
			test_crash_in_scale_that_was_asked_for_ahead_of_its_time),
		cmocka_unit_test(test_crash_in_change_of_port),
		cmocka_unit_test(test_crash_in_instantiate_of_a_vnf_alone),
		cmocka_unit_test(test_crash_in_terminate_of_a_vnf_alone),
		cmocka_unit_test(test_crash_in_rollback_of_instantiate),
		cmocka_unit_test(test_crash_in_rollback_of_update),
		cmocka_unit_test(test_crash_in_rollback_of_scale),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
