/* stmt.c: prepared statements, kept per connection, and what SQLite's failures mean to a
 * person. */
#include "db/stmt.h"

#include <stdlib.h>
#include <string.h>
#include "common/json_text.h"

static int prepare(struct db *db, const char *sql, struct db_stmt **out, struct err *err);
static int bind_blob(struct db *db, struct db_stmt *stmt, int number,
	const struct db_blob *blob, struct err *err);

int
stmt_take(struct db *db, const char *sql, struct db_stmt **out, struct err *err)
{
	for (struct db_stmt *stmt = db->stmts; stmt; stmt = stmt->next) {
		if (!stmt->busy && strcmp(sqlite3_sql(stmt->handle), sql) == 0) {
			stmt->busy = true;
			*out = stmt;
			return 0;
		}
	}
	return prepare(db, sql, out, err);
}

void
stmt_release(struct db_stmt *stmt)
{
	sqlite3_reset(stmt->handle);
	sqlite3_clear_bindings(stmt->handle);
	stmt->busy = false;
}

void
stmt_free_all(struct db *db)
{
	while (db->stmts) {
		struct db_stmt *stmt = db->stmts;
		db->stmts = stmt->next;
		sqlite3_finalize(stmt->handle);
		free(stmt);
	}
}

static int
prepare(struct db *db, const char *sql, struct db_stmt **out, struct err *err)
{
	struct db_stmt *stmt = calloc(1, sizeof(*stmt));
	if (!stmt)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
		    &stmt->handle, NULL) != SQLITE_OK) {
		free(stmt);
		return stmt_fail(db, err);
	}
	stmt->busy = true;
	stmt->next = db->stmts;
	db->stmts = stmt;
	*out = stmt;
	return 0;
}

int
stmt_bind_text(struct db *db, struct db_stmt *stmt, int number, const char *text,
	struct err *err)
{
	if (sqlite3_bind_text(stmt->handle, number, text, -1, SQLITE_TRANSIENT) !=
		SQLITE_OK)
		return stmt_fail(db, err);
	return 0;
}

int
stmt_bind_json(struct db *db, struct db_stmt *stmt, int number, const json_t *json,
	struct err *err)
{
	if (!json)
		return 0;
	size_t len;
	char *text = json_text_write(json, &len);
	if (!text)
		return err_set(
			err, ERR_INTERNAL, NULL, NULL, "a document cannot be printed");
	if (sqlite3_bind_text64(stmt->handle, number, text, len, free, SQLITE_UTF8) !=
		SQLITE_OK)
		return stmt_fail(db, err);
	return 0;
}

int
stmt_bind(struct db *db, struct db_stmt *stmt, const char *fmt, va_list args,
	struct err *err)
{
	int rc = 0;
	for (int i = 1; !rc && *fmt; i++, fmt++) {
		if (*fmt == 's')
			rc = stmt_bind_text(db, stmt, i, va_arg(args, const char *), err);
		else if (*fmt == 'j')
			rc = stmt_bind_json(db, stmt, i, va_arg(args, json_t *), err);
		else if (*fmt == 'b')
			rc = bind_blob(
				db, stmt, i, va_arg(args, const struct db_blob *), err);
		else if (sqlite3_bind_int64(stmt->handle, i, va_arg(args, int64_t)) !=
			 SQLITE_OK)
			rc = stmt_fail(db, err);
	}
	return rc;
}

static int
bind_blob(struct db *db, struct db_stmt *stmt, int number, const struct db_blob *blob,
	struct err *err)
{
	if (sqlite3_bind_blob64(stmt->handle, number, blob->len ? blob->data : "",
		    blob->len, SQLITE_TRANSIENT) != SQLITE_OK)
		return stmt_fail(db, err);
	return 0;
}

int
stmt_step(struct db *db, struct db_stmt *stmt, bool *row, struct err *err)
{
	int result = sqlite3_step(stmt->handle);
	if (result != SQLITE_ROW && result != SQLITE_DONE)
		return stmt_fail(db, err);
	*row = result == SQLITE_ROW;
	return 0;
}

int
stmt_finish(struct db *db, struct db_stmt *stmt, struct err *err)
{
	bool row = true;
	int rc = 0;
	while (!rc && row)
		rc = stmt_step(db, stmt, &row, err);
	return rc;
}

static const struct {
	int sqlite;
	enum err_code code;
	const char *text, *hint;
} failures[] = {
	{SQLITE_FULL, ERR_NO_SPACE, "the disk of the database is full",
		"free some space; what runs goes on running"},
	{SQLITE_IOERR, ERR_NO_SPACE, "the database cannot be written",
		"is its disk full, or broken?"},
	{SQLITE_BUSY, ERR_UNAVAILABLE, "another process holds the database",
		"is a second orchestrator or a backup running?"},
	{SQLITE_LOCKED, ERR_UNAVAILABLE, "the database is locked", NULL},
	{SQLITE_CONSTRAINT, ERR_EXISTS, "a value that must be unique is taken", NULL},
	{SQLITE_CORRUPT, ERR_INTERNAL, "the database is damaged", "restore a backup"},
	{SQLITE_NOTADB, ERR_INTERNAL, "the file is not a database",
		"give another file with --db"},
	{SQLITE_READONLY, ERR_INTERNAL, "the database cannot be written",
		"check the owner and mode of the file and its folder"},
	{SQLITE_CANTOPEN, ERR_INTERNAL, "the database cannot be opened",
		"check that its folder exists and may be written"},
};

int
stmt_fail(struct db *db, struct err *err)
{
	const int code = sqlite3_errcode(db->handle) & 0xff;
	const char *detail = sqlite3_errmsg(db->handle);
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if (failures[i].sqlite != code)
			continue;
		struct err why;
		int rc = err_set(&why, failures[i].code, NULL, failures[i].hint,
			"%s (%s)", failures[i].text, detail);
		if (db_is_passing(rc))
			db->ill = why;
		if (err)
			*err = why;
		return rc;
	}
	return err_set(err, ERR_INTERNAL, NULL, NULL, "database: %s", detail);
}
