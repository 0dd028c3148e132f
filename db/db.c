/* db.c: opening the store, transactions, and running statements. */
#include "db/internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "db/stmt.h"

#define BUSY_MS                                                                          \
	2000 /* that another process may hold the file: all of ours wait meanwhile */

static int open_handle(struct db *db, const char *path, struct err *err);
static int mutex_init(struct db *db, struct err *err);
static void note_health(struct db *db);
static int simple(struct db *db, const char *sql, struct err *err);

int
db_open(const char *path, struct db **out, struct err *err)
{
	struct db *db = calloc(1, sizeof(*db));
	if (!db)
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	int rc = mutex_init(db, err);
	if (rc) {
		free(db);
		return rc;
	}
	rc = open_handle(db, path, err);
	if (!rc)
		rc = db_migrate(db, err);
	if (rc) {
		db_close(db);
		return rc;
	}
	*out = db;
	return 0;
}

void
db_close(struct db *db)
{
	if (!db)
		return;
	stmt_free_all(db);
	sqlite3_close(db->handle);
	pthread_mutex_destroy(&db->lock);
	free(db);
}

bool
db_is_passing(int rc)
{
	return rc == err_errno(ERR_NO_SPACE) || rc == err_errno(ERR_UNAVAILABLE);
}

int
db_illness(struct db *db, struct err *err)
{
	pthread_mutex_lock(&db->lock);
	const struct err ill = db->ill;
	pthread_mutex_unlock(&db->lock);
	if (ill.code == ERR_NONE)
		return 0;
	if (err)
		*err = ill;
	return err_errno(ill.code);
}

int
db_begin(struct db *db, struct err *err)
{
	pthread_mutex_lock(&db->lock);
	if (db->depth == 0) {
		int rc = simple(db, "BEGIN IMMEDIATE", err);
		if (rc) {
			pthread_mutex_unlock(&db->lock);
			return rc;
		}
		db->doomed = false;
	}
	db->depth++;
	return 0;
}

int
db_commit(struct db *db, struct err *err)
{
	int rc = 0;
	if (db->depth == 1 && db->doomed)
		rc = err_set(err, ERR_INTERNAL, NULL, NULL,
			"a part of the transaction failed");
	else if (db->depth == 1)
		rc = simple(db, "COMMIT", err);
	if (!rc && db->depth == 1)
		note_health(db);
	if (rc) {
		db_rollback(db);
		return rc;
	}
	db->depth--;
	pthread_mutex_unlock(&db->lock);
	return 0;
}

void
db_rollback(struct db *db)
{
	db->doomed = true;
	if (--db->depth == 0 && !sqlite3_get_autocommit(db->handle))
		(void)simple(db, "ROLLBACK", NULL);
	pthread_mutex_unlock(&db->lock);
}

int
db_end(struct db *db, int result, struct err *err)
{
	if (!result)
		return db_commit(db, err);
	db_rollback(db);
	return result;
}

int
db_run(struct db *db, struct err *err, const char *sql, const char *fmt, ...)
{
	struct db_stmt *stmt;
	pthread_mutex_lock(&db->lock);
	int rc = stmt_take(db, sql, &stmt, err);
	if (!rc) {
		va_list args;
		va_start(args, fmt);
		rc = stmt_bind(db, stmt, fmt, args, err);
		va_end(args);
		if (!rc)
			rc = stmt_finish(db, stmt, err);
		stmt_release(stmt);
		if (!rc && db->depth == 0)
			note_health(db);
	}
	pthread_mutex_unlock(&db->lock);
	return rc;
}

int
db_number(struct db *db, int64_t *number, struct err *err, const char *sql,
	const char *fmt, ...)
{
	struct db_stmt *stmt;
	pthread_mutex_lock(&db->lock);
	int rc = stmt_take(db, sql, &stmt, err);
	if (!rc) {
		va_list args;
		bool row = false;
		va_start(args, fmt);
		rc = stmt_bind(db, stmt, fmt, args, err);
		va_end(args);
		if (!rc)
			rc = stmt_step(db, stmt, &row, err);
		if (!rc)
			*number = row ? sqlite3_column_int64(stmt->handle, 0) : 0;
		stmt_release(stmt);
	}
	pthread_mutex_unlock(&db->lock);
	return rc;
}

int
db_script(struct db *db, const char *sql, struct err *err)
{
	pthread_mutex_lock(&db->lock);
	int rc = 0;
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		rc = stmt_fail(db, err);
	pthread_mutex_unlock(&db->lock);
	return rc;
}

/* Something was written for good. */
static void
note_health(struct db *db)
{
	const int changes = sqlite3_total_changes(db->handle);
	if (changes != db->changes)
		db->ill = (struct err){0};
	db->changes = changes;
}

static int
simple(struct db *db, const char *sql, struct err *err)
{
	return db_run(db, err, sql, "");
}

static int
open_handle(struct db *db, const char *path, struct err *err)
{
	const int flags =
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK)
		return err_set(err, ERR_INTERNAL, NULL,
			"does the folder exist, and may this user write to it?",
			"cannot open the database %s: %s", path,
			db->handle ? sqlite3_errmsg(db->handle) : "out of memory");
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	return db_script(db,
		"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA "
		"foreign_keys=ON;"
		"PRAGMA cache_size=-2048; PRAGMA journal_size_limit=4194304;"
		"PRAGMA temp_store=MEMORY;",
		err);
}

static int
mutex_init(struct db *db, struct err *err)
{
	pthread_mutexattr_t attr;
	int rc = pthread_mutexattr_init(&attr);
	if (!rc) {
		pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
		rc = pthread_mutex_init(&db->lock, &attr);
		pthread_mutexattr_destroy(&attr);
	}
	return rc ? err_sys(err, rc, "cannot make a mutex") : 0;
}
