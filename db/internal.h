/* internal.h: what the files of db/ share: statements, and rows described by a table of
 * columns. */
#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H

#include <pthread.h>
#include <stddef.h>
#include <sqlite3.h>
#include "db/db.h"
#include "db/page.h"

struct db_stmt {
	struct db_stmt *next;
	sqlite3_stmt *handle;
	bool busy;
};

#define DB_WATCHERS 4

struct db {
	sqlite3 *handle;
	pthread_mutex_t lock;
	unsigned depth; /* of nested transactions */
	bool doomed;	/* an inner one was rolled back */
	struct db_stmt *stmts;
	struct err ill;	    /* why nothing can be written now; code ERR_NONE: it can */
	int changes;	    /* sqlite3_total_changes() when it last could */
	struct db_watcher { /* fn null: a free place */
		void (*added)(void *arg);
		void *arg;
	} watchers[DB_WATCHERS]; /* who waits for events */
};

enum db_type {	 /* C member */
	DB_TEXT, /* char *, malloc'd, null for NULL */
	DB_INT,	 /* int64_t */
	DB_BOOL, /* bool */
	DB_JSON, /* json_t *, null for NULL */
};

struct db_column {
	const char *name;
	enum db_type type;
	size_t offset;
};

struct db_table {
	const char *name;
	const struct db_column *columns; /* ends with a null name; the first is the key */
	size_t row_size;
	const char *order; /* of db_row_list: "name" */
};

/* migrations.c: brings a fresh or older store to the newest schema. */
int db_migrate(struct db *db, struct err *err);

/* events.c: wakes those who watch; within a transaction. */
void db_wake(struct db *db);

struct db_blob {
	const void *data;
	size_t len;
};

/* Runs one statement. fmt has a letter per ? of the SQL: s text, i int64_t, j json_t *,
 * b struct db_blob *. */
int db_run(struct db *db, struct err *err, const char *sql, const char *fmt, ...);
/* The one integer that a query answers; 0 if it answers nothing. */
int db_number(struct db *db, int64_t *number, struct err *err, const char *sql,
	const char *fmt, ...);
/* Runs SQL text of several statements without parameters. */
int db_script(struct db *db, const char *sql, struct err *err);

int db_row_insert(
	struct db *db, const struct db_table *table, const void *row, struct err *err);
/* All columns of the row with this key; ERR_NOT_FOUND. */
int db_row_update(
	struct db *db, const struct db_table *table, const void *row, struct err *err);
/* ERR_NOT_FOUND if there is none. */
int db_row_delete(
	struct db *db, const struct db_table *table, const char *key, struct err *err);
int db_row_get(struct db *db, const struct db_table *table, const char *key, void *row,
	struct err *err);
/* The first row that meets `where`, which has one ? for arg. */
int db_row_get_where(struct db *db, const struct db_table *table, const char *where,
	const char *arg, void *row, struct err *err);
/* Rows that meet `where` (null: all), in the table's order; *rows is malloc'd. */
int db_row_list(struct db *db, const struct db_table *table, void **rows, size_t *n,
	struct err *err, const char *where, const char *fmt, ...);
/* A part of those; the table's order is by columns alone. */
int db_row_page(struct db *db, const struct db_table *table, const struct db_page *page,
	void **rows, size_t *n, struct err *err);
/* Frees what the members hold and zeroes the row. */
void db_row_clear(const struct db_table *table, void *row);
void db_rows_free(const struct db_table *table, void *rows, size_t n);

#endif
