/* test_db.c: the store: schema, transactions, rows, what must be unique. */
#include <stdio.h>
#include <unistd.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>
#include "db/events.h"
#include "db/internal.h"
#include "db/ns_instances.h"
#include "db/nsds.h"
#include "db/objects.h"
#include "db/occurrences.h"
#include "db/steps.h"
#include "db/subscriptions.h"

static char file[64];

static int
setup(void **state)
{
	struct db *db;
	assert_int_equal(db_open(":memory:", &db, NULL), 0);
	*state = db;
	return 0;
}

static int
teardown(void **state)
{
	db_close(*state);
	return 0;
}

static void
remove_file(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char name[80];
	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", file, suffixes[i]);
		unlink(name);
	}
}

static void
script(const char *sql)
{
	sqlite3 *handle;
	assert_int_equal(sqlite3_open(file, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
}

static int
insert_nsd(struct db *db, const char *id, const char *nsd_id, struct err *err)
{
	json_t *nsd = json_pack("{s:s}", "id", nsd_id);
	const struct db_nsd row = {.id = (char *)id,
		.nsd_id = (char *)nsd_id,
		.onboarding = "ONBOARDED",
		.operational = "ENABLED",
		.nsd = nsd,
		.created = "2026"};
	int rc = db_nsd_insert(db, &row, err);
	json_decref(nsd);
	return rc;
}

static int
insert_occurrence(struct db *db, const char *id, const char *state, struct err *err)
{
	const struct db_occurrence row = {.id = (char *)id,
		.api = "ns",
		.operation = "INSTANTIATE",
		.state = (char *)state,
		.ns_id = "n",
		.instance = "n",
		.started = (char *)id,
		.entered = "2026",
		.duration_ms = 50};
	return db_occurrence_insert(db, &row, err);
}

static void
test_db_row_is_read_back_as_it_was_written(void **state)
{
	struct db *db = *state;
	struct db_nsd row;
	struct err err;
	assert_int_equal(insert_nsd(db, "1", "a", &err), 0);
	assert_int_equal(db_nsd_get_by_nsd_id(db, "a", &row, &err), 0);
	assert_string_equal(row.id, "1");
	assert_null(row.name);
	assert_string_equal(json_string_value(json_object_get(row.nsd, "id")), "a");
	free(row.operational);
	row.operational = strdup("DISABLED");
	assert_int_equal(db_nsd_update(db, &row, &err), 0);
	db_nsd_clear(&row);
	assert_int_equal(db_nsd_get(db, "1", &row, &err), 0);
	assert_string_equal(row.operational, "DISABLED");
	db_nsd_clear(&row);
	assert_int_equal(db_nsd_delete(db, "1", &err), 0);
	assert_int_equal(db_nsd_get(db, "1", &row, &err), err_errno(ERR_NOT_FOUND));
	assert_int_equal(db_nsd_delete(db, "1", &err), err_errno(ERR_NOT_FOUND));
}

static void
test_db_unique_value_taken_is_exists(void **state)
{
	struct db *db = *state;
	struct err err;
	assert_int_equal(insert_nsd(db, "1", "a", &err), 0);
	assert_int_equal(insert_nsd(db, "2", "a", &err), err_errno(ERR_EXISTS));
}

static void
test_db_content_keeps_any_bytes(void **state)
{
	struct db *db = *state;
	struct db_content content;
	struct err err;
	assert_int_equal(insert_nsd(db, "1", "a", &err), 0);
	assert_int_equal(db_content_put(db, "1", "application/zip", "a\0b", 3, &err), 0);
	assert_int_equal(db_content_get(db, "1", &content, &err), 0);
	assert_int_equal(content.len, 3);
	assert_memory_equal(content.data, "a\0b", 4);
	db_content_clear(&content);
	assert_int_equal(
		db_content_get(db, "2", &content, &err), err_errno(ERR_NOT_FOUND));
}

static void
test_db_rollback_undoes_and_an_inner_one_dooms_the_outer(void **state)
{
	struct db *db = *state;
	struct db_nsd row;
	struct err err;
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(insert_nsd(db, "1", "a", &err), 0);
	db_rollback(db);
	assert_int_not_equal(db_nsd_get(db, "1", &row, &err), 0);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(insert_nsd(db, "1", "a", &err), 0);
	assert_int_equal(db_begin(db, &err), 0);
	db_rollback(db);
	assert_int_not_equal(db_commit(db, &err), 0);
	assert_int_not_equal(db_nsd_get(db, "1", &row, &err), 0);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(insert_nsd(db, "1", "a", &err), 0);
	assert_int_equal(db_commit(db, &err), 0);
	assert_int_equal(db_commit(db, &err), 0);
	assert_int_equal(db_nsd_get(db, "1", &row, &err), 0);
	db_nsd_clear(&row);
}

static void
test_db_service_has_one_unfinished_operation(void **state)
{
	struct db *db = *state;
	struct db_occurrence row;
	struct err err;
	assert_int_equal(insert_occurrence(db, "1", "COMPLETED", &err), 0);
	assert_int_equal(
		db_occurrence_get_open(db, "n", &row, &err), err_errno(ERR_NOT_FOUND));
	assert_int_equal(insert_occurrence(db, "2", "FAILED_TEMP", &err), 0);
	assert_int_equal(
		insert_occurrence(db, "3", "PROCESSING", &err), err_errno(ERR_EXISTS));
	assert_int_equal(db_occurrence_get_open(db, "n", &row, &err), 0);
	assert_string_equal(row.id, "2");
	db_occurrence_clear(&row);
}

static void
test_db_operations_are_counted_as_they_come_to_an_end(void **state)
{
	struct db *db = *state;
	struct db_occurrence row = {0};
	struct db_occurrence_count counts[4];
	size_t n;
	struct err err;
	static const char *const states[] = {"PROCESSING", "FAILED_TEMP", "ROLLED_BACK"};
	assert_int_equal(insert_occurrence(db, "1", "STARTING", &err), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(db_occurrence_get(db, "1", &row, &err), 0);
		free(row.state);
		row.state = strdup(states[i]);
		assert_int_equal(db_occurrence_update(db, &row, &err), 0);
		assert_int_equal(db_occurrence_update(db, &row, &err), 0);
		db_occurrence_clear(&row);
	}
	assert_int_equal(db_occurrence_prune(db, 0, &err), 0);
	assert_int_equal(db_occurrence_counts(db, counts, 4, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(counts[0].state, "FAILED_TEMP");
	assert_string_equal(counts[1].state, "ROLLED_BACK");
	assert_int_equal(counts[1].n, 1);
	assert_int_equal(counts[1].within[0], 0);
	assert_int_equal(counts[1].within[1], 1);
}

static void
test_db_pruning_keeps_the_newest_and_the_unfinished(void **state)
{
	struct db *db = *state;
	struct db_occurrence *rows;
	size_t n;
	struct err err;
	assert_int_equal(insert_occurrence(db, "1", "FAILED_TEMP", &err), 0);
	assert_int_equal(insert_occurrence(db, "2", "COMPLETED", &err), 0);
	assert_int_equal(insert_occurrence(db, "3", "COMPLETED", &err), 0);
	const struct db_step step = {"2", 0, "put", "vnf", "v", "n", "edge.v", NULL, NULL,
		"done", 15000, 1, 2};
	assert_int_equal(db_step_insert(db, &step, &err), 0);
	assert_int_equal(db_occurrence_prune(db, 3, &err), 0); /* there are no more */
	assert_int_equal(db_occurrence_prune(db, 1, &err), 0);
	const struct db_page page = {.equal = {{"api", "ns"}}, .n_equal = 1, .limit = 9};
	assert_int_equal(db_occurrence_page(db, &page, &rows, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(rows[1].id, "3");
	db_occurrences_free(rows, n);
	struct db_step *steps;
	assert_int_equal(db_step_list(db, "2", &steps, &n, &err), 0);
	assert_int_equal(n, 0);
	db_steps_free(steps, n);
}

/* What cannot be read is not taken for what is not there. */
static void
test_db_row_that_cannot_be_read_is_not_missing(void **state)
{
	struct db *db = *state;
	struct db_ns ns = {0};
	struct db_nsd nsd = {0};
	struct err err;
	assert_int_equal(db_ns_get_shown(db, "x", &ns, &err), -ENOENT);
	assert_int_equal(db_nsd_get(db, "x", &nsd, &err), -ENOENT);
	assert_int_equal(db_script(db,
				 "PRAGMA foreign_keys=OFF; DROP VIEW policy_services;"
				 "DROP TABLE ns_instances; DROP TABLE nsds;",
				 &err),
		0);
	assert_int_equal(db_ns_get_shown(db, "x", &ns, &err), -EIO);
	assert_int_equal(db_nsd_get(db, "x", &nsd, &err), -EIO);
}

static void
send(struct db *db, const char *id, const char *resource, int64_t due_ms)
{
	const struct db_notification row = {.id = (char *)id,
		.subscription = "s",
		.resource = (char *)resource,
		.body = json_object(),
		.created = "",
		.due_ms = due_ms};
	assert_int_equal(db_notification_insert(db, &row, NULL), 0);
	json_decref(row.body);
}

/* Who may be told something has something to be told: none is looked at in vain. */
static void
test_db_notification_waits_with_those_before_it(void **state)
{
	struct db *db = *state;
	const struct db_subscription to = {
		.id = "s", .api = "nslcm", .callback = "http://there/", .created = ""};
	struct db_subscription *subscriptions;
	struct db_notification *rows;
	int64_t due = 0, forgotten = 0;
	size_t n;
	assert_int_equal(db_subscription_insert(db, &to, NULL), 0);
	send(db, "1", "a", 1000);
	assert_int_equal(db_notification_postpone(db, "s", 5000, NULL), 0);
	send(db, "2", "a", 1001);
	send(db, "3", "b", 1001);
	assert_int_equal(db_subscription_list_due(db, 2000, &subscriptions, &n, NULL), 0);
	assert_int_equal(n, 0);
	db_subscriptions_free(subscriptions, n);
	assert_int_equal(db_notification_next_due(db, 2000, &due, NULL), 0);
	assert_int_equal(due, 5000);
	assert_int_equal(db_notification_list_due(db, "s", 5000, &rows, &n, NULL), 0);
	assert_int_equal(n, 2);
	rows[1].dead = true;
	assert_int_equal(db_notification_update(db, &rows[1], NULL), 0);
	db_notifications_free(rows, n);
	assert_int_equal(db_notification_shed(db, "s", 1, &forgotten, NULL), 0);
	assert_int_equal(forgotten, 2);
	assert_int_equal(db_notification_list(db, &rows, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].id, "2");
	db_notifications_free(rows, n);
}

/* Ids of the page, as one word (static). */
static const char *
ids_of(struct db *db, struct db_page page)
{
	static char ids[16];
	struct db_occurrence *rows;
	struct err err;
	size_t n;
	assert_int_equal(db_occurrence_page(db, &page, &rows, &n, &err), 0);
	ids[0] = '\0';
	for (size_t i = 0; i < n; i++)
		strcat(ids, rows[i].id);
	db_occurrences_free(rows, n);
	return ids;
}

static void
test_db_page_begins_behind_a_row_and_has_what_is_asked_for(void **state)
{
	struct db *db = *state;
	struct err err;
	static const char *const states[] = {
		"COMPLETED", "FAILED", "COMPLETED", "COMPLETED", "FAILED"};
	for (unsigned i = 0; i < 5; i++) {
		const char id[] = {(char)('1' + i), '\0'};
		assert_int_equal(insert_occurrence(db, id, states[i], &err), 0);
	}
	assert_string_equal(ids_of(db, (struct db_page){.limit = 2}), "12");
	assert_string_equal(ids_of(db, (struct db_page){.after = "2", .limit = 2}), "34");
	assert_string_equal(
		ids_of(db, (struct db_page){.after = "gone", .offset = 4, .limit = 2}),
		"5");
	assert_string_equal(
		ids_of(db, (struct db_page){.after = "1", .offset = 4, .limit = 9}),
		"2345");
	const struct db_page done = {.equal = {{"state", "COMPLETED"}, {"api", "ns"}},
		.n_equal = 2,
		.after = "1",
		.limit = 9};
	assert_string_equal(ids_of(db, done), "34");
}

static void
test_db_object_of_a_service_goes_with_it(void **state)
{
	struct db *db = *state;
	struct db_object *rows;
	size_t n;
	struct err err;
	json_t *doc = json_pack("{s:i}", "x", 1);
	assert_int_equal(db_object_put(db, "service", "n", "n", doc, &err), 0);
	assert_int_equal(db_object_put(db, "vnf", "v", "n", doc, &err), 0);
	assert_int_equal(db_object_put(db, "vnf", "v", "n", doc, &err), 0);
	assert_int_equal(db_object_put(db, "service", "m", "m", doc, &err), 0);
	assert_int_equal(db_object_del(db, "service", "n", &err), 0);
	assert_int_equal(db_object_list(db, NULL, &rows, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].ns, "m");
	db_objects_free(rows, n);
	json_decref(doc);
}

static void
test_db_events_are_numbered_and_read_behind_a_number(void **state)
{
	struct db *db = *state;
	struct db_event *rows;
	size_t n;
	struct err err;
	const struct db_event event = {.time = "2026", .type = "t"};
	for (int i = 0; i < 3; i++)
		assert_int_equal(db_event_add(db, &event, &err), 0);
	assert_int_equal(db_event_list(db, 1, 10, &rows, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].seq, 2);
	db_events_free(rows, n);
	assert_int_equal(db_event_list(db, 0, 1, &rows, &n, &err), 0);
	assert_int_equal(n, 1);
	db_events_free(rows, n);
}

static void
test_db_survives_closing(void **state)
{
	(void)state;
	struct db *db;
	struct db_nsd row;
	struct err err;
	remove_file();
	assert_int_equal(db_open(file, &db, &err), 0);
	assert_int_equal(insert_nsd(db, "1", "a", &err), 0);
	db_close(db);
	assert_int_equal(db_open(file, &db, &err), 0);
	assert_int_equal(db_nsd_get(db, "1", &row, &err), 0);
	db_nsd_clear(&row);
	db_close(db);
}

static void
test_db_refuses_what_is_not_ours(void **state)
{
	(void)state;
	struct db *db;
	struct err err;
	remove_file();
	script("CREATE TABLE other(x)");
	assert_int_equal(db_open(file, &db, &err), err_errno(ERR_INVALID));
	remove_file();
	assert_int_equal(db_open(file, &db, &err), 0);
	db_close(db);
	script("PRAGMA user_version=999");
	assert_int_equal(db_open(file, &db, &err), err_errno(ERR_UNSUPPORTED));
	remove_file();
	FILE *out = fopen(file, "w");
	for (int i = 0; i < 1000; i++)
		fputs("this is no database ", out);
	fclose(out);
	assert_int_not_equal(db_open(file, &db, &err), 0);
	assert_non_null(strstr(err.text, "not a database"));
	assert_int_not_equal(db_open("/nonexistent/folder/x.db", &db, &err), 0);
	assert_true(*err.hint);
	remove_file();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void
test_db_that_another_holds_is_ill_until_something_is_written(void **state)
{
	(void)state;
	struct db *db;
	sqlite3 *other;
	struct err err;
	const struct db_event event = {.time = (char *)"t", .type = (char *)"x"};
	snprintf(file, sizeof(file), "/tmp/renga-test-held.%d", getpid());
	remove_file();
	assert_int_equal(db_open(file, &db, NULL), 0);
	assert_int_equal(db_illness(db, NULL), 0);
	assert_int_equal(sqlite3_open(file, &other), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
	const int rc = db_event_add(db, &event, &err);
	assert_true(db_is_passing(rc));
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	assert_int_equal(db_illness(db, &err), rc);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(db_illness(db, NULL), rc);
	assert_int_equal(db_event_add(db, &event, &err), 0);
	assert_int_equal(db_illness(db, NULL), 0);
	sqlite3_close(other);
	db_close(db);
	remove_file();
}

static void
test_db_failures_that_do_not_pass_are_no_illness(void **state)
{
	struct db *db = *state;
	assert_false(db_is_passing(0));
	assert_false(db_is_passing(err_errno(ERR_EXISTS)));
	assert_true(db_is_passing(err_errno(ERR_NO_SPACE)));
	assert_int_equal(db_illness(db, NULL), 0);
}

static void
test_db_steps_in_brief_have_names_for_documents_of_vnfs(void **state)
{
	struct db *db = *state;
	struct db_step *rows;
	struct err err;
	size_t n;
	json_t *doc = json_pack("{s:s, s:{s:i}}", "name", "edge.v", "config", "a", 1);
	json_t *links = json_pack("{s:{}}", "links");
	const struct db_step steps[] = {{"1", 0, "put", "vnf", "v", "n", "edge.v", doc,
						NULL, "done", 15000, 1, 2},
		{"1", 1, "del", "vnf", "w", "n", NULL, NULL, doc, "done", 15000, 1, 2},
		{"1", 2, "relink", "service", "n", "n", NULL, links, NULL, "todo", 15000,
			0, 0}};
	assert_int_equal(insert_occurrence(db, "1", "PROCESSING", &err), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(db_step_insert(db, &steps[i], &err), 0);
	assert_int_equal(db_step_list_brief(db, "1", &rows, &n, &err), 0);
	assert_int_equal(n, 3);
	assert_int_equal(json_object_size(rows[0].wanted), 1);
	assert_string_equal(
		json_string_value(json_object_get(rows[0].wanted, "name")), "edge.v");
	assert_null(rows[0].before);
	assert_null(rows[1].wanted);
	assert_string_equal(
		json_string_value(json_object_get(rows[1].before, "name")), "w");
	assert_true(json_equal(rows[2].wanted, links));
	db_steps_free(rows, n);
	assert_int_equal(db_step_list_ahead(db, "1", &rows, &n, &err), 0);
	assert_int_equal(n, 3);
	assert_true(json_equal(rows[0].wanted, doc));
	assert_null(rows[0].before);
	assert_int_equal(json_object_size(rows[1].before), 1);
	assert_true(json_equal(rows[2].wanted, links));
	db_steps_free(rows, n);
	json_decref(doc);
	json_decref(links);
}

static void
test_db_steps_that_spread_keep_their_documents_in_brief(void **state)
{
	struct db *db = *state;
	struct db_step *rows;
	struct err err;
	size_t n;
	json_t *to = json_pack("{s:i}", "replicas", 2);
	const struct db_step step = {
		"1", 0, "spread", "vnf", "v", "n", "edge.v", to, to, "todo", 15000, 0, 0};
	assert_int_equal(insert_occurrence(db, "1", "PROCESSING", &err), 0);
	assert_int_equal(db_step_insert(db, &step, &err), 0);
	assert_int_equal(db_step_list_ahead(db, "1", &rows, &n, &err), 0);
	assert_true(json_equal(rows[0].before, to));
	db_steps_free(rows, n);
	json_decref(to);
}

/* As it was with schema 3. */
static const char schema_3[] =
	"DROP TRIGGER operation_ended; DROP TABLE operation_counts;"
	"ALTER TABLE steps ADD COLUMN wanted TEXT; ALTER TABLE steps ADD COLUMN before TEXT;"
	"UPDATE steps SET (wanted, before)=(SELECT wanted, before FROM step_documents d"
	" WHERE d.occurrence=steps.occurrence AND d.number=steps.number);"
	"DROP TABLE step_documents;"
	"ALTER TABLE occurrences ADD COLUMN params TEXT;"
	"UPDATE occurrences SET params=(SELECT params FROM occurrence_params p"
	" WHERE p.id=occurrences.id);"
	"DROP TABLE occurrence_params; ALTER TABLE steps DROP COLUMN timeout_ms;"
	"ALTER TABLE vnf_instances DROP COLUMN stopped;"
	"ALTER TABLE vnf_instances DROP COLUMN state_size;"
	"ALTER TABLE ns_instances DROP COLUMN project;"
	"ALTER TABLE tokens DROP COLUMN project; DROP TABLE projects;"
	"DROP TABLE notifications; DROP TABLE subscriptions;"
	"DROP INDEX occurrences_page; DROP INDEX occurrences_state;"
	"DROP INDEX occurrences_instance; DROP INDEX ns_instances_page;"
	"DROP VIEW policy_services; DROP TRIGGER nsds_inserted; DROP TRIGGER nsds_updated;"
	"DELETE FROM nsds WHERE id='vnf'; DROP INDEX nsds_policies; DROP INDEX ns_instances_nsd;"
	"ALTER TABLE nsds DROP COLUMN policies; ALTER TABLE nsds DROP COLUMN revision;"
	"DROP INDEX occurrences_scheduled; DROP INDEX occurrences_due;"
	"DROP INDEX occurrences_one_at_a_time;"
	"ALTER TABLE occurrences DROP COLUMN due_ms;"
	"CREATE UNIQUE INDEX occurrences_one_at_a_time ON occurrences(ns_id)"
	" WHERE state IN ('STARTING','PROCESSING','ROLLING_BACK','FAILED_TEMP');"
	"PRAGMA user_version=3;";

static void
test_db_of_an_older_release_is_taken_over(void **state)
{
	(void)state;
	struct db *db;
	struct db_step *rows;
	struct err err;
	size_t n;
	json_t *doc = json_pack("{s:s}", "name", "edge.v"), *params;
	const struct db_step step = {
		"1", 0, "put", "vnf", "v", "n", NULL, doc, NULL, "doing", 15000, 1, 0};
	const struct db_occurrence row = {"1", "vnf", "MODIFY_INFO", "PROCESSING", "n",
		"v", "2026", "2026", 0, false, NULL, true, doc, NULL, NULL, 0};
	snprintf(file, sizeof(file), "/tmp/renga-test-older.%d", getpid());
	remove_file();
	assert_int_equal(db_open(file, &db, &err), 0);
	assert_int_equal(db_occurrence_insert(db, &row, &err), 0);
	assert_int_equal(db_step_insert(db, &step, &err), 0);
	db_close(db);
	script(schema_3);
	assert_int_equal(db_open(file, &db, &err), 0);
	assert_int_equal(db_step_list(db, "1", &rows, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].state, "doing");
	assert_true(json_equal(rows[0].wanted, doc));
	assert_null(rows[0].before);
	db_steps_free(rows, n);
	assert_int_equal(db_occurrence_get_params(db, "1", &params, &err), 0);
	assert_true(json_equal(params, doc));
	json_decref(params);
	db_close(db);
	remove_file();
	json_decref(doc);
}

static void
test_db_params_of_an_occurrence_are_read_apart_and_stay(void **state)
{
	struct db *db = *state;
	struct db_occurrence row;
	struct err err;
	json_t *params = json_pack("{s:i}", "many", 1), *read = NULL;
	const struct db_occurrence new = {
		"7", "ns", "UPDATE", "PROCESSING", "n", "n", "t", "t", .params = params};
	assert_int_equal(db_occurrence_insert(db, &new, &err), 0);
	assert_int_equal(db_occurrence_get(db, "7", &row, &err), 0);
	assert_null(row.params);
	free(row.state);
	row.state = strdup("COMPLETED");
	assert_int_equal(db_occurrence_update(db, &row, &err), 0);
	db_occurrence_clear(&row);
	assert_int_equal(db_occurrence_get_params(db, "7", &read, &err), 0);
	assert_true(json_equal(read, params));
	json_decref(read);
	json_decref(params);
	assert_int_equal(
		db_occurrence_get_params(db, "8", &read, &err), err_errno(ERR_NOT_FOUND));
}

int
main(void)
{
	snprintf(file, sizeof(file), "/tmp/test_db.%d.db", (int)getpid());
	const struct CMUnitTest tests[] = {
		TEST(test_db_row_is_read_back_as_it_was_written),
		TEST(test_db_unique_value_taken_is_exists),
		TEST(test_db_content_keeps_any_bytes),
		TEST(test_db_rollback_undoes_and_an_inner_one_dooms_the_outer),
		TEST(test_db_service_has_one_unfinished_operation),
		TEST(test_db_operations_are_counted_as_they_come_to_an_end),
		TEST(test_db_pruning_keeps_the_newest_and_the_unfinished),
		TEST(test_db_steps_in_brief_have_names_for_documents_of_vnfs),
		TEST(test_db_steps_that_spread_keep_their_documents_in_brief),
		cmocka_unit_test(test_db_of_an_older_release_is_taken_over),
		TEST(test_db_params_of_an_occurrence_are_read_apart_and_stay),
		TEST(test_db_row_that_cannot_be_read_is_not_missing),
		TEST(test_db_notification_waits_with_those_before_it),
		TEST(test_db_notification_waits_with_those_before_it),
		TEST(test_db_page_begins_behind_a_row_and_has_what_is_asked_for),
		TEST(test_db_object_of_a_service_goes_with_it),
		TEST(test_db_events_are_numbered_and_read_behind_a_number),
		cmocka_unit_test(test_db_survives_closing),
		cmocka_unit_test(test_db_refuses_what_is_not_ours),
		cmocka_unit_test(
			test_db_that_another_holds_is_ill_until_something_is_written),
		cmocka_unit_test_setup_teardown(
			test_db_failures_that_do_not_pass_are_no_illness, setup,
			teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
