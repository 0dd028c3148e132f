/* stmt.h: prepared statements, kept per connection; all with the store's lock held. */
#ifndef DB_STMT_H
#define DB_STMT_H

#include <stdarg.h>
#include <jansson.h>
#include "db/internal.h"

/* A free statement of this text, prepared once; stmt_release() gives it back. */
int stmt_take(struct db *db, const char *sql, struct db_stmt **stmt, struct err *err);
void stmt_release(struct db_stmt *stmt);
void stmt_free_all(struct db *db);

/* Binds parameter number (from 1). */
int stmt_bind_text(struct db *db, struct db_stmt *stmt, int number, const char *text,
	struct err *err);
int stmt_bind_json(struct db *db, struct db_stmt *stmt, int number, const json_t *json,
	struct err *err);
/* Binds all, as db_run() says. */
int stmt_bind(struct db *db, struct db_stmt *stmt, const char *fmt, va_list args,
	struct err *err);

/* *row: whether there is a row to read. */
int stmt_step(struct db *db, struct db_stmt *stmt, bool *row, struct err *err);
/* Runs to the end. */
int stmt_finish(struct db *db, struct db_stmt *stmt, struct err *err);

/* The connection's last failure as err. */
int stmt_fail(struct db *db, struct err *err);

#endif
