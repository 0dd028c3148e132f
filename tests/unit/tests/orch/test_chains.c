/* test_chains.c: chains from POST to running, and back, on a fake VNF manager. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/doc.h"
#include "common/log.h"
#include "db/objects.h"
#include "db/occurrences.h"
#include "db/vnf_instances.h"
#include "orchestrator/chains.h"
#include "orchestrator/engine.h"
#include "orchestrator/host.h"
#include "orchestrator/occurrence.h"
#include "orchestrator/vnf.h"
#include "orchestrator/vnf_scale.h"
#include "orchestrator/watch.h"
#include "tests/orch/edge.h"
#include "tests/orch/fake.h"

#define TWO_CHANGED                                                                      \
	EDGE "path: [lan, {vnf: a, type: firewall, config: {default: drop}},"            \
	     " {vnf: b, type: passthrough}, wan]\n"

struct fixture {
	struct fake *fake;
	struct orch *orch;
	char db[64];
};

static void
open_orch(struct fixture *f)
{
	const struct vnfm vnfm = fake_vnfm(f->fake);
	struct err err;
	assert_int_equal(orch_open(f->db, &vnfm, &f->orch, &err), 0);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	log_set_level(LOG_LEVEL_ERROR);
	f->fake = fake_create();
	snprintf(f->db, sizeof(f->db), "/tmp/test_chains.%d.db", (int)getpid());
	open_orch(f);
	assert_true(watch_wait_connected(f->orch->watch, 5000));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char file[80];
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	while (!orch_close(f->orch)) /* a busy machine: the thread is on its way */
		usleep(1000);
	fake_destroy(f->fake);
	for (size_t i = 0; i < 3; i++) {
		snprintf(file, sizeof(file), "%s%s", f->db, suffixes[i]);
		unlink(file);
	}
	free(f);
	return 0;
}

/* Applies a text; returns the result, faults and err filled. */
static int
apply(struct fixture *f, const char *text, bool dry, struct chains_applied *applied,
	struct faults *faults, struct err *err)
{
	struct doc *doc;
	assert_int_equal(doc_parse(text, strlen(text), DOC_YAML, NULL, &doc, err), 0);
	int rc = chains_apply(f->orch, doc_root(doc), dry, applied, faults, err);
	doc_close(doc);
	return rc;
}

/* Applies and waits for the end; returns the occurrence's state (static). */
static const char *
apply_and_wait(struct fixture *f, const char *text)
{
	static char state[32];
	struct chains_applied applied;
	struct faults faults = {0};
	struct err err = {0};
	int rc = apply(f, text, false, &applied, &faults, &err);
	if (rc)
		print_error("%s %s\n", err.text, faults.n ? faults.list[0].text : "");
	assert_int_equal(rc, 0);
	json_decref(applied.body);
	if (!*applied.occurrence)
		return "nothing";
	engine_drain(f->orch->engine);
	struct db_occurrence row;
	assert_int_equal(
		db_occurrence_get(f->orch->db, applied.occurrence, &row, &err), 0);
	snprintf(state, sizeof(state), "%s", row.state);
	db_occurrence_clear(&row);
	return state;
}

static bool
called(const json_t *calls, const char *call)
{
	size_t i;
	json_t *item;
	json_array_foreach ((json_t *)calls, i, item) {
		if (strcmp(json_string_value(item), call) == 0)
			return true;
	}
	return false;
}

static size_t
n_chains(struct fixture *f)
{
	json_t *list;
	struct err err;
	assert_int_equal(chains_list(f->orch, &list, &err), 0);
	const size_t n = json_array_size(list);
	json_decref(list);
	return n;
}

static void
test_chain_apply_puts_vnfs_before_ports_and_opens_all_doors_at_once(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(apply_and_wait(f, TWO), "COMPLETED");
	json_t *calls = fake_calls(f->fake);
	json_t *expected = json_pack("[sssssssss]", "put service edge", "put vnf edge.a",
		"put vnf edge.b", "put port lan", "put port wan", "put link a-b",
		"relink service edge", "+ link lan-a", "+ link b-wan");
	assert_true(json_equal(calls, expected));
	json_decref(expected);
	json_decref(calls);
	assert_int_equal(fake_count(f->fake, VNFM_LINK), 3);
}

static void
test_chain_apply_of_the_same_does_nothing(void **state)
{
	struct fixture *f = *state;
	apply_and_wait(f, TWO);
	json_decref(fake_calls(f->fake));
	assert_string_equal(apply_and_wait(f, TWO), "nothing");
	json_t *calls = fake_calls(f->fake);
	assert_int_equal(json_array_size(calls), 0);
	json_decref(calls);
}

static void
test_chain_apply_of_another_config_touches_only_that_vnf(void **state)
{
	struct fixture *f = *state;
	apply_and_wait(f, TWO);
	json_decref(fake_calls(f->fake));
	assert_string_equal(apply_and_wait(f, TWO_CHANGED), "COMPLETED");
	json_t *calls = fake_calls(f->fake);
	assert_int_equal(json_array_size(calls), 1);
	assert_true(called(calls, "put vnf edge.a"));
	json_decref(calls);
}

static void
test_chain_apply_of_one_vnf_more_rewires_only_its_links(void **state)
{
	struct fixture *f = *state;
	apply_and_wait(f, TWO);
	json_decref(fake_calls(f->fake));
	assert_string_equal(apply_and_wait(f, THREE), "COMPLETED");
	json_t *calls = fake_calls(f->fake);
	assert_int_equal(json_array_size(calls), 5);
	assert_true(called(calls, "put vnf edge.c"));
	assert_true(called(calls, "relink service edge") && called(calls, "- link a-b"));
	assert_true(called(calls, "+ link a-c") && called(calls, "+ link c-b"));
	json_decref(calls);
	assert_string_equal(apply_and_wait(f, TWO), "COMPLETED");
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 2);
	assert_int_equal(fake_count(f->fake, VNFM_LINK), 3);
}

/* Ids of the VNF instance of that name; "" if there is none (static). */
static const char *
instance(struct fixture *f, const char *name)
{
	static char id[STAMP_ID];
	struct db_vnf *rows;
	struct err err;
	size_t n;
	assert_int_equal(db_vnf_list(f->orch->db, &rows, &n, &err), 0);
	id[0] = '\0';
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			snprintf(id, sizeof(id), "%s", rows[i].id);
	db_vnfs_free(rows, n);
	return id;
}

/* Whether a VNF instance still waits for its name. */
static bool
is_one_waiting(struct fixture *f)
{
	struct db_vnf *rows;
	struct err err;
	size_t n;
	bool waits = false;
	assert_int_equal(db_vnf_list(f->orch->db, &rows, &n, &err), 0);
	for (size_t i = 0; i < n; i++)
		waits |= strstr(rows[i].name, "next") != NULL;
	db_vnfs_free(rows, n);
	return waits;
}

static void
test_chain_vnf_of_another_type_is_a_new_one_beside_the_old_until_the_relink(void **state)
{
	struct fixture *f = *state;
	char before[STAMP_ID];
	apply_and_wait(f, TWO);
	snprintf(before, sizeof(before), "%s", instance(f, "edge.a"));
	json_decref(fake_calls(f->fake));
	assert_string_equal(apply_and_wait(f, RETYPED), "COMPLETED");
	json_t *calls = fake_calls(f->fake);
	json_t *expected = json_pack("[sssss]", "put vnf edge.a", "relink service edge",
		"+ link lan-a", "+ link a-b", "del vnf edge.a");
	assert_true(json_equal(calls, expected));
	assert_string_not_equal(instance(f, "edge.a"), before);
	assert_false(is_one_waiting(f));
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 2);
	json_decref(expected);
	json_decref(calls);
	assert_string_equal(apply_and_wait(f, RETYPED), "nothing");
}

static void
test_chain_replacement_that_fails_leaves_the_old_one(void **state)
{
	struct fixture *f = *state;
	char before[STAMP_ID];
	apply_and_wait(f, TWO);
	snprintf(before, sizeof(before), "%s", instance(f, "edge.a"));
	fake_fail_put(f->fake, VNFM_LINK, "a-b", 1);
	assert_string_equal(apply_and_wait(f, RETYPED), "ROLLED_BACK");
	assert_string_equal(instance(f, "edge.a"), before);
	assert_false(is_one_waiting(f));
	json_t *link = fake_doc(f->fake, VNFM_LINK, "a-b");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(link, "a"), "vnf")),
		before);
	json_decref(link);
	assert_string_equal(apply_and_wait(f, TWO), "nothing");
}

static void
test_operation_tells_each_link_of_a_relink(void **state)
{
	struct fixture *f = *state;
	struct chains_applied applied;
	struct faults faults = {0};
	struct err err;
	json_t *occurrence, *link;
	unsigned added = 0, removed = 0;
	size_t i;
	apply_and_wait(f, TWO);
	assert_int_equal(apply(f, THREE, false, &applied, &faults, &err), 0);
	engine_drain(f->orch->engine);
	assert_int_equal(occurrence_get(f->orch, "ns", applied.occurrence, true,
				 &occurrence, &err),
		0);
	json_array_foreach (
		json_object_get(
			json_object_get(occurrence, "resourceChanges"), "affectedVls"),
		i, link) {
		const char *type = json_string_value(json_object_get(link, "changeType"));
		added += strcmp(type, "ADD") == 0;
		removed += strcmp(type, "DELETE") == 0;
	}
	assert_int_equal(added, 2);
	assert_int_equal(removed, 1);
	json_decref(occurrence);
}

static void
test_change_of_a_running_chain_is_resumed_and_relinks(void **state)
{
	struct fixture *f = *state;
	struct chains_applied applied;
	struct faults faults = {0};
	struct db_occurrence row;
	struct err err;
	apply_and_wait(f, TWO);
	fake_hold_ready(f->fake, true);
	assert_int_equal(apply(f, THREE, false, &applied, &faults, &err), 0);
	while (fake_count(f->fake, VNFM_VNF) < 3)
		usleep(1000);
	while (!orch_close(f->orch)) /* a busy machine: the thread is on its way */
		usleep(1000);
	json_decref(fake_calls(f->fake));
	fake_hold_ready(f->fake, false);
	open_orch(f);
	assert_true(watch_wait_connected(f->orch->watch, 5000));
	usleep(10000);
	engine_drain(f->orch->engine);
	assert_int_equal(
		db_occurrence_get(f->orch->db, applied.occurrence, &row, &err), 0);
	assert_string_equal(row.state, "COMPLETED");
	db_occurrence_clear(&row);
	json_t *calls = fake_calls(f->fake);
	assert_true(called(calls, "relink service edge") && called(calls, "+ link c-b"));
	assert_false(called(calls, "del link a-b"));
	json_decref(calls);
}

/* The store wants the new links, the host still has the old ones. */
static void
test_reconcile_relinks_what_an_operation_left_half_done(void **state)
{
	struct fixture *f = *state;
	struct err err;
	apply_and_wait(f, TWO);
	json_t *link = fake_doc(f->fake, VNFM_LINK, "a-b"), *calls;
	char *ns = strdup(json_string_value(json_object_get(link, "ns"))), id[96];
	json_object_del(link, "id");
	json_object_del(link, "state");
	json_object_set_new(link, "name", json_string("other"));
	snprintf(id, sizeof(id), "%s/a-b", ns);
	assert_int_equal(db_object_del(f->orch->db, "link", id, &err), 0);
	snprintf(id, sizeof(id), "%s/other", ns);
	assert_int_equal(db_object_put(f->orch->db, "link", id, ns, link, &err), 0);
	json_decref(fake_calls(f->fake));
	fake_event(f->fake, "dataplane-ready");
	for (int i = 0; i < 5000; i++) {
		json_t *now = fake_doc(f->fake, VNFM_LINK, "other");
		json_decref(now);
		if (now)
			break;
		usleep(1000);
	}
	calls = fake_calls(f->fake);
	assert_true(called(calls, "relink service edge") && called(calls, "- link a-b"));
	assert_false(called(calls, "del link a-b"));
	json_decref(calls);
	json_decref(link);
	free(ns);
}

static void
test_chain_dry_run_plans_and_does_nothing(void **state)
{
	struct fixture *f = *state;
	struct chains_applied applied;
	struct faults faults = {0};
	struct err err;
	assert_int_equal(apply(f, TWO, true, &applied, &faults, &err), 0);
	assert_int_equal(json_array_size(json_object_get(applied.body, "steps")), 9);
	json_decref(applied.body);
	assert_int_equal(fake_count(f->fake, VNFM_SERVICE), 0);
	assert_int_equal(n_chains(f), 0);
}

static void
test_chain_apply_that_fails_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	fake_fail_put(f->fake, VNFM_LINK, "a-b", 1);
	assert_string_equal(apply_and_wait(f, TWO), "ROLLED_BACK");
	for (int kind = VNFM_SERVICE; kind <= VNFM_LINK; kind++)
		assert_int_equal(fake_count(f->fake, (enum vnfm_kind)kind), 0);
	assert_int_equal(n_chains(f), 0);
	assert_string_equal(apply_and_wait(f, TWO), "COMPLETED");
}

static void
test_chain_change_that_fails_leaves_the_old_one(void **state)
{
	struct fixture *f = *state;
	apply_and_wait(f, TWO);
	fake_fail_put(f->fake, VNFM_LINK, "c-b", 1);
	assert_string_equal(apply_and_wait(f, THREE), "ROLLED_BACK");
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 2);
	json_t *link = fake_doc(f->fake, VNFM_LINK, "a-b");
	assert_non_null(link);
	json_decref(link);
	assert_string_equal(apply_and_wait(f, TWO), "nothing");
}

static void
test_chain_delete_removes_everything(void **state)
{
	struct fixture *f = *state;
	char occurrence[STAMP_ID];
	struct err err;
	apply_and_wait(f, TWO);
	assert_int_equal(chains_delete(f->orch, "edge", occurrence, &err), 0);
	engine_drain(f->orch->engine);
	assert_int_equal(n_chains(f), 0);
	for (int kind = VNFM_SERVICE; kind <= VNFM_LINK; kind++)
		assert_int_equal(fake_count(f->fake, (enum vnfm_kind)kind), 0);
	assert_int_equal(chains_delete(f->orch, "edge", occurrence, &err),
		err_errno(ERR_NOT_FOUND));
}

static void
test_chain_on_another_services_interface_names_it(void **state)
{
	struct fixture *f = *state;
	struct chains_applied applied;
	struct faults faults = {0};
	struct err err = {0};
	apply_and_wait(f, TWO);
	static const char other[] = "kind: Chain\nname: other\nports: {in: {driver: "
				    "af_packet, interface: lan0}}\n"
				    "path: [in, {vnf: x, type: passthrough}]\n";
	assert_int_not_equal(apply(f, other, false, &applied, &faults, &err), 0);
	assert_int_equal(faults.n, 1);
	assert_int_equal(faults.list[0].code, ERR_EXISTS);
	assert_non_null(strstr(faults.list[0].text, "'edge'"));
	assert_string_equal(faults.list[0].path, "ports.in.interface");
	faults_clear(&faults);
}

static void
test_chain_faults_come_all_at_once_with_paths(void **state)
{
	struct fixture *f = *state;
	struct chains_applied applied;
	struct faults faults = {0};
	struct err err = {0};
	static const char bad[] = "kind: Chain\nname: bad\nports: {in: {driver: "
				  "af_packet, interface: lan1}}\n"
				  "path: [in, {vnf: x, type: pasthrough}, {vnf: y, type: "
				  "firewall, config: {wrong: 1}}]\n";
	assert_int_not_equal(apply(f, bad, false, &applied, &faults, &err), 0);
	assert_int_equal(faults.n, 3);
	assert_string_equal(faults.list[0].path, "path[1].type");
	assert_non_null(strstr(faults.list[0].hint, "passthrough"));
	assert_string_equal(faults.list[1].path, "ports.in.interface");
	assert_string_equal(faults.list[2].path, "path[2].config.wrong");
	faults_clear(&faults);
}

static void
test_operation_is_resumed_by_the_next_process(void **state)
{
	struct fixture *f = *state;
	struct chains_applied applied;
	struct faults faults = {0};
	struct err err;
	fake_hold_ready(f->fake, true);
	assert_int_equal(apply(f, TWO, false, &applied, &faults, &err), 0);
	while (fake_count(f->fake, VNFM_LINK) < 1) /* those to ports wait */
		usleep(1000);
	while (!orch_close(f->orch)) /* a busy machine: the thread is on its way */
		usleep(1000);
	fake_hold_ready(f->fake, false);
	open_orch(f);
	assert_true(watch_wait_connected(f->orch->watch, 5000));
	usleep(10000);
	engine_drain(f->orch->engine);
	struct db_occurrence row;
	assert_int_equal(
		db_occurrence_get(f->orch->db, applied.occurrence, &row, &err), 0);
	assert_string_equal(row.state, "COMPLETED");
	db_occurrence_clear(&row);
}

static void
test_reconcile_restores_what_a_host_lost_and_ends_what_nobody_wants(void **state)
{
	struct fixture *f = *state;
	apply_and_wait(f, TWO);
	fake_forget(f->fake);
	fake_plant(f->fake, VNFM_VNF, "stray");
	fake_event(f->fake, "dataplane-ready");
	for (int i = 0; i < 5000 && fake_count(f->fake, VNFM_LINK) < 3; i++)
		usleep(1000);
	assert_int_equal(fake_count(f->fake, VNFM_LINK), 3);
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 2);
}

static void
test_apply_without_a_vnfm_is_unavailable(void **state)
{
	struct fixture *f = *state;
	struct chains_applied applied;
	struct faults faults = {0};
	struct err err = {0};
	fake_set_down(f->fake, true);
	assert_int_equal(apply(f, TWO, false, &applied, &faults, &err),
		err_errno(ERR_UNAVAILABLE));
	faults_clear(&faults);
	assert_int_equal(n_chains(f), 0);
}

static void
test_vnf_modify_merges_the_configuration(void **state)
{
	struct fixture *f = *state;
	struct operation_answer answer = {0};
	struct faults faults = {0};
	struct err err;
	apply_and_wait(f, TWO_CHANGED);
	json_t *vnfs, *request = json_pack("{s:{s:{s:i}}}", "vnfConfigurableProperties",
			      "config", "max-sessions", 5);
	assert_int_equal(vnf_list(f->orch, true, &vnfs, &err), 0);
	const char *id =
		json_string_value(json_object_get(json_array_get(vnfs, 0), "id"));
	assert_int_equal(vnf_modify(f->orch, id, request, &answer, &faults, &err), 0);
	engine_drain(f->orch->engine);
	json_t *doc = fake_doc(f->fake, VNFM_VNF, "edge.a");
	json_t *expected = json_pack("{s:s, s:i}", "default", "drop", "max-sessions", 5);
	assert_true(json_equal(json_object_get(doc, "config"), expected));
	json_decref(expected);
	json_decref(doc);
	json_decref(request);
	request = json_pack(
		"{s:{s:{s:i}}}", "vnfConfigurableProperties", "config", "wrong", 1);
	assert_int_not_equal(vnf_modify(f->orch, id, request, &answer, &faults, &err), 0);
	assert_string_equal(
		faults.list[0].path, "vnfConfigurableProperties.config.wrong");
	faults_clear(&faults);
	json_decref(request);
	json_decref(vnfs);
}

/* As the standard has it: a merge patch of each. */
static void
test_vnf_modify_merges_what_is_said_of_it(void **state)
{
	struct fixture *f = *state;
	static const char *const patches[] = {
		"{\"vnfInstanceDescription\": \"d\", \"metadata\": {\"a\": \"1\", "
		"\"b\": \"2\"}}",
		"{\"vnfInstanceDescription\": null, \"metadata\": {\"a\": null, \"c\": "
		"\"3\"}, \"vnfConfigurableProperties\": {\"config\": null}}"};
	struct faults faults = {0};
	struct err err;
	json_t *vnfs, *vnf;
	apply_and_wait(f, TWO_CHANGED);
	assert_int_equal(vnf_list(f->orch, true, &vnfs, &err), 0);
	const char *id =
		json_string_value(json_object_get(json_array_get(vnfs, 0), "id"));
	for (size_t i = 0; i < 2; i++) {
		struct operation_answer answer = {0};
		json_t *request = json_loads(patches[i], 0, NULL);
		assert_int_equal(
			vnf_modify(f->orch, id, request, &answer, &faults, &err), 0);
		engine_drain(f->orch->engine);
		json_decref(request);
	}
	assert_int_equal(vnf_get(f->orch, id, &vnf, &err), 0);
	const json_t *metadata = json_object_get(vnf, "metadata");
	assert_null(json_object_get(vnf, "vnfInstanceDescription"));
	assert_null(json_object_get(metadata, "a"));
	assert_string_equal(json_string_value(json_object_get(metadata, "b")), "2");
	assert_string_equal(json_string_value(json_object_get(metadata, "c")), "3");
	json_t *doc = fake_doc(f->fake, VNFM_VNF, "edge.a");
	assert_true(json_is_object(json_object_get(doc, "config")));
	assert_int_equal(json_object_size(json_object_get(doc, "config")), 0);
	json_decref(doc);
	json_decref(vnf);
	json_decref(vnfs);
}

static void
test_second_operation_on_a_busy_service_is_refused(void **state)
{
	struct fixture *f = *state;
	struct chains_applied applied;
	struct faults faults = {0};
	struct err err = {0};
	fake_hold_ready(f->fake, true);
	assert_int_equal(apply(f, TWO, false, &applied, &faults, &err), 0);
	assert_int_equal(
		apply(f, THREE, false, &applied, &faults, &err), err_errno(ERR_STATE));
	fake_hold_ready(f->fake, false);
	engine_drain(f->orch->engine);
}

static void
test_cancelled_apply_is_rolled_back(void **state)
{
	struct fixture *f = *state;
	struct chains_applied applied;
	struct faults faults = {0};
	struct err err = {0};
	json_t *request = json_pack("{s:s}", "cancelMode", "FORCEFUL"), *occurrence;
	fake_hold_ready(f->fake, true);
	assert_int_equal(apply(f, TWO, false, &applied, &faults, &err), 0);
	assert_int_equal(
		occurrence_cancel(f->orch, "ns", applied.occurrence, request, &err), 0);
	engine_drain(f->orch->engine);
	assert_int_equal(occurrence_get(f->orch, "ns", applied.occurrence, true,
				 &occurrence, &err),
		0);
	assert_string_equal(
		json_string_value(json_object_get(occurrence, "operationState")),
		"ROLLED_BACK");
	json_decref(occurrence);
	json_decref(request);
	assert_int_equal(fake_count(f->fake, VNFM_SERVICE), 0);
}

/* Scales the first VNF of the chain; returns the occurrence's state (static). */
static const char *
scale_and_wait(struct fixture *f, const char *profile, const char *type)
{
	static char state[32];
	struct operation_answer answer = {0};
	struct faults faults = {0};
	struct err err = {0};
	struct db_vnf *rows;
	struct db_occurrence row = {0};
	size_t n;
	json_t *request = json_pack("{s:s}", "type", type);
	int rc = db_vnf_list(f->orch->db, &rows, &n, &err);
	assert_int_equal(rc, 0);
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].profile, profile) == 0)
			rc = vnf_scale(
				f->orch, rows[i].id, request, &answer, &faults, &err);
	db_vnfs_free(rows, n);
	json_decref(request);
	snprintf(state, sizeof(state), "%s",
		rc && faults.n ? err_code_name(faults.list[0].code) : "refused");
	faults_clear(&faults);
	if (rc)
		return state;
	engine_drain(f->orch->engine);
	assert_int_equal(
		db_occurrence_get(f->orch->db, answer.occurrence, &row, &err), 0);
	snprintf(state, sizeof(state), "%s", row.state);
	db_occurrence_clear(&row);
	return state;
}

static void
test_scale_out_joins_a_replica_and_then_gives_it_its_share(void **state)
{
	struct fixture *f = *state;
	apply_and_wait(f, TWO);
	json_decref(fake_calls(f->fake));
	assert_string_equal(scale_and_wait(f, "a", "SCALE_OUT"), "COMPLETED");
	json_t *calls = fake_calls(f->fake);
	json_t *expected = json_pack("[ssssss]", "put vnf edge.a", "put vnf edge.a~1",
		"relink service edge", "+ link a-b~10", "+ link lan-a~1",
		"spread vnf edge.a 2");
	for (size_t i = 0; i < json_array_size(expected); i++)
		assert_true(
			called(calls, json_string_value(json_array_get(expected, i))));
	assert_int_equal(json_array_size(calls), 6);
	assert_string_equal(
		json_string_value(json_array_get(calls, 5)), "spread vnf edge.a 2");
	json_decref(expected);
	json_decref(calls);
	json_t *doc = fake_doc(f->fake, VNFM_VNF, "edge.a~1");
	assert_int_equal(json_integer_value(json_object_get(
				 json_object_get(doc, "replica"), "index")),
		1);
	json_decref(doc);
}

static void
test_scale_in_empties_a_replica_before_it_takes_it_out(void **state)
{
	struct fixture *f = *state;
	apply_and_wait(f, TWO);
	scale_and_wait(f, "a", "SCALE_OUT");
	json_decref(fake_calls(f->fake));
	assert_string_equal(scale_and_wait(f, "a", "SCALE_IN"), "COMPLETED");
	json_t *calls = fake_calls(f->fake);
	assert_string_equal(
		json_string_value(json_array_get(calls, 1)), "spread vnf edge.a 1");
	assert_string_equal(
		json_string_value(json_array_get(calls, 2)), "relink service edge");
	assert_true(called(calls, "- link lan-a~1"));
	assert_true(called(calls, "del vnf edge.a~1"));
	json_decref(calls);
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 2);
	assert_int_equal(fake_count(f->fake, VNFM_LINK), 3);
	assert_string_equal(apply_and_wait(f, TWO), "nothing");
}

static void
test_scale_that_fails_leaves_the_vnf_as_it_was(void **state)
{
	struct fixture *f = *state;
	apply_and_wait(f, TWO);
	fake_fail_put(f->fake, VNFM_LINK, "", 1);
	assert_string_equal(scale_and_wait(f, "a", "SCALE_OUT"), "ROLLED_BACK");
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 2);
	assert_int_equal(fake_count(f->fake, VNFM_LINK), 3);
}

static void
test_scale_refuses_what_cannot_be(void **state)
{
	struct fixture *f = *state;
	apply_and_wait(f, TWO);
	assert_string_equal(scale_and_wait(f, "a", "SCALE_IN"), "invalid");
	assert_string_equal(scale_and_wait(f, "a", "SIDEWAYS"), "invalid");
	assert_string_equal(scale_and_wait(f, "b", "SCALE_OUT"), "unsupported");
}

static void
test_chain_with_replicas_has_all_of_them_and_follows_their_number(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(
		apply_and_wait(f,
			EDGE "path: [lan, {vnf: a, type: firewall, replicas: 3}, wan]\n"),
		"COMPLETED");
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 3);
	assert_int_equal(fake_count(f->fake, VNFM_LINK), 6);
	assert_string_equal(
		apply_and_wait(f,
			EDGE "path: [lan, {vnf: a, type: firewall, replicas: 2}, wan]\n"),
		"COMPLETED");
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 2);
	json_t *calls = fake_calls(f->fake);
	assert_true(called(calls, "spread vnf edge.a 2"));
	json_decref(calls);
	assert_string_equal(
		apply_and_wait(f, EDGE "path: [lan, {vnf: a, type: firewall}, wan]\n"),
		"COMPLETED");
	assert_int_equal(fake_count(f->fake, VNFM_VNF), 1);
	assert_int_equal(fake_count(f->fake, VNFM_LINK), 2);
}

static void
test_doctor_finds_orphans_and_what_is_missing(void **state)
{
	struct fixture *f = *state;
	struct err err;
	json_t *audit;
	apply_and_wait(f, TWO);
	assert_int_equal(host_doctor(f->orch, &audit, &err), 0);
	assert_true(json_is_true(json_object_get(audit, "ok")));
	json_decref(audit);
	fake_forget(f->fake);
	fake_plant(f->fake, VNFM_VNF, "stray");
	assert_int_equal(host_doctor(f->orch, &audit, &err), 0);
	assert_true(json_is_false(json_object_get(audit, "ok")));
	assert_int_equal(json_array_size(json_object_get(audit, "orphans")), 1);
	assert_int_equal(json_array_size(json_object_get(audit, "findings")), 8);
	json_decref(audit);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_chain_apply_puts_vnfs_before_ports_and_opens_all_doors_at_once),
		TEST(test_chain_apply_of_the_same_does_nothing),
		TEST(test_chain_apply_of_another_config_touches_only_that_vnf),
		TEST(test_chain_apply_of_one_vnf_more_rewires_only_its_links),
		TEST(test_chain_vnf_of_another_type_is_a_new_one_beside_the_old_until_the_relink),
		TEST(test_chain_replacement_that_fails_leaves_the_old_one),
		TEST(test_operation_tells_each_link_of_a_relink),
		TEST(test_change_of_a_running_chain_is_resumed_and_relinks),
		TEST(test_reconcile_relinks_what_an_operation_left_half_done),
		TEST(test_chain_dry_run_plans_and_does_nothing),
		TEST(test_chain_apply_that_fails_leaves_nothing),
		TEST(test_chain_change_that_fails_leaves_the_old_one),
		TEST(test_chain_delete_removes_everything),
		TEST(test_chain_on_another_services_interface_names_it),
		TEST(test_chain_faults_come_all_at_once_with_paths),
		TEST(test_operation_is_resumed_by_the_next_process),
		TEST(test_reconcile_restores_what_a_host_lost_and_ends_what_nobody_wants),
		TEST(test_apply_without_a_vnfm_is_unavailable),
		TEST(test_vnf_modify_merges_the_configuration),
		TEST(test_vnf_modify_merges_what_is_said_of_it),
		TEST(test_second_operation_on_a_busy_service_is_refused),
		TEST(test_cancelled_apply_is_rolled_back),
		TEST(test_scale_out_joins_a_replica_and_then_gives_it_its_share),
		TEST(test_scale_in_empties_a_replica_before_it_takes_it_out),
		TEST(test_scale_that_fails_leaves_the_vnf_as_it_was),
		TEST(test_scale_refuses_what_cannot_be),
		TEST(test_chain_with_replicas_has_all_of_them_and_follows_their_number),
		TEST(test_doctor_finds_orphans_and_what_is_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
