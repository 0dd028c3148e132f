/* occurrences.c: the table occurrences. */
#include "db/occurrences.h"

#include <stdio.h>
#include <stdlib.h>
#include "db/internal.h"
#include "db/stmt.h"

static void read_count(struct db_stmt *stmt, struct db_occurrence_count *count);

/* What changes and is looked at often: without the parameters, which may have megabytes.
 */
#define COLUMNS                                                                          \
	{"id", DB_TEXT, offsetof(struct db_occurrence, id)},                             \
		{"api", DB_TEXT, offsetof(struct db_occurrence, api)},                   \
		{"operation", DB_TEXT, offsetof(struct db_occurrence, operation)},       \
		{"state", DB_TEXT, offsetof(struct db_occurrence, state)},               \
		{"ns_id", DB_TEXT, offsetof(struct db_occurrence, ns_id)},               \
		{"instance", DB_TEXT, offsetof(struct db_occurrence, instance)},         \
		{"started", DB_TEXT, offsetof(struct db_occurrence, started)},           \
		{"due_ms", DB_INT, offsetof(struct db_occurrence, due_ms)},              \
		{"entered", DB_TEXT, offsetof(struct db_occurrence, entered)},           \
		{"duration_ms", DB_INT, offsetof(struct db_occurrence, duration_ms)},    \
		{"automatic", DB_BOOL, offsetof(struct db_occurrence, automatic)},       \
		{"cancel", DB_TEXT, offsetof(struct db_occurrence, cancel)},             \
		{"undo_on_failure", DB_BOOL,                                             \
			offsetof(struct db_occurrence, undo_on_failure)},                \
		{"intent", DB_JSON, offsetof(struct db_occurrence, intent)},             \
	{                                                                                \
		"error", DB_JSON, offsetof(struct db_occurrence, error)                  \
	}

static const struct db_column columns[] = {COLUMNS, {0}};
static const struct db_column params_columns[] = {
	{"id", DB_TEXT, offsetof(struct db_occurrence, id)},
	{"params", DB_JSON, offsetof(struct db_occurrence, params)}, {0}};

static const struct db_table table = {
	"occurrences", columns, sizeof(struct db_occurrence), "started,id"};
static const struct db_table params_table = {
	"occurrence_params", params_columns, sizeof(struct db_occurrence), "id"};

int
db_occurrence_insert(struct db *db, const struct db_occurrence *row, struct err *err)
{
	int rc = db_begin(db, err);
	if (rc)
		return rc;
	rc = db_row_insert(db, &table, row, err);
	if (!rc && row->params)
		rc = db_row_insert(db, &params_table, row, err);
	return db_end(db, rc, err);
}

int
db_occurrence_update(struct db *db, const struct db_occurrence *row, struct err *err)
{
	return db_row_update(db, &table, row, err);
}

int
db_occurrence_get(
	struct db *db, const char *id, struct db_occurrence *row, struct err *err)
{
	return db_row_get(db, &table, id, row, err);
}

int
db_occurrence_get_params(struct db *db, const char *id, json_t **params, struct err *err)
{
	struct db_occurrence row = {0};
	int rc = db_row_get(db, &params_table, id, &row, err);
	*params = json_incref(row.params);
	db_row_clear(&params_table, &row);
	if (rc != err_errno(ERR_NOT_FOUND))
		return rc;
	rc = db_occurrence_get(db, id, &row, err); /* it may have none */
	db_occurrence_clear(&row);
	return rc;
}

int
db_occurrence_page(struct db *db, const struct db_page *page, struct db_occurrence **rows,
	size_t *n, struct err *err)
{
	return db_row_page(db, &table, page, (void **)rows, n, err);
}

int
db_occurrence_list_unfinished(
	struct db *db, struct db_occurrence **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err,
		"due_ms=0 AND state IN ('STARTING','PROCESSING','ROLLING_BACK')", "");
}

int
db_occurrence_get_open(
	struct db *db, const char *ns_id, struct db_occurrence *row, struct err *err)
{
	return db_row_get_where(db, &table,
		"ns_id=? AND due_ms=0 AND state IN "
		"('STARTING','PROCESSING','ROLLING_BACK','FAILED_TEMP')",
		ns_id, row, err);
}

int
db_occurrence_intends(
	struct db *db, const char *member, const char *value, bool *does, struct err *err)
{
	int64_t n = 0;
	int rc = db_number(db, &n, err,
		"SELECT count(*) FROM occurrences WHERE state IN "
		"('STARTING','PROCESSING','ROLLING_BACK','FAILED_TEMP')"
		" AND intent->>?=?",
		"ss", member, value);
	*does = n > 0;
	return rc;
}

int
db_occurrence_list_scheduled(struct db *db, const char *ns_id,
	struct db_occurrence **rows, size_t *n, struct err *err)
{
	return db_row_list(
		db, &table, (void **)rows, n, err, "due_ms>0 AND ns_id=?", "s", ns_id);
}

int
db_occurrence_list_due(struct db *db, int64_t now_ms, struct db_occurrence **rows,
	size_t *n, struct err *err)
{
	return db_row_list(
		db, &table, (void **)rows, n, err, "due_ms>0 AND due_ms<=?", "i", now_ms);
}

int
db_occurrence_next_due(struct db *db, int64_t *due_ms, struct err *err)
{
	return db_number(db, due_ms, err,
		"SELECT coalesce(min(due_ms), 9223372036854775807) FROM occurrences "
		"WHERE due_ms>0",
		"");
}

int
db_occurrence_last_scaling(struct db *db, const char *ns_id, const char *vnf,
	struct db_occurrence *row, struct err *err)
{
	struct db_occurrence *rows;
	size_t n;
	int rc = db_row_list(db, &table, (void **)&rows, &n, err,
		"id=(SELECT id FROM occurrences WHERE instance IN (?,?) AND due_ms=0 AND operation IN "
		"('SCALE','SCALE_TO_LEVEL') ORDER BY started DESC, id DESC LIMIT 1)",
		"ss", ns_id, vnf);
	if (rc)
		return rc;
	if (n == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, NULL, "it was never scaled");
	*row = rows[0];
	free(rows);
	return 0;
}

int
db_occurrence_list_heals(struct db *db, const char *vnf, const char *since,
	struct db_occurrence **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &table, (void **)rows, n, err,
		"instance=? AND started>? AND operation='HEAL' AND automatic", "ss", vnf,
		since);
}

const int64_t db_occurrence_bounds_ms[DB_OCCURRENCE_BOUNDS] = {
	30, 100, 300, 1000, 3000, 10000};

int
db_occurrence_counts(struct db *db, struct db_occurrence_count *counts, size_t max,
	size_t *n, struct err *err)
{
	struct db_stmt *stmt = NULL;
	bool more = true;
	size_t count = 0;
	pthread_mutex_lock(&db->lock);
	int rc = stmt_take(db,
		"SELECT operation, state, n, duration_ms, w0, w1, w2, w3, w4, w5"
		" FROM operation_counts ORDER BY operation, state",
		&stmt, err);
	while (!rc && count < max && !(rc = stmt_step(db, stmt, &more, err)) && more)
		read_count(stmt, &counts[count++]);
	if (stmt)
		stmt_release(stmt);
	pthread_mutex_unlock(&db->lock);
	*n = count;
	return rc;
}

static void
read_count(struct db_stmt *stmt, struct db_occurrence_count *count)
{
	snprintf(count->operation, sizeof(count->operation), "%s",
		(const char *)sqlite3_column_text(stmt->handle, 0));
	snprintf(count->state, sizeof(count->state), "%s",
		(const char *)sqlite3_column_text(stmt->handle, 1));
	count->n = sqlite3_column_int64(stmt->handle, 2);
	count->duration_ms = sqlite3_column_int64(stmt->handle, 3);
	for (int i = 0; i < DB_OCCURRENCE_BOUNDS; i++)
		count->within[i] = sqlite3_column_int64(stmt->handle, 4 + i);
}

int
db_occurrence_prune(struct db *db, int64_t keep, struct err *err)
{
	return db_run(db, err,
		"DELETE FROM occurrences WHERE state IN "
		"('COMPLETED','FAILED','ROLLED_BACK')"
		" AND (started, id) <= (SELECT started, id FROM occurrences"
		" ORDER BY started DESC, id DESC LIMIT 1 OFFSET ?)",
		"i", keep);
}

void
db_occurrence_clear(struct db_occurrence *row)
{
	db_row_clear(&table, row);
}

void
db_occurrences_free(struct db_occurrence *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}
