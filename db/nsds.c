/* nsds.c: the table nsds. */
#include "db/nsds.h"

#include <stdlib.h>
#include <string.h>
#include "db/internal.h"
#include "db/stmt.h"

static int read_content(
	struct db_stmt *stmt, struct db_content *content, struct err *err);

static const struct db_column columns[] = {
	{"id", DB_TEXT, offsetof(struct db_nsd, id)},
	{"nsd_id", DB_TEXT, offsetof(struct db_nsd, nsd_id)},
	{"name", DB_TEXT, offsetof(struct db_nsd, name)},
	{"version", DB_TEXT, offsetof(struct db_nsd, version)},
	{"designer", DB_TEXT, offsetof(struct db_nsd, designer)},
	{"invariant_id", DB_TEXT, offsetof(struct db_nsd, invariant_id)},
	{"onboarding", DB_TEXT, offsetof(struct db_nsd, onboarding)},
	{"operational", DB_TEXT, offsetof(struct db_nsd, operational)},
	{"nsd", DB_JSON, offsetof(struct db_nsd, nsd)},
	{"user_data", DB_JSON, offsetof(struct db_nsd, user_data)},
	{"failure", DB_JSON, offsetof(struct db_nsd, failure)},
	{"created", DB_TEXT, offsetof(struct db_nsd, created)},
	{0},
};

static const struct db_table table = {
	"nsds", columns, sizeof(struct db_nsd), "created,id"};

static const struct db_table shown = {"(SELECT * FROM nsds WHERE id<>'" DB_NSD_NONE "')",
	columns, sizeof(struct db_nsd), "created,id"};

int
db_nsd_insert(struct db *db, const struct db_nsd *row, struct err *err)
{
	return db_row_insert(db, &table, row, err);
}

int
db_nsd_update(struct db *db, const struct db_nsd *row, struct err *err)
{
	return db_row_update(db, &table, row, err);
}

int
db_nsd_delete(struct db *db, const char *id, struct err *err)
{
	return db_row_delete(db, &table, id, err);
}

int
db_nsd_get(struct db *db, const char *id, struct db_nsd *row, struct err *err)
{
	int rc = db_row_get(db, &shown, id, row, err);
	return rc == err_errno(ERR_NOT_FOUND) ? err_set(err, ERR_NOT_FOUND, NULL, NULL,
							"there is no NSD '%s'", id)
					      : rc;
}

int
db_nsd_list(struct db *db, struct db_nsd **rows, size_t *n, struct err *err)
{
	return db_row_list(db, &shown, (void **)rows, n, err, NULL, "");
}

int
db_nsd_get_by_nsd_id(
	struct db *db, const char *nsd_id, struct db_nsd *row, struct err *err)
{
	return db_row_get_where(db, &table, "nsd_id=?", nsd_id, row, err);
}

int
db_content_put(struct db *db, const char *id, const char *type, const void *data,
	size_t len, struct err *err)
{
	const struct db_blob blob = {data, len};
	return db_run(db, err,
		"INSERT OR REPLACE INTO nsd_contents(id,type,data) VALUES(?,?,?)", "ssb",
		id, type, &blob);
}

int
db_content_get(struct db *db, const char *id, struct db_content *content, struct err *err)
{
	struct db_stmt *stmt;
	bool found = false;
	pthread_mutex_lock(&db->lock);
	int rc = stmt_take(
		db, "SELECT type,data FROM nsd_contents WHERE id=?", &stmt, err);
	if (!rc) {
		rc = stmt_bind_text(db, stmt, 1, id, err);
		if (!rc)
			rc = stmt_step(db, stmt, &found, err);
		if (!rc && found)
			rc = read_content(stmt, content, err);
		stmt_release(stmt);
	}
	pthread_mutex_unlock(&db->lock);
	if (!rc && !found)
		rc = err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"descriptor %s has no content", id);
	return rc;
}

static int
read_content(struct db_stmt *stmt, struct db_content *content, struct err *err)
{
	const void *data = sqlite3_column_blob(stmt->handle, 1);
	const size_t len = (size_t)sqlite3_column_bytes(stmt->handle, 1);
	struct db_content read = {
		.type = strdup((const char *)sqlite3_column_text(stmt->handle, 0)),
		.data = malloc(len + 1),
		.len = len,
	};
	if (!read.type || !read.data) {
		db_content_clear(&read);
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	}
	if (len)
		memcpy(read.data, data, len);
	((char *)read.data)[len] = '\0';
	*content = read;
	return 0;
}

void
db_content_clear(struct db_content *content)
{
	free(content->type);
	free(content->data);
	*content = (struct db_content){0};
}

void
db_nsd_clear(struct db_nsd *row)
{
	db_row_clear(&table, row);
}

void
db_nsds_free(struct db_nsd *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}
