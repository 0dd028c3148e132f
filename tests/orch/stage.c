/* stage.c: see stage.h. */
#include "tests/orch/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/doc.h"
#include "common/log.h"
#include "db/ns_instances.h"
#include "db/occurrences.h"
#include "db/vnf_instances.h"
#include "orchestrator/chains.h"
#include "orchestrator/engine.h"
#include "orchestrator/ns.h"
#include "orchestrator/nsd.h"
#include "orchestrator/occurrence.h"
#include "orchestrator/schedule.h"
#include "orchestrator/watch.h"

static void open_orch(struct stage *stage);
static void close_orch(struct stage *stage);
static const char *outcome(struct stage *stage, int rc, const struct err *err,
	struct faults *faults, const char *occurrence);

void
stage_open(struct stage *stage)
{
	static unsigned number;
	log_set_level(LOG_LEVEL_ERROR);
	stage->fake = fake_create();
	snprintf(stage->db, sizeof(stage->db), "/tmp/renga-stage.%d.%u.db", (int)getpid(),
		number++);
	open_orch(stage);
}

void
stage_open_on(struct stage *stage, const char *db, struct fake *fake)
{
	log_set_level(LOG_LEVEL_ERROR);
	stage->fake = fake;
	snprintf(stage->db, sizeof(stage->db), "%s", db);
	open_orch(stage);
}

void
stage_close(struct stage *stage)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char file[128];
	close_orch(stage);
	fake_destroy(stage->fake);
	for (size_t i = 0; i < 3; i++) {
		snprintf(file, sizeof(file), "%s%s", stage->db, suffixes[i]);
		unlink(file);
	}
}

int
stage_setup(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	stage_open(stage);
	*state = stage;
	return 0;
}

int
stage_teardown(void **state)
{
	stage_close(*state);
	free(*state);
	return 0;
}

void
stage_restart(struct stage *stage)
{
	close_orch(stage);
	open_orch(stage);
}

const char *
stage_apply(struct stage *stage, const char *yaml)
{
	struct chains_applied applied = {0};
	struct faults faults = {0};
	struct err err = {0};
	struct doc *doc;
	assert_int_equal(doc_parse(yaml, strlen(yaml), DOC_YAML, NULL, &doc, &err), 0);
	int rc = chains_apply(stage->orch, doc_root(doc), false, &applied, &faults, &err);
	doc_close(doc);
	json_decref(applied.body);
	return outcome(stage, rc, &err, &faults, applied.occurrence);
}

const char *
stage_delete(struct stage *stage, const char *chain)
{
	char occurrence[STAMP_ID] = "";
	struct err err = {0};
	int rc = chains_delete(stage->orch, chain, occurrence, &err);
	return outcome(stage, rc, &err, NULL, occurrence);
}

const char *
stage_task(struct stage *stage, stage_task_fn *fn, const char *name, const char *text)
{
	struct operation_answer answer = {0};
	struct faults faults = {0};
	struct err err = {0};
	json_t *request = json_loads(text, 0, NULL);
	assert_non_null(request);
	int rc = fn(stage->orch, stage_id(stage, name), request, &answer, &faults, &err);
	json_decref(request);
	return outcome(stage, rc, &err, &faults, answer.occurrence);
}

void
stage_onboard(struct stage *stage, const char *text)
{
	struct faults faults = {0};
	struct err err = {0};
	json_t *nsd;
	assert_int_equal(nsd_create(stage->orch, NULL, &nsd, &err), 0);
	assert_int_equal(
		nsd_upload(stage->orch, json_string_value(json_object_get(nsd, "id")),
			"application/yaml", text, strlen(text), &faults, &err),
		0);
	json_decref(nsd);
}

void
stage_instantiate(struct stage *stage, const char *nsd)
{
	struct faults faults = {0};
	struct err err = {0};
	json_t *ns, *request = json_pack("{s:s, s:s}", "nsdId", nsd, "nsName", "edge");
	assert_int_equal(ns_create(stage->orch, request, &ns, &faults, &err), 0);
	json_decref(ns);
	json_decref(request);
	assert_string_equal(stage_task(stage, ns_instantiate, "edge",
				    "{\"nsFlavourId\": \"default\"}"),
		"COMPLETED");
}

json_t *
stage_plan(struct stage *stage, stage_task_fn *fn, const char *name, const char *text)
{
	struct operation_answer answer = {.dry_run = true};
	struct faults faults = {0};
	struct err err = {0};
	json_t *request = json_loads(text, 0, NULL);
	assert_non_null(request);
	assert_int_equal(
		fn(stage->orch, stage_id(stage, name), request, &answer, &faults, &err),
		0);
	assert_string_equal(answer.occurrence, "");
	json_decref(request);
	return answer.plan;
}

const char *
stage_tell(struct stage *stage, const char *api, enum event task)
{
	struct err err = {0};
	char id[STAMP_ID];
	snprintf(id, sizeof(id), "%s", stage->occurrence);
	int rc = occurrence_task(stage->orch, api, id, task, &err);
	return outcome(stage, rc, &err, NULL, id);
}

const char *
stage_state(struct stage *stage)
{
	static char state[32];
	struct db_occurrence row = {0};
	struct err err;
	engine_drain(stage->orch->engine);
	assert_int_equal(
		db_occurrence_get(stage->orch->db, stage->occurrence, &row, &err), 0);
	snprintf(state, sizeof(state), "%s", row.state);
	db_occurrence_clear(&row);
	return state;
}

void
stage_come(struct stage *stage, const char *occurrence, int64_t late_ms)
{
	struct db_occurrence row = {0};
	struct err err;
	assert_int_equal(db_occurrence_get(stage->orch->db, occurrence, &row, &err), 0);
	row.due_ms = stamp_us() / 1000 - late_ms;
	assert_int_equal(db_occurrence_update(stage->orch->db, &row, &err), 0);
	db_occurrence_clear(&row);
	schedule_wake(stage->orch->schedule);
}

const char *
stage_id(struct stage *stage, const char *name)
{
	static char id[STAMP_ID];
	struct db_vnf *vnfs;
	struct db_ns *services;
	struct err err;
	size_t n;
	id[0] = '\0';
	assert_int_equal(db_vnf_list(stage->orch->db, &vnfs, &n, &err), 0);
	for (size_t i = 0; i < n; i++)
		if (strcmp(vnfs[i].name, name) == 0)
			snprintf(id, sizeof(id), "%s", vnfs[i].id);
	db_vnfs_free(vnfs, n);
	assert_int_equal(db_ns_list(stage->orch->db, &services, &n, &err), 0);
	for (size_t i = 0; i < n; i++)
		if (!*id && strcmp(services[i].name, name) == 0)
			snprintf(id, sizeof(id), "%s", services[i].id);
	db_nss_free(services, n);
	return id;
}

int
stage_core(struct stage *stage, const char *vnf)
{
	json_t *doc = fake_doc(stage->fake, VNFM_VNF, vnf);
	assert_non_null(doc);
	const int core = (int)json_integer_value(json_object_get(doc, "core"));
	json_decref(doc);
	return core;
}

const char *
stage_request(struct stage *stage, const char *request, const char *name)
{
	static char text[512];
	const size_t before = strcspn(request, "$");
	snprintf(text, sizeof(text), "%.*s%s%s", (int)before, request,
		request[before] ? stage_id(stage, name) : "",
		request[before] ? request + before + 1 : "");
	return text;
}

const char *
stage_steps(json_t *list)
{
	static char text[2048];
	const json_t *steps = json_is_array(list) ? list : json_object_get(list, "steps");
	size_t i;
	json_t *step;
	text[0] = '\0';
	json_array_foreach (steps, i, step) {
		const char *action = json_string_value(json_object_get(step, "action"));
		const char *kind = json_string_value(json_object_get(step, "kind"));
		const char *name = json_string_value(json_object_get(step, "name"));
		const size_t len = strlen(text);
		if (json_is_string(step))
			snprintf(text + len, sizeof(text) - len, "%s%s", len ? "; " : "",
				json_string_value(step));
		else
			snprintf(text + len, sizeof(text) - len, "%s%s %s %s",
				len ? "; " : "", action, kind, name ? name : "-");
	}
	json_decref(list);
	return text;
}

static void
open_orch(struct stage *stage)
{
	const struct vnfm vnfm = fake_vnfm(stage->fake);
	struct err err;
	assert_int_equal(orch_open(stage->db, &vnfm, &stage->orch, &err), 0);
	assert_true(watch_wait_connected(stage->orch->watch, 5000));
}

static void
close_orch(struct stage *stage)
{
	while (!orch_close(stage->orch)) /* a busy machine: the thread is on its way */
		usleep(1000);
}

static const char *
outcome(struct stage *stage, int rc, const struct err *err, struct faults *faults,
	const char *occurrence)
{
	static char text[32];
	const bool faulty = faults && faults->n;
	if (rc)
		snprintf(text, sizeof(text), "%s",
			err_code_name(faulty ? faults->list[0].code : err->code));
	if (faults)
		faults_clear(faults);
	if (rc)
		return text;
	if (!*occurrence)
		return "nothing";
	snprintf(stage->occurrence, STAMP_ID, "%s", occurrence);
	return stage_state(stage);
}
