/* row.c: rows as C structs, by a table of columns: the SQL is made from it, and cached by
 * db.c. */
#include "db/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/json_text.h"
#include "db/stmt.h"

#define SQL_SIZE 1024

static bool is_there(struct db *db, const struct db_table *table, const char *id);
static int run_row(struct db *db, const char *sql, const struct db_table *table,
	const void *row, const char *key, struct err *err);
static int bind_row(struct db *db, struct db_stmt *stmt, const struct db_table *table,
	const void *row, int *number, struct err *err);
static int read_row(
	const struct db_table *table, struct db_stmt *stmt, void *row, struct err *err);
static int collect(struct db *db, const struct db_table *table, struct db_stmt *stmt,
	void **rows, size_t *n, struct err *err);
static void join(char *sql, const struct db_table *table, const char *suffix);
static int none(const struct db_table *table, const char *key, struct err *err);

int
db_row_insert(
	struct db *db, const struct db_table *table, const void *row, struct err *err)
{
	char sql[SQL_SIZE];
	snprintf(sql, sizeof(sql), "INSERT INTO %s(", table->name);
	join(sql, table, "");
	strcat(sql, ") VALUES(");
	for (const struct db_column *column = table->columns; column->name; column++)
		strcat(sql, column == table->columns ? "?" : ",?");
	strcat(sql, ")");
	return run_row(db, sql, table, row, NULL, err);
}

int
db_row_update(
	struct db *db, const struct db_table *table, const void *row, struct err *err)
{
	char sql[SQL_SIZE];
	const char *key = *(char *const *)((const char *)row + table->columns[0].offset);
	snprintf(sql, sizeof(sql), "UPDATE %s SET ", table->name);
	join(sql, table, "=?");
	snprintf(sql + strlen(sql), sizeof(sql) - strlen(sql), " WHERE %s=?",
		table->columns[0].name);
	pthread_mutex_lock(&db->lock);
	int rc = run_row(db, sql, table, row, key, err);
	if (!rc && sqlite3_changes(db->handle) == 0)
		rc = none(table, key, err);
	pthread_mutex_unlock(&db->lock);
	return rc;
}

int
db_row_delete(
	struct db *db, const struct db_table *table, const char *key, struct err *err)
{
	char sql[SQL_SIZE];
	snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE %s=?", table->name,
		table->columns[0].name);
	pthread_mutex_lock(&db->lock);
	int rc = db_run(db, err, sql, "s", key);
	if (!rc && sqlite3_changes(db->handle) == 0)
		rc = none(table, key, err);
	pthread_mutex_unlock(&db->lock);
	return rc;
}

int
db_row_get(struct db *db, const struct db_table *table, const char *key, void *row,
	struct err *err)
{
	char where[96];
	snprintf(where, sizeof(where), "%s=?", table->columns[0].name);
	return db_row_get_where(db, table, where, key, row, err);
}

int
db_row_get_where(struct db *db, const struct db_table *table, const char *where,
	const char *arg, void *row, struct err *err)
{
	void *rows;
	size_t n;
	int rc = db_row_list(db, table, &rows, &n, err, where, "s", arg);
	if (rc)
		return rc;
	if (n)
		memcpy(row, rows, table->row_size);
	for (size_t i = 1; i < n; i++)
		db_row_clear(table, (char *)rows + i * table->row_size);
	free(rows);
	return n ? 0 : none(table, arg, err);
}

int
db_row_list(struct db *db, const struct db_table *table, void **rows, size_t *n,
	struct err *err, const char *where, const char *fmt, ...)
{
	char sql[SQL_SIZE] = "SELECT ";
	struct db_stmt *stmt;
	join(sql, table, "");
	snprintf(sql + strlen(sql), sizeof(sql) - strlen(sql),
		" FROM %s WHERE %s ORDER BY %s", table->name, where ? where : "1",
		table->order);
	pthread_mutex_lock(&db->lock);
	int rc = stmt_take(db, sql, &stmt, err);
	if (!rc) {
		va_list args;
		va_start(args, fmt);
		rc = stmt_bind(db, stmt, fmt ? fmt : "", args, err);
		va_end(args);
		if (!rc)
			rc = collect(db, table, stmt, rows, n, err);
		stmt_release(stmt);
	}
	pthread_mutex_unlock(&db->lock);
	return rc;
}

/* All parameters are texts, so that their number may vary. */
int
db_row_page(struct db *db, const struct db_table *table, const struct db_page *page,
	void **rows, size_t *n, struct err *err)
{
	static const char letters[] = "sssssss"; /* DB_PAGE_EQUAL and three */
	const char *values[DB_PAGE_EQUAL + 3] = {NULL};
	char where[SQL_SIZE] = "1", order[128], limit[24], offset[24];
	unsigned k = 0;
	for (; k < page->n_equal; k++) {
		snprintf(where + strlen(where), sizeof(where) - strlen(where),
			" AND %s=?", page->equal[k].column);
		values[k] = page->equal[k].value;
	}
	const bool after = page->after && is_there(db, table, page->after);
	if (after)
		snprintf(where + strlen(where), sizeof(where) - strlen(where),
			" AND (%s)>(SELECT %s FROM %s WHERE id=?)", table->order,
			table->order, table->name);
	if (after)
		values[k++] = page->after;
	snprintf(order, sizeof(order),
		"%s LIMIT CAST(? AS INTEGER) OFFSET CAST(? AS INTEGER)", table->order);
	snprintf(limit, sizeof(limit), "%zu", page->limit);
	snprintf(offset, sizeof(offset), "%zu", after ? 0 : page->offset);
	values[k++] = limit;
	values[k++] = offset;
	const struct db_table part = {
		table->name, table->columns, table->row_size, order};
	return db_row_list(db, &part, rows, n, err, where,
		letters + sizeof(letters) - 1 - k, values[0], values[1], values[2],
		values[3], values[4], values[5], values[6]);
}

void
db_row_clear(const struct db_table *table, void *row)
{
	for (const struct db_column *column = table->columns; column->name; column++) {
		void *member = (char *)row + column->offset;
		if (column->type == DB_TEXT)
			free(*(char **)member);
		else if (column->type == DB_JSON)
			json_decref(*(json_t **)member);
	}
	memset(row, 0, table->row_size);
}

void
db_rows_free(const struct db_table *table, void *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		db_row_clear(table, (char *)rows + i * table->row_size);
	free(rows);
}

static int
run_row(struct db *db, const char *sql, const struct db_table *table, const void *row,
	const char *key, struct err *err)
{
	struct db_stmt *stmt;
	int number = 1;
	pthread_mutex_lock(&db->lock);
	int rc = stmt_take(db, sql, &stmt, err);
	if (!rc) {
		rc = bind_row(db, stmt, table, row, &number, err);
		if (!rc && key)
			rc = stmt_bind_text(db, stmt, number, key, err);
		if (!rc)
			rc = stmt_finish(db, stmt, err);
		stmt_release(stmt);
	}
	pthread_mutex_unlock(&db->lock);
	return rc;
}

static int
bind_row(struct db *db, struct db_stmt *stmt, const struct db_table *table,
	const void *row, int *number, struct err *err)
{
	int rc = 0;
	for (const struct db_column *column = table->columns; !rc && column->name;
		column++) {
		const void *member = (const char *)row + column->offset;
		const int i = (*number)++;
		if (column->type == DB_TEXT)
			rc = stmt_bind_text(db, stmt, i, *(char *const *)member, err);
		else if (column->type == DB_JSON)
			rc = stmt_bind_json(db, stmt, i, *(json_t *const *)member, err);
		else if (column->type == DB_BOOL)
			sqlite3_bind_int(stmt->handle, i, *(const bool *)member);
		else
			sqlite3_bind_int64(stmt->handle, i, *(const int64_t *)member);
	}
	return rc;
}

static int
collect(struct db *db, const struct db_table *table, struct db_stmt *stmt, void **out,
	size_t *n_out, struct err *err)
{
	char *rows = NULL;
	size_t n = 0, room = 0;
	bool more;
	int rc;
	while (!(rc = stmt_step(db, stmt, &more, err)) && more) {
		if (n == room) {
			room = room ? room * 2 : 8;
			char *larger = realloc(rows, room * table->row_size);
			if (!larger) {
				rc = err_set(
					err, ERR_INTERNAL, NULL, NULL, "out of memory");
				break;
			}
			rows = larger;
		}
		rc = read_row(table, stmt, rows + n * table->row_size, err);
		if (rc)
			break;
		n++;
	}
	if (rc) {
		db_rows_free(table, rows, n);
		return rc;
	}
	*out = rows;
	*n_out = n;
	return 0;
}

static int
read_row(const struct db_table *table, struct db_stmt *stmt, void *row, struct err *err)
{
	memset(row, 0, table->row_size);
	int i = 0;
	for (const struct db_column *column = table->columns; column->name;
		column++, i++) {
		void *member = (char *)row + column->offset;
		const char *text = (const char *)sqlite3_column_text(stmt->handle, i);
		if (column->type == DB_INT)
			*(int64_t *)member = sqlite3_column_int64(stmt->handle, i);
		else if (column->type == DB_BOOL)
			*(bool *)member = sqlite3_column_int(stmt->handle, i);
		else if (text && column->type == DB_TEXT)
			*(char **)member = strdup(text);
		else if (text)
			*(json_t **)member = json_text_read(text,
				(size_t)sqlite3_column_bytes(stmt->handle, i),
				JSON_DECODE_ANY, NULL);
		if (text && (column->type == DB_TEXT || column->type == DB_JSON) &&
			!*(void **)member) {
			db_row_clear(table, row);
			return err_set(err, ERR_INTERNAL, NULL, "restore a backup",
				"%s.%s in the database cannot be read", table->name,
				column->name);
		}
	}
	return 0;
}

static void
join(char *sql, const struct db_table *table, const char *suffix)
{
	for (const struct db_column *column = table->columns; column->name; column++)
		snprintf(sql + strlen(sql), SQL_SIZE - strlen(sql), "%s%s%s",
			column == table->columns ? "" : ",", column->name, suffix);
}

static int
none(const struct db_table *table, const char *key, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, NULL, NULL, "there is no '%s' among the %s",
		key, table->name);
}

static bool
is_there(struct db *db, const struct db_table *table, const char *id)
{
	char sql[128];
	int64_t n = 0;
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s WHERE id=?", table->name);
	return db_number(db, &n, NULL, sql, "s", id) == 0 && n > 0;
}
