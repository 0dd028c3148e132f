/* objects.c: the table objects. */
#include "db/objects.h"

#include <stdio.h>
#include <string.h>
#include "db/internal.h"

static const struct db_column columns[] = {
	{"id", DB_TEXT, offsetof(struct db_object, id)},
	{"kind", DB_TEXT, offsetof(struct db_object, kind)},
	{"object", DB_TEXT, offsetof(struct db_object, object)},
	{"ns", DB_TEXT, offsetof(struct db_object, ns)},
	{"doc", DB_JSON, offsetof(struct db_object, doc)},
	{0},
};

static const struct db_table table = {"objects", columns, sizeof(struct db_object), "id"};

int
db_object_put(struct db *db, const char *kind, const char *object, const char *ns,
	const json_t *doc, struct err *err)
{
	return db_run(db, err,
		"INSERT OR REPLACE INTO objects(id,kind,object,ns,doc)"
		" VALUES(?1||':'||?2,?1,?2,?3,?4)",
		"sssj", kind, object, ns, doc);
}

int
db_object_del(struct db *db, const char *kind, const char *object, struct err *err)
{
	if (strcmp(kind, "service") == 0)
		return db_run(db, err, "DELETE FROM objects WHERE ns=?", "s", object);
	return db_run(
		db, err, "DELETE FROM objects WHERE id=?||':'||?", "ss", kind, object);
}

int
db_object_get(struct db *db, const char *kind, const char *object, struct db_object *row,
	struct err *err)
{
	char id[160];
	snprintf(id, sizeof(id), "%s:%s", kind, object);
	return db_row_get(db, &table, id, row, err);
}

int
db_object_get_tag(struct db *db, const char *kind, const char *object,
	struct db_object *row, struct err *err)
{
	static const struct db_table tags = {
		"(SELECT id, kind, object, ns, json_object('tag',"
		" json_extract(doc,'$.tag')) AS doc FROM objects)",
		columns, sizeof(struct db_object), "id"};
	char id[160];
	snprintf(id, sizeof(id), "%s:%s", kind, object);
	return db_row_get(db, &tags, id, row, err);
}

int
db_object_list(struct db *db, const char *ns, struct db_object **rows, size_t *n,
	struct err *err)
{
	return db_row_list(
		db, &table, (void **)rows, n, err, ns ? "ns=?" : NULL, ns ? "s" : "", ns);
}

/* Puts that are still to be done, as objects. */
#define PLANNED                                                                          \
	"SELECT kind||':'||object AS id, kind, object, ns,"                              \
	" wanted AS doc FROM steps JOIN step_documents USING(occurrence,number)"         \
	" WHERE action='put' AND state='todo'"                                           \
	" AND occurrence IN (SELECT id FROM occurrences WHERE due_ms=0 AND state IN"     \
	" ('STARTING','PROCESSING','ROLLING_BACK','FAILED_TEMP'))"

int
db_object_list_ports(struct db *db, struct db_object **rows, size_t *n, struct err *err)
{
	static const struct db_table planned = {
		"(SELECT * FROM objects UNION ALL " PLANNED " AND kind='port')", columns,
		sizeof(struct db_object), "id"};
	return db_row_list(db, &planned, (void **)rows, n, err, "kind='port'", "");
}

int
db_object_list_planned(struct db *db, struct db_object **rows, size_t *n, struct err *err)
{
	static const struct db_table planned = {"(" PLANNED " AND before IS NULL)",
		columns, sizeof(struct db_object), "id"};
	return db_row_list(db, &planned, (void **)rows, n, err,
		"id NOT IN (SELECT id FROM objects)", "");
}

void
db_object_clear(struct db_object *row)
{
	db_row_clear(&table, row);
}

void
db_objects_free(struct db_object *rows, size_t n)
{
	db_rows_free(&table, rows, n);
}
